"""Gathers what the gate may look at before it judges what somebody wrote."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from hub.admin_bot import dispatch
from hub.admin_bot.call import Call
from hub.admin_bot.heard import Asker, Spot, Wrote
from hub.domain import gate, salutation
from hub.domain.assigning.teams import teams_of
from hub.domain.conversations import Act
from hub.domain.finding.words import folded
from hub.domain.gate import Draft
from hub.domain.ids import DeskId
from hub.domain.models import Comment, Contact, Conversation, DeskItem, Member, Message, Post, Preferences, Team
from hub.domain.ports import Cond, Query, Tx
from hub.domain.text import Text

CONFUSED = 50
"""Contacts of a greeted name among whom one with an open conversation is looked for."""
_LOOKED_AT = 10
"""Posts of a place, the newest first, among which one that calls the writer is looked for."""
_WORDS = ("relay", "reply", "note", "held")
"""Roles of posts in which somebody said something."""


def post_place(call: Call) -> DeskId:
    """Where posts are kept: the desk, or for a private chat a name that no desk has."""
    return call.desk.id if call.desk else private_place(call.spot)


def private_place(spot: Spot) -> DeskId:
    """The same, of a private chat."""
    return DeskId(f"@{spot.network}:{spot.chat}")


async def draft(call: Call, heard: Wrote, *, text: Text | None = None) -> Draft:
    """What somebody wrote, with all the facts. `text`: the words that count where they are not all that was written."""
    conversation, contact = call.place_conversation, call.place_contact
    words = heard.text if text is None else text
    asks = contact is not None and call.asker is not None and (text is not None or not gate.is_command(words.plain))
    preferences = await call.tx.items(Preferences)
    return Draft(
        at=call.services.clock(),
        text=words,
        writer=heard.asker.writer,
        member=call.asker,
        home=not heard.spot.thread,
        contact=contact,
        conversation=conversation,
        answers=call.answers,
        answers_unknown=heard.answers is not None and call.answers is None,
        prompt=await _prompt(call, call.asker) if call.asker else None,
        assignee=await dispatch.holder_of(call, conversation) if conversation else "",
        colleagues=tuple(await call.tx.items(Member)) if asks else (),
        teams=tuple(await call.tx.items(Team)) if asks else (),
        called=await _called(call, call.asker) if asks and call.asker else None,
        others=await others(call.tx, contact, words) if asks and contact else frozenset(),
        in_teams=call.in_teams,
        elsewhere=await _elsewhere(call, conversation) if contact is not None and conversation is not None else "",
        explicit=bool(preferences) and preferences[0].mode == "explicit",
        hubs=_ours(call, heard.forwarded),
        first_by=await _first_by(call, heard.forwarded),
    )


def _ours(call: Call, first: Asker | None) -> bool:
    """Whether it is a post of the hub, by its own account or by one that posts on the desk beside it."""
    if first is None or call.desk is None:
        return first is not None and first.writer == "service"
    return first.writer == "service" or first.identity in {f"{call.spot.network}:{r.account}" for r in call.desk.relays}


async def _first_by(call: Call, first: Asker | None) -> str:
    """The colleague who wrote it. Where their account is not told, the name tells; or that they are an admin here."""
    if first is not None and first.writer == "anonymous":
        return "an admin of this group" if first.identity == f"{call.spot.network}:{call.spot.chat}" else ""
    if first is None or first.writer != "person":
        return ""
    for member in await call.tx.items(Member):
        same = first.identity in member.identities if first.identity else first.name == member.name
        if same and (call.asker is None or member.id != call.asker.id):
            return member.name
    return ""


async def rewritten(tx: Tx, act: Act, message: Message, text: Text) -> Draft:
    """New words for a reply, with the facts that count for them."""
    contact = await tx.get(Contact, message.contact)
    return Draft(
        at=act.at,
        text=text,
        member=act.member,
        contact=contact,
        conversation=await tx.get(Conversation, message.conversation),
        colleagues=tuple(await tx.items(Member)),
        teams=tuple(await tx.items(Team)),
        others=await others(tx, contact, text) if contact else frozenset(),
        in_teams=await teams_of(tx, act.member),
    )


async def _elsewhere(call: Call, conversation: Conversation) -> str:
    """The desks to which the conversation moved from this place; empty where it is shown here."""
    place = call.place_contact.place(call.desk.id) if call.place_contact and call.desk else None
    if place is None or not place.left or place.thread != call.spot.thread:
        return ""
    titles = [d.title or d.chat for d in await call.tx.items(DeskItem) if d.id in conversation.desks]
    return " and ".join(titles) or "of another team"


async def _prompt(call: Call, member: Member) -> Post | None:
    """The newest question of ours to the agent in this place, if it still waits."""
    where = {"desk": post_place(call), "thread": call.spot.thread, "role": "prompt", "author": member.id}
    recent = Cond("gt", call.services.clock() - gate.PROMPT_MEMORY)
    found = await call.tx.query(Post, Query(where={**where, "at": recent}, order="-at", limit=1))
    return next((p for p in found if p.role == "prompt" and p.line), None)


async def _called(call: Call, member: Member) -> datetime | None:
    """When a note called them here, or one came from whom they had called, if neither the contact nor a colleague wrote
    since, nor they to the contact.

    Their own notes do not count: they may be what they answered it with.
    """
    since = Cond("gt", call.services.clock() - gate.CALL_LIFE)
    where = {"desk": post_place(call), "thread": call.spot.thread, "at": since}
    posts = await call.tx.query(Post, Query(where=where, order="-at", limit=_LOOKED_AT))
    for place, post in enumerate(posts):
        if post.role in _WORDS and (post.author != member.id or post.role == "reply"):
            asked = any(p.author == member.id and post.author in p.pinged for p in posts[place:] if p.role == "note")
            return post.at if post.role == "note" and (asked or await _calls(call, post, member)) else None
    return None


async def _calls(call: Call, post: Post, member: Member) -> bool:
    if post.author is not None:
        return member.id in post.pinged
    # Written elsewhere, and shown here by the hub.
    comment = await call.tx.get(Comment, post.messages[-1]) if post.messages else None
    return comment is not None and member.id in comment.mentions


async def others(tx: Tx, contact: Contact, text: Text) -> frozenset[str]:
    """First names of those with whom the contact could be confused: colleagues, and contacts of a greeted name whose
    conversation is not closed. Looked up only where somebody is greeted.
    """
    greeted = salutation.greeted(text.plain)
    if greeted is None:
        return frozenset()
    terms = [f"n:{folded(name)}" for name in greeted.names]
    named = await tx.query(Contact, Query(where={"terms": Cond("in", terms)}, limit=CONFUSED))
    ids = [c.id for c in named if c.id != contact.id]
    waiting = await tx.query(Conversation, Query(where={"live": Cond("in", ids)})) if ids else []
    at_hand = {c.contact for c in waiting}
    return salutation.known(_called_so([c for c in named if c.id in at_hand], await tx.items(Member)))


def _called_so(contacts: Iterable[Contact], colleagues: Iterable[Member]) -> list[str]:
    return [*(c.first_name for c in contacts), *(m.name for m in colleagues)]
