"""The door of the webhooks: what is no good does no harm, what is good is never lost, and nobody else gets in."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from io import BytesIO
from random import Random
from typing import Any

import aiohttp
import pytest

from hub.domain.models import Contact, Message, Seen
from hub.domain.work import Work
from hub.sandbox.telegram import Limits
from hub.settings import Limits as OwnLimits
from hub.settings import Settings
from hub.store.embedded import Embedded
from hub.store.mongod import admin
from tests.adapters.test_telegram_fuzz import _SEEDS, _flip, _mutate
from tests.endtoend.shop import Shop, shop_in
from tests.endtoend.town import by_webhook, town, until
from tests.store.faulty import failing

SECRET = "X-Telegram-Bot-Api-Secret-Token"
INTERRUPTED = 11601
MUTATED, GOOD, AT_ONCE = 5000, 250, 64
CHANCE = Random(20261121)  # noqa: S311 - the same mutations in each run


@pytest.fixture(scope="module")
async def shop(own_settings: Settings) -> AsyncIterator[Shop]:
    """A shop that the network calls."""
    async with shop_in(own_settings, **by_webhook()) as made:
        yield made


class Door:
    """Posts to a hub's hooks as the network does, and notes what is answered."""

    def __init__(self, shop: Shop, http: aiohttp.ClientSession) -> None:
        self.shop = shop
        self.http = http
        self.secret = shop.bot.inbox.webhook.secret
        self.answers: Counter[int] = Counter()

    async def post(self, body: bytes, secret: str | None = "", name: str = "") -> int:
        """The status of the answer; `secret` None: no header."""
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers[SECRET] = secret or self.secret
        url = self.shop.town.hook(name or self.shop.channel)
        async with self.http.post(url, data=BytesIO(body), headers=headers) as answer:
            await answer.read()
            self.answers[answer.status] += 1
            return answer.status


