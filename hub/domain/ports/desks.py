"""Where agents work: the hands on a desk, and what a post on it shows.

Each interface says when it is called and what must not be done there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

import msgspec

from hub.domain.ids import Identity, PostId, ThreadId
from hub.domain.models import Comment, Contact, Conversation, Media, Message
from hub.domain.ports.channels import Account, OutgoingMedia, Pace
from hub.domain.reply import Button, Reply


class RelayView(msgspec.Struct, kw_only=True):
    """What a post in a contact's place shows: messages of one contact, and on the first one of a place its card."""

    contact: Contact
    conversation: Conversation
    messages: list[Message | Comment]
    files: list[OutgoingMedia] = msgspec.field(default_factory=list)
    reply_to: PostId | None = None
    card: CardView | None = None
    row: bool = False
    """With the buttons of an unanswered spell."""
    snooze: Button | None = None
    """One of them: puts it out of sight until the moment that it names."""
    mention: Identity | None = None
    """The assignee, to be pinged."""
    mention_name: str = ""
    """What the assignee is called."""
    heading: str = ""
    """Said above the words: a transcript's title, or who answered outside."""
    by: str = ""
    """The further account of the desk that posts it, or did; empty: the desk's own."""
    part: int = 0
    """When redrawn: which of the posts that show the same message it is, in the order they were posted."""


class CardView(msgspec.Struct, kw_only=True):
    """Who the contact is and how things stand."""

    contact: Contact
    conversation: Conversation
    channel: str
    assignee: str = ""
    team: str = ""
    """In whose inbox it is; empty: in no team's."""
    tags: list[str] = msgspec.field(default_factory=list)
    category: str = ""
    window: str = ""
    """Until when the contact may be answered, in words; empty where there is no end."""
    facts: list[str] = msgspec.field(default_factory=list)
    """What else is known of the contact, name and value, as much as a card has room for."""
    blocked: str = ""
    """Until when the contact is not heard, in words; empty where they are."""
    snooze: Button | None = None
    """Puts it out of sight until the moment that it names; None where that cannot be."""
    explicit: bool = False
    """Only what is said to be for the contact goes to them."""


class QueueRow(msgspec.Struct, kw_only=True):
    """A waiting conversation on the queue card."""

    number: int
    version: int
    name: str
    waiting_since: datetime | None
    text: str
    assignee: str = ""
    url: str = ""


class QueueView(msgspec.Struct, kw_only=True):
    """The queue card: who waits longest, first; `total` counts those not shown as well."""

    rows: list[QueueRow]
    total: int
    workspace: str = ""


class DeskPace(msgspec.Struct, frozen=True, kw_only=True):
    """What the network lets the desk's account do."""

    per_account: Pace | None
    per_desk: Pace | None
    threads: Pace | None = None
    edits: Pace | None = None
    """Of the account, where the network counts edits apart from posts; None: they count as posts."""


class DeskShape(msgspec.Struct, frozen=True):
    """How a network's places are built."""

    thread_per: Literal["contact", "conversation"] = "contact"
    card_opens: bool = False
    """A place opens with a post that is its card and bears the thread's name, so that no relay post carries one, and
    nothing has to be renamed.
    """


