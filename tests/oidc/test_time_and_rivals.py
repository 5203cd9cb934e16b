"""What a provider's word is worth later, and where two come at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from yarl import URL

from hub.domain.accounts.models import Organization, User
from hub.domain.accounts.reception import Entered, Outside, Policy, Reception, Return, Trust, Waiting
from hub.domain.accounts.vouching import BEGINS
from hub.domain.ids import OrganizationId, UserId
from hub.errors import Refused, TooMany
from hub.oidc import OpenId
from hub.store import Store
from tests.domain.accounts.house import HOME, PASSWORD, House
from tests.oidc.provider import CLIENT, SECRET
from tests.oidc.standing import Standing

HUB = "https://hub.example.com/account/return/"
ACME = OrganizationId("acme")


class Hall(House):
    """A house beside a provider. `mark`, wherever it is asked for: which browser it is."""

    def __init__(self, store: Store, provider: Standing) -> None:
        super().__init__(store)
        self.provider = provider
        around = (self.users, self.directory, store.vault, self.box, self.greetings, self.hands)
        outside = Outside(store.organizations, OpenId(["loopback"]), provider.as_google())
        self.reception = Reception(*around, Policy(public_url="https://hub.example.com"), outside=outside)

    async def open(self) -> None:
        """An organization with a sign-in of its own."""
        await self.provider.honest("google", f"{HUB}google")
        await self.provider.honest("acme", f"{HUB}{ACME}")
        await self.store.organizations.add(Organization(id=ACME, name="Acme"))
        root = User(id=UserId("root"), email="root@acme.example", verified_at=self.hands())
        root.organizations[ACME] = "admin"
        await self.users.add(root)
        issuer = self.provider.issuer("acme")
        trust = Trust(issuer=issuer, client=CLIENT, secret=SECRET, domains=("acme.example",))
        await self.reception.set_sso(ACME, trust, root.id, HOME)

    async def outward(self, place: str, mark: str) -> str:
        if place == "google":
            return (await self.reception.to_google("", mark, HOME)).url
        return (await self.reception.to_organization("ann@acme.example", "", mark, HOME)).url

    async def back(self, place: str, mark: str = "one") -> Return:
        """What the browser comes back with."""
        url = await self.outward(place, mark)
        async with ClientSession() as session, session.get(url, allow_redirects=False) as answer:
            query = URL(answer.headers["Location"]).query
        return Return(place=place, state=query["state"], code=query["code"], mark=mark)

    async def through(self, place: str, mark: str = "one") -> Entered | Waiting:
        return await self.reception.come_back(await self.back(place, mark), "Firefox", HOME)


@pytest.fixture
async def hall(store: Store, provider: Standing) -> AsyncIterator[Hall]:
    made = Hall(store, provider)
    await made.open()
    yield made
    await made.reception.idle()


async def test_a_state_ends(hall: Hall) -> None:
    """Who comes back after ten minutes begins again."""
    back = await hall.back("google")
    hall.hands.forward(601)
    with pytest.raises(Refused, match="too long ago"):
        await hall.reception.come_back(back, "Firefox", HOME)


async def test_a_session_by_sso_ends_after_a_day(hall: Hall) -> None:
    """An organization's word is good for a day, Google's for as long as a password's."""
    for place, hours, there in ((ACME, 23, True), (ACME, 25, False), ("google", 25, True)):
        await hall.provider.honest(place, f"{HUB}{place}", sub=place, email=f"{place}@acme.example")
        entered = await hall.through(place)
        assert isinstance(entered, Entered)
        hall.hands.forward(hours * 3600)
        assert (await hall.reception.who(entered.token) is not None) is there


async def test_what_waits_ends(hall: Hall) -> None:
    """What was proved and not tied in ten minutes, in that browser, once, is not tied."""
    user = (await hall.join("ann@acme.example")).user
    for mark, seconds in (("one", 601.0), ("two", 0.0)):
        waiting = await hall.through(ACME, "one")
        assert isinstance(waiting, Waiting)
        hall.hands.forward(seconds)
        assert "took too long" in await hall.reception.tie_vouched(waiting.ticket, user.id, mark, HOME)
    waiting = await hall.through(ACME)
    assert isinstance(waiting, Waiting)
    assert "took too long" in await hall.reception.tie_vouched("x" * 32, user.id, "one", HOME)
    assert "opens this account" in await hall.reception.tie_vouched(waiting.ticket, user.id, "one", HOME)
    assert "took too long" in await hall.reception.tie_vouched(waiting.ticket, user.id, "one", HOME)


async def test_one_token_does_not_do_for_another(hall: Hall) -> None:
    """What waits is no state to come back with, and a state is nothing that waits."""
    user = (await hall.join("ann@acme.example")).user
    waiting = await hall.through(ACME)
    assert isinstance(waiting, Waiting)
    with pytest.raises(Refused, match="done already"):
        await hall.reception.come_back(Return(place=ACME, state=waiting.ticket, code="x", mark="one"), "x", HOME)
    state = (await hall.back(ACME)).state
    assert "took too long" in await hall.reception.tie_vouched(state, user.id, "one", HOME)


async def test_two_browsers_make_one_account(hall: Hall) -> None:
    """Somebody new who comes by two browsers, and by both ways, at the same moment is one user with all sessions."""
    await hall.provider.honest("google", f"{HUB}google", sub="g", email="twin@acme.example")
    backs = [await hall.back("google", mark) for mark in "abc"]
    came = await asyncio.gather(*(hall.reception.come_back(back, "Firefox", HOME) for back in backs))
    assert len({each.user.id for each in came if isinstance(each, Entered)}) == 1
    user = await hall.users.by_email("twin@acme.example")
    assert user is not None
    assert len(await hall.reception.sessions(user.id)) == 3
    assert (await hall.kinds(user.id)).count("signed_up") == 1


async def test_one_place_cannot_set_out_for_ever(hall: Hall) -> None:
    """Setting out is counted for a place, so that nobody fills the hub, or the provider, with it."""
    for _ in range(BEGINS):
        await hall.reception.to_google("", "one", HOME)
    with pytest.raises(TooMany):
        await hall.reception.to_google("", "one", HOME)


async def test_a_password_goes_on_beside_it(hall: Hall) -> None:
    """Whom Google vouched for has the password that they had."""
    await hall.join("ann@gmail.example")
    await hall.provider.honest("google", f"{HUB}google", sub="p", email="ann@gmail.example")
    assert isinstance(await hall.through("google"), Entered)
    assert (await hall.enter("ann@gmail.example", PASSWORD)).user.subjects == [f"{hall.provider.issuer('google')}|p"]
