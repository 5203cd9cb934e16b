"""Whose sign-ins an organization trusts: an admin names its provider, and switches it on and off.

A provider that an admin names can say anything of anybody. So it may speak only of people with a mail address of the
organization's own, which an admin of it has proved to read, and one organization alone may claim such a domain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from hub.domain.accounts.forms import Faults, Trust, Unfit
from hub.domain.accounts.models import Organization, SingleSignOn
from hub.domain.accounts.surroundings import Surroundings
from hub.domain.ids import OrganizationId, UserId
from hub.domain.ports.accounts import OrganizationStore, Provider, Vouchers
from hub.errors import NotFound, Refused, Taken

_DESCRIPTION = "/.well-known/openid-configuration"
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_LONGEST = 500
_MOST_DOMAINS = 20
_NONE = "No sign-in of your own is set up yet."
_PUBLIC = """126.com 163.com aol.com fastmail.com freenet.de free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
    googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.fr hotmail.de icloud.com laposte.net libero.it live.com
    mac.com mail.com mail.ru mailbox.org me.com msn.com naver.com orange.fr outlook.com outlook.de pm.me posteo.de
    proton.me protonmail.com qq.com rocketmail.com seznam.cz t-online.de tutanota.com web.de wp.pl yahoo.co.jp
    yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru ymail.com zoho.com"""
PUBLIC = frozenset(_PUBLIC.split())
"""Where anybody can have an address."""


class Trusting:
    """Keeps what an organization's sign-in needs. Whether somebody may change it is for the caller to know."""

    def __init__(self, around: Surroundings, organizations: OrganizationStore, vouchers: Vouchers) -> None:
        self._around = around
        self._organizations = organizations
        self._vouchers = vouchers

    async def keep(self, id: OrganizationId, trust: Trust, by: UserId, origin: str) -> SingleSignOn:
        """Keeps it, switched on, once the provider has answered; sessions by another one before end."""
        organization = await self._organization(id)
        domains = _domains(trust.domains)
        issuer = trust.issuer.strip().removesuffix(_DESCRIPTION)
        client, secret = trust.client.strip(), trust.secret.strip()
        faults = {"client": _fault(client, "client id"), "secret": _fault(secret, "client secret")}
        faults["domains"] = await self._domain_fault(id, domains)
        _refuse(faults)
        provider = Provider(name=_host(issuer), issuer=issuer, client=client, secret=secret)
        exact = await self._vouchers.check(provider)
        fresh = SingleSignOn(issuer=exact, client=client, secret=self._around.vault.seal(secret), domains=domains)
        await self._organizations.change(id, lambda found: _set(found, fresh))
        former = organization.sso
        if former is not None and (former.issuer, former.client) != (exact, client):
            await self._around.users.end_vouched(id)
        await self._around.note(
            "sso_set", by, origin, organization=id, issuer=exact, client=client, domains=" ".join(domains)
        )
        return fresh

    async def switch(self, id: OrganizationId, on: bool, by: UserId, origin: str) -> int:
        """Switches it; off ends its sessions: how many."""
        organization = await self._organization(id)
        if organization.sso is None:
            raise Refused(_NONE)
        if on:
            _refuse({"domains": await self._domain_fault(id, organization.sso.domains)})
        await self._organizations.change(id, lambda found: _switch(found, on))
        ended = 0 if on else await self._around.users.end_vouched(id)
        await self._around.note("sso_on" if on else "sso_off", by, origin, organization=id, sessions=str(ended))
        return ended

    async def _organization(self, id: OrganizationId) -> Organization:
        organization = await self._organizations.organization(id)
        if organization is None:
            raise NotFound("There is no such organization.")
        return organization

    async def _domain_fault(self, id: OrganizationId, domains: list[str]) -> str:
        if not domains or len(domains) > _MOST_DOMAINS:
            return f"Name the mail domains of your people, such as example.com: one to {_MOST_DOMAINS}."
        proved = await self._proved(id)
        for domain in domains:
            fault = await self._one_fault(id, domain, proved)
            if fault:
                return fault
        return ""

    async def _one_fault(self, id: OrganizationId, domain: str, proved: set[str]) -> str:
        if not _DOMAIN.fullmatch(domain):
            return "Write mail domains such as example.com, without anything before them."
        if domain in PUBLIC:
            return f"Anybody can have an address at {domain}; name domains where only your people have one."
        if domain not in proved:
            return f"An admin of the organization must have a verified address at {domain} first; none has."
        others = [each for each in await self._organizations.vouching_for(domain) if each.id != id]
        if others:
            raise Taken(f"Another organization signs in the people at {domain} already.")
        return ""

    async def _proved(self, id: OrganizationId) -> set[str]:
        """The mail domains at which an admin of the organization reads mail."""
        people = await self._organizations.people(id)
        admins = [user for user in people if user.organizations.get(id) == "admin" and user.verified_at]
        return {user.email.rpartition("@")[2] for user in admins} - {""}


def _set(organization: Organization, sso: SingleSignOn) -> None:
    organization.sso = sso


def _switch(organization: Organization, on: bool) -> None:
    if organization.sso is None:
        raise Refused(_NONE)
    organization.sso.on = on


def _domains(given: Iterable[str]) -> list[str]:
    cleaned = [each.strip().lower().removeprefix("@") for text in given for each in text.split(",")]
    return list(dict.fromkeys(filter(None, cleaned)))


def _fault(text: str, which: str) -> str:
    if not text:
        return f"Give the {which} that your provider shows for the hub."
    fits = len(text) <= _LONGEST and text.isascii() and text.isprintable()
    return "" if fits else f"That is no {which}; copy it as your provider shows it."


def _host(issuer: str) -> str:
    return issuer.partition("://")[2].partition("/")[0] or "the provider"


def _refuse(faults: Faults) -> None:
    wrong = {field: fault for field, fault in faults.items() if fault}
    if wrong:
        raise Unfit(wrong)
