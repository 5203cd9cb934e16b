"""Updates that wait for one bot: what it allowed, in which order, and the faults a test asks for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

KINDS = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
    "message_reaction_count",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "inline_query",
    "chosen_inline_result",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
)
# The network leaves these out unless a bot asks for them by name.
DEFAULT_KINDS = frozenset(KINDS) - {"chat_member", "message_reaction", "message_reaction_count"}

# Order holds only within one queue; the network adds these to a chat's or user's id to tell the queues apart.
QUEUE_OF_TAPS = 3 << 33
QUEUE_OF_OWN_MEMBERSHIP = 5 << 33
QUEUE_OF_MEMBERS = 6 << 33
QUEUE_OF_REACTIONS = 8 << 33


@dataclass(eq=False)
class Update:
    """One update as bytes, so that a second delivery is the same to the byte."""

    id: int
    body: bytes
    queue: int
    again: bool = False


@dataclass
class Webhook:
    """Where a bot wants its updates posted."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    ip_address: str = ""
    last_error: str = ""
    last_error_at: int = 0


def _nothing() -> None:
    """The listener of an inbox that nobody serves yet."""


def _nobody(_: Update) -> None:
    """The listener for arrivals before anybody serves the inbox."""


@dataclass(eq=False)
class Inbox:
    """The queue of one bot. `waiting` keeps arrival order; an update leaves it once it is acknowledged."""

    next_id: int = 700_000_001
    waiting: dict[Update, None] = field(default_factory=dict)
    sent: dict[int, Update] = field(default_factory=dict)
    allowed: frozenset[str] = DEFAULT_KINDS
    webhook: Webhook = field(default_factory=Webhook)
    polled: bool = False
    duplicates: int = 0
    reorder: int = 0
    held: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    on_arrival: Callable[[Update], None] = _nobody
    on_departure: Callable[[], None] = _nothing
    on_webhook: Callable[[], None] = _nothing

    def push(self, kind: str, payload: dict[str, Any], queue: int) -> None:
        """Queue an update of `kind`, unless the bot has not allowed that kind."""
        if kind not in self.allowed:
            return
        if self.reorder:
            self.held.append((queue, {kind: payload}))
            if len(self.held) >= self.reorder:
                self.release()
        else:
            self._enqueue({kind: payload}, queue)

    def release(self) -> None:
        """Let go of updates held back for reordering, the last one first."""
        held, self.held, self.reorder = self.held, [], 0
        for queue, content in reversed(held):
            self._enqueue(content, queue)

    def push_raw(self, update: dict[str, Any] | bytes) -> int:
        """Queue anything at all, as it is; returns the update_id that stands in it, or the next one."""
        update_id = _id_in(update) or self.next_id
        self.next_id = max(self.next_id, update_id + 1)
        body = update if isinstance(update, bytes) else msgspec.json.encode({"update_id": update_id} | update)
        self._keep(Update(update_id, body, 0))
        return update_id

    def redeliver(self, update_id: int) -> None:
        """Deliver an update once more, byte for byte. KeyError when there was none of this id."""
        first = self.sent[update_id]
        self._keep(Update(first.id, first.body, first.queue, again=True))

    def done(self, update: Update) -> None:
        """The bot has acknowledged this update."""
        self.waiting.pop(update, None)
        self.on_departure()

    def clear(self) -> None:
        """Forget what waits (drop_pending_updates)."""
        self.waiting.clear()
        self.held.clear()
        self.on_departure()

    def listening(self) -> bool:
        """Whether anybody has ever fetched, or is being sent, this bot's updates."""
        return self.polled or bool(self.webhook.url)

    def _enqueue(self, content: dict[str, Any], queue: int) -> None:
        update_id = self.next_id
        self.next_id += 1
        update = Update(update_id, msgspec.json.encode({"update_id": update_id} | content), queue)
        self._keep(update)
        if self.duplicates:
            self.duplicates -= 1
            self.redeliver(update.id)

    def _keep(self, update: Update) -> None:
        self.waiting[update] = None
        self.sent[update.id] = update
        self.on_arrival(update)


def _id_in(update: dict[str, Any] | bytes) -> int:
    if isinstance(update, bytes):
        try:
            update = msgspec.json.decode(update)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 0
    found = update.get("update_id") if isinstance(update, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else 0
