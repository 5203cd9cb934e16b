"""Signing in with a code: set up, asked for once, lost, taken off."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from hub.domain.accounts.models import User
from hub.domain.accounts.reception import Entered, Half
from hub.errors import NotFound, Refused, TooMany
from tests.domain.accounts.house import ELSEWHERE, HOME, House, said

pytestmark = pytest.mark.usefixtures("cheap_hashes")


class Phone:
    """An authenticator app whose clock is right."""

    def __init__(self, house: House, user: User, key: str, recovery: list[str]) -> None:
        self.house, self.user, self.recovery = house, user, recovery
        self.totp = pyotp.TOTP(key)

    def code(self, drift: int = 0) -> str:
        return self.totp.generate_otp(int(self.house.hands().timestamp()) // 30 + drift)

    async def next(self) -> str:
        """A code that nobody has used."""
        self.house.hands.forward(60)
        return self.code()


@pytest.fixture
async def phone(house: House) -> Phone:
    user = (await house.join()).user
    proposal = await house.reception.propose(user.id)
    code = pyotp.TOTP(proposal.key).at(house.hands())
    phone = Phone(house, user, proposal.key, await house.reception.confirm(user.id, code, HOME))
    house.hands.forward(60)
    return phone


async def test_it_is_on_when_a_code_confirms_it(house: House) -> None:
    """The picture and the key say the same; before a right code of it came, no code is asked for."""
    user = (await house.join()).user
    with pytest.raises(Refused, match="picture"):
        await house.reception.confirm(user.id, "123456", HOME)
    proposal = await house.reception.propose(user.id)
    parts = urlsplit(proposal.uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {"secret": [proposal.key], "issuer": ["IS-Messenger"]}
    assert "ann%40example.com" in parts.path
    with pytest.raises(Refused, match="not right"):
        await house.reception.confirm(user.id, "000000", HOME)
    await house.enter()
    recovery = await house.reception.confirm(user.id, pyotp.TOTP(proposal.key).at(house.hands()), HOME)
    assert len(recovery) == 10
    await house.half()
    with pytest.raises(Refused, match="on already"):
        await house.reception.propose(user.id)


async def test_seed_and_recovery_codes_are_not_kept_readable(house: House, phone: Phone) -> None:
    """The seed is sealed, the recovery codes are hashes."""
    kept = str(await house.store._control.users.find({}).to_list(None))
    for secret in (phone.totp.secret, *phone.recovery):
        assert secret not in kept


async def test_a_proposal_lasts_an_hour(house: House) -> None:
    """A picture that was shown long ago cannot be confirmed; only the newest one can."""
    user = (await house.join()).user
    first = await house.reception.propose(user.id)
    second = await house.reception.propose(user.id)
    with pytest.raises(Refused, match="not right"):
        await house.reception.confirm(user.id, pyotp.TOTP(first.key).at(house.hands()), HOME)
    house.hands.forward(3600)
    with pytest.raises(Refused, match="picture"):
        await house.reception.confirm(user.id, pyotp.TOTP(second.key).at(house.hands()), HOME)


async def test_password_and_code_sign_in(house: House, phone: Phone) -> None:
    """The password alone gives a ticket; with a code it is a sign-in. The ticket is good once and for ten minutes."""
    half = await house.half()
    entered = await house.reception.second(half.ticket, phone.code(), "x", HOME)
    found = await house.reception.who(entered.token)
    assert found is not None
    assert (found[0].id, found[1].means) == (phone.user.id, "password")
    with pytest.raises(Refused, match="sign in again"):
        await house.reception.second(half.ticket, await phone.next(), "x", HOME)
    late = await house.half()
    house.hands.forward(600)
    for ticket in (late.ticket, "made-up", ""):
        with pytest.raises(Refused, match="sign in again"):
            await house.reception.second(ticket, phone.code(), "x", HOME)


async def test_a_code_is_good_once(house: House, phone: Phone) -> None:
    """The same code, or an older one, is refused afterwards, also when tried at the same moment."""
    code = phone.code()
    tickets = [(await house.half()).ticket for _ in range(3)]
    tries = (said(house.reception.second(ticket, code, "x", HOME)) for ticket in tickets)
    kinds = [kind for kind, _ in await asyncio.gather(*tries)]
    assert kinds.count(Entered) == 1
    half = await house.half()
    for drift in (0, -1):
        with pytest.raises(Refused, match="used already"):
            await house.reception.second(half.ticket, phone.code(drift), "x", ELSEWHERE)
    assert await house.reception.second(half.ticket, phone.code(1), "x", ELSEWHERE)


async def test_the_app_may_be_a_step_off(house: House, phone: Phone) -> None:
    """Codes of the steps before and after are good; others are not."""
    for drift, right in ((-2, False), (-1, True), (2, False), (1, True)):
        half = await house.half()
        kind, _ = await said(house.reception.second(half.ticket, phone.code(drift), "x", HOME))
        assert (kind is Entered) == right, drift


async def test_a_recovery_code_is_good_once(house: House, phone: Phone) -> None:
    """Who lost the phone comes in by each of ten codes once; the use is on record."""
    one = phone.recovery[0]
    tickets = [(await house.half()).ticket for _ in range(3)]
    tries = (said(house.reception.second(ticket, one.upper(), "x", HOME)) for ticket in tickets)
    kinds = [kind for kind, _ in await asyncio.gather(*tries)]
    assert kinds.count(Entered) == 1
    with pytest.raises(Refused):
        await house.reception.second((await house.half()).ticket, one, "x", HOME)
    assert await house.reception.second((await house.half()).ticket, phone.recovery[1], "x", HOME)
    used = [trace for trace in await house.reception.traces(phone.user.id) if trace.kind == "recovery_used"]
    assert [trace.facts for trace in used] == [{"left": "8"}, {"left": "9"}]


async def test_codes_cannot_be_guessed(house: House, phone: Phone) -> None:
    """After five wrong codes each waits; from places unknown ten are let in, and the owner comes in from home."""
    half = await house.half()
    kinds = [(await said(house.reception.second(half.ticket, "000000", "x", ELSEWHERE)))[0] for _ in range(6)]
    assert kinds == [Refused] * 5 + [TooMany]
    for number in range(5):
        await said(house.reception.second(half.ticket, "000000", "x", f"192.0.2.{number}"))
    assert (await said(house.reception.second(half.ticket, "000000", "x", "192.0.2.99")))[0] is TooMany
    await house.reception.second(half.ticket, phone.code(), "x", HOME)
    assert "sign_in_failed" in await house.kinds(phone.user.id)


async def test_a_new_password_does_not_lead_past_the_code(house: House, phone: Phone) -> None:
    """The mailed link sets the password, and the code is asked for still; tickets of the old password are void."""
    old = await house.half()
    await house.reception.forgot("ann@example.com", HOME)
    await house.reception.idle()
    half = await house.reception.reset(house.box.token("reset"), "another word 5", "x", HOME)
    assert isinstance(half, Half)
    with pytest.raises(Refused, match="sign in again"):
        await house.reception.second(old.ticket, phone.code(), "x", HOME)
    entered = await house.reception.second(half.ticket, phone.code(), "x", HOME)
    found = await house.reception.who(entered.token)
    assert found is not None
    assert found[1].means == "reset"


async def test_taking_it_off_needs_a_code(house: House, phone: Phone) -> None:
    """A wrong code leaves it on, a right one takes it off; both are on record."""
    with pytest.raises(Refused, match="not right"):
        await house.reception.drop_second(phone.user.id, "000000", "net|1")
    await house.half()
    await house.reception.drop_second(phone.user.id, phone.code(), "net|1")
    await house.enter()
    with pytest.raises(Refused, match="off already"):
        await house.reception.drop_second(phone.user.id, phone.code(), "net|1")
    kinds = await house.kinds(phone.user.id)
    assert "code_refused" in kinds
    assert "second_off" in kinds


async def test_something_dangerous_wants_a_fresh_code(house: House, phone: Phone) -> None:
    """A code is used up by it; who has no second factor is asked for none."""
    code = phone.code()
    for odd in ("", "000000"):
        with pytest.raises(Refused):
            await house.reception.fresh(phone.user.id, odd, "net|1")
    await house.reception.fresh(phone.user.id, code, "net|1")
    with pytest.raises(Refused, match="used already"):
        await house.reception.fresh(phone.user.id, code, "net|1")
    with pytest.raises(Refused):
        await house.reception.second((await house.half()).ticket, code, "x", HOME)
    other = (await house.join("bob@example.com")).user
    await house.reception.fresh(other.id, "", "net|2")


async def test_an_owner_resets_it_on_record(house: House, phone: Phone) -> None:
    """For who lost the phone it is taken off without a code; who did it is kept."""
    boss = (await house.join("boss@example.com")).user
    await house.reception.reset_second(phone.user.id, boss.id, HOME)
    await house.enter()
    trace = next(one for one in await house.reception.traces(phone.user.id) if one.kind == "second_reset")
    assert trace.actor == boss.id
    with pytest.raises(Refused, match="off already"):
        await house.reception.reset_second(phone.user.id, boss.id, HOME)
    with pytest.raises(NotFound):
        await house.reception.reset_second(phone.user.id[:-1] + "?", boss.id, HOME)  # type: ignore[arg-type]
