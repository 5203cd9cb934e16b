"""Installing the one Slack app in many Slack workspaces: where to send a person, and what the code they bring gives."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import msgspec
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from hub.admin_bot.slack.manifest import SCOPES
from hub.errors import Refused
from hub.settings import Settings


class Installed(msgspec.Struct, frozen=True):
    """What an installation gave: the workspace it is in, and the bot's token there."""

    team: str
    name: str
    token: str


def consent_url(settings: Settings, state: str) -> str:
    """The page of Slack's on which a person agrees; `state` comes back with them."""
    host = urlsplit(settings.slack_api_url)
    asked = {
        "client_id": settings.slack_client_id,
        "scope": ",".join(SCOPES),
        "state": state,
        "redirect_uri": f"{settings.public_url}/slack/oauth",
    }
    return f"{host.scheme}://{host.netloc}/oauth/v2/authorize?{urlencode(asked)}"


async def exchange(settings: Settings, code: str) -> Installed:
    """The installation for a code, which is good once. Raises Refused in a sentence without secrets."""
    web = AsyncWebClient(base_url=f"{settings.slack_api_url.rstrip('/')}/", retry_handlers=[])
    try:
        # In the form, which Slack takes as well: the library's own method proves itself in a way that aiohttp gives up.
        answer = await web.api_call(
            "oauth.v2.access",
            data={
                "client_id": settings.slack_client_id,
                "client_secret": settings.slack_client_secret,
                "code": code,
                "redirect_uri": f"{settings.public_url}/slack/oauth",
            },
        )
    except SlackApiError as error:
        raise Refused(f"Slack did not agree ({error.response.get('error', 'no reason given')}). Start again.") from None
    except (SlackClientError, OSError, TimeoutError):
        raise Refused("Slack could not be reached. Start again in a minute.") from None
    team = answer.get("team") or {}
    token = answer.get("access_token") or ""
    if not team.get("id") or not token:
        raise Refused("The app was installed for a whole organization; install it in one workspace.")
    return Installed(str(team["id"]), str(team.get("name") or team["id"]), str(token))


def kept(installed: Installed) -> str:
    """An installation as it is kept."""
    return msgspec.json.encode(installed).decode()


def read(secret: str) -> Installed:
    """An installation that was kept."""
    return msgspec.json.decode(secret, type=Installed)
