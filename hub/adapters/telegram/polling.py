"""Finds the single updates in the answer to a poll, each as the bytes it came in."""

from __future__ import annotations

import json

import msgspec

from hub.errors import TemporaryFailure


class _Answer(msgspec.Struct):
    result: list[msgspec.Raw]


class _Numbered(msgspec.Struct):
    update_id: int


_GREATEST = 2**31 - 1
_ANSWER = msgspec.json.Decoder(_Answer)
_NUMBER = msgspec.json.Decoder(_Numbered)


def updates_in(answer: bytes, offset: int) -> list[tuple[int, bytes]]:
    """The updates with their numbers. One without a number that can be, gets the next after its predecessor, so that
    the offset moves past it and not past others. Raises TemporaryFailure where the answer cannot be taken apart.
    """
    updates: list[tuple[int, bytes]] = []
    following = offset
    for raw in _split(answer):
        number = _number(raw)
        number = number if following <= number <= _GREATEST else following
        updates.append((number, raw))
        following = number + 1
    return updates


def _split(answer: bytes) -> list[bytes]:
    try:
        return [bytes(raw) for raw in _ANSWER.decode(answer).result]
    except (ValueError, RecursionError):
        return _split_odd(answer)


def _split_odd(answer: bytes) -> list[bytes]:
    """For a batch with an update in it that no strict reader takes: half characters, or numbers that JSON lacks."""
    try:
        return [json.dumps(update).encode() for update in json.loads(answer)["result"]]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise TemporaryFailure("Telegram's answer to the poll cannot be read; it will be asked again.") from None


def _number(raw: bytes) -> int:
    try:
        return _NUMBER.decode(raw).update_id
    except (ValueError, RecursionError):
        return -1
