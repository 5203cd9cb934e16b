"""Who and where in the stand-in's world: people, bots, chats and topics, in the shapes the Bot API gives them."""

import base64
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hub.sandbox.telegram.updates import Inbox

Json = dict[str, Any]

GENERAL = 1
ICON_COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)
RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_pin_messages",
    "can_manage_topics",
)
BOT_RIGHTS = frozenset({"can_manage_chat", "can_manage_topics", "can_delete_messages", "can_pin_messages"})
PRESENT = frozenset({"creator", "administrator", "member"})


@dataclass(eq=False)
class User:
    """A person with the app on their phone."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "en"
    deactivated: bool = False
    pictures: list[list[Json]] = field(default_factory=list)
    """The newest first: each by its sizes, with files by their neutral keys."""
    hides_pictures: bool = False
    hides_forwards: bool = False
    """What others forward of theirs has their name, but not their account."""

    def as_json(self) -> Json:
        """The Bot API's User."""
        shape: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            shape["last_name"] = self.last_name
        if self.username:
            shape["username"] = self.username
        if self.language_code:
            shape["language_code"] = self.language_code
        return shape


@dataclass(eq=False)
class Bot:
    """A bot account: its token, its menus and the updates that wait for it."""

    id: int
    username: str
    name: str
    privacy: bool
    token: str
    inbox: Inbox = field(default_factory=Inbox)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    message_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def as_json(self) -> Json:
        """The Bot API's User, as others see the bot."""
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}

    def as_me(self) -> Json:
        """The User that getMe gives, with the fields only the bot itself sees."""
        return self.as_json() | {
            "can_join_groups": True,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
            "has_topics_enabled": False,
        }


Account = User | Bot


def make_token(bot_id: int) -> str:
    """A token that looks like the network's and is the same at each start, so that a demo may be restarted."""
    digest = hashlib.blake2b(f"stand-in {bot_id}".encode(), digest_size=27).digest()
    return f"{bot_id}:AA{base64.urlsafe_b64encode(digest).decode()[:33]}"


@dataclass
class Member:
    """One account's standing in a chat."""

    account: Account
    status: str = "member"
    rights: frozenset[str] = frozenset()
    anonymous: bool = False

    def present(self) -> bool:
        """Whether the account is in the chat now."""
        return self.status in PRESENT

    def leads(self) -> bool:
        """Whether the account is an administrator or the owner."""
        return self.status in {"creator", "administrator"}

    def may(self, right: str) -> bool:
        """Whether the account holds this administrator right."""
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)

    def as_json(self) -> Json:
        """The Bot API's ChatMember of this status."""
        shape: Json = {"status": self.status, "user": self.account.as_json()}
        if self.status == "creator":
            shape["is_anonymous"] = self.anonymous
        if self.status == "administrator":
            shape |= {"can_be_edited": False, "is_anonymous": self.anonymous}
            shape |= {right: right in self.rights for right in RIGHTS}
        if self.status == "kicked":
            shape["until_date"] = 0
        return shape


@dataclass
class Topic:
    """One forum topic; its id is the id of the message that created it."""

    id: int
    name: str
    icon_color: int = ICON_COLORS[0]
    icon_custom_emoji_id: str = ""
    closed: bool = False
    hidden: bool = False
    creator_id: int = 0

    def as_json(self) -> Json:
        """The Bot API's ForumTopic."""
        shape: Json = {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}
        if self.icon_custom_emoji_id:
            shape["icon_custom_emoji_id"] = self.icon_custom_emoji_id
        return shape


@dataclass(eq=False)
class Stored:
    """One message as the network keeps it. `body` is the Bot API's Message without what depends on the reader."""

    chat: "Chat"
    body: Json
    sender: Account
    thread: int | None = None
    reply_to: int | None = None
    service: bool = False
    reactions: dict[int, list[str]] = field(default_factory=dict)
    receiver: User | None = None

    @property
    def id(self) -> int:
        """The message's number in its chat; 0 for an ephemeral one."""
        return int(self.body["message_id"])


@dataclass(eq=False)
class Chat:
    """A private chat of one person with one bot, a basic group, or a supergroup that may be a forum."""

    id: int
    kind: str
    title: str = ""
    username: str = ""
    forum: bool = False
    person: User | None = None
    bot: Bot | None = None
    started: bool = False
    blocked: bool = False
    gone: bool = False
    migrated_to: int | None = None
    members: dict[int, Member] = field(default_factory=dict)
    messages: dict[int, Stored] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    general: Topic = field(default_factory=lambda: Topic(GENERAL, "General"))
    pinned: list[int] = field(default_factory=list)
    whispers: dict[tuple[int, int], Stored] = field(default_factory=dict)
    # A supergroup's message 1 is its creation, so that no topic can have General's number.
    message_ids: Iterator[int] = field(default_factory=lambda: itertools.count(2))
    whisper_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def as_json(self) -> Json:
        """The Bot API's Chat."""
        if self.person is not None:
            person = self.person.as_json()
            names: Json = {name: person[name] for name in ("first_name", "last_name", "username") if name in person}
            return {"id": self.id, "type": "private", **names}
        shape: Json = {"id": self.id, "title": self.title, "type": self.kind}
        if self.username:
            shape["username"] = self.username
        if self.forum:
            shape["is_forum"] = True
        return shape

    def member(self, account_id: int) -> Member | None:
        """The standing of an account that is in the chat now."""
        member = self.members.get(account_id)
        return member if member is not None and member.present() else None

    def bots(self) -> list[Bot]:
        """The bots that are here now."""
        if self.bot is not None:
            return [self.bot]
        here = [member.account for member in self.members.values() if member.present()]
        return [account for account in here if isinstance(account, Bot)]
