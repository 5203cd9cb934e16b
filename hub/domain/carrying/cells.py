"""Cells of files that spreadsheets open: nothing in them is run, and no identifier loses its digits. Pure.

What a spreadsheet would take for a formula, or for a number with more digits than it keeps, begins with an apostrophe,
which it shows as text; it is taken off again where such a file is read back.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

Cell = str | int | float | bool | None

_RUNS = re.compile(r"[\s\u00a0\ufeff]*[=+\-@|%\uff1d\uff0b\uff0d\uff20\u2212]|[\t\r\n]|'")
"""Begins like what a spreadsheet runs, or like what is guarded already."""
_LOSES = re.compile(r"\d{16,}|0\d+|\d+[.,]?\d*[eE][+-]?\d+")


def guarded(value: Cell) -> str:
    """What is written for a value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, str):
        return str(value)
    text = value.replace("\0", "")
    return f"'{text}" if _needs_guard(text) else text


def unguarded(cell: str) -> str:
    """What a cell means, with an apostrophe before it or not."""
    return cell[1:] if cell.startswith("'") and _needs_guard(cell[1:]) else cell


def _needs_guard(text: str) -> bool:
    return bool(_RUNS.match(text) or _LOSES.fullmatch(text))


def line(values: Iterable[Cell]) -> bytes:
    """A line of a CSV file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([guarded(value) for value in values])
    return out.getvalue().encode("utf-8", "replace")


def opening(headers: Sequence[str]) -> bytes:
    """The first line, after the mark by which spreadsheets know UTF-8."""
    return b"\xef\xbb\xbf" + line(headers)
