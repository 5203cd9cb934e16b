"""The control database: who is who, and what serves whom."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from hub.domain.accounts.models import User
from hub.domain.ids import Identity, UserId
from hub.domain.models import Tag
from hub.errors import NotFound, Refused
from hub.store import Store


async def test_workspaces_are_listed(store: Store) -> None:
    """A workspace has a name, and an organization of its own unless one is given."""
    first = await store.directory.create_workspace("", "Acme")
    second = await store.directory.create_workspace(first.organization, "Shop")
    assert second.organization == first.organization != ""
    await store.directory.rename_workspace(second.id, "Store")
    assert [entry.name for entry in await store.directory.workspaces()] == ["Acme", "Store"]
    assert await store.directory.workspace("nobody") is None
    with pytest.raises(NotFound):
        await store.directory.rename_workspace("nobody", "x")


async def test_one_chat_account_is_one_user(store: Store) -> None:
    """The same chat account, met twenty times at once, is one user, with the name it has now."""
    who = Identity("telegram|1")
    users = await asyncio.gather(*(store.directory.ensure_user(who, "Ann", "ann") for _ in range(20)))
    assert len({user.id for user in users}) == 1
    await store.directory.ensure_user(who, "Ann Lee", "annlee")
    found = await store.directory.user_by_identity(who)
    assert found is not None
    assert (found.id, found.name, found.username) == (users[0].id, "Ann Lee", "annlee")
    assert await store.directory.user(found.id) == found
    assert await store.directory.user_by_identity(Identity("telegram|2")) is None


async def test_the_workspace_joined_last_is_in_use(store: Store) -> None:
    """Joining puts a workspace first, once."""
    user = await store.directory.ensure_user(Identity("t|1"), "Ann", "")
    for workspace in ("w1", "w2", "w1"):
        await store.directory.join(user.id, workspace)
    found = await store.directory.user(user.id)
    assert found is not None
    assert found.workspaces == ["w1", "w2"]
    with pytest.raises(NotFound):
        await store.directory.join("nobody", "w1")


async def test_another_workspace_is_used(store: Store) -> None:
    """Only one that the user is in; the others stay in their order."""
    user = await store.directory.ensure_user(Identity("t|1"), "Ann", "")
    for workspace in ("w1", "w2", "w3"):
        await store.directory.join(user.id, workspace)
    await store.directory.use(user.id, "w1")
    found = await store.directory.user(user.id)
    assert found is not None
    assert found.workspaces == ["w1", "w3", "w2"]
    for who, where in ((user.id, "w4"), ("nobody", "w1")):
        with pytest.raises(NotFound):
            await store.directory.use(who, where)


async def test_a_told_name_stays(store: Store) -> None:
    """What somebody called themselves here is not replaced by what their chat account is called."""
    user = await store.directory.ensure_user(Identity("t|1"), "ann_1990", "ann")

    def named(found: User) -> None:
        found.name, found.first_name = "Ann Lee", "Ann"

    await store.users.change(UserId(user.id), named)
    again = await store.directory.ensure_user(Identity("t|1"), "ann_1990", "annlee")
    assert (again.name, again.username) == ("Ann Lee", "annlee")


async def test_a_workspace_ends_when_it_is_time(store: Store) -> None:
    """It is listed as ending by then, unless it is kept; closed before its time, or after it was kept, it is not."""
    directory, at = store.directory, datetime.now(UTC).replace(microsecond=0)
    one, other = [await directory.create_workspace("", name) for name in ("One", "Other")]
    await directory.end_workspace(one.id, at)
    await directory.end_workspace(other.id, at + timedelta(days=7))
    assert [(each.id, each.ends_at) for each in await directory.ending(at)] == [(one.id, at)]
    assert await directory.close_workspace(other.id, at) is False
    await directory.end_workspace(one.id, None)
    assert await directory.ending(at) == []
    assert await directory.close_workspace(one.id, at) is False
    assert await directory.gone() == []
    with pytest.raises(NotFound):
        await directory.end_workspace("nobody", at)


async def test_a_closed_workspace_is_there_for_nobody(store: Store) -> None:
    """Neither by its id, nor in a list, a route, a user or by opening it; closing it again is harmless."""
    directory, at = store.directory, datetime.now(UTC)
    kept = await directory.create_workspace("", "Kept")
    entry = await directory.create_workspace(kept.organization, "Gone")
    user = await directory.ensure_user(Identity("t|1"), "Ann", "")
    await directory.join(user.id, entry.id)
    await directory.claim_route("channel", "t|7", entry.id, "c1")
    await directory.end_workspace(entry.id, at)
    for _ in range(2):
        assert await directory.close_workspace(entry.id, at) is True
    assert await directory.workspace(entry.id) is None
    assert [each.id for each in await directory.workspaces()] == [kept.id]
    assert [each.id for each in await directory.workspaces_of(kept.organization)] == [kept.id]
    assert await directory.ending(at) == []
    assert await directory.channel_workspace("c1") is None
    found = await store.users.user(UserId(user.id))
    assert found is not None
    assert (found.workspaces, found.organizations) == ([], {})
    deeds = (directory.end_workspace(entry.id, None), directory.rename_workspace(entry.id, "x"))
    for deed in (*deeds, directory.make_ready(entry.id), store.workspace(entry.id).items(Tag)):
        with pytest.raises(NotFound):
            await deed
    with pytest.raises(Refused, match="deleted"):
        await directory.create_workspace(kept.organization, "Again", entry.id)
    await store.leases.wake_by(entry.id, at)
    assert await store.leases.due(at) == []


async def test_a_dropped_workspace_leaves_nothing(store: Store) -> None:
    """With its entry at last; dropping may be repeated, also of what never was."""
    directory = store.directory
    entry = await directory.create_workspace("", "Gone")
    await directory.end_workspace(entry.id, datetime.now(UTC))
    await directory.close_workspace(entry.id, datetime.now(UTC))
    await directory.drop_workspace(entry.id, forget=False)
    assert [(each.id, each.dropped) for each in await directory.gone()] == [(entry.id, True)]
    for _ in range(2):
        await directory.drop_workspace(entry.id)
    assert await directory.gone() == []
    names = await store._client._native.list_database_names()
    assert f"{store._prefix}ws_{entry.id}" not in names


async def test_a_token_works_once(store: Store) -> None:
    """Of twenty who use a token at the same moment one gets what it stands for; it is kept as a hash only."""
    token = await store.directory.issue_token("invite", {"workspace": "w1", "role": "agent"}, 60)
    assert await store.directory.use_token("init", token) is None
    uses = await asyncio.gather(*(store.directory.use_token("invite", token) for _ in range(20)))
    assert [use for use in uses if use] == [{"workspace": "w1", "role": "agent"}]
    kept = await store.directory.issue_token("init", {}, 60)
    assert kept not in str(await store._control.tokens.find({}).to_list(None))
    assert await store.directory.use_token("init", kept) == {}


@pytest.mark.parametrize("token", ["", "nonsense", "\ud800", "x" * 10_000])
async def test_a_token_that_is_none(store: Store, token: str) -> None:
    """What is no token stands for nothing."""
    assert await store.directory.use_token("init", token) is None


async def test_a_token_grows_old(store: Store) -> None:
    """A token that is too old stands for nothing."""
    token = await store.directory.issue_token("init", {"a": "b"}, -1)
    assert await store.directory.use_token("init", token) is None


async def test_an_account_serves_one_workspace(store: Store) -> None:
    """Of two workspaces that claim an account at once one gets it; the other is told what would help."""
    claims = [store.directory.claim_route("channel", "telegram|7", f"w{n}", f"c{n}") for n in range(2)]
    results = await asyncio.gather(*claims, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Refused"]
    route = await store.directory.route("channel", "telegram|7")
    assert route is not None
    owner, channel = route
    assert await store.directory.channel_workspace(channel) == owner
    loser = "w0" if owner == "w1" else "w1"
    with pytest.raises(Refused, match="disconnect it there"):
        await store.directory.claim_route("channel", "telegram|7", loser, "c9")
    await store.directory.release_route("channel", "telegram|7", loser)
    assert await store.directory.route("channel", "telegram|7") == route
    await store.directory.claim_route("channel", "telegram|7", owner, "c2")
    assert await store.directory.channel_workspace("c2") == owner
    await store.directory.release_route("channel", "telegram|7", owner)
    assert await store.directory.channel_workspace("c2") is None
    await store.directory.claim_route("channel", "telegram|7", loser, "c3")


async def test_channels_and_desks_are_apart(store: Store) -> None:
    """The same account may be a channel here and a desk there; a desk's id is no channel's."""
    await store.directory.claim_route("channel", "7", "w1", "c1")
    await store.directory.claim_route("desk", "7", "w2", "d1")
    assert await store.directory.route("desk", "7") == ("w2", "d1")
    assert await store.directory.channel_workspace("d1") is None
    with pytest.raises(Refused, match="another desk"):
        await store.directory.claim_route("desk", "7", "w3", "d2")
