"""To the desk: what contacts wrote, what became of answers, and the cards, in as few posts as can be."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from hub.domain import desks, settle, standing
from hub.domain.ids import ContactId, DeskId
from hub.domain.models import Comment, Contact, DeskItem, Media, Message, Post
from hub.domain.ports import Cond, Desk, FetchesMedia, Query, RelayView, Tx
from hub.domain.reply import Button, Reply, Value
from hub.domain.work import Card, Fetch, Mark, MoveIn, QueueCard, Redraw, Reflect, Relay, Tell, Work
from hub.errors import (
    Blocked,
    BotUnfit,
    ChannelDead,
    DeliveryError,
    DeskMoved,
    Gone,
    TemporaryFailure,
    ThreadGone,
    Uncertain,
)
from hub.host import delivery, outgoing, places, relays, views
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane
from hub.host.pacer import Priority

log = logging.getLogger(__name__)

MOST_TOGETHER = 30
"""Messages that one post may show."""
TRIES_BEFORE_TROUBLE = 2
"""After so many tries in vain the owners hear that a desk cannot be used."""
MAYBE_TWICE = "This may stand here twice: the network lost the answer when it was first posted."

DeskTask = Relay | MoveIn | Redraw | Reflect | Mark | Card | QueueCard | Tell


async def fetch(around: Surroundings, lane: Lane, work: Work) -> None:
    """Brings a contact's file into the file store."""
    task = work.task
    if not isinstance(task, Fetch):
        return
    message = await around.workspace.get(Message, task.message)
    media = message.attachments[task.index] if message and task.index < len(message.attachments) else None
    line = await around.switchboard.line(message.channel) if message else None
    if not isinstance(media, Media) or media.stored or line is None or not isinstance(line.channel, FetchesMedia):
        await delivery.end(around, lane, [work])
        return
    channel = line.channel
    await outgoing.keep(around, lane, work, (task.message, task.index), lambda: channel.fetch(media))


async def show(around: Surroundings, lane: Lane) -> None:
    """Does the desk task at the head of the lane, and what can be done in the same post."""
    work = lane.works[0]
    task = work.task
    if not isinstance(task, DeskTask):
        return
    found = await delivery.desk_of(around, task.desk)
    if found is None:
        await _without_desk(around, lane, work)
        return
    item, desk = found
    try:
        await _do(around, lane, item, desk)
    except DeskMoved as error:
        await _moved(around, item, error)
    except ThreadGone:
        await places.lost(around, lane, work, item)
    except DeliveryError as error:
        delivery.learn(around, delivery.desk_windows(desk), error)
        await _not_shown(around, lane, work, error)


async def _without_desk(around: Surroundings, lane: Lane, work: Work) -> None:
    """The desk was let go: what was to be shown there waits for the next one, all else is done with."""

    async def deed(tx: Tx) -> None:
        await desks.park(tx, work)

    await delivery.settled(around.workspace, deed)
    lane.drop([work])


async def _do(around: Surroundings, lane: Lane, item: DeskItem, desk: Desk) -> None:
    work = lane.works[0]
    match work.task:
        case Relay():
            await _relay(around, lane, item, desk)
        case MoveIn():
            await places.move_in(around, lane, item, desk)
        case Redraw(message=message):
            await _redraw(around, item, desk, message)
            await delivery.end(around, lane, [work])
        case Reflect(message=message):
            await _reflect(around, item, desk, message)
            await delivery.end(around, lane, [work])
        case Mark():
            await _mark(around, item, desk, work.task)
            await delivery.end(around, lane, [work])
        case Tell(contact=contact, reply=reply):
            place = await places.place_of(around, item, desk, contact, work)
            async with around.pacer.turn(delivery.desk_windows(desk)):
                await desk.say(place.thread, reply)
            await delivery.end(around, lane, [work])
        case Card(contact=contact):
            await _card(around, lane, item, desk, contact)
        case QueueCard():
            await _queue_card(around, lane, item, desk)


# -- relays --


async def _relay(around: Surroundings, lane: Lane, item: DeskItem, desk: Desk) -> None:
    first = await _first_message(around, lane)
    if first is None:
        return
    place = await places.place_of(around, item, desk, first.contact, lane.works[0])
    contact = await around.workspace.get(Contact, first.contact)
    if contact is None:
        await delivery.end(around, lane, lane.works[:1])
        return
    first_view = (await _view(around, lane, item, desk, contact))[1]
    by, hands = relays.choose(around, item, desk, first_view)
    paid, windows = hands.cost(first_view), delivery.desk_windows(hands)
    async with around.pacer.turn(windows, Priority.MESSAGE, paid):
        # Only now is it decided what the post shows: what came while it waited for its turn comes along.
        works, view = await _view(around, lane, item, hands, contact, paid)
        if lane.works[0].reason == MAYBE_TWICE:
            view.heading = MAYBE_TWICE
        view = relays.signed(view, by)
        try:
            posts = await hands.show(place.thread, view)
        except (BotUnfit, TemporaryFailure) as error:
            if not await relays.spared(around, item, (by, windows), error):
                raise
            return

    async def deed(tx: Tx) -> None:
        await standing.shown(tx, works, (item.id, place.thread), view, posts)

    await delivery.settled(around.workspace, deed)
    lane.drop(works)


