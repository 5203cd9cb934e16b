"""Signing up, until the mail is read."""

from __future__ import annotations

import asyncio
import statistics
import time

import pytest

from hub.domain.accounts.joining import SIGN_UPS, SIGN_UPS_SECONDS
from hub.domain.accounts.reception import Application, Policy, Unfit
from hub.domain.accounts.throttling import Throttle
from hub.domain.ids import Identity
from hub.errors import Refused, TooMany, Undeliverable
from tests.domain.accounts.house import ELSEWHERE, HOME, PASSWORD, House, said


async def test_the_whole_way(house: House) -> None:
    """Who signs up gets a mail, is nobody before it is read, and is signed in by reading it."""
    pending = await house.apply(" Ann@Example.com")
    assert pending.email == "ann@example.com"
    letter = house.box.letters[-1]
    assert (letter.template, letter.to) == ("verify", "ann@example.com")
    assert letter.data["url"].startswith("https://hub.example.com/account/verify?token=")
    assert (letter.data["name"], letter.data["brand"]) == ("Ann", "IS-Messenger")
    entered = await house.reception.verify(house.box.token("verify"), "Firefox", HOME)
    found = await house.reception.who(entered.token)
    assert found is not None
    user, session = found
    assert (user.email, user.name, user.verified_at) == ("ann@example.com", "Ann Lee", house.hands())
    assert (session.means, session.browser) == ("verify", "Firefox")
    assert await house.kinds(user.id) == ["signed_up", "verified", "signed_in"]


async def test_secrets_are_kept_as_hashes(house: House) -> None:
    """Nothing that is kept holds the password, the mailed token, the ticket or what the cookie holds."""
    pending = await house.apply()
    kept = str([await house.store._control[name].find({}).to_list(None) for name in ("users", "tokens", "attempts")])
    token = house.box.token("verify")
    entered = await house.reception.verify(token, "x", HOME)
    kept += str([await house.store._control[name].find({}).to_list(None) for name in ("users", "sessions", "traces")])
    assert "$argon2id$" in kept
    for secret in (PASSWORD, token, pending.ticket, entered.token):
        assert secret not in kept


async def test_the_mailed_link_works_once_and_for_a_day(house: House) -> None:
    """A link is good once, not after a day, and not when made up."""
    await house.join()
    for token in (house.box.token("verify"), "made-up", "", "\ud800"):
        with pytest.raises(Refused):
            await house.reception.verify(token, "x", HOME)
    await house.apply("bob@example.com")
    house.hands.forward(24 * 3600)
    with pytest.raises(Refused, match="not good any more"):
        await house.reception.verify(house.box.token("verify"), "x", HOME)


async def test_another_mail_does_not_lead_past_the_password(house: House) -> None:
    """A second mail from before the verification is no way in afterwards."""
    await house.apply()
    house.hands.forward(61)
    await house.reception.resend("ann@example.com", HOME)
    await house.reception.idle()
    await house.reception.verify(house.box.token("verify", 0), "x", HOME)
    with pytest.raises(Refused, match="verified already"):
        await house.reception.verify(house.box.token("verify", 1), "x", HOME)


async def test_every_field_says_what_would_be_right(house: House) -> None:
    """All faults come at once, each under its field, and nothing is kept or mailed."""
    form = Application(email="ann", first_name="", last_name="www.x.example", password="12345")
    with pytest.raises(Unfit) as raised:
        await house.reception.sign_up(form, HOME)
    assert set(raised.value.faults) == {"email", "first_name", "last_name", "password"}
    assert house.box.letters == []
    assert await house.store._control.users.count_documents({}) == 0


async def test_nothing_tells_whether_an_address_is_known(house: House) -> None:
    """Signing up with somebody's address looks the same; they get another mail, and nothing of theirs changes."""
    ann = (await house.join()).user
    fresh = await house.apply("bob@example.com")
    known = await house.apply("ann@example.com", password="another word 5", first_name="Mallory")
    assert type(fresh) is type(known)
    assert len(fresh.ticket) == len(known.ticket)
    assert house.box.templates("ann@example.com") == ["verify", "known"]
    assert house.box.letters[-1].data["url"] == "https://hub.example.com/account/signin"
    assert (await house.enter()).user.name == "Ann Lee"
    assert await house.reception.resend("ann@example.com", HOME) == await house.reception.resend(
        "bob@example.com", HOME
    )
    found = await house.users.user(ann.id)
    assert found is not None
    assert found.password == ann.password


@pytest.mark.usefixtures("true_hashes")
async def test_time_does_not_tell_either(house: House) -> None:
    """Signing up with an address that is known takes about as long as with one that is not."""
    await house.join()

    async def took(email: str) -> float:
        begun = time.perf_counter()
        await house.apply(email)
        return time.perf_counter() - begun

    # In turn: where the machine is busy for a while, it is so for both.
    pairs = [(await took("ann@example.com"), await took(f"new{number}@example.com")) for number in range(7)]
    assert 0.5 < statistics.median(known / fresh for known, fresh in pairs) < 2


async def test_the_last_mail_read_decides_whose_password_counts(house: House) -> None:
    """Who signs up for somebody else's address cannot slip a password under the sign-up of its owner."""
    await house.apply(password="owners word 8")
    owners = house.box.token("verify")
    await house.apply(password="mallorys word 8", first_name="Mallory")
    entered = await house.reception.verify(owners, "x", HOME)
    assert entered.user.name == "Ann Lee"
    assert (await house.enter(password="owners word 8")).user.id == entered.user.id
    with pytest.raises(Refused):
        await house.enter(password="mallorys word 8")


