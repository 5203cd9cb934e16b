"""Two contacts who are one person: the one is merged into the other, and can be told apart again.

Nothing that was said is moved: what the other one wrote stays under its own id, and the kept one knows of it. Only the
ways to reach them move, so that whatever arrives from then on is the kept one's. Of each field one value is kept; what
the kept one had before stands in the event, so that telling them apart gives back what was.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec

from hub.domain import conversations, desks
from hub.domain.catalog import FieldValue
from hub.domain.contacts import present, record
from hub.domain.conversations import Act
from hub.domain.fields import changing
from hub.domain.fields.values import AnyField, Default
from hub.domain.ids import ContactId
from hub.domain.models import Contact, Conversation, Event, Facts
from hub.domain.ports import Cond, Tx
from hub.domain.reply import Reply
from hub.domain.timing import snoozing
from hub.errors import Refused

BESIDES = ("username", "picture", "assignee", "team")
"""What the kept one takes over where it has none, besides fields."""


class Half(msgspec.Struct, frozen=True):
    """One field of two contacts: what each has, and whether the other one's is taken."""

    field: AnyField
    mine: FieldValue | None
    theirs: FieldValue | None
    taken: bool

    @property
    def differs(self) -> bool:
        """Whether one value is lost, so that one must be chosen."""
        return self.mine is not None and self.theirs is not None and self.mine != self.theirs


def halves(fields: Sequence[AnyField], into: Contact, other: Contact, theirs: Collection[str] = ()) -> list[Half]:
    """Each field that one of them has. `theirs`: ids of those of which the other one's value is wanted. A name is kept
    or taken as a whole, unless it is said otherwise.
    """
    nameless = not (into.first_name or into.last_name)
    found: list[Half] = []
    for field in fields:
        mine, its = changing.value_of(into, field), changing.value_of(other, field)
        part_of_name = isinstance(field, Default) and field.kind == "name"
        missing = mine is None and (nameless or not part_of_name)
        if mine is not None or its is not None:
            found.append(Half(field, mine, its, its is not None and (missing or field.id in theirs)))
    return found


async def merge(tx: Tx, act: Act, into: Contact, other: Contact, theirs: Collection[str] = ()) -> None:
    """Makes the other one this one: ways to reach them, tags, empty fields and those of `theirs`; of two open
    conversations this one's goes on, the other's is closed. Raises Refused.
    """
    not_the_same(into, other)
    before = _state(into)
    for half in halves(await changing.known(tx), into, other, theirs):
        if half.taken:
            changing.put(into, half.field, half.theirs)
    for name in BESIDES:
        setattr(into, name, getattr(into, name) or getattr(other, name))
    tags = [t for t in other.tags if t not in into.tags]
    facts: Facts = {"other": other.id, "keys": list(other.keys), "tags": [*tags]}
    into.tags, into.absorbed = [*into.tags, *tags], [*into.absorbed, other.id, *other.absorbed]
    into.keys, into.reaches = [*into.keys, *other.keys], [*into.reaches, *other.reaches]
    other.keys, other.reaches, other.merged_into = [], [], into.id
    facts |= await _one_conversation(tx, act, into, other)
    facts |= {"before": _words(before), "after": _words(_state(into))}
    event = record(tx, "merged", act.at, act=act, contact=into, facts=facts)
    into.mergings = [*into.mergings, event.id]
    await desks.tell(tx, other, Reply("merged_here", {"name": into.name}))
    for each in (into, other):
        await desks.refresh(tx, each)


def not_the_same(into: Contact, other: Contact) -> None:
    """Raises Refused where they are one already."""
    if into.id == other.id:
        raise Refused(f"That is {into.name} already: name a conversation of somebody else.")
    if into.merged_into is not None or other.merged_into is not None:
        raise Refused("One of them was merged already; look again.")


def _state(contact: Contact) -> dict[str, Any]:
    """What merging may change, as plain values: each custom field under a name of its own."""
    names = ("first_name", "last_name", "phone", "email", "country", "language", *BESIDES)
    plain: dict[str, Any] = {name: getattr(contact, name) for name in names}
    return {**plain, **{f"fields.{id}": value for id, value in contact.fields.items()}}


def _words(state: dict[str, Any]) -> str:
    return msgspec.json.encode(state).decode()


def _put_back(contact: Contact, event: Event) -> None:
    """What the merging changed is as it was, where nobody changed it since."""
    before, after = (msgspec.json.decode(str(event.facts.get(name) or "{}"), type=dict) for name in ("before", "after"))
    now = _state(contact)
    for name in after:
        if before.get(name) == after[name] or now.get(name) != after[name]:
            continue
        field = name.removeprefix("fields.")
        if field == name:
            setattr(contact, name, before[name])
        else:
            rest = {id: value for id, value in contact.fields.items() if id != field}
            contact.fields = {**rest, field: before[name]} if name in before else rest


async def _one_conversation(tx: Tx, act: Act, into: Contact, other: Contact) -> Facts:
    """Closes the other's, saying where it goes on; where this one has none, another is opened in its stead. Gives what
    must be known to tell them apart again.
    """
    theirs, ours = await conversations.live(tx, other), await conversations.live(tx, into)
    if theirs is None:
        return {}
    facts: Facts = {"theirs": _kept(theirs), "ours": _kept(ours) if ours else ""}
    if ours is None:
        ours = await conversations.open_conversation(tx, into, theirs.channel, act.at, act.member.id)
        ours.assignee = into.assignee
        ours.last_text, ours.last_at = theirs.last_text, theirs.last_at
        facts["opened"] = ours.id
    if theirs.waiting_since is not None:
        facts["woke"] = await snoozing.wake(tx, ours, act.at, "user", act)
    ours.waiting_since = min(filter(None, (ours.waiting_since, theirs.waiting_since)), default=None)
    ours.version += 1
    await conversations.close(tx, act, theirs, None, f"Merged into #{ours.number}")
    return {**facts, "waited": _waits(ours)}


