"""The Slack app of the settings: whether Slack knows it, and whether anything would come from it."""

from __future__ import annotations

from typing import Any

import aiohttp
import msgspec

from hub.checkup.findings import Finding, Surroundings
from hub.errors import NotFound, Unavailable

ABOUT = "Slack app"


async def slack_app(around: Surroundings) -> list[Finding]:
    """Nothing is said where no such app is set up."""
    settings = around.settings
    if not (settings.slack_bot_token or settings.slack_app_token or settings.slack_signing_secret):
        return []
    found = _way_in(around)
    if settings.slack_bot_token:
        found.append(await _known(around, "auth.test", settings.slack_bot_token, "HUB_SLACK_BOT_TOKEN"))
    if settings.slack_app_token and settings.polls:
        found.append(await _known(around, "apps.connections.open", settings.slack_app_token, "HUB_SLACK_APP_TOKEN"))
    if not settings.slack_bot_token and not (settings.slack_client_id and settings.slack_client_secret):
        mend = "Set HUB_SLACK_BOT_TOKEN, or HUB_SLACK_CLIENT_ID and HUB_SLACK_CLIENT_SECRET so that people install it."
        found.append(Finding("wrong", ABOUT, f"It can say nothing: it has no token in any Slack workspace. {mend}"))
    return found


def _way_in(around: Surroundings) -> list[Finding]:
    settings = around.settings
    if settings.polls and not settings.slack_app_token:
        mend = "Set HUB_PUBLIC_URL, or HUB_SLACK_APP_TOKEN for Socket Mode."
        return [Finding("wrong", ABOUT, f"Nothing comes from Slack: it cannot call this hub. {mend}")]
    if not settings.polls and not settings.slack_signing_secret:
        mend = "Set HUB_SLACK_SIGNING_SECRET; it is on the app's page under Basic Information."
        return [Finding("wrong", ABOUT, f"What Slack posts cannot be proved to be Slack's. {mend}")]
    return []


async def _known(around: Surroundings, method: str, token: str, name: str) -> Finding:
    try:
        answer = await _asked(around, method, token)
    except NotFound as error:
        mend = f"Set {name} to the one on the app's page at api.slack.com/apps."
        return Finding("wrong", ABOUT, f"Slack refuses {name} ({error.text}). {mend}")
    except Unavailable as error:
        return Finding("wrong", ABOUT, error.text)
    where = f" in {answer['team']}" if answer.get("team") else ""
    return Finding("ok", ABOUT, f"Slack knows {name}{where}.")


async def _asked(around: Surroundings, method: str, token: str) -> dict[str, Any]:
    """Slack's answer. Raises NotFound with its reason where it refuses; never tells the token."""
    url = f"{around.settings.slack_api_url}/{method}"
    try:
        async with around.http.post(url, headers={"Authorization": f"Bearer {token}"}) as response:
            answer = msgspec.json.decode(await response.read(), type=dict[str, Any])
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        raise Unavailable("Slack's Web API cannot be reached; look at the network and HUB_SLACK_API_URL.") from None
    if not answer.get("ok"):
        raise NotFound(str(answer.get("error", "it gives no reason")))
    return answer
