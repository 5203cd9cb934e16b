"""Hidden commands, for buttons: what was held back, what did not arrive, the choice that a question waits for."""

from __future__ import annotations

import msgspec

from hub.admin_bot import dispatch, replies
from hub.admin_bot.arguments import Word
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.commands.assigning import assignees
from hub.admin_bot.commands.contacts import tag_buttons
from hub.admin_bot.commands.snippets import buttons as snippet_buttons
from hub.admin_bot.likeliest import lately
from hub.admin_bot.replies import about, done
from hub.domain import answers, conversations, notes
from hub.domain.models import Comment, Contact, Conversation, Member, Message
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.domain.timing import offers
from hub.errors import NotFound, Refused

SECTION = "Buttons"


@command(section=SECTION, hidden=True)
async def keep(call: Call, held: Word) -> Reply:
    """Keep a held message as a note."""
    comment = await notes.keep_as_note(call.tx, call.act, held)
    await _about(call, comment)
    colleagues = [m for m in await call.tx.items(Member) if m.id in comment.mentions]
    pinged: list[Value] = [replies.person(call, m) for m in colleagues]
    data = {**about(call), "pinged": pinged, "problem": "", "explicit": True, "by_mode": False}
    reply = await done(call, "noted", {**data})
    return msgspec.structs.replace(reply, lasting=bool(pinged))


@command(section=SECTION, hidden=True)
async def send(call: Call, held: Word) -> Reply:
    """Send a held message to the contact after all."""
    comment = await call.tx.get(Comment, held)
    if comment is None or not comment.held:
        raise Refused("That message was sent or kept as a note already.")
    await _about(call, comment)
    if call.version and call.version != call.conversation.version:
        reason = "this conversation has changed meanwhile, so look at it again"
        return replies.held(comment, call.contact, call.conversation, reason)
    contact, conversation = await notes.release(call.tx, call.act, held)
    return await done(call, "released", {"name": contact.name, "number": conversation.number})


async def _about(call: Call, comment: Comment) -> None:
    """The conversation that it would go to now: the contact's present one."""
    contact = await call.tx.get(Contact, comment.contact)
    conversation = await call.tx.get(Conversation, comment.conversation)
    if contact is None or conversation is None:
        raise NotFound("That conversation is gone.")
    call.about_contact = contact
    call.about_conversation = await conversations.live(call.tx, contact) or conversation
    call.own_only(call.about_conversation)


@command(section=SECTION, hidden=True)
async def resend(call: Call, message: Word) -> Reply:
    """Send again what did not arrive."""
    found = await call.tx.get(Message, message)
    if found is None:
        raise NotFound("That message is gone.")
    conversation = await call.tx.get(Conversation, found.conversation)
    if conversation is not None:
        call.own_only(conversation)
    contact = await answers.resend(call.tx, call.act, found)
    return Reply("resending", {"name": contact.name})


@command(section=SECTION, hidden=True)
async def fill(call: Call, choice: Text) -> Reply | None:
    """Complete the line of the question whose button was pressed."""
    prompt = call.answers
    if prompt is None or prompt.role != "prompt" or not prompt.line or prompt.author != call.member.id:
        raise Refused("That question was answered already, or was not yours.")
    line = dispatch.read(dispatch.fill(prompt.line, choice))
    prompt.line, prompt.role = "", "answer"
    return await dispatch.dispatch(call, line)


@command(section=SECTION, hidden=True, about="conversation")
async def more(call: Call) -> Reply:
    """Unfold what else can be done with a conversation."""
    recent = await lately(call)
    rows = (
        *await assignees(call, recent),
        *replies.grid(await tag_buttons(call, recent)),
        *replies.grid(await snippet_buttons(call)),
    )
    post = call.answers
    if not call.pressed or post is None or post.role != "relay":
        return Reply("more", about(call), rows=rows)
    # In place, below the contact's words, which stay. The next press waits a moment; the next redrawing folds it again.
    post.drawn, post.drawn_at = "", call.act.at
    return Reply("", rows=(*await _usual(call), *rows))


async def _usual(call: Call) -> replies.Rows:
    number, version = call.conversation.number, call.conversation.version
    take = [] if call.conversation.assignee else [Button("✋ Take", f"take {number}", version)]
    asleep = await offers.snooze_button(call.tx, call.conversation, call.act.at)
    return ((*take, Button("✅ Close ▾", f"close {number}", version), *([asleep] if asleep else [])),)


COMMANDS = (keep, send, resend, fill, more)
