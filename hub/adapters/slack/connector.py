"""Makes Slack channels: asks whose a token is, says what is set up wrong, and connects it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

import msgspec

from hub.adapters.slack.channel import SlackChannel, SlackSecret
from hub.adapters.slack.errors import code_of, delivery_error
from hub.adapters.slack.listening import ListeningSlackChannel
from hub.adapters.slack.web import ANSWER_SECONDS, Web
from hub.domain.ports import Account
from hub.errors import ChannelDead, Refused
from hub.settings import Settings

T = TypeVar("T")

RIGHTS = {
    "app_mentions:read": "hear when it is mentioned",
    "channels:history": "read along in public channels where it is",
    "groups:history": "read along in private channels where it is",
    "im:history": "read direct messages",
    "im:write": "write first to somebody",
    "chat:write": "send messages",
    "files:read": "fetch files",
    "files:write": "send files",
    "reactions:read": "see reactions",
    "reactions:write": "react",
    "users:read": "see who people are",
}
"""What an app must be allowed, and what for."""
_TOKEN = re.compile(r"xox[a-z]?[a-z]?-[A-Za-z0-9-]{8,300}|xoxe\.[A-Za-z0-9.-]{8,400}")
_SIGNING_SECRET = re.compile(r"[A-Za-z0-9_-]{8,100}")
_APP_TOKEN = re.compile(r"xapp-[A-Za-z0-9-]{8,300}")
_WHERE = (
    "On the app's page at api.slack.com/apps, the bot token (xoxb-…) is under OAuth & Permissions, the signing secret"
    " under Basic Information, and the app-level token (xapp-…) under Basic Information, App-Level Tokens."
)
_NO_WAY_IN = (
    "This hub has no public address, so Slack cannot call it: give the app-level token (xapp-…) as a third word, and"
    " switch on Socket Mode on the app's page; or set HUB_PUBLIC_URL."
)
_SOCKET_IN_VAIN = (
    "This hub has a public address, so it does not use Socket Mode: switch that off on the app's page, else Slack calls"
    " nobody."
)


class SlackConnector:
    """Fulfils Connector."""

    network = "slack"
    usage = "BOT_TOKEN SIGNING_SECRET [APP_TOKEN]"
    guides = (
        "At api.slack.com/apps, your app, “OAuth & Permissions”, once it is installed: it begins with xoxb-.",
        "At api.slack.com/apps, your app, “Basic Information”, “App Credentials”.",
    )

    def __init__(self, settings: Settings, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Uses the settings' address of the Web API, and their own app. Waits `answer_seconds` for answers."""
        self._settings = settings
        self._answer_seconds = answer_seconds

    async def examine(self, words: Sequence[str]) -> tuple[Account, str]:
        """Asks whose token it is. Raises Refused in one sentence, which never holds a secret.

        A bot token alone is of the app of the settings.
        """
        token, signing_secret, app_token = _sorted(words)
        if not signing_secret and not self._settings.slack_signing_secret:
            raise Refused(f"The signing secret is missing. {_WHERE}")
        account, secret = await self._examine(token)
        problems = list(account.problems)
        if signing_secret:
            problems += await self._way_in(app_token)
        kept = msgspec.structs.replace(secret, signing_secret=signing_secret, app_token=app_token)
        return msgspec.structs.replace(account, problems=tuple(problems)), _written(kept)

    async def adopt(self, token: str) -> tuple[Account, str]:
        """The same for the app of the settings, from the bot token that an installation gave."""
        account, secret = await self._examine(token)
        return account, _written(secret)

    async def renew(self, secret: str, token: str) -> str | None:
        """The kept secret of a channel of the settings' app, with the bot token of a new installation."""
        kept = msgspec.json.decode(secret, type=SlackSecret)
        if kept.signing_secret:
            return None
        try:
            return (await self.adopt(token))[1]
        except Refused:
            # Slack does not answer just now. Within a workspace an app keeps its user, so the token is all that is new.
            return _written(msgspec.structs.replace(kept, token=token))

    def connect(self, secret: str, hook_secret: str) -> SlackChannel:
        """The channel for a kept secret; the network proves itself by a secret of its own."""
        del hook_secret
        kept = msgspec.json.decode(secret, type=SlackSecret)
        made = ListeningSlackChannel if kept.app_token else SlackChannel
        return made(kept, self._settings, self._answer_seconds)

    # -- asking ------------------------------------------------------------------------------------------------------

    async def _examine(self, token: str) -> tuple[Account, SlackSecret]:
        web = Web(self._settings.slack_api_url, token, self._answer_seconds)
        try:
            answer = await _asked(web.client.auth_test())
        finally:
            await web.close()
        team, user, bot = (str(answer.get(name) or "") for name in ("team_id", "user_id", "bot_id"))
        if not bot or not user:
            raise Refused(f"That token is a person's, not an app's. {_WHERE}")
        if not team.startswith("T"):
            raise Refused("The app is installed for a whole organization: install it in one workspace instead.")
        name = str(answer.get("team") or team)
        secret = SlackSecret(team=team, token=token, user=user, bot=bot, name=str(answer.get("user") or ""))
        return Account(id=team, name=name, problems=tuple(_lacking(answer))), secret

    async def _way_in(self, app_token: str) -> list[str]:
        """Whether anything would ever come from an app of its own."""
        if not app_token:
            return [_NO_WAY_IN] if self._settings.polls else []
        if not self._settings.polls:
            return [_SOCKET_IN_VAIN]
        web = Web(self._settings.slack_api_url, app_token, self._answer_seconds)
        try:
            await web.client.apps_connections_open(app_token=app_token)
        except Exception as error:  # noqa: BLE001 - the library raises what its parts raise on odd answers
            return [_no_socket(error)]
        finally:
            await web.close()
        return []


