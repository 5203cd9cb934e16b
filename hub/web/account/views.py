"""Drawing the pages: templates, and the words for what people know by other names than we do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from hub.domain.accounts.browsers import browser_words
from hub.domain.accounts.reception import Asking
from hub.domain.accounts.tying import chat_words

_HERE = Path(__file__).parent
_STYLE = _HERE / "style.css"


@cache
def style() -> tuple[bytes, str]:
    """The style sheet and a name for this edition of it."""
    content = _STYLE.read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:12]


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(browser=browser_words, chat=chat_words, day=day, ago=ago, breakable=breakable)
    made.globals.update(style_edition=style()[1])
    return made


def draw(template: str, data: Mapping[str, Any]) -> str:
    """A page as HTML; whatever comes out of a variable is escaped."""
    return _environment().get_template(f"{template}.jinja").render(data)


def asking_words(asking: Asking) -> str:
    """The chat account that asks: Mary Poppins (@mary) on Telegram."""
    network = asking.identity.partition(":")[0].title()
    known = f" (@{asking.username})" if asking.username else ""
    return f"{_short(asking.name) or 'your account'}{known} on {network}"


def breakable(email: str) -> Markup:
    """An address that may be broken where it has a natural joint."""
    return escape(email).replace("@", Markup("@<wbr>"))


def day(moment: datetime) -> str:
    """A moment for people."""
    at = moment.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def ago(moment: datetime) -> str:
    """How long ago a moment was, in the greatest unit that says enough."""
    minutes = int((datetime.now(UTC) - moment.astimezone(UTC)).total_seconds() // 60)
    if minutes < 2:
        return "just now"
    if minutes < 120:
        return f"{minutes} minutes ago"
    return f"{minutes // 60} hours ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"


def span(seconds: float) -> str:
    """How long to wait, rounded up: 40 seconds, 3 minutes."""
    whole = max(1, int(-(-seconds // 1)))
    count, unit = (whole, "second") if whole < 100 else (-(-whole // 60), "minute")
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _short(name: str, limit: int = 60) -> str:
    flat = re.sub(r"\s+", " ", name).strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
