"""What is heard in private, or whispered: by whom, and about which workspace."""

from __future__ import annotations

from datetime import timedelta

from hub.admin_bot import dispatch, stepping
from hub.admin_bot.call import Services
from hub.admin_bot.dispatch import Line
from hub.admin_bot.drafting import private_place
from hub.admin_bot.heard import Pressed, Wrote
from hub.domain.accounts.second_factor import PROPOSAL_SECONDS
from hub.domain.models import Member, Post
from hub.domain.ports import Cond, Query, Workspace
from hub.domain.text import Text
from hub.errors import Refused

_OF_ONESELF = frozenset(
    {"me", "2fa", "sessions", "logout", "start", "help", "whoami", "found", "confirm", "cancel", "setup"}
)
"""Commands that are about oneself, or know themselves what they were asked for in."""


def heard_alone(heard: Wrote) -> Line:
    """What somebody in no workspace wrote in private may be the name of the organization that they found."""
    return Line(dispatch.read(Text("found")).command, heard.text)


async def whispers_in(heard: Wrote, workspace: Workspace | None, desk: str) -> bool:
    """Whether somebody who is no member asks us alone on a desk: perhaps to become one."""
    if not heard.spot.whispered or not desk or workspace is None or heard.asker.writer != "person":
        return False
    return not any(heard.asker.identity in m.identities for m in await workspace.items(Member))


async def code_line(services: Services, heard: Wrote, workspace: Workspace | None) -> Line | None:
    """The line of what looks like a code, by itself, in private: it is meant for the command that waits for one, or it
    confirms an authenticator app that was shown just now. None: none is awaited.
    """
    if not heard.spot.private or not stepping.like_a_code(heard.text.plain):
        return None
    waiting = await _waiting(workspace, heard) if workspace is not None else ""
    if waiting:
        return dispatch.read(dispatch.fill(waiting, heard.text))
    user = await services.reception.whose(heard.asker.identity)
    proposed = user is not None and user.second is None and user.draft is not None and user.draft.since
    fresh = proposed and services.clock() - proposed < timedelta(seconds=PROPOSAL_SECONDS)
    return dispatch.read(Text(f"2fa {heard.text.plain.strip()}")) if fresh and heard.answers is None else None


async def _waiting(workspace: Workspace, heard: Wrote) -> str:
    """The line that waits for a code in that chat, if that was the last question there; empty: none does."""
    since = Cond("gt", heard.at - timedelta(seconds=stepping.WAITS_SECONDS))
    where = {"desk": private_place(heard.spot), "role": "prompt", "at": since}
    found = await workspace.query(Post, Query(where=where, order="-at", limit=1))
    return next((p.line for p in found if stepping.asks_for_code(p.line)), "")


def check_home(heard: Pressed, line: Line, workspace: Workspace | None) -> None:
    """Raises Refused where the button was drawn while another workspace was in use: it would act on this one."""
    here = workspace is not None and workspace.id.endswith(heard.home)
    if heard.home and not here and not _of_oneself(line):
        raise Refused("That button is about another workspace than the one you use now. Nothing was done.")


def _of_oneself(line: Line) -> bool:
    """Whether it names its workspace itself, or is about none."""
    named = line.command.name == "workspace" and line.rest.plain.split()[:1] in (["use"], ["keep"])
    return named or line.command.name in _OF_ONESELF
