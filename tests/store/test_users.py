"""What a `UserStore` promises, on both drivers: uniqueness, changes side by side, windows, sessions that end."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from hub.domain.accounts.models import SecondFactor, Session, Trace, User
from hub.domain.ids import Identity, OrganizationId, UserId, new_id
from hub.domain.models import now
from hub.errors import NotFound, Refused, Taken
from hub.store import Store
from hub.store.accounts import MongoUsers


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def users(store: Store, hands: Hands) -> MongoUsers:
    return MongoUsers(store._client, store._control, hands)


def somebody(email: str = "", identity: str = "", **fields: object) -> User:
    identities = [Identity(identity)] if identity else []
    return User(id=UserId(new_id()), email=email, identities=identities, **fields)  # type: ignore[arg-type]


def visit(user: User, hands: Hands, id: str = "s1", days: float = 30) -> Session:
    moment = hands()
    ends = moment + timedelta(days=days)
    return Session(id=id, user=user.id, means="password", created_at=moment, seen_at=moment, ends_at=ends)


async def test_a_user_is_kept_whole(users: MongoUsers) -> None:
    """What is kept of a user comes back as it was, found by id, address, subject and chat account."""
    ann = somebody(
        "ann@example.com",
        "net|1",
        subjects=["https://issuer|7"],
        second=SecondFactor(seed="sealed", since=now(), step=3, recovery=["a", "b"]),
        organizations={OrganizationId("o1"): "admin"},
        workspaces=["w2", "w1"],
        verified_at=now(),
        name="Ann $Lee",
    )
    await users.add(ann)
    assert await users.user(ann.id) == ann
    assert await users.by_email("ANN@Example.com") == ann
    assert await users.by_subject("https://issuer|7") == ann
    assert await users.by_identity(Identity("net|1")) == ann
    assert await users.by_email("") is None


async def test_address_subject_and_chat_account_are_one_persons(users: MongoUsers) -> None:
    """Of many who take the same address, subject or chat account at once one gets it; without any there may be many."""
    for fields in ({"email": "a@example.com"}, {"identity": "net|1"}, {"subjects": ["i|1"]}):
        rivals = [users.add(somebody(**fields)) for _ in range(8)]
        outcomes = await asyncio.gather(*rivals, return_exceptions=True)
        assert sum(isinstance(outcome, Taken) for outcome in outcomes) == 7
        assert sum(outcome is None for outcome in outcomes) == 1
    await users.add(somebody())
    await users.add(somebody())


async def test_a_change_takes_nothing_of_anothers(users: MongoUsers) -> None:
    """A change to what is somebody else's raises Taken, names what is taken, and keeps nothing."""
    await users.add(somebody("ann@example.com"))
    bob = somebody("bob@example.com", name="Bob")
    await users.add(bob)

    def rob(user: User) -> None:
        user.email, user.name = "ann@example.com", "Ann"

    with pytest.raises(Taken, match="address"):
        await users.change(bob.id, rob)
    assert await users.user(bob.id) == bob


async def test_changes_at_once_all_count(users: MongoUsers) -> None:
    """Twenty changes to one user at the same moment all count, each on top of the others."""
    ann = somebody()
    await users.add(ann)
    await asyncio.gather(*(users.change(ann.id, lambda user: user.workspaces.append("w")) for _ in range(20)))
    found = await users.user(ann.id)
    assert found is not None
    assert (len(found.workspaces), found.version) == (20, 20)


async def test_joining_while_changing_loses_neither(store: Store, users: MongoUsers) -> None:
    """A workspace joined through the directory survives changes that were begun before."""
    record = await store.directory.ensure_user(Identity("net|1"), "Ann", "ann")
    id = UserId(record.id)
    joins = [store.directory.join(id, f"w{number}") for number in range(8)]
    changes = [users.change(id, lambda user: user.subjects.append(f"i|{len(user.subjects)}")) for _ in range(8)]
    await asyncio.gather(*joins, *changes)
    found = await users.user(id)
    assert found is not None
    assert sorted(found.workspaces) == [f"w{number}" for number in range(8)]
    assert len(found.subjects) == 8


