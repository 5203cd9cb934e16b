"""Faults of Slack and Messenger on the way through the whole product: refusals, lost answers, repetitions, disorder."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.domain.models import Message
from hub.sandbox import slack
from tests.faults.mixed import Customer, MessengerCustomer, Mixed, SlackCustomer, mixed
from tests.scene import kept, until, words

NETWORKS = ("slack", "messenger")
DESKS = ("telegram", "slack")
PASSED = ("content-type", "user-agent")
_names = itertools.count(1)


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mixed]:
    """One shop for all stories; each has a contact of its own."""
    async with mixed(tmp_path_factory.mktemp("shop")) as made:
        yield made


async def somebody(shop: Mixed, network: str) -> Customer:
    """A contact with a place on both desks."""
    made = (shop.on_slack if network == "slack" else shop.on_messenger)(f"n{next(_names)}")
    await made.there()
    return made


class Out:
    """The calls by which a contact is answered, and what can go wrong with them."""

    def __init__(self, person: Customer) -> None:
        self.person = person
        self.shop = person.shop

    def fail(self, *, times: int = 1, **slacks: Any) -> None:
        """Refuses the next calls: `retry_after` as a limit, `status` as a gateway."""
        match self.person:
            case SlackCustomer(user=user):
                direct = self.shop.web.direct(self.shop.branch_bot, user)
                self.shop.web.fail("chat.postMessage", channel=direct, times=times, **slacks)
            case MessengerCustomer():
                self.shop.graph.fail("messages", psid=self._psid(), times=times, **slacks)

    def drop_answer(self) -> None:
        """Takes the next call in, and says nothing."""
        match self.person:
            case SlackCustomer(user=user):
                direct = self.shop.web.direct(self.shop.branch_bot, user)
                self.shop.web.drop_answer("chat.postMessage", channel=direct)
            case MessengerCustomer():
                self.shop.graph.drop_answer("messages", psid=self._psid())

    def _psid(self) -> str:
        assert isinstance(self.person, MessengerCustomer)
        return self.shop.graph.psid(self.person.person, self.shop.page)

    def tried(self) -> int:
        """How many messages were tried to be sent to the contact."""
        match self.person:
            case SlackCustomer(user=user):
                direct = self.shop.web.direct(self.shop.branch_bot, user)
                return len(self.shop.web.calls_of("chat.postMessage", direct))
            case MessengerCustomer(person=person):
                calls = self.shop.graph.calls_of("messages", person, self.shop.page)
                return len([c for c in calls if "message" in str(c)])
        return 0


def answer(person: Customer, desk: str, text: str) -> None:
    """An agent answers on that desk."""
    way = person.shop.answer_on_slack if desk == "slack" else person.shop.answer_on_telegram
    assert way(person.name, text)


# -- out ---------------------------------------------------------------------------------------------------------------


async def test_refused_answers_are_sent_again_in_order(shop: Mixed) -> None:
    """A rate limit (429 with Retry-After, error 613) and a gateway's 503 delay an answer: it and those behind it arrive
    once each, in order, whichever desk they come from.
    """

    async def refused(network: str, desk: str) -> None:
        person = await somebody(shop, network)
        out = Out(person)
        out.fail(retry_after=1)
        out.fail(status=503)
        for number in range(3):
            answer(person, desk, f"a-{number}")
        await until(lambda: len(person.heard()) >= 3, f"the answers on {network} from {desk}")
        assert person.heard() == ["a-0", "a-1", "a-2"]
        assert out.tried() == 5

    await asyncio.gather(*(refused(network, desk) for network, desk in itertools.product(NETWORKS, DESKS)))


async def test_a_lost_answer_is_said_and_not_repeated(shop: Mixed) -> None:
    """The connection drops after the network took an answer in: the agent is told that it may have arrived, with a way
    to send it again; it is not repeated, and what comes behind it goes out.
    """

    async def lost(network: str, desk: str) -> None:
        person = await somebody(shop, network)
        Out(person).drop_answer()
        answer(person, desk, "a-1")
        look = shop.thread_posts if desk == "slack" else shop.topic_posts
        await until(lambda: any("may have" in post for post in look(person.name)), f"a word on {desk} about {network}")
        answer(person, desk, "a-2")
        await until(lambda: "a-2" in person.heard(), "the next one")
        assert person.heard() == ["a-1", "a-2"]
        contact = await person.contact()
        unsure = await kept(shop, Message, {"state": "uncertain", "contact": contact.id})
        assert [m.text.plain for m in unsure] == ["a-1"]

    await asyncio.gather(*(lost(network, desk) for network, desk in itertools.product(NETWORKS, DESKS)))


async def test_a_chat_that_cannot_be_opened_at_once(shop: Mixed) -> None:
    """Where Slack fails at opening the chat with a contact, nothing was sent: the answer goes once it can."""
    person = await somebody(shop, "slack")
    shop.web.fail("conversations.open", status=503)
    answer(person, "telegram", "a-1")
    await until(lambda: person.heard() == ["a-1"], "the answer")


# -- the Slack desk ----------------------------------------------------------------------------------------------------


async def test_a_desk_that_refuses(shop: Mixed) -> None:
    """429 and 5xx of posts on the Slack desk: what contacts write stands there once, in order, when it can."""
    person = await somebody(shop, "messenger")
    shop.web.fail("chat.postMessage", channel=shop.desk, retry_after=1)
    shop.web.fail("chat.postMessage", channel=shop.desk, status=503)
    said = [f"{person.name}-{n}" for n in range(6)]
    for word in said[1:]:
        person.say(word)
    await until(lambda: len(words(shop.thread_posts(person.name))) >= 6, "all in the thread")
    assert words(shop.thread_posts(person.name)) == said
    assert words(shop.topic_posts(person.name)) == said


async def test_a_post_whose_answer_is_lost(shop: Mixed) -> None:
    """When the desk loses its answer to a post, it is posted again and says that it may stand there twice."""
    person = await somebody(shop, "messenger")
    shop.web.drop_answer("chat.postMessage", channel=shop.desk)
    person.say(f"{person.name}-1")
    await until(lambda: words(shop.thread_posts(person.name)).count(f"{person.name}-1") == 2, "the message again")
    assert "may stand here twice" in shop.thread_posts(person.name)[-1]


async def test_a_gateway_that_does_not_know(shop: Mixed) -> None:
    """504 leaves it open whether a post was taken in: it is posted again, and says that it may stand there twice."""
    person = await somebody(shop, "messenger")
    shop.web.fail("chat.postMessage", channel=shop.desk, status=504)
    person.say(f"{person.name}-1")
    await until(lambda: f"{person.name}-1" in words(shop.thread_posts(person.name)), "the message")
    assert "may stand here twice" in shop.thread_posts(person.name)[-1]


async def test_a_card_whose_answer_is_lost(shop: Mixed) -> None:
    """When the answer to a new thread's card is lost, the message stands in a thread all the same, once, and answers
    from there arrive.
    """
    shop.web.drop_answer("chat.postMessage", channel=shop.desk)
    person = await somebody(shop, "messenger")
    person.say(f"{person.name}-1")
    await until(lambda: len(words(shop.thread_posts(person.name))) >= 2, "both messages")
    assert words(shop.thread_posts(person.name)) == [f"{person.name}-0", f"{person.name}-1"]
    answer(person, "slack", "a-1")
    await until(lambda: person.heard() == ["a-1"], "the answer")


# -- in ----------------------------------------------------------------------------------------------------------------


class Road:
    """The way from a network to the hub, on which the hub's first answers to a message with `word` in it are lost: the
    network must think that it failed.
    """

    def __init__(self, to: str, word: str, lost: int) -> None:
        self._word = word.encode()
        self.tries: list[tuple[str, str]] = []
        """How Slack numbered each try, and the reason it gave."""
        self._to = to
        self._lost = lost

    async def pass_on(self, request: web.Request) -> web.Response:
        """What is posted is taken in; what is answered arrives when no more answers are to be lost."""
        headers = {k: v for k, v in request.headers.items() if k.lower() in PASSED or k.lower().startswith("x-")}
        told, loses = await request.read(), False
        if self._word in told:
            self.tries.append((headers.get("X-Slack-Retry-Num", ""), headers.get("X-Slack-Retry-Reason", "")))
            loses = len(self.tries) <= self._lost
        async with aiohttp.ClientSession() as http, http.post(self._to, data=told, headers=headers) as answered:
            body, status = await answered.read(), answered.status
        return web.Response(body=body, status=502 if loses and status == 200 else status)


@asynccontextmanager
async def road(to: str, word: str, lost: int) -> AsyncIterator[tuple[Road, str]]:
    """A road to a hook of the hub, and the address at which it begins."""
    made, application = Road(to, word, lost), web.Application()
    application.router.add_post("/", made.pass_on)
    async with TestServer(application) as server:
        yield made, str(server.make_url("/"))


@asynccontextmanager
async def lossy(shop: Mixed, app: slack.App, word: str, lost: int) -> AsyncIterator[Road]:
    """Slack tells its app by such a road."""
    direct = app.request_url
    async with road(direct, word, lost) as (made, url):
        app.request_url = url
        yield made
        await shop.web.settled()
        app.request_url = direct


@asynccontextmanager
async def lossy_page(shop: Mixed, word: str, lost: int) -> AsyncIterator[Road]:
    """Messenger tells its app by such a road."""
    hook = shop.meta_app.hook
    assert hook is not None
    async with road(hook.url, word, lost) as (made, url):
        await shop.graph.set_webhook(shop.meta_app, url, hook.verify_token, handshake=False)
        yield made
        await shop.graph.settled()
        await shop.graph.set_webhook(shop.meta_app, hook.url, hook.verify_token, handshake=False)


async def once_each(person: Customer, numbers: Sequence[int]) -> None:
    """The contact's words stand once on each desk, in this order, and are kept once."""
    shop, said = person.shop, [f"{person.name}-{n}" for n in numbers]
    await until(lambda: len(words(shop.topic_posts(person.name))) >= len(said), "all in the topic")
    await until(lambda: len(words(shop.thread_posts(person.name))) >= len(said), "all in the thread")
    contact = await person.contact()
    messages = await kept(shop, Message, {"contact": contact.id, "direction": "in"})
    assert [m.text.plain for m in messages] == said
    assert words(shop.topic_posts(person.name)) == said
    assert words(shop.thread_posts(person.name)) == said


