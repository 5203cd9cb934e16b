"""What is told of a contact: fields, channels, tags; and who is meant by a name, a number or an address."""

from __future__ import annotations

from datetime import datetime

from hub.admin_bot.call import Call
from hub.admin_bot.replies import clipped
from hub.domain import limits
from hub.domain.blocking import blocked
from hub.domain.contacts import account_ends, present
from hub.domain.fields import changing
from hub.domain.fields.tags import drawn
from hub.domain.finding.terms import digits_of
from hub.domain.finding.words import folded
from hub.domain.ids import new_id
from hub.domain.models import ChannelItem, Contact, Conversation, Member, Reach, Tag, Team
from hub.domain.ports import Cond, Query
from hub.domain.reply import Button, Reply, Value

Known = tuple[Contact, Conversation | None]
"""A contact, and the newest of their conversations, if they have one."""
LONGEST = 120
"""Characters of a value on a card."""
LOOKED_AT = 20
FEWEST_DIGITS = 4
IN_HEAD = ("first_name", "last_name", "phone", "email")
"""Fields that stand in the card's first lines."""


async def card(call: Call, person: Contact, number: int) -> Reply:
    """Who a contact is, whole. `number`: of a conversation of theirs; 0: there is none."""
    tags = {t.id: drawn(t) for t in await call.tx.items(Tag)}
    values = {f.id: (f.name, clipped(changing.shown_of(person, f), LONGEST)) for f in await changing.known(call.tx)}
    further = [pair for id, pair in values.items() if id not in IN_HEAD]
    data: dict[str, Value] = {
        "number": number,
        "name": person.name,
        "username": person.username,
        "phone": values["phone"][1],
        "email": person.email,
        "fields": [{"name": name, "value": value} for name, value in further if value],
        "tags": [tags[t] for t in person.tags if t in tags],
        "reaches": await _reaches(call, person),
        "conversations": await call.tx.count(Conversation, {"contact": Cond("in", person.ids)}),
        "since": person.created_at.isoformat(),
        "merged": len(person.absorbed),
        "block": await block_said(call, person),
        **await _whose(call, person),
    }
    return Reply("contact", data, rows=_rows(call, person, number))


def _rows(call: Call, person: Contact, number: int) -> tuple[tuple[Button, ...], ...]:
    """Their picture, where one of the networks shows it, and where the asker may see such things."""
    channels = [call.services.channel_of(call.home.id, reach.channel) for reach in person.reaches]
    shown = any(channel is not None and channel.pictures for channel in channels) and not limits.hides(call.asker)
    if not number:
        return _deeds(call, person)
    return ((Button("🖼 Picture", f"picture {number}"),),) if shown else ()


def _deeds(call: Call, person: Contact) -> tuple[tuple[Button, ...], ...]:
    """What can be done with whoever has no place where it could be typed."""
    block = Button("Unblock", f"unblock {person.id}") if person.block else Button("⛔ Block…", f"block {person.id}")
    usual = (Button("🏷 Tags…", f"tag {person.id}"), Button("✎ Fields…", f"field {person.id}"), block)
    may_forget = not limits.barred(call.asker, ("no_deletion", "hidden"))
    return (usual, (Button("✕ Forget…", f"forget {person.id}"),)) if may_forget else (usual,)


async def _whose(call: Call, person: Contact) -> dict[str, Value]:
    members = {str(m.id): m.name for m in await call.tx.items(Member)}
    teams = {str(t.id): t.name for t in await call.tx.items(Team)}
    return {"assignee": members.get(person.assignee or "", ""), "team": teams.get(person.team or "", "")}


async def _reaches(call: Call, person: Contact) -> list[Value]:
    channels = {c.id: c.name for c in await call.tx.items(ChannelItem)}
    ends = (f" (account …{end})" if end else "" for end in account_ends(person.reaches))
    return [
        {"channel": f"{channels.get(r.channel, 'a disconnected channel')}{end}", "state": _state(r, call.act.at)}
        for r, end in zip(person.reaches, ends, strict=True)
    ]


def _state(reach: Reach, at: datetime) -> str:
    """Whether the contact can be written to there, in words; empty: they can."""
    if reach.state != "active":
        return "unavailable: has blocked us" if reach.state == "blocked" else "unavailable: is gone there"
    return "inactive: must write again first" if reach.window(at) == "shut" else ""


async def block_said(call: Call, person: Contact) -> dict[str, Value]:
    """The contact's block in words."""
    block = person.block
    if block is None or not blocked(person, call.act.at):
        return {"blocked": False, "until": "", "reason": "", "by": "", "kept": 0}
    by = next((m.name for m in await call.tx.items(Member) if m.id == block.by), "somebody")
    until = block.until.isoformat() if block.until else ""
    return {"blocked": True, "until": until, "reason": clipped(block.reason, 200), "by": by, "kept": block.kept}


async def named(call: Call, words: str) -> list[Known]:
    """Contacts whom words may mean: the whole words of a name, digits of a number, an address; each with their newest
    conversation, of those that the asker may see.
    """
    if len(words) == len(new_id()):
        one = await present(call.tx, words)
        if one is not None:
            return [each for each in [(one, await newest(call, one))] if _sees(call, each[1])]
    digits = digits_of(words)
    if "@" in words.strip("@"):
        terms = [f"m:{folded(words)}"]
    elif len(digits) >= FEWEST_DIGITS and not any(c.isalpha() for c in words):
        terms = [f"p:{digits}"]
    else:
        terms = [f"n:{word}" for word in folded(words.removeprefix("@")).split()]
    if not terms:
        return []
    where: dict[str, object] = {"terms": Cond("all", terms)}
    if terms[0].startswith("p:"):
        where = {"terms": Cond("within", [terms[0], f"{terms[0]}\uffff"])}
    found = await call.tx.query(Contact, Query(where=where, order="-id", limit=LOOKED_AT))
    both = [(c, await newest(call, c)) for c in found if c.merged_into is None]
    return [(c, t) for c, t in both if _sees(call, t)]


def _sees(call: Call, conversation: Conversation | None) -> bool:
    return call.sees(conversation) if conversation is not None else not limits.limited(call.asker)


async def newest(call: Call, person: Contact) -> Conversation | None:
    """The contact's newest conversation."""
    where = {"contact": Cond("in", person.ids)}
    return next(iter(await call.tx.query(Conversation, Query(where=where, order="-number", limit=1))), None)
