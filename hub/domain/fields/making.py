"""Contacts made by hand: somebody known from elsewhere, who has not written yet."""

from __future__ import annotations

import re

import msgspec

from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.fields import twins
from hub.domain.fields.places import country_of
from hub.domain.fields.values import DEFAULTS, Default, read
from hub.domain.ids import ContactId, new_id
from hub.domain.models import Contact, Event
from hub.domain.ports import Tx
from hub.errors import Invalid, Refused

_FIELDS: dict[str, Default] = {d.id: d for d in DEFAULTS}
_DIGITS = re.compile(r"[+(\d][\d()./-]*")
RIGHT = "Write a name, then a phone number or an e-mail address: /contact new Tom Miller +49 30 1234567."


class Draft(msgspec.Struct, frozen=True):
    """Who is to be made a contact."""

    first_name: str
    last_name: str = ""
    phone: str = ""
    email: str = ""


def draft(line: str) -> Draft:
    """Reads a name, and a phone number or an e-mail address or both, in any order. Raises Invalid."""
    words = line.split()
    emails = [w for w in words if "@" in w.strip("@")]
    digits = [w for w in words if _DIGITS.fullmatch(w)]
    name = [w for w in words if w not in emails and w not in digits]
    if not name or len(emails) > 1:
        raise Invalid(RIGHT)
    first, *rest = (str(read(_FIELDS["first_name"], " ".join(name)))).split(" ")
    return Draft(
        first_name=first,
        last_name=" ".join(rest),
        phone=str(read(_FIELDS["phone"], " ".join(digits))) if digits else "",
        email=str(read(_FIELDS["email"], emails[0])) if emails else "",
    )


async def known_already(tx: Tx, wanted: Draft) -> Contact | None:
    """Who has that phone number or e-mail address already."""
    for value in filter(None, (wanted.phone, wanted.email)):
        for found in await twins.with_same(tx, value, 1):
            return found
    return None


async def make(tx: Tx, act: Act, wanted: Draft) -> Contact:
    """A new contact whom no channel reaches yet."""
    contact = Contact(id=ContactId(new_id()), created_at=act.at, country=country_of(wanted.phone))
    contact.first_name, contact.last_name = wanted.first_name, wanted.last_name
    contact.phone, contact.email = wanted.phone, wanted.email
    tx.add(contact)
    record(tx, "contact_created", act.at, act=act, contact=contact, facts={"source": "user"})
    return contact


async def unmake(tx: Tx, act: Act, event: Event) -> str:  # noqa: ARG001 - one signature for all that is undone
    """The contact is gone again, where nothing has come of it."""
    contact = await tx.get(Contact, event.contact or "")
    if contact is None:
        raise Refused("That contact is gone already.")
    if contact.keys or contact.merged_into is not None or contact.absorbed:
        raise Refused(f"{contact.name} has written or was merged since; nothing was changed.")
    tx.delete(contact)
    return f"{contact.name} is no contact again."
