"""Organizations and their workspaces: what they may be called, where their clocks stand, their pictures, and who may do
what in them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from hub.domain import desks
from hub.domain.accounts.models import Organization, OrganizationRole, User
from hub.domain.catalog import Member
from hub.domain.ids import Identity, OrganizationId, UserId
from hub.domain.names import has_letters
from hub.domain.ports import Tx
from hub.domain.reply import Reply
from hub.domain.work import Notify, user_lane
from hub.errors import Ambiguous, Invalid, NotAllowed, NotFound, Refused

AFTER_WORKSPACE = frozenset(("use", "new", "rename", "timezone", "inactivity", "delete", "keep"))
"""Words that stand behind `/workspace` and are done, so that no workspace can be meant by them."""
GRACE = timedelta(days=7)
"""How long a workspace that is to be deleted can be kept after all."""
LONGEST_NAME = 60
MOST_WORKSPACES = 100
"""Of one organization."""
SHORTEST_INACTIVITY, LONGEST_INACTIVITY = 1, 60
"""Minutes."""
LARGEST_LOGO = 200_000
"""Bytes."""
_KINDS: dict[bytes, Literal["image/png", "image/jpeg"]] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
_AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|[0-9]{3}))?", re.IGNORECASE)
ROLES: dict[OrganizationRole, str] = {"admin": "an admin", "user_admin": "a user admin", "member": "a member"}


# -- names -----------------------------------------------------------------------------------------------------------


def name_of(words: str, what: str) -> str:
    """A name as it is kept. Raises Invalid; `what`: whose name it is to be."""
    name = " ".join(words.split())
    if not name:
        raise Invalid(f"What is the {what} to be called?")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"The name of the {what} can have up to {LONGEST_NAME} characters; that has {len(name)}.")
    if any(unicodedata.category(sign)[0] == "C" for sign in name):
        raise Invalid(f"The name of the {what} holds signs that cannot be seen; write it in letters and digits.")
    if not has_letters(name):
        raise Invalid(f"A name needs a letter or a digit. What is the {what} to be called?")
    if what == "workspace" and name.casefold() in AFTER_WORKSPACE:
        raise Invalid(f"/workspace {name.casefold()} does something already: give the workspace another name.")
    return name


def free_name(name: str, others: Sequence[str], what: str = "workspace") -> None:
    """Raises Refused where another is called so: names are how people tell them apart."""
    if name.casefold() in (other.casefold() for other in others):
        raise Refused(f"A {what} is called “{name}” already; give this one another name.")


def language_of(words: str) -> str:
    """A language as BCP 47 writes it, such as de or pt-BR. Raises Invalid."""
    found = _LANGUAGE.fullmatch(words.strip())
    if found is None:
        raise Invalid("Write a language by its sign, such as de, en-GB or zh-Hant.")
    language, script, region = found.groups()
    return "-".join(filter(None, (language.lower(), script and script.title(), region and region.upper())))


# -- time zones ------------------------------------------------------------------------------------------------------


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _cities() -> dict[str, list[str]]:
    """Zones by their cities, in lower case with spaces."""
    found: dict[str, list[str]] = {}
    for zone in sorted(_zones()):
        area, _, rest = zone.partition("/")
        if area in _AREAS:
            for city in {_plain(rest), _plain(rest.rpartition("/")[2])}:
                found.setdefault(city, []).append(zone)
    return found


def _plain(words: str) -> str:
    bare = "".join(s for s in unicodedata.normalize("NFKD", words) if not unicodedata.combining(s))
    return " ".join(bare.replace("_", " ").replace("-", " ").casefold().split())


def zone_of(words: str) -> str:
    """A time zone by its name, or by its city alone. Raises Invalid or Ambiguous with what was meant perhaps."""
    wanted = _plain(words)
    named = [zone for zone in _zones() if _plain(zone) == wanted]
    found = named or _cities().get(wanted, [])
    if found and len({_offsets(zone) for zone in found}) == 1:
        return found[-1]  # of several names of one zone the last is the one that people know
    if found:
        raise Ambiguous("That could be " + " or ".join(found) + ": write it whole.")
    known = {_plain(zone): zone for zone in sorted(_zones())} | {city: zones[0] for city, zones in _cities().items()}
    near = difflib.get_close_matches(wanted, list(known), n=3, cutoff=0.7)
    guess = " or ".join(dict.fromkeys(known[each] for each in near))
    said = f"Did you mean {guess}?" if guess else "Write it as Europe/Berlin, or its largest city alone."
    raise Invalid(f"There is no time zone “{' '.join(words.split())[:40]}”. {said}")


def _offsets(zone: str) -> tuple[timedelta | None, ...]:
    return tuple(datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7))


def time_in(zone: str, at: datetime) -> str:
    """What a clock shows there."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}" if zone in _zones() else ""


