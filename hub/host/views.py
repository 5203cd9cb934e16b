"""What desk posts show, gathered from the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from hub.domain import standing
from hub.domain.fields import changing
from hub.domain.fields.tags import drawn
from hub.domain.ids import ConversationId, Identity, MessageId, PostId
from hub.domain.models import (
    Category,
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Member,
    Message,
    Place,
    Post,
    Preferences,
    Reach,
    Tag,
    Team,
    now,
    post_key,
)
from hub.domain.ports import CardView, Cond, Desk, Query, QueueRow, QueueView, Reads, RelayView
from hub.domain.reply import Reply, Value
from hub.domain.telling.saying import HEADINGS
from hub.domain.timing import offers, phrases
from hub.domain.work import MoveIn
from hub.host import delivery
from hub.host.delivery import Surroundings

TRANSCRIPT = 8
"""Earlier messages shown where a place had to be opened anew."""
MOVED = 30
"""Earlier messages shown where a conversation comes from another desk."""
FACTS, FACT = 3, 48
"""Fields on a card, and how many characters each may have."""
SAID = ("first_name", "last_name", "phone", "email", "language")
"""Fields that a card shows elsewhere, or not at all."""
QUEUE = 8
"""Conversations on the queue card."""


async def conversation_of(reads: Reads, contact: Contact) -> Conversation | None:
    """The contact's present conversation, else the last one."""
    live = await reads.find(Conversation, "live", contact.id)
    if live is not None:
        return live
    found = await reads.query(Conversation, Query(where={"contact": contact.id}, order="-number", limit=1))
    return found[0] if found else None


async def card(reads: Reads, contact: Contact, conversation: Conversation) -> CardView:
    """How things stand with the contact."""
    members = {str(m.id): m.name for m in await reads.items(Member)}
    tags = {t.id: drawn(t) for t in await reads.items(Tag)}
    categories = {c.id: c.name for c in await reads.items(Category)}
    channels = {c.id: f"{c.name} on {c.network.capitalize()}" for c in await reads.items(ChannelItem)}
    return CardView(
        contact=contact,
        conversation=conversation,
        channel=channels.get(conversation.channel, "a disconnected channel"),
        assignee=members.get(conversation.assignee or "", "") if conversation.assignee else "",
        team=next((t.name for t in await reads.items(Team) if t.id == conversation.team), ""),
        tags=[tags[t] for t in contact.tags if t in tags],
        category=categories.get(conversation.category, ""),
        window=_window(contact.reach(conversation.channel)),
        facts=await _facts(reads, contact),
        blocked=_blocked(contact),
        snooze=await offers.snooze_button(reads, conversation, now()),
        explicit=any(p.mode == "explicit" for p in await reads.items(Preferences)),
    )


async def _facts(reads: Reads, contact: Contact) -> list[str]:
    """The first few fields that say something beyond name and address."""
    fields = [f for f in await changing.known(reads) if f.id not in SAID]
    told = [(f.name, changing.shown_of(contact, f)) for f in fields]
    found = [f"{name}: {value}" for name, value in told if value]
    return [fact if len(fact) <= FACT else f"{fact[: FACT - 1]}…" for fact in found[:FACTS]]


def _blocked(contact: Contact) -> str:
    """Until when we do not hear the contact, and why; a moment, so that the card stays true by itself."""
    if contact.block is None:
        return ""
    until = f"until {phrases.dated(contact.block.until, now())} UTC" if contact.block.until else "for good"
    return f"blocked {until}" + (f": {contact.block.reason[:FACT]}" if contact.block.reason else "")


def _window(reach: Reach | None) -> str:
    """How long the network lets us answer; a moment and not a rest, so that the card stays true by itself."""
    if reach is None or reach.open_until is None:
        return ""
    late = f", people until {phrases.dated(reach.late_until, now())}" if reach.late_until else ""
    return f"may be answered until {phrases.dated(reach.open_until, now())}{late} UTC"


