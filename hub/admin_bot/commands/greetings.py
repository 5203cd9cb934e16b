"""What contacts are told by itself: the greeting of the first time, and the away text outside of business hours."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.admin_bot.arguments import matching, nearest
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import ALL_SETTINGS, Rows, clipped, done, grid, pager
from hub.domain.catalog import Greeting
from hub.domain.fields import places
from hub.domain.ids import ChannelId
from hub.domain.models import ChannelItem
from hub.domain.reply import Button, Reply, Value
from hub.domain.telling import greetings
from hub.domain.telling.greetings import When
from hub.domain.telling.settings import current
from hub.domain.text import Text
from hub.errors import Invalid, NotFound

SECTION = "Settings"
USAGE = "[TEXT | de: TEXT | CHANNEL: TEXT | CHANNEL de: TEXT | off [CHANNEL] [de]]"
ROOM, WIDTH = 16, 60
"""Lines of texts on a page, and the signs that make one."""
_PAGE = "page "
"""What a button's line has before the number of a page; typed, it is a text like any other."""


class Scope(msgspec.Struct, frozen=True):
    """Whom a text is for: who writes on a channel, in a language; None and empty: all others."""

    channel: ChannelId | None = None
    language: str = ""


@command(section=SECTION, permission="manager", usage=USAGE)
async def greeting(call: Call, words: Text | None = None) -> Reply:
    """Show and set what contacts are told who write for the first time."""
    return await _text(call, "greeting", words)


@command(section=SECTION, permission="manager", usage=USAGE)
async def away(call: Call, words: Text | None = None) -> Reply:
    """Show and set what contacts are told who write outside of business hours."""
    return await _text(call, "away", words)


async def _text(call: Call, when: When, words: Text | None) -> Reply:
    typed = words.plain.strip() if words else ""
    if not typed or (call.pressed and typed.startswith(_PAGE)):
        return await _listed(call, when, int(typed.removeprefix(_PAGE)) if typed else 1)
    channels = [c for c in await call.tx.items(ChannelItem) if c.state != "disconnected"]
    first, _, rest = typed.partition(" ")
    if first.casefold() == "off" and (scope := _scope(rest, channels)) is not None:
        return await _off(call, when, scope)
    scope, text = _split(typed, channels)
    text = greetings.checked(text, when)
    made = greetings.made(when, text, scope.channel, scope.language)
    changed = await greetings.put(call.tx, call.act, made)
    return await _said(call, made, changed)


async def _off(call: Call, when: When, scope: Scope) -> Reply:
    made = greetings.made(when, "", scope.channel, scope.language)
    if not await greetings.put(call.tx, call.act, made):
        whom = await greetings.named(call.tx, made)
        raise NotFound(f"There is no {greetings.NAMES[when]} for {whom}. /{when} lists what there is.")
    return await _said(call, made, True)


async def _said(call: Call, made: Greeting, changed: bool) -> Reply:
    said: dict[str, Value] = {
        "when": made.when,
        "whom": await greetings.named(call.tx, made),
        "text": made.text,
        "changed": changed,
        "hours": bool((await current(call.tx)).hours.week or (await current(call.tx)).hours.holidays),
    }
    return await done(call, "greeting_set", said)


async def _listed(call: Call, when: When, page: int) -> Reply:
    there = [g for g in await call.tx.items(Greeting) if g.when == when]
    there.sort(key=lambda g: (g.channel is not None, g.channel or "", g.language))
    pages = _pages(there)
    page = min(page, len(pages))
    shown = pages[page - 1]
    lines: list[Value] = [{"whom": await greetings.named(call.tx, g), "text": g.text} for g in shown]
    hours = (await current(call.tx)).hours
    said: dict[str, Value] = {"when": when, "lines": lines, "hours": bool(hours.week or hours.holidays)}
    rows = (*await _rows(call, shown), *pager(f"{when} page", page, len(pages)), ALL_SETTINGS)
    return Reply("greetings", said, rows=rows)


def _pages(there: Sequence[Greeting]) -> list[list[Greeting]]:
    """As many on each as there is room for, one at least."""
    pages: list[list[Greeting]] = [[]]
    room = ROOM
    for each in there:
        lines = 1 + each.text.count("\n") + len(each.text) // WIDTH
        if pages[-1] and lines > room:
            pages.append([])
            room = ROOM
        pages[-1].append(each)
        room -= lines
    return pages


async def _rows(call: Call, there: Sequence[Greeting]) -> Rows:
    buttons = []
    for each in there:
        line = " ".join(filter(None, (each.when, "off", each.channel, each.language)))
        buttons.append(Button(f"Off: {clipped(await greetings.named(call.tx, each), 24)}", line))
    return grid(buttons, 2)


# -- whom it is for --------------------------------------------------------------------------------------------------


def _split(typed: str, channels: Sequence[ChannelItem]) -> tuple[Scope, str]:
    """What stands before the first colon, if all of it says whom the text is for; else all is text."""
    before, colon, after = typed.partition(":")
    if not colon or not after.strip() or "\n" in before:
        return Scope(), typed
    scope = _scope(before, channels)
    if scope is not None:
        return scope, after.strip()
    if len(before) == 2 and before.isascii() and before.islower():
        raise Invalid(f"“{before}” is no language that I know: write its two letters, such as de: Hallo!")
    near = nearest(before, [c.name for c in channels], 1)
    if near:
        raise Invalid(f"No channel is called “{clipped(before, 30)}”. Did you mean {near[0]}?")
    return Scope(), typed


def _scope(words: str, channels: Sequence[ChannelItem]) -> Scope | None:
    """A channel, a language, or both; None where any of the words says neither."""
    named = words.split()
    language = _language(named[-1]) if named else ""
    named = named[:-1] if language else named
    if not named:
        return Scope(None, language)
    name = " ".join(named)
    found = [c for c in channels if c.id == name] or matching(name, [(c, [c.name, *c.name.split()]) for c in channels])
    return Scope(found[0].id, language) if len(found) == 1 else None


def _language(word: str) -> str:
    """The two letters of a language, of them or of its name; empty: it says none."""
    try:
        code = places.language(word)
    except Invalid:
        return ""
    return code if len(code) == 2 and len(word) != 3 else ""


COMMANDS = (greeting, away)
