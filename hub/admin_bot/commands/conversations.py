"""Commands on conversations: claimed, assigned, closed, reopened."""

from __future__ import annotations

from hub.admin_bot import replies
from hub.admin_bot.arguments import CategoryChoice
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.heard import Wrote
from hub.admin_bot.replies import ECHOED, HOLE, about, clipped, done, fits
from hub.domain import conversations, desks, notes
from hub.domain.answers import Written
from hub.domain.models import Category, Conversation, Member, Preferences
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.domain.timing import snoozing
from hub.errors import NotFound, Refused

SECTION = "Conversations"
LIKELIEST = 6


async def holder_of(call: Call, conversation: Conversation) -> Member | None:
    """Who has the conversation."""
    return next((m for m in await call.tx.items(Member) if m.id == conversation.assignee), None)


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
    again, before = call.conversation.state == "closed", await _note(call)
    await _keep_files(call)
    changed = await conversations.close(call.tx, call.act, call.conversation, chosen, said)
    return await _closed(call, again=again, changed=changed, before=before if again else [])


async def _keep_files(call: Call) -> None:
    """Files that came with the summary are kept as a note, so that they are found again."""
    heard = call.heard if isinstance(call.heard, Wrote) else None
    if heard is not None and heard.attachments and not heard.album:
        written = Written(post=heard.post, text=Text(), attachments=heard.attachments, wakes=False)
        await notes.note(call.tx, call.act, call.conversation, written, seen=call.here and not call.expanded)


async def _note(call: Call) -> list[Value]:
    """What the closing note says, category and summary; empty where there is none."""
    conversation = call.conversation
    category = await call.tx.get(Category, conversation.category) if conversation.category else None
    return [words for words in (category.name if category else "", clipped(conversation.summary, ECHOED)) if words]


async def _closed(call: Call, *, again: bool, changed: bool, before: list[Value]) -> Reply:
    """`before`: the note that was there; what a colleague has just written must not vanish unseen."""
    conversation = call.conversation
    closed_by = await call.tx.get(Member, conversation.closed_by) if conversation.closed_by else None
    note: dict[str, Value] = {"note": await _note(call), "before": before, "by": closed_by.name if closed_by else ""}
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
    if call.conversation.state == "snoozed":
        await snoozing.wake(call.tx, call.conversation, call.act.at, "user", call.act)
        return await done(call, "awake", {**about(call), "changed": True})
    changed = await conversations.reopen(call.tx, call.act, call.conversation)
    return await done(call, "reopened", {**about(call), "changed": changed})


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


COMMANDS = (close, summary, reopen, show)
