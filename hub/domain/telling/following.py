"""Whom a deed concerns: what users are told of follows from its event, whoever did it."""

from __future__ import annotations

from msgspec.structs import replace

from hub.domain import desks, limits
from hub.domain.assigning.teams import teams_of
from hub.domain.contacts import present
from hub.domain.ids import UserId
from hub.domain.models import Comment, Contact, Conversation, Event, Member, Team
from hub.domain.ports import Tx
from hub.domain.reply import Reply, Value
from hub.domain.telling.notices import Told, tell

WORDS = 200
"""Characters of a colleague's words that are shown."""


async def assigned(tx: Tx, event: Event) -> None:
    """Who was given a conversation by somebody else is told; when it became nobody's, the desk is."""
    found = await _about(tx, event)
    if found is None:
        return
    conversation, contact = found
    after = event.facts.get("after")
    if after and after != event.actor and conversation.assignee == after:
        told = Told(notice="assigned", conversation=conversation, name=contact.name)
        await tell(tx, UserId(str(after)), await _by(tx, event, told, conversation.last_text), event.at)
    elif not after and conversation.assignee is None and conversation.state != "closed":
        if not event.facts.get("why"):  # else the rule that took it from its holder has said so
            await _tell_desk(tx, conversation, contact)
        await _nobodys(tx, event, conversation, contact)


async def _tell_desk(tx: Tx, conversation: Conversation, contact: Contact) -> None:
    team = next((team.name for team in await tx.items(Team) if team.id == conversation.team), "")
    said: dict[str, Value] = {"number": conversation.number, "name": contact.name, "team": team}
    await desks.tell(tx, contact, Reply("nobodys", said, lasting=True))


async def opened(tx: Tx, event: Event) -> None:
    """A new conversation that nobody has: the desk shows it, and those hear of it in private who asked for that."""
    found = await _about(tx, event)
    if found is not None and found[0].assignee is None and found[1].block is None:
        await _nobodys(tx, event, *found)


async def noted(tx: Tx, event: Event) -> None:
    """Whom a colleague's note mentions is told, with its words."""
    found, comment = await _about(tx, event), await tx.get(Comment, str(event.facts.get("comment")))
    if found is None or comment is None:
        return
    conversation, contact = found
    told = Told(notice="mentioned", conversation=conversation, name=contact.name)
    told = await _by(tx, event, told, _clipped(comment.text.plain))
    for user in dict.fromkeys(comment.mentions):
        if user != event.actor:
            await tell(tx, user, told, event.at)


async def _about(tx: Tx, event: Event) -> tuple[Conversation, Contact] | None:
    conversation = await tx.get(Conversation, event.conversation or "")
    contact = await present(tx, conversation.contact) if conversation else None
    return (conversation, contact) if conversation is not None and contact is not None else None


async def _by(tx: Tx, event: Event, told: Told, words: str) -> Told:
    member = await tx.get(Member, event.actor) if event.actor else None
    by = member.name if member else ""
    return replace(told, words=words, by=by)


async def _nobodys(tx: Tx, event: Event, conversation: Conversation, contact: Contact) -> None:
    told = Told(notice="unassigned", conversation=conversation, name=contact.name, words=conversation.last_text)
    for member in await tx.items(Member):
        if member.id != event.actor and await _may_take(tx, member, conversation):
            await tell(tx, member.id, told, event.at)


async def _may_take(tx: Tx, member: Member, conversation: Conversation) -> bool:
    """Whether it may be theirs: within their limits, and of their team where it is a team's."""
    teams = await teams_of(tx, member)
    fits = conversation.team is None or conversation.team in teams
    return fits and limits.within(member, conversation, teams)


def _clipped(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= WORDS else flat[: WORDS - 1] + "…"