async def relay(
    around: Surroundings, desk: DeskItem, contact: Contact, messages: Sequence[Message | Comment]
) -> RelayView:
    """A post that shows new messages of a contact: with the card on a place's first, the buttons on a spell's first."""
    reads = around.workspace
    conversation = await conversation_of(reads, contact)
    if conversation is None:
        raise LookupError(f"no conversation of contact {contact.id}")
    place = contact.place(desk.id)
    first = messages[0]
    inward = any(isinstance(m, Message) and m.direction == "in" for m in messages)
    waits = conversation.waiting_since is not None and desk.id not in conversation.spells
    pinged, name = await _assignee(reads, desk, conversation) if inward else (None, "")
    return RelayView(
        contact=contact,
        conversation=conversation,
        messages=list(messages),
        files=[f for m in messages for f in delivery.files_of(reads, m)],
        reply_to=await _answered(reads, desk, first),
        card=await card(reads, contact, conversation) if place is not None and place.card is None else None,
        row=inward and waits,
        snooze=await offers.snooze_button(reads, conversation, now()) if inward and waits else None,
        mention=pinged,
        mention_name=name,
        heading=await _heading(reads, first),
    )


async def _heading(reads: Reads, message: Message | Comment) -> str:
    """Who of us said it: where they said it, their post shows that, but not on the other desks."""
    if isinstance(message, Message) and message.source == "echo":
        return "Answered outside the hub"
    if isinstance(message, Message) and message.source in HEADINGS:
        return HEADINGS[message.source]
    return next((m.name for m in await reads.items(Member) if m.id == message.author), "")


async def _answered(reads: Reads, desk: DeskItem, message: Message | Comment) -> PostId | None:
    if isinstance(message, Comment) or message.reply_to is None:
        return None
    where = {"messages": message.reply_to}
    posts = await reads.query(Post, Query(where=where))
    return next((p.post for p in posts if p.desk == desk.id), None)


async def _assignee(reads: Reads, desk: DeskItem, conversation: Conversation) -> tuple[Identity | None, str]:
    """Who is to be pinged on that desk, and what they are called; None: nobody who has an account there."""
    member = next((m for m in await reads.items(Member) if m.id == conversation.assignee), None)
    here = (i for i in member.identities if i.startswith(f"{desk.network}:")) if member else iter(())
    identity = next(here, None)
    return identity, member.name if member and identity else ""


async def posted(around: Surroundings, desk: DeskItem, contact: Contact, post: Post) -> RelayView | None:
    """A post that is there already, as it should look now; None where nothing is left to show."""
    reads = around.workspace
    messages = [m for m in [await _message(reads, id) for id in post.messages] if m is not None]
    conversation = await reads.get(Conversation, post.conversation or "")
    present = conversation if post.role == "place" else await conversation_of(reads, contact)
    if not (messages or post.card) or conversation is None or present is None:
        return None
    here = desk.id in present.desks or not present.desks
    row = here and post.row and not post.by and present.spells.get(desk.id) == post.post and present.state == "open"
    carries = here and post.card and not post.by and present.state == "open" and present.waiting_since is not None
    pinged, name = await _assignee(reads, desk, present) if row else (None, "")
    return RelayView(
        contact=contact,
        conversation=present if post.card or row else conversation,
        messages=messages,
        card=await card(reads, contact, present) if post.card else None,
        row=row or carries,
        snooze=await offers.snooze_button(reads, present, now()) if row or carries else None,
        mention=pinged,
        mention_name=name,
        heading=await _heading(reads, messages[0]) if messages else "",
        by=post.by,
        part=post.part,
    )


async def _message(reads: Reads, id: MessageId) -> Message | Comment | None:
    return await reads.get(Message, id) or await reads.get(Comment, id)


async def messages_of(reads: Reads, ids: Sequence[MessageId]) -> list[Message | Comment]:
    """Messages and notes by id, in order; those that are gone left out."""
    where = {"id": Cond("in", list(ids))}
    found: dict[str, Message | Comment] = {m.id: m for m in await reads.query(Message, Query(where=where))}
    if len(found) < len(ids):
        found.update({c.id: c for c in await reads.query(Comment, Query(where=where))})
    return [found[id] for id in ids if id in found]


async def transcript(
    around: Surroundings, contact: Contact, before: MessageId, of: ConversationId | None
) -> Reply | None:
    """The last words and answers before a message, for a place that had to be opened anew; `of`: only of that one."""
    reads = around.workspace
    earlier = await standing.transcript(reads, contact, before, TRANSCRIPT)
    earlier = [m for m in earlier if of in (None, m.conversation)]
    if not earlier:
        return None
    names = {str(m.id): m.name for m in await reads.items(Member)}
    lines: list[Value] = [_line(m, contact, names) for m in earlier]
    return Reply("transcript", {"name": contact.name, "lines": lines}, lasting=True)