async def _first_message(around: Surroundings, lane: Lane) -> Message | Comment | None:
    """The message of the lane's head; a head whose message is gone is done with."""
    head = lane.works[0]
    if not isinstance(head.task, Relay):
        return None
    found = await views.messages_of(around.workspace, [head.task.message])
    if not found:
        await delivery.end(around, lane, [head])
        return None
    return found[0]


async def _view(
    around: Surroundings, lane: Lane, item: DeskItem, desk: Desk, contact: Contact, paid: int = 0
) -> tuple[list[Work], RelayView]:
    """As many of the lane's next messages as fit one post; `paid`: posts it may cost (0: as many as the head needs)."""
    works = _together(lane)
    if paid:  # what it costs is known: now it goes
        works = await _without_gap(around, lane, works)
    messages = await views.messages_of(around.workspace, [w.task.message for w in works if isinstance(w.task, Relay)])
    known = {m.id for m in messages}
    works = [w for w in works if isinstance(w.task, Relay) and w.task.message in known]
    size = _album_size(works)
    view = await views.relay(around, item, contact, messages[:size])
    for count in range(size + 1, len(works) + 1):
        wider = await views.relay(around, item, contact, messages[:count])
        if not desk.fits(wider) or (paid and desk.cost(wider) > paid):
            break
        view, size = wider, count
    return works[:size], view


async def _without_gap(around: Surroundings, lane: Lane, works: list[Work]) -> list[Work]:
    """Those that come before what another process has received and this one does not know yet: it goes first."""
    if len(works) < 2:
        return works
    between = {"state": "waiting", "lane": lane.name, "id": Cond("gt", works[0].id)}
    here = {work.id for work in lane.works}
    found = await around.workspace.query(Work, Query(where=between, order="id"))
    gap = next((each.id for each in found if each.id not in here and isinstance(each.task, Relay)), None)
    return works if gap is None else [work for work in works if work.id < gap]


def _together(lane: Lane) -> list[Work]:
    """The relays at the head of the lane with nothing else between them; an album's parts wherever they wait."""
    head = lane.works[0].task
    album = head.album if isinstance(head, Relay) else ""
    if album:
        return [w for w in lane.works if isinstance(w.task, Relay) and w.task.album == album][:10]
    works: list[Work] = []
    for work in lane.works[:MOST_TOGETHER]:
        if not isinstance(work.task, Relay) or work.task.album:
            break
        works.append(work)
    return works


def _album_size(works: Sequence[Work]) -> int:
    """An album is shown whole; otherwise one message is enough."""
    return len(works) if works and isinstance(works[0].task, Relay) and works[0].task.album else 1


# -- what changes posts that are there --


async def _redraw(around: Surroundings, item: DeskItem, desk: Desk, message: str) -> None:
    wanted = await _ours(around, item, message)
    redrawn = [await relays.redraw(around, item, desk, each) for each in wanted]
    if wanted and not any(redrawn):
        await relays.anew(around, item, desk, wanted[-1])


async def _ours(around: Surroundings, item: DeskItem, message: str) -> list[tuple[Post, RelayView]]:
    """The posts that show a message and are ours to draw, with what they should show: of what agents wrote, only what
    shows it elsewhere.
    """
    found: list[tuple[Post, RelayView]] = []
    for post in await views.posts_of(around.workspace, item, message):  # type: ignore[arg-type]
        contact = await around.workspace.get(Contact, post.contact or "")
        ours = post.role == "relay" or (post.role == "note" and not post.author)
        view = await views.posted(around, item, contact, post) if contact and ours else None
        if view is not None:
            found.append((post, view))
    return found


async def _quietly(doing: object) -> None:
    """What somebody took away needs no change, and what is by a bot that may not any more gets none."""
    try:
        await doing  # type: ignore[misc]
    except (Gone, BotUnfit):
        log.info("a post was gone, or its bot, before it could be changed")


async def _reflect(around: Surroundings, item: DeskItem, desk: Desk, message_id: str) -> None:
    message = await around.workspace.get(Message, message_id)
    posts = await views.posts_of(around.workspace, item, message_id)  # type: ignore[arg-type]
    if message is None or not posts:
        return
    newest, *others = message.reactions[::-1] or [""]
    hands = relays.hands_of(around, item, desk, posts[-1].by) or desk
    await _quietly(hands.react(posts[-1].post, newest, *others))
    if not message.reactions and message.direction == "out" and posts[-1].role == "reply":
        # Where one reaction alone can stand there, the contact's had taken the mark's place.
        await _quietly(desk.mark(posts[-1].post, "delivered"))


