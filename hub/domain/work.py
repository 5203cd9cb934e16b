"""Work items: what is to be done after a commit. They are the only bridge between the steps.

A lane is first-in first-out: one contact on one channel, one contact's place on one desk. Lanes run side by side.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hub.domain.ids import (
    ChannelId,
    ContactId,
    ConversationId,
    DeskId,
    ExternalId,
    FileId,
    Identity,
    MessageId,
    ThreadId,
    UserId,
)
from hub.domain.models import Record, now
from hub.domain.reply import Reply
from hub.domain.text import Text


class _Task(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """What to do; the tag is the kind."""


class Send(_Task, frozen=True, kw_only=True, tag="send"):
    """Send a message of ours to the contact; the parts of an album go together."""

    message: MessageId
    album: str = ""


class SendEdit(_Task, frozen=True, kw_only=True, tag="send_edit"):
    """Show the contact what our message says now."""

    message: MessageId


class SendDelete(_Task, frozen=True, kw_only=True, tag="send_delete"):
    """Take our message back from the contact."""

    message: MessageId


class SendReaction(_Task, frozen=True, kw_only=True, tag="send_reaction"):
    """Show the contact our reaction on their message; an empty emoji takes it away."""

    message: MessageId
    emoji: str = ""


class AnswerPress(_Task, frozen=True, kw_only=True, tag="answer_press"):
    """Tell the contact's network that the button they pressed was heard."""

    channel: ChannelId
    press: ExternalId


class Fetch(_Task, frozen=True, kw_only=True, tag="fetch"):
    """Bring an attachment of a contact's message into the file store."""

    message: MessageId
    index: int


class FetchFromDesk(_Task, frozen=True, kw_only=True, tag="fetch_from_desk"):
    """Bring an attachment of an agent's message from the desk into the file store, before it is sent."""

    message: MessageId
    index: int
    desk: DeskId


class Introduce(_Task, frozen=True, kw_only=True, tag="introduce"):
    """Ask the network who the contact is, where its messages do not say."""

    contact: ContactId
    channel: ChannelId


class NamePeople(_Task, frozen=True, kw_only=True, tag="name_people"):
    """Ask the network what people are called whom a message names by ids."""

    message: MessageId


class Relay(_Task, frozen=True, kw_only=True, tag="relay"):
    """Show a message in the contact's place on the desk. An empty desk: none was bound yet."""

    message: MessageId
    desk: DeskId
    album: str = ""


class MoveIn(_Task, frozen=True, kw_only=True, tag="move_in"):
    """Begin a conversation that comes from another desk (`origin`: its title) with a transcript of what was said there.

    `until`: the first message that is shown whole.
    """

    conversation: ConversationId
    contact: ContactId
    desk: DeskId
    origin: str
    until: MessageId


class Redraw(_Task, frozen=True, kw_only=True, tag="redraw"):
    """Draw again the posts that show a message."""

    message: MessageId
    desk: DeskId


class Reflect(_Task, frozen=True, kw_only=True, tag="reflect"):
    """Show on the desk how the contact reacted to a message."""

    message: MessageId
    desk: DeskId


class Mark(_Task, frozen=True, kw_only=True, tag="mark"):
    """Show on the agent's own post what became of it; a reason is told below it."""

    message: MessageId
    desk: DeskId
    mark: Literal["delivered", "failed", "uncertain", "unsent"]


class Card(_Task, frozen=True, kw_only=True, tag="card"):
    """Draw a contact's card and topic title again, when the desk is quiet."""

    contact: ContactId
    desk: DeskId


class QueueCard(_Task, frozen=True, kw_only=True, tag="queue_card"):
    """Draw the desk's queue card again, when the desk is quiet."""

    desk: DeskId


class Tell(_Task, frozen=True, kw_only=True, tag="tell"):
    """Say something in a contact's place on a desk."""

    contact: ContactId
    desk: DeskId
    reply: Reply


class Notify(_Task, frozen=True, kw_only=True, tag="notify"):
    """Say something to a user in private."""

    user: UserId
    reply: Reply
    conversation: ConversationId | None = None
    """Which one it is about, so that the way there can be shown with it."""
    also: tuple[ConversationId, ...] = ()
    """Of which others it tells."""


class Quarantined(_Task, frozen=True, kw_only=True, tag="quarantined"):
    """A payload that could not be received, whole as it came. Never in a lane; `/failed` shows and retries it."""

    channel: ChannelId
    payload: bytes


class GiveDossier(_Task, frozen=True, kw_only=True, tag="give_dossier"):
    """Give a user all that is known of a contact, as a file in private."""

    contact: ContactId
    identity: Identity


