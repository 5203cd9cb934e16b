"""Coming by an invitation: the page that a mail leads to, signing up or in for it, accepting, the way to the bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.domain import members
from hub.domain.accounts.models import Organization, User
from hub.domain.ids import Identity, OrganizationId, UserId
from hub.domain.invitations import Inviter, Premises, Wanted, Way
from hub.domain.models import Invitation, Member
from hub.domain.ports import Tx, Workspace
from hub.domain.reply import Reply
from hub.settings import Settings
from hub.store import Store, open_store
from hub.store.embedded import Embedded
from tests.web.lobby import PASSWORD, Browser, Lobby, Page, SignUp, join, lobby_over, sign_up


class House:
    """A workspace of Olivia's, whose invitations are mailed; who is told what in a chat is noted."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.told: list[tuple[str, str]] = []
        self.lobby: Any = None
        self.workspace: Any = None
        self.olivia: Any = None

    def premises(self) -> Premises:
        async def workspace(id: str) -> Workspace:
            return self.store.workspace(id)

        async def organization(_: str) -> str:
            return "Acme & Sons"

        async def tell(user: User, reply: Reply) -> None:
            self.told.append((user.name, reply.template))

        return Premises(workspace, organization, tell, _ways)

    async def found(self) -> None:
        user = await self.store.directory.ensure_user(Identity(f"telegram:{id(self)}"), "Olivia Orr", "olivia")
        entry = await self.store.directory.create_workspace("", "Shop")
        self.workspace = self.store.workspace(entry.id)

        async def deed(tx: Tx) -> Member:
            return await members.found(tx, "Shop", user)

        self.olivia = await self.workspace.run(deed)
        await self.store.directory.join(user.id, entry.id, "admin")

    async def invite(self, email: str, role: Any = "agent", *limits: Any) -> str:
        """Invites, and gives the path in the mail."""
        inviter = Inviter(member=self.olivia, standing="admin", origin="a test")
        wanted = Wanted(email=email, role=role, limits=limits)
        await self.lobby.reception.invitations.invite(self.workspace, inviter, wanted)
        return str(await self.lobby.mailed(email, "invited"))

    async def member(self, email: str) -> Member | None:
        user = await self.store.users.by_email(email)
        return await self.workspace.get(Member, user.id) if user else None


def _ways(token: str) -> list[Way]:
    return [
        Way(app="Telegram", url=f"https://t.me/desk_bot?start={token}"),
        Way(app="Slack", line=f"/hub start {token}"),
    ]


