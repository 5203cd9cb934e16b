"""Contacts' fields: shown, set and emptied; and the workspace's own ones, added, renamed, removed."""

from __future__ import annotations

from hub.admin_bot import replies
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.contact_fields import Setting
from hub.admin_bot.replies import about, clipped, done, fits, handle
from hub.domain.catalog import Field
from hub.domain.fields import changing
from hub.domain.fields.values import AnyField, read, shown
from hub.domain.ids import ConversationId
from hub.domain.reply import Button, Reply, Value
from hub.errors import Invalid

SECTION = "Contacts"
PAGE = 9
EMPTY = ("-", "\u2013", "\u2014")
"""A minus sign, and what phones make of it: the field is emptied."""
ANSWERED = ("list", "checkbox")
"""Types whose values are few enough to be buttons."""


@command(section=SECTION, about="conversation", by_name=True, usage="[number | NAME] [FIELD [VALUE | -]]")
async def field(call: Call, setting: Setting | None = None) -> Reply:
    """Show a contact's fields, or change one; a minus sign empties it."""
    if setting is None:
        return await _every(call, 1)
    if not setting.words:
        return _which_value(call, setting.field)
    try:
        wanted = None if setting.words in EMPTY else read(setting.field, setting.words, call.contact.country)
    except Invalid as error:
        return _wrong(call, setting.field, error)
    was = changing.shown_of(call.contact, setting.field)
    changed = await changing.change(call.tx, call.act, call.contact, setting.field, wanted, about=_where(call))
    data: dict[str, Value] = {
        **about(call),
        "field": setting.field.name,
        "now": "" if wanted is None else shown(setting.field, wanted),
        "was": was,
        "changed": changed,
    }
    return await done(call, "field_changed", data)


@command(section=SECTION, about="conversation", by_name=True, hidden=True)
async def fieldpage(call: Call, page: int) -> Reply:
    """Show further fields of a contact."""
    return await _every(call, page)


async def _every(call: Call, page: int) -> Reply:
    every = await changing.known(call.tx)
    pages = max(1, -(-len(every) // PAGE))
    page = min(max(1, page), pages)
    here = every[(page - 1) * PAGE : page * PAGE]
    lines: list[Value] = [{"name": f.name, "value": clipped(changing.shown_of(call.contact, f), 200)} for f in here]
    number = handle(call)
    buttons = [Button(f"✎ {clipped(f.name, 20)}", f"field {number} {f.id}") for f in here]
    data: dict[str, Value] = {**about(call), "lines": lines}
    return Reply("fields_of", data, rows=(*replies.grid(buttons), *_pager(number, page, pages)))


def _where(call: Call) -> ConversationId | None:
    return call.about_conversation.id if call.about_conversation else None


def _pager(number: str, page: int, pages: int) -> replies.Rows:
    if pages < 2:
        return ()
    back = [Button("◂", f"fieldpage {number} {page - 1}")] if page > 1 else []
    forth = [Button("▸", f"fieldpage {number} {page + 1}")] if page < pages else []
    return ((*back, Button(f"{page}/{pages}", f"fieldpage {number} {page}"), *forth),)


def _which_value(call: Call, which: AnyField) -> Reply:
    """Asks for the value, or offers those that there are."""
    number, buttons = handle(call), _values(call, which)
    now = changing.shown_of(call.contact, which)
    empty = [Button("✕ Empty it", f"field {number} {which.id} -")] if now else []
    data: dict[str, Value] = {
        **about(call),
        "field": which.name,
        "kind": which.kind,
        "now": now,
        "offered": bool(buttons),
    }
    ask = "" if buttons else f"field {number} {which.id} "
    return Reply("field_value", data, rows=replies.grid([*buttons, *empty]), ask=ask)


def _values(call: Call, which: AnyField) -> list[Button]:
    if not isinstance(which, Field) or which.kind not in ANSWERED:
        return []
    head = f"field {handle(call)} {which.id}"
    options = which.options if which.kind == "list" else ["yes", "no"]
    buttons = [Button(clipped(o, 24), f"{head} {o}") for o in options]
    return buttons if all(map(fits, buttons)) else []


def _wrong(call: Call, which: AnyField, error: Invalid) -> Reply:
    """What would be right, as buttons where there are few."""
    again = Button(f"✎ {clipped(which.name, 20)}…", f"field {handle(call)} {which.id}")
    return Reply("refused", replies.refused(error.text).data, rows=replies.grid(_values(call, which) or [again]))


COMMANDS = (field, fieldpage)