class Erase(_Task, frozen=True, kw_only=True, tag="erase"):
    """Erase what contacts said who are forgotten: messages, notes, files, and what stands of them on desks."""

    contacts: tuple[ContactId, ...]
    places: tuple[tuple[DeskId, ThreadId], ...] = ()
    by: UserId | None = None
    """Who is told what a network did not let the hub take away."""
    files: tuple[FileId, ...] = ()
    """Besides those of messages and notes: their pictures."""


class RunJob(_Task, frozen=True, kw_only=True, tag="run_job"):
    """Do the next steps of an import or export, until it is done, paused or cancelled."""

    job: str


class WakeUp(_Task, frozen=True, kw_only=True, tag="wake_up"):
    """A timer: a snoozed conversation comes back."""

    conversation: ConversationId


class CloseIdle(_Task, frozen=True, kw_only=True, tag="close_idle"):
    """A timer: look whether a conversation has been idle for long enough to be closed."""

    conversation: ConversationId


class WatchIdle(_Task, frozen=True, kw_only=True, tag="watch_idle"):
    """A timer: from that number on, what is open is looked after, for conversations are closed by themselves now."""

    after: int = 0


class HandBack(_Task, frozen=True, kw_only=True, tag="hand_back"):
    """A timer: look whether who was given a conversation for the nth time (`assignment`) has answered."""

    conversation: ConversationId
    assignment: int


class LookAway(_Task, frozen=True, kw_only=True, tag="look_away"):
    """A timer: look whether a user has done nothing for so long that they count as away, or is busy no more."""

    user: UserId


class Unblock(_Task, frozen=True, kw_only=True, tag="unblock"):
    """A timer: a contact's block ends."""

    contact: ContactId


class SendLater(_Task, frozen=True, kw_only=True, tag="send_later"):
    """A timer: what was written for a later moment goes out. `zone`: in which it was said when."""

    conversation: ConversationId
    author: UserId
    text: Text
    zone: str = "UTC"


class KeepHeld(_Task, frozen=True, kw_only=True, tag="keep_held"):
    """A timer: what the gate held back, and nobody decided about, is a note from now on."""

    comment: MessageId


class WaitsLong(_Task, frozen=True, kw_only=True, tag="waits_long"):
    """A timer: look whether a contact has waited for too long, and tell."""

    conversation: ConversationId


class AskRating(_Task, frozen=True, kw_only=True, tag="ask_rating"):
    """A timer: ask the contact what they think of a conversation, if it is still closed."""

    conversation: ConversationId


class Digest(_Task, frozen=True, kw_only=True, tag="digest"):
    """A timer: tell a user together what was kept back for them."""

    user: UserId


Timed = (
    WakeUp
    | CloseIdle
    | WatchIdle
    | HandBack
    | LookAway
    | Unblock
    | SendLater
    | KeepHeld
    | WaitsLong
    | Digest
    | AskRating
)
"""What waits for a moment and is then done in one transaction, by the middle alone."""

Task = (
    Send
    | SendEdit
    | SendDelete
    | SendReaction
    | AnswerPress
    | Fetch
    | FetchFromDesk
    | Introduce
    | NamePeople
    | Relay
    | MoveIn
    | Redraw
    | Reflect
    | Mark
    | Card
    | QueueCard
    | Tell
    | Notify
    | Quarantined
    | RunJob
    | GiveDossier
    | Erase
    | Timed
)


class Work(Record, kw_only=True, omit_defaults=True):
    """A work item. Ids sort in the order of making, which is the order within a lane."""

    lane: str
    task: Task
    due: datetime = msgspec.field(default_factory=now)
    attempts: int = 0
    state: Literal["waiting", "failed", "timed"]
    """`timed`: its task is a timer, and its lane says when it is due, so that those of a moment stand together."""
    reason: str = ""
    held: bool = False
    """Not to be done before somebody lets it go."""
    leaving: bool = False
    """On its way out just now: it cannot be called back any more."""
    asked: int = 0
    """How often it was asked for again while it waited or was being done."""


def job_lane(job: str) -> str:
    """The lane of a long work."""
    return f"job:{job}"


def erase_lane(contact: ContactId) -> str:
    """The lane of forgetting a contact."""
    return f"erase:{contact}"


def contact_lane(contact: ContactId, channel: ChannelId) -> str:
    """The lane of what goes out to a contact on a channel."""
    return f"out:{channel}:{contact}"


def desk_lane(desk: DeskId, contact: ContactId) -> str:
    """The lane of what is shown in a contact's place; with an empty desk, it waits for one to be bound."""
    return f"desk:{desk}:{contact}"


def card_lane(desk: DeskId, contact: ContactId) -> str:
    """The lane of a contact's card: apart from its messages, for cards wait for quiet."""
    return f"card:{desk}:{contact}"


def home_lane(desk: DeskId) -> str:
    """The lane of a desk's queue card."""
    return f"home:{desk}"


def user_lane(user: UserId) -> str:
    """The lane of private notices to a user."""
    return f"user:{user}"


NO_DESK = DeskId("")
