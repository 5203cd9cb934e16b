"""Names on Slack: who a contact is, and where a message stands.

A contact is a user of a Slack workspace (a team), for the same person has another id elsewhere. A message is named by
its channel and stamp. Where it stands in a thread, the thread's root follows after a bar, so that an answer finds its
way; it is no part of what names the message, for the network leaves it out when it tells of a reaction.
"""

from __future__ import annotations

import re

import msgspec

from hub.domain.ids import Address, ExternalId

_ADDRESS = re.compile(r"([TE][A-Z0-9]{2,30}):([UW][A-Z0-9]{2,30})", re.ASCII)
_STAMP = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}", re.ASCII)
_MESSAGE = re.compile(r"([CDG][A-Z0-9]{2,30}):([\w.-]{1,60})(?:\|([0-9.]{3,24}))?", re.ASCII)
_FILE = re.compile(r"F[A-Z0-9]{2,30}", re.ASCII)


class Message(msgspec.Struct, frozen=True):
    """A message's name taken apart. `name` is its stamp, or what stands for one that has none that is known."""

    channel: str
    name: str
    thread: str = ""

    @property
    def direct(self) -> bool:
        """Whether it stands in a private chat with the app."""
        return self.channel.startswith("D")

    @property
    def stamp(self) -> str:
        """Its stamp; empty where it has none."""
        return self.name if is_stamp(self.name) else ""

    @property
    def file(self) -> str:
        """The file that it is known by; empty where it has a stamp."""
        return self.name if _FILE.fullmatch(self.name) else ""


def address(team: str, user: str) -> Address:
    """Where a contact is reached."""
    return Address(f"{team}:{user}")


def user_of(to: Address) -> str | None:
    """The user; None where the address is none of Slack's."""
    found = _ADDRESS.fullmatch(to)
    return found[2] if found else None


def external(channel: str, name: str, thread: str = "") -> ExternalId:
    """A message's name; `thread` is the stamp of its thread's root, and left out where it is the root itself."""
    return ExternalId(f"{channel}:{name}" + (f"|{thread}" if thread and thread != name else ""))


def message_of(name: ExternalId | None) -> Message | None:
    """The message of that name; None where it is none of Slack's."""
    found = _MESSAGE.fullmatch(name or "")
    if not found or (found[3] and not is_stamp(found[3])):
        return None
    return Message(found[1], found[2], found[3] or "")


def is_stamp(text: str) -> bool:
    """Whether it is what the network names messages by: a time in seconds, with six digits that make it unique."""
    return _STAMP.fullmatch(text) is not None
