"""Who has a conversation: claimed, given to a colleague or a team, taken from the queue; and by which rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from msgspec.structs import replace

from hub.admin_bot import replies
from hub.admin_bot.assignees import Assignee, Taken, TeamChoice
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.commands.conversations import brief, holder_of
from hub.admin_bot.likeliest import Lately, lately
from hub.admin_bot.replies import about, clipped, done, ending, person
from hub.domain import conversations, desks
from hub.domain.assigning import giving, routing
from hub.domain.assigning.presence import inactivity_of, presence
from hub.domain.assigning.queue import longest_waiting, waiting_elsewhere
from hub.domain.ids import UserId
from hub.domain.models import Conversation, Handing, Member, Team
from hub.domain.reply import Button, Reply, Value
from hub.domain.work import Notify, user_lane

SECTION = "Conversations"
LIKELIEST = 6
JUST_NOW = timedelta(seconds=30)
"""What a colleague did so shortly before may not have been seen."""


@command(section=SECTION, aliases=["a"], about="conversation")
async def assign(call: Call, to: Assignee | None = None) -> Reply:
    """Give a conversation to yourself, a colleague, a team or nobody."""
    if to is None:
        holder, team = await holder_of(call, call.conversation), await _team_of(call, call.conversation)
        data = {**about(call), "holder": person(call, holder), "team": team.name if team else ""}
        return Reply("assign_whom", data, rows=await assignees(call))
    before, handed = call.conversation.assignee, call.conversation.handed
    changed = await _given(call, to)
    reply = await _said(call, to, changed=changed)
    return await _both_told(call, reply, before, handed) if changed else reply


async def _given(call: Call, to: Assignee) -> bool:
    """Does it, and has the rule asked at once, so that the answer says who has it then."""
    tx, conversation = call.tx, call.conversation
    if to.member is not None:
        return await conversations.assign(tx, call.act, conversation, to.member.id)
    if to.team is None and conversation.assignee is not None:
        changed = await conversations.assign(tx, call.act, conversation, None)
    else:
        # Out of a team's inbox only when nobody has it: nobody's, and then no team's.
        changed = await giving.to_team(tx, call.act, conversation, to.team)
    for event in [e for e in call.act.done if e.kind == "assigned"]:
        await routing.give(tx, event)
    return changed


async def _said(call: Call, to: Assignee, *, changed: bool) -> Reply:
    holder, team = await holder_of(call, call.conversation), await _team_of(call, call.conversation)
    mine = holder is not None and holder.id == call.member.id
    data: dict[str, Value] = {**about(call), "to": person(call, holder), "mine": mine, "nobody": holder is None}
    away = await absence(call, to.member) if to.member is not None and not mine else ""
    more: dict[str, Value] = {
        "team": team.name if team else "",
        "by_rule": to.member is None,
        "away": away,
        "just_now": "",
        "had": "",
    }
    said = await done(call, "assigned", {**data, **more, "changed": changed}, *await _instead(call, to, away))
    # A colleague is to see that it is theirs now, and be notified.
    return replace(said, lasting=changed and holder is not None and not mine)


async def _team_of(call: Call, conversation: Conversation) -> Team | None:
    return next((t for t in await call.tx.items(Team) if t.id == conversation.team), None)


async def absence(call: Call, member: Member) -> str:
    """Why somebody may not answer soon; empty where they are there."""
    state = presence(member, await inactivity_of(call.tx), call.act.at)
    if state == "online" or (state == "offline" and member.seen_at is None):
        return ""
    if state == "busy":
        return f"busy for another {replies.waited(call.act.at, member.busy_until or call.act.at)}"
    return f"offline, last seen {replies.waited(member.seen_at, call.act.at)} ago"


async def _instead(call: Call, to: Assignee, away: str) -> replies.Rows:
    """Teams of whoever is away, whose inbox it could go to."""
    who, conversation = to.member, call.conversation
    theirs = [t for t in await call.tx.items(Team) if who is not None and who.id in t.members] if away else []
    return replies.grid([_team_button(conversation, t, "To ") for t in theirs[:3]])


# -- two at once -----------------------------------------------------------------------------------------------------


async def _both_told(call: Call, reply: Reply, before: UserId | None, handed: Handing | None) -> Reply:
    """A colleague who gave it to somebody else a moment ago is told so, and so is the asker."""
    if handed is None or handed.by in (None, call.member.id) or call.act.at - handed.at > JUST_NOW:
        return reply
    everyone = {m.id: m for m in await call.tx.items(Member)}
    other, had = everyone.get(handed.by or UserId("")), everyone.get(before or UserId(""))
    if other is None:
        return reply
    said: dict[str, Value] = {**about(call), "by": call.member.name, "had": had.name if had else ""}
    now = await holder_of(call, call.conversation)
    lost = Reply("given_on", {**said, "to": now.name if now else "", "yours": had is not None and had.id == other.id})
    told = Notify(user=other.id, reply=lost, conversation=call.conversation.id)
    desks.enqueue(call.tx, user_lane(other.id), told)
    return replace(reply, data={**reply.data, "just_now": other.name, "had": had.name if had else ""})


# -- buttons ---------------------------------------------------------------------------------------------------------


async def assignees(call: Call, recent: Lately | None = None) -> replies.Rows:
    """Six buttons to assign by: oneself first, then colleagues and teams, who was given most of late first, then
    nobody.
    """
    conversation, given = call.conversation, (recent or await lately(call)).assignees
    held = conversation.assignee or conversation.team
    free = [Button("Nobody", f"assign {conversation.number} -", conversation.version)] if held else []
    return replies.grid([*(await _likely(call, given))[: LIKELIEST - len(free)], *free])


async def _likely(call: Call, given: Mapping[str, int]) -> list[Button]:
    conversation, me = call.conversation, call.member.id
    members = [m for m in await call.tx.items(Member) if m.id != conversation.assignee]
    count = Counter(m.name for m in members)
    ranked = [(m.id != me, -given.get(m.id, 0), m.name.casefold(), _to(conversation, m, me, count)) for m in members]
    teams = [t for t in await call.tx.items(Team) if conversation.assignee or conversation.team != t.id]
    ranked += [(True, -given.get(t.id, 0), t.name.casefold(), _team_button(conversation, t)) for t in teams]
    return [button for *_, button in sorted(ranked, key=lambda each: each[:3])]


def _to(conversation: Conversation, member: Member, me: UserId, count: Mapping[str, int]) -> Button:
    name = "Me" if member.id == me else _label(member, count)
    return Button(name, f"assign {conversation.number} {member.id}", conversation.version)


def _team_button(conversation: Conversation, team: Team, before: str = "") -> Button:
    label = f"👥 {before}{clipped(team.name, 18)}"
    return Button(label, f"assign {conversation.number} {team.id}", conversation.version)


def _label(member: Member, count: Mapping[str, int]) -> str:
    """What a colleague is called on a button: two of one name are told apart there."""
    apart = f" @{clipped(member.username, 16)}" if count[member.name] > 1 and member.username else ""
    return f"{clipped(member.name, 20 - len(apart) // 2)}{apart}"


# -- claiming --------------------------------------------------------------------------------------------------------


@command(section=SECTION, about="conversation")
async def take(call: Call) -> Reply:
    """Claim a conversation for yourself."""
    changed = await conversations.claim(call.tx, call.act, call.conversation)
    return await _said(call, Assignee(call.member), changed=changed)


@command(section=SECTION, name="next")
async def next_(call: Call, taken: Taken | None = None, team: TeamChoice | None = None) -> Reply:
    """Show who has waited longest, with a link; of a team's inbox, or take it at once."""
    found = await longest_waiting(call.tx, call.member, team=team.team.id if team else None)
    if found is None:
        others = 0 if team or call.member.limits else await waiting_elsewhere(call.tx)
        return Reply("nobody_waits", {"team": team.team.name if team else "", "elsewhere": others})
    contact = await conversations.contact_of(call.tx, found)
    if taken is not None:
        await conversations.claim(call.tx, call.act, found)
        call.about_contact, call.about_conversation = contact, found
    shown = await brief(call, found, contact.name, await replies.link(call, contact, found))
    return replace(shown, rows=(*shown.rows, *await ending(call))) if taken is not None else shown


COMMANDS = (assign, take, next_)
