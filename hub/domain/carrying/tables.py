"""A CSV file, read strictly: what is not certainly so is refused with its line, and nothing is guessed at. Pure.

A file is UTF-8, with or without a mark; its cells are parted by commas, semicolons or tabs; its first line names the
columns. Empty lines count for nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

import msgspec

from hub.errors import Invalid

LARGEST = 20 * 1024 * 1024
"""Bytes of a file."""
MOST_ROWS = 200_000
MOST_COLUMNS = 100
LONGEST_CELL = 20_000
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_SAVE_AS = "Save it as CSV in UTF-8 (in Excel: “CSV UTF-8”) and send it again."
_ZIPPED, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_MARK = "\ufeff"


class Row(msgspec.Struct, frozen=True):
    """A row: the line of the file on which it begins, counted from 1, and its cells, one for each column."""

    line: int
    cells: tuple[str, ...]
    problem: str = ""
    """Why it cannot be read as a row of this table; empty where it can."""


class Table(msgspec.Struct, frozen=True):
    """A file as far as it must be known to read its rows."""

    text: str
    separator: str
    headers: tuple[str, ...]
    """Of all columns in order; empty where a column has no name."""
    first: int
    """The line on which the names of the columns begin."""

    def rows(self, after: int = 0) -> Iterator[Row]:
        """All rows behind that line that are not empty. Raises Invalid where the file cannot be read on."""
        for line, cells in _records(self.text, self.separator, max(after, self.first)):
            if any(cells):
                yield self._row(line, cells)

    def _row(self, line: int, cells: Sequence[str]) -> Row:
        width = len(self.headers)
        if any(cells[width:]):
            return Row(line, tuple(cells), f"it has {_cells(len(cells))}, but there are {width} columns")
        if len(cells) < width:
            return Row(line, tuple(cells), f"it has only {_cells(len(cells))}, but there are {width} columns")
        long = next((name for name, cell in zip(self.headers, cells, strict=False) if len(cell) > LONGEST_CELL), None)
        problem = f"{long or 'a cell'} has more than {LONGEST_CELL:,} characters" if long is not None else ""
        return Row(line, tuple(cells[:width]), problem)


def read(content: bytes) -> Table:
    """The table in a file. Raises Invalid, saying what would be right."""
    if len(content) > LARGEST:
        raise Invalid(f"The file is larger than {LARGEST // 1024 // 1024} MB. Split it and send the parts.")
    text = _decoded(content)
    separator, text_from = _told_separator(text)
    separator = separator or _separator(text, text_from)
    first = next(((n, c) for n, c in _records(text, separator) if n > text_from and _says(c)), None)
    if first is None:
        raise Invalid("The file is empty. Its first line names the columns: First name, Phone, E-mail.")
    return Table(text=text, separator=separator, headers=_headers(first[1]), first=first[0])


def count(table: Table) -> int:
    """How many rows there are. Raises Invalid where they are too many or none, or the file breaks off."""
    total = 0
    for total, row in enumerate(table.rows(), 1):
        if total > MOST_ROWS:
            raise Invalid(f"The file has more than {MOST_ROWS:,} rows (line {row.line}). Split it and send the parts.")
    if not total:
        raise Invalid("The file has column names, but no rows below them.")
    return total


# -- what a file is made of --------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    if content.startswith((_ZIPPED, _OLD_EXCEL)):
        raise Invalid(f"That is a spreadsheet, not a CSV file. {_SAVE_AS}")
    if content.startswith(_WIDE) or b"\0" in content:
        raise Invalid(f"The file is not in UTF-8 but in UTF-16, or it is no text. {_SAVE_AS}")
    try:
        return content.decode("utf-8").removeprefix(_MARK)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Invalid(f"The file is not in UTF-8: line {line} has signs of another encoding. {_SAVE_AS}") from error


def _told_separator(text: str) -> tuple[str, int]:
    """What a first line `sep=;` says, which spreadsheets write; and the line after which the table begins."""
    first = text[:10].partition("\n")[0].strip("\r\"' ")
    said = first[4:5] if first.casefold().startswith("sep=") else ""
    return (said, 1) if said in SEPARATORS and said else ("", 0)


def _separator(text: str, after: int) -> str:
    """What parts the names of the columns into the most."""
    found = {each: next((len(c) for n, c in _records(text, each) if n > after and _says(c)), 1) for each in SEPARATORS}
    most = max(found.values())
    best = [each for each, width in found.items() if width == most]
    if most > 1 and len(best) > 1:
        said = " or by ".join(SEPARATORS[each] for each in best)
        raise Invalid(f"The columns could be parted by {said}. Use one sign alone in the first line.")
    return best[0]


def _says(cells: Sequence[str]) -> bool:
    """Whether there is more than separators of any kind."""
    return any(cell.strip("".join(SEPARATORS)) for cell in cells)


def _records(text: str, separator: str, after: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Each record that begins behind that line, with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Invalid(_broken(line, str(error))) from error
        if line > after:
            yield line, [cell.strip() for cell in record]


def _broken(line: int, said: str) -> str:
    if "field larger" in said:
        return f"A cell that begins on line {line} has no end: its quote is never closed. Nothing was read."
    if "unexpected end" in said:
        return f"A quote that is opened on line {line} or after it is never closed. Nothing was read."
    return (
        f"Line {line}: a quoted cell goes on after its closing quote; write quotes within it twice. Nothing was read."
    )


def _headers(cells: Sequence[str]) -> tuple[str, ...]:
    names = [" ".join(cell.split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise Invalid(f"The file has {len(names)} columns; up to {MOST_COLUMNS} can be read.")
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        known = seen.setdefault(name.casefold(), place)
        if name and known != place:
            raise Invalid(
                f"Two columns are called “{name[:60]}”: column {known} and column {place}. Rename one of them."
            )
    return tuple(names)


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"
