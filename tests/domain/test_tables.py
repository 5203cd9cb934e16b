"""CSV files: read strictly, columns mapped by name, cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.carrying import cells, columns, rows, tables
from hub.domain.carrying.columns import Plan
from hub.domain.models import Field
from hub.errors import Invalid

FIELDS = [
    Field(id="plan", name="Plan", kind="list", options=["Basic", "Pro"]),
    Field(id="vip", name="VIP", kind="checkbox"),
]
few = settings(max_examples=100, deadline=None)
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=12)


def written(records: list[list[str]], separator: str = ",") -> bytes:
    """A file as a spreadsheet writes it."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(records)
    return out.getvalue().encode()


# -- reading -----------------------------------------------------------------------------------------------------------


@few
@given(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=5),
    st.sampled_from(list(tables.SEPARATORS)),
    st.booleans(),
)
def test_what_a_spreadsheet_writes_is_read_as_it_was_written(
    records: list[tuple[str, str, str]], separator: str, marked: bool
) -> None:
    """Quotes, line breaks and separators within cells are part of them; the mark of UTF-8 is not."""
    content = written([["First name", "Phone", "Notes"], *map(list, records)], separator)
    table = tables.read((b"\xef\xbb\xbf" if marked else b"") + content)
    found = [row.cells for row in table.rows()]
    assert table.headers == ("First name", "Phone", "Notes")
    assert found == [tuple(c.strip() for c in r) for r in records if any(c.strip() for c in r)]


@few
@given(st.binary(max_size=200))
def test_whatever_is_sent_is_read_or_refused_in_one_sentence(content: bytes) -> None:
    """No file breaks anything: it is a table, or what is wrong is said."""
    try:
        table = tables.read(content)
        tables.count(table)
        columns.planned(table.headers, [], FIELDS)
    except Invalid as error:
        said = error.text
    else:
        said = "It is a table."
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Name;Phone\nJosé;1".encode("latin-1"), "not in UTF-8: line 2"),
        ("Name,Phone\nAnn,1".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "a spreadsheet, not a CSV file"),
        (b"", "is empty"),
        (b"\n \n;;\n", "is empty"),
        (b"Name,Phone\n", "no rows"),
        (b"Name,Phone,name\nAnn,1,2\n", "Two columns are called \u201cname\u201d: column 1 and column 3"),
        (b'Name,Phone\n"Ann,1\nBob,2\n', "never closed"),
        (b'Name,Phone\n"Ann"x,1\n', "Line 2: a quoted cell goes on"),
        (b"Name;Phone,Mail\nA;B,C\n", "parted by commas or by semicolons"),
    ],
)
def test_what_is_not_certain_is_refused_with_its_place(content: bytes, said: str) -> None:
    """Another encoding, another kind of file, two columns of one name, a broken quote: nothing is guessed at."""
    with pytest.raises(Invalid, match=said):
        tables.count(tables.read(content))


def test_rows_know_the_line_on_which_they_begin() -> None:
    """Line breaks within cells and empty lines count as lines of the file, so that a line can be found in it."""
    table = tables.read(b'Name,Notes\r\n"Ann","a\nb"\r\n\r\nBob,\r\n,\r\nCy,x,y\r\nDan\r\n')
    assert [(row.line, row.cells[0], row.problem) for row in table.rows()] == [
        (2, "Ann", ""),
        (5, "Bob", ""),
        (7, "Cy", "it has 3 cells, but there are 2 columns"),
        (8, "Dan", "it has only 1 cell, but there are 2 columns"),
    ]
    for after in range(9):
        assert [row.line for row in table.rows(after)] == [line for line in (2, 5, 7, 8) if line > after]


def test_a_spreadsheet_may_say_what_parts_its_cells() -> None:
    """A first line `sep=;` is no row."""
    table = tables.read(b"sep=;\r\nName;Phone\r\nAnn, Dr.;1\r\n")
    assert (table.headers, [row.cells for row in table.rows()]) == (("Name", "Phone"), [("Ann, Dr.", "1")])


