"""The places of contacts on a desk: opened, opened again, renamed, and found to be lost."""

from __future__ import annotations

from hub.domain import standing
from hub.domain.ids import ContactId, PostId
from hub.domain.models import Contact, Conversation, DeskItem, Place
from hub.domain.ports import Desk, Tx
from hub.domain.work import Card, Mark, MoveIn, Redraw, Reflect, Relay, Tell, Work
from hub.errors import Undeliverable
from hub.host import delivery, views
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane
from hub.host.pacer import Priority


async def place_of(around: Surroundings, item: DeskItem, desk: Desk, contact_id: ContactId, work: Work) -> Place:
    """The contact's place on the desk, opened now where there is none: again with a transcript of what was before."""
    contact = await around.workspace.get(Contact, contact_id)
    conversation = await views.conversation_of(around.workspace, contact) if contact else None
    if contact is None or conversation is None:
        raise Undeliverable("This contact is gone.")
    place = contact.place(item.id)
    if place is not None and place.conversation in (None, conversation.id):
        if place.closed:
            await _open_again(around, item, desk, contact, place)
        return place
    return await _open(around, item, desk, (contact, conversation), work)


async def _open(
    around: Surroundings, item: DeskItem, desk: Desk, whose: tuple[Contact, Conversation], work: Work
) -> Place:
    contact, conversation = whose
    card = await views.card(around.workspace, contact, conversation)
    async with around.pacer.turn(delivery.thread_windows(desk)):
        thread = await desk.open_thread(contact.name, card)
    place = Place(desk=item.id, thread=thread, title=contact.name)
    if desk.shape.thread_per == "conversation":
        place.conversation = conversation.id
    if desk.shape.card_opens:
        place.card = PostId(thread)

    async def deed(tx: Tx) -> None:
        await standing.thread_opened(tx, contact.id, place, whose)

    await delivery.settled(around.workspace, deed)
    await _transcript(around, desk, contact, place, work)
    return place


async def _open_again(around: Surroundings, item: DeskItem, desk: Desk, contact: Contact, place: Place) -> None:
    await desk.reopen_thread(place.thread)

    async def deed(tx: Tx) -> None:
        await standing.place_closed(tx, contact.id, item.id, closed=False)

    await delivery.settled(around.workspace, deed)


async def _transcript(around: Surroundings, desk: Desk, contact: Contact, place: Place, work: Work) -> None:
    before = work.task.message if isinstance(work.task, Relay) else None
    told = await views.transcript(around, contact, before, place.conversation) if before else None
    if told is not None:
        async with around.pacer.turn(delivery.desk_windows(desk)):
            await desk.say(place.thread, told)


async def move_in(around: Surroundings, lane: Lane, item: DeskItem, desk: Desk) -> None:
    """The conversation comes from another desk: its place here begins, or goes on, with what was said there."""
    work = lane.works[0]
    task = work.task
    if not isinstance(task, MoveIn):
        return
    place = await place_of(around, item, desk, task.contact, work)
    contact = await around.workspace.get(Contact, task.contact)
    told = await views.moved(around, contact, place, task) if contact else None
    if told is not None:
        async with around.pacer.turn(delivery.desk_windows(desk)):
            await desk.say(place.thread, told)
    await delivery.end(around, lane, [work])


async def title(around: Surroundings, item: DeskItem, desk: Desk, contact: Contact) -> None:
    """Has the place bear the title that tells how things stand."""
    place = contact.place(item.id)
    conversation = await views.conversation_of(around.workspace, contact)
    wanted = views.title(contact, conversation) if conversation else contact.name
    if place is None or place.title == wanted or desk.shape.card_opens:
        return
    async with around.pacer.turn(delivery.thread_windows(desk), Priority.CARD):
        await desk.rename_thread(place.thread, wanted)

    async def deed(tx: Tx) -> None:
        await standing.renamed(tx, contact.id, item.id, wanted)

    await delivery.settled(around.workspace, deed)


async def lost(around: Surroundings, lane: Lane, work: Work, item: DeskItem) -> None:
    """The place is gone. What must be shown is shown in a new one; what only changed the old one is done with."""
    contact = await _contact_of(around, work)
    if contact is not None:

        async def deed(tx: Tx) -> None:
            await standing.thread_lost(tx, contact, item.id)

        await delivery.settled(around.workspace, deed)
    if not isinstance(work.task, (Relay, MoveIn, Tell)):
        await delivery.end(around, lane, [work])


async def _contact_of(around: Surroundings, work: Work) -> ContactId | None:
    if isinstance(work.task, (Tell, Card, MoveIn)):
        return work.task.contact
    if isinstance(work.task, (Relay, Redraw, Reflect, Mark)):
        found = await views.messages_of(around.workspace, [work.task.message])
        return found[0].contact if found else None
    return None
