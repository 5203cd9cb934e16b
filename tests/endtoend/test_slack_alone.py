"""A hub that knows Slack only: from its first owner on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
import pytest

from hub.app import Hub, running
from hub.sandbox.slack import Installation, Limits, SlackStandIn, Team, User, serve
from hub.settings import Settings
from tests.endtoend.town import by_webhook, until


@dataclass
class Room:
    """A Slack workspace with the hub's app in it, and nothing else."""

    net: SlackStandIn
    team: Team
    app: Installation
    hub: Hub

    def told(self, who: User) -> list[str]:
        """What the app told somebody in private."""
        direct = self.net.direct(self.app, who)
        found = [*self.net.private(who, self.app.app), *self.net.ephemerals(who, direct)]
        return [m["text"] for m in sorted(found, key=lambda m: float(m["ts"])) if m.get("user") != who.id]

    async def slash(self, who: User, line: str, words: str) -> str:
        """Somebody types a command in private; gives the answer, which has these words in it."""
        await self.net.slash(who, self.net.direct(self.app, who), "/hub", line).answer()

        def said() -> str:
            return next((t for t in self.told(who) if words in t), "")

        return str(await until(said, f"“{words}” to be told; {self.told(who)}"))


@pytest.fixture
async def room(own_settings: Settings) -> AsyncIterator[Room]:
    """A hub without a Telegram bot."""
    net = SlackStandIn(Limits.off())
    server = await serve(net, retry_scale=0.001)
    team, app = net.add_team("Acme"), net.add_app("Hub", commands=("/hub",))
    installed = net.install(app, team)
    settings = msgspec.structs.replace(
        own_settings,
        data_dir=own_settings.data_dir / "alone",
        slack_api_url=f"{server.url}/api",
        slack_signing_secret=app.signing_secret,
        slack_bot_token=installed.token,
        **by_webhook(),
    )
    async with running(settings, prefix="alone_") as hub:
        await net.set_request_url(app, f"http://127.0.0.1:{hub.port}/hooks/slack")
        yield Room(net, team, installed, hub)
    await server.close()


async def test_an_invitation_says_what_to_type(room: Room) -> None:
    """Where there is no link to open, who invites is told the line; who types it first is in, and nobody after that."""
    sue, max_, eve = (room.net.add_user(room.team, name) for name in ("Sue Sun", "Max Moon", "Eve East"))
    code = await room.hub.store.directory.issue_token("init", {}, 600)
    await room.slash(sue, f"start {code}", "Sue")
    told = await room.slash(sue, "invite agent", "/hub start ")
    assert "link" not in told
    assert "://" not in told
    line = told.partition("/hub ")[2].split("`")[0].split("\n")[0]
    await room.slash(max_, line, "You are an agent")
    await room.slash(eve, line, "used already")
