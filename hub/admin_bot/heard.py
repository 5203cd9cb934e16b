"""What a front end hears from people, in the middle's words, and what it is given back to say.

Both front ends make these; `counter.py` takes them. Neither knows the other's network.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hub.domain.ids import Identity, PostId, ThreadId
from hub.domain.incoming import ReactionChange
from hub.domain.models import Attachment
from hub.domain.reply import Reply
from hub.domain.text import Text


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it, as the network names them."""

    identity: Identity
    name: str
    username: str = ""
    writer: Literal["person", "bot", "service", "anonymous", "outsider"] = "person"
    """`outsider`: a person of another organization, who sits in the desk's chat all the same."""


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Where: a private chat with the bot, a desk's home (no thread), or a thread of it."""

    network: str
    chat: str
    title: str = ""
    private: bool = False
    thread: ThreadId = ThreadId("")
    whispered: bool = False
    """Nobody but the asker sees what is written so, nor what is answered."""

    @property
    def alone(self) -> bool:
        """Whether a secret may be written here."""
        return self.private or self.whispered


class _Heard(msgspec.Struct, frozen=True, kw_only=True):
    """`update` is what a redelivery would share."""

    update: str
    asker: Asker
    spot: Spot
    at: datetime


class Wrote(_Heard, frozen=True, kw_only=True):
    """Somebody posted a message. `answers`: the post it replies to (never the thread's own opening)."""

    post: PostId
    text: Text = Text()
    attachments: tuple[Attachment, ...] = ()
    answers: PostId | None = None
    album: str = ""
    forwarded: Asker | None = None
    """Who wrote it first, where it is forwarded and the network says so; the hub's own posts are by a service."""


class Rewrote(_Heard, frozen=True, kw_only=True):
    """Somebody edited their message; `text` is what it says now."""

    post: PostId
    text: Text


class TookAway(_Heard, frozen=True, kw_only=True):
    """Somebody deleted their message, where the network tells of it."""

    post: PostId


class ReactedTo(_Heard, frozen=True, kw_only=True):
    """Somebody's reaction on a post is now `emoji`; empty: taken away. The spot has no thread: networks do not tell.

    `change`: of a network that tells only what changed: it was put beside others, or taken away.
    """

    post: PostId
    emoji: str
    change: ReactionChange = "all"


class Pressed(_Heard, frozen=True, kw_only=True):
    """Somebody pressed a button: it means typing `line` there. `post_edited_at`: when that post was last redrawn."""

    post: PostId
    line: str
    version: int
    home: str = ""
    """The workspace that it was drawn for, by the end of its id; empty: the place says it."""


class ChatMoved(_Heard, frozen=True, kw_only=True):
    """A desk's chat has a new identity."""

    to: str


class ThreadChanged(_Heard, frozen=True, kw_only=True):
    """Somebody closed, reopened or renamed a thread by hand, or took away the post that opens it."""

    change: Literal["closed", "reopened", "renamed", "lost"]
    title: str = ""


Heard = Wrote | Rewrote | TookAway | ReactedTo | Pressed | ChatMoved | ThreadChanged


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What to say to whom: `reply` to the asker alone where the network can, unless it is lasting.

    `delete_post`: take the asker's message away first (it held a secret). `redraw`: put `reply` in place of the
    message whose button was pressed, instead of saying it below.
    """

    reply: Reply | None = None
    delete_post: PostId | None = None
    redraw: bool = False


SILENCE = Answer()
