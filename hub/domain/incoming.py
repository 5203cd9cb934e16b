"""What a channel's payload says, in the middle's words: one struct a kind, and `ignored` with a reason for the rest.

The tags and field names are also what `hub inspect` prints.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hub.domain.ids import Address, ExternalId
from hub.domain.models import Attachment
from hub.domain.text import Text


class Person(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the network says of who wrote; any of it may be missing."""

    first_name: str = ""
    last_name: str = ""
    username: str = ""
    language: str = ""


class _Incoming(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    address: Address
    at: datetime
    person: Person = Person()


class Said(_Incoming, frozen=True, kw_only=True, tag="message", omit_defaults=True):
    """The contact sent a message. `start`: the parameter of the link that brought them.

    `overheard`: said among several people, to nobody in particular; it is for us only if what it replies to is.
    """

    external_id: ExternalId
    text: Text = Text()
    attachments: tuple[Attachment, ...] = ()
    reply_to: ExternalId | None = None
    quote: str = ""
    album: str = ""
    start: str = ""
    forwarded_from: str = ""
    overheard: bool = False


class Edited(_Incoming, frozen=True, kw_only=True, tag="edited", omit_defaults=True):
    """The contact changed a message; `text` and `attachments` are what it says now. `overheard`: as it was said."""

    external_id: ExternalId
    text: Text = Text()
    attachments: tuple[Attachment, ...] = ()
    overheard: bool = False


class Deleted(_Incoming, frozen=True, kw_only=True, tag="deleted", omit_defaults=True):
    """The contact took a message back."""

    external_id: ExternalId


ReactionChange = Literal["all", "put", "taken"]
"""`all`: these alone are there now; `put`: beside those that are there; `taken`: others stay."""


class Reacted(_Incoming, frozen=True, kw_only=True, tag="reaction", omit_defaults=True):
    """The contact's reactions on a message are now `emojis`; none: taken away.

    `change`: of a network that tells only what changed: these were put beside others, or these were taken away.
    """

    external_id: ExternalId
    emojis: tuple[str, ...] = ()
    change: ReactionChange = "all"


class Delivered(_Incoming, frozen=True, kw_only=True, tag="delivered", omit_defaults=True):
    """The network says that our messages up to `at` arrived."""


class Read(_Incoming, frozen=True, kw_only=True, tag="read", omit_defaults=True):
    """The contact has read our messages up to `at`."""


class Postback(_Incoming, frozen=True, kw_only=True, tag="postback", omit_defaults=True):
    """The contact pressed a button that we sent."""

    external_id: ExternalId
    payload: str = ""
    title: str = ""


class Referral(_Incoming, frozen=True, kw_only=True, tag="referral", omit_defaults=True):
    """A link or an advertisement brought the contact."""

    source: str = ""


class WasBlocked(_Incoming, frozen=True, kw_only=True, tag="blocked", omit_defaults=True):
    """The contact blocked us."""


class WasUnblocked(_Incoming, frozen=True, kw_only=True, tag="unblocked", omit_defaults=True):
    """The contact lets us write again."""


class Echo(_Incoming, frozen=True, kw_only=True, tag="echo", omit_defaults=True):
    """An answer given to the contact outside the hub."""

    external_id: ExternalId
    text: Text = Text()
    attachments: tuple[Attachment, ...] = ()


class Ignored(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="ignored"):
    """A genuine payload that we have no use for, and why."""

    reason: str


class Lost(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="lost"):
    """The network says that we were shut out of the account: the app was removed, or its tokens were revoked."""

    reason: str


FromContact = (
    Said | Edited | Deleted | Reacted | Delivered | Read | Postback | Referral | WasBlocked | WasUnblocked | Echo
)
Incoming = FromContact | Lost | Ignored