class Desk(Protocol):
    """A front end's hands on one desk. Called by the host only, which keeps to `pace`; never retries or waits.

    Raises ThreadGone where the place was deleted, closed or lost; DeskMoved where the chat has a new identity; else a
    DeliveryError. What a contact wrote is shown so that nothing in it can act with an agent's rights.
    """

    @property
    def chat(self) -> str:
        """The desk's chat."""

    @property
    def account(self) -> str:
        """Names the sending account, whose limits all its desks share; never a secret."""

    @property
    def pace(self) -> DeskPace:
        """The limits; does not change while bound."""

    @property
    def shape(self) -> DeskShape:
        """How its places are built; does not change."""

    def fits(self, view: RelayView) -> bool:
        """Whether the view can be one post; one message alone always can (it is split where it must be)."""

    def cost(self, view: RelayView) -> int:
        """How many posts the network will count for it."""

    async def open_thread(self, title: str, card: CardView) -> ThreadId:
        """Opens a place with that title, and with that card where `shape.card_opens`."""

    async def reopen_thread(self, thread: ThreadId) -> None:
        """Opens a place that was closed by hand; one that is open counts as done."""

    async def rename_thread(self, thread: ThreadId, title: str) -> None:
        """Changes a place's title; the same again counts as done."""

    async def show(self, thread: ThreadId, view: RelayView) -> list[PostId]:
        """Posts it; gives the posts in order, the one that carries card and row first."""

    async def redraw(self, thread: ThreadId, post: PostId, view: RelayView, media: bool) -> None:
        """Edits such a post, `media` where its words are a caption; the same again counts as done."""

    async def react(self, post: PostId, emoji: str, *others: str) -> None:
        """Shows a contact's reactions on a post, the newest given first; an empty one takes them away. Where one alone
        can be shown, it is the newest.
        """

    async def mark(self, post: PostId, mark: Literal["delivered", "failed", "uncertain", "unsent"]) -> None:
        """Shows on an agent's own post what became of it."""

    async def say(self, thread: ThreadId, reply: Reply, reply_to: PostId | None = None) -> PostId:
        """Says something in a place or at home."""

    async def queue_card(self, post: PostId | None, view: QueueView) -> PostId:
        """Edits the queue card, or posts it where `post` is None; gives the post."""

    async def delete(self, post: PostId) -> None:
        """Takes away a post of the hub's own; one that is gone already counts as done."""

    async def clear(self, thread: ThreadId, posts: Sequence[PostId]) -> None:
        """Takes a place away for good, with the posts that are known to stand there, as far as the network lets it;
        what is gone already, or is not the hub's to delete, counts as done.
        """

    def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """An agent's file in chunks. Raises TooLarge, Gone, TemporaryFailure."""

    def link(self, thread: ThreadId, post: PostId | None) -> str:
        """An address that opens the place at that post in the agents' app; empty where there is none."""


class FrontEnd(Protocol):
    """The code that speaks to the desks of one network."""

    network: str

    def desk(self, chat: str) -> Desk:
        """The hands on the desk in that chat. Does not speak to the network."""

    async def notify(self, identity: Identity, reply: Reply) -> PostId:
        """Says something to a user in private; gives the post that has its buttons. Raises DeliveryError."""

    async def renotify(self, identity: Identity, post: PostId, reply: Reply) -> None:
        """Puts that in the place of what was said to a user in private; the same again counts as done. Raises
        DeliveryError, Gone where it stands there no more.
        """

    async def hand_over(self, identity: Identity, file: OutgoingMedia) -> None:
        """Gives a user a file in private. Raises DeliveryError, TooLarge where no such large one is carried."""

    async def problems(self, chat: str) -> list[str]:
        """What keeps the hub from working in that chat, each with how to mend it. Raises DeliveryError."""

    def owns(self, identity: Identity) -> bool:
        """Whether the identity is of this network."""


@runtime_checkable
class Titles(Protocol):
    """A front end whose network does not tell with what is written in a chat what that is called."""

    async def title(self, chat: str) -> str:
        """What the chat is called; empty where the network does not say."""


@runtime_checkable
class Widens(Protocol):
    """A front end on whose network further accounts may post on a desk, each within limits of its own.

    Nobody hears what is done to their posts' buttons, so that they post none.
    """

    async def examine_relay(self, chat: str, token: str) -> Account:
        """Whose token it is, where that account may post in the chat. Raises Refused with what to mend."""

    def relay_desk(self, chat: str, token: str) -> Desk:
        """Its hands there. Does not speak to the network. They raise BotUnfit where they may not post any more."""