def test_there_may_be_so_many_rows_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first row too many is named."""
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    assert tables.count(tables.read(b"Name\nA\nB\n")) == 2
    with pytest.raises(Invalid, match=r"more than 2 rows \(line 4\)"):
        tables.count(tables.read(b"Name\nA\nB\nC\n"))
    with pytest.raises(Invalid, match="larger than 20 MB"):
        tables.read(b"x" * (tables.LARGEST + 1))


# -- cells -------------------------------------------------------------------------------------------------------------


@few
@given(st.one_of(CELL, st.from_regex(r"'?[=+@\-\t ]?[0-9]{0,18}e?[0-9]*", fullmatch=True)))
def test_no_cell_is_run_and_every_cell_is_read_back(text: str) -> None:
    """What begins like a formula, and digits that a number would lose, are guarded; reading takes the guard off."""
    guarded = cells.guarded(text)
    assert guarded.lstrip()[:1] not in tuple("=+-@") or not guarded.strip()
    assert cells.unguarded(guarded) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+491701234567", "'+491701234567"),
        ("-3", "'-3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("1234567890123456", "'1234567890123456"),
        ("00123", "'00123"),
        ("12e5", "'12e5"),
        ("'90s music", "''90s music"),
        ("Ann", "Ann"),
        ("1234", "1234"),
        (-3, "-3"),
        (True, "yes"),
        (None, ""),
    ],
)
def test_how_cells_are_written(value: cells.Cell, shown: str) -> None:
    """Words are guarded, numbers of ours are not."""
    assert cells.guarded(value) == shown


# -- columns -----------------------------------------------------------------------------------------------------------

KNOWN = columns.targets(FIELDS)


@few
@given(st.permutations(list(KNOWN.values())), st.booleans(), st.integers(0, 9))
def test_exact_names_are_mapped_each_field_once_and_nothing_is_asked(names: list[str], upper: bool, left: int) -> None:
    """Whatever the order and the case: the column called as a field is taken for it."""
    headers = [name.upper() if upper else name for name in names][left:]
    plan = columns.planned(headers, [], FIELDS)
    assert [KNOWN[c.target] for c in plan.columns] == names[left:]
    assert plan.question is None
    assert plan.by == next((each for each in columns.IDENTIFIERS if plan.place(each) is not None), "")


@few
@given(
    st.lists(
        st.one_of(st.sampled_from(["Tel", "Mobile", "Surname", "E-Mail", "phone", "Plann", "Name"]), CELL),
        max_size=8,
        unique_by=str.casefold,
    )
)
def test_no_field_is_taken_twice_and_what_is_unsure_is_asked(headers: list[str]) -> None:
    """Only an exact name is taken without asking; what nothing is like is left out."""
    plan = columns.planned(headers, [], FIELDS)
    taken = [c.target for c in plan.columns if c.target]
    assert len(taken) == len(set(taken))
    for column in plan.columns:
        exact = columns.plain(column.header) in {columns.plain(name) for name in KNOWN.values()}
        assert not (column.target and not exact) or column.asked


@few
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["", *KNOWN])), max_size=12))
def test_choices_keep_one_column_a_field(choices: list[tuple[int, str]]) -> None:
    """A field that is chosen for another column leaves the one before, and who is who stays known by what there is."""
    plan = columns.planned(["First name", "Tel", "x", "E-mail", "Plan"], [], FIELDS)
    for place, target in choices:
        plan = columns.chosen(plan, place, target, KNOWN)
        assert plan.columns[place].target == target
        taken = [c.target for c in plan.columns if c.target]
        assert len(taken) == len(set(taken))
        assert (plan.by in plan.known_by) if plan.known_by else not plan.by


def planned(*headers: str) -> Plan:
    return columns.planned(headers, [], FIELDS)


def drafted(plan: Plan, *cells: str) -> rows.Draft:
    return rows.drafted(tables.Row(2, cells), plan, columns.by_target(FIELDS))


def test_a_row_becomes_values_as_they_are_kept() -> None:
    """Numbers in E.164, addresses in lower case, options as they are called, tags one by one; what is empty is left."""
    plan = planned("First name", "Phone", "E-mail", "Plan", "VIP", "Tags", "Country")
    draft = drafted(plan, "Ann", "'+49 170 1234567", "Ann@Example.COM", "pro", "yes", "vip, new; VIP", "")
    assert draft.problem == ""
    assert draft.values == {
        "first_name": "Ann",
        "phone": "+491701234567",
        "email": "ann@example.com",
        "field.plan": "Pro",
        "field.vip": True,
    }
    assert [t.casefold() for t in draft.tags] == ["vip", "new"]
    assert draft.keys == (("phone", "+491701234567"), ("email", "ann@example.com"))


def test_a_row_that_is_wrong_says_in_which_column() -> None:
    """The reason stands beside the column's own name."""
    plan = planned("First name", "Phone")
    assert drafted(plan, "Ann", "0170 123").problem.startswith("Phone: \u201c0170 123\u201d is no phone number")
    assert (
        rows.refusal(drafted(plan, "Ann", ""), plan, known=False) == "it has no phone, by which it could be known again"
    )
    assert rows.refusal(drafted(plan, "", "+491701234567"), plan, known=False).startswith("it has no first name")
