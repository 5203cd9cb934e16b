"""What guards accounts beside the password: mail on each change, a code that holds for a while, what is recorded."""

from __future__ import annotations

import pyotp
import pytest

from hub.domain.accounts.models import Organization, User
from hub.domain.accounts.reception import Entered, Half, Policy, Reception
from hub.domain.accounts.stepping import HOLDS_SECONDS, WAITS_SECONDS
from hub.domain.ids import Identity, OrganizationId, UserId
from hub.errors import DeliveryError, NotFound, Refused, TooMany
from tests.domain.accounts.house import ELSEWHERE, HOME, PASSWORD, House, failed
from tests.domain.accounts.test_second_factor import Phone

pytestmark = pytest.mark.usefixtures("cheap_hashes")

ANNIE, OTHER = Identity("net|1"), Identity("net|2")


@pytest.fixture
async def phone(house: House) -> Phone:
    """Ann's, with two chat accounts of hers."""
    user = (await house.join()).user

    def chats(found: User) -> None:
        found.identities = [ANNIE, OTHER]

    await house.users.change(user.id, chats)
    proposal = await house.reception.propose(user.id)
    recovery = await house.reception.confirm(user.id, pyotp.TOTP(proposal.key).at(house.hands()), HOME)
    await house.reception.idle()  # its letter has left
    house.hands.forward(60)
    return Phone(house, user, proposal.key, recovery)


# -- mail ------------------------------------------------------------------------------------------------------------


async def told(house: House) -> list[tuple[str, str]]:
    """What the newest letters about the second factor say."""
    await house.reception.idle()
    return [(one.data["what"], one.data["left"]) for one in house.box.letters if one.template == "second"]


async def test_every_change_is_mailed(house: House, phone: Phone) -> None:
    """On, a recovery code used, off, reset: whoever did it, its owner hears of it at their address."""
    boss = (await house.join("boss@example.com")).user
    await house.reception.second((await house.half()).ticket, phone.recovery[0], "x", HOME)
    await house.reception.drop_second(phone.user.id, await phone.next(), HOME)
    proposal = await house.reception.propose(phone.user.id)
    await house.reception.confirm(phone.user.id, pyotp.TOTP(proposal.key).at(house.hands()), HOME)
    await house.reception.reset_second(phone.user.id, boss.id, HOME)
    assert await told(house) == [("on", ""), ("recovery", "9"), ("off", ""), ("on", ""), ("reset", "")]
    assert {one.to for one in house.box.letters if one.template == "second"} == {"ann@example.com"}


async def test_many_mails_do_not_hide_one(house: House, phone: Phone) -> None:
    """Whoever has asked for so many mails that no more go out keeps none of these from their owner."""
    for _ in range(12):
        await house.reception.forgot("ann@example.com", ELSEWHERE)
    await house.reception.idle()
    assert house.box.templates("ann@example.com").count("reset") < 12
    await house.reception.drop_second(phone.user.id, phone.code(), HOME)
    assert (await told(house))[-1] == ("off", "")


async def test_a_mail_server_that_is_down_changes_nothing(house: House, phone: Phone) -> None:
    """What was asked for is done; whoever has no proved address is written to nowhere."""
    house.box.broken = DeliveryError()
    await house.reception.drop_second(phone.user.id, phone.code(), HOME)
    await house.reception.idle()
    found = await house.users.user(phone.user.id)
    assert found is not None
    assert found.second is None
    house.box.broken = None
    chatter = await house.agent("net|9", "")
    proposal = await house.reception.propose(chatter)
    await house.reception.confirm(chatter, pyotp.TOTP(proposal.key).at(house.hands()), HOME)
    assert await told(house) == [("on", "")]


# -- a code that holds -----------------------------------------------------------------------------------------------


async def test_a_code_holds_for_five_minutes(house: House, phone: Phone) -> None:
    """For that chat account alone, over a new start of the hub; whoever has no second factor is asked for none."""
    assert await house.reception.code_wanted(ANNIE)
    await house.reception.prove(ANNIE, phone.code())
    again = house.with_policy(Policy(public_url="https://hub.example.com"))
    assert not await again.code_wanted(ANNIE)
    assert await again.code_wanted(OTHER)
    house.hands.forward(HOLDS_SECONDS - 1)
    assert not await house.reception.code_wanted(ANNIE)
    house.hands.forward(1)
    assert await house.reception.code_wanted(ANNIE)
    assert not await house.reception.code_wanted(Identity("net|nobody"))
    await house.agent("net|9", "")
    assert not await house.reception.code_wanted(Identity("net|9"))


async def test_a_code_is_good_once_here_too(house: House, phone: Phone) -> None:
    """A code that proved something neither signs in nor proves anything else, and the other way round."""
    code = phone.code()
    await house.reception.prove(ANNIE, code)
    with pytest.raises(Refused):
        await house.reception.prove(OTHER, code)
    with pytest.raises(Refused):
        await house.reception.second((await house.half()).ticket, code, "x", HOME)
    assert await house.reception.code_wanted(OTHER)