def _kept(conversation: Conversation) -> str:
    return msgspec.json.encode(conversation).decode()


def _before(event: Event, name: str) -> Conversation | None:
    """A conversation as it was before the merging."""
    said = str(event.facts.get(name) or "")
    return msgspec.json.decode(said, type=Conversation) if said else None


async def unmerge(tx: Tx, act: Act, into: Contact) -> str:
    """Tells apart again who was merged into this one last; what arrived meanwhile stays here. Gives the other's name.

    Raises Refused where nobody was merged into it.
    """
    event = await tx.get(Event, into.mergings[-1]) if into.mergings else None
    if event is not None:
        event.undone = True
        return await apart(tx, act, event)
    raise Refused(f"Nobody was merged into {into.name}.")


async def apart(tx: Tx, act: Act, event: Event) -> str:
    """Takes back one merging."""
    into = await present(tx, event.contact or "")
    other = await tx.get(Contact, str(event.facts.get("other")))
    if into is None or other is None or other.merged_into is None:
        raise Refused("They are told apart already.")
    keys = _list(event, "keys")
    gone = {other.id, *other.absorbed}
    theirs = [k for k in into.keys if k in keys]
    into.keys = [k for k in into.keys if k not in keys]
    other.reaches = [r for r in into.reaches if f"{r.channel}|{r.address}" in keys]
    into.reaches = [r for r in into.reaches if f"{r.channel}|{r.address}" not in keys]
    other.keys, other.merged_into = theirs, None
    into.absorbed = [ContactId(i) for i in into.absorbed if i not in gone]
    into.mergings = [id for id in into.mergings if id != event.id]
    into.tags = [t for t in into.tags if t not in _list(event, "tags")]
    _put_back(into, event)
    await _as_they_were(tx, act, event, (into, other))
    record(tx, "unmerged", act.at, act=act, contact=into, facts={"other": other.id})
    for each in (into, other):
        await desks.refresh(tx, each)
    return other.name


async def _as_they_were(tx: Tx, act: Act, event: Event, both: tuple[Contact, Contact]) -> None:
    """The conversation that merging closed goes on, and waits as it did if nobody has answered since; one that merging
    opened is closed where nothing was said in it.
    """
    into, other = both
    ours = await conversations.live(tx, into)
    unanswered = ours is not None and _waits(ours) == event.facts.get("waited")
    theirs_before, ours_before = _before(event, "theirs"), _before(event, "ours")
    if theirs_before is not None:
        await _goes_on(tx, act, other, theirs_before, unanswered=unanswered)
    if ours is None:
        return
    if ours_before is not None and ours_before.id == ours.id and unanswered and ours.state == "open":
        ours.waiting_since = ours_before.waited_since
        if event.facts.get("woke"):
            _rest(ours, ours_before, act.at)
    if ours.id == event.facts.get("opened") and not (ours.incoming or ours.outgoing):
        await conversations.close(tx, act, ours, None, "Opened by a merging that was taken back")
    way = into.last_reach()
    if way is not None and into.reach(ours.channel) is None:
        ours.channel = way.channel
        ours.version += 1


def _waits(conversation: Conversation) -> str:
    since = conversation.waiting_since
    return since.isoformat(timespec="milliseconds") if since else ""


async def _goes_on(tx: Tx, act: Act, other: Contact, before: Conversation, *, unanswered: bool) -> None:
    """The other one's conversation is as it was, and waits as it did where nobody has answered since."""
    theirs = await tx.get(Conversation, before.id)
    hushed = other.block is not None and other.block.holds(act.at)
    if theirs is None or theirs.state != "closed" or hushed or await conversations.live(tx, other) is not None:
        return
    await conversations.reopen(tx, act, theirs)
    for name in _LIFE:
        setattr(theirs, name, getattr(before, name))
    _rest(theirs, before, act.at)
    if not unanswered:
        theirs.waiting_since = theirs.asleep_since = None


def _rest(conversation: Conversation, before: Conversation, at: datetime) -> None:
    """It sleeps or waits as it did; what it was to be woken from meanwhile, it is woken from."""
    sleeps = before.state == "snoozed" and (before.snoozed_until is None or before.snoozed_until > at)
    for name in _SLEEP:
        setattr(conversation, name, getattr(before, name) if sleeps else None)
    conversation.state = "snoozed" if sleeps else "open"
    conversation.waiting_since = before.waiting_since if sleeps else before.waited_since


_LIFE = ("waiting_since", "spells", "category", "summary", "assignee", "team", "last_text", "last_at")
_SLEEP = ("snoozed_until", "snoozed_by", "snoozed_at", "asleep_since")
"""What closing changes of a conversation, besides that it is closed."""


def _list(event: Event, name: str) -> list[str]:
    found = event.facts.get(name)
    return found if isinstance(found, list) else []


async def counts(tx: Tx, contact: Contact) -> int:
    """How many conversations the contact had."""
    return await tx.count(Conversation, {"contact": Cond("in", contact.ids)})
