"""Socket Mode: Slack's updates over a connection of the hub's own, where Slack cannot call it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from hub.adapters.slack.channel import SlackChannel
from hub.adapters.slack.errors import delivery_error
from hub.errors import ChannelDead, HubError, TemporaryFailure

log = logging.getLogger(__name__)
_LIBRARY = logging.getLogger("slack_sdk.socket_mode.aiohttp")
# It tells of each failure with a traceback, and of addresses that are secrets while they are good.
_LIBRARY.setLevel(logging.CRITICAL)

Take = Callable[[bytes], Awaitable[None]]

CONNECT_SECONDS = 15.0
PING_SECONDS = 5.0
LOOK_SECONDS = 1.0
LOST_SECONDS = 30.0
"""After so long without a connection it is begun anew: what the library waits for does not come."""


class ListeningSlackChannel(SlackChannel):
    """An app in Socket Mode. Fulfils Listens beside all else."""

    async def listen(self, take: Take) -> None:
        """Connects and hands over each update until cancelled. What was not taken, the network tells again."""
        socket = SocketModeClient(
            self._secret.app_token, web_client=self._web.client, ping_interval=PING_SECONDS, logger=_LIBRARY
        )

        async def handle(_: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
            await _hand_over(socket, request, take)

        socket.socket_mode_request_listeners.append(handle)
        try:
            await _connect(socket)
            await _watch(socket)
        finally:
            await _close(socket)


async def _connect(socket: SocketModeClient) -> None:
    try:
        # By hand, for the library would ask on for ever.
        answer = await socket.web_client.apps_connections_open(app_token=socket.app_token)
        socket.wss_uri = str(answer["url"])
        await asyncio.wait_for(socket.connect(), CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except TimeoutError:
        raise TemporaryFailure("Slack's socket could not be reached; it will be tried again.") from None
    except Exception as error:  # noqa: BLE001 - the library raises what its parts raise on odd answers
        found = delivery_error(error, repeatable=True)
        raise ChannelDead(APP_TOKEN_DEAD) if isinstance(found, ChannelDead) else found from None


async def _watch(socket: SocketModeClient) -> None:
    """The library connects again by itself; where that takes too long, whoever listens is to know."""
    lost = 0.0
    while lost < LOST_SECONDS:
        await asyncio.sleep(LOOK_SECONDS)
        lost = 0.0 if await socket.is_connected() else lost + LOOK_SECONDS
    raise TemporaryFailure("The connection to Slack's socket was lost; it will be made again.")


async def _hand_over(socket: SocketModeClient, request: SocketModeRequest, take: Take) -> None:
    """Acknowledged after it was taken, and only then."""
    try:
        await take(json.dumps(request.payload).encode())
    except HubError as error:
        log.warning("an update from Slack's socket was not taken: %s", error.text)
        return
    except Exception:  # the connection must outlive whatever happens
        log.exception("an update from Slack's socket was not taken")
        return
    await socket.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))


async def _close(socket: SocketModeClient) -> None:
    tasks = [socket.message_processor, socket.current_session_monitor, socket.message_receiver]
    await socket.close()  # type: ignore[no-untyped-call]
    await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)


APP_TOKEN_DEAD = "Slack does not accept the app-level token (xapp-…); connect the channel again with a new one."  # noqa: S105 - a sentence
