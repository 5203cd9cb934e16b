"""What people type, as Slack's client sends it: `text` in mrkdwn, and the same as a rich_text block."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]
EMOJI = {
    "👍": "+1",
    "👎": "-1",
    "❤️": "heart",
    "😀": "grinning",
    "🎉": "tada",
    "👀": "eyes",
    "✅": "white_check_mark",
    "🙏": "pray",
    "🔥": "fire",
    "😢": "cry",
    "🚚": "truck",
}
_STYLES = {"*": "bold", "_": "italic", "~": "strike", "`": "code"}
_TOKEN = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]+)>|<#(?P<channel>C[A-Z0-9]+)(?:\|[^>]*)?>|<!(?P<range>here|channel|everyone)>"
    r"|<(?P<link>(?:https?|mailto|tel):[^|>\s]+)(?:\|(?P<label>[^>]+))?>"
    r"|(?P<url>https?://[^\s<>]*[^\s<>.,;:!?)])"
    r"|(?<![\w:]):(?P<emoji>[a-z0-9_+-]+):"
    r"|(?<!\w)(?P<mark>[*_~`])(?P<styled>(?=\S)[^*_~`\n]+(?<=\S))(?P=mark)(?!\w)"
    r"|(?P<sign>" + "|".join(map(re.escape, EMOJI)) + ")"
)


def escaped(text: str) -> str:
    """As Slack writes the three signs that mean something in mrkdwn."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """The reverse."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(text: str) -> tuple[str, list[Json]]:
    """What a person typed, as mrkdwn and as blocks. `<@U…>` mentions, `*bold*` and the like are understood."""
    if not text:
        return "", []
    source: list[str] = []
    elements: list[Json] = []
    place = 0
    for found in _TOKEN.finditer(text):
        _plain(text[place : found.start()], source, elements)
        written, element = _token(found)
        source.append(written)
        elements.append(element)
        place = found.end()
    _plain(text[place:], source, elements)
    section = {"type": "rich_text_section", "elements": elements}
    return "".join(source), [{"type": "rich_text", "elements": [section]}]


def _plain(text: str, source: list[str], elements: list[Json]) -> None:
    if text:
        source.append(escaped(text))
        elements.append({"type": "text", "text": text})


def _token(found: re.Match[str]) -> tuple[str, Json]:
    part = found.groupdict()
    if part["user"]:
        return f"<@{part['user']}>", {"type": "user", "user_id": part["user"]}
    if part["channel"]:
        return f"<#{part['channel']}|>", {"type": "channel", "channel_id": part["channel"]}
    if part["range"]:
        return f"<!{part['range']}>", {"type": "broadcast", "range": part["range"]}
    if part["link"] or part["url"]:
        return _link(part["link"] or part["url"], part["label"])
    if part["emoji"] or part["sign"]:
        return _emoji(part["emoji"] or EMOJI[part["sign"]])
    style = {_STYLES[part["mark"]]: True}
    written = f"{part['mark']}{escaped(part['styled'])}{part['mark']}"
    return written, {"type": "text", "text": part["styled"], "style": style}


def _link(url: str, label: str | None) -> tuple[str, Json]:
    element = {"type": "link", "url": url}
    if label:
        return f"<{escaped(url)}|{escaped(label)}>", element | {"text": label}
    return f"<{escaped(url)}>", element


def _emoji(name: str) -> tuple[str, Json]:
    sign = next((sign for sign, known in EMOJI.items() if known == name), "")
    element = {"type": "emoji", "name": name}
    if sign:
        element["unicode"] = "-".join(f"{ord(c):04x}" for c in sign)
    return f":{name}:", element


def mentioned(text: str) -> list[str]:
    """The users that mrkdwn names, in order."""
    return re.findall(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>", text)
