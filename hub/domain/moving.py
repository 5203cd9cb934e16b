"""On which desks a conversation is shown, and its way from one to another.

A team's conversations are shown on the team's desks, where it has some; all others on the desks that are no team's.
Whoever looks at the place that it left is told where it goes on; where it arrives, it begins with a transcript.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hub.domain.contacts import present
from hub.domain.ids import DeskId, TeamId
from hub.domain.models import Comment, Contact, Conversation, DeskItem, Event, Message, Place
from hub.domain.ports import Cond, Query, Tx
from hub.domain.queueing import ask_once, enqueue, refresh_home, show, shows
from hub.domain.reply import Button, Reply
from hub.domain.work import NO_DESK, Card, MoveIn, Tell, card_lane, desk_lane

WHOLE = 10
"""Messages nobody has answered that are shown whole where a conversation arrives; what was before is a transcript."""
AT_ONCE = 50
"""Conversations that wait and are moved as soon as desks change; all others with their next message."""
RENAMED = 500
"""Conversations that wait and are on a desk's queue card again at once when its id changes."""
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def bound_for(desks: Sequence[DeskItem], team: TeamId | None) -> list[DeskId]:
    """The desks that show what is a team's, or nobody's; all of them, rather than none."""
    own = [d.id for d in desks if team is not None and d.team == team]
    return own or [d.id for d in desks if d.team is None] or [d.id for d in desks]


async def shown_for(tx: Tx, contact: Contact, message: Message | Comment) -> list[DeskId]:
    """The desks that are to show a message of the contact, whose conversation moves there first; NO_DESK for none."""
    conversation = await tx.find(Conversation, "live", contact.id) or await tx.get(Conversation, message.conversation)
    if conversation is None:
        return bound_for(await tx.items(DeskItem), contact.team) or [NO_DESK]
    await settle(tx, contact, conversation, besides=message)
    return conversation.desks or [NO_DESK]


async def follow(tx: Tx, event: Event) -> None:
    """A rule: another team has the conversation, so that it may be shown elsewhere."""
    conversation = await tx.get(Conversation, event.conversation or "")
    contact = await present(tx, conversation.contact) if conversation else None
    if conversation is not None and contact is not None and conversation.live is not None:
        await settle(tx, contact, conversation)


async def settle(
    tx: Tx,
    contact: Contact,
    conversation: Conversation,
    besides: Message | Comment | None = None,
    every: Sequence[DeskItem] | None = None,
) -> None:
    """Has the conversation shown where it belongs now. `besides`: what is about to be shown there anyway.

    `every`: the desks that are bound, where that has just changed.
    """
    known = {d.id: d for d in await tx.items(DeskItem)}
    bound = list(known.values()) if every is None else list(every)
    wanted, before = bound_for(bound, conversation.team), conversation.desks
    if wanted == before:
        return
    conversation.desks = wanted
    await _back(tx, contact, wanted)
    # A new one leaves the places where the last one was shown; its first message begins it elsewhere.
    left = [known[d] for d in before or [p.desk for p in contact.places] if d in known and d not in wanted]
    for desk in [d for d in left if d in bound]:
        await _leave(tx, contact, conversation, desk, [d.title for d in bound if d.id in wanted])
    for desk in [d for d in bound if before and left and d.id in wanted and d.id not in before]:
        await _arrive(tx, contact, conversation, (desk, left[0]), besides)


async def _back(tx: Tx, contact: Contact, wanted: Sequence[DeskId]) -> None:
    """The places on those desks, which were left, are where it goes on again."""
    for place in [p for p in contact.places if p.left and p.desk in wanted]:
        _mark(contact, place, left=False)
        await ask_once(tx, card_lane(place.desk, contact.id), Card(contact=contact.id, desk=place.desk))


