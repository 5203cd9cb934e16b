"""Contacts' fields as arguments: a field by its name, which may be of several words, or by the beginning of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from hub.admin_bot.arguments import BadArgument, Choice, Kind, RestKind, Words, did_you_mean, matching, plainly
from hub.admin_bot.call import Call
from hub.domain.catalog import Field
from hub.domain.fields.changing import known
from hub.domain.fields.values import AnyField

F = TypeVar("F", bound=AnyField)
OFFERED = 9


class Setting(msgspec.Struct, frozen=True):
    """A field that contacts have, and what is to stand there; no words: nothing was said of it."""

    field: AnyField
    words: str


class SettingKind(RestKind):
    """A field's name or id, or the beginning of one, and whatever follows."""

    async def read(self, call: Call, words: Words) -> Setting | None:  # type: ignore[override]
        """Finds the field."""
        if not words.peek():
            return None
        return Setting(one_of(words, await known(call.tx)), " ".join(words.take_rest().plain.split()))


def one_of(words: Words, fields: Sequence[F]) -> F:
    """The one of the fields that comes next; all words of its name are read. Raises BadArgument."""
    typed = [plainly(w).removesuffix(":") for w in words.rest().plain.split()]
    whole = [f for f in fields if typed[: len(f.name.split())] == [plainly(w) for w in f.name.split()]]
    word = words.take()
    found = [f for f in fields if f.id == plainly(word)] or sorted(whole, key=lambda f: -len(f.name))[:1]
    found = found or matching(_plain(word), [(f, names_of(f)) for f in fields])
    if len(found) == 1:
        _read_on(found[0].name, words)
        return found[0]
    choices = [Choice(f.name, f.id) for f in (found or fields)[:OFFERED]]
    if found:
        raise BadArgument(f"“{word}” could be several fields. Which one?", word, choices)
    guess = did_you_mean(_plain(word), [f.name for f in fields])
    raise BadArgument(f"There is no field “{word}”.{guess}", word, choices)


def names_of(field: AnyField) -> list[str]:
    """What a field may be called: also without its dashes, for phones put them in or leave them out."""
    return list(dict.fromkeys((field.name, _plain(field.name), *field.name.split(), field.id)))


def own_fields(fields: Sequence[AnyField]) -> list[Field]:
    """Those that the workspace made."""
    return [f for f in fields if isinstance(f, Field)]


def _plain(word: str) -> str:
    return word.replace("-", "").removesuffix(":")


def _read_on(name: str, words: Words) -> None:
    for part in name.split()[1:]:
        if plainly(words.peek()).removesuffix(":") != plainly(part):
            return
        words.take()


KINDS: Mapping[Any, Kind] = {Setting: SettingKind()}
