"""Writing to the contact by a command: what always goes out, also where plain words stay inside."""

from __future__ import annotations

import msgspec

from hub.admin_bot import drafting, replies
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.heard import Wrote
from hub.admin_bot.replies import about
from hub.domain import answers, gate, mentions, notes
from hub.domain.answers import Written
from hub.domain.conversations import ALIVE
from hub.domain.gate import Verdict
from hub.domain.ids import PostId
from hub.domain.models import Comment, Contact, Conversation, Member, Team
from hub.domain.ports import Query
from hub.domain.reply import Reply
from hub.domain.text import Text
from hub.errors import Invalid, Refused


@command(section="Notes and replies", aliases=["r"], about="conversation")
async def reply(call: Call, text: Text | None = None) -> Reply | None:
    """Write to the contact, also where plain words stay inside: /reply It is on its way."""
    heard = call.heard if isinstance(call.heard, Wrote) else None
    files = heard.attachments if heard else ()
    if text is None and not files:
        return Reply("reply_what", about(call))
    words = text or Text()
    if heard is not None and heard.album:
        raise Refused("Not sent: an album goes out as your reply to a message of the contact, without /reply.")
    if gate.is_command(words.plain):
        raise Invalid("Not sent: what begins with / never goes out. Nothing was done.")
    written = Written(post=call.heard.post if _stands_here(call) else PostId(""), text=words, attachments=files)
    if heard is None or not call.here:
        return await _preview(call, written)
    verdict = gate.judge_reply(await drafting.draft(call, heard, text=words))
    if verdict.kind == "relay":
        verdict = await _for_another(call, words) or verdict
    if verdict.kind == "told":
        return Reply("not_sent", {"reason": verdict.reason})
    if verdict.kind == "held":
        return await _held(call, written, verdict)
    await answers.reply(call.tx, call.act, call.contact, call.conversation, written, seen=_stands_here(call))
    return await replies.leaving(call, call.contact, call.conversation)


async def _for_another(call: Call, words: Text) -> Verdict | None:
    """Elsewhere a number says whose conversation is meant: words that begin with another one's may be for that one."""
    first = words.plain.split(maxsplit=1)[0] if words.plain.strip() else ""
    if not (first.isascii() and first.isdigit()) or len(first) > 9 or int(first) == call.conversation.number:
        return None
    for found in await call.tx.query(Conversation, Query(where={**ALIVE, "number": int(first)}, limit=1)):
        contact = await call.tx.get(Contact, found.contact)
        if contact is not None and contact.id != call.contact.id:
            return Verdict("held", f"it begins with {first}, and #{first} is {contact.name}'s", "for_another")
    return None


def _stands_here(call: Call) -> bool:
    """Whether the agent's own post shows the words to all in the contact's place."""
    return call.here and not call.pressed and not call.spot.whispered and not call.expanded


async def _held(call: Call, written: Written, verdict: Verdict) -> Reply:
    comment = await _kept(call, written, verdict.row)
    return replies.held(comment, call.contact, call.conversation, verdict.reason)


async def _preview(call: Call, written: Written) -> Reply:
    """Elsewhere than in the contact's place nothing goes out by itself: it waits for one tap, which names them."""
    comment = await _kept(call, written)
    button = replies.send_button(comment, call.contact, call.conversation)
    return Reply("reply_preview", {**about(call), "text": written.text.plain}, rows=((button,),))


async def _kept(call: Call, written: Written, row: str = "preview") -> Comment:
    found = mentions.read(written.text, await call.tx.items(Member), await call.tx.items(Team))
    written = msgspec.structs.replace(written, mentions=tuple(m.id for m in found.members), row=row)
    seen = _stands_here(call)
    return await notes.note(call.tx, call.act, call.conversation, written, held=True, seen=seen)


COMMANDS = (reply,)
