"""Drawing replies: templates in a network's markup, and buttons that fit into what a network carries back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

from hub.domain.reply import Button
from hub.domain.timing import phrases

DATA_LIMIT = 64
"""Bytes that a button carries back."""
ROW_LIMIT = 8
KEYBOARD_LIMIT = 100
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_FOLDER = Path(__file__).parent / "templates"


class Drawing(Protocol):
    """Draws replies for one network."""

    def render(self, template: str, data: Mapping[str, Any]) -> str:
        """The reply in the network's markup."""


class Network(msgspec.Struct, frozen=True):
    """What a network's markup is made of."""

    escape: Callable[[str], str]
    safe_words: Callable[[str], str]
    their_words: Callable[[str], str]
    """The same for what people wrote, in which nothing is a command of ours."""
    macros: Mapping[str, Callable[..., Markup]]
    words: Mapping[str, str | tuple[str, ...]]
    """What its places are called, and how a desk is made."""
    clock: Callable[[object], object]


_GROUPS: Mapping[str, str | tuple[str, ...]] = {
    "group": "group",
    "topic": "topic",
    "sign": "/",
    "make_a_desk": "make a group with topics for your team, add me as an administrator who may manage topics,",
    "desk_steps": (
        "Make a group for your team, and switch Topics on in its settings.",
        "Add me to it, as an administrator who may manage topics and delete messages.",
    ),
    "on_deleting": "Deleting your message does not unsend it: /unsend does, as a reply to it.",
}
_CHANNELS: Mapping[str, str | tuple[str, ...]] = {
    "group": "channel",
    "topic": "thread",
    "sign": "!",
    "make_a_desk": "make a channel for your team, invite me there,",
    "desk_steps": (
        "Make a channel for your team, private if you like.",
        "Invite me to it: write @ and my name there.",
    ),
    "on_deleting": "Deleting your message takes it back where the contact's network can; so does /unsend.",
}


def _network(name: str) -> Network:
    if name == "telegram":
        from hub.admin_bot.telegram import format as telegram_format
        from hub.admin_bot.telegram import markup

        return Network(telegram_format.escape, markup.safe_words, markup.safe_words, markup.MACROS, _GROUPS, clock)
    if name == "slack":
        from hub.admin_bot.slack import format as slack_format
        from hub.admin_bot.slack import markup as slack_markup

        return Network(
            slack_format.escape,
            slack_markup.safe_words,
            slack_markup.their_words,
            slack_markup.MACROS,
            _CHANNELS,
            slack_markup.clock,
        )
    raise ValueError(f"there is no markup for the network {name!r}")


class _Joining(CodeGenerator):
    """Compiles `~` so that markup stays markup beside plain words; Jinja does so only where it escapes by itself."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja calls it by the node
        """A call of the environment's filter `put_together` with all that stands between the signs."""
        self.write("environment.filters['put_together']((")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("))")


class _Environment(Environment):
    code_generator_class = _Joining


class Templates:
    """The templates of replies and desk posts, for one network. What comes out of a variable is escaped; macros give
    markup.
    """

    def __init__(self, network: str) -> None:
        self._parts = _network(network)
        # Escaping is done by `finalize`, exactly as the network wants it, and not by Jinja, which escapes quotes too.
        self._env = _Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=False,
            finalize=self._shown,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._env.globals.update(self._parts.macros)
        self._env.globals.update(self._parts.words)
        self._env.filters.update(safe_words=self._safe, their_words=self._theirs, put_together=self._joined)
        self._env.filters.update(join=self._joined, clock=self._parts.clock, waited=waited)

    def render(self, template: str, data: Mapping[str, Any]) -> str:
        """A reply."""
        return self._env.get_template(f"replies/{template}.jinja").render(data).strip()

    def post(self, template: str, data: Mapping[str, Any]) -> Markup:
        """A part of a desk post."""
        drawn = self._env.get_template(f"posts/{template}.jinja").render(data).strip()
        return Markup(drawn)  # noqa: S704 - `finalize` escaped what came in

    def _shown(self, value: object) -> str:
        if isinstance(value, Markup):
            return str(value)
        return self._parts.escape("" if value is None else str(value))

    def _safe(self, value: object) -> object:
        return value if isinstance(value, Markup) else self._parts.safe_words(str(value))

    def _theirs(self, value: object) -> object:
        return value if isinstance(value, Markup) else self._parts.their_words(str(value))

    def _joined(self, values: Iterable[object], sign: str = "") -> str:
        """Plain words stay plain, so that what stands around them still escapes them; beside markup they become it."""
        every = list(values)
        if not any(isinstance(v, Markup) for v in every):
            return sign.join("" if v is None else str(v) for v in every)
        return Markup(self._shown(sign).join(self._shown(v) for v in every))  # noqa: S704 - each was escaped


@cache
def templates(network: str) -> Templates:
    """The one set of a network's templates: to compile them is most of what it costs to draw something once."""
    return Templates(network)


def clock(moment: object) -> str:
    """A moment (a datetime, or one in ISO form) for people: with its day where it is not today."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if not isinstance(at, datetime):
        return ""
    at, now = at.astimezone(UTC), datetime.now(UTC)
    return f"{at.hour}:{at:%M} UTC" if at.date() == now.date() else f"{phrases.dated(at, now)} UTC"


def waited(moment: object) -> str:
    """How long ago a moment was, in the greatest unit that says enough."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if not isinstance(at, datetime):
        return ""
    minutes = max(0, int((datetime.now(UTC) - at).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min" if minutes else "now"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


# -- buttons ---------------------------------------------------------------------------------------------------------


def encode(button: Button) -> str:
    """What the button carries back. Raises ValueError where that is too long: lines of buttons must be short."""
    home = f".{button.home}" if button.home else ""
    data = f"{_base36(button.version)}{home}:{button.line}"
    if not button.line or len(data.encode()) > DATA_LIMIT:
        raise ValueError(f"the button {button.label!r} carries {button.line!r}: it must be 1 to about 60 bytes")
    return data


class Carried(NamedTuple):
    """What a button carried."""

    version: int
    line: str
    home: str = ""


def decode(data: str) -> Carried | None:
    """What a button carried; None where this is none of ours."""
    front, colon, line = data.partition(":")
    version, _, home = front.partition(".")
    if not colon or not line or not version or any(d not in _DIGITS for d in version + home):
        return None
    return Carried(int(version, 36), line, home)


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits


def layout(rows: Sequence[Sequence[Button]]) -> list[list[Button]]:
    """The rows as they may be: at most eight in one, a hundred in all; what goes out to a contact stands alone."""
    laid: list[list[Button]] = []
    for row in rows:
        laid += _rows(row)
    room = KEYBOARD_LIMIT
    fitting = []
    for row in laid:
        if len(row) <= room:
            fitting.append(row)
            room -= len(row)
    return fitting


def _rows(row: Sequence[Button]) -> Iterable[list[Button]]:
    current: list[Button] = []
    for button in row:
        if current and (button.outward or current[-1].outward or len(current) == ROW_LIMIT):
            yield current
            current = []
        current.append(button)
    if current:
        yield current
