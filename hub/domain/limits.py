"""What agents with limits may not, and where that is looked up. Limits hold for what is done by command or by answer,
and for what is shown to the member alone; what stands on a shared desk is seen by all who are in that chat.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import get_args

from hub.domain.ids import TeamId
from hub.domain.models import Conversation, Limit, Member
from hub.domain.ports.storage import EITHER, Cond
from hub.domain.reply import Value

LIMITS: tuple[Limit, ...] = get_args(Limit)
WORDS: Mapping[Limit, str] = {
    "own": "own contacts only",
    "team": "own team's contacts only",
    "no_export": "no export",
    "no_deletion": "no deletion",
    "hidden": "personal data hidden",
}
_BARRED: Mapping[Limit, str] = {
    "own": "is not for you, who work on your own contacts only",
    "team": "is not for you, who work on your own team's contacts only",
    "no_export": "takes data out, which you may not",
    "no_deletion": "deletes for good, which you may not",
    "hidden": "shows personal data, which is hidden from you",
}
_PERSONAL = frozenset({"email", "phone", "username"})
"""Under which names a reply holds nothing else."""
_OURS = frozenset({"channel", "channels", "identity", "line", "url", "usage"})
"""Under which names it holds nothing of a contact."""
_DOTS = "•••"
_FOUND = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    r"|(?<![\w@/])@\w{3,}"  # somebody's name on a network
    r"|(?<![\w#:/.-])\+?\(?\d(?:[ ()./-]{0,2}\d){6,}(?!\w)"  # a telephone number
)


def limited(member: Member | None) -> bool:
    """Whether they see some contacts only: their own, or their teams' as well."""
    return member is not None and member.role == "agent" and bool({"own", "team"} & {*member.limits})


def by_team(member: Member) -> bool:
    """Whether they see their teams' contacts beside their own, and no others."""
    return limited(member) and "own" not in member.limits


def within(member: Member | None, conversation: Conversation, teams: Collection[TeamId] = ()) -> bool:
    """Whether the conversation is one that they may see and act on. `teams`: those they are in."""
    if member is None or not limited(member) or conversation.assignee == member.id:
        return not limited(member) or member is not None
    return by_team(member) and conversation.team in teams


def narrowed(member: Member, where: Mapping[str, object], teams: Collection[TeamId] = ()) -> Mapping[str, object]:
    """A query for conversations, so that it finds only those that the member may see."""
    if not limited(member):
        return where
    if by_team(member) and teams:
        return {**where, EITHER: ({"assignee": member.id}, {"team": Cond("in", sorted(teams))})}
    wanted = where.get("assignee", member.id)
    return {**where, "assignee": member.id if wanted == member.id else Cond("in", [])}


def beyond(member: Member | None) -> str:
    """What is said of a conversation that is none of theirs."""
    if member is not None and by_team(member):
        return "not your team's, and you work on your own team's contacts only. Have it assigned to you or your team."
    return "not yours, and you work on your own contacts only. Have it assigned to you."


def not_yours(member: Member | None) -> str:
    """Why what they wrote to a contact does not leave."""
    if member is not None and by_team(member):
        return "this contact is not your team's, and you answer your own team's contacts only; have it assigned to you"
    return "this contact is not yours, and you answer your own contacts only; have it assigned to you"


def barred(member: Member | None, by: Sequence[Limit]) -> str:
    """Why the member may not do what those limits bar; empty where they may."""
    held = member.limits if member is not None and member.role == "agent" else []
    return next((_BARRED[limit] for limit in by if limit in held), "")


def said(limits: Iterable[Limit]) -> str:
    """Limits in words: own contacts only, no export."""
    return ", ".join(WORDS[limit] for limit in LIMITS if limit in {*limits})


def hides(member: Member | None) -> bool:
    """Whether contacts' personal data is to be masked in what is shown to them alone."""
    return member is not None and member.role == "agent" and "hidden" in member.limits


def masked(value: Value, name: str = "") -> Value:
    """What a reply holds under a name, without what personal data can be told by its look."""
    if isinstance(value, dict):
        return {key: masked(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each, name) for each in value]
    if not isinstance(value, str) or not value or name in _OURS or _moment(value):
        return value
    return _DOTS if name in _PERSONAL else _FOUND.sub(_DOTS, value)


def _moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
