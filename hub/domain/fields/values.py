"""What may stand in a contact's fields: words as people write them become the one value that is kept. Pure.

What is kept is the same however it was written, so that equal things are equal: phone numbers in E.164, addresses in
lower case, dates as 2026-11-21, countries as two letters. `written` gives words that are read as the same value again.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from hub.domain.accounts.fields import address
from hub.domain.catalog import Field, FieldValue
from hub.domain.fields.moments import date, number, plain_number, time
from hub.domain.fields.places import country, country_name, language, language_name, phone, phone_shown
from hub.domain.text import as_name
from hub.errors import Invalid

DefaultKind = Literal["name", "phone", "email", "country", "language"]
DefaultId = Literal["first_name", "last_name", "phone", "email", "country", "language"]

LONGEST_TEXT = 1000
LONGEST_NAME = 100
LONGEST_URL = 2000
YES = ("yes", "y", "true", "on", "1", "x", "✓", "✔", "✅", "ja", "oui", "sí", "si")
NO = ("no", "n", "false", "off", "0", "-", "✗", "❌", "nein", "non")
_URL_HOST = re.compile(r"(?:[\w-]+\.)+[\w-]{2,}|localhost|\[[0-9a-f:.]+\]")


class Default(msgspec.Struct, frozen=True):
    """A field that every contact has; `id` is its attribute of the contact."""

    id: DefaultId
    name: str
    kind: DefaultKind


DEFAULTS = (
    Default("first_name", "First name", "name"),
    Default("last_name", "Last name", "name"),
    Default("phone", "Phone", "phone"),
    Default("email", "E-mail", "email"),
    Default("country", "Country", "country"),
    Default("language", "Language", "language"),
)
AnyField = Field | Default


def read(field: AnyField, words: str, region: str = "") -> FieldValue:
    """What is kept of the words. `region`: the country, as two letters, whose phone numbers may be without their code.

    Raises Invalid, saying what would be right.
    """
    line = " ".join(words.split())
    if not line:
        raise Invalid(f"Nothing is written for {field.name}.")
    if isinstance(field, Default) and field.kind == "phone":
        return phone(line, region)
    if isinstance(field, Field) and field.kind == "list":
        return option(line, field.options)
    return _READ[field.kind](line)


def shown(field: AnyField, value: FieldValue) -> str:
    """The value for people to read."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.kind == "phone":
        return phone_shown(str(value))
    if field.kind == "country":
        return country_name(str(value))
    if field.kind == "language":
        return language_name(str(value))
    return written(value)


def written(value: FieldValue) -> str:
    """The value in words from which it is read again, for files."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else plain_number(value)


def option(line: str, options: Sequence[str]) -> str:
    """The option of a list that is written so, whatever the case, or begins so alone."""
    wanted = line.casefold()
    exact = [o for o in options if o.casefold() == wanted]
    found = exact or [o for o in options if o.casefold().startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Invalid(f"“{_cut(line)}” could be {' or '.join(found)}.")
    near = difflib.get_close_matches(wanted, [o.casefold() for o in options], n=1, cutoff=0.6)
    guess = next((f" Did you mean {o}?" for o in options if o.casefold() in near), "")
    raise Invalid(f"“{_cut(line)}” is none of {', '.join(options)}.{guess}")


def _text(line: str) -> str:
    if len(line) > LONGEST_TEXT:
        raise Invalid(f"That has {len(line):,} characters; up to {LONGEST_TEXT:,} fit.")
    return _seen(line)


def _name(line: str) -> str:
    if len(line) > LONGEST_NAME:
        raise Invalid(f"A name can have up to {LONGEST_NAME} characters.")
    return _seen(line)


def _seen(line: str) -> str:
    found = as_name(line)
    if not found:
        raise Invalid("Nothing of that can be seen; write letters or digits.")
    return found


def _email(line: str) -> str:
    found = address(line.strip("<>").removeprefix("mailto:"))
    if not found:
        raise Invalid(f"“{_cut(line)}” is no e-mail address: write it as ann@example.com.")
    return found


def _url(line: str) -> str:
    """With its scheme; `https` where none was written."""
    full = line if "://" in line else f"https://{line}"
    try:
        parts = urlsplit(full)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    named = parts.scheme in ("http", "https") and _URL_HOST.fullmatch(parts.hostname or "") and port != 0
    if not named or " " in full or "@" in parts.netloc or len(full) > LONGEST_URL:
        raise Invalid(f"“{_cut(line)}” is no web address: write it as https://example.com/page.")
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()


def _checkbox(line: str) -> bool:
    word = line.casefold().rstrip(".!")
    if word in YES:
        return True
    if word in NO:
        return False
    raise Invalid(f"“{_cut(line)}” is no answer to yes or no: write yes or no.")


def _cut(line: str) -> str:
    return line if len(line) <= 40 else f"{line[:39]}…"


_READ: Mapping[str, Callable[[str], FieldValue]] = {
    "text": _text,
    "name": _name,
    "checkbox": _checkbox,
    "email": _email,
    "number": number,
    "url": _url,
    "date": date,
    "time": time,
    "country": country,
    "language": language,
}