async def _mark(around: Surroundings, item: DeskItem, desk: Desk, task: Mark) -> None:
    message = await around.workspace.get(Message, task.message)
    posts = await views.posts_of(around.workspace, item, task.message)
    own = next((p for p in posts if p.role == "reply"), posts[-1] if posts else None)
    if message is None or own is None:
        return
    if own.role == "reply":
        await _quietly(desk.mark(own.post, task.mark))
    if task.mark in ("failed", "uncertain"):
        contact = await around.workspace.get(Contact, message.contact)
        name = contact.name if contact else "the contact"
        again = Button(f"Send again to {name}"[:60], f"resend {message.id}", outward=True)
        told: dict[str, Value] = {"reason": message.reason, "uncertain": task.mark == "uncertain", "name": name}
        reply = Reply("not_delivered", told, rows=((again,),), lasting=True)
        async with around.pacer.turn(delivery.desk_windows(desk)):
            await desk.say(own.thread, reply, reply_to=own.post)


# -- cards --


async def _card(around: Surroundings, lane: Lane, item: DeskItem, desk: Desk, contact_id: ContactId) -> None:
    work = lane.works[0]
    contact = await around.workspace.get(Contact, contact_id)
    if contact is not None:
        await places.title(around, item, desk, contact)
        for post in await views.card_posts(around.workspace, item, contact):
            view = await views.posted(around, item, contact, post)
            drawn = views.fingerprint(view)
            if view is None or post.drawn == drawn:
                continue
            fresh = await relays.redraw(around, item, desk, (post, view), Priority.CARD)
            await _note_drawn(around, post, drawn if fresh else "")
    await delivery.end(around, lane, [work])


async def _note_drawn(around: Surroundings, post: Post, drawn: str) -> None:
    """What the post shows now; where nobody can edit it any more, the contact's next words bring another card."""

    async def deed(tx: Tx) -> None:
        if drawn:
            await standing.redrawn(tx, [], post.id, drawn)
        else:
            await standing.card_lost(tx, post)

    await delivery.settled(around.workspace, deed)


async def _queue_card(around: Surroundings, lane: Lane, item: DeskItem, desk: Desk) -> None:
    work = lane.works[0]
    anew = item.queue_card is None or item.home_posts >= desks.HOME_DEPTH
    priority = Priority.MESSAGE if item.queue_card is None else Priority.CARD
    windows = delivery.desk_windows(desk) if anew else delivery.edit_windows(desk)
    async with around.pacer.turn(windows, priority):
        view = await views.queue(around, item, desk)
        try:
            post = await desk.queue_card(None if anew else item.queue_card, view)
        except Gone:
            post = await desk.queue_card(None, view)
    if anew and item.queue_card is not None:
        await _quietly(desk.delete(item.queue_card))

    async def deed(tx: Tx) -> None:
        await standing.queue_drawn(tx, [work], item.id, post)

    await delivery.settled(around.workspace, deed)
    lane.settle([work])


# -- when it does not go --


async def _moved(around: Surroundings, item: DeskItem, error: DeskMoved) -> None:
    new = await around.desk_moved(item, error.chat)

    async def deed(tx: Tx) -> None:
        await standing.desk_moved(tx, item.id, error.chat, new)

    await delivery.settled(around.workspace, deed)


async def _not_shown(around: Surroundings, lane: Lane, work: Work, error: DeliveryError) -> None:
    log.warning("desk: %s not shown: %s", work.task.__class__.__name__, error.text)
    if isinstance(error, (TemporaryFailure, Blocked, Gone, ChannelDead)):
        await delivery.postpone(around, lane, [work], error)
        if work.attempts == TRIES_BEFORE_TROUBLE and isinstance(work.task, (Relay, MoveIn)):
            await _in_trouble(around, work.task.desk, error)
    elif isinstance(error, Uncertain) and isinstance(work.task, Relay):
        # On the desk, twice is better than never: it is said to be so.
        await delivery.postpone(around, lane, [work], TemporaryFailure(MAYBE_TWICE))
        lane.works[0].reason = MAYBE_TWICE
    elif isinstance(work.task, Relay):
        await _without_files(around, lane, work, error)
    else:
        await delivery.end(around, lane, [work])


async def _in_trouble(around: Surroundings, desk: DeskId, error: DeliveryError) -> None:
    async def deed(tx: Tx) -> None:
        await standing.desk_in_trouble(tx, desk, error.text)

    await delivery.settled(around.workspace, deed)


async def _without_files(around: Surroundings, lane: Lane, work: Work, error: DeliveryError) -> None:
    """What the desk's network refuses for good is shown without its files; if it has none, it goes to `/failed`."""
    task = work.task
    found = await views.messages_of(around.workspace, [task.message]) if isinstance(task, Relay) else []
    has_files = any(isinstance(a, Media) and a.stored for m in found for a in m.attachments)

    async def deed(tx: Tx) -> None:
        if has_files:
            await settle.files_refused(tx, [m.id for m in found], error.text)
        else:
            await settle.failed(tx, [work], error.text)

    await delivery.settled(around.workspace, deed)
    if not has_files:
        lane.drop([work])
