"""How contacts are reached: one connected account on one messaging network, and what it can do.

Each interface says when it is called and what must not be done there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

import msgspec

from hub.domain.ids import Address, ExternalId
from hub.domain.incoming import Incoming, Person
from hub.domain.models import Attachment, Choice, Media, MediaKind
from hub.domain.text import Text


class Pace(msgspec.Struct, frozen=True):
    """What the network lets a sending account do: at most `count` in any `seconds` in a row."""

    count: int
    seconds: float


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel can carry, as data."""

    text_limit: int
    caption_limit: int
    media: Mapping[MediaKind, int]
    """Kinds that can be sent, and their greatest size in bytes."""
    album_limit: int = 1
    can_unsend: bool = False
    needs_reply_to: bool = False
    """An answer goes where the message stands that it answers, so that it always names one: the contact's last."""
    choices: int = 0
    """How many buttons may stand under a text for the contact to press; 0: none."""
    pictures: bool = False
    """It is a `Pictures`."""
    reply_window: float | None = None
    """Seconds after the contact's last act within which anything may be sent; None: always."""
    person_window: float | None = None
    """Seconds within which what a person wrote may still be sent, marked as `late`; None: not beyond `reply_window`."""
    per_account: Pace | None = None
    per_chat: Pace | None = None


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """What to send: one message, or the messages of an album as several `media`. `reply_to`: answers that message.

    `late`: a person wrote it, and it is sent past the channel's `reply_window` but within its `person_window`.
    """

    text: Text = Text()
    media: tuple[OutgoingMedia, ...] = ()
    others: tuple[Attachment, ...] = ()
    """Locations, contacts and such, that need no file."""
    reply_to: ExternalId | None = None
    choices: tuple[Choice, ...] = ()
    late: bool = False


class OutgoingMedia(msgspec.Struct, frozen=True, kw_only=True):
    """A file to send; `content` is read once, in chunks. `caption` is its own."""

    media: Media
    content: Callable[[], AsyncIterator[bytes]]
    size: int
    caption: Text = Text()


class Sent(msgspec.Struct, frozen=True):
    """What the network made of it: an id for each message it became, in order; empty tuple parts never occur."""

    externals: tuple[ExternalId, ...]
    whose: tuple[int, ...] = ()
    """Of which file each is, by the file's place among those sent; empty: one each, and the last file's all others."""


class Channel(Protocol):
    """One connected account on one messaging network."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can carry; does not change while connected."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Called before anything is parsed; headers are found by lower-case names. Raises NotGenuine, nothing else."""

    def translate(self, payload: bytes) -> list[Incoming]:
        """Reads one update. Pure: no network, no store, no clock. Raises Anomalous for what no network would send."""

    def update_id(self, payload: bytes) -> str:
        """What makes this update the same as a redelivered one; empty where the network gives no such thing."""

    async def send(self, to: Address, message: Outgoing) -> Sent:
        """Sends once. Raises a DeliveryError of the fitting kind; never retries, never waits for a limit."""

    async def close(self) -> None:
        """Lets go of its connections; it will not be used again."""


@runtime_checkable
class Polls(Protocol):
    """A channel that can be asked for updates where networks cannot call us."""

    async def poll(self, offset: int, wait: float) -> list[tuple[int, bytes]]:
        """Updates from `offset` on, raw, each with its own number. Asking for an offset confirms all before it."""


@runtime_checkable
class Hooks(Protocol):
    """A channel that can tell its network where to call."""

    async def hook(self, url: str) -> None:
        """Asks for calls at `url`; an empty one ends them. Called at every start: must be harmless when repeated."""


@runtime_checkable
class Instructs(Protocol):
    """A channel whose network is told by hand where to call."""

    def instructions(self, url: str) -> list[str]:
        """What its owner must do at the network so that it calls `url`, a sentence each; shown in private only."""


@runtime_checkable
class Edits(Protocol):
    """A channel on which our messages can be changed."""

    async def edit(self, to: Address, externals: Sequence[ExternalId], text: Text, caption: bool) -> Sent:
        """Changes the words of what we sent, which the network knows by these names; `caption`: the first is a file.

        Gives its names now: longer words may need more messages, shorter ones fewer. Same words again: done.
        """


@runtime_checkable
class Deletes(Protocol):
    """A channel on which our messages can be taken back."""

    async def delete(self, to: Address, externals: Sequence[ExternalId]) -> None:
        """Takes them back; one that is gone already counts as done. Raises Undeliverable where it is too late."""