async def test_slacks_retries_count_once(shop: Mixed) -> None:
    """Slack got no answer and tells an event again, with X-Slack-Retry-Num and its reason: it counts once, from a
    contact as from an agent.
    """
    person = await somebody(shop, "slack")
    numbered = [("", ""), *((str(n), "http_error") for n in (1, 2, 3))]
    async with lossy(shop, shop.branch_app, f"{person.name}-1", 3) as way:
        person.say(f"{person.name}-1")
        await until(lambda: len(way.tries) == 4, "all of Slack's tries")
    assert way.tries == numbered
    person.say(f"{person.name}-2")
    await once_each(person, [0, 1, 2])
    async with lossy(shop, shop.desk_app, "a-1", 3) as way:
        answer(person, "slack", "a-1")
        await until(lambda: len(way.tries) == 4, "all of Slack's tries")
    assert way.tries == numbered
    answer(person, "slack", "a-2")
    await until(lambda: "a-2" in person.heard(), "the answers")
    assert person.heard() == ["a-1", "a-2"]


async def test_messengers_redeliveries_count_once(shop: Mixed) -> None:
    """Messenger got no answer and posts a notice again and again: it counts once."""
    person = await somebody(shop, "messenger")
    async with lossy_page(shop, f"{person.name}-1", 4) as way:
        person.say(f"{person.name}-1")
        await until(lambda: len(way.tries) == 5, "all of Messenger's tries")
    person.say(f"{person.name}-2")
    await once_each(person, [0, 1, 2])


