"""The end of a workspace in a whole hub: deleted by chat, it works on through its grace, and then it is as if it had
never been, on every hub, and for whoever calls at its doors.
"""

from __future__ import annotations

import json
from datetime import timedelta

import aiohttp
import msgspec
import pytest

from hub.app import Hub
from hub.domain import organizations
from hub.domain.accounts.models import Trace
from hub.domain.ids import Identity
from hub.domain.models import now
from hub.host import endings, host
from hub.settings import Settings
from hub.store import Store, open_store
from tests.endtoend.shop import Shop
from tests.endtoend.test_hooks import SECRET, update
from tests.endtoend.test_two_hubs import KEY
from tests.endtoend.town import by_webhook, town, until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hubs that look around without resting, and drop what they closed as soon as all have looked."""
    monkeypatch.setattr(host, "TICK", 0.05)
    monkeypatch.setattr(host, "SWEEP_EVERY", 1)
    monkeypatch.setattr(endings, "SETTLES", timedelta(seconds=1))


async def databases(store: Store) -> list[str]:
    """The workspaces that have a database."""
    names: list[str] = await store._client._native.list_database_names()
    return [name.removeprefix(f"{store._prefix}ws_") for name in names if name.startswith(f"{store._prefix}ws_")]


async def gone(store: Store, workspace: str) -> None:
    """Waits until the database is gone."""

    async def looked() -> bool:
        return workspace not in await databases(store)

    await until(looked, "the database to go")


async def knock(url: str, secret: str, number: int) -> tuple[int, str]:
    """What a network is answered that brings a message."""
    body = json.dumps(update(number, "anybody there?")).encode()
    async with aiohttp.ClientSession(headers={SECRET: secret}) as http, http.post(url, data=body) as answer:
        return answer.status, await answer.text()


async def grace_ends(hub: Hub, workspace: str) -> None:
    """The seven days are over."""
    entry = await hub.store.directory.workspace(workspace)
    assert entry is not None
    assert entry.ends_at is not None
    await hub.store.directory.end_workspace(workspace, entry.ends_at - organizations.GRACE)


async def test_a_workspace_is_deleted_by_chat(own_settings: Settings) -> None:
    """The agent is told; contacts are answered until the end; then database, routes and memberships are gone, the
    network is told to call no more, and whoever calls all the same hears what is said at a door of nobody. Another shop
    does not notice.
    """
    async with town(own_settings, **by_webhook()) as place:
        shop, other = Shop(place), Shop(place, "other")
        for each in (shop, other):
            await each.set_up()
        await place.quiet()
        talk, store = await shop.arrive("before"), place.hub.store
        secret = shop.bot.inbox.webhook.secret
        name = (await store.directory.workspace(shop.workspace)).name  # type: ignore[union-attr]  # it was just founded
        assert "To delete it, answer this message with its name" in await shop.ask(shop.olivia, "/workspace delete")
        assert "is deleted for good" in await shop.ask(shop.olivia, name)
        await until(lambda: any("is having the workspace" in words for words in shop.told(shop.bob)), "Bob to be told")
        talk.say("still open?")
        await talk.sees("still open?")
        talk.write("until next week")
        await until(lambda: talk.heard() == ["until next week"], "the answer")
        await place.quiet()

        await grace_ends(place.hub, shop.workspace)
        await gone(store, shop.workspace)
        assert await knock(place.hook(shop.channel), secret, 1) == await knock(place.hook("nobodys"), secret, 2)
        assert not shop.bot.inbox.webhook.url
        assert await store.directory.route("desk", f"telegram:{shop.group.id}") is None
        for person in (shop.olivia, shop.bob):
            user = await store.directory.user_by_identity(Identity(f"telegram:{person.id}"))
            assert user is not None
            assert user.workspaces == []
        assert [trace.kind for trace in await traces(store, shop.workspace)][-2:] == [
            "workspace_ends",
            "workspace_gone",
        ]
        shop.net.say(shop.bob, shop.group, "anybody?", thread=talk.topic.id)
        shop.net.say(shop.olivia, shop.admin, "/inbox")
        await (await other.arrive("elsewhere")).sees("elsewhere")
        await place.quiet()
        assert shop.workspace not in await databases(store)
        assert talk.heard() == ["until next week"]


async def traces(store: Store, workspace: str) -> list[Trace]:
    """The audit events about a workspace, the oldest first."""
    docs = await store._control.traces.find({"facts.workspace": workspace}, {"_id": 0}).to_list(None)
    return [msgspec.convert(doc, Trace) for doc in docs]


async def test_two_hubs_let_go_of_it(own_settings: Settings) -> None:
    """Both have it open, one works it; whichever ends it, neither takes in anything for it again, and the database does
    not come back. A hub that starts later does not bring it back either.
    """
    async with town(own_settings, hub=False) as place:
        front = by_webhook()
        one = await place.start("one", secret_key=KEY, **front)
        shop = Shop(place)
        await shop.set_up()
        two = await place.start("two", secret_key=KEY, **{**by_webhook(), "public_url": front["public_url"]})
        secret = shop.bot.inbox.webhook.secret
        for number, hub in enumerate((one, two), 1):
            assert (await knock(place.hook(shop.channel, hub), secret, number))[0] == 200
        await place.quiet()
        await one.store.directory.end_workspace(shop.workspace, now())
        await gone(one.store, shop.workspace)
        nobody = await knock(place.hook("nobodys", two), secret, 3)
        for number, hub in enumerate((one, two), 4):
            assert await knock(place.hook(shop.channel, hub), secret, number) == nobody
        assert not any(hub.host.hosted for hub in (one, two))
        three = await place.start("three", secret_key=KEY, **{**by_webhook(), "public_url": front["public_url"]})
        assert await knock(place.hook(shop.channel, three), secret, 9) == nobody
        assert await databases(one.store) == []


async def test_what_ended_while_no_hub_ran(own_settings: Settings) -> None:
    """The next hub that starts drops it, and works what is left."""
    async with town(own_settings, hub=False) as place:
        hub = await place.start("one", secret_key=KEY)
        shop = Shop(place)
        await shop.set_up()
        await place.quiet()
        await hub.store.directory.end_workspace(shop.workspace, now() + timedelta(days=1))
        await place.stop(hub)
        asleep = await open_store(hub.settings, prefix=place.prefix)
        await asleep.directory.end_workspace(shop.workspace, now())
        await asleep.close()
        hub = await place.start("two", secret_key=KEY)
        await gone(hub.store, shop.workspace)
        await until(lambda: not hub.host.hosted, "the hub to let go of it")
        shop.net.say(shop.newcomer().person, shop.bot, "hello?")
        assert await shop.ask(shop.olivia, "/start")
        assert await databases(hub.store) == []
