"""What may be written in the fields of a form: addresses and names. Pure."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

LONGEST_NAME = 60
_MARKS = re.compile(r"[<>@/\\{}\[\]|]|www\.", re.IGNORECASE)


def address(text: str) -> str:
    """The address as it is kept, in lower case; empty where it is none. Asks no network."""
    try:
        found = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True)
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
    odd = any(unicodedata.category(character)[0] == "C" for character in name(text))
    return f"Write your {which} in letters, without links or signs." if odd or _MARKS.search(text) else ""
