"""In whose time zone a moment is said: an agent's, the workspace's, or a contact's as far as it can be known."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.core import get_global
from phonenumbers import NumberParseException, parse
from phonenumbers.timezone import time_zones_for_number

from hub.domain.models import Contact, Member
from hub.domain.ports import Reads
from hub.domain.preferences import seen_preferences
from hub.domain.timing.phrases import Frame


async def frame_for(reads: Reads, member: Member | None, at: datetime) -> Frame:
    """What a phrase of that member is read against; None: the workspace's own."""
    preferences = await seen_preferences(reads)
    zone = (member.time_zone if member else "") or preferences.time_zone
    return Frame(at, zone, preferences.hours)


def zone_of(contact: Contact) -> str:
    """The contact's time zone by their telephone number, else by their country; empty where it could be several."""
    return _single(_by_phone(contact.phone)) or _single(get_global("territory_zones").get(contact.country.upper(), []))


def _by_phone(phone: str) -> list[str]:
    try:
        return [z for z in time_zones_for_number(parse(phone)) if "/" in z]
    except NumberParseException:
        return []


def _single(zones: list[str]) -> str:
    """The zone, where all of them show the same time all year."""
    try:
        clocks = {_offsets(ZoneInfo(zone)) for zone in zones}
    except (KeyError, ValueError):
        return ""
    return zones[0] if len(clocks) == 1 else ""


def _offsets(zone: ZoneInfo) -> tuple[object, ...]:
    return tuple(datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 4, 7, 11))
