"""The workspace's own fields: listed, added, renamed, given other options, removed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from hub.admin_bot import dispatch, replies
from hub.admin_bot.arguments import Words, did_you_mean, matching
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.contact_fields import one_of, own_fields
from hub.admin_bot.replies import Rows, clipped, done
from hub.domain.catalog import Field, FieldKind
from hub.domain.fields import custom
from hub.domain.fields.changing import known
from hub.domain.members import Permission
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Invalid, NotFound

PAGE = 10
EXAMPLES: Mapping[str, str] = {"list": "Plan: Free, Pro", "checkbox": "Newsletter", "date": "Birthday"}


@command(
    section="Settings",
    usage="[add TYPE NAME | rename FIELD NAME | options FIELD A, B | remove FIELD]",
)
async def fields(call: Call, words: Text | None = None) -> Reply:
    """List the workspace's own fields of contacts; managers add, rename and remove them."""
    line = Words(words or Text())
    verb = line.take()
    if not verb or (verb.isascii() and verb.isdigit() and len(verb) < 4):
        return await _list(call, int(verb or 1))
    found = matching(verb, [(v, [v]) for v in _VERBS])
    if len(found) != 1:
        guess = did_you_mean(verb, list(_VERBS))
        raise Invalid(f"“{clipped(verb, 20)}” should be add, rename, options or remove.{guess}")
    dispatch.need(call, f"fields {found[0]}", "manager")
    return await _VERBS[found[0]](call, line)


async def _list(call: Call, page: int) -> Reply:
    every = own_fields(await known(call.tx))
    pages = max(1, -(-len(every) // PAGE))
    page = min(max(1, page), pages)
    lines: list[Value] = [_line(f) for f in every[(page - 1) * PAGE : page * PAGE]]
    back = [Button("◂", f"fields {page - 1}")] if page > 1 else []
    forth = [Button("▸", f"fields {page + 1}")] if page < pages else []
    pager: Rows = ((*back, Button(f"{page}/{pages}", f"fields {page}"), *forth),) if pages > 1 else ()
    managing: Rows = ((Button("+ Add one…", "fields add"),), replies.ALL_SETTINGS) if call.may("manager") else ()
    data: dict[str, Value] = {"lines": lines, "total": len(every), "manager": call.may("manager")}
    return Reply("fields", data, rows=(*pager, *managing))


def _line(field: Field) -> Value:
    return {"name": field.name, "kind": field.kind, "options": clipped(", ".join(field.options), 120)}


async def _add(call: Call, line: Words) -> Reply:
    word = line.take()
    if not word:
        buttons = [Button(kind, f"fields add {kind}") for kind in custom.KINDS]
        return Reply("fields_add", {}, rows=replies.grid(buttons))
    kind = _kind(word)
    name, _, options = line.take_rest().plain.partition(":")
    if not name.strip():
        example = EXAMPLES.get(kind, "Order number")
        return Reply("fields_name", {"kind": kind, "example": example}, ask=f"fields add {kind} ")
    added = await custom.add(call.tx, call.act, name, kind, options.split(","))
    return await _done(call, added, "added")


def _kind(word: str) -> FieldKind:
    found = matching(word, [(kind, [kind]) for kind in custom.KINDS])
    if len(found) != 1:
        guess = did_you_mean(word, custom.KINDS)
        raise Invalid(f"“{clipped(word, 20)}” is no type: write {', '.join(custom.KINDS)}.{guess}")
    return found[0]


async def _which(call: Call, line: Words, verb: str) -> Field | Reply:
    every = own_fields(await known(call.tx))
    if not every:
        raise NotFound("There are no fields of your own yet. /fields add makes one.")
    if not line.peek():
        buttons = [Button(clipped(f.name, 24), f"fields {verb} {f.id}") for f in every]
        return Reply("fields_which", {"verb": verb}, rows=replies.grid(buttons))
    return one_of(line, every)


async def _rename(call: Call, line: Words) -> Reply:
    found = await _which(call, line, "rename")
    name = line.take_rest().plain
    if isinstance(found, Reply):
        return found
    if not name:
        return Reply("fields_rename", {"name": found.name}, ask=f"fields rename {found.id} ")
    return await _done(call, await custom.rename(call.tx, call.act, found.id, name), "renamed")


async def _options(call: Call, line: Words) -> Reply:
    found = await _which(call, line, "options")
    options = line.take_rest().plain
    if isinstance(found, Reply):
        return found
    if not options:
        data: dict[str, Value] = {"name": found.name, "options": ", ".join(found.options)}
        return Reply("fields_options", data, ask=f"fields options {found.id} ")
    return await _done(call, await custom.choose_from(call.tx, call.act, found.id, options.split(",")), "changed")


async def _remove(call: Call, line: Words) -> Reply:
    found = await _which(call, line, "remove")
    if isinstance(found, Reply):
        return found
    if line.peek():
        raise Invalid(f"There is no field “{found.name} {clipped(line.rest().plain, 30)}”. /fields lists them.")
    return await _done(call, await custom.remove(call.tx, call.act, found.id), "removed")


async def _done(call: Call, field: Field, what: str) -> Reply:
    return await done(call, "fields_changed", {"what": what, "id": field.id, "line": _line(field)})


_VERBS: Mapping[str, Callable[[Call, Words], Awaitable[Reply]]] = {
    "add": _add,
    "rename": _rename,
    "options": _options,
    "remove": _remove,
}
PERMISSIONS: Mapping[str, tuple[Permission, ...]] = dict.fromkeys(_VERBS, ("manager",))
"""What asks for more than the command."""
COMMANDS = (fields,)
