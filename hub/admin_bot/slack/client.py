"""Calls to Slack's Web API: the SDK's client without its retries, one place for errors, a token for each workspace."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from hub.admin_bot.slack.errors import code_of, translated
from hub.domain.models import Media
from hub.domain.pictures import file_name
from hub.domain.ports import OutgoingMedia
from hub.errors import ChannelDead, DeliveryError, Gone, TemporaryFailure, TooLarge, Undeliverable

Tokens = Callable[[str], Awaitable[str]]
"""The bot's token in a workspace. Raises ChannelDead where the app is not installed."""
Doing = Callable[[AsyncWebClient], Awaitable[AsyncSlackResponse]]

CALL_SECONDS = 30.0
UPLOAD_SECONDS = 180.0
FETCH_LIMIT = 1024 * 1024 * 1024
"""Bytes of the largest file that Slack takes."""
NOTHING: frozenset[str] = frozenset()
_OWN_HOSTS = ("slack.com", "slack-files.com", "slack-edge.com")


class Me(msgspec.Struct, frozen=True):
    """The app in one workspace: its bot, the workspace's address, what it may do."""

    user: str
    bot: str
    url: str
    scopes: frozenset[str]


class Client:
    """One app at one Web API. Raises DeliveryErrors only; never retries, never waits for a limit."""

    def __init__(self, base_url: str, tokens: Tokens) -> None:
        self.base_url = base_url.rstrip("/") + "/"
        self._tokens = tokens
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._webs: dict[str, AsyncWebClient] = {}
        self._me: dict[str, Me] = {}
        self._direct: dict[tuple[str, str], str] = {}
        self.started = time.time()

    def session(self) -> aiohttp.ClientSession:
        """The connections; made when there is a loop to run them. Raises TemporaryFailure once they were let go."""
        if self._closed:
            raise TemporaryFailure("The hub is stopping.")
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=CALL_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        return self._session

    def web(self, token: str | None = None) -> AsyncWebClient:
        """The SDK's client; it posts nothing twice."""
        return AsyncWebClient(token, base_url=self.base_url, session=self.session(), retry_handlers=[])

    async def _web_of(self, team: str) -> AsyncWebClient:
        token = await self._tokens(team)
        known = self._webs.get(team)
        if known is None or known.token != token or known.session is not self.session():
            known = self._webs[team] = self.web(token)
        return known

    async def call(
        self, team: str, doing: Doing, *, repeatable: bool = False, done: Collection[str] = NOTHING
    ) -> AsyncSlackResponse | None:
        """Calls once. None: Slack answered with one of `done`, which says that it is so already."""
        web = await self._web_of(team)
        try:
            return await doing(web)
        except SlackApiError as error:
            if code_of(error) in done:
                return None
            refused = translated(error, repeatable=repeatable)
            if isinstance(refused, ChannelDead):
                self.forget(team)
            raise refused from None
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise translated(error, repeatable=repeatable) from None

    async def ask(self, team: str, doing: Doing) -> AsyncSlackResponse:
        """Asks for something, which does no harm twice."""
        answer = await self.call(team, doing, repeatable=True)
        if answer is None:
            raise Undeliverable("Slack gave no answer.")
        return answer

    # -- who we are, and whom we know --------------------------------------------------------------------------------

    async def me(self, team: str) -> Me:
        """The app in that workspace; asked once."""
        known = self._me.get(team)
        if known is None:
            known = self._me[team] = await self.look(team)
        return known

    async def look(self, team: str) -> Me:
        """The same, asked now."""
        answer = await self.ask(team, lambda web: web.auth_test())
        scopes = answer.headers.get("x-oauth-scopes") or answer.headers.get("X-OAuth-Scopes") or ""
        named = frozenset(s.strip() for s in scopes.split(",") if s.strip())
        return Me(str(answer.get("user_id", "")), str(answer.get("bot_id", "")), str(answer.get("url", "")), named)

    def address_of(self, team: str) -> str:
        """The workspace's own address, where it is known already; else empty."""
        known = self._me.get(team)
        return known.url.rstrip("/") if known else ""

    def forget(self, team: str) -> None:
        """What is known of a workspace may be no longer so: the app was taken out of it, or put in again."""
        self._me.pop(team, None)
        self._webs.pop(team, None)
        for key in [k for k in self._direct if k[0] == team]:
            del self._direct[key]

    async def direct(self, team: str, user: str) -> str:
        """The channel of a user's private chat with the app."""
        key = (team, user)
        if key not in self._direct:
            answer = await self.ask(team, lambda web: web.conversations_open(users=[user]))
            channel: Any = answer.get("channel")
            self._direct[key] = str(channel["id"])
        return self._direct[key]

    # -- files -------------------------------------------------------------------------------------------------------

    async def upload(self, url: str, content: AsyncIterator[bytes], size: int) -> None:
        """Sends a file's bytes to where Slack wants them."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        timeout = aiohttp.ClientTimeout(total=UPLOAD_SECONDS)
        try:
            async with self.session().post(url, data=content, headers=headers, timeout=timeout) as response:
                await response.read()
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise TemporaryFailure("The connection to Slack was lost while a file was sent.") from None
        if status == 413:
            raise TooLarge("Slack takes no file so large.")
        if status != 200:
            raise TemporaryFailure(f"Slack answered {status} when a file was sent.")

    async def show(self, team: str, channel: str, picture: bytes) -> None:
        """Posts a picture, a PNG or JPEG."""

        async def content() -> AsyncIterator[bytes]:
            yield picture

        media = Media(kind="image", name=file_name(picture))
        await self.share(team, channel, media.name, OutgoingMedia(media=media, content=content, size=len(picture)))

    async def share(self, team: str, channel: str, name: str, file: OutgoingMedia) -> None:
        """Posts a file."""
        ticket = await self.ask(team, lambda web: web.files_getUploadURLExternal(filename=name, length=file.size))
        await self.upload(str(ticket.get("upload_url", "")), file.content(), file.size)
        files: list[dict[str, str | None]] = [{"id": str(ticket.get("file_id", "")), "title": name}]
        await self.call(team, lambda web: web.files_completeUploadExternal(files=files, channel_id=channel))

    async def fetch(self, team: str, media: Media) -> AsyncIterator[bytes]:
        """A file that somebody posted, in chunks."""
        try:
            answer = await self.ask(team, lambda web: web.files_info(file=media.source))
        except TemporaryFailure:
            raise
        except DeliveryError as error:
            raise Gone(error.text) from None
        file: Any = answer.get("file") or {}
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        if not url or file.get("mode") in ("tombstone", "hidden_by_limit"):
            raise Gone("Slack no longer has this file.")
        if not self._is_own(url):
            raise Gone("That file lies outside Slack; send the file itself.")
        if int(file.get("size") or 0) > FETCH_LIMIT:
            raise TooLarge("The file is larger than 1 GB.")
        async for chunk in self._stream(team, url, html=str(file.get("mimetype", "")) == "text/html"):
            yield chunk

    def _is_own(self, url: str) -> bool:
        """Whether the token may be shown there."""
        given, api = urlsplit(url), urlsplit(self.base_url)
        if (given.scheme, given.netloc) == (api.scheme, api.netloc):
            return True
        host = given.hostname or ""
        return given.scheme == "https" and any(host == own or host.endswith(f".{own}") for own in _OWN_HOSTS)

    async def _stream(self, team: str, url: str, *, html: bool) -> AsyncIterator[bytes]:
        headers = {"Authorization": f"Bearer {await self._tokens(team)}"}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=30)
        try:
            async with self.session().get(url, headers=headers, timeout=timeout) as response:
                if response.status in (403, 404, 410):
                    raise Gone("Slack no longer has this file.")
                if response.status != 200:
                    raise TemporaryFailure(f"Slack answered {response.status} when asked for the file.")
                if response.content_type == "text/html" and not html:
                    raise Gone("Slack shows the app no files: it lacks the right files:read.")
                async for chunk in response.content.iter_chunked(64 * 1024):
                    yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise TemporaryFailure("The connection was lost while the file was fetched.") from None

    async def close(self) -> None:
        """Lets go of the connections."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
