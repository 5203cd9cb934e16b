"""Lists of what a filter finds: lines, pages, and buttons that carry the filter, or its short name where it is long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from hub.admin_bot.call import Call
from hub.admin_bot.replies import Rows, clipped, fits, link, waited
from hub.domain.finding.compiling import Asked, compiled
from hub.domain.finding.conditions import Case, Finds
from hub.domain.finding.filters import key_of, recent_id, remember
from hub.domain.finding.grammar import Mistake
from hub.domain.finding.known import Known, known
from hub.domain.finding.searching import Found, search
from hub.domain.finding.times import Clock
from hub.domain.models import ChannelItem, Recent, Tag
from hub.domain.ports import Tx
from hub.domain.reply import Button, Reply, Value
from hub.errors import NotFound

PAGE = 8
SHORT_NAME = "~"
"""What a filter's short name begins with in a button."""
Verb = Literal["inbox", "filter", "contacts", "find"]


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """A list that is asked for: by which command, what it is called, and what is behind the verb without its page."""

    verb: Verb
    title: str
    line: str


async def known_here(call: Call, finds: Finds) -> Known:
    """The names that the asker's filters can use."""
    return await known(call.reads, call.member, Clock(call.act.at), finds)


async def spelled(call: Call, text: str) -> str:
    """The text, with the filter itself in the place of its short name."""
    first, gap, rest = text.partition(" ")
    if not first.startswith(SHORT_NAME):
        return text
    recent = await call.reads.get(Recent, recent_id(call.member))
    kept = recent.texts.get(first.removeprefix(SHORT_NAME)) if recent else None
    if kept is None:
        raise NotFound("I have forgotten that filter: type it again, or save it next time.")
    return f"{kept}{gap}{rest}"


async def conversations_found(call: Call, asking: Asking, text: str) -> tuple[Asked, Reply]:
    """The conversations that a filter finds. Raises Mistake."""
    names = await known_here(call, "conversations")
    asked = compiled(text, names)
    found = await search(call.reads, asked, "conversations", PAGE)
    holders = {str(m.id): m.name for m in names.members}
    lines: list[Value] = [await _talk(call, case, holders) for case in found.cases]
    rows = await pager(call, asking, found.page, found.pages)
    return asked, Reply("inbox", _data(asking, found, lines), rows=rows)


async def contacts_found(call: Call, asking: Asking, text: str) -> tuple[Asked, Reply]:
    """The contacts that a filter finds. Raises Mistake."""
    names = await known_here(call, "contacts")
    asked = compiled(text, names)
    found = await search(call.reads, asked, "contacts", PAGE)
    lines: list[Value] = [await _person(call, case, names) for case in found.cases]
    rows = await pager(call, asking, found.page, found.pages)
    return asked, Reply("contacts", _data(asking, found, lines), rows=rows)


def _data(asking: Asking, found: Found, lines: list[Value]) -> dict[str, Value]:
    data: dict[str, Value] = {"title": asking.title, "total": found.total, "more": found.more, "lines": lines}
    return {**data, "cut": found.cut}


async def _talk(call: Call, case: Case, holders: dict[str, str]) -> dict[str, Value]:
    conversation = case.conversation
    if conversation is None:
        raise LookupError("a conversation was found that is none")
    return {
        "number": conversation.number,
        "name": case.contact.name,
        "url": await link(call, case.contact, conversation),
        "text": clipped(conversation.last_text or conversation.summary, 48),
        "assignee": holders.get(conversation.assignee or "", ""),
        "waiting": waited(conversation.waiting_since, call.act.at) if conversation.waiting_since else "",
    }


async def _person(call: Call, case: Case, names: Known) -> dict[str, Value]:
    contact = case.contact
    return {
        "name": contact.name,
        "url": await link(call, contact, case.conversation),
        "number": case.conversation.number if case.conversation else 0,
        "channels": _named(names.channels, [r.channel for r in contact.reaches]),
        "tags": _named(names.tags, contact.tags),
        "phone": contact.phone,
        "email": contact.email,
        "blocked": contact.block is not None,
    }


def _named(items: Sequence[ChannelItem] | Sequence[Tag], ids: Sequence[str]) -> list[Value]:
    called = {item.id: item.name for item in items}
    return [called[id] for id in dict.fromkeys(ids) if id in called]


# -- buttons ---------------------------------------------------------------------------------------------------------


async def pager(call: Call, asking: Asking, page: int, pages: int) -> Rows:
    """Back, where one is, forth; of one page, nothing."""
    if pages == 1:
        return ()
    line = await carried(call, f"{asking.verb} ", asking.line, " page:9999")
    back = [Button("◂", f"{line} page:{page - 1}")] if page > 1 else []
    forth = [Button("▸", f"{line} page:{page + 1}")] if page < pages else []
    return ((*back, Button(f"{page}/{pages}", f"{line} page:{page}"), *forth),)


async def carried(call: Call, head: str, text: str, tail: str = "") -> str:
    """The head and the text, or the text's short name where a button has no room for it; without the tail."""
    if fits(Button("", f"{head}{text}{tail}")):
        return f"{head}{text}".rstrip()

    return f"{head}{SHORT_NAME}{await kept(call, text)}"


async def kept(call: Call, text: str) -> str:
    """Remembers a filter; gives its short name."""

    async def deed(tx: Tx) -> None:
        await remember(tx, call.member, [text])

    await call.run(deed)
    return key_of(text)


def mistaken(error: Mistake, verb: str) -> Reply:
    """What is wrong with a filter, pointed at where it is."""
    return Reply("filter_mistake", {"text": error.text, "pointed": error.pointed(), "verb": verb})
