"""The interfaces that the edges fulfil. Each says when it is called and what must not be done there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, TypeVar, runtime_checkable

import msgspec

from hub.domain.ids import Address, ExternalId, FileId, Identity, PostId, ThreadId
from hub.domain.incoming import Incoming, Person
from hub.domain.models import Attachment, Comment, Contact, Conversation, Media, MediaKind, Message, Record
from hub.domain.reply import Reply
from hub.domain.text import Text

R = TypeVar("R", bound=Record)
T = TypeVar("T")

# -- channels --


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
    reply_window: float | None = None
    """Seconds after the contact's last act within which anything may be sent; None: always."""
    person_window: float | None = None
    """Seconds within which what a person wrote may still be sent, marked as `late`; None: not beyond `reply_window`."""
    per_account: Pace | None = None
    per_chat: Pace | None = None


class Choice(msgspec.Struct, frozen=True):
    """A button for the contact: pressing it comes back as a Postback with `value`."""

    label: str
    value: str


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


class Channel(Protocol):
    """One connected account on one messaging network."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can carry; does not change while connected."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Called before anything is parsed; header names are in lower case. Raises NotGenuine; never anything else."""

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
        """Called before anything is parsed; header names are in lower case. Raises NotGenuine; never anything else."""

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


# -- desks --


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
    mention: Identity | None = None
    """The assignee, to be pinged."""
    mention_name: str = ""
    """What the assignee is called."""
    heading: str = ""
    """Said above the words: a transcript's title, or who answered outside."""
    part: int = 0
    """When redrawn: which of the posts that show the same message it is, in the order they were posted."""


class CardView(msgspec.Struct, kw_only=True):
    """Who the contact is and how things stand."""

    contact: Contact
    conversation: Conversation
    channel: str
    assignee: str = ""
    tags: list[str] = msgspec.field(default_factory=list)
    category: str = ""
    window: str = ""
    """Until when the contact may be answered, in words; empty where there is no end."""


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


class DeskShape(msgspec.Struct, frozen=True):
    """How a network's places are built."""

    thread_per: Literal["contact", "conversation"] = "contact"
    card_opens: bool = False
    """A place opens with a post that is its card and bears the thread's name, so that no relay post carries one."""


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

    async def react(self, post: PostId, emoji: str) -> None:
        """Shows a contact's reaction on a post; an empty one takes it away."""

    async def mark(self, post: PostId, mark: Literal["delivered", "failed", "uncertain", "unsent"]) -> None:
        """Shows on an agent's own post what became of it."""

    async def say(self, thread: ThreadId, reply: Reply, reply_to: PostId | None = None) -> PostId:
        """Says something in a place or at home."""

    async def queue_card(self, post: PostId | None, view: QueueView) -> PostId:
        """Edits the queue card, or posts it where `post` is None; gives the post."""

    async def delete(self, post: PostId) -> None:
        """Takes away a post of the hub's own; one that is gone already counts as done."""

    def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """An agent's file in chunks. Raises TooLarge, Gone, TemporaryFailure."""

    def link(self, thread: ThreadId, post: PostId | None) -> str:
        """An address that opens the place at that post in the agents' app; empty where there is none."""


class FrontEnd(Protocol):
    """The code that speaks to the desks of one network."""

    network: str

    def desk(self, chat: str) -> Desk:
        """The hands on the desk in that chat. Does not speak to the network."""

    async def notify(self, identity: Identity, reply: Reply) -> None:
        """Says something to a user in private. Raises DeliveryError."""

    async def problems(self, chat: str) -> list[str]:
        """What keeps the hub from working in that chat, each with how to mend it. Raises DeliveryError."""

    def owns(self, identity: Identity) -> bool:
        """Whether the identity is of this network."""


# -- the store --


