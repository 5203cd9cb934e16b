"""Telegram's markup for templates, and the words of contacts made safe: nothing in them may act with agents' rights.

In a group a command or a mention in a bot's message is a link: tapped, `/close` is sent by whoever tapped it, and
`@bob` pings Bob. So a word joiner goes between the sign and the word, wherever Telegram could see such a link.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from markupsafe import Markup

from hub.admin_bot.telegram.format import escape, to_html
from hub.domain.text import Span, Text

JOINER = "\u2060"
_LINKABLE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_SCHEME = re.compile(r"https?:/$", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s\"<>]+$", re.IGNORECASE)
_LONE = re.compile("[\ud800-\udfff]")


def safe_words(plain: str) -> str:
    """The words with `/x` and `@x` broken by a word joiner; what Telegram cannot store is replaced."""
    plain = _LONE.sub("\ufffd", plain)
    places = _breaks(plain)
    if not places:
        return plain
    return "".join(sign + JOINER if place in places else sign for place, sign in enumerate(plain))


def safe_text(text: Text) -> Text:
    """The same for formatted text: spans keep to their words, and only those that cannot act are kept."""
    plain = _LONE.sub("\ufffd", text.plain)
    places = sorted(_breaks(plain))
    spans = []
    for span in text.spans:
        if span.kind in ("mention", "command", "emoji") or (span.kind == "link" and not _WEB.match(span.value)):
            continue
        start = span.start + sum(1 for p in places if p < span.start)
        end = span.end + sum(1 for p in places if p < span.end)
        spans.append(Span(start, end, span.kind, span.value))
    return Text(safe_words(plain), tuple(spans))


def safe_html(text: Text) -> Markup:
    """A contact's words as HTML, with nothing in them that could act."""
    return Markup(to_html(safe_text(text)))  # noqa: S704 - to_html escapes every word


def _breaks(plain: str) -> set[int]:
    """Where a slash or an at sign could begin a command or a mention."""
    return {
        place
        for place, sign in enumerate(plain)
        if sign in "/@" and _begins_word(plain, place + 1) and not _inside(plain, place)
    }


def _begins_word(plain: str, place: int) -> bool:
    """Whether a word follows, not counting signs that Telegram drops or does not show."""
    while place < len(plain) and unicodedata.category(plain[place]) in ("Cf", "Cc", "Mn", "Me", "Zl", "Zp"):
        if plain[place] in ("\n", JOINER):
            return False
        place += 1
    return place < len(plain) and plain[place] in _LINKABLE


def _inside(plain: str, place: int) -> bool:
    """Whether the sign stands inside a word (1/2, a@b.c) or opens an address, where Telegram sees no such link."""
    if place == 0:
        return False
    if unicodedata.category(plain[place - 1])[0] in "LN" or plain[place - 1] == "_":
        return True
    return plain[place] == "/" and bool(_SCHEME.search(plain[max(0, place - 20) : place]))


# -- macros: what templates may use -------------------------------------------------------------------------------


def _tagged(tag: str, value: object) -> Markup:
    return Markup(f"<{tag}>{_escaped(value)}</{tag}>")  # noqa: S704 - escaped just here


def _escaped(value: object) -> str:
    return str(value) if isinstance(value, Markup) else escape(str(value))


def bold(value: object) -> Markup:
    """Bold words."""
    return _tagged("b", value)


def italic(value: object) -> Markup:
    """Words in italics."""
    return _tagged("i", value)


def code(value: object) -> Markup:
    """Words to be copied as they stand; a tap copies them."""
    return _tagged("code", value)


def quote(value: object) -> Markup:
    """A block of somebody's words."""
    return _tagged("blockquote", value)


def small(value: object) -> Markup:
    """Words beside the matter. Telegram has no small letters."""
    return _tagged("i", value)


def strike(value: object) -> Markup:
    """Words that no longer hold."""
    return _tagged("s", value)


def link(url: object, value: object) -> Markup:
    """Words that open an address."""
    address = str(url)
    if not _WEB.match(address) and not address.startswith("tg://user?id="):
        return Markup(_escaped(value))  # noqa: S704 - escaped
    return Markup(f'<a href="{escape(address)}">{_escaped(value)}</a>')  # noqa: S704 - escaped


def mention(identity: object, name: object) -> Markup:
    """A colleague's name; they are notified where they are of this network."""
    network, _, account = str(identity).partition(":")
    if network == "telegram" and account.isdigit():
        return link(f"tg://user?id={account}", name)
    return bold(name)


MACROS: dict[str, Callable[..., Markup]] = {
    "bold": bold,
    "italic": italic,
    "code": code,
    "quote": quote,
    "small": small,
    "strike": strike,
    "link": link,
    "mention": mention,
}
