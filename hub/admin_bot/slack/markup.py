"""Slack's markup for templates. What they draw is read back as text, so that nothing in it is ever taken for markup."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from markupsafe import Markup

from hub.admin_bot import drawing
from hub.admin_bot.slack.format import DATE, escape, tagged

_WEB = re.compile(r"https?://[^\s\"<>|]+$", re.IGNORECASE)
THEIR_SLASH = "\ufdd0"
"""Stands for a slash in what people wrote until our own commands are named; no text has it, for it is no character."""
_LONE = re.compile("[\ud800-\udfff]")


def safe_words(plain: str) -> str:
    """A contact's words; on Slack nothing in them can act once they are escaped."""
    return _LONE.sub("\ufffd", plain)


def their_words(plain: str) -> str:
    """What people wrote: a `/close` in it is no command of ours, and stays as they wrote it."""
    return safe_words(plain).replace("/", THEIR_SLASH)


def _tagged(tag: str, value: object, about: str = "") -> Markup:
    return Markup(tagged(tag, _escaped(value), about))  # noqa: S704 - escaped just here


def _escaped(value: object) -> str:
    return str(value) if isinstance(value, Markup) else escape(safe_words(str(value)))


def bold(value: object) -> Markup:
    """Bold words."""
    return _tagged("b", value)


def italic(value: object) -> Markup:
    """Words in italics."""
    return _tagged("i", value)


def code(value: object) -> Markup:
    """Words to be copied as they stand."""
    return _tagged("code", value)


def quote(value: object) -> Markup:
    """A block of somebody's words."""
    return _tagged("q", value)


def small(value: object) -> Markup:
    """Words beside the matter."""
    return _tagged("i", value)


def strike(value: object) -> Markup:
    """Words that no longer hold."""
    return _tagged("s", value)


def link(url: object, value: object) -> Markup:
    """Words that open an address."""
    address = str(url)
    if not _WEB.match(address):
        return Markup(_escaped(value))  # noqa: S704 - escaped
    return _tagged("a", value, address)


def mention(identity: object, name: object) -> Markup:
    """A colleague's name; they are notified where they are of this network."""
    return _tagged("m", name, str(identity)) if str(identity).startswith("slack:") else bold(name)


def clock(moment: object) -> Markup:
    """A moment, which each reader sees in their own time zone."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) and moment else moment
    if not isinstance(at, datetime):
        return Markup()
    return _tagged("a", drawing.clock(at), f"{DATE}{int(at.timestamp())}")


MACROS: dict[str, Callable[..., Markup]] = {
    "bold": bold,
    "italic": italic,
    "code": code,
    "quote": quote,
    "small": small,
    "strike": strike,
    "link": link,
    "mention": mention,
}
