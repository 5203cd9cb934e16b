"""Commands on conversations: claimed, assigned, closed, reopened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from hub.admin_bot import replies
from hub.admin_bot.arguments import Assignee, CategoryChoice
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.likeliest import Lately, lately
from hub.admin_bot.replies import HOLE, about, clipped, done, fits, person
from hub.domain import conversations, desks
from hub.domain.models import Category, Conversation, Member, Preferences
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import NotFound, Refused

SECTION = "Conversations"
LIKELIEST = 6


@command(section=SECTION, aliases=["a"], about="conversation")
async def assign(call: Call, to: Assignee | None = None) -> Reply:
    """Give a conversation to yourself, a colleague or nobody."""
    if to is None:
        holder = await holder_of(call, call.conversation)
        rows = await assignees(call)
        return Reply("assign_whom", {**about(call), "holder": person(call, holder)}, rows=rows)
    changed = await conversations.assign(call.tx, call.act, call.conversation, to.member.id if to.member else None)
    mine = to.member is not None and to.member.id == call.member.id
    data = {**about(call), "to": person(call, to.member), "mine": mine, "nobody": to.member is None}
    reply = await done(call, "assigned", {**data, "changed": changed})
    # A colleague is to see that it is theirs now, and be notified.
    return msgspec.structs.replace(reply, lasting=changed and to.member is not None and not mine)


async def holder_of(call: Call, conversation: Conversation) -> Member | None:
    """Who has the conversation."""
    return next((m for m in await call.tx.items(Member) if m.id == conversation.assignee), None)


async def assignees(call: Call, recent: Lately | None = None) -> replies.Rows:
    """Six buttons to assign by: oneself first, then colleagues, who was given most of late first, then nobody."""
    conversation, given = call.conversation, (recent or await lately(call)).assignees
    me = call.member.id
    everyone = sorted(await call.tx.items(Member), key=lambda m: (m.id != me, -given[m.id], m.name.casefold()))
    others = [m for m in everyone if m.id != conversation.assignee]
    free = [("Nobody", "-")] if conversation.assignee else []
    count = Counter(m.name for m in others)
    named = [("Me" if m.id == me else _label(m, count), str(m.id)) for m in others][: LIKELIEST - len(free)]
    buttons = [Button(name, f"assign {conversation.number} {id}", conversation.version) for name, id in [*named, *free]]
    return replies.grid(buttons)


def _label(member: Member, count: Mapping[str, int]) -> str:
    """What a colleague is called on a button: two of one name are told apart there."""
    apart = f" @{clipped(member.username, 16)}" if count[member.name] > 1 and member.username else ""
    return f"{clipped(member.name, 20 - len(apart) // 2)}{apart}"


@command(section=SECTION, about="conversation")
async def take(call: Call) -> Reply:
    """Claim a conversation for yourself."""
    changed = await conversations.claim(call.tx, call.act, call.conversation)
    data = {**about(call), "to": person(call, call.member), "mine": True, "nobody": False, "changed": changed}
    return await done(call, "assigned", data)


@command(section=SECTION, about="conversation")
async def close(call: Call, category: CategoryChoice | None = None, summary: Text | None = None) -> Reply:
    """Close a conversation, with a category and a summary: /close bil Refunded order 7."""
    preferences = await call.tx.get(Preferences, "preferences")
    rule = preferences.closing_note if preferences else "optional"
    said = " ".join(summary.plain.split()) if summary else ""
    if category is None and not said:
        return await _ask_how(call, rule)
    chosen = category.category if category else None
    missing = await _missing(call, rule, chosen, said)
    if missing is not None:
        return missing
    if call.desk is not None and await desks.unseen(call.tx, call.desk.id, call.contact):
        raise Refused(f"{call.contact.name} has just written something more. Nothing was closed: read it first.")
    before = call.conversation.state
    changed = await conversations.close(call.tx, call.act, call.conversation, chosen, said)
    return await _closed(call, again=before == "closed", changed=changed)


async def _closed(call: Call, *, again: bool, changed: bool) -> Reply:
    conversation = call.conversation
    category = await call.tx.get(Category, conversation.category) if conversation.category else None
    note = {"category": category.name if category else "", "summary": conversation.summary}
    more = () if conversation.summary else ((Button("📝 Add a summary", f"summary {conversation.number}"),),)
    return await done(call, "closed", {**about(call), **note, "again": again, "changed": changed}, *more)


async def _ask_how(call: Call, rule: str) -> Reply:
    """The bare command closes nothing: it offers the categories, or asks for the summary."""
    categories = await _categories(call)
    if not categories:
        return _ask_summary(call, rule, "")
    rows = replies.grid([category_button(call, c) for c in categories])
    if rule in ("off", "optional"):
        rows = (*rows, (_without(call, "Close without a note"),))
    return Reply("close_how", {**about(call), "closed": call.conversation.state == "closed"}, rows=rows)


async def _categories(call: Call) -> list[Category]:
    return sorted(await call.tx.items(Category), key=lambda c: c.name.casefold())


def category_button(call: Call, category: Category) -> Button:
    """Closes with that category."""
    conversation = call.conversation
    return Button(clipped(category.name, 24), f"close {conversation.number} {category.id}", conversation.version)


def _without(call: Call, label: str) -> Button:
    return Button(label, f"close {call.conversation.number} -", call.conversation.version)


async def _missing(call: Call, rule: str, category: Category | None, summary: str) -> Reply | None:
    """What the workspace's rule for closing notes asks for and was not given; what was given is kept."""
    categories = await _categories(call)
    conversation = call.conversation
    if rule in ("category", "both") and categories and category is None and not conversation.category:
        ask = f"close #{conversation.number} {HOLE} {summary}" if summary else ""
        lines = [f"fill {c.id}" if ask else f"close {conversation.number} {c.id}" for c in categories]
        version = 0 if ask else conversation.version
        buttons = [Button(clipped(c.name, 24), line, version) for c, line in zip(categories, lines, strict=True)]
        data = {**about(call), "kept": clipped(summary, 60)}
        return Reply("close_category", data, rows=replies.grid([b for b in buttons if fits(b)]), ask=ask)
    if rule == "both" and not summary and not conversation.summary:
        return _ask_summary(call, rule, category.id if category else "-")
    return None


