"""The organizations' own sign-ins: whether each provider answers, and shows keys to sign with."""

from __future__ import annotations

import asyncio

from hub.checkup.findings import Finding, Surroundings
from hub.checkup.tenants import MOST_SHOWN
from hub.domain.accounts.models import Organization
from hub.domain.ids import OrganizationId
from hub.domain.ports import Provider
from hub.errors import HubError
from hub.oidc import OpenId

SECONDS = 10.0
"""For each provider."""
_AT_ONCE = 8


async def organizations_sign_in(around: Surroundings) -> list[Finding]:
    """One line for each that is switched on; of many, for those with something wrong."""
    providers, turn = OpenId(around.settings.custom_networks), asyncio.Semaphore(_AT_ONCE)

    async def look(organization: Organization) -> Finding:
        async with turn:
            return await _finding(providers, organization)

    found = await asyncio.gather(*(look(each) for each in await _organizations(around)))
    return found if len(found) <= MOST_SHOWN else [each for each in found if each.mark == "wrong"]


async def _organizations(around: Surroundings) -> list[Organization]:
    """Those that have their own sign-in, switched on."""
    if around.store is None:
        return []
    ids = dict.fromkeys(entry.organization for entry in await around.store.directory.workspaces())
    found = [await around.store.organizations.organization(OrganizationId(id)) for id in ids]
    return [each for each in found if each is not None and each.sso is not None and each.sso.on]


async def _finding(providers: OpenId, organization: Organization) -> Finding:
    about, sso = f"“{organization.name}”: sign-in", organization.sso
    if sso is None:
        return Finding("note", about, "None of its own.")
    # Its description and keys are asked for without the secret, which stays sealed.
    provider = Provider(name=organization.name or "Its provider", issuer=sso.issuer, client=sso.client, secret="")
    try:
        issuer = await asyncio.wait_for(providers.check(provider), SECONDS)
    except TimeoutError:
        return Finding("wrong", about, f"{sso.issuer} did not answer within {SECONDS:g} seconds.")
    except HubError as error:
        return Finding("wrong", about, f"{error.text} Its admins look at /organization sso.")
    return Finding("ok", about, f"{issuer} answers.")
