"""What the page asks for when a person does something on it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from hub.sandbox.page.scene import Scene

ANSWER_SECONDS = 6.0
"""How long a button waits for the app's answer."""
MOST_FILES = 10


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody wants to do on a network, by the names that people, places and messages have there.

    `who`: a person's id. `where`: "phone"; on Telegram's desk "private" or a topic's number, on Slack's "channel",
    "direct" or "home", with a `thread`. `action` and `values`: what was pressed in a message or view, and filled in.
    """

    verb: str
    network: str = "telegram"
    who: int | str = 0
    where: str = "phone"
    thread: str = ""
    text: str = ""
    message: int | str = 0
    whisper: int = 0
    reply_to: int | str = 0
    reply_to_whisper: int = 0
    action: str = ""
    values: dict[str, str | list[str]] = {}

    @property
    def number(self) -> int:
        """The message, where messages have numbers. Raises NotPossible."""
        try:
            return int(self.message)
        except ValueError:
            raise NotPossible("There is no such message.") from None


class Upload(msgspec.Struct):
    """A file somebody sends."""

    name: str
    mime: str
    content: bytes

    @property
    def major(self) -> str:
        """What kind of file it is: image, video, audio, or another."""
        return self.mime.partition("/")[0]


class NotPossible(Exception):
    """What was wished for cannot be done; the text says why."""


Verb = Callable[["Scene", Wish, list[Upload]], Awaitable[dict[str, Any]]]


def new_name(wish: Wish) -> tuple[str, str]:
    """A newcomer's first and last name. Raises NotPossible."""
    first, _, last = wish.text.strip().partition(" ")
    if not first or len(wish.text) > 64:
        raise NotPossible("A new contact needs a name of up to 64 characters.")
    return first, last.strip()
