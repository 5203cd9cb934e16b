"""Commands on notes: internal remarks that the contact never sees."""

from __future__ import annotations

from hub.admin_bot import colleagues
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.heard import Wrote
from hub.admin_bot.replies import about, done, person
from hub.domain import notes
from hub.domain.answers import Written
from hub.domain.models import Member, Team
from hub.domain.reply import Reply, Value
from hub.domain.text import Text


@command(section="Notes and replies", aliases=["n"], about="conversation")
async def note(call: Call, text: Text | None = None) -> Reply:
    """Keep an internal remark; //text does the same, and a colleague's name as its first word calls them."""
    heard = call.heard if isinstance(call.heard, Wrote) else None
    files = heard.attachments if heard else ()
    if text is None and not files:
        return Reply("note_what", about(call), ask=f"note #{call.conversation.number} ")
    called = colleagues.called(text or Text(), await call.tx.items(Member), await call.tx.items(Team))
    written = Written(
        post=call.heard.post,
        text=text or Text(),
        attachments=files,
        mentions=tuple(m.id for m in called.members),
    )
    # An album's part is kept already. Elsewhere than in the contact's place, the agent's own post does not show it.
    if heard is None or not heard.album:
        seen = call.here and not call.pressed and not call.expanded
        await notes.note(call.tx, call.act, call.conversation, written, seen=seen)
    people: list[Value] = [person(call, m) for m in called.members]
    data = {**about(call), "pinged": people, "problem": called.problem, "explicit": True, "by_mode": False}
    reply = await done(call, "noted", data)
    return reply if not people else Reply(reply.template, reply.data, rows=reply.rows, lasting=True)


COMMANDS = (note,)