@pytest.fixture(scope="module")
async def house_store(mongod: Embedded, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    folder: Path = tmp_path_factory.mktemp("invitation")
    store = await open_store(Settings(data_dir=folder, mongo_url=mongod.url, port=0), "motor", prefix="invitation_")
    yield store
    await store.drop()
    await store.close()


async def _open(store: Store, sign_up: SignUp = "anyone") -> AsyncIterator[House]:
    house = House(store)
    await house.found()
    async with lobby_over(store, sign_up=sign_up, premises=house.premises()) as lobby:
        house.lobby = lobby
        yield house


@pytest.fixture(scope="module")
async def house(house_store: Store) -> AsyncIterator[House]:
    async for made in _open(house_store):
        yield made


@pytest.fixture
async def lobby(house: House) -> Lobby:
    return house.lobby


@pytest.fixture
async def browser(lobby: Lobby) -> AsyncIterator[Browser]:
    async with Browser(lobby.url) as made:
        yield made


NEW = {"first_name": "Nora", "last_name": "Nix", "password": PASSWORD}


async def test_signing_up_by_an_invitation(house: House, browser: Browser) -> None:
    """The page says who invites whom into what; the address is proven by the link, so that no second mail goes out; who
    signs up is a member with role and limits, and is led to the bot by one tap.
    """
    path = await house.invite("nora@acme.example", "agent", "own", "no_export")
    page = await browser.get(path)
    assert "Join Shop" in page.words
    assert "Olivia Orr invites nora@acme.example to the workspace Shop of Acme & Sons as an agent" in page.words
    assert "With limits: own contacts only, no export." in page.words
    done = await browser.fill(page, **NEW)
    assert (done.status, done.path) == (200, "/account/chat")
    assert "You are an agent of Shop now." in done.words
    assert "Open the bot in Telegram" in done.words
    assert "/hub start" in done.words
    member = await house.member("nora@acme.example")
    assert member is not None
    assert (member.name, member.role, member.limits) == ("Nora Nix", "agent", ["own", "no_export"])
    assert [letter.template for letter in house.lobby.post.to("nora@acme.example")] == ["invited"]
    assert "Nora Nix" in (await browser.get("/account")).words
    again = await browser.get(path)
    assert again.status == 403
    assert "accepted or withdrawn" in again.words


async def test_the_tap_ties_the_chat(house: House, browser: Browser) -> None:
    """What the page gave is good once, for its user alone; a chat account that is somebody's is never taken by it."""
    done = await browser.fill(await browser.get(await house.invite("tap@acme.example")), **NEW)
    token = done.text.partition("?start=")[2].partition('"')[0]
    reception = house.lobby.reception
    theirs = house.olivia.identities[0]
    with pytest.raises(Exception, match="cannot become one"):
        await reception.tie_by(token, theirs, "a test")
    chat = Identity("telegram:424242")
    assert await reception.tie_by(token, chat, "a test")
    assert not await reception.tie_by(token, Identity("telegram:434343"), "a test")
    user = await reception.whose(chat)
    assert user is not None
    assert user.email == "tap@acme.example"
    member = await house.workspace.get(Member, user.id)
    await reception.idle()
    assert member is not None
    assert (chat, "Nora Nix") in house.lobby.greeted.said


async def test_signing_in_for_an_invitation(house: House, browser: Browser) -> None:
    """Who has an account signs in, comes back to the invitation by themselves, and accepts by a button."""
    async with Browser(house.lobby.url) as earlier:
        await join(house.lobby, earlier, "known@acme.example")
    path = await house.invite("known@acme.example", "manager")
    page = await browser.get(path)
    assert "Sign up" not in page.words
    wrong = await browser.fill(page, "/account/signin", email="known@acme.example", password="not this one")
    assert wrong.status == 403
    back = await browser.fill(wrong, email="known@acme.example", password=PASSWORD)
    assert back.path == "/account/invitation"
    assert await house.member("known@acme.example") is None
    done = await browser.fill(back, "/account/invitation")
    assert "You are a manager of Shop now." in done.words
    member = await house.member("known@acme.example")
    assert member is not None
    assert member.role == "manager"
    assert (await browser.get("/account/invitation")).status == 403


async def test_who_has_a_chat_is_told_there(house: House, browser: Browser) -> None:
    """The bot greets at once, and the page says so."""
    await join(house.lobby, browser, "chatty@acme.example")
    user = await house.store.users.by_email("chatty@acme.example")
    assert user is not None
    await house.store.users.change(user.id, lambda u: u.identities.append(Identity("telegram:555")))
    page = await browser.get(await house.invite("chatty@acme.example"))
    done = await browser.fill(page, "/account/invitation")
    assert done.path == "/account"
    assert "the bot has told you there" in done.words
    await house.lobby.reception.idle()
    assert ("Ann Lee", "admitted") in house.told
    member = await house.member("chatty@acme.example")
    assert member is not None
    assert member.identities == ["telegram:555"]


async def test_signed_in_as_somebody_else(house: House, browser: Browser) -> None:
    """It is said, with the way out; nothing is accepted for the wrong one, and the invitation waits."""
    await join(house.lobby, browser, "other@acme.example")
    path = await house.invite("right@acme.example")
    page = await browser.get(path)
    assert "and the invitation is for another address." in page.words
    token = path.partition("token=")[2]
    forged = {"csrf": page.forms[-1][1]["csrf"], "token": token, "do": "accept"}
    refused = await browser.send("/account/invitation", forged)
    assert refused.status == 403
    assert await house.member("other@acme.example") is None
    out = await browser.fill(page, "/account/signout")
    assert out.path == "/account/signin"
    assert "Sign up and join" in (await browser.get("/account/invitation")).words


async def test_looking_uses_nothing_up(house: House, browser: Browser) -> None:
    """Programs that open every link of a mail make nobody a member; a form without its mark does not, either."""
    path = await house.invite("scan@acme.example")
    for _ in range(3):
        assert (await browser.get(path)).status == 200
    token = path.partition("token=")[2]
    foreign = await browser.send("/account/invitation", {**NEW, "token": token, "do": "signup"})
    assert foreign.status == 403
    assert await house.store.users.by_email("scan@acme.example") is None


@pytest.mark.parametrize(
    "query", ["", "?token=", "?token=short", "?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "?token=<b>"]
)
async def test_a_link_that_is_none(house: House, query: str) -> None:
    """A friendly page, whatever is wrong with it."""
    async with Browser(house.lobby.url) as browser:
        page = await browser.get(f"/account/invitation{query}")
    assert page.status == 403
    assert "This invitation cannot be used" in page.words
    assert "not whole" in page.words or "accepted or withdrawn" in page.words


async def test_what_is_wrong_stands_beside_its_field(house: House, browser: Browser) -> None:
    """What was written stays, but never the password; the invitation stays, too."""
    page = await browser.get(await house.invite("fault@acme.example"))
    page = await browser.fill(page, first_name="Nora", last_name="", password="qwerty")
    assert page.status == 422
    assert 'id="last_name-fault"' in page.text
    assert 'id="password-fault"' in page.text
    assert 'value="Nora"' in page.text
    assert "qwerty" not in page.text
    assert (await browser.fill(page, **NEW)).path == "/account/chat"


async def test_an_earlier_link_and_a_withdrawn_one(house: House, browser: Browser) -> None:
    """Each is said to be what it is."""
    first = await house.invite("twice@acme.example")
    await house.invite("twice@acme.example")
    assert "A later mail has replaced this link" in (await browser.get(first)).words
    waiting = {i.email: i for i in await house.workspace.items(Invitation)}
    inviter = Inviter(member=house.olivia, standing=None, origin="a test")
    await house.lobby.reception.invitations.withdraw(house.workspace, inviter, waiting["twice@acme.example"].id)
    assert "accepted or withdrawn" in (await browser.get(first)).words


async def test_an_invitation_that_ended_meanwhile_keeps_nobody_out(house: House, browser: Browser) -> None:
    """Who opened it, and signs in after it was withdrawn, is signed in, and told what became of it; the browser asks
    for it no more.
    """
    async with Browser(house.lobby.url) as earlier:
        await join(house.lobby, earlier, "late@acme.example")
    opened = await browser.get(await house.invite("late@acme.example"))
    waiting = {i.email: i for i in await house.workspace.items(Invitation)}
    inviter = Inviter(member=house.olivia, standing=None, origin="a test")
    await house.lobby.reception.invitations.withdraw(house.workspace, inviter, waiting["late@acme.example"].id)
    back = await browser.fill(opened, "/account/signin", email="late@acme.example", password=PASSWORD)
    assert (back.status, back.path) == (200, "/account")
    assert "accepted or withdrawn" in back.words
    assert browser.cookie("hub_invitation") == ""


async def test_who_accepts_is_told_which_workspace_they_use(house: House, browser: Browser) -> None:
    """Who was in another one is told that the new one is in use, and how to go back."""
    entry = await house.store.directory.create_workspace("", "First Shop")
    await join(house.lobby, browser, "second@acme.example")
    user = await house.store.users.by_email("second@acme.example")
    assert user is not None
    await house.store.directory.join(user.id, entry.id)
    done = await browser.fill(await browser.get(await house.invite("second@acme.example")), "/account/invitation")
    assert "In your chat you use it instead of First Shop: /workspace First Shop goes back there." in done.words


async def test_the_organizations_logo_is_on_its_invitations(house: House, browser: Browser) -> None:
    """Where it has one, from our own address: nothing is fetched from elsewhere."""
    path = await house.invite("logo@acme.example")
    assert "<img" not in (await browser.get(path)).text
    entry = await house.store.directory.workspace(house.workspace.id)
    assert entry is not None
    id = OrganizationId(entry.organization)
    await house.store.organizations.change(id, _with_logo)
    page = await browser.get(path)
    assert f'<img class="logo" src="/account/logo/{id}" alt="">' in page.text
    assert "img-src 'self'" in page.headers["Content-Security-Policy"]


def _with_logo(organization: Organization) -> None:
    organization.logo = b"\x89PNG\r\n\x1a\na picture"


async def test_two_accept_at_once(house: House) -> None:
    """One member, however often the button is pressed."""
    path = await house.invite("fast@acme.example")
    async with Browser(house.lobby.url) as one, Browser(house.lobby.url) as two:
        pages: list[Page] = [await one.get(path), await two.get(path)]
        await asyncio.gather(one.fill(pages[0], **NEW), two.fill(pages[1], **NEW))
    found = [m for m in await house.workspace.items(Member) if m.name == "Nora Nix"]
    user = await house.store.users.by_email("fast@acme.example")
    assert user is not None
    assert len([m for m in found if m.id == user.id]) == 1


@pytest.mark.parametrize("policy", ["invited", ("acme.test",)])
async def test_an_invited_address_may_sign_up(house_store: Store, policy: SignUp) -> None:
    """Whoever else may; others still may not."""
    async for house in _open(house_store, policy):
        email = f"guest-{len(policy)}@elsewhere.example"
        async with Browser(house.lobby.url) as browser:
            assert (await sign_up(browser, email)).status == 422
            done = await browser.fill(await browser.get(await house.invite(email)), **NEW)
            assert done.path == "/account/chat"
        async with Browser(house.lobby.url) as browser:
            assert (await sign_up(browser, "nobody@elsewhere.example")).status == 422


async def test_who_signed_up_for_somebody_elses_address(house: House, browser: Browser) -> None:
    """An account that nobody verified is taken over by whom the mail reaches, with another password."""
    async with Browser(house.lobby.url) as squatter:
        await sign_up(squatter, "mine@acme.example", password="the squatters words")
    done = await browser.fill(await browser.get(await house.invite("mine@acme.example")), **NEW)
    assert done.path == "/account/chat"
    async with Browser(house.lobby.url) as squatter:
        page = await squatter.fill("/account/signin", email="mine@acme.example", password="the squatters words")
        assert page.status == 403
    user = await house.store.users.by_email("mine@acme.example")
    assert user is not None
    assert user.name == "Nora Nix"
    assert isinstance(user.id, str)
    assert UserId(user.id)