@pytest.mark.parametrize("how", ["untied", "off and on", "reset and on"])
async def test_it_ends_when_something_changes(house: House, phone: Phone, how: str) -> None:
    """Parting the chat account, and any change of the second factor, ends it."""
    await house.reception.prove(ANNIE, phone.code())
    if how == "untied":
        await house.reception.untie(ANNIE, HOME)

        def back(found: User) -> None:
            found.identities.append(ANNIE)

        await house.users.change(phone.user.id, back)
    else:
        if how == "reset and on":
            await house.reception.reset_second(phone.user.id, phone.user.id, HOME)
        else:
            await house.reception.drop_second(phone.user.id, await phone.next(), HOME)
        proposal = await house.reception.propose(phone.user.id)
        house.hands.forward(1)
        await house.reception.confirm(phone.user.id, pyotp.TOTP(proposal.key).at(house.hands()), HOME)
    assert await house.reception.code_wanted(ANNIE)


async def test_a_code_is_awaited_for_two_minutes(house: House, phone: Phone) -> None:
    """From when it was asked for until a right one came."""
    assert not await house.reception.code_awaited(ANNIE)
    await house.reception.code_asked(ANNIE)
    house.hands.forward(WAITS_SECONDS - 1)
    assert await house.reception.code_awaited(ANNIE)
    await house.reception.code_asked(ANNIE)
    house.hands.forward(WAITS_SECONDS - 1)
    assert await house.reception.code_awaited(ANNIE)
    house.hands.forward(1)
    assert not await house.reception.code_awaited(ANNIE)
    await house.reception.code_asked(ANNIE)
    await house.reception.prove(ANNIE, phone.code())
    assert not await house.reception.code_awaited(ANNIE)


async def test_guessing_is_slowed(house: House, phone: Phone) -> None:
    """Wrong codes lead to a wait; a right one counts only after it."""
    said = []
    for _ in range(7):
        with pytest.raises(Refused) as caught:
            await house.reception.prove(ANNIE, "000000")
        said.append(type(caught.value))
    assert said[0] is Refused
    assert said[-1] is TooMany
    with pytest.raises(TooMany):
        await house.reception.prove(ANNIE, phone.code())
    house.hands.forward(31)
    await house.reception.prove(ANNIE, phone.code())
    assert not await house.reception.code_wanted(ANNIE)


# -- what is recorded ------------------------------------------------------------------------------------------------


async def test_what_happens_to_an_account_is_recorded(house: House) -> None:
    """Each sign-in, failure, change and use of a secret leaves an audit event: in their order, with where it came from,
    and none of them holds a password, a code or a token.
    """
    reception = house.reception
    entered = await house.join()
    ann = entered.user.id
    await failed(house, 1, ELSEWHERE)
    link = await reception.invite_in(ANNIE, "Ann", "ann")
    second = await reception.sign_in("ann@example.com", PASSWORD, "x", HOME, link)
    assert isinstance(second, Entered)
    proposal = await reception.propose(ann)
    recovery = await reception.confirm(ann, pyotp.TOTP(proposal.key).at(house.hands()), ANNIE)
    half = await house.half()
    with pytest.raises(Refused):
        await reception.second(half.ticket, "000000", "x", HOME)
    await reception.second(half.ticket, recovery[0], "x", HOME)
    await reception.prove(ANNIE, recovery[1])
    await reception.leave(second.token, HOME)
    await reception.end_all(ann, ANNIE)
    await reception.forgot("ann@example.com", HOME)
    await reception.idle()
    again = await reception.reset(house.box.token("reset"), "another horse 8", "x", HOME)
    assert isinstance(again, Half)
    await reception.drop_second(ann, recovery[2], ANNIE)
    await reception.untie(ANNIE, ANNIE)
    wanted = [
        "signed_up", "verified", "signed_in",
        "sign_in_failed",
        "tied", "signed_in",
        "second_on",
        "code_refused", "sign_in_failed", "recovery_used", "signed_in",
        "recovery_used", "stepped_up",
        "session_ended", "session_ended",
        "password_changed",
        "recovery_used", "second_off",
        "untied",
    ]  # fmt: skip
    assert await house.kinds(ann) == wanted
    traces = await reception.traces(ann)
    assert all(trace.origin for trace in traces)
    assert next(t for t in reversed(traces) if t.kind == "sign_in_failed").origin == ELSEWHERE
    kept = str(traces)
    for secret in (PASSWORD, "another horse 8", entered.token, proposal.key, house.box.token("reset"), *recovery):
        assert secret not in kept


# -- what an organization demands ------------------------------------------------------------------------------------


async def test_an_organization_demands_it_of_passwords(house: House, phone: Phone) -> None:
    """It cannot be switched off then; an owner may reset it all the same, and then it is missing."""
    acme = Organization(id=OrganizationId("acme"), name="Acme", needs_second=True)
    await house.store.organizations.add(acme)

    def joined(found: User) -> None:
        found.organizations = {acme.id: "member"}

    await house.users.change(phone.user.id, joined)
    demanding = Reception(
        house.users,
        house.directory,
        house.store.vault,
        house.box,
        house.greetings,
        house.hands,
        house.reception.policy,
        organizations=house.store.organizations,
    )
    with pytest.raises(Refused, match="Acme wants a code of everybody"):
        await demanding.drop_second(phone.user.id, phone.code(), HOME)
    await demanding.reset_second(phone.user.id, phone.user.id, HOME)
    user = await house.users.user(phone.user.id)
    assert user is not None
    assert await demanding.missing_second(user) == "Acme"
    assert await demanding.missing_second(user, OrganizationId("other")) == ""
    with pytest.raises(NotFound):
        await demanding.drop_second(UserId("nobody"), phone.code(), HOME)
