"""Arguments that are moments, as people type them: `2h`, `fri 14`, `until reply`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from hub.admin_bot.arguments import BadArgument, Choice, Kind, Words, plainly
from hub.admin_bot.call import Call
from hub.domain.timing import phrases
from hub.domain.timing.phrases import Frame
from hub.domain.timing.zones import frame_for, zone_of
from hub.errors import Invalid

_WHEN_THEIRS = "When, on their clock? The moment comes behind it: /later their 9:00 Your parcel has left."
_OFF = ("-", "\u2013", "\u2014", "off", "now")


class Until(msgspec.Struct, frozen=True):
    """Until when; None: until the contact writes. `off`: not at all any more."""

    moment: datetime | None = None
    off: bool = False


class UntilKind:
    """A moment or a duration, `reply`, or `-` for not at all. It is typed in the agent's time zone."""

    def label(self, name: str) -> str:  # noqa: ARG002 - one signature for all kinds
        """Some of the ways to write it."""
        return "2h | fri 14 | tomorrow 9:00 | reply | -"

    async def read(self, call: Call, words: Words) -> Until | None:
        """Reads as much of it as is a moment."""
        said = words.peek()
        if not said:
            return None
        if said.casefold() in _OFF:
            words.take()
            return Until(off=True)
        frame = await frame_for(call.tx, call.member, call.act.at)
        return Until(_read(frame, words))


def begins_a_moment(words: Words, at: datetime) -> bool:
    """Whether the number that comes first belongs to the word behind it: `24 nov`, `2 hours`, `5 pm`."""
    typed = words.rest().plain.split()
    if len(typed) < 2 or not typed[1][0].isalpha():
        return False
    try:
        return phrases.read(typed, Frame(at)).words > 1
    except Invalid:
        return True  # `31 feb`: what is wrong with it is said of the moment


def _read(frame: Frame, words: Words, *, text_follows: bool = False) -> datetime | None:
    """Reads a moment. Where text follows, only its first word is taken for what is wrong: the rest is kept."""
    typed, first = words.rest().plain, words.peek()
    likely = [c for c in choices(frame) if c.value != "reply"] if text_follows else choices(frame)
    try:
        found = phrases.read(typed.split(), frame, text_follows=text_follows)
    except Invalid as error:
        _take_wrong(words, text_follows)
        raise BadArgument(error.text, first if text_follows else typed, likely) from None
    if not found.words or (text_follows and found.until is None):
        _take_wrong(words, text_follows)
        said = first if text_follows else typed
        raise BadArgument(f"“{said[:40]}” is no moment that I know. {phrases.RIGHT}", said, likely)
    for _ in range(found.words):
        words.take()
    return found.until


def _take_wrong(words: Words, text_follows: bool) -> None:
    if text_follows:
        words.take()
    else:
        words.take_rest()


def choices(frame: Frame) -> tuple[Choice, ...]:
    """What is likely to be meant."""
    morning = phrases.next_morning(frame)
    return (
        Choice("In 2 h", "2h"),
        Choice(phrases.label(morning, frame), phrases.stamp(morning)),
        Choice("Until they write", "reply"),
    )


class Later(msgspec.Struct, frozen=True):
    """When to send something, said in a frame's zone; None: what is to be sent already is asked for, or called off."""

    frame: Frame
    moment: datetime | None = None
    off: bool = False


class LaterKind:
    """A moment before free text, in the workspace's time zone or, after `their`, in the contact's; `cancel`."""

    def label(self, name: str) -> str:  # noqa: ARG002 - one signature for all kinds
        """Some of the ways to write it."""
        return "9:00 | their 9:00 | tomorrow 9:00 | 2h | cancel"

    async def read(self, call: Call, words: Words) -> Later | None:
        """Reads as much of it as is a moment."""
        said = plainly(words.peek())
        if not said:
            return None
        frame = await frame_for(call.tx, None, call.act.at)
        if said in ("cancel", "off"):
            words.take()
            return Later(frame, off=True)
        if said in ("their", "theirs"):
            words.take()
            frame = _theirs(call, frame)
            if not words.peek():
                raise BadArgument(_WHEN_THEIRS)
        return Later(frame, _read(frame, words, text_follows=True))


def _theirs(call: Call, frame: Frame) -> Frame:
    zone = zone_of(call.contact)
    if not zone:
        name = call.contact.name
        raise BadArgument(f"Nobody knows the time zone of {name}: it follows from their phone number or country.")
    return Frame(frame.at, zone, frame.hours)


KINDS: Mapping[Any, Kind] = {Until: UntilKind(), Later: LaterKind()}
