"""Several equal hubs on one database: each workspace is worked by one, and when that one goes another goes on."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from hub.app import Hub, telegram
from hub.domain.models import Message
from hub.host import host
from hub.settings import Settings
from tests.endtoend.shop import Shop, Talk
from tests.endtoend.test_hooks import SECRET, update
from tests.endtoend.town import by_webhook, town, until
from tests.scene import words

KEY = "a-secret-key-that-all-hubs-of-this-installation-share"
LEASE, LASTING = 1.2, 90.0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that lapse within a test's patience."""
    monkeypatch.setattr(host, "LEASE", LEASE)
    monkeypatch.setattr(host, "TICK", 0.2)
    monkeypatch.setattr(telegram, "LEASE_SECONDS", LEASE)
    monkeypatch.setattr(telegram, "POLL_WAIT", 1.0)


@pytest.fixture
def lasting(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - but for the leases it is so
    """Workspaces' leases that do not lapse within it: who waits for one waits in vain."""
    monkeypatch.setattr(host, "LEASE", LASTING)


@asynccontextmanager
async def two_hubs(settings: Settings) -> AsyncIterator[Shop]:
    """A shop that was set up at the first of two hubs."""
    async with town(settings, hub=False) as place:
        await place.start("one", secret_key=KEY)
        shop = Shop(place)
        await shop.set_up()
        await place.start("two", secret_key=KEY)
        await place.quiet()
        yield shop


def hosts(shop: Shop) -> list[Hub]:
    """Which hubs work a workspace."""
    return [h for h in shop.town.hubs if h.host.hosted]


async def die(shop: Shop, hub: Hub) -> None:
    """Ends a hub as a killed process ends: it lets go of nothing."""

    async def nothing(*_: object) -> None:
        """A dead process writes no more."""

    hub.store.leases.release = nothing  # type: ignore[method-assign]
    hub.store.leases.slept = nothing  # type: ignore[method-assign]
    await shop.town.stop(hub)


@pytest.mark.usefixtures("quick")
async def test_a_workspace_is_worked_by_one(own_settings: Settings) -> None:
    """With two hubs a workspace has one host, each bot one poller, and every message is shown and answered once."""
    async with two_hubs(own_settings) as shop:
        talks = [shop.newcomer() for _ in range(5)]
        for talk in talks:
            talk.say(f"hello {talk.name}")
        for talk in talks:
            await until(lambda t=talk: t.there() and t.post("hello"), "the message")
            talk.write("answered")
            await until(lambda t=talk: t.heard(), "the answer")
        await shop.town.quiet()
        assert len(hosts(shop)) == 1
        for talk in talks:
            assert talk.heard() == ["answered"]
            assert len(talk.topics()) == 1
            assert " ".join(talk.desk()).count(f"hello {talk.name}") == 1
        assert not [c for c in shop.net.calls if c.status == 409]


async def busy(talks: list[Talk], count: int) -> tuple[list[str], list[str]]:
    """Contacts and an agent write numbered words; gives what they said."""
    said, answered = [], []
    for number in range(count):
        for talk in talks:
            said.append(f"{talk.name}-{number}")
            talk.say(said[-1])
            if talk.there():
                answered.append(f"a{talk.name}-{number}")
                talk.write(answered[-1])
        await asyncio.sleep(0.03)
    return said, answered


async def arrived(talks: list[Talk], said: list[str], answered: list[str]) -> None:
    """Waits until all of it has arrived on both sides, and looks at its order."""
    await until(lambda: {w for t in talks for w in words(t.desk())} >= set(said), "all on the desk")
    await until(lambda: {w for t in talks for w in words(t.heard())} >= set(answered), "all answers")
    for talk in talks:
        mine = [w for w in words(talk.desk()) if w.startswith(f"{talk.name}-")]
        assert list(dict.fromkeys(mine)) == [w for w in said if w.startswith(f"{talk.name}-")]


@pytest.mark.usefixtures("lasting")
async def test_the_host_stops(own_settings: Settings) -> None:
    """The hub that works the workspace is stopped under load: the other goes on at once; nothing is lost or doubled, in
    either direction; and the stopped one works no more.
    """
    async with two_hubs(own_settings) as shop:
        talks = [await shop.arrive(name="s"), await shop.arrive(name="s")]
        await shop.town.quiet()
        (first,) = hosts(shop)
        load = asyncio.create_task(busy(talks, 30))
        await asyncio.sleep(0.4)
        await shop.town.stop(first)
        said, answered = await load
        await until(lambda: hosts(shop), "the other to host")
        await arrived(talks, said, answered)
        for talk in talks:
            assert len([w for w in words(talk.desk()) if w.startswith(f"{talk.name}-")]) == 30
            assert len(words(talk.heard())) == len(set(words(talk.heard())))
        assert first.host.hosted == 0
        assert not first.host._opening


@pytest.mark.usefixtures("quick")
async def test_the_host_dies(own_settings: Settings) -> None:
    """The hub that works the workspace dies under load: when its leases lapse the other goes on; nothing is lost, and
    at most what was in flight at the death goes twice.
    """
    async with two_hubs(own_settings) as shop:
        talks = [await shop.arrive(name="d"), await shop.arrive(name="d")]
        await shop.town.quiet()
        (first,) = hosts(shop)
        load = asyncio.create_task(busy(talks, 12))
        await asyncio.sleep(0.3)
        await die(shop, first)
        said, answered = await load
        await arrived(talks, said, answered)
        kept = [m.text.plain for m in await shop.kept(Message)]
        assert sorted(w for w in kept if "-" in w) == sorted(said + answered)


@pytest.mark.usefixtures("lasting")
async def test_the_second_comes_back(own_settings: Settings) -> None:
    """A hub that starts again on its own data directory takes its own leases back at once."""
    async with two_hubs(own_settings) as shop:
        talk = await shop.arrive()
        await shop.town.stop(next(h for h in shop.town.hubs if not h.host.hosted))
        (first,) = hosts(shop)
        name = first.settings.data_dir.name.removeprefix(shop.town.prefix)
        await die(shop, first)
        await shop.town.start(name, secret_key=KEY)
        talk.say("back again?")
        await talk.sees("back again?")
        talk.write("at once")
        await until(lambda: talk.heard() == ["at once"], "the answer")


@pytest.mark.usefixtures("quick")
async def test_any_hub_may_receive(own_settings: Settings) -> None:
    """By webhook either hub may be called, also with the same update: each message is on the desk once, in order of
    arrival, and soon, whichever took it in.
    """
    async with town(own_settings, hub=False) as place:
        front = by_webhook()
        await place.start("one", secret_key=KEY, **front)
        shop = Shop(place)
        await shop.set_up()
        await place.quiet()
        second = {**by_webhook(), "public_url": front["public_url"]}
        await place.start("two", secret_key=KEY, **second)
        secret = {SECRET: shop.bot.inbox.webhook.secret}
        async with aiohttp.ClientSession(headers=secret) as http:
            for number in range(12):
                body = json.dumps(update(number + 1, f"n9000001-{number}")).encode()
                hubs = place.hubs if number % 3 == 0 else [place.hubs[number % 2]]
                for hub in hubs:
                    async with http.post(place.hook(shop.channel, hub), data=body) as answer:
                        assert answer.status == 200
        talk = Talk(shop, shop.net.add_user("n9000001"))

        def shown() -> list[str]:
            return [w for w in words(talk.desk()) if w.startswith("n9000001-")] if talk.there() else []

        await until(lambda: len(shown()) >= 12, "all on the desk")
        assert shown() == [f"n9000001-{n}" for n in range(12)]
        assert len(talk.topics()) == 1
        assert len(hosts(shop)) == 1


@pytest.mark.usefixtures("quick")
async def test_the_agents_are_heard_by_either(own_settings: Settings) -> None:
    """By webhook the admin bot's updates may come to either hub: commands and answers work at both, once each."""
    async with town(own_settings, hub=False) as place:
        front = by_webhook()
        await place.start("one", secret_key=KEY, **front)
        shop = Shop(place)
        await shop.set_up()
        talk = await shop.arrive()
        await place.quiet()
        second = {**by_webhook(), "public_url": front["public_url"]}
        other = await place.start("two", secret_key=KEY, **second)
        await until(
            lambda: other.telegram is not None and other.telegram.front_end._hook_secret, "the other to know its secret"
        )
        thread = {"message_thread_id": talk.topic.id, "is_topic_message": True}
        base = {"date": int(time.time()), "chat": shop.group.as_json(), "from": shop.bob.as_json(), **thread}
        bodies = []
        for number, text in enumerate(("to the other hub", "//a note to the other hub", "/close done")):
            message = {**base, "message_id": 700_000 + number, "text": text}
            bodies.append(json.dumps({"update_id": 91_000_000 + number, "message": message}).encode())
        async with aiohttp.ClientSession(headers={SECRET: shop.admin.inbox.webhook.secret}) as http:
            for body in bodies:
                for hub in (other, place.hubs[0]):
                    async with http.post(place.hook("admin", hub), data=body) as answer:
                        assert answer.status == 200
        await until(lambda: talk.heard() == ["to the other hub"], "the answer")
        await talk.sees("✅ closed")
        await place.quiet()
        assert talk.heard() == ["to the other hub"]


@pytest.mark.usefixtures("quick")
async def test_hubs_with_different_keys(own_settings: Settings) -> None:
    """A hub with another secret key cannot read the others' tokens: it says so in a sentence, breaks nothing, and the
    workspace goes on at the hub that can.
    """
    async with town(own_settings, hub=False) as place:
        await place.start("one", secret_key=KEY)
        shop = Shop(place)
        await shop.set_up()
        talk = await shop.arrive()
        await place.start("two", secret_key="quite-another-key-that-was-set-by-mistake")
        for number in range(3):
            talk.say(f"d-{number}")
            talk.write(f"a-{number}")
            await asyncio.sleep(0.3)
        await until(lambda: words(talk.heard()) == ["a-0", "a-1", "a-2"], "the answers")
        await until(lambda: words(talk.desk()) == ["d-0", "d-1", "d-2"], "the messages")
