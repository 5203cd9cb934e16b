"""What `hub check` says of the Slack app of the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from hub.checkup import checkup
from hub.sandbox.slack import Limits, SlackStandIn, serve
from hub.sandbox.slack.accounts import App, Installation
from hub.settings import Settings
from tests.scene import free_port

Lines = pytest.CaptureFixture[str]


class Place:
    """The stand-in, with the hub's app installed in one workspace."""

    def __init__(self, net: SlackStandIn, api: str) -> None:
        self.api = api
        self.app: App = net.add_app("Hub", socket_mode=True)
        self.installed: Installation = net.install(self.app, net.add_team("Acme"))


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    net = SlackStandIn(Limits.off())
    server = await serve(net)
    yield Place(net, f"{server.url}/api")
    await server.close()


async def said(settings: Settings, lines: Lines, **changes: Any) -> list[str]:
    """The lines about the app."""
    nobody = f"http://127.0.0.1:{free_port()}"
    changed = msgspec.structs.replace(settings, telegram_api_url=nobody, port=free_port(), **changes)
    await checkup(changed)
    return [line for line in lines.readouterr().out.splitlines() if "Slack app" in line]


async def test_without_an_app_nothing_is_said(settings: Settings, capsys: Lines) -> None:
    """Who does not use Slack is not told of it."""
    assert await said(settings, capsys) == []


async def test_an_app_that_is_well(settings: Settings, place: Place, capsys: Lines) -> None:
    """Tokens that Slack knows are said to be known, and where; they are never shown."""
    app, token = place.app, place.installed.token
    lines = await said(settings, capsys, slack_api_url=place.api, slack_bot_token=token, slack_app_token=app.app_token)
    assert [line.split()[0] for line in lines] == ["ok", "ok"]
    assert "in Acme" in lines[0]
    assert token not in str(lines)
    assert app.app_token not in str(lines)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slack_bot_token": "xoxb-wrong"}, "Slack refuses HUB_SLACK_BOT_TOKEN (invalid_auth)"),
        ({"slack_app_token": "xapp-wrong"}, "Slack refuses HUB_SLACK_APP_TOKEN"),
        ({"slack_signing_secret": "s3cret"}, "Set HUB_PUBLIC_URL, or HUB_SLACK_APP_TOKEN"),
        ({"slack_signing_secret": "s3cret"}, "it has no token in any Slack workspace"),
        ({"slack_bot_token": "xoxb-wrong", "public_url": "https://hub.example"}, "Set HUB_SLACK_SIGNING_SECRET"),
    ],
)
async def test_what_is_wrong_is_said_with_what_mends_it(
    settings: Settings, place: Place, capsys: Lines, changes: dict[str, str], words: str
) -> None:
    """Each thing that keeps the app from working is named with the setting that mends it."""
    lines = await said(settings, capsys, slack_api_url=place.api, **changes)
    assert any(line.startswith("wrong") and words in line for line in lines), lines


async def test_slack_is_away(settings: Settings, capsys: Lines) -> None:
    """An address where nobody answers is told apart from a token that is wrong."""
    nobody = f"http://127.0.0.1:{free_port()}/api"
    lines = await said(settings, capsys, slack_api_url=nobody, slack_bot_token="xoxb-any")
    assert any("cannot be reached" in line for line in lines)
