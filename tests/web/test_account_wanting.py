"""Who must have a second factor is told so on their page, after signing in by a password."""

from __future__ import annotations

from hub.domain.accounts.models import Organization, User
from hub.domain.ids import Identity, OrganizationId
from tests.web.lobby import PASSWORD, Browser, Lobby, join
from tests.web.test_account_pages import _second_factor

WANTED = "Acme wants a code at sign-in of everybody who has a password."


async def test_the_page_leads_to_the_bot(lobby: Lobby, browser: Browser) -> None:
    """To /2fa there, to /start first where no chat account is theirs; until it is set up. Not without a password."""
    email = "wanted@shop.example"
    await join(lobby, browser, email)
    acme = Organization(id=OrganizationId("acme"), name="Acme <b>", needs_second=False)
    await lobby.store.organizations.add(acme)
    user = await lobby.store.users.by_email(email)
    assert user is not None

    def joined(found: User) -> None:
        found.organizations = {acme.id: "member"}

    await lobby.store.users.change(user.id, joined)
    assert "wants a code" not in (await browser.get("/account")).words

    def demand(found: Organization) -> None:
        found.needs_second, found.name = True, "Acme"

    await lobby.store.organizations.change(acme.id, demand)
    await browser.fill("/account", "/account/signout")
    page = await browser.fill("/account/signin", email=email, password=PASSWORD)
    assert page.path == "/account"
    assert WANTED in page.words
    assert "Connect your chat account below, then write /2fa to the bot there" in page.words

    def chat(found: User) -> None:
        found.identities = [Identity("telegram:4711")]

    await lobby.store.users.change(user.id, chat)
    assert "Write /2fa to the bot in its private chat now" in (await browser.get("/account")).words

    await _second_factor(lobby, email)
    assert WANTED not in (await browser.get("/account")).words

    def vouched(found: User) -> None:
        found.second, found.password, found.subjects = None, "", ["google|1"]

    await lobby.store.users.change(user.id, vouched)
    assert WANTED not in (await browser.get("/account")).words
