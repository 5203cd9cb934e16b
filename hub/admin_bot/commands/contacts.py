"""Commands on contacts: who they are, what was before, their tags."""

from __future__ import annotations

from collections.abc import Sequence

from hub.admin_bot import contact_cards, replies
from hub.admin_bot.arguments import TagChange, nearest
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.contact_cards import Known
from hub.admin_bot.likeliest import Lately, lately
from hub.admin_bot.named import label
from hub.admin_bot.replies import ECHOED, about, clipped, done, fits, handle
from hub.domain import contacts, conversations, desks, dossier, limits
from hub.domain.fields import making
from hub.domain.fields.places import phone_shown
from hub.domain.fields.tags import drawn, name_of
from hub.domain.ids import short_id
from hub.domain.models import Category, Comment, Conversation, Member, Message, Tag
from hub.domain.ports import Cond, Query
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import NotAllowed, NotFound

SECTION = "Contacts"
LIKELIEST = 6
CLOSED = 5
RECENT = 10
OFFERED = 8
WHICH = "Which contact? Here, a conversation's number or a name comes after it: /contact 123. /inbox lists them."


@command(section=SECTION, aliases=["t"], about="conversation", by_name=True)
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
    names = {t.id: drawn(t) for t in await call.tx.items(Tag)} | made
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
        made.append(Tag(id=short_id(), name=name_of(name)))
        call.tx.add(made[-1])
    return made


def _creating(call: Call, unknown: tuple[str, ...], near: list[str]) -> tuple[tuple[Button, ...], ...]:
    """A tag is never made by a slip of the finger: only by its button, or with a plus sign."""
    number = handle(call)
    meant = [Button(clipped(n, 20), f"tag {number} {n}") for n in near]
    create = [Button(f"Create “{clipped(n, 20)}”", f"tag {number} +{n}") for n in unknown]
    return tuple((b,) for b in [*meant, *create] if fits(b))


async def _which(call: Call) -> Reply:
    names = {t.id: drawn(t) for t in await call.tx.items(Tag)}
    mine: list[Value] = [names[t] for t in call.contact.tags if t in names]
    buttons = await tag_buttons(call)
    return Reply("tag_which", {**about(call), "now": mine, "offered": bool(buttons)}, rows=replies.grid(buttons))


async def tag_buttons(call: Call, recent: Lately | None = None) -> list[Button]:
    """Six tags: those that the contact does not have, most used of late first, to be put on; then theirs, to be taken
    off.
    """
    number, has, used = handle(call), call.contact.tags, (recent or await lately(call)).tags
    every = sorted(await call.tx.items(Tag), key=lambda t: (t.id in has, -used[t.id], t.name.casefold()))[:LIKELIEST]
    return [
        Button(f"- {clipped(drawn(t), 20)}", f"tag {number} -{t.id}")
        if t.id in has
        else Button(f"+ {clipped(drawn(t), 20)}", f"tag {number} {t.id}")
        for t in every
    ]


@command(section=SECTION, about="maybe", usage="[number | NAME | picture | export | new NAME PHONE]")
async def contact(call: Call, words: Text | None = None) -> Reply:
    """Show who a contact is, or their picture; export all that is known of one; make one by hand."""
    verb, _, rest = (" ".join(words.plain.split()) if words else "").partition(" ")
    if verb.casefold() in ("new", "anyway"):
        return await _new(call, rest, sure=verb.casefold() == "anyway")
    if verb.casefold() == "export":
        return await _export(call, rest)
    if verb:
        return await _found(call, f"{verb} {rest}".strip())
    if call.about_conversation is None:
        raise NotFound(WHICH)
    return await contact_cards.card(call, call.contact, call.conversation.number)


async def _found(call: Call, words: str) -> Reply:
    number = words.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < contact_cards.FEWEST_DIGITS + 3:
        conversation = await conversations.by_number(call.tx, number)
        call.own_only(conversation)
        person = await conversations.contact_of(call.tx, conversation)
        return await contact_cards.card(call, person, conversation.number)
    found = await contact_cards.named(call, words)
    if not found:
        raise NotFound(_nobody(words))
    if len(found) == 1:
        return await contact_cards.card(call, found[0][0], found[0][1].number if found[0][1] else 0)
    return _which_of(words, found, "contact")


def _nobody(words: str) -> str:
    return f"There is no contact “{clipped(words, 40)}”. /contact finds whole words of a name."


def _which_of(words: str, found: Sequence[Known], line: str) -> Reply:
    buttons = [Button(label(known), f"{line} {known[0].id}") for known in found[:OFFERED]]
    return Reply("contact_which", {"words": words, "count": len(found)}, rows=replies.grid(buttons, 2))


async def _new(call: Call, line: str, *, sure: bool) -> Reply:
    """Somebody whom no channel reaches yet; not twice by the same number or address, unless it is meant so."""
    if not line:
        return Reply("contact_new", {}, ask="contact new ")
    wanted = making.draft(line)
    known = None if sure else await making.known_already(call.tx, wanted)
    if known is not None:
        seen = await contact_cards.newest(call, known)
        anyway = Button("Create anyway", f"contact anyway {line}")
        data: dict[str, Value] = {"name": known.name, "number": seen.number if seen else 0, "line": line}
        return Reply("contact_known", data, rows=((anyway,),) if fits(anyway) else ())
    made = await making.make(call.tx, call.act, wanted)
    phone = phone_shown(made.phone)
    return await done(call, "contact_made", {"name": made.name, "phone": phone, "email": made.email})


async def _export(call: Call, whom: str) -> Reply:
    """All that is known of a contact, as a file in the asker's private chat."""
    reason = limits.barred(call.asker, ("no_export", "hidden"))
    if reason:
        raise NotAllowed(f"/contact export {reason}. Ask a manager.")
    found = await contact_cards.named(call, whom) if whom else []
    if len(found) > 1:
        return _which_of(whom, found, "contact export")
    if found:
        call.about_contact, call.about_conversation = found[0]
    elif whom:
        raise NotFound(_nobody(whom))
    dossier.ask(call.tx, call.act, call.contact, call.heard.asker.identity)
    return Reply("contact_exported", {**about(call), "here": call.spot.private})


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
            "summary": c.summary if c.id == call.conversation.id else clipped(c.summary, ECHOED),
        }
        for c in closed_ones
    ]
    return Reply("history", {**about(call), "closed": closed, "recent": await _recent(call)})


async def _recent(call: Call) -> list[Value]:
    where = {"conversation": call.conversation.id}
    last = Query(where=where, order="-at", limit=RECENT)
    heard = Query(where={**where, "unheard": Cond("ne", True)}, order="-at", limit=RECENT)
    found: list[Message | Comment] = [*await call.tx.query(Message, heard), *await call.tx.query(Comment, last)]
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
