"""What is heard in private, or whispered: by whom, and about which workspace."""

from __future__ import annotations

from hub.admin_bot import dispatch
from hub.admin_bot.dispatch import Line
from hub.admin_bot.heard import Pressed, Wrote
from hub.domain.models import Member
from hub.domain.ports import Workspace
from hub.domain.text import Text
from hub.errors import Refused

_OF_ONESELF = frozenset({"me", "2fa", "sessions", "logout", "start", "help", "whoami", "found", "confirm", "setup"})
"""Commands that are about oneself, or know themselves what they were asked for in."""


def heard_alone(heard: Wrote) -> Line:
    """What somebody in no workspace wrote in private may be the name of the organization that they found."""
    return Line(dispatch.read(Text("found")).command, heard.text)


async def whispers_in(heard: Wrote, workspace: Workspace | None, desk: str) -> bool:
    """Whether somebody who is no member asks us alone on a desk: perhaps to become one."""
    if not heard.spot.whispered or not desk or workspace is None or heard.asker.writer != "person":
        return False
    return not any(heard.asker.identity in m.identities for m in await workspace.items(Member))


def check_home(heard: Pressed, line: Line, workspace: Workspace | None) -> None:
    """Raises Refused where the button was drawn while another workspace was in use: it would act on this one."""
    here = workspace is not None and workspace.id.endswith(heard.home)
    if heard.home and not here and not _of_oneself(line):
        raise Refused("That button is about another workspace than the one you use now. Nothing was done.")


def _of_oneself(line: Line) -> bool:
    """Whether it names its workspace itself, or is about none."""
    named = line.command.name == "workspace" and line.rest.plain.split()[:1] in (["use"], ["keep"])
    return named or line.command.name in _OF_ONESELF
