"""Categories of closing notes."""

from __future__ import annotations

from typing import Literal

from hub.admin_bot.arguments import matching, plainly
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import ALL_SETTINGS, clipped, done
from hub.domain import contacts
from hub.domain.ids import short_id
from hub.domain.models import Category, Facts
from hub.domain.reply import Reply, Value
from hub.domain.text import Text
from hub.errors import Ambiguous, Invalid, NotFound, Refused

LONGEST = 40


@command(section="Settings", permission="manager", usage="[add NAME | remove NAME]")
async def category(call: Call, what: Literal["add", "remove"] | None = None, name: Text | None = None) -> Reply:
    """List, add and remove the categories that conversations are closed with."""
    every = sorted(await call.tx.items(Category), key=lambda c: c.name.casefold())
    called = " ".join(name.plain.split()) if name else ""
    if what is None:
        names: list[Value] = [c.name for c in every]
        return Reply("categories", {"names": names}, rows=(ALL_SETTINGS,))
    if not called:
        return Reply("category_name", {"what": what}, ask=f"category {what} ")
    return await (_add(call, every, called) if what == "add" else _remove(call, every, called))


async def _add(call: Call, every: list[Category], name: str) -> Reply:
    if len(name) > LONGEST or not name[0].isalnum():
        raise Invalid(f"A category's name begins with a letter and has at most {LONGEST} characters, such as Billing.")
    if any(plainly(c.name) == plainly(name) for c in every):
        raise Refused(f"There is a category {name} already.")
    made = Category(id=short_id(), name=name)
    call.tx.add(made)
    return await _changed(call, made, added=True)


async def _remove(call: Call, every: list[Category], name: str) -> Reply:
    found = matching(name, [(c, [c.name]) for c in every])
    if not found:
        raise NotFound(f"There is no category “{clipped(name, 40)}”. /category lists them.")
    if len(found) > 1:
        raise Ambiguous(f"“{name}” could be " + " or ".join(c.name for c in found[:4]) + ": write more of it.")
    call.tx.delete(found[0])
    return await _changed(call, found[0], added=False)


async def _changed(call: Call, category: Category, *, added: bool) -> Reply:
    facts: Facts = {"category": category.id, "name": category.name, "added": added}
    contacts.record(call.tx, "category_changed", call.act.at, act=call.act, facts=facts)
    return await done(call, "category_changed", {"name": category.name, "added": added})


COMMANDS = (category,)
