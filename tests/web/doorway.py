"""The account pages beside a provider that stands for Google and for an organization's own sign-in."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from hub.domain.accounts.models import Organization, User
from hub.domain.accounts.reception import Outside, Trust
from hub.domain.ids import OrganizationId, UserId, new_id
from hub.domain.models import now
from hub.oidc import OpenId
from hub.store import Store
from tests.oidc.provider import CLIENT, SECRET
from tests.oidc.standing import Standing, standing
from tests.web.lobby import Browser, Lobby, Page, SignUp, lobby_over


class Doorway(msgspec.Struct, kw_only=True):
    """All of it. `acme`: an organization whose provider is the realm `acme`, for addresses at acme.example."""

    lobby: Lobby
    provider: Standing
    acme: OrganizationId
    admin: UserId

    def back(self, place: str) -> str:
        return f"{self.lobby.url}/account/return/{place}"

    async def google(self, **person: object) -> None:
        """Google is honest, and vouches for Ann with these changes."""
        await self.provider.honest("google", self.back("google"), **person)

    async def sso(self, **person: object) -> None:
        """Acme's provider is honest, and vouches for Ann with these changes."""
        await self.provider.honest("acme", self.back(self.acme), **person)

    async def user(self, email: str) -> User:
        found = await self.lobby.store.users.by_email(email)
        assert found is not None
        return found

    async def kinds(self, email: str) -> list[str]:
        """What is kept of what happened to somebody, the oldest first."""
        found = await self.lobby.reception.traces((await self.user(email)).id)
        return [trace.kind for trace in reversed(found)]

    async def failures(self) -> list[str]:
        """Why sign-ins failed, of which nobody knows whose they were, the newest first."""
        found = self.lobby.store.users._traces.find({"kind": "sign_in_failed", "user": None}, sort=[("_id", -1)])
        return [doc["facts"]["reason"] for doc in await found.to_list(None)]


@asynccontextmanager
async def doorway_over(
    store: Store, sign_up: SignUp = "anyone", *, domain: str = "acme.example", started: Standing | None = None
) -> AsyncIterator[Doorway]:
    """A doorway until the block ends."""
    if started is None:
        async with standing() as fresh, doorway_over(store, sign_up, domain=domain, started=fresh) as made:
            yield made
        return
    outside = Outside(store.organizations, OpenId(["loopback"], 5.0), started.as_google())
    async with lobby_over(store, sign_up=sign_up, outside=outside) as lobby:
        await started.honest("acme")
        acme, admin = await founded(lobby, "Acme", f"root@{domain}")
        trust = Trust(issuer=started.issuer("acme"), client=CLIENT, secret=SECRET, domains=(domain,))
        await lobby.reception.set_sso(acme, trust, admin, "here")
        yield Doorway(lobby=lobby, provider=started, acme=acme, admin=admin)


async def founded(lobby: Lobby, name: str, email: str) -> tuple[OrganizationId, UserId]:
    """An organization and its admin, who reads mail at that address."""
    organization = Organization(id=OrganizationId(new_id()), name=name)
    await lobby.store.organizations.add(organization)
    found = await lobby.store.users.by_email(email)
    admin = found or User(id=UserId(new_id()), email=email, verified_at=now(), name="Root")
    admin.organizations[organization.id] = "admin"
    if found is None:
        await lobby.store.users.add(admin)
    return organization.id, admin.id


def button(page: Page) -> str:
    """Where Continue with Google leads."""
    found = re.search(r'href="(/account/google[^"]*)"', page.text)
    return html.unescape(found[1]) if found else ""


async def by_google(browser: Browser, link: str = "", page: str = "signin") -> Page:
    """From the button to where the provider has sent the browser back."""
    return await browser.get(button(await browser.get(f"/account/{page}{f'?link={link}' if link else ''}")))


async def departure(browser: Browser, email: str = "ann@acme.example", link: str = "") -> str:
    """Where the organization's sign-in leads who has that address."""
    page = await browser.fill(f"/account/sso{f'?link={link}' if link else ''}", email=email)
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', page.text)
    assert found is not None, page.words
    return html.unescape(found[1])


async def by_sso(browser: Browser, email: str = "ann@acme.example", link: str = "") -> Page:
    """From the form to where the provider has sent the browser back."""
    return await gone(browser, await departure(browser, email, link))


async def gone(browser: Browser, url: str) -> Page:
    """What an address outside leads to."""
    async with browser.session.get(url) as answer:
        return Page(answer.status, answer.url.path, await answer.text(), dict(answer.headers))


async def returning(browser: Browser, url: str) -> str:
    """With what the provider sends the browser back, which has not gone there yet."""
    async with browser.session.get(url, allow_redirects=False) as answer:
        return str(answer.headers["Location"])
