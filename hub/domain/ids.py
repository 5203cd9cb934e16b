"""Identifiers are types; only the part that made one may look inside."""

from __future__ import annotations

import random
import secrets
import threading
import time
from datetime import datetime
from typing import NewType

OrganizationId = NewType("OrganizationId", str)
WorkspaceId = NewType("WorkspaceId", str)
UserId = NewType("UserId", str)
TeamId = NewType("TeamId", str)
ContactId = NewType("ContactId", str)
ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
ChannelId = NewType("ChannelId", str)
DeskId = NewType("DeskId", str)
FileId = NewType("FileId", str)

Address = NewType("Address", str)
"""Where a contact is reached on a network; made by the channel's adapter."""
ExternalId = NewType("ExternalId", str)
"""A message's name on the contact's network, made by the channel's adapter. What follows a bar in it says where an
answer goes and is no part of the name, for networks do not always tell it.
"""
ThreadId = NewType("ThreadId", str)
"""A topic or thread of a desk, made by its front end; empty: the desk's home (General, the channel itself)."""
PostId = NewType("PostId", str)
"""One message on a desk, made by its front end; unique within the desk."""
Identity = NewType("Identity", str)
"""A chat account of a user: network and account, made by the front end."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A new identifier of 20 characters that sorts by the time it was made, strictly within one process.

    It names things and proves nothing: it can be guessed.
    """
    global _last  # noqa: PLW0603 - the one counter that keeps the order strict
    with _lock:
        _last = max(_last + 1, time.time_ns() // 1000)
        stamp = _last
    return _encode(stamp << 45 | random.getrandbits(45), 10)


def is_id(word: str) -> bool:
    """Whether that looks like an identifier that `new_id` made: buttons bring them, people do not write them."""
    return len(word) == 20 and all(sign in _ALPHABET for sign in word)


def id_at(moment: datetime) -> str:
    """What sorts before every identifier that `new_id` makes at that moment or later, and after all earlier ones."""
    return _encode(int(moment.timestamp() * 1_000_000) << 45, 10)


def short_id() -> str:
    """A random identifier of 8 characters, for what fits into a button."""
    return _encode(secrets.randbits(40), 4)


def _encode(number: int, pairs: int) -> str:
    """Two characters, ten bits, at a time: several are made for each message."""
    return "".join([_PAIRS[number >> 10 * place & 1023] for place in range(pairs - 1, -1, -1)])
