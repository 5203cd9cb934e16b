"""Phone numbers, countries and languages, as people write them and as they are kept. Pure; asks no network."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache

import phonenumbers
from babel import Locale
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from hub.errors import Invalid

SPOKEN = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "tr")
"""Languages in which countries and languages may be called by their names."""
_ALSO = {"uk": "GB", "england": "GB", "great britain": "GB", "usa": "US", "u.s.": "US", "u.s.a.": "US", "america": "US"}
_PHONE = "write it with its country's code, as +49 30 1234567"


# -- phone numbers --


def phone(line: str, region: str = "") -> str:
    """The number in E.164. `region`: the country of numbers without a code."""
    found = _parsed(line, region)
    valid = found is not None and phonenumbers.is_valid_number(found)
    if found is None or not (valid or phonenumbers.is_possible_number(found)):
        raise Invalid(f"“{line[:40]}” is no phone number: {_PHONE}.")
    if found.extension:
        raise Invalid(f"“{line[:40]}” has an extension, which cannot be called from here: leave it out.")
    if not valid:
        raise Invalid(f"“{line[:40]}” is no number that is in use: look whether a digit is wrong or missing.")
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


def _parsed(line: str, region: str) -> PhoneNumber | None:
    """Two zeros before a country's code are a plus sign."""
    bare = line.strip()
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    try:
        return phonenumbers.parse(bare, region or None)
    except NumberParseException:
        return None


def phone_shown(number: str) -> str:
    """The number with spaces, as it is written abroad; what could not be read stays as it is."""
    found = _parsed(number, "") if number.startswith("+") else None
    return phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL) if found else number


def country_of(number: str) -> str:
    """Whose number it is, as two letters; empty where it belongs to none."""
    found = _parsed(number, "") if number.startswith("+") else None
    region = phonenumbers.region_code_for_number(found) if found else None
    return region if region and region in _countries() else ""


# -- countries and languages --


def country(line: str) -> str:
    """A country's two letters, of them or of its name in one of the languages."""
    code = line.upper()
    if code in _countries():
        return code
    word = line.casefold().removeprefix("the ")
    found = _ALSO.get(word) or _country_names().get(word)
    if found is None:
        near = _near(word, _countries())
        raise Invalid(f"There is no country “{line[:40]}”: write its name, or its two letters, as DE.{near}")
    return found


def country_name(code: str) -> str:
    """What the country is called; what is none stays as it is."""
    return _countries().get(code, code)


def language(line: str) -> str:
    """A language's letters, with a country where one was written: `de`, `pt-br`."""
    head, _, rest = line.replace("_", "-").casefold().partition("-")
    if head in _languages() and (not rest or rest.upper() in _countries()):
        return f"{head}-{rest}" if rest else head
    word = line.casefold()
    found = _language_names().get(word)
    if found is None:
        near = _near(word, _languages())
        raise Invalid(f"There is no language “{line[:40]}”: write its name, or its two letters, as de.{near}")
    return found


def language_name(code: str) -> str:
    """What the language is called; what is none stays as it is."""
    head, _, rest = code.replace("_", "-").casefold().partition("-")
    name = _languages().get(head)
    if name is None:
        return code
    return f"{name} ({country_name(rest.upper())})" if rest else name


def _near(word: str, names: Mapping[str, str]) -> str:
    known = {name.casefold(): name for name in names.values()}
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return "".join(f" Did you mean {known[n]}?" for n in near)


@cache
def _countries() -> Mapping[str, str]:
    every = Locale("en").territories
    return {k: v for k, v in every.items() if len(k) == 2 and k.isalpha() and k not in _NO_COUNTRIES}


_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})
"""What the list of names has besides countries."""


@cache
def _languages() -> Mapping[str, str]:
    return {k: v for k, v in Locale("en").languages.items() if len(k) in (2, 3) and k not in ("mul", "und", "zxx")}


@cache
def _country_names() -> Mapping[str, str]:
    return _named("territories", _countries())


@cache
def _language_names() -> Mapping[str, str]:
    return _named("languages", _languages())


def _named(what: str, known: Mapping[str, str]) -> dict[str, str]:
    """By every name in the languages spoken; where two languages call two things the same, the first one's is meant."""
    found: dict[str, str] = {}
    for spoken in SPOKEN:
        for code, name in getattr(Locale(spoken), what).items():
            if code in known:
                found.setdefault(name.casefold(), code)
    return found
