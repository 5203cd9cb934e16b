"""Commands on contacts: who they are, what was before, their tags."""

from __future__ import annotations

from hub.admin_bot import replies
from hub.admin_bot.arguments import TagChange, nearest
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.likeliest import Lately, lately
from hub.admin_bot.replies import about, clipped, done, fits
from hub.domain import contacts, desks
from hub.domain.ids import short_id
from hub.domain.models import Category, ChannelItem, Comment, Conversation, Member, Message, Tag
from hub.domain.ports import Cond, Query
from hub.domain.reply import Button, Reply, Value
from hub.errors import Invalid

SECTION = "Contacts"
LIKELIEST = 6
LONGEST_TAG = 32
CLOSED = 5
RECENT = 10


@command(section=SECTION, aliases=["t"], about="conversation")
async def tag(call: Call, tags: TagChange | None = None) -> Reply:
    """Tag a contact; -name takes a tag off, +name creates one."""
    if tags is None:
        return await _which(call)
    on = [*tags.on, *_create(call, tags.made)]
    put = await contacts.tag(call.tx, call.act, call.contact, on, remove=False)
    off = await contacts.tag(call.tx, call.act, call.contact, list(tags.off), remove=True)
    if put or off:
        await desks.refresh(call.tx, call.contact)
    return await _tagged(call, tags, put, off, {t.id: t.name for t in on})


async def _tagged(call: Call, tags: TagChange, put: list[Tag], off: list[Tag], made: dict[str, str]) -> Reply:
    names = {t.id: t.name for t in await call.tx.items(Tag)} | made
    known = [t.name for t in await call.tx.items(Tag)]
    near = sorted({n for u in tags.unknown for n in nearest(u, known)})
    data: dict[str, Value] = {
        **about(call),
        "put": [t.name for t in put],
        "off": [t.name for t in off],
        "unknown": list(tags.unknown),
        "near": [*near],
        "now": [names[t] for t in call.contact.tags if t in names],
    }
    return await done(call, "tagged", data, *_creating(call, tags.unknown, near))


def _create(call: Call, names: tuple[str, ...]) -> list[Tag]:
    made = []
    for name in dict.fromkeys(names):
        if not name or len(name) > LONGEST_TAG:
            raise Invalid(f"A tag's name is one word of at most {LONGEST_TAG} characters.")
        made.append(Tag(id=short_id(), name=name))
        call.tx.add(made[-1])
    return made


def _creating(call: Call, unknown: tuple[str, ...], near: list[str]) -> tuple[tuple[Button, ...], ...]:
    """A tag is never made by a slip of the finger: only by its button, or with a plus sign."""
    number = call.conversation.number
    meant = [Button(clipped(n, 20), f"tag {number} {n}") for n in near]
    create = [Button(f"Create “{clipped(n, 20)}”", f"tag {number} +{n}") for n in unknown]
    return tuple((b,) for b in [*meant, *create] if fits(b))


async def _which(call: Call) -> Reply:
    names = {t.id: t.name for t in await call.tx.items(Tag)}
    mine: list[Value] = [names[t] for t in call.contact.tags if t in names]
    buttons = await tag_buttons(call)
    return Reply("tag_which", {**about(call), "now": mine, "offered": bool(buttons)}, rows=replies.grid(buttons))


async def tag_buttons(call: Call, recent: Lately | None = None) -> list[Button]:
    """Six tags: those that the contact does not have, most used of late first, to be put on; then theirs, to be taken
    off.
    """
    number, has, used = call.conversation.number, call.contact.tags, (recent or await lately(call)).tags
    every = sorted(await call.tx.items(Tag), key=lambda t: (t.id in has, -used[t.id], t.name.casefold()))[:LIKELIEST]
    return [
        Button(f"- {clipped(t.name, 20)}", f"tag {number} -{t.id}")
        if t.id in has
        else Button(f"+ {clipped(t.name, 20)}", f"tag {number} {t.id}")
        for t in every
    ]


@command(section=SECTION, about="conversation")
async def contact(call: Call) -> Reply:
    """Show who a contact is."""
    person = call.contact
    channels = {c.id: c.name for c in await call.tx.items(ChannelItem)}
    tags = {t.id: t.name for t in await call.tx.items(Tag)}
    reaches: list[Value] = [
        {"channel": channels.get(r.channel, "a disconnected channel"), "state": r.state} for r in person.reaches
    ]
    data: dict[str, Value] = {
        **about(call),
        "username": person.username,
        "phone": person.phone,
        "email": person.email,
        "language": person.language,
        "tags": [tags[t] for t in person.tags if t in tags],
        "reaches": reaches,
        "conversations": await call.tx.count(Conversation, {"contact": Cond("in", person.ids)}),
        "since": person.created_at.isoformat(),
    }
    return Reply("contact", data)


@command(section=SECTION, about="conversation")
async def history(call: Call) -> Reply:
    """Show a contact's closed conversations with their closing notes, and the last messages."""
    closed_ones = await call.tx.query(
        Conversation,
        Query(where={"contact": Cond("in", call.contact.ids), "state": "closed"}, order="-number", limit=CLOSED),
    )
    categories = {c.id: c.name for c in await call.tx.items(Category)}
    closed: list[Value] = [
        {
            "number": c.number,
            "closed_at": c.closed_at.isoformat() if c.closed_at else "",
            "category": categories.get(c.category, ""),
            "summary": c.summary,
        }
        for c in closed_ones
    ]
    return Reply("history", {**about(call), "closed": closed, "recent": await _recent(call)})


async def _recent(call: Call) -> list[Value]:
    where = {"conversation": call.conversation.id}
    last = Query(where=where, order="-at", limit=RECENT)
    found: list[Message | Comment] = [*await call.tx.query(Message, last), *await call.tx.query(Comment, last)]
    names = {str(m.id): m.name for m in await call.tx.items(Member)}
    return [_line(call, m, names) for m in sorted(found, key=lambda m: (m.at, m.id))[-RECENT:]]


def _line(call: Call, message: Message | Comment, names: dict[str, str]) -> dict[str, Value]:
    inward = isinstance(message, Message) and message.direction == "in"
    taken_back = isinstance(message, Message) and message.state == "unsent"
    return {
        "who": call.contact.name if inward else names.get(message.author or "", "Somebody"),
        "at": message.at.isoformat(),
        "text": clipped(message.text.plain, 200),
        "kinds": [*(a.kind.replace("_", " ") for a in message.attachments), *(["taken back"] if taken_back else [])],
        "note": isinstance(message, Comment),
    }


COMMANDS = (tag, contact, history)
