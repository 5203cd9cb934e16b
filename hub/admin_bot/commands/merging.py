"""Two contacts who are one person."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from hub.admin_bot import contact_cards, replies
from hub.admin_bot.arguments import Word, Words
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.contact_fields import one_of
from hub.admin_bot.heard import Wrote
from hub.admin_bot.named import label
from hub.admin_bot.replies import about, clipped, done, fits
from hub.domain import merging
from hub.domain.blocking import blocked
from hub.domain.contacts import present
from hub.domain.fields import changing, twins
from hub.domain.fields.values import AnyField, shown
from hub.domain.ids import new_id
from hub.domain.models import ChannelItem, Contact, Conversation
from hub.domain.ports import Query
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import NotFound, Refused

SECTION = "Contacts"
OFFERED = 6
WHICH = "Which contact? Write the number of a conversation of theirs, such as /merge #12, or their name."


@command(section=SECTION, about="conversation", usage="[number] [#OTHER [FIELD…]]")
async def merge(call: Call, other: Text | None = None) -> Reply:
    """Say that this contact and the one of another conversation are one person; fields named are the other's."""
    line = Words(other or Text())
    named = line.take() if _names_somebody(line.peek()) else _named_alone(call)
    if named:
        return await _preview(call, named, line.take_rest())
    if line.peek():
        return await _by_name(call, line.rest().plain)
    return await _which(call)


@command(section=SECTION, about="conversation", hidden=True)
async def unite(call: Call, other: Word, theirs: Text | None = None) -> Reply:
    """Merge them, now that it was shown what would become of both."""
    contact = await _contact(call, other)
    await merging.merge(call.tx, call.act, call.contact, contact, [f.id for f in await _theirs(call, theirs)])
    return await done(call, "merged", {**about(call), "other": contact.name, "channels": await _channels(call)})


@command(section=SECTION, about="conversation")
async def unmerge(call: Call) -> Reply:
    """Tell two contacts apart again who were merged."""
    other = await merging.unmerge(call.tx, call.act, call.contact)
    return await done(call, "unmerged", {**about(call), "other": other})


def _named_alone(call: Call) -> str:
    """In a contact's place a lone number is the other one's: the place says who is meant."""
    here, named = call.place_conversation, call.about_conversation
    if here is None or named is None:
        return ""
    if here.id == named.id:
        own = isinstance(call.heard, Wrote) and f"#{here.number}" in call.heard.text.plain.split()
        return str(here.number) if own else ""
    call.about_contact, call.about_conversation = call.place_contact, here
    return str(named.number)


def _names_somebody(word: str) -> bool:
    """Whether it is a conversation's number or a contact's id."""
    return word.startswith("#") or word.rstrip(",.;:").isdigit() or (len(word) == len(new_id()) and word.isalnum())


async def _by_name(call: Call, words: str) -> Reply:
    """The other one by name; of several, each has its button."""
    found = await contact_cards.named(call, words)
    others = [known for known in found if known[0].id != call.contact.id]
    if not others:
        raise NotFound(WHICH)
    if len(others) == 1:
        return await _preview(call, others[0][0].id, Text())
    number = call.conversation.number
    buttons = [Button(label(known), f"merge {number} {known[0].id}") for known in others[:OFFERED]]
    return Reply("contact_which", {"words": words, "count": len(others)}, rows=replies.grid(buttons, 2))


async def _which(call: Call) -> Reply:
    number, found = call.conversation.number, await twins.twins(call.tx, call.contact, OFFERED)
    seen = [t for t in found if t.conversation is None or call.sees(t.conversation)]
    buttons = [Button(_label(t), f"merge {number} {t.handle}") for t in seen]
    return Reply("merge_which", {**about(call), "offered": bool(buttons)}, rows=replies.grid(buttons, 2))


def _label(twin: twins.Twin) -> str:
    return f"{clipped(twin.contact.name, 20)} {twin.handle if twin.conversation else 'by hand'}…"


