"""What a provider's word does to an account. Pure: no store, no clock."""

from __future__ import annotations

from datetime import datetime

import msgspec

from hub.domain.accounts.fields import LONGEST_NAME, address, name, name_fault
from hub.domain.accounts.models import Organization, User
from hub.domain.ids import UserId, new_id
from hub.domain.ports.accounts import Provider, Vouched
from hub.errors import NotFound, Refused


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """Who enters. `traces`: what happened to the account by it; `welcome`: a sentence for who is new."""

    user: User
    traces: tuple[str, ...] = ()
    welcome: str = ""


def subject_of(vouched: Vouched) -> str:
    """Under what a user is kept for whom a provider vouches."""
    return f"{vouched.issuer}|{vouched.subject}"


def foreign(user: User, organization: Organization) -> bool:
    """Whether the account is in other organizations too, about which this one's provider has no say."""
    return bool(set(user.organizations) - {organization.id})


def fitting(vouched: Vouched, provider: Provider, organization: Organization | None) -> str:
    """The address that counts. Raises Refused where it is none of which the provider may speak."""
    email = address(vouched.email)
    if not email:
        raise Refused(f"{provider.name} did not tell your address. Allow it to, or sign in another way.")
    if not vouched.verified:
        raise Refused(f"{provider.name} has not verified your address {email}; have it verified there first.")
    domains = organization.sso.domains if organization and organization.sso else None
    if domains is not None and email.rpartition("@")[2] not in domains:
        raise Refused(f"{provider.name} signs in people at {' or '.join(domains)} only, and you are {email} there.")
    return email


def made(vouched: Vouched, email: str, organization: Organization | None, moment: datetime) -> Newcomer:
    """Somebody new."""
    user = User(id=UserId(new_id()), email=email, created_at=moment)
    _fill(user, vouched, organization, moment)
    return Newcomer(user=user, traces=("signed_up",), welcome=_welcome(user, organization))


def gain(user: User, vouched: Vouched, email: str, organization: Organization | None, moment: datetime) -> Newcomer:
    """The account that has the address already is theirs; one that nobody verified keeps nothing of who made it."""
    if user.email != email:
        raise NotFound  # it changed a moment ago: look again
    if user.verified_at is not None:
        if organization is not None:
            raise NotFound
        user.subjects.append(subject_of(vouched))
        return Newcomer(user=user, traces=("subject_tied",))
    if user.identities or user.workspaces or user.subjects:
        raise Refused("That address waits to be verified here: use the link that was mailed to you first.")
    user.password, user.second, user.draft = "", None, None
    _fill(user, vouched, organization, moment)
    return Newcomer(user=user, traces=("verified", "subject_tied"), welcome=_welcome(user, organization))


def _fill(user: User, vouched: Vouched, organization: Organization | None, moment: datetime) -> None:
    whole = name(vouched.name).split(" ")
    user.first_name = _fit(vouched.first_name) or _fit(whole[0]) or user.email.partition("@")[0][:LONGEST_NAME]
    user.last_name = _fit(vouched.last_name) or _fit(" ".join(whole[1:]))
    user.name = f"{user.first_name} {user.last_name}".strip()
    user.verified_at = moment
    user.subjects = [subject_of(vouched)]
    user.organizations = {organization.id: "member"} if organization else {}


def _fit(text: str) -> str:
    """A name as it may stand in mails to others; empty where it may not."""
    cut = name(text)[:LONGEST_NAME].strip()
    return "" if name_fault(cut, "name") else cut


def _welcome(user: User, organization: Organization | None) -> str:
    greeting = f"Welcome, {user.first_name}."
    if organization is None:
        return greeting
    where = organization.name or "your organization"
    return f"{greeting} You are in {where} now; who runs its workspaces there lets you into them."
