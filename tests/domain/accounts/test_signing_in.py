"""Signing in with a password, forgetting it, and sessions."""

from __future__ import annotations

import asyncio
import statistics
import time

import argon2
import pytest

from hub.domain.accounts.models import User
from hub.domain.accounts.reception import Unfit
from hub.errors import NotFound, Refused
from tests.domain.accounts.house import ELSEWHERE, HOME, PASSWORD, House, said


async def test_the_right_password_signs_in(house: House) -> None:
    """Whoever verified the address comes in by it, in whatever case it is written, and it is kept on record."""
    ann = (await house.join()).user
    entered = await house.enter(" ANN@example.com ")
    found = await house.reception.who(entered.token)
    assert found is not None
    assert (found[0].id, found[1].means) == (ann.id, "password")
    traces = await house.reception.traces(ann.id)
    assert (traces[0].kind, traces[0].origin, traces[0].facts) == ("signed_in", HOME, {"means": "password"})


async def test_one_sentence_whatever_was_wrong(house: House) -> None:
    """Unknown, unverified, or not an address at all: a wrong password reads the same."""
    await house.join()
    await house.apply("bob@example.com")
    answers = set()
    for email in ("ann@example.com", "bob@example.com", "nobody@example.com", "odd", "", "\ud800@x.example"):
        answers.add(await said(house.reception.sign_in(email, "wrong one", "x", ELSEWHERE)))
        house.hands.forward(60)
    assert answers == {(Refused, "That address and password do not fit together.")}


@pytest.mark.usefixtures("true_hashes")
async def test_time_does_not_tell_who_has_an_account(house: House) -> None:
    """A wrong password takes about as long where there is no such address."""
    await house.join()

    async def took(email: str, number: int) -> float:
        begun = time.perf_counter()
        await said(house.reception.sign_in(email, "wrong one", "x", f"198.51.100.{number}"))
        return time.perf_counter() - begun

    # In turn: where the machine is busy for a while, it is so for both.
    pairs = [(await took("ann@example.com", n), await took("nobody@example.com", n)) for n in range(7)]
    assert 0.5 < statistics.median(known / unknown for known, unknown in pairs) < 2


async def test_who_has_not_verified_is_told_so_by_the_right_password_alone(house: House) -> None:
    """The right password before the mail was read: the mail goes out again, once a minute, and nobody is signed in."""
    await house.apply()
    house.hands.forward(60)
    for _ in range(2):
        with pytest.raises(Refused, match="Verify your address"):
            await house.enter()
    await house.reception.idle()
    assert house.box.templates() == ["verify", "verify"]
    entered = await house.reception.verify(house.box.token("verify"), "x", HOME)
    assert entered.user.email == "ann@example.com"


async def test_failures_are_on_record(house: House) -> None:
    """A failure is an audit event of the user, with where it came from."""
    ann = (await house.join()).user
    await said(house.reception.sign_in("ann@example.com", "wrong one", "x", ELSEWHERE))
    trace = (await house.reception.traces(ann.id))[0]
    assert (trace.kind, trace.origin, trace.facts) == ("sign_in_failed", ELSEWHERE, {"reason": "password"})


async def test_each_sign_in_has_a_session_of_its_own(house: House) -> None:
    """A session's token is never used again: each sign-in makes another, and they end one by one."""
    first = await house.join()
    second = await house.enter()
    assert first.token != second.token
    await house.reception.leave(first.token, HOME)
    await house.reception.leave(first.token, HOME)
    assert await house.reception.who(first.token) is None
    assert await house.reception.who(second.token) is not None
    for odd in ("", "made-up", "\ud800"):
        assert await house.reception.who(odd) is None
    assert (await house.kinds(first.user.id)).count("session_ended") == 1


async def test_a_session_ends_after_thirty_days(house: House) -> None:
    """A browser stays signed in for thirty days."""
    entered = await house.join()
    house.hands.forward(30 * 86400 - 1)
    assert await house.reception.who(entered.token) is not None
    house.hands.forward(1)
    assert await house.reception.who(entered.token) is None


