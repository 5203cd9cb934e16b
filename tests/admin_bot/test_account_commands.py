"""What people are told of their account, and what a chat account is after it was parted, at the real counter."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pyotp
import pytest

from hub.admin_bot.registry import shown
from hub.app.reception import local_url
from hub.domain.accounts.models import User
from hub.domain.ids import Identity, UserId, new_id
from hub.domain.models import Member, now
from hub.settings import Settings
from hub.store.embedded import Embedded
from tests.admin_bot.office import Office, standing_office

ACCOUNT = ("me", "2fa", "sessions", "logout")


@pytest.fixture(scope="module", params=["telegram", "slack"])
async def office(request: pytest.FixtureRequest, mongod: Embedded) -> AsyncIterator[Office]:
    async with standing_office(request.param, mongod.url) as made:
        yield made


async def said(office: Office, who: str, line: str) -> str:
    """What somebody is told in private to a line."""
    before = len(office.hands.confided(who))
    await office.hands.whisper(who, f"{office.hands.sign}{line}")
    return "\n".join(office.hands.confided(who)[before:])


async def given(office: Office, name: str, mail: str) -> User:
    """Somebody's login, without a chat account."""
    user = User(
        id=UserId(new_id()),
        name=name,
        first_name=name,
        email=mail,
        password="a hash",
        verified_at=now(),
        created_at=now(),
    )
    await office.store.users.add(user)
    return user


async def identities(office: Office, name: str) -> list[str]:
    member = next(m for m in await office.workspace.items(Member) if m.name == name)
    return list(member.identities)


def test_accounts_are_for_private_chats() -> None:
    """An address, a key or codes are never said where others read, and no menu of a desk has the commands."""
    for command in shown():
        if command.name in ACCOUNT:
            assert command.private, command.name
            assert command.scopes == ("private",), command.name
            assert command.permission == "anyone", command.name


async def test_whoever_is_nobody_is_welcome(office: Office) -> None:
    """Whatever they write, the answer leads to the page, with a link of their own each time."""
    for line in ("start", "me", "2fa"):
        assert "Sign up, or sign in if you have an account" in await said(office, "Eve", line), line
    for line in ("sessions", "sessions end all", "logout", "logout now"):
        assert "This chat account is signed in to nothing" in await said(office, "Eve", line), line
    await office.hands.whisper("Eve", "hello?")
    assert "Sign up, or sign in if you have an account" in office.hands.confided("Eve")[-1]
    assert await office.reception.whose(office.hands.identity("Eve")) is None


async def test_a_parted_chat_account_is_nobodys_on_the_desk_either(office: Office) -> None:
    """After /logout a reply in a contact's place goes nowhere; signed in again, it does."""
    hands = office.hands
    thread, _ = await office.arrive("anybody there?")
    bob = await office.user("Bob")
    await office.store.users.change(bob.id, _with_login)
    assert "You are logged out here" in await said(office, "Bob", "logout now")
    assert await identities(office, "Bob") == []
    hands.say("Bob", "I am still here", thread)
    await hands.hear()
    assert "I am still here" not in await office.outgoing()
    assert "Sign up, or sign in" in await said(office, "Bob", "me")

    user = await office.store.users.user(bob.id)
    assert user is not None
    await office.reception._tying.tie(user, hands.identity("Bob"), "a test")
    await office.reception.idle()
    assert "Hello Bob, you are signed in as bob@shop.example" in hands.confided("Bob")[-1]
    assert await identities(office, "Bob") == [hands.identity("Bob")]
    hands.say("Bob", "Back again", thread)
    await hands.hear()
    assert (await office.outgoing())[-1] == "Back again"


def _with_login(user: User) -> None:
    user.email, user.password, user.verified_at, user.name = "bob@shop.example", "a hash", now(), "Bob"


async def test_a_chat_account_of_nobody_is_tied_to_a_login(office: Office) -> None:
    """A login without a workspace is asked how its organization is called; it may leave again."""
    login = await given(office, "Zoe", f"zoe@{office.hands.network}.example")
    identity = Identity(office.hands.identity("Eve"))
    await office.reception._tying.tie(login, identity, "a test")
    await office.reception.idle()
    assert "What is your organization called?" in office.hands.confided("Eve")[-1]
    assert login.email in await said(office, "Eve", "start")
    assert "In no workspace yet" in await said(office, "Eve", "me")
    assert "You are logged out here" in await said(office, "Eve", "logout now")
    assert await office.reception.whose(identity) is None


async def test_only_own_sign_ins_are_ended(office: Office) -> None:
    """A sign-in of somebody else is not found by its name, and what could mean several ends none."""
    await office.sign_in_by_browser("Bob")
    ann, bob = await office.user("Ann"), await office.user("Bob")
    (others,) = await office.reception.sessions(bob.id)
    assert "No sign-in of yours" in await said(office, "Ann", f"sessions end {others.id[:8]}")
    for length in (3, 0):
        answer = await said(office, "Bob", f"sessions end {others.id[:length]}")
        assert "No sign-in of yours" in answer or "Which one?" in answer
    assert [s.id for s in await office.reception.sessions(bob.id)] == [others.id]
    assert await office.reception.sessions(ann.id) == []
    assert "Firefox on Linux is signed out" in await said(office, "Bob", f"sessions end {others.id[:8].upper()}")


async def test_an_old_picture_is_good_no_more(office: Office) -> None:
    """Asked for again, the code at sign-in has another key, and nothing is on before it is confirmed."""
    first, second = await said(office, "Ann", "2fa"), await said(office, "Ann", "2fa")
    keys = [words.partition("type this key into it: ")[2].split()[0] for words in (first, second)]
    assert keys[0] != keys[1]
    assert "That code is not right" in await said(office, "Ann", "2fa 000000")
    assert (await office.user("Ann")).second is None
    assert "/2fa off 123456" in (await said(office, "Ann", "2fa off")).replace("/hub ", "/")


async def test_six_digits_alone_confirm_the_app_that_was_shown(office: Office) -> None:
    """Whoever has asked for the picture need not write /2fa before its code, in a workspace or in none; nor is an
    organization called like a code.
    """
    login = await office.signs_up("Eve")
    for who in ("Eve", "Ann"):
        shown = await said(office, who, "2fa")
        key = shown.partition("type this key into it: ")[2].split()[0]
        await office.hands.whisper(who, "000 000")
        assert "That code is not right" in office.hands.confided(who)[-1]
        await office.hands.whisper(who, pyotp.TOTP(key).now())
        assert "From now on a code is asked for" in office.hands.confided(who)[-1]
        await office.store.users.change((await office.user(who)).id, _without_second)
    await office.leaves(login)


def _without_second(user: User) -> None:
    user.second = user.draft = None


@pytest.mark.parametrize(
    ("host", "public", "address"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8080"),
        ("0.0.0.0", "", "http://127.0.0.1:8080"),
        ("::", "", "http://[::1]:8080"),
        ("::1", "", "http://[::1]:8080"),
        ("127.0.0.1", "https://hub.example", "https://hub.example"),
    ],
)
def test_pages_are_where_a_browser_finds_them(
    host: str, public: str, address: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Without a public address, by one that this machine's browser can open."""
    settings = Settings(data_dir=tmp_path_factory.getbasetemp(), host=host, port=8080, public_url=public)
    assert local_url(settings) == address