def _ask_summary(call: Call, rule: str, category: str) -> Reply:
    rows = () if rule == "both" else ((_without(call, "Close without a summary"),),)
    line = f"close #{call.conversation.number} {category}".rstrip() + " "
    return Reply("close_summary", about(call), rows=rows, ask=line)


@command(section=SECTION, about="conversation", hidden=True)
async def summary(call: Call) -> Reply:
    """Ask for the summary of a closed conversation."""
    if call.conversation.state != "closed":
        raise Refused(f"#{call.conversation.number} is open again; /close it.")
    category = call.conversation.category or ("-" if await _categories(call) else "")
    line = f"close #{call.conversation.number} {category}".rstrip() + " "
    return Reply("close_summary", about(call), ask=line)


@command(section=SECTION, about="conversation")
async def reopen(call: Call) -> Reply:
    """Open a closed conversation again."""
    changed = await conversations.reopen(call.tx, call.act, call.conversation)
    return await done(call, "reopened", {**about(call), "changed": changed})


@command(section=SECTION, name="next")
async def next_(call: Call) -> Reply:
    """Show who has waited longest, with a link."""
    found = await conversations.waiting_longest(call.tx, call.member)
    if found is None:
        return Reply("nobody_waits", {})
    contact = await conversations.contact_of(call.tx, found)
    return await brief(call, found, contact.name, await replies.link(call, contact, found))


async def brief(call: Call, conversation: Conversation, name: str, url: str) -> Reply:
    """A conversation in three lines, with the buttons to open and take it."""
    holder = await holder_of(call, conversation)
    take_it = Button("✋ Take", f"take {conversation.number}", conversation.version)
    row = [Button(f"Open {clipped(name, 20)} ▸", url=url)] if url else []
    row += [take_it] if holder is None and conversation.state != "closed" else []
    waiting = replies.waited(conversation.waiting_since, call.act.at) if conversation.waiting_since else ""
    data: dict[str, Value] = {
        "number": conversation.number,
        "name": name,
        "state": conversation.state,
        "waiting": waiting,
    }
    more: dict[str, Value] = {"assignee": holder.name if holder else "", "text": conversation.last_text}
    return Reply("brief", {**data, **more}, rows=(tuple(row),) if row else ())


@command(section=SECTION, about="conversation", hidden=True)
async def show(call: Call) -> Reply:
    """Show a conversation in short, with a link."""
    if call.about_contact is None:
        raise NotFound("This contact is gone.")
    contact = call.about_contact
    return await brief(call, call.conversation, contact.name, await replies.link(call, contact, call.conversation))


COMMANDS = (assign, take, close, summary, reopen, next_, show)