@asynccontextmanager
async def door(shop: Shop) -> AsyncIterator[Door]:
    """The door of a shop."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as http:
        yield Door(shop, http)


def update(number: int, text: str, person: int = 9_000_001) -> dict[str, Any]:
    """A genuine update: somebody writes a text."""
    who = {"id": person, "is_bot": False, "first_name": f"n{person}"}
    chat = {"id": person, "type": "private", "first_name": who["first_name"]}
    message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": who, "text": text}
    return {"update_id": 80_000_000 + number, "message": message}


def mutated(number: int) -> bytes:
    """One of the recorded payloads as an update of its own, with a few things in it replaced, dropped or copied."""
    payload = json.loads(CHANCE.choice(_SEEDS))
    if isinstance(payload, dict):
        payload["update_id"] = 70_000_000 + number
        for part in payload.values():
            if isinstance(part, dict) and "message_id" in part:
                part["message_id"] = number + 1
    return _flip(CHANCE, json.dumps(_mutate(CHANCE, deepcopy(payload))).encode())


@asynccontextmanager
async def away(server: Embedded) -> AsyncIterator[None]:
    """Inside, the database takes nothing."""
    commands = ["insert", "update", "commitTransaction", "delete", "find", "findAndModify"]
    async with admin(server.port) as database:
        how = {"failCommands": commands, "errorCode": INTERRUPTED}
        await database.command({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": how})
        try:
            yield
        finally:
            await database.command({"configureFailPoint": "failCommand", "mode": "off"})


async def counts(shop: Shop) -> list[int]:
    """How much the workspace keeps."""
    return [len(await shop.kept(kind)) for kind in (Message, Contact, Work, Seen)]


# -- whatever comes --


async def test_five_thousand_mutated_payloads(own_settings: Settings) -> None:
    """5,000 mutated payloads, 64 at once, with 250 good ones among them: never a 5xx, every good one is kept exactly
    once, each of the others is kept, ignored or in quarantine; and the hub is as well as before.
    """
    async with town(own_settings, **by_webhook()) as place:
        shop = Shop(place, "odd")
        await shop.found()
        await shop.connect()
        bodies = [mutated(n) for n in range(MUTATED)]
        step = MUTATED // GOOD
        for n in range(GOOD):
            bodies.insert(n * (step + 1), json.dumps(update(n + 1, f"good {n}", 9_100_000 + n % 50)).encode())
        async with door(shop) as at:
            queue = iter(bodies)

            async def poster() -> None:
                for body in queue:
                    await at.post(body)

            await asyncio.gather(*(poster() for _ in range(AT_ONCE)))
        assert set(at.answers) == {200}
        assert at.answers[200] == MUTATED + GOOD
        kept = Counter(m.text.plain for m in await shop.kept(Message))
        assert {f"good {n}": kept[f"good {n}"] for n in range(GOOD)} == {f"good {n}": 1 for n in range(GOOD)}
        quarantined = await shop.kept(Work, state="failed")
        assert quarantined
        assert not [w.reason for w in quarantined if "broke the hub's own rules" in w.reason]
        said = await shop.ask(shop.olivia, "/failed")
        assert f"{min(len(quarantined), 500)} failed" in said


async def test_mutated_payloads_on_the_desk(own_settings: Settings) -> None:
    """What is left of 150 mutated messages is shown on the desk; what cannot be shown holds nobody else up, and the
    queue card still tells who waits.
    """
    async with shop_in(own_settings, **by_webhook()) as shop:
        async with door(shop) as at:
            for number in range(150):
                assert await at.post(mutated(number)) == 200
            talk = shop.newcomer()
            talk.say("I am a good neighbour")
            await talk.sees("I am a good neighbour")
        await until(lambda: talk.name in str(shop.cards()[-1]), "the queue card")
        await shop.town.quiet()
        assert not [w.reason for w in await shop.kept(Work, state="failed") if "own rules" in w.reason]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"7",
        b"{",
        b"\xff\xfe",
        b'{"update_id": 1}',
        b'{"update_id": 1, "message": 3}',
        b"[" * 100_000,
    ],
    ids=lambda b: repr(b[:12]),
)
async def test_what_is_no_update(shop: Shop, body: bytes) -> None:
    """What no network would send is acknowledged, so that it is not sent for ever, and kept where /failed shows it."""
    before = len(await shop.kept(Work, state="failed"))
    async with door(shop) as at:
        assert await at.post(body) == 200
    assert len(await shop.kept(Work, state="failed")) == before + 1


async def test_an_odd_update_never_blocks_a_polled_bot(own_settings: Settings) -> None:
    """Odd updates among a polled bot's do not hold up the others; those that are wrong are in /failed with the
    reason.
    """
    async with shop_in(own_settings) as shop:
        talk = shop.newcomer()
        odd: list[Any] = [
            {"message": 7},
            {"message": {"message_id": "x"}},
            {"edited_message": []},
            {"message_reaction": {"chat": 1}},
        ]
        odd += [b'{"update_id": %d, "message": {"text": "\\ud83d"}}', b'{"update_id": %d, "my_chat_member": 1e999}']
        for number, each in enumerate(odd):
            talk.say(f"word {number}")
            shop.net.raw_update(shop.bot, each % (shop.bot.inbox.next_id + 1) if isinstance(each, bytes) else each)
        talk.say("the last word")
        await until(lambda: talk.there() and talk.post("the last word"), "the last word")
        words = " ".join(talk.desk())
        assert all(f"word {n}" in words for n in range(len(odd)))
        said = await shop.ask(shop.olivia, "/failed")
        assert f"{len(odd)} failed" in said, said


# -- the database is away --


async def test_503_while_the_database_is_away(shop: Shop, mongod: Embedded) -> None:
    """While the database is away nothing is acknowledged, contacts' and agents' words alike; it all arrives afterwards,
    once and in order.
    """
    talk = await shop.arrive()
    async with door(shop) as at:
        await shop.town.quiet()
        async with away(mongod):
            assert await at.post(json.dumps(update(1, "not yet")).encode()) == 503
            talk.say("while away 1")
            talk.say("while away 2")
            post = talk.write("an answer while away")
            await asyncio.sleep(0.5)
        assert await at.post(json.dumps(update(1, "not yet")).encode()) == 200
    await talk.sees("while away 2")
    await until(lambda: talk.heard() == ["an answer while away"], "the answer, once")
    await until(lambda: talk.marks(post) == ["👌"], "the mark")
    await shop.town.quiet()
    texts = " ".join(talk.desk())
    assert texts.count("while away 1") == texts.count("while away 2") == 1
    assert texts.index("while away 1") < texts.index("while away 2")
    assert talk.heard() == ["an answer while away"]
    shown = [t for topic in shop.net.topics(shop.group) for t in map(str, shop.net.history(shop.group, topic.id))]
    assert not [t for t in shown if "Traceback" in t or "pymongo" in t]


async def test_readiness_follows_the_database(shop: Shop) -> None:
    """/readyz and /healthz answer, and /metrics counts."""
    async with aiohttp.ClientSession() as http:
        base = shop.town.hook("x").rpartition("/hooks/")[0]
        for page, text in (("readyz", "ready"), ("healthz", "ok"), ("metrics", "hub_")):
            async with http.get(f"{base}/{page}") as answer:
                assert answer.status == 200
                assert text in await answer.text()


async def test_quarantined_and_tried_again(shop: Shop, mongod: Embedded) -> None:
    """An update that the database refuses for good is quarantined whole and acknowledged; /failed shows it with its
    reason, and its button tries it again: then it is on the desk, once, and no longer in /failed.
    """
    talk = await shop.arrive()
    await shop.town.quiet()
    known = {w.id for w in await shop.kept(Work, state="failed")}
    async with failing(mongod, ["insert"], errorCode=2):
        talk.say("refused at first")
        await until(lambda: not shop.bot.inbox.waiting, "the acknowledgement")
    (work,) = [w for w in await shop.kept(Work, state="failed") if w.id not in known]
    assert not await shop.kept(Message, **{"text.plain": "refused at first"})
    assert "cannot be kept as it is" in await shop.ask(shop.olivia, "/failed")
    await shop.ask(shop.olivia, f"/failed retry {work.id[-6:]}")
    await talk.sees("refused at first")
    await until(lambda: sum("refused at first" in t for t in talk.desk()) == 1, "it once")
    assert work.id not in {w.id for w in await shop.kept(Work, state="failed")}


async def test_retry_of_what_stays_wrong(shop: Shop) -> None:
    """What fails again is back in /failed, with the reason."""
    async with door(shop) as at:
        await at.post(b'{"update_id": 5, "message": "still wrong"}')
    before = len(await shop.kept(Work, state="failed"))
    await shop.ask(shop.olivia, "/failed retry all")

    async def back() -> bool:
        return len(await shop.kept(Work, state="failed")) == before

    await until(back, "it to be back")


# -- who may come in --


@pytest.mark.parametrize("secret", [None, "wrong", "ä€", "x" * 5000], ids=["none", "wrong", "no latin", "long"])
async def test_a_wrong_secret(shop: Shop, secret: str | None) -> None:
    """Without the right secret nothing is read and nothing written: 401."""
    before = await counts(shop)
    async with door(shop) as at:
        given = secret.encode().decode("latin-1") if secret else secret
        assert await at.post(json.dumps(update(77, "let me in")).encode(), given) == 401
        assert await at.post(b"{", given) == 401
    assert await counts(shop) == before


@pytest.mark.parametrize("name", ["nobodys", "0" * 20, "a" * 500, "%00", "..%2fadmin", "%24where"])
async def test_an_unknown_hook(shop: Shop, name: str) -> None:
    """A hook that is nobody's is 404, whatever it is called."""
    async with door(shop) as at:
        assert await at.post(b"{}", name=name) == 404