async def test_what_a_deed_raises_keeps_nothing(users: MongoUsers) -> None:
    """A deed that raises leaves the user as it was; nobody's user cannot be changed."""
    ann = somebody(name="Ann")
    await users.add(ann)

    def refuse(user: User) -> None:
        user.name = "X"
        raise Refused

    with pytest.raises(Refused):
        await users.change(ann.id, refuse)
    assert await users.user(ann.id) == ann
    with pytest.raises(NotFound):
        await users.change(UserId("nobody"), refuse)


async def test_the_chat_does_not_rename_who_has_an_address(store: Store, users: MongoUsers) -> None:
    """The name from a chat is kept fresh until somebody has an e-mail address; theirs is what they signed up with."""
    who = Identity("net|1")
    record = await store.directory.ensure_user(who, "$name", "ann")
    assert (await store.directory.ensure_user(who, "Ann", "ann")).name == "Ann"

    def gain(user: User) -> None:
        user.email, user.name = "ann@example.com", "Ann Lee"

    await users.change(UserId(record.id), gain)
    again = await store.directory.ensure_user(who, "annie99", "annie")
    assert (again.id, again.name, again.username) == (record.id, "Ann Lee", "annie")


async def test_a_user_without_a_chat_account_is_in_the_directory_too(store: Store, users: MongoUsers) -> None:
    """The directory reads users who have an address alone."""
    ann = somebody("ann@example.com", name="Ann")
    await users.add(ann)
    found = await store.directory.user(ann.id)
    assert found is not None
    assert (found.name, found.identities) == ("Ann", [])
    await store.directory.join(ann.id, "w1")
    joined = await users.user(ann.id)
    assert joined is not None
    assert joined.workspaces == ["w1"]


async def test_two_users_become_one(users: MongoUsers, hands: Hands) -> None:
    """What was the second's may become the first's in one go, and the second is gone, with its sessions."""
    ann, other = somebody(identity="net|1", workspaces=["w1"]), somebody("ann@example.com")
    await users.add(ann)
    await users.add(other)
    await users.open(visit(other, hands))

    def absorb(keeps: User, goes: User) -> bool:
        keeps.email = goes.email
        return True

    united = await users.unite(ann.id, other.id, absorb)
    assert (united.id, united.email, united.workspaces) == (ann.id, "ann@example.com", ["w1"])
    assert await users.user(other.id) is None
    assert await users.session("s1") is None
    with pytest.raises(NotFound):
        await users.unite(ann.id, other.id, absorb)


async def test_uniting_is_all_or_nothing(users: MongoUsers) -> None:
    """What the deed raises, or a promise that stands against it, leaves both as they were."""
    ann, other = somebody("ann@example.com"), somebody("bob@example.com", "net|1")
    await users.add(ann)
    await users.add(other)
    await users.add(somebody("carl@example.com"))

    def clash(keeps: User, goes: User) -> bool:
        keeps.identities, goes.identities, keeps.email = goes.identities, [], "carl@example.com"
        return False

    with pytest.raises(Taken):
        await users.unite(ann.id, other.id, clash)
    assert await users.user(ann.id) == ann
    assert await users.user(other.id) == other


async def test_uniting_beside_changes_loses_none(users: MongoUsers) -> None:
    """A chat account moves while both users change: the changes all count."""
    ann, other = somebody("ann@example.com"), somebody("bob@example.com", "net|1")
    await users.add(ann)
    await users.add(other)

    def move(keeps: User, goes: User) -> bool:
        keeps.identities, goes.identities = [*keeps.identities, *goes.identities], []
        return False

    changes = [users.change(id, lambda user: user.workspaces.append("w")) for id in (ann.id, other.id) * 5]
    await asyncio.gather(users.unite(ann.id, other.id, move), *changes)
    first, second = await users.user(ann.id), await users.user(other.id)
    assert first is not None
    assert second is not None
    assert (first.identities, second.identities) == ([Identity("net|1")], [])
    assert (len(first.workspaces), len(second.workspaces)) == (5, 5)


