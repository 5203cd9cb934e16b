"""What may stand in contacts' fields, and what is kept of it."""

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.accounts.fields import address
from hub.domain.catalog import Field
from hub.domain.fields.values import DEFAULTS, AnyField, read, shown, written
from hub.errors import Invalid


def field(kind: str) -> AnyField:
    default = next((d for d in DEFAULTS if kind in (d.kind, d.id)), None)
    return default or Field(id="f", name="F", kind=kind, options=["Free", "Pro", "Pro plus"])  # type: ignore[arg-type]


READ = [
    ("text", "  a\nlong   story ", "a long story"),
    ("name", "\u202eAnn", "Ann"),
    ("number", "3,5", 3.5),
    ("number", "-90", -90),
    ("number", "007", 7),
    ("number", "1,234.5", 1234.5),
    ("number", "1.234,5", 1234.5),
    ("number", "1'234", 1234),
    ("number", "\u22125", -5),
    ("date", "2026-11-21", "2026-11-21"),
    ("date", "21.11.2026", "2026-11-21"),
    ("date", "11/21/2026", "2026-11-21"),
    ("date", "Nov 21st, 2026", "2026-11-21"),
    ("date", "21. Dezember 2026", "2026-12-21"),
    ("date", "2026-11-21T10:00:00Z", "2026-11-21"),
    ("time", "9:30", "09:30"),
    ("time", "9pm", "21:00"),
    ("time", "12 am", "00:00"),
    ("time", "17h30", "17:30"),
    ("checkbox", "Yes.", True),
    ("checkbox", "off", False),
    ("list", "pro", "Pro"),
    ("list", "fr", "Free"),
    ("url", "Example.com/A?b=c", "https://example.com/A?b=c"),
    ("email", " <Ann@Example.com> ", "ann@example.com"),
    ("phone", "0043 660 1234567", "+436601234567"),
    ("phone", "+1 (415) 555-2671", "+14155552671"),
    ("country", "Deutschland", "DE"),
    ("country", "uk", "GB"),
    ("country", "the Netherlands", "NL"),
    ("language", "German", "de"),
    ("language", "pt_BR", "pt-br"),
]
WRONG = [
    ("text", "x" * 1001, "up to 1,000 fit"),
    ("text", "\u2800", "Nothing of that can be seen"),
    ("number", "1e5", "write it as 1234.5"),
    ("number", "9" * 17, "too large"),
    ("date", "3/11/2026", "is two days, by how one counts"),
    ("date", "2026-02-30", "write it as 2026-11-21 or 21 Nov 2026"),
    ("date", "1 Jan 12", "is no date"),
    ("time", "25:00", "write it as 9:30 or 17:00"),
    ("time", "9", "is no time of day"),
    ("checkbox", "maybe", "write yes or no"),
    ("list", "p", "could be Pro or Pro plus"),
    ("list", "fre3", "Did you mean Free?"),
    ("url", "javascript:alert(1)", "write it as https://example.com/page"),
    ("url", "user:pw@example.com", "is no web address"),
    ("email", "ann", "write it as ann@example.com"),
    ("phone", "030 1234567", "with its country's code"),
    ("phone", "+49 30 1234567 ext 5", "leave it out"),
    ("phone", "+49 1", "is no phone number"),
    ("country", "Germny", "Did you mean Germany?"),
    ("language", "klingonn", "Did you mean Klingon?"),
    ("number", " ", "Nothing is written"),
]


@pytest.mark.parametrize(("kind", "words", "kept"), READ)
def test_what_people_write_is_read(kind: str, words: str, kept: object) -> None:
    """However it is written, one form is kept; and its words are read as the same again."""
    found = read(field(kind), words)
    assert (found, type(found)) == (kept, type(kept))
    assert read(field(kind), written(found)) == found
    assert shown(field(kind), found)


@pytest.mark.parametrize(("kind", "words", "said"), WRONG)
def test_a_mistake_is_told_with_what_would_be_right(kind: str, words: str, said: str) -> None:
    """Nothing is kept of what cannot be read."""
    with pytest.raises(Invalid, match=said.replace("?", r"\?")):
        read(field(kind), words)


def test_numbers_of_the_contacts_country_need_no_code() -> None:
    """Where it is known whence the contact is."""
    assert read(field("phone"), "030 1234567", "DE") == "+49301234567"


KINDS = st.sampled_from(["text", "name", "number", "date", "time", "checkbox", "url", "email", "phone", "country"])


@settings(max_examples=100, deadline=None)
@given(KINDS, st.text(max_size=40) | st.from_regex(r"[0-9+:./, -]{1,20}", fullmatch=True))
def test_whatever_is_written_is_kept_in_one_form_or_refused(kind: str, words: str) -> None:
    """No words break it, and what is kept is read from its own words again."""
    try:
        found = read(field(kind), words)
    except Invalid:
        return
    assert read(field(kind), written(found)) == found


@settings(max_examples=100, deadline=None)
@given(st.floats(-1e15, 1e15) | st.integers(-(10**15), 10**15), st.dates(), st.times())
def test_values_are_read_from_their_own_words(number: float, date: object, time: object) -> None:
    """What an export writes, an import reads as the same."""
    for kind, value in (("number", number), ("date", str(date)), ("time", f"{time:%H:%M}")):
        found = read(field(kind), written(value))  # type: ignore[arg-type]
        assert found == value


_LOCALS = st.one_of(st.text("aZ9.-_+!'\" é(@", max_size=8), st.sampled_from(["a" * 64, "a" * 65, "Ann.Elm"]))
_DOMAINS = (
    "example.com",
    "Example.ORG",
    "münchen.de",
    "x",
    "a..b",
    "-a.com",
    "b@c.de",
    "[1.2.3.4]",
    "a.com.",
    "x.test",
)


@settings(max_examples=100)
@given(_LOCALS, st.sampled_from([*_DOMAINS, "", "a " + "b.de", ".".join(["a" * 60] * 4) + ".de"]), st.booleans())
def test_addresses_are_judged_by_the_rules_of_mail(local: str, domain: str, sign: bool) -> None:
    """However quickly a plain one is read, it is taken or refused just as the library would."""
    text = f"{local}{'@' if sign else ''}{domain}"
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True)
        wanted = (found.ascii_email or "").lower()
    except (EmailNotValidError, ValueError):
        wanted = ""
    assert address(text) == wanted