class Want(msgspec.Struct, frozen=True):
    """Records a deed will look up by a unique field (`id` too), and what follows from each one found.

    `new`: the deed adds a record with just these values where it finds none, and hardly ever finds one; so they may be
    taken for missing at first, and are looked for once the database has said that one was there.
    """

    kind: type[Record]
    field: str
    values: tuple[str, ...]
    then: Callable[[Record], Iterable[Want]] | None = None
    new: bool = False


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Which records: `where` compares fields for equality, or with a Cond; `order` is a field, `-field` descending."""

    where: Mapping[str, object]
    order: str = ""
    limit: int = 0
    skip: int = 0


class Cond(msgspec.Struct, frozen=True):
    """A comparison other than equality."""

    op: Literal["in", "gt", "gte", "lt", "lte", "ne", "prefix"]
    value: object


class Reads(Protocol):
    """What can be read of a workspace; each method reads what is committed (in a deed: and what it changed so far,
    by `find` and `get`; `query` and `count` see the database only).
    """

    async def get(self, kind: type[R], id: str) -> R | None:
        """The record with that id."""

    async def find(self, kind: type[R], field: str, value: str) -> R | None:
        """The record with that value in a unique field (a list's element counts)."""

    async def query(self, kind: type[R], query: Query) -> list[R]:
        """The records that match."""

    async def count(self, kind: type[R], where: Mapping[str, object], limit: int = 0) -> int:
        """How many match; at most `limit` are counted where it is given."""

    async def items(self, kind: type[R]) -> list[R]:
        """All the catalog's items of a kind, from a snapshot at most a second old: for looking, not for changing."""


class Tx(Reads, Protocol):
    """A unit of work. Records it gave are changed by assigning to them; what changed is written when the deed ends.

    Inside a deed: nothing but this, for the database may run the deed twice.
    """

    def add(self, record: Record) -> None:
        """A new record."""

    def delete(self, record: Record) -> None:
        """Takes a record out."""

    async def increment(self, counter: str) -> int:
        """The next number of a counter; taken outside the transaction, so that gaps may occur."""


Deed = Callable[[Tx], Awaitable[T]]


class Files(Protocol):
    """A workspace's file store."""

    async def save(self, name: str, mime: str, chunks: AsyncIterator[bytes], limit: int) -> tuple[FileId, int]:
        """Keeps a stream; gives its id and size in bytes. Raises TooLarge past `limit`, keeping nothing.

        `name`: the id of the record that will name the file. One that no record names is swept away after a day.
        """

    def open(self, file: FileId) -> AsyncIterator[bytes]:
        """The file in chunks. Raises NotFound."""

    async def size(self, file: FileId) -> int:
        """Bytes. Raises NotFound."""

    async def drop(self, file: FileId) -> None:
        """Forgets a file, and whatever is left of a broken one; one that is gone already counts as done."""

    async def saved(self, after: FileId, before: FileId, limit: int) -> list[tuple[FileId, str]]:
        """Files between two ids, oldest first, each with its name. Ids are made by time."""

    async def scraps(self, after: FileId, before: FileId) -> list[FileId]:
        """What is left of files between two ids that were never whole, or are not any more."""


class Workspace(Reads, Protocol):
    """One workspace's database. Bound once: no method below it takes a workspace id."""

    id: str

    async def run(self, deed: Deed[T], wants: Sequence[Want] = ()) -> T:
        """The only way to write: runs the deed in one transaction, joined with others that wait; gives its value.

        `wants` is loaded in bulk beforehand. Raises what the deed raises (then nothing of it is written), and
        Unavailable where the database cannot be reached (then nothing is certain to be written).
        """

    @property
    def files(self) -> Files:
        """Its file store."""


# -- the control database --


class WorkspaceEntry(msgspec.Struct, kw_only=True):
    """A workspace in the directory."""

    id: str
    organization: str
    name: str


class UserRecord(msgspec.Struct, kw_only=True):
    """A person, over all workspaces. `workspaces`: where they are (their role is kept there); first: the one in use."""

    id: str
    name: str
    username: str = ""
    identities: list[str] = msgspec.field(default_factory=list)
    workspaces: list[str] = msgspec.field(default_factory=list)


TokenPurpose = Literal["init", "invite", "install"]


class Directory(Protocol):
    """The control database: who is who, what is where. Its promises are unique indexes."""

    async def create_workspace(self, organization: str, name: str, id: str = "") -> WorkspaceEntry:
        """A new workspace with its database, collections and indexes, and, for an empty `organization`, a new one.

        With an `id` it may be repeated: what is there already is given.
        """

    async def workspace(self, id: str) -> WorkspaceEntry | None:
        """The entry with that id."""

    async def rename_workspace(self, id: str, name: str) -> None:
        """Gives it another name."""

    async def user_by_identity(self, identity: Identity) -> UserRecord | None:
        """Whose chat account this is."""

    async def ensure_user(self, identity: Identity, name: str, username: str) -> UserRecord:
        """Whose chat account this is; a new user where it is nobody's yet. Keeps name and username fresh."""

    async def join(self, user: str, workspace: str) -> None:
        """Notes that the user is in the workspace, and makes it the one in use."""

    async def issue_token(self, purpose: TokenPurpose, data: Mapping[str, str], seconds: float) -> str:
        """A one-time token; kept as a hash only."""

    async def use_token(self, purpose: TokenPurpose, token: str, by: str = "") -> dict[str, str] | None:
        """What the token stands for, which is used up by this; None: unknown, used, too old or another's.

        With `by` it is that one's alone from now on, but not used up before `spend_token`, so that what failed on the
        way can be repeated; `once` in what it stands for is an id that is the same each time.
        """

    async def spend_token(self, purpose: TokenPurpose, token: str) -> None:
        """What the token was for is done: it is used up."""

    async def claim_route(self, kind: Literal["channel", "desk"], account: str, workspace: str, target: str) -> None:
        """One network account or desk chat serves one workspace. Raises Refused where another has it."""

    async def release_route(self, kind: Literal["channel", "desk"], account: str, workspace: str) -> None:
        """Lets go of it."""

    async def route(self, kind: Literal["channel", "desk"], account: str) -> tuple[str, str] | None:
        """The workspace and its target (a channel's or a desk's id)."""

    async def channel_workspace(self, channel: str) -> str | None:
        """Which workspace a channel id belongs to."""


class Installations(Protocol):
    """Where an app that many accounts share is installed, and the secret that each installation gave."""

    async def keep(self, network: str, account: str, secret: str) -> None:
        """Keeps what an installation gave, instead of what one before gave."""

    async def secret(self, network: str, account: str) -> str | None:
        """What the account's installation gave; None where there is none."""

    async def accounts(self, network: str) -> list[str]:
        """All accounts of a network that have one."""

    async def drop(self, network: str, account: str) -> None:
        """Forgets it; where there is none, it is done already."""


class Vault(Protocol):
    """Seals secrets for keeping in the database."""

    def seal(self, secret: str) -> str:
        """Encrypted with the newest key."""

    def open(self, sealed: str) -> str:
        """Decrypted with whichever key fits. Raises Misconfigured where none does."""


Clock = Callable[[], datetime]