async def _leave(tx: Tx, contact: Contact, conversation: Conversation, desk: DeskItem, titles: list[str]) -> None:
    """The place there says where it goes on, and has no buttons any more."""
    await refresh_home(tx, desk.id)
    place = contact.place(desk.id)
    if place is None or place.left or place.conversation not in (None, conversation.id):
        return
    _mark(contact, place, left=True)
    there = Button(f"Open #{conversation.number}", f"show {conversation.number}")
    said = Reply("moved_away", {"name": contact.name, "desks": [*titles]}, rows=((there,),), lasting=True)
    enqueue(tx, desk_lane(desk.id, contact.id), Tell(contact=contact.id, desk=desk.id, reply=said))
    await ask_once(tx, card_lane(desk.id, contact.id), Card(contact=contact.id, desk=desk.id))


async def _arrive(
    tx: Tx,
    contact: Contact,
    conversation: Conversation,
    way: tuple[DeskItem, DeskItem],
    besides: Message | Comment | None,
) -> None:
    """A transcript, and what nobody has answered yet as it was said."""
    desk, origin = way
    whole = await _whole(tx, conversation, besides)
    first = next(iter(whole), besides)
    if first is not None:
        task = MoveIn(
            conversation=conversation.id, contact=contact.id, desk=desk.id, origin=origin.title, until=first.id
        )
        enqueue(tx, desk_lane(desk.id, contact.id), task)
    for message in whole:
        if not await shows(tx, desk.id, message):
            show(tx, desk.id, contact, message)
    await refresh_home(tx, desk.id)


def _mark(contact: Contact, place: Place, *, left: bool) -> None:
    place.left = left
    contact.places = list(contact.places)


async def _whole(tx: Tx, conversation: Conversation, besides: Message | Comment | None) -> list[Message | Comment]:
    """What was said since nobody has answered, the newest; else the last word alone. Oldest first."""
    if conversation.waiting_since is None:
        return [] if besides else (await _said(tx, conversation, None))[-1:]
    said = [m for m in await _said(tx, conversation, conversation.waiting_since) if not besides or m.id != besides.id]
    # Networks tell times in whole seconds, in which an answer may lie as well.
    answered = max((index for index, m in enumerate(said, 1) if _answers(m)), default=0)
    return said[answered:][-WHOLE:] or ([] if besides else said[-1:])


async def _said(tx: Tx, conversation: Conversation, since: datetime | None) -> list[Message | Comment]:
    """Messages and notes, in this deed too, from a moment on; None: the last of each. Oldest first."""
    where: dict[str, object] = {"conversation": conversation.id, **({"at": Cond("gte", since)} if since else {})}
    newest = Query(where=where, order="-at", limit=WHOLE if since else 1)
    found: list[Message | Comment] = [*await tx.query(Message, newest), *await tx.query(Comment, newest)]
    added: list[Message | Comment] = [*tx.added(Message), *tx.added(Comment)]
    every = {m.id: m for m in (*found, *(m for m in added if m.conversation == conversation.id))}
    return sorted((m for m in every.values() if not getattr(m, "unheard", False)), key=lambda m: m.id)


def _answers(message: Message | Comment) -> bool:
    """Whether somebody of us answered the contact by it."""
    if isinstance(message, Comment) or message.direction == "in":
        return False
    return message.source in ("user", "echo") and message.state not in ("failed", "unsent")


async def gather(tx: Tx, where: dict[str, object], every: Sequence[DeskItem]) -> None:
    """Desks have changed: what waits there is shown where it belongs now, the longest wait first."""
    waits = {"waiting_since": Cond("gt", _EVER), **where}
    for found in await tx.query(Conversation, Query(where=waits, order="waiting_since", limit=AT_ONCE)):
        conversation = await tx.get(Conversation, found.id)
        contact = await present(tx, found.contact)
        if conversation is not None and contact is not None and conversation.live is not None:
            await settle(tx, contact, conversation, every=every)


async def renamed(tx: Tx, old: DeskId, new: DeskId) -> None:
    """A desk has another id now: what waits is shown there, without having moved."""
    where = {"waiting_since": Cond("gt", _EVER), "desks": old}
    for found in await tx.query(Conversation, Query(where=where, order="waiting_since", limit=RENAMED)):
        conversation = await tx.get(Conversation, found.id)
        if conversation is not None:
            conversation.desks = [new if d == old else d for d in conversation.desks]
