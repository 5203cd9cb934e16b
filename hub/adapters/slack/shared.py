"""One app at Slack that is installed in many workspaces: all their events come in at one door, and are told apart
here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import msgspec

from hub.adapters.slack import signature
from hub.adapters.slack.opening import decoded, opened
from hub.adapters.slack.payload import Envelope, Press
from hub.settings import Settings


class _Elsewhere(msgspec.Struct):
    """What is no event and no press: the workspace stands where it stands in each kind."""

    team_id: str | None = None


_ENVELOPE = msgspec.json.Decoder(Envelope)
_PRESS = msgspec.json.Decoder(Press)
_ELSEWHERE = msgspec.json.Decoder(_Elsewhere)


class SlackApp:
    """The app of the settings. Fulfils SharedApp and Greets."""

    network = "slack"

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        """Takes nothing for genuine where the settings name no signing secret."""
        self._signing_secret = settings.slack_signing_secret
        self._clock = clock

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """The network signs the body and the time with the app's signing secret."""
        signature.verify(headers, body, self._signing_secret, self._clock())

    def greet(self, query: Mapping[str, str], body: bytes) -> str | None:
        """The network asks when the address is entered on the app's page."""
        return signature.greet(query, body)

    def split(self, body: bytes) -> list[tuple[str, bytes]]:
        """The whole of it, for the workspace in which the app got it; what is of no workspace is for nobody."""
        found = opened(body)
        if found.kind == "event_callback":
            return [(decoded(_ENVELOPE, found.json).team, body)]
        if found.kind == "block_actions":
            team = decoded(_PRESS, found.json).team
            return [((team.id if team else None) or "", body)]
        return [(decoded(_ELSEWHERE, found.json).team_id or "" if found.json else "", body)]
