"""What stands for a snippet's variables: of the contact, the assignee, the workspace, and of the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time

from hub.domain import snippets
from hub.domain.fields import changing
from hub.domain.fields.values import DEFAULTS, AnyField
from hub.domain.models import Contact, Field, Member
from hub.domain.snippets import Variables


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when a snippet is filled in."""

    workspace: str
    zone: str
    at: datetime
    fields: Sequence[Field] = ()


def variables(contact: Contact, assignee: Member | None, setting: Setting) -> Variables:
    """What a snippet may name: what every text may, and custom fields, the day and the hour."""
    known = snippets.variables(contact, assignee, setting.workspace)
    fields: list[AnyField] = [*DEFAULTS, *setting.fields]
    shown = {field.id: changing.shown_of(contact, field) for field in fields}
    theirs = {**known["contact"], **{id: value for id, value in shown.items() if value}}
    return {**known, "contact": theirs, **_moment(contact, setting)}


def _moment(contact: Contact, setting: Setting) -> dict[str, dict[str, str]]:
    """The day and the hour in the workspace's zone, in the contact's language where it is known."""
    at, locale = setting.at.astimezone(ZoneInfo(setting.zone)), _locale(contact.language)
    parts = {"day": "d", "month": "LLLL", "year": "y", "weekday": "EEEE"}
    day = {name: format_date(at, form, locale) for name, form in parts.items()}
    return {
        "date": {"name": format_date(at, "long", locale), **day},
        "time": {"name": format_time(at, "short", locale=locale)},
    }


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_") or "en_GB")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en_GB")
