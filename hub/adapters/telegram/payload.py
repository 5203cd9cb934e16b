"""The shape of the Bot API's updates, as far as the hub reads them; everything else in an update is skipped.

Only what every update has had at all times is required: captures of old or odd clients lack many a field that the
network's documentation calls certain (`is_bot`, a chat's `type`, a file's unique id). `null` counts as absent.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Whole = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]


class User(msgspec.Struct):
    """A person or a bot."""

    id: Whole
    is_bot: bool | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None


class Chat(msgspec.Struct):
    """A conversation on the network; a person's own has the person's id and names."""

    id: Whole
    type: str | None = None
    title: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    username: str | None = None

    @property
    def private(self) -> bool:
        """Whether it is one person's chat with the bot; people's ids are the positive ones."""
        return self.type == "private" if self.type else self.id > 0


class Entity(msgspec.Struct, omit_defaults=True):
    """Formatting; `offset` and `length` count UTF-16 units."""

    type: str
    offset: Whole
    length: Whole
    url: str | None = None
    language: str | None = None
    custom_emoji_id: str | None = None
    user: User | None = None


class File(msgspec.Struct):
    """Anything that is fetched by `file_id`; another `file_id` may mean the same file, another `file_unique_id` not."""

    file_id: str
    file_unique_id: str | None = None
    file_size: Count | None = None
    file_name: str | None = None
    mime_type: str | None = None
    width: Count | None = None
    height: Count | None = None
    is_animated: bool | None = None
    is_video: bool | None = None


class Contact(msgspec.Struct):
    """An address-book entry."""

    phone_number: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class Location(msgspec.Struct):
    """A point on the map, in degrees."""

    latitude: Latitude
    longitude: Longitude


class Venue(msgspec.Struct):
    """A named point."""

    location: Location
    title: str | None = None
    address: str | None = None


class PollOption(msgspec.Struct):
    """An answer that can be chosen."""

    text: str


class Poll(msgspec.Struct):
    """A question with its options."""

    question: str
    options: list[PollOption] = []


class Dice(msgspec.Struct):
    """A thrown die, or a game like it."""

    value: Whole
    emoji: str | None = None


class Task(msgspec.Struct):
    """An item of a checklist."""

    text: str
    completion_date: Whole | None = None


class Checklist(msgspec.Struct):
    """A list of things to be done."""

    title: str
    tasks: list[Task] = []


class Quote(msgspec.Struct):
    """The part of a message that is answered."""

    text: str


class Origin(msgspec.Struct):
    """Where a forwarded message comes from."""

    sender_user: User | None = None
    sender_user_name: str | None = None
    sender_chat: Chat | None = None
    chat: Chat | None = None
    author_signature: str | None = None


class Answered(msgspec.Struct):
    """The message that is answered, as far as it names it."""

    message_id: Whole
    chat: Chat | None = None


class Button(msgspec.Struct):
    """A button under a message."""

    text: str
    callback_data: str | None = None


class Keyboard(msgspec.Struct):
    """The buttons under a message, by rows."""

    inline_keyboard: list[list[Button]] = []


class Message(msgspec.Struct):
    """A message; which of the content fields are set says what kind it is."""

    message_id: Whole
    date: Whole
    chat: Chat
    from_: User | None = msgspec.field(default=None, name="from")
    edit_date: Whole | None = None
    text: str | None = None
    entities: list[Entity] | None = None
    caption: str | None = None
    caption_entities: list[Entity] | None = None
    photo: list[File] | None = None
    live_photo: File | None = None
    animation: File | None = None
    video: File | None = None
    voice: File | None = None
    audio: File | None = None
    video_note: File | None = None
    document: File | None = None
    sticker: File | None = None
    contact: Contact | None = None
    venue: Venue | None = None
    location: Location | None = None
    poll: Poll | None = None
    dice: Dice | None = None
    checklist: Checklist | None = None
    rich_message: msgspec.Raw = msgspec.Raw()
    migrate_to_chat_id: Whole | None = None
    migrate_from_chat_id: Whole | None = None
    media_group_id: str | None = None
    reply_to_message: Answered | None = None
    quote: Quote | None = None
    forward_origin: Origin | None = None
    forward_from: User | None = None
    forward_from_chat: Chat | None = None
    forward_sender_name: str | None = None
    reply_markup: Keyboard | None = None


class Reaction(msgspec.Struct):
    """One reaction."""

    type: str | None = None
    emoji: str | None = None


class ReactionChange(msgspec.Struct):
    """What somebody's reactions on a message are now."""

    chat: Chat
    message_id: Whole
    date: Whole
    user: User | None = None
    new_reaction: list[Reaction] = []


class Membership(msgspec.Struct):
    """How somebody belongs to a chat."""

    status: str


class MembershipChange(msgspec.Struct):
    """The bot's own place in a chat changed; in a private chat: it was blocked, or is not any more."""

    chat: Chat
    date: Whole
    new_chat_member: Membership
    from_: User | None = msgspec.field(default=None, name="from")


class Press(msgspec.Struct):
    """A button was pressed. The network does not say when."""

    id: str
    from_: User = msgspec.field(name="from")
    message: Message | None = None
    data: str | None = None


class Update(msgspec.Struct):
    """One update; of the other fields at most one is set."""

    update_id: Whole
    message: Message | None = None
    edited_message: Message | None = None
    message_reaction: ReactionChange | None = None
    my_chat_member: MembershipChange | None = None
    callback_query: Press | None = None


class Numbered(msgspec.Struct):
    """An update's number alone."""

    update_id: Whole