@runtime_checkable
class Reacts(Protocol):
    """A channel on which we can react to the contact's messages."""

    async def react(self, to: Address, external: ExternalId, emoji: str) -> None:
        """Puts our reaction there; an empty one takes it away. An emoji the network lacks raises Undeliverable."""


@runtime_checkable
class FetchesMedia(Protocol):
    """A channel whose files are fetched by us."""

    def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """The file in chunks. Raises TooLarge, Gone, TemporaryFailure."""


@runtime_checkable
class Asks(Protocol):
    """A channel whose network waits to be told that a pressed button was heard."""

    async def heard_press(self, press: ExternalId) -> None:
        """Tells it, by the press's own name. Of no consequence where it is too late; raises DeliveryError then."""


@runtime_checkable
class Signals(Protocol):
    """A channel on which contacts see that somebody reads or types."""

    async def signal(self, to: Address, what: Literal["seen", "typing", "idle"]) -> None:
        """Shows it. Of no consequence where it fails; raises DeliveryError then."""


@runtime_checkable
class Profiles(Protocol):
    """A channel whose messages do not say who the contact is."""

    async def profile(self, address: Address) -> Person:
        """Who it is, as far as the network tells. Raises DeliveryError; never because the contact hides a name."""


@runtime_checkable
class Pictures(Protocol):
    """A channel whose network shows what its contacts look like. Its capabilities say so too."""

    async def picture(self, address: Address) -> bytes:
        """The contact's picture as it is there now, of the smaller ones that are 160 pixels wide; empty where there is
        none, or none that we are shown. Raises DeliveryError; TooLarge beyond `pictures.LARGEST`.
        """


@runtime_checkable
class Names(Protocol):
    """A channel whose messages name people by ids."""

    async def named(self, text: Text) -> Text:
        """The text with names where ids stood, as far as the network tells. Raises DeliveryError."""


@runtime_checkable
class Greets(Protocol):
    """A channel, or a shared app, whose network wants an answer before it calls."""

    def greet(self, query: Mapping[str, str], body: bytes) -> str | None:
        """What to answer to a handshake: a GET's `query`, or a genuine request's `body`; None where it is none.

        Raises NotGenuine.
        """


@runtime_checkable
class Listens(Protocol):
    """A channel, or a front end, that hears over a connection of its own where networks cannot call us."""

    async def listen(self, take: Callable[[bytes], Awaitable[None]]) -> None:
        """Connects and hands over each update until cancelled; acknowledges one after `take` returned, not where it
        raised. Raises DeliveryError where it cannot connect.
        """


class SharedApp(Protocol):
    """One app at a network that serves many of its accounts, so that all their updates come in at one door."""

    network: str

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Called before anything is parsed; headers are found by lower-case names. Raises NotGenuine, nothing else."""

    def split(self, body: bytes) -> list[tuple[str, bytes]]:
        """The parts of a genuine request, each with the account (as in `Account.id`) it is for. Raises Anomalous."""


class Account(msgspec.Struct, frozen=True):
    """What the network says of a token's account. `id` is what routes are made of."""

    id: str
    name: str
    problems: tuple[str, ...] = ()
    """Sentences on what is set up wrong there and how to mend it."""


class Connector(Protocol):
    """Makes channels of one network: what `/channel connect <network> …` needs."""

    network: str

    @property
    def usage(self) -> str:
        """The words after `/channel connect <network>`."""

    async def examine(self, words: Sequence[str]) -> tuple[Account, str]:
        """Asks the network who this is; gives the account and the secret to keep. Raises Refused with what is right."""

    def connect(self, secret: str, hook_secret: str) -> Channel:
        """The channel for a kept secret. Does not speak to the network."""


@runtime_checkable
class Guides(Protocol):
    """A connector that says where people find what it asks for."""

    @property
    def guides(self) -> Sequence[str]:
        """A sentence or two for each word of the usage, in their order."""


@runtime_checkable
class Adopts(Protocol):
    """A connector whose network has an app of ours that people install, so that they need not bring one."""

    async def adopt(self, token: str) -> tuple[Account, str]:
        """The account and the secret to keep, from what the installation gave. Raises Refused."""

    async def renew(self, secret: str, token: str) -> str | None:
        """The secret to keep instead of that one, where the account's installation gave a new token; None where the
        channel has an app of its own, which no installation of ours concerns.
        """