async def test_a_session_ends(users: MongoUsers, hands: Hands) -> None:
    """A session is there until its end and not after; that it was seen is noted once a minute."""
    ann = somebody()
    await users.open(visit(ann, hands, days=1))
    hands.forward(30)
    before = await users.session("s1")
    assert before is not None
    assert before.seen_at == before.created_at
    hands.forward(40)
    await users.session("s1")
    found = await users.session("s1")
    assert found is not None
    assert found.seen_at == hands()
    hands.forward(86400)
    assert await users.session("s1") is None
    assert await users.sessions(ann.id) == []


async def test_sessions_are_ended_alone_or_together(users: MongoUsers, hands: Hands) -> None:
    """One session ends without the others, all but one end together, and nobody else's with them."""
    ann, bob = somebody(), somebody()
    for id in ("s1", "s2", "s3"):
        hands.forward(1)
        await users.open(visit(ann, hands, id))
    await users.open(visit(bob, hands, "s4"))
    assert [session.id for session in await users.sessions(ann.id)] == ["s3", "s2", "s1"]
    await users.end("s2")
    assert await users.session("s2") is None
    assert await users.end_all(ann.id, but="s3") == 1
    assert [session.id for session in await users.sessions(ann.id)] == ["s3"]
    await users.drop(ann.id)
    assert await users.session("s3") is None
    assert await users.session("s4") is not None


async def test_sessions_of_an_organizations_sign_in_end_together(users: MongoUsers, hands: Hands) -> None:
    """Those for which that organization's provider vouched end, of everybody; all others go on."""
    ann, bob, acme = somebody(), somebody(), OrganizationId("acme")
    for id, user, organization in (("o1", ann, acme), ("o2", bob, acme), ("o3", bob, "other"), ("o4", ann, "")):
        session = visit(user, hands, id)
        session.organization = OrganizationId(organization)
        await users.open(session)
    assert await users.end_vouched(OrganizationId("")) == 0
    assert await users.end_vouched(acme) == 2
    assert [await users.session(id) is not None for id in ("o1", "o2", "o3", "o4")] == [False, False, True, True]


async def test_attempts_are_counted_in_a_window(users: MongoUsers, hands: Hands) -> None:
    """Attempts at the same moment each have their number; when the window closes it begins anew."""
    assert await users.left("k") == 0
    assert sorted(await asyncio.gather(*(users.count("k", 60) for _ in range(10)))) == list(range(1, 11))
    hands.forward(59)
    assert await users.count("k", 60) == 11
    assert await users.left("k") == 1
    await users.take_back("k")
    assert await users.attempts("k") == 10
    assert await users.attempts("other") == 0
    hands.forward(1)
    assert await users.attempts("k") == 0
    assert await users.count("k", 60) == 1
    await users.forgive("k")
    assert await users.attempts("k") == 0
    assert await users.count("\ud800" * 5000, 60) == 1


async def test_audit_events_are_kept(users: MongoUsers, hands: Hands) -> None:
    """The newest events of a user come first, as many as asked for, and nobody else's."""
    ann, bob = UserId("ann"), UserId("bob")
    for number in range(3):
        hands.forward(1)
        await users.note(Trace(kind=f"k{number}", at=hands(), user=ann, facts={"means": "password"}))
    await users.note(Trace(kind="other", at=hands(), user=bob, actor=ann))
    traces = await users.traces(ann, 2)
    assert [trace.kind for trace in traces] == ["k2", "k1"]
    assert traces[0].facts == {"means": "password"}
    assert traces[0].at == hands()
