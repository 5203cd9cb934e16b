"""What the page shows of a phone with Messenger on it, as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from hub.sandbox.messenger.accounts import Json, Page, Person
from hub.sandbox.page.scene import OnMessenger
from hub.sandbox.page.shapes import MOST_MESSAGES, contact

_KINDS = {"image": "photo", "sticker": "sticker", "video": "video", "audio": "audio"}
_NOTHING: Json = {"service": "", "whisper": 0, "entities": [], "caption": False, "forwarded": "", "pinned": False}


def contacts(there: OnMessenger) -> Iterator[tuple[Json, Person]]:
    """Who writes to the page; `last`: the newest message on their phone, `answered`: it is the shop's."""
    for person in there.contacts:
        last = next(reversed(there.world.thread(person, there.page).messages.values()), None)
        entry = contact("messenger", person.id, f"{person.first_name} {person.last_name}".strip())
        answered = last is not None and last.author == "page"
        yield entry | {"last": last.mid if last else "", "answered": answered}, person


def phone(there: OnMessenger, person: Person) -> Json:
    """Somebody's conversation with the shop's page. `seen`: the page has seen all that they wrote."""
    world, page = there.world, there.page
    shown = world.phone(person, page)[-MOST_MESSAGES:]
    thread = world.thread(person, page)
    return {
        "started": bool(shown),
        "blocked": thread.blocked,
        "seen": world.seen(person, page),
        "typing": thread.typing,
        "messages": [part for each in shown for part in _parts(person, page, each, shown)],
        "replies": shown[-1]["quick_replies"] if shown else [],
        "commands": [],
        "prompt": None,
    }


def _parts(person: Person, page: Page, shown: Json, all: list[Json]) -> list[Json]:
    """A message as the page draws it: one for each of its files, as an album."""
    mine = shown["from"] == "contact"
    files = [a for a in shown["attachments"] if "file" in a]
    frame: Json = {
        **_NOTHING,
        "id": shown["mid"],
        "from": {"id": 1, "name": person.first_name, "bot": False}
        if mine
        else {"id": 0, "name": page.name, "bot": True},
        "mine": mine,
        "at": shown["at"] / 1000,
        "album": shown["mid"] if len(files) > 1 else "",
        "edited": bool(shown["edits"]),
        "reply": _answered(person, page, shown.get("reply_to"), all),
    }
    first = frame | {
        "key": f"m{shown['mid']}",
        "text": shown["text"],
        "what": "" if shown["text"] or files else _what(shown),
        "media": _media(files[0]) if files else None,
        "buttons": [[_button(button)] for button in shown.get("buttons", ())],
        "reactions": [_reaction(who, emoji, person, page) for who, emoji in shown["reactions"].items()],
    }
    bare: Json = {"text": "", "what": "", "buttons": [], "reactions": []}
    rest = enumerate(files[1:], 1)
    return [first, *(frame | bare | {"key": f"m{shown['mid']}.{n}", "media": _media(file)} for n, file in rest)]


def _button(button: Json) -> Json:
    return {"text": button["title"], "url": button.get("url", "")}


def _reaction(who: str, emoji: str, person: Person, page: Page) -> Json:
    mine = who == "contact"
    return {"emoji": emoji, "by": person.first_name if mine else page.name, "mine": mine}


def _answered(person: Person, page: Page, mid: str | None, all: list[Json]) -> Json | None:
    found = next((each for each in all if each["mid"] == mid), None)
    if found is None:
        return None
    name = person.first_name if found["from"] == "contact" else page.name
    return {"key": f"m{mid}", "name": name, "text": (found["text"] or _what(found) or "a file")[:120]}


def _media(attachment: Json) -> Json:
    kind = _KINDS.get(attachment["type"], "document")
    file, name, size = attachment["file"], attachment["name"], attachment["size"]
    return {"kind": kind, "file": f"messenger/{file}", "name": name, "size": size}


def _what(shown: Json) -> str:
    """In words, what has neither text nor a file."""
    for attachment in shown["attachments"]:
        payload = attachment.get("payload") or {}
        if attachment["type"] == "location":
            return f"📍 {attachment.get('title') or 'Location'}"
        if payload.get("elements"):
            return "\n".join(str(element.get("title", "")) for element in payload["elements"])
        return str(attachment.get("title") or payload.get("title") or payload.get("url") or attachment["type"])
    return ""
