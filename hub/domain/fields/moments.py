"""Numbers, dates and times of day, as people write them and as they are kept. Pure."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from babel.dates import get_month_names
from babel.numbers import NumberFormatError, parse_decimal

from hub.domain.fields.places import SPOKEN
from hub.errors import Invalid

LARGEST = 10**15
"""Up to it every whole number is kept exactly."""
_DIGITS = re.compile(r"-?[1-9][0-9]{0,14}|0")
"""A whole number as a machine writes it, which is read at once."""
_DATE = "write it as 2026-11-21 or 21 Nov 2026"
_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?(?::\d{2})?\s*(am|pm|a\.m\.|p\.m\.|uhr|h)?", re.IGNORECASE)


# -- numbers --


def number(line: str) -> int | float:
    """A number, with a point or a comma before its fraction: 1,234.5 and 1.234,5 alike. What could be both is read as
    English has it: 1,234 is more than a thousand.
    """
    if _DIGITS.fullmatch(line):
        return int(line)
    bare = line.replace("\u2212", "-").replace("\u202f", "").replace("\u00a0", "").replace("'", "")
    bare = re.sub(r"(?<=\d) (?=\d{3}\b)", "", bare)
    for locale in ("en", "de"):
        if re.fullmatch(r"[-+]?[0-9.,]+", bare):
            try:
                return _whole(float(parse_decimal(bare.removeprefix("+"), locale=locale, strict=True)))
            except NumberFormatError:
                continue
    raise Invalid(f"“{line[:40]}” is no number: write it as 1234.5.")


def _whole(found: float) -> int | float:
    if abs(found) > LARGEST or math.isnan(found):
        raise Invalid("That number is too large to be kept exactly.")
    return int(found) if found.is_integer() else found


def plain_number(value: float) -> str:
    """The number in digits, without an exponent or a zero too much."""
    return str(int(value)) if float(value).is_integer() else f"{Decimal(repr(value)):f}"


# -- dates --


def date(line: str) -> str:
    """A day as 2026-11-21. 3/11/2026 is refused, for it is two days in two countries."""
    year, month, day = _by_digits(line) or _by_name(line) or (0, 0, 0)
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        pass
    raise Invalid(f"“{line[:40]}” is no date: {_DATE}.")


def _by_digits(line: str) -> tuple[int, int, int] | None:
    """Year, month, day."""
    found = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?", line)
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    found = re.fullmatch(r"(\d{1,2})([./-]) ?(\d{1,2})\2 ?(\d{4})", line)
    if not found:
        return None
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    if found[2] == "." or first > 12 or first == second:
        return year, second, first
    if second > 12:
        return year, first, second
    raise Invalid(f"“{line[:40]}” is two days, by how one counts: {_DATE}.")


def _by_name(line: str) -> tuple[int, int, int] | None:
    """21 Nov 2026, Nov 21 2026, 21. November 2026."""
    words = re.findall(r"[^\W\d]+|\d+", line.casefold())
    words = [w for w in words if w not in ("st", "nd", "rd", "th", "of", "de")]
    months = [_months()[w] for w in words if w in _months()]
    digits = [int(w) for w in words if w.isdigit() and len(w) <= 4]
    if len(words) != 3 or len(months) != 1 or len(digits) != 2:
        return None
    day, year = sorted(digits)
    return (year, months[0], day) if year >= 1000 else None


@cache
def _months() -> Mapping[str, int]:
    """Names of months, short and long; where two languages mean two months by one name, the first one's."""
    found: dict[str, int] = {}
    for spoken in SPOKEN:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for month, name in get_month_names(width, context, spoken).items():
                    found.setdefault(name.casefold().rstrip("."), month)
    return found


# -- times --


def time(line: str) -> str:
    """A time of day as 09:30."""
    found = _TIME.fullmatch(line.strip())
    half = (found[3] or "").casefold().replace(".", "") if found else ""
    if found and (found[2] or half):
        hour, minute = int(found[1]), int(found[2] or 0)
        if half in ("am", "pm") and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        elif half in ("am", "pm"):
            hour = 24
        if hour < 24 and minute < 60:
            return f"{hour:02}:{minute:02}"
    raise Invalid(f"“{line[:40]}” is no time of day: write it as 9:30 or 17:00.")
