"""What may be written in the fields of a form: addresses and names. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from hub.domain.names import has_letters, is_word

LONGEST_NAME = 60
_LONGEST, _LONGEST_LOCAL = 254, 64
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
"""What stands before the sign in nearly every address, and is well whatever stands behind it."""
_MARKS = re.compile(r"[<>@/\\{}\[\]|]|www\.", re.IGNORECASE)


def address(text: str) -> str:
    """The address as it is kept, in lower case; empty where it is none. Asks no network."""
    local, at, domain = text.strip().partition("@")
    if not at or len(local) > _LONGEST_LOCAL or not _PLAIN.fullmatch(local):
        return _address(text.strip())
    known = _domain(domain)
    found = f"{local}@{known}".lower()
    return found if known and len(found) <= _LONGEST else ""


@lru_cache(4096)
def _domain(domain: str) -> str:
    """What stands behind the sign, where it is well; files hold the same few again and again."""
    return _address(f"a@{domain}").removeprefix("a@")


def _address(text: str) -> str:
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except (EmailNotValidError, ValueError):
        return ""
    return (found.ascii_email or "").lower()


def name(text: str) -> str:
    """A name with single spaces."""
    return " ".join(text.split())


def name_fault(text: str, which: str) -> str:
    """A sentence why it cannot be taken, or nothing. Names are written into mails to others: they may hold no link."""
    if not name(text):
        return f"Fill in your {which}."
    if len(name(text)) > LONGEST_NAME:
        return f"A {which} can have up to {LONGEST_NAME} characters."
    if which != "last name" and is_word(text):
        return f"“{name(text)}” means something else where colleagues are named; write your {which} in another way."
    if which != "last name" and not has_letters(text):
        return f"Write your {which} in letters: signs alone mean something else where colleagues are named."
    odd = any(unicodedata.category(character)[0] == "C" for character in name(text))
    return f"Write your {which} in letters, without links or signs." if odd or _MARKS.search(text) else ""
