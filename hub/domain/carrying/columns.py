"""Which column of a file is which field of a contact: by its name, and asked where that is not sure. Pure."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from hub.domain.catalog import Field
from hub.domain.fields.values import DEFAULTS, AnyField
from hub.errors import Invalid

Purpose = Literal["add", "update", "both", "all"]
"""Add who is not there yet; change who is; both; or add every row without looking who is there."""
PURPOSES: Mapping[Purpose, str] = {
    "add": "add new ones only",
    "update": "change known ones only",
    "both": "add and change",
    "all": "add all, whoever is there",
}
LEFT_OUT = ""
"""What a column is mapped to that is not taken."""
IDENTIFIERS = ("id", "phone", "email")
"""By which a contact is known again; the first of them that a file has, unless another is chosen."""
ALONE: Mapping[str, str] = {"id": "Contact ID", "tags": "Tags"}
"""What a file can have besides a contact's fields."""
_ALSO: Mapping[str, tuple[str, ...]] = {
    "id": ("contact id", "contact", "contact no", "id"),
    "first_name": ("given name", "forename", "firstname", "vorname", "prénom", "nombre"),
    "last_name": ("surname", "family name", "lastname", "nachname", "nom", "apellido"),
    "phone": ("phone number", "phone no", "mobile", "mobile phone", "cell", "tel", "telephone", "telefon", "whatsapp"),
    "email": ("mail", "email address", "e-mail address", "emailaddress"),
    "country": ("country code", "nation", "land"),
    "language": ("lang", "locale", "sprache"),
    "tags": ("tag", "labels", "label"),
}
"""What a column may be called that is meant for it; sure only after it was asked."""
_FULL = ("name", "full name", "fullname", "contact name", "customer", "customer name")


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column of a file. `target`: an attribute of contacts, `id`, `tags`, `field.` and a custom field's id, or
    LEFT_OUT. `keep`: what a contact has there already is not overwritten. `asked`: whether it must still be asked.
    """

    header: str
    target: str = LEFT_OUT
    keep: bool = False
    asked: bool = False
    sample: str = ""


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a file is read: its columns in order, for what, and by which field contacts are known again."""

    columns: tuple[Column, ...]
    purpose: Purpose = "both"
    by: str = ""

    @property
    def question(self) -> int | None:
        """The place of the first column that must still be asked for; None: none."""
        return next((place for place, column in enumerate(self.columns) if column.asked), None)

    def place(self, target: str) -> int | None:
        """Which column is taken for that; None: none."""
        return next((place for place, column in enumerate(self.columns) if column.target == target), None)

    @property
    def known_by(self) -> list[str]:
        """The identifiers that the file has."""
        return [each for each in IDENTIFIERS if self.place(each) is not None]


def targets(fields: Iterable[Field]) -> dict[str, str]:
    """Everything that a column can be taken for, with what it is called."""
    own = {f"field.{field.id}": field.name for field in sorted(fields, key=lambda f: f.name.casefold())}
    return {**{each.id: each.name for each in DEFAULTS}, **ALONE, **own}


def by_target(fields: Iterable[Field]) -> dict[str, AnyField]:
    """The contacts' fields by what columns are taken for."""
    return {**{each.id: each for each in DEFAULTS}, **{f"field.{field.id}": field for field in fields}}


def planned(headers: Sequence[str], samples: Sequence[str], fields: Iterable[Field]) -> Plan:
    """The columns as their names say: by exact names, each field once; what is only alike is asked for."""
    known = targets(fields)
    names = {plain(name): target for target, name in reversed(known.items())}
    taken = {place: names[plain(h)] for place, h in enumerate(headers) if plain(h) in names}
    taken = {place: t for place, t in taken.items() if list(taken.values()).index(t) == list(taken).index(place)}
    columns: list[Column] = []
    for place, header in enumerate(headers):
        sample = samples[place] if place < len(samples) else ""
        column = Column(header=header, target=taken.get(place, LEFT_OUT), sample=sample[:40])
        likely = guesses(header, known, (*taken.values(), *(c.target for c in columns)))
        if place not in taken and header and likely:
            column = msgspec.structs.replace(column, target=likely[0], asked=True)
        columns.append(column)
    return settled(Plan(columns=tuple(columns)))


def plain(name: str) -> str:
    """A name without what people write differently: case, blanks, lines and dots."""
    flat = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(" " if s in "_-./:" else s for s in flat).split()).replace("e mail", "email")


def guesses(header: str, known: Mapping[str, str], taken: Iterable[str] = ()) -> list[str]:
    """What a column may be meant for that is not taken yet, the likeliest first."""
    word, gone = plain(header), set(taken)
    by_name = {plain(name): target for target, name in known.items()}
    also = [target for target, names in _ALSO.items() if word in map(plain, names)]
    full = ["first_name"] if word in _FULL else []
    near = [by_name[n] for n in difflib.get_close_matches(word, list(by_name), n=3, cutoff=0.75)]
    return [t for t in dict.fromkeys([*also, *full, *near]) if t in known and t not in gone]


def chosen(plan: Plan, place: int, target: str, known: Mapping[str, str]) -> Plan:
    """The plan with a column taken for something, which no other is taken for then. Raises Invalid."""
    if not 0 <= place < len(plan.columns) or (target and target not in known):
        raise Invalid("There is no such column or field any more. Look again.")
    columns = [
        msgspec.structs.replace(column, target=LEFT_OUT, asked=False) if target and column.target == target else column
        for column in plan.columns
    ]
    columns[place] = msgspec.structs.replace(plan.columns[place], target=target, asked=False)
    return settled(msgspec.structs.replace(plan, columns=tuple(columns)))


def settled(plan: Plan) -> Plan:
    """With an identifier that the file has."""
    known_by = plan.known_by
    return plan if plan.by in known_by else msgspec.structs.replace(plan, by=known_by[0] if known_by else "")


def check(plan: Plan) -> str:
    """Why rows cannot be read by that plan; empty where they can."""
    if plan.purpose != "update" and plan.place("first_name") is None:
        return "No column is taken for the first name, which everybody who is added needs."
    if plan.purpose != "all" and not plan.by:
        return "No column says who is who: take one for the phone, the e-mail or the contact ID, or add all."
    if plan.purpose == "add" and plan.by == "id":
        return "Who is new has no contact ID yet: take a column for the phone or the e-mail, or add all."
    return ""