def _sorted(words: Sequence[str]) -> tuple[str, str, str]:
    """The words tell by themselves which they are; the order is the usage's."""
    tokens = [word for word in words if word.startswith("xox")]
    app_tokens = [word for word in words if word.startswith("xapp-")]
    secrets = [word for word in words if word not in tokens and word not in app_tokens]
    if len(tokens) != 1 or len(app_tokens) > 1 or len(secrets) > 1:
        raise Refused(f"Write {SlackConnector.usage}. {_WHERE}")
    if not tokens[0].startswith("xoxb-") or not _TOKEN.fullmatch(tokens[0]):
        raise Refused(f"That is not a bot token; it begins with xoxb-. {_WHERE}")
    if (secrets and not _SIGNING_SECRET.fullmatch(secrets[0])) or (
        app_tokens and not _APP_TOKEN.fullmatch(app_tokens[0])
    ):
        raise Refused(f"The signing secret or the app-level token is mistyped. {_WHERE}")
    return tokens[0], "".join(secrets), "".join(app_tokens)


async def _asked(calling: Awaitable[T]) -> T:
    try:
        return await calling
    except Exception as error:  # noqa: BLE001 - the library raises what its parts raise on odd answers
        found = delivery_error(error, repeatable=True)
    if isinstance(found, ChannelDead):
        raise Refused(f"Slack does not know that token, or it was revoked. {_WHERE}")
    why = found.text.partition("; it will")[0].rstrip(".")
    raise Refused(f"{why}: send the tokens again later, or have HUB_SLACK_API_URL and the network checked.")


def _lacking(answer: Any) -> list[str]:
    """What the app may not do, as far as the answer's header tells."""
    told = answer.headers.get("x-oauth-scopes") or ""
    given = {right.strip() for right in str(told).split(",")} - {""}
    missing = [f"{right} ({what})" for right, what in RIGHTS.items() if right not in given]
    if not given or not missing:
        return []
    rights = ", ".join(missing)
    how = "Add them on its page at Slack under OAuth & Permissions, Bot Token Scopes, and install it again."
    return [f"The app lacks rights: {rights}. {how}"]


def _no_socket(error: Exception) -> str:
    if code_of(error) == "missing_scope":
        return "The app-level token lacks the right connections:write: make another one that has it, and connect again."
    found = delivery_error(error, repeatable=True)
    if isinstance(found, ChannelDead):
        return "Slack does not know the app-level token (xapp-…): nothing will arrive. Connect again with it."
    return f"The socket could not be tried, so it is not known whether anything will arrive: {found.text}"


def _written(secret: SlackSecret) -> str:
    return msgspec.json.encode(secret).decode()