async def moved(around: Surroundings, contact: Contact, place: Place, task: MoveIn) -> Reply:
    """The last words and answers before a message, for a desk to which the conversation comes; what was said since it
    left, where it was there before.
    """
    reads = around.workspace
    earlier = await standing.transcript(reads, contact, task.until, MOVED)
    earlier = [m for m in earlier if place.conversation in (None, m.conversation)]
    where = {"messages": Cond("in", [m.id for m in earlier])}
    there = {m for p in await reads.query(Post, Query(where=where)) if p.desk == place.desk for m in p.messages}
    seen = max((index for index, m in enumerate(earlier, 1) if m.id in there), default=0)
    names = {str(m.id): m.name for m in await reads.items(Member)}
    lines: list[Value] = [_line(m, contact, names) for m in earlier[seen:]]
    return Reply("moved_here", {"name": contact.name, "origin": task.origin, "lines": lines}, lasting=True)


def _line(message: Message | Comment, contact: Contact, names: dict[str, str]) -> dict[str, Value]:
    who = contact.name
    if isinstance(message, Comment) or message.direction == "out":
        by_itself = HEADINGS.get(message.source, "answered elsewhere") if isinstance(message, Message) else ""
        who = names.get(message.author or "", by_itself)
    kinds: list[Value] = [a.kind.replace("_", " ") for a in message.attachments]
    if isinstance(message, Message) and message.state == "unsent":
        kinds.append("taken back")
    note = isinstance(message, Comment)
    return {"who": who, "at": message.at.isoformat(), "text": message.text.plain[:200], "kinds": kinds, "note": note}


async def queue(around: Surroundings, item: DeskItem, desk: Desk) -> QueueView:
    """Who waits longest, first."""
    reads = around.workspace
    where: dict[str, object] = {"waiting_since": Cond("gt", datetime(1970, 1, 1, tzinfo=UTC))}
    if any(d.team for d in await reads.items(DeskItem)):
        where["desks"] = item.id
    waiting = await reads.query(Conversation, Query(where=where, order="waiting_since", limit=QUEUE))
    preferences = await reads.items(Preferences)
    rows = [await _queue_row(reads, item, desk, c) for c in waiting]
    total = len(rows) if len(rows) < QUEUE else await reads.count(Conversation, where, limit=1000)
    return QueueView(rows=rows, total=total, workspace=preferences[0].name if preferences else "")


async def _queue_row(reads: Reads, item: DeskItem, desk: Desk, conversation: Conversation) -> QueueRow:
    contact = await reads.get(Contact, conversation.contact)
    place = contact.place(item.id) if contact else None
    members = {str(m.id): m.name for m in await reads.items(Member)}
    return QueueRow(
        number=conversation.number,
        version=conversation.version,
        name=contact.name if contact else "Unknown",
        waiting_since=conversation.waiting_since,
        text=conversation.last_text,
        assignee=members.get(conversation.assignee or "", "") if conversation.assignee else "",
        url=desk.link(place.thread, conversation.spells.get(item.id)) if place else "",
    )


async def posts_of(reads: Reads, item: DeskItem, message: MessageId) -> list[Post]:
    """The posts of a desk that show a message, oldest first."""
    found = await reads.query(Post, Query(where={"messages": message}))
    return sorted((p for p in found if p.desk == item.id), key=lambda p: p.at)


async def card_posts(reads: Reads, item: DeskItem, contact: Contact) -> list[Post]:
    """The posts that carry the contact's card and the buttons of the present spell."""
    place = contact.place(item.id)
    conversation = await conversation_of(reads, contact)
    wanted = [place.card if place else None, conversation.spells.get(item.id) if conversation else None]
    keys = dict.fromkeys(post_key(item.id, p) for p in wanted if p)
    return [p for p in [await reads.get(Post, k) for k in keys] if p is not None]


def title(contact: Contact, conversation: Conversation) -> str:
    """What a contact's place is called."""
    return f"✅ {contact.name}" if conversation.state == "closed" else contact.name


def fingerprint(view: object) -> str:
    """What the view shows, in short: alike for views that look alike."""
    encoded = msgspec.json.encode(view, enc_hook=lambda o: getattr(o, "__name__", ""))
    return f"{hash_of(encoded):016x}"


def hash_of(data: bytes) -> int:
    """A stable 64-bit digest."""
    import hashlib

    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")
