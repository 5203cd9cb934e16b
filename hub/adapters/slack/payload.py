"""The shape of what Slack tells an app, as far as the hub reads it; everything else in an update is skipped.

The network leaves fields out at will and gives some as `null`; only what every update of a kind has is required. What
may be of any shape (blocks) is taken as it is, and read with care.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Kind(msgspec.Struct):
    """What tells the kinds of payloads apart; `envelope_id` where a socket hands one over."""

    type: str | None = None
    command: str | None = None
    envelope_id: str | None = None
    payload: msgspec.Raw = msgspec.Raw()


class Authorization(msgspec.Struct):
    """One installation that may see the event: the workspace, and the app's own user there."""

    team_id: str | None = None
    user_id: str | None = None
    is_bot: bool | None = None


class Envelope(msgspec.Struct):
    """What surrounds an event."""

    event: msgspec.Raw
    team_id: str | None = None
    context_team_id: str | None = None
    api_app_id: str | None = None
    event_id: str | None = None
    authorizations: list[Authorization] | None = None

    @property
    def team(self) -> str:
        """The workspace in which the app hears it: in a shared channel `team_id` may be another one."""
        through = next((each.team_id for each in self.authorizations or [] if each.team_id), None)
        return through or self.context_team_id or self.team_id or ""

    @property
    def own_user(self) -> str:
        """The app's own user there; empty where it is not told."""
        return next((each.user_id for each in self.authorizations or [] if each.is_bot and each.user_id), "")


class Named(msgspec.Struct):
    """What every event has."""

    type: str


class Profile(msgspec.Struct):
    """What is told of somebody from another workspace."""

    real_name: str | None = None
    display_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None


class File(msgspec.Struct):
    """A file. Of one from another workspace there is often only the id."""

    id: str | None = None
    name: str | None = None
    title: str | None = None
    mimetype: str | None = None
    size: Count | None = None
    mode: str | None = None
    subtype: str | None = None
    is_external: bool | None = None
    url_private: str | None = None
    url_private_download: str | None = None
    permalink: str | None = None


class Shared(msgspec.Struct):
    """A message that was passed on, or the preview of an address."""

    is_share: bool | None = None
    is_msg_unfurl: bool | None = None
    text: str | None = None
    fallback: str | None = None
    author_name: str | None = None
    message_blocks: Any = None
    files: list[File] | None = None


class Change(msgspec.Struct):
    """Who changed a message, and when."""

    user: str | None = None
    ts: str | None = None


class Root(msgspec.Struct):
    """The message that a thread begins with."""

    user: str | None = None
    text: str | None = None
    reply_users: list[str] | None = None


class Message(msgspec.Struct):
    """A message; or with `subtype` what became of one, or a notice of the network's own."""

    type: str | None = None
    ts: str | None = None
    channel: str | None = None
    channel_type: str | None = None
    subtype: str | None = None
    user: str | None = None
    team: str | None = None
    user_team: str | None = None
    source_team: str | None = None
    user_profile: Profile | None = None
    bot_id: str | None = None
    app_id: str | None = None
    client_msg_id: str | None = None
    text: str | None = None
    blocks: Any = None
    thread_ts: str | None = None
    parent_user_id: str | None = None
    root: Root | None = None
    edited: Change | None = None
    files: list[File] | None = None
    attachments: list[Shared] | None = None
    event_ts: str | None = None
    message: Message | None = None
    previous_message: Message | None = None


class Item(msgspec.Struct):
    """What a reaction stands on."""

    type: str | None = None
    channel: str | None = None
    ts: str | None = None


class Reaction(msgspec.Struct):
    """A reaction that was put somewhere, or taken away."""

    user: str
    reaction: str
    item: Item
    event_ts: str | None = None


class Tokens(msgspec.Struct):
    """The users whose tokens were taken away: people, and the app's own."""

    oauth: list[str] | None = None
    bot: list[str] | None = None


class Revocation(msgspec.Struct):
    """Tokens were taken away."""

    tokens: Tokens


class Presser(msgspec.Struct):
    """Who pressed."""

    id: str
    team_id: str | None = None
    username: str | None = None
    name: str | None = None


class Where(msgspec.Struct):
    """A workspace or a channel."""

    id: str | None = None


class Words(msgspec.Struct):
    """A text object."""

    text: str | None = None


class Action(msgspec.Struct):
    """A press."""

    action_id: str | None = None
    action_ts: str | None = None
    value: str | None = None
    text: Words | None = None


class Container(msgspec.Struct):
    """Where the pressed button stands."""

    message_ts: str | None = None
    channel_id: str | None = None
    thread_ts: str | None = None


class Press(msgspec.Struct):
    """A press on buttons of a message's."""

    user: Presser
    actions: list[Action]
    team: Where | None = None
    channel: Where | None = None
    container: Container | None = None