@pytest.mark.parametrize("network", NETWORKS)
async def test_duplicates_count_once(shop: Mixed, network: str) -> None:
    """What a network tells twice, at once or after much else was said, counts once."""
    person = await somebody(shop, network)
    if network == "slack":
        shop.web.duplicate(shop.branch_app, 3)
    else:
        shop.graph.duplicate_notices(shop.meta_app, 3)
    for number in range(1, 5):
        person.say(f"{person.name}-{number}")
    if network == "slack":
        for event in shop.web.events_of(shop.branch_app, "message")[-4:]:
            shop.web.redeliver(shop.branch_app, event["event_id"])
    else:
        for notice in shop.meta_app.outbox.sent[-4:]:
            shop.graph.redeliver(shop.meta_app, notice.id)
    await (shop.web if network == "slack" else shop.graph).settled()
    await once_each(person, [0, 1, 2, 3, 4])


def reorder(shop: Mixed, network: str, count: int) -> None:
    """The network holds its next notices back until there are so many, and tells the last first."""
    if network == "slack":
        shop.web.reorder(shop.branch_app, count)
    else:
        shop.graph.reorder_notices(shop.meta_app, count)


@pytest.mark.parametrize("network", NETWORKS)
async def test_disorder(shop: Mixed, network: str) -> None:
    """What arrives in disorder is all there, once each, and is known by the network's own times."""
    person = await somebody(shop, network)
    reorder(shop, network, 3)
    for number in range(1, 4):
        person.say(f"{person.name}-{number}")
        await asyncio.sleep(0.002)  # the times of two messages differ
    look = (shop.topic_posts, shop.thread_posts)
    await until(lambda: all(len(words(posts(person.name))) >= 4 for posts in look), "all of it")
    said = [f"{person.name}-{n}" for n in range(4)]
    for posts in look:
        assert Counter(words(posts(person.name))) == Counter(said), posts(person.name)
    contact = await person.contact()
    messages = await kept(shop, Message, {"contact": contact.id, "direction": "in"})
    assert [m.text.plain for m in sorted(messages, key=lambda m: m.at)] == said