async def _contact(call: Call, other: str) -> Contact:
    """Who is meant: by the number of a conversation of theirs, or, for who has none, by the contact's id."""
    number = other.removeprefix("#").rstrip(",.;:")
    if number.isascii() and number.isdigit() and len(number) < 10:
        conversation = await _conversation(call, number)
        contact = await present(call.tx, conversation.contact)
    else:
        contact = await present(call.tx, other)
        if contact is None:
            raise NotFound(WHICH)
    if contact is None:
        raise NotFound("This contact is gone.")
    if contact.id == call.contact.id:
        raise Refused(f"#{number} is {contact.name} already: write the number of a conversation of somebody else.")
    merging.not_the_same(call.contact, contact)
    return contact


async def _conversation(call: Call, number: str) -> Conversation:
    found = await call.tx.query(Conversation, Query(where={"number": int(number)}, limit=1))
    if not found:
        raise NotFound(f"There is no conversation #{number}. /inbox lists them.")
    call.own_only(found[0])
    return found[0]


# -- which value of each field -----------------------------------------------------------------------------------------


async def _theirs(call: Call, words: Text | None) -> list[AnyField]:
    """The fields named: by their names, or by the marks that buttons carry."""
    every = await changing.known(call.tx)
    marked = {mark(f): f for f in every}
    line, found = Words(words or Text()), []
    while line.peek():
        field = marked.get(line.peek())
        if field is None:
            field = one_of(line, every)
        else:
            line.take()
        found.append(field)
    return found


def mark(field: AnyField) -> str:
    """A short mark for a field, so that the choice of several fits into a button."""
    return f"~{hashlib.blake2b(field.id.encode(), digest_size=2).hexdigest()}"


async def _preview(call: Call, handle: str, words: Text) -> Reply:
    other, theirs = await _contact(call, handle), await _theirs(call, words)
    wanted = {f.id for f in theirs}
    halves = merging.halves(await changing.known(call.tx), call.contact, other, wanted)
    data: dict[str, Value] = {
        **about(call),
        "other": other.name,
        "fields": [_half(each) for each in halves],
        "choose": any(each.differs for each in halves),
        "blocked": blocked(other, call.act.at) and not blocked(call.contact, call.act.at),
        "channels": [*await _channels(call), *await _channels(call, other)],
        "conversations": await merging.counts(call.tx, other),
    }
    head, marks = f"{call.conversation.number} {handle}", " ".join(mark(f) for f in theirs)
    sure = Button("⇄ Merge", f"unite {head} {marks}".strip(), call.conversation.version)
    choices = [_other_way(head, each, theirs) for each in halves if each.differs]
    return Reply("merge_preview", data, rows=(*replies.grid([b for b in choices if fits(b)], 2), (sure,)))


def _half(half: merging.Half) -> Value:
    kept, lost = (half.theirs, half.mine) if half.taken else (half.mine, half.theirs)
    words = {"kept": kept, "lost": lost if half.differs else None}
    said: dict[str, Value] = {k: "" if v is None else clipped(shown(half.field, v), 80) for k, v in words.items()}
    return {"name": half.field.name, **said, "new": half.taken}


def _other_way(head: str, half: merging.Half, theirs: Collection[AnyField]) -> Button:
    """Takes the other one's value instead, or leaves it again."""
    rest = [f for f in theirs if f.id != half.field.id]
    wanted = rest if half.taken else [*rest, half.field]
    value = half.mine if half.taken else half.theirs
    label = f"{half.field.name}: {'' if value is None else shown(half.field, value)}"
    return Button(clipped(label, 30), f"merge {head} {' '.join(mark(f) for f in wanted)}".strip())


async def _channels(call: Call, contact: Contact | None = None) -> list[Value]:
    names = {c.id: c.name for c in await call.tx.items(ChannelItem)}
    return [names.get(r.channel, "a disconnected channel") for r in (contact or call.contact).reaches]


COMMANDS = (merge, unite, unmerge)
