"""Which fields contacts have, and how the value of one is changed and taken back."""

from __future__ import annotations

from hub.domain import desks
from hub.domain.catalog import Field, FieldValue
from hub.domain.contacts import get_contact, record
from hub.domain.conversations import Act
from hub.domain.fields.places import country_of
from hub.domain.fields.values import DEFAULTS, AnyField, Default, shown
from hub.domain.ids import ContactId, ConversationId
from hub.domain.models import Contact, Event, Facts
from hub.domain.ports import Reads, Tx
from hub.errors import Refused


async def known(reads: Reads) -> list[AnyField]:
    """Every field there is: those that all contacts have, then the workspace's own by name."""
    return [*DEFAULTS, *sorted(await reads.items(Field), key=lambda f: f.name.casefold())]


def value_of(contact: Contact, field: AnyField) -> FieldValue | None:
    """What stands there; None: nothing."""
    if isinstance(field, Default):
        return str(getattr(contact, field.id)) or None
    return contact.fields.get(field.id)


def put(contact: Contact, field: AnyField, value: FieldValue | None) -> None:
    """Puts the value there, without an event; None empties the field."""
    if isinstance(field, Default):
        setattr(contact, field.id, value or "")
    else:
        others = {k: v for k, v in contact.fields.items() if k != field.id}
        contact.fields = others if value is None else {**others, field.id: value}


def shown_of(contact: Contact, field: AnyField) -> str:
    """The value for people to read; empty where there is none."""
    value = value_of(contact, field)
    return "" if value is None else shown(field, value)


async def change(
    tx: Tx, act: Act, contact: Contact, field: AnyField, value: FieldValue | None, about: ConversationId | None = None
) -> bool:
    """Changes a field; a phone number says the country, too, where none is known. False: it was so already."""
    before = value_of(contact, field)
    if before == value and type(before) is type(value):
        return False
    put(contact, field, value)
    facts: Facts = {"field": field.id, "name": field.name, "before": before, "after": value, "country": ""}
    if field.id == "phone" and value and not contact.country:
        contact.country = country_of(str(value))
        facts["country"] = contact.country
    record(tx, "field_changed", act.at, act=act, contact=contact, conversation=about, facts=facts)
    await desks.refresh(tx, contact)
    return True


async def change_back(tx: Tx, act: Act, event: Event) -> str:  # noqa: ARG001 - one signature for all that is undone
    """Takes back one change, where nobody changed the field since."""
    contact = await get_contact(tx, event.contact or ContactId(""))
    field = next((f for f in await known(tx) if f.id == event.facts.get("field")), None)
    if field is None:
        raise Refused("That field was removed since; nothing was changed.")
    if value_of(contact, field) != event.facts.get("after"):
        raise Refused(f"{field.name} of {contact.name} was changed again since; nothing was changed.")
    before = event.facts.get("before")
    put(contact, field, before if not isinstance(before, list) else None)
    if contact.country == event.facts.get("country"):
        contact.country = ""
    was = shown_of(contact, field)
    return (
        f"{field.name} of {contact.name} is {was} again." if was else f"{field.name} of {contact.name} is empty again."
    )
