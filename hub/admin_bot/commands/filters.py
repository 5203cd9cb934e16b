"""Filters: what they find, and filters kept by name: inboxes of conversations, segments of contacts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from hub.admin_bot import replies
from hub.admin_bot.arguments import Word, member_names
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.dispatch import veiled
from hub.admin_bot.hits import (
    Asking,
    Verb,
    carried,
    contacts_found,
    conversations_found,
    kept,
    known_here,
    mistaken,
    spelled,
)
from hub.admin_bot.replies import HOLE, clipped, grid
from hub.domain.finding import filters
from hub.domain.finding.compiling import Asked
from hub.domain.finding.conditions import Finds
from hub.domain.finding.filters import Sharing
from hub.domain.finding.grammar import Mistake
from hub.domain.finding.known import Known
from hub.domain.models import Member, SavedFilter, Team
from hub.domain.names import did_you_mean, matching, plainly
from hub.domain.ports import Tx
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Ambiguous, Invalid, NotFound

T = TypeVar("T")
SECTION = "Inbox"
PAGE = 12
LONGEST_TITLE = 60
_USAGE = "[FILTER…] | save NAME FILTER… | share NAME WHO… | rename NAME NEW | remove NAME"


@command(section=SECTION, aliases=["f"], usage=_USAGE, outside=True, in_place=True)
async def filter_(call: Call, what: Text | None = None) -> Reply:
    """Find conversations: /filter tag:vip assignee:none waiting>2h; save, share and remove filters."""
    return await _asked(call, "conversations", what)


@command(section=SECTION, usage="[WORDS or FILTER…] | save NAME FILTER…", outside=True, in_place=True)
async def contacts(call: Call, what: Text | None = None) -> Reply:
    """Find contacts by part of a name or number, by e-mail, or by a filter: /contacts tag:vip country:de."""
    return await _asked(call, "contacts", what)


async def _asked(call: Call, finds: Finds, what: Text | None) -> Reply:
    words = what.plain.split(maxsplit=1) if what else []
    try:
        if words and plainly(words[0]) in _CHANGES:
            return await _CHANGES[plainly(words[0])](call, finds, words[1] if len(words) > 1 else "")
        if finds == "conversations" and (page := _page(call, words)):
            return await _list(call, page)
        return await _found(call, finds, what.plain if what else "")
    except Mistake as error:
        return mistaken(error, "filter" if finds == "conversations" else "contacts")


async def _found(call: Call, finds: Finds, typed: str) -> Reply:
    text = await spelled(call, typed)
    plain = " ".join(word for word in text.split() if not word.casefold().startswith("page:"))
    verb: Verb = "filter" if finds == "conversations" else "contacts"
    asking = Asking(verb=verb, title=clipped(plain, LONGEST_TITLE) or "All contacts", line=plain)
    search = conversations_found if finds == "conversations" else contacts_found
    asked, reply = await search(call, asking, text)
    rows = (*reply.rows, *await _save_row(call, finds, asked))
    return veiled(call, Reply(reply.template, reply.data, rows=rows)) or reply


async def _save_row(call: Call, finds: Finds, asked: Asked) -> tuple[tuple[Button, ...], ...]:
    if {*":<>"}.isdisjoint(asked.text):
        return ()
    kind = "inbox" if finds == "conversations" else "segment"
    line = await carried(call, f"savefilter {kind} ", asked.text)
    return ((Button(f"💾 Save as {'an inbox' if kind == 'inbox' else 'a segment'}", line),),)


# -- saved ones ------------------------------------------------------------------------------------------------------


def _page(call: Call, words: list[str]) -> int:
    """Of the saved filters, which page is asked for; 0: something else is. Only its own button names a page."""
    if not words:
        return 1
    return int(words[1]) if call.pressed and words[0] == "list" and words[-1].isdigit() else 0


async def _list(call: Call, page: int) -> Reply:
    names = await known_here(call, "conversations")
    makers = {m.id: m.name for m in names.members}
    every = sorted(names.filters, key=lambda f: (f.finds, f.name.casefold()))
    shown, page, pages = replies.page_of(every, page, PAGE)
    lines: list[Value] = [
        {
            "name": f.name,
            "kind": filters.said(f),
            "text": clipped(f.text, 80),
            "maker": "" if f.owner == call.member.id else makers.get(f.owner, "somebody who left"),
            "shared": {"private": "", "public": "for all", "some": "shared"}[f.shared],
        }
        for f in shown
    ]
    opening = grid([_open(f) for f in shown], 4)
    return Reply("filters", {"lines": lines}, rows=(*opening, *replies.pager("filter list", page, pages)))


def _open(saved: SavedFilter) -> Button:
    inbox = saved.finds == "conversations"
    line = f"inbox {saved.id}" if inbox else f"contacts segment:{saved.id}"
    return Button(f"{'📥' if inbox else '👥'} {clipped(saved.name, 20)}", line)


@command(section=SECTION, hidden=True, outside=True)
async def savefilter(call: Call, kind: Word, text: Text) -> Reply:
    """Ask how a filter is to be called."""
    key = await kept(call, await spelled(call, text.plain))
    return Reply("filter_name", {"kind": kind}, ask=f"callfilter {kind} {key} {HOLE}")


@command(section=SECTION, hidden=True, outside=True)
async def callfilter(call: Call, kind: Word, key: Word, name: Text) -> Reply:
    """Save a filter of a moment ago under a name."""
    finds: Finds = "conversations" if kind == "inbox" else "contacts"
    return await _saved(call, finds, name.plain, await spelled(call, f"~{key}"))


async def _save(call: Call, finds: Finds, rest: str) -> Reply:
    name, _, text = rest.strip().partition(" ")
    if not text.strip():
        raise Invalid("Write a name of one word, and the filter behind it: /filter save big tag:vip waiting>2h.")
    return await _saved(call, finds, name, text.strip())


async def _saved(call: Call, finds: Finds, name: str, text: str) -> Reply:
    names = await known_here(call, finds)

    async def deed(tx: Tx) -> SavedFilter:
        return await filters.save(tx, call.act, name, text, names)

    return _changed(await call.run(deed), "saved")


async def _share(call: Call, finds: Finds, rest: str) -> Reply:
    name, _, whom = rest.strip().partition(" ")
    names = await known_here(call, finds)
    saved, sharing = _mine(name, names), _sharing(whom, names)

    async def deed(tx: Tx) -> SavedFilter:
        return await filters.share(tx, call.act, saved.id, sharing)

    return _changed(await call.run(deed), "shared", _with_whom(sharing, names))


def _sharing(whom: str, names: Known) -> Sharing:
    words = whom.split()
    if not words:
        raise Invalid("Share it with whom? Write public, private, or colleagues and teams by name.")
    if plainly(words[0]) in ("public", "all", "everybody"):
        return Sharing("public")
    if plainly(words[0]) in ("private", "nobody", "-"):
        return Sharing("private")
    people = [(m, member_names(m)) for m in names.members]
    teams = [(t, [t.name]) for t in names.teams]
    everyone: list[tuple[Member | Team, list[str]]] = [*people, *teams]
    found = [_called(word.removeprefix("@"), everyone) for word in words]
    users = tuple(m.id for m in found if isinstance(m, Member))
    return Sharing("some", users, tuple(t.id for t in found if isinstance(t, Team)))


def _with_whom(sharing: Sharing, names: Known) -> str:
    if sharing.shared != "some":
        return "everybody here" if sharing.shared == "public" else "nobody"
    people = [m.name for m in names.members if m.id in sharing.users]
    return ", ".join([*people, *(f"team {t.name}" for t in names.teams if t.id in sharing.teams)])


async def _rename(call: Call, finds: Finds, rest: str) -> Reply:
    name, _, new = rest.strip().partition(" ")
    saved = _mine(name, await known_here(call, finds))

    async def deed(tx: Tx) -> tuple[SavedFilter, str]:
        return await filters.rename(tx, call.act, saved.id, new)

    renamed, before = await call.run(deed)
    return _changed(renamed, "renamed", before)


async def _remove(call: Call, finds: Finds, rest: str) -> Reply:
    saved = _mine(rest.strip(), await known_here(call, finds))

    async def deed(tx: Tx) -> SavedFilter:
        return await filters.remove(tx, call.act, saved.id)

    return _changed(await call.run(deed), "removed")


def _changed(saved: SavedFilter, how: str, what: str = "") -> Reply:
    data: dict[str, Value] = {"name": saved.name, "kind": filters.said(saved), "text": saved.text}
    rows = () if how == "removed" else ((_open(saved),),)
    return Reply("filter_changed", {**data, "how": how, "what": what}, rows=rows)


def _mine(name: str, names: Known) -> SavedFilter:
    """The saved filter of that name, of either kind. Raises Invalid, NotFound, Ambiguous."""
    if not name:
        raise Invalid("Which one? /filter lists what is saved.")
    named = [(f, [f.id, f.name, f.name.replace(" ", "_")]) for f in names.filters]
    return _called(name, named, "No filter is", " /filter lists what is saved.")


def _called(word: str, named: Sequence[tuple[T, Sequence[str]]], nobody: str = "Nobody here is", hint: str = "") -> T:
    found = matching(word, named)
    if len(found) == 1:
        return found[0]
    labels = [names[-1] for item, names in named if not found or item in found]
    if found:
        raise Ambiguous(f"“{word}” could be {' or '.join(labels)}.")
    raise NotFound(f"{nobody} called “{word}”.{did_you_mean(word, labels) or hint}")


_CHANGES: Mapping[str, Callable[[Call, Finds, str], Awaitable[Reply]]] = {
    "save": _save,
    "share": _share,
    "rename": _rename,
    "remove": _remove,
}
COMMANDS = (filter_, contacts, savefilter, callfilter)