@pytest.mark.parametrize("network", NETWORKS)
async def test_an_edit_before_its_message(shop: Mixed, network: str) -> None:
    """An edit that overtakes its message is not undone by it: one message stands there, with the newer words."""
    person = await somebody(shop, network)
    reorder(shop, network, 2)
    first = person.say(f"{person.name}-1")
    match person:
        case SlackCustomer(user=user):
            shop.web.edit(user, shop.branch_app, first["ts"], f"{person.name}-2")
        case MessengerCustomer(person=writer):
            shop.graph.edit(writer, shop.page, first["mid"], f"{person.name}-2")
    await (shop.web if network == "slack" else shop.graph).settled()
    person.say(f"{person.name}-3")
    await once_each(person, [0, 2, 3])


# -- limits ------------------------------------------------------------------------------------------------------------


async def test_limits_are_kept(tmp_path: Path) -> None:
    """With Slack's rates of posts enforced, what many contacts write at once is all on the desk, in order, and a row of
    answers to one contact arrives in order: by pacing alone, without one 429; Messenger's limits hold too.
    """
    scale = 0.1
    rates = slack.Limits(tiers=(0, 0, 0, 0), window_scale=scale)
    async with mixed(tmp_path, limits=rates, slack_limits=f"1,240,{scale}") as shop:
        people = [shop.on_slack(f"p{n}") for n in range(6)] + [shop.on_messenger(f"q{n}") for n in range(4)]
        for number, person in itertools.product(range(3), people):
            person.say(f"{person.name}-{number}")
        await until(lambda: all(len(words(shop.thread_posts(p.name))) >= 3 for p in people), "all on Slack")
        for person in people:
            assert words(shop.thread_posts(person.name)) == [f"{person.name}-{n}" for n in range(3)]
        answers = [f"a-{n}" for n in range(12)]
        for word, person in itertools.product(answers, (people[0], people[-1])):
            answer(person, "telegram", word)
        for person in (people[0], people[-1]):
            await until(lambda heard=person.heard: len(heard()) >= 12, f"the answers to {person.name}")  # type: ignore[misc]
            assert person.heard() == answers
        assert shop.web.provoked_429 == 0
        assert shop.graph.provoked_limits == 0