async def test_the_admin_bots_hook_is_guarded(shop: Shop) -> None:
    """The admin bot's hook asks for its own secret; a channel's does not open it, nor the other way round."""
    async with door(shop) as at:
        mine = shop.admin.inbox.webhook.secret
        assert mine != at.secret
        body = json.dumps(update(78, "/start")).encode()
        assert await at.post(body, "wrong", "admin") == 401
        assert await at.post(body, None, "admin") == 401
        assert await at.post(body, at.secret, "admin") == 401
        assert await at.post(body, mine) == 401


async def test_an_oversized_body(shop: Shop) -> None:
    """A body larger than any network sends is refused before it is read whole, and nothing is written."""
    before = await counts(shop)
    async with door(shop) as at:
        assert await at.post(b" " * (6 * 1024 * 1024)) == 413
    assert await counts(shop) == before


async def test_only_posts_are_taken(shop: Shop) -> None:
    """A hook is posted to; anything else is no way in, and a handshake is refused where the network has none."""
    async with aiohttp.ClientSession() as http:
        for method, status in (("GET", 403), ("PUT", 405), ("DELETE", 405)):
            async with http.request(method, shop.town.hook(shop.channel)) as answer:
                assert answer.status == status


async def test_a_disconnected_channel_has_no_hook(own_settings: Settings) -> None:
    """After /channel disconnect the channel's hook is nobody's, and the network is told to stop calling."""
    async with shop_in(own_settings, **by_webhook()) as shop:
        async with door(shop) as at:
            assert await at.post(json.dumps(update(1, "while connected")).encode()) == 200
            await shop.ask(shop.olivia, f"/channel disconnect {shop.bot.username}")
            assert not shop.bot.inbox.webhook.url
            assert await at.post(json.dumps(update(2, "afterwards")).encode()) == 404
        assert "afterwards" not in {m.text.plain for m in await shop.kept(Message)}


async def test_limits_are_kept_while_hooks_are_busy(own_settings: Settings) -> None:
    """With the network's limits on, a shop set up by webhook provokes no refusal."""
    scale = 0.02
    options = {**by_webhook(), "limits": OwnLimits(30, 1, 20, scale)}
    async with town(own_settings, Limits(window_scale=scale), hub=False) as place:
        await place.start(**options)
        shop = Shop(place)
        await shop.set_up()
        before = place.net.provoked_429
        for number in range(10):
            shop.newcomer().say(f"words {number}")
        await until(lambda: len(place.net.topics(shop.group)) == 10, "all topics")
        await place.quiet()
        assert place.net.provoked_429 == before