# -- pictures --------------------------------------------------------------------------------------------------------


def picture_kind(content: bytes) -> Literal["image/png", "image/jpeg"] | None:
    """What a picture is, by its content; None: nothing that may be shown."""
    return next((kind for sign, kind in _KINDS.items() if content.startswith(sign)), None)


def check_logo(content: bytes) -> None:
    """Raises Invalid where it cannot be a logo."""
    if len(content) > LARGEST_LOGO:
        raise Invalid(f"A logo can have up to {LARGEST_LOGO // 1000} kB; that picture has {len(content) // 1000}.")
    if picture_kind(content) is None:
        raise Invalid("A logo is a PNG or JPEG picture; that is neither.")


# -- workspaces ------------------------------------------------------------------------------------------------------


def inactivity_of(words: str) -> int:
    """Minutes. Raises Invalid."""
    digits = words.strip().split(maxsplit=1)[0] if words.strip() else ""
    minutes = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else 0
    if not SHORTEST_INACTIVITY <= minutes <= LONGEST_INACTIVITY:
        raise Invalid(f"Write the minutes, from {SHORTEST_INACTIVITY} to {LONGEST_INACTIVITY}.")
    return minutes


class Told(msgspec.Struct, frozen=True):
    """How many are told something in private, and the names of those who have no chat where they could be."""

    count: int
    untold: tuple[str, ...]


async def tell_everybody(tx: Tx, reply: Reply, besides: UserId, reached: Callable[[Identity], bool]) -> Told:
    """Says something in private to all members but one. `reached`: whether the hub speaks to a chat account."""
    others = [member for member in await tx.items(Member) if member.id != besides]
    told = [member for member in others if any(map(reached, member.identities))]
    for member in told:
        desks.enqueue(tx, user_lane(member.id), Notify(user=member.id, reply=reply))
    return Told(len(told), tuple(sorted(member.name for member in others if member not in told)))


# -- roles -----------------------------------------------------------------------------------------------------------


def give_role(by: User, to: User, organization: OrganizationId, role: OrganizationRole) -> OrganizationRole:
    """Changes what somebody may do in an organization; gives what it was. Both must be kept in one change: as long as
    nobody changes their own role, whoever is an admin while they change another's stays one, so the last never goes.
    """
    if by.organizations.get(organization) != "admin":
        raise NotAllowed("Only an admin of this organization gives roles in it.")
    if by.id == to.id:
        raise Refused("Nobody changes their own role: ask another admin.")
    before = to.organizations.get(organization)
    if before is None:
        raise NotFound("They are not in this organization any more.")
    to.organizations[organization] = role
    return before


def sole_organization(user: User | None) -> OrganizationId | None:
    """Where somebody is an admin, if that is one organization only."""
    found = [id for id, role in user.organizations.items() if role == "admin"] if user else []
    return found[0] if len(found) == 1 else None


def rename(organization: Organization, words: str) -> str:
    """Gives it another name; gives the one it had."""
    before, organization.name = organization.name, name_of(words, "organization")
    return before
