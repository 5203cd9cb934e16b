"""Socket Mode: Slack's updates over a connection of our own, where it cannot call us."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from hub.admin_bot.slack.client import Client
from hub.admin_bot.slack.errors import translated
from hub.errors import ChannelDead, HubError, TemporaryFailure

log = logging.getLogger(__name__)
# The SDK tells of every connection and of every failure with its traceback; the hub says what matters.
logging.getLogger("slack_sdk.socket_mode.aiohttp").setLevel(logging.CRITICAL)

Take = Callable[[bytes], Awaitable[object]]
CONNECT_SECONDS = 15.0
LOOK_EVERY = 2.0
LOST_AFTER = 30.0
"""Seconds without a connection after which it is begun anew, for whatever the SDK waits for does not come."""


async def listen(client: Client, app_token: str, take: Take) -> None:
    """Connects, and hands over each update until cancelled; what `take` returns is said in the acknowledgement."""
    if not app_token:
        raise ChannelDead("Socket Mode needs the app's own token: set HUB_SLACK_APP_TOKEN (it begins with xapp-).")
    socket = SocketModeClient(
        app_token, web_client=client.web(), ping_interval=5, logger=logging.getLogger("slack_sdk.socket_mode.aiohttp")
    )

    async def handle(_: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        await _handle(socket, request, take)

    socket.socket_mode_request_listeners.append(handle)
    try:
        await _connect(socket)
        await _watch(socket)
    finally:
        await socket.close()  # type: ignore[no-untyped-call]
        await asyncio.sleep(0)


async def _connect(socket: SocketModeClient) -> None:
    try:
        socket.wss_uri = await socket.issue_new_wss_url()
        await asyncio.wait_for(socket.connect(), CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except TimeoutError:
        raise TemporaryFailure("Slack's socket cannot be reached.") from None
    except (SlackApiError, SlackClientError, ClientError, OSError, ValueError) as error:
        raise translated(error, repeatable=True) from None


async def _watch(socket: SocketModeClient) -> None:
    """The SDK connects again by itself; where that goes on too long, somebody else is to know."""
    lost = 0.0
    while lost < LOST_AFTER:
        await asyncio.sleep(LOOK_EVERY)
        lost = 0.0 if await socket.is_connected() else lost + LOOK_EVERY
    raise TemporaryFailure("The connection to Slack's socket was lost.")


async def _handle(socket: SocketModeClient, request: SocketModeRequest, take: Take) -> None:
    """Acknowledges what was taken. What was not, Slack tells again."""
    try:
        said = await take(json.dumps(request.payload).encode())
    except HubError as error:
        log.warning("an update by Slack's socket was not taken: %s", error.text)
        return
    except Exception:  # the connection must outlive whatever happens
        log.exception("an update by Slack's socket was not taken")
        return
    payload = said if isinstance(said, dict) else None
    await socket.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=payload))
