"""Who tries too often is slowed; whom an account belongs to is not shut out."""

from __future__ import annotations

import asyncio

import pytest

from hub.domain.accounts.throttling import STRANGERS, Throttle
from hub.errors import Refused, TooMany
from tests.domain.accounts.house import ELSEWHERE, HOME, House, failed, said


async def wait_of(house: House, origin: str) -> float:
    with pytest.raises(TooMany) as raised:
        await house.reception.sign_in("ann@example.com", "wrong one", "x", origin)
    return raised.value.seconds


async def strangers(house: House) -> None:
    """As many tries as are let in from places unknown; what a wrong password costs is left out."""
    for number in range(STRANGERS):
        await Throttle(house.users).admit("ann@example.com", f"198.51.100.{number}")


async def test_after_five_in_a_row_each_try_waits_longer(house: House) -> None:
    """Five wrong ones are free, then each waits twice as long, a quarter of an hour at most; the seconds are told."""
    await house.join()
    assert await failed(house, 5, ELSEWHERE) == [Refused] * 5
    waits = []
    for _ in range(7):
        waits.append(await wait_of(house, ELSEWHERE))
        assert await wait_of(house, ELSEWHERE) == waits[-1]
        house.hands.forward(waits[-1])
        assert await failed(house, 1, ELSEWHERE) == [Refused]
    assert waits == [30, 60, 120, 240, 480, 900, 900]


async def test_the_right_password_ends_the_row(house: House) -> None:
    """After the right one the count begins anew; while the wait lasts even the right one must wait."""
    await house.join()
    await failed(house, 5, HOME)
    with pytest.raises(TooMany, match="30 seconds"):
        await house.enter()
    house.hands.forward(30)
    await house.enter()
    assert await failed(house, 5, HOME) == [Refused] * 5


async def test_strangers_do_not_slow_the_owner(house: House) -> None:
    """However often others fail, from however many places, the owner comes in from where they came in before."""
    await house.join()
    await strangers(house)
    assert (await said(house.reception.sign_in("ann@example.com", "wrong one", "x", "192.0.2.1")))[0] is TooMany
    await house.enter(origin=HOME)


async def test_a_mailed_link_leads_in_past_strangers(house: House) -> None:
    """Away from home while strangers try: the mailed link leads in, and that place is the owner's from then on."""
    await house.join()
    await strangers(house)
    await house.reception.forgot("ann@example.com", "192.0.2.1")
    await house.reception.idle()
    await house.reception.reset(house.box.token("reset"), "another word 5", "x", "192.0.2.1")
    await house.enter(password="another word 5", origin="192.0.2.1")


async def test_failures_from_one_place_are_counted_over_all_accounts(house: House) -> None:
    """Twenty failures from one place in a quarter of an hour, whatever the addresses; other places go on."""
    await house.join()
    for number in range(19):
        await Throttle(house.users).admit(f"u{number}@example.com", ELSEWHERE)
    assert await failed(house, 1, ELSEWHERE, "bob@example.com") == [Refused]
    assert await failed(house, 1, ELSEWHERE, "another@example.com") == [TooMany]
    await house.enter()
    house.hands.forward(15 * 60)
    assert await failed(house, 1, ELSEWHERE, "another@example.com") == [Refused]


async def test_right_ones_are_no_failures(house: House) -> None:
    """A whole office signs in from one address."""
    await house.join()
    for _ in range(25):
        await house.enter()


async def test_an_own_account_does_not_reset_the_count(house: House) -> None:
    """Signing in to one's own account between tries at others' does not make the failures fewer."""
    await house.join()
    kinds = []
    for number in range(21):
        await said(house.reception.sign_in("ann@example.com", "correct horse 7", "x", ELSEWHERE))
        kinds += await failed(house, 1, ELSEWHERE, f"u{number}@example.com")
    assert kinds == [Refused] * 20 + [TooMany]


async def test_many_at_once_are_counted_too(house: House) -> None:
    """A hundred tries at the same moment are not a hundred guesses."""
    await house.join()
    tries = (said(house.reception.sign_in("ann@example.com", "wrong one", "x", ELSEWHERE)) for _ in range(40))
    kinds = [kind for kind, _ in await asyncio.gather(*tries)]
    assert kinds.count(Refused) <= 5


async def test_unknown_addresses_are_slowed_the_same(house: House) -> None:
    """The wait tells nothing of whether there is an account."""
    await house.join()
    known = await failed(house, 8, ELSEWHERE)
    assert await failed(house, 8, "192.0.2.1", "nobody@example.com") == known


async def test_a_network_of_the_sixth_version_is_one_place(house: House) -> None:
    """Who has one address of such a network has all of them."""
    await house.join()
    kinds = [(await failed(house, 1, f"2001:db8::{number:x}"))[0] for number in range(1, 8)]
    assert kinds == [Refused] * 5 + [TooMany] * 2
    assert await failed(house, 1, "2001:db8:0:1::1") == [Refused]
    assert await failed(house, 1, "::ffff:198.51.100.1") == [Refused]


async def test_asking_for_passwords_is_limited_by_place(house: House) -> None:
    """New passwords are asked for twenty times from one place, and an address gets six mails an hour."""
    await house.join()
    for _ in range(20):
        await house.reception.forgot("ann@example.com", HOME)
    with pytest.raises(TooMany):
        await house.reception.forgot("ann@example.com", HOME)
    await house.reception.forgot("ann@example.com", ELSEWHERE)
    await house.reception.idle()
    assert house.box.templates().count("reset") == 5