async def test_the_ticket_keeps_a_resend_to_ones_own(house: House) -> None:
    """What is sent again from a page is what was filled in there."""
    pending = await house.apply(password="owners word 8")
    await house.apply(password="mallorys word 8")
    house.hands.forward(60)
    await house.reception.resend("ann@example.com", HOME, pending.ticket)
    await house.reception.idle()
    await house.reception.verify(house.box.token("verify"), "x", HOME)
    await house.enter(password="owners word 8")


async def test_resending_has_a_cool_down(house: House) -> None:
    """Mail is sent again once a minute, whatever address it is; the seconds to wait are told."""
    await house.apply()
    assert await house.reception.resend("ann@example.com", HOME) == 60
    house.hands.forward(40)
    assert await house.reception.resend("ann@example.com", HOME) == 20
    assert await house.reception.resend("nobody@example.com", HOME) == 60
    house.hands.forward(20)
    assert await house.reception.resend("ann@example.com", HOME) == 60
    await house.reception.idle()
    assert house.box.templates() == ["verify", "verify"]


async def test_nobody_is_flooded_with_mail(house: House) -> None:
    """An address gets six mails an hour at most, and nothing else is different."""
    for _ in range(9):
        await house.apply()
    assert len(house.box.letters) == 6
    house.hands.forward(3600)
    await house.apply()
    assert len(house.box.letters) == 7


async def test_a_mistyped_address_is_corrected(house: House) -> None:
    """The mail goes to the other address; the first is free again, and its link is void."""
    pending = await house.apply("anm@example.com")
    with pytest.raises(Unfit) as raised:
        await house.reception.correct(pending.ticket, "nonsense", HOME)
    assert set(raised.value.faults) == {"email"}
    corrected = await house.reception.correct(pending.ticket, "Ann@example.com", HOME)
    assert corrected.email == "ann@example.com"
    assert house.box.templates("ann@example.com") == ["verify"]
    assert await house.users.by_email("anm@example.com") is None
    with pytest.raises(Refused):
        await house.reception.verify(house.box.token("verify", 0), "x", HOME)
    entered = await house.reception.verify(house.box.token("verify"), "x", HOME)
    assert (entered.user.email, entered.user.name) == ("ann@example.com", "Ann Lee")
    for ticket in (pending.ticket, "made-up"):
        with pytest.raises(Refused, match="too old"):
            await house.reception.correct(ticket, "eve@example.com", HOME)


async def test_a_correction_takes_nobodys_address(house: House) -> None:
    """Corrected to somebody's address: they get `known` and keep it. An address that was verified stays."""
    ann = (await house.join()).user
    pending = await house.apply("bob@example.com")
    await house.reception.verify(house.box.token("verify"), "x", HOME)
    await house.reception.correct(pending.ticket, "ann@example.com", HOME)
    assert house.box.templates("ann@example.com")[-1] == "known"
    assert await house.users.by_email("bob@example.com") is not None
    found = await house.users.by_email("ann@example.com")
    assert found is not None
    assert found.id == ann.id


async def test_mail_that_cannot_leave_is_told(house: House) -> None:
    """Where the mail server is away or refuses the address, the sentence says so, and it can be repeated."""
    house.box.broken = Undeliverable()
    with pytest.raises(Unfit, match="correct it"):
        await house.apply()
    house.box.broken = None
    await house.join()


async def test_many_at_once_are_one(house: House) -> None:
    """A form that is sent many times at the same moment makes one user."""
    await asyncio.gather(*(house.apply() for _ in range(10)))
    assert await house.store._control.users.count_documents({}) == 1


async def test_one_place_signs_up_twenty_times_an_hour(house: House) -> None:
    """Who signs up too often from one place waits; others do not."""
    for _ in range(19):
        await Throttle(house.users).place("sign_up", HOME, SIGN_UPS, SIGN_UPS_SECONDS)
    await house.apply()
    with pytest.raises(TooMany) as raised:
        await house.apply("more@example.com")
    assert raised.value.seconds > 0
    form = Application(email="e@example.com", first_name="E", last_name="E", password=PASSWORD)
    await house.reception.sign_up(form, ELSEWHERE)


async def test_who_may_sign_up_is_a_setting(house: House) -> None:
    """By invitation: only whose chat account is in a workspace; by domains: these addresses, and them."""
    link = await house.reception.invite_in(Identity("net|1"), "annie", "annie")
    await house.agent("net|1")
    stranger = await house.reception.invite_in(Identity("net|2"), "eve", "eve")
    for rule, email, by, fits in (
        ("invited", "ann@example.com", "", False),
        ("invited", "ann@example.com", stranger, False),
        ("invited", "ann@example.com", link, True),
        (("acme.example", "acme.test"), "ann@acme.example", "", True),
        (("acme.example", "acme.test"), "ann@sub.acme.example", "", False),
        (("acme.example", "acme.test"), "ann@example.com", "", False),
        (("acme.example", "acme.test"), "ann@example.com", link, True),
    ):
        policy = Policy(public_url="https://hub.example.com", sign_up=rule)  # type: ignore[arg-type]
        form = Application(email=email, first_name="Ann", last_name="Lee", password=PASSWORD, link=by)
        kind, _ = await said(house.with_policy(policy).sign_up(form, HOME))
        assert (kind is not Unfit) == fits, (rule, email, by)


async def test_the_mail_names_the_chat_account_that_asked(house: House) -> None:
    """Whose address it is sees, before anything is pressed, which chat account would act as them."""
    link = await house.reception.invite_in(Identity("net:7"), "Mallory", "mallory")
    await house.apply(link=link)
    assert house.box.letters[-1].data["chat"] == "Net account 7"
    await house.apply("bob@example.com")
    assert house.box.letters[-1].data["chat"] == ""
