"""One call of the Web API: who asks, and what, with the arguments as they come: query, form or JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from hub.sandbox.slack.accounts import App, Channel, Installation, Json, Team, User
from hub.sandbox.slack.refusals import Refusal, invalid

if TYPE_CHECKING:
    from hub.sandbox.slack.world import World

_TRUE, _FALSE = {"1", "true"}, {"0", "false", ""}


@dataclass
class Ask:
    """A call. `by` is the installation whose token it bears; None for the few that need none, or an app's own."""

    world: World
    method: str
    fields: Json
    by: Installation | None = None
    app: App | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def me(self) -> Installation:
        """The installation that asks. Raises Refusal where the token is none of a bot's."""
        if self.by is None:
            raise Refusal("not_allowed_token_type")
        return self.by

    @property
    def team(self) -> Team:
        """The workspace that the token is for."""
        return self.me.team

    # -- arguments ---------------------------------------------------------------------------------------------

    def text(self, name: str, default: str = "") -> str:
        """A text. Raises Refusal where something else is given."""
        value = self.fields.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise invalid(f"must be a string [json-pointer:/{name}]")
        return str(value)

    def needed(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if not value:
            raise invalid(f"missing required field: {name}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Yes or no."""
        value = self.fields.get(name)
        if value is None:
            return default
        word = str(value).lower()
        if word not in _TRUE | _FALSE:
            raise invalid(f"must be a boolean [json-pointer:/{name}]")
        return word in _TRUE

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number of at least 1."""
        value = self.text(name)
        if not value:
            return default
        if not value.isdigit() or not 0 < int(value) <= most:
            raise Refusal("invalid_limit")
        return int(value)

    def json(self, name: str) -> Any:
        """A list or an object, given as such or as JSON text. None where it is not given."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return msgspec.json.decode(value)
        except ValueError:
            raise invalid(f"must be valid json [json-pointer:/{name}]") from None

    # -- what they name ----------------------------------------------------------------------------------------

    def channel(self, name: str = "channel") -> Channel:
        """A channel that the app can see. Raises Refusal (channel_not_found)."""
        return self.world.visible(self.me, self.needed(name))

    def own_channel(self, name: str = "channel") -> Channel:
        """A channel that the app is in. Raises Refusal."""
        channel = self.channel(name)
        if self.me.bot.id not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def user(self, name: str = "user") -> User:
        """Somebody whom the app's workspace knows. Raises Refusal (user_not_found)."""
        return self.world.known(self.me, self.needed(name))
