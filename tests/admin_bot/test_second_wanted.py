"""An organization wants a code at sign-in of everybody who has a password: what works before they have one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pyotp
import pytest

from hub.admin_bot.registry import commands, shown
from hub.domain.accounts.models import Organization, User
from hub.domain.ids import OrganizationId
from hub.domain.models import now
from hub.errors import Refused
from hub.store.embedded import Embedded
from tests.admin_bot.office import Office, standing_office
from tests.admin_bot.test_lost_phone import home, said

WANTED = "Acme wants a code at sign-in"
ALWAYS = {"2fa", "me", "help", "start", "logout", "sessions", "undo", "unsend"}


@pytest.fixture(scope="module", params=["telegram", "slack"])
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[Office]:
    async with standing_office(request.param, mongod.url) as made:
        yield made


@pytest.fixture(autouse=True)
async def demanding(office: Office) -> OrganizationId:
    """Acme wants it, and Bob has a password and no code."""
    id = await home(office)
    await office.store.organizations.add(Organization(id=id, name="Acme"))
    await demand(office, id, True)
    await bob_has(office, "a hash")
    return id


async def demand(office: Office, id: OrganizationId, wanted: bool) -> None:
    def keep(found: Organization) -> None:
        found.name, found.needs_second = "Acme", wanted

    await office.store.organizations.change(id, keep)


async def bob_has(office: Office, password: str) -> None:
    organization, user = await home(office), await office.user("Bob")

    def keep(found: User) -> None:
        found.password, found.second, found.organizations = password, None, {organization: "member"}
        found.email, found.verified_at = f"bob@{office.hands.network}.example", now()

    await office.store.users.change(user.id, keep)


async def test_until_it_is_set_up_little_works(office: Office) -> None:
    """Every other command is answered by one sentence and a button to set it up, in private."""
    for command in shown():
        answer = await said(office, "Bob", command.name)
        assert (WANTED in answer) is (command.name not in ALWAYS and command.permission in ("anyone", "agent")), command
    await office.hands.press_confided("Bob", "🔐 Set it up")
    assert "type this key into it" in office.hands.confided("Bob")[-1]


async def test_answers_to_contacts_go_out(office: Office) -> None:
    """On the desk a command says where to set it up, and does nothing; what is written to a contact leaves."""
    hands = office.hands
    thread, post = await office.arrive("hello?")
    before = await office.outgoing()
    await hands.type("Bob", "take", "topic" if hands.network == "telegram" else "thread", thread)
    assert WANTED in hands.told("Bob")[-1]
    assert "in a private chat" in hands.told("Bob")[-1]
    await hands.press("Bob", post, "✋ Take")
    assert await office.holder() == ""
    hands.say("Bob", "On its way!", thread)
    await hands.hear()
    assert (await office.outgoing())[len(before) :] == ["On its way!"]
    assert {"keep", "send", "undo", "unsend"} <= {c.name for c in commands()}, "what was held back or is to be stopped"


async def test_set_up_everything_works_again(office: Office) -> None:
    """And it stays on: off is refused while the organization wants it."""
    key = (await said(office, "Bob", "2fa")).partition("type this key into it: ")[2].split()[0]
    codes = await office.reception.confirm((await office.user("Bob")).id, pyotp.TOTP(key).now(), "a test")
    assert WANTED not in await said(office, "Bob", "inbox")
    state = await said(office, "Bob", "2fa")
    assert "It stays on" in state
    assert "2fa off" not in state, "what is refused is not offered"
    assert "so it stays on" in await said(office, "Bob", "2fa off")
    assert "Acme wants a code of everybody who signs in by a password" in await said(
        office, "Bob", f"2fa off {codes[0]}"
    )
    user = await office.user("Bob")
    assert user.second is not None
    assert len(user.second.recovery) == 10, "the code was not used up"
    await demand(office, await home(office), False)
    assert "No code is asked for any more" in await said(office, "Bob", f"2fa off {codes[0]}")


async def test_who_has_no_password_is_exempt(office: Office) -> None:
    """Who signs in by Google or the organization brings their own; and what one organization wants is not another's."""
    await bob_has(office, "")
    assert WANTED not in await said(office, "Bob", "inbox")
    await bob_has(office, "a hash")
    await demand(office, await home(office), False)
    elsewhere = Organization(id=OrganizationId("elsewhere"), name="Elsewhere", needs_second=True)
    await office.store.organizations.add(elsewhere)
    user = await office.user("Bob")

    def too(found: User) -> None:
        found.organizations = {**found.organizations, elsewhere.id: "member"}

    await office.store.users.change(user.id, too)
    assert "wants a code" not in await said(office, "Bob", "inbox")
    assert await office.reception.missing_second(await office.user("Bob")) == "Elsewhere"


async def test_nobody_demands_of_nobody(office: Office) -> None:
    """A second factor that is off cannot be switched off, whatever is demanded."""
    with pytest.raises(Refused, match="off already"):
        await office.reception.drop_second((await office.user("Bob")).id, "123456", "a test")