async def test_sessions_are_listed_and_ended_by_their_user_alone(house: House) -> None:
    """Somebody ends one session of theirs, or all but the one they use; nobody else's."""
    ann, bob = await house.join(), await house.join("bob@example.com")
    house.hands.forward(1)
    await house.enter()
    found = await house.reception.who((await house.enter()).token)
    assert found is not None
    here = found[1]
    assert len(await house.reception.sessions(ann.user.id)) == 3
    theirs = (await house.reception.sessions(bob.user.id))[0]
    with pytest.raises(NotFound):
        await house.reception.end(ann.user.id, theirs.id, HOME)
    assert await house.reception.who(bob.token) is not None
    oldest = (await house.reception.sessions(ann.user.id))[-1]
    await house.reception.end(ann.user.id, oldest.id, HOME)
    assert await house.reception.who(ann.token) is None
    assert await house.reception.end_all(ann.user.id, HOME, but=here.id) == 1
    assert [one.id for one in await house.reception.sessions(ann.user.id)] == [here.id]


@pytest.mark.usefixtures("true_hashes")
async def test_a_weaker_hash_is_renewed(house: House) -> None:
    """A hash made with less effort than is usual now is made anew when its owner signs in."""
    ann = (await house.join()).user
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)

    def weaken(user: User) -> None:
        user.password = weak

    await house.users.change(ann.id, weaken)
    await house.enter()
    found = await house.users.user(ann.id)
    assert found is not None
    assert "m=32768" in found.password
    await house.enter()


async def test_a_forgotten_password_is_replaced_by_mail(house: House) -> None:
    """The mailed link sets a password once, signs in, ends all other sessions, and its owner is told by mail."""
    old = await house.join()
    await house.reception.forgot("Ann@example.com", HOME)
    await house.reception.idle()
    token = house.box.token("reset")
    with pytest.raises(Unfit) as raised:
        await house.reception.reset(token, "123456", "x", HOME)
    assert set(raised.value.faults) == {"password"}
    entered = await house.reception.reset(token, "another word 5", "x", HOME)
    await house.reception.idle()
    assert house.box.templates()[-2:] == ["reset", "changed"]
    assert await house.reception.who(old.token) is None
    assert await house.reception.who(entered.token) is not None  # type: ignore[union-attr]
    with pytest.raises(Refused, match="not good any more"):
        await house.reception.reset(token, "a third word 6", "x", HOME)
    with pytest.raises(Refused):
        await house.enter()
    await house.enter(password="another word 5")
    assert "password_changed" in await house.kinds(old.user.id)


async def test_asking_for_a_password_tells_nothing(house: House) -> None:
    """Unknown and unverified addresses get the same answer, and no mail."""
    await house.apply("bob@example.com")
    for email in ("bob@example.com", "nobody@example.com", "odd", ""):
        await house.reception.forgot(email, HOME)
    await house.reception.idle()
    assert house.box.templates() == ["verify"]


async def test_a_reset_link_lasts_an_hour_and_only_until_the_next_change(house: House) -> None:
    """Old links do nothing: after an hour, or when the password was changed by another."""
    await house.join()
    for _ in range(3):
        await house.reception.forgot("ann@example.com", HOME)
    await house.reception.idle()
    tokens = [house.box.token("reset", which) for which in range(3)]
    await house.reception.reset(tokens[0], "another word 5", "x", HOME)
    with pytest.raises(Refused):
        await house.reception.reset(tokens[1], "a third word 6", "x", HOME)
    await house.reception.forgot("ann@example.com", HOME)
    await house.reception.idle()
    house.hands.forward(3600)
    for token in (house.box.token("reset"), "made-up", ""):
        with pytest.raises(Refused):
            await house.reception.reset(token, "a third word 6", "x", HOME)


async def test_a_reset_link_used_twice_at_once_counts_once(house: House) -> None:
    """Of several who use the link at the same moment one sets the password."""
    await house.join()
    await house.reception.forgot("ann@example.com", HOME)
    await house.reception.idle()
    token = house.box.token("reset")
    words = [f"another word {number}" for number in range(4)]
    outcomes = await asyncio.gather(*(said(house.reception.reset(token, word, "x", HOME)) for word in words))
    assert sorted(kind.__name__ for kind, _ in outcomes) == ["Entered", "Refused", "Refused", "Refused"]
