"""Workspaces are apart, roles hold, and whoever is no user of a workspace reaches nobody and writes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from hub.domain.models import (
    Category,
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Event,
    Member,
    Message,
    Post,
    Seen,
    Snippet,
    Tag,
)
from hub.domain.work import Work
from hub.sandbox.telegram.accounts import Json, User
from hub.settings import Settings
from tests.endtoend.shop import Shop, Talk, shop_in
from tests.endtoend.town import until, words_of

EVERYTHING = (
    Category,
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    DeskItem,
    Event,
    Member,
    Message,
    Post,
    Seen,
    Snippet,
    Tag,
    Work,
)


@pytest.fixture(scope="module")
async def shop(own_settings: Settings) -> AsyncIterator[Shop]:
    """A shop with another one beside it, on the same hub and database."""
    async with shop_in(own_settings) as made:
        made.net.add_to_chat(made.group, mallory(made))
        yield made


@pytest.fixture(scope="module")
async def rival(shop: Shop) -> Shop:
    """The other one: its own owner, agent, group and bot."""
    made = Shop(shop.town, "rival")
    await made.set_up()
    await shop.town.quiet()
    return made


def mallory(shop: Shop) -> User:
    """Somebody who sits in the group and is no user."""
    known = next((u for u in shop.net.users.values() if u.first_name == "Mallory"), None)
    return known or shop.net.add_user("Mallory", username="mallory")


async def all_of(shop: Shop) -> dict[str, bytes]:
    """Everything that the workspace keeps."""
    await shop.town.quiet()
    found = {}
    for kind in EVERYTHING:
        for record in await shop.kept(kind):
            found[f"{kind.__name__} {record.id}"] = msgspec.json.encode(record)
    return found


class Untouched:
    """Inside, nothing may be written to a workspace, and nothing may leave through its bot.

    `marks`: that an update was seen may be noted, for it is a user's own.
    """

    def __init__(self, shop: Shop, *, marks: bool = False) -> None:
        self.shop = shop
        self.marks = marks

    async def __aenter__(self) -> None:
        self.before = await all_of(self.shop)
        self.calls = len(self.shop.net.calls)

    async def __aexit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            return
        after = await all_of(self.shop)
        changed = {k: after.get(k) for k in self.before.keys() | after.keys() if self.before.get(k) != after.get(k)}
        assert {k: v for k, v in changed.items() if not (self.marks and k.startswith("Seen "))} == {}
        assert not self.shop.outward(self.calls)


async def post_of(talk: Talk) -> Json:
    """The post of the contact's words."""
    await talk.shop.town.quiet()
    return talk.posts()[0]


# -- two workspaces --


async def test_each_has_its_own_contacts(shop: Shop, rival: Shop) -> None:
    """The same person who writes to both shops is a contact of each, and neither sees the other's words or people."""
    person = shop.net.add_user("Paula")
    mine, theirs = Talk(shop, person), Talk(rival, person)
    mine.say("secret of the shop")
    theirs.say("secret of the rival")
    await until(lambda: mine.there() and mine.post("secret of the shop"), "the one")
    await until(lambda: theirs.there() and theirs.post("secret of the rival"), "the other")
    await shop.town.quiet()
    for here, other in ((shop, "rival"), (rival, "the shop")):
        shown = str(here.net.history(here.group))
        assert f"secret of {other}" not in shown
        texts = [m.text.plain for m in await here.kept(Message)]
        assert f"secret of {other}" not in texts
        assert other not in await here.ask(here.olivia, "/inbox")
    mine.write("answer of the shop")
    await until(lambda: mine.heard() == ["answer of the shop"], "the answer")
    assert theirs.heard() == []


async def test_numbers_mean_ones_own(shop: Shop, rival: Shop) -> None:
    """A conversation's number that only the other workspace has is unknown, for every command that takes one."""
    for _ in range(6):
        talk = await shop.arrive("a numbered one")
    (contact,) = [c for c in await shop.kept(Contact) if c.first_name == talk.name]
    (conversation,) = await shop.kept(Conversation, contact=contact.id)
    number = conversation.number
    assert number not in {c.number for c in await rival.kept(Conversation)}
    lines = (
        "assign {} me",
        "take {}",
        "close {} done",
        "tag {} +vip",
        "note {} hm",
        "history {}",
        "contact {}",
        "snippet {} hi",
        "reopen {}",
    )
    async with Untouched(shop):
        for line in lines:
            said = await rival.ask(rival.bob, "/" + line.format(number))
            assert f"There is no conversation #{number}" in said, (line, said)
        assert talk.name not in await rival.ask(rival.bob, "/inbox all")
        assert talk.name not in await rival.ask(rival.bob, "/next")


def pressed(group_of: Shop, user: User, message: Json, data: str) -> None:
    """A press with any data, as a client that lies could send it."""
    number = str(4_900_000_000_000_000 + group_of.net.changes.cursor)
    query = {"id": number, "from": user.as_json(), "message": message, "chat_instance": "1", "data": data}
    group_of.net.raw_update(group_of.admin, {"callback_query": query})


async def test_buttons_of_another_workspace(shop: Shop, rival: Shop) -> None:
    """Every button's data of one workspace, pressed in the other's group by the other's owner, changes nothing in
    it.
    """
    talk = await shop.arrive("buttons")
    talk.write("//a note to undo")
    await talk.told(shop.bob, "buttons")
    shop.net.fail(method="sendMessage", chat=talk.person, code=400, description="Bad Request: no")
    talk.write("not delivered")
    await talk.told(shop.bob, "did not get this")
    talk.write("held back", by=shop.olivia)
    await talk.told(shop.olivia, "Not sent yet")
    await shop.town.quiet()
    everything = [
        *shop.net.history(shop.group),
        *shop.net.ephemeral(shop.group, shop.olivia),
        *shop.net.ephemeral(shop.group, shop.bob),
    ]
    rows = [row for m in everything for row in m.get("reply_markup", {}).get("inline_keyboard", [])]
    data = {b["callback_data"] for row in rows for b in row if b.get("callback_data")}
    ids = [(await shop.kept(kind))[-1].id for kind in (Event, Comment, Message, Member)]
    verbs = ("undo", "keep", "send", "resend", "assign 1")
    data |= {f"0:{verb} {id}" for verb in verbs for id in ids}
    other = await rival.arrive("where it is pressed")
    message = await post_of(other)
    async with Untouched(shop):
        for each in sorted(data):
            pressed(rival, rival.olivia, message, each)
        await shop.town.quiet()
    assert "held back" not in str(other.heard())
    members = {m.id for m in await rival.kept(Member)}
    assert {c.assignee for c in await rival.kept(Conversation)} <= members | {None}


async def test_a_user_of_another_workspace_in_the_group(shop: Shop, rival: Shop) -> None:
    """A user of the one who sits in the other's group as its admin is a stranger there: nothing is sent, nothing
    written.
    """
    shop.net.add_to_chat(shop.group, rival.olivia, admin=True)
    talk = await shop.arrive("whose?")
    message = await post_of(talk)
    async with Untouched(shop):
        for text in (
            "Hello Ann",
            "//a note",
            "/take",
            "/close done",
            "/desk off",
            "/desk here",
            "/channel list",
            "/failed",
        ):
            talk.write(text, by=rival.olivia)
        shop.net.say(rival.olivia, shop.group, "/desk here")
        shop.net.say(rival.olivia, shop.group, "/desk off")
        shop.net.react(rival.olivia, shop.group, message["message_id"], "👍")
        await talk.press(rival.olivia, "✋")
    assert talk.heard() == []
    shop.net.remove_from_chat(shop.group, rival.olivia)


async def test_one_group_and_one_bot_serve_one_workspace(shop: Shop, rival: Shop) -> None:
    """A group that is a desk, and a bot that is a channel, cannot become another workspace's."""
    shop.net.add_to_chat(shop.group, rival.olivia, admin=True)
    async with Untouched(shop):
        said = await rival.ask(rival.olivia, f"/channel connect telegram {shop.bot.token}")
        assert "another workspace" in said
        assert shop.bot.token not in said
        shop.net.say(rival.olivia, shop.group, "/desk here")
    shop.net.remove_from_chat(shop.group, rival.olivia)
    assert [c.account for c in await rival.kept(ChannelItem)] == [str(rival.bot.id)]
    assert [d.chat for d in await rival.kept(DeskItem)] == [str(rival.group.id)]
    talk = await shop.arrive("still ours?")
    talk.write("still yours")
    await until(lambda: talk.heard() == ["still yours"], "the answer")


# -- strangers, bots, and what nobody wrote --

STRANGE = {
    "words": lambda talk, who: talk.write("Dear customer", by=who),
    "a note": lambda talk, who: talk.write("//hm", by=who),
    "a command": lambda talk, who: talk.write("/close done", by=who),
    "a snippet": lambda talk, who: talk.write("/s hi", by=who),
    "a reply": lambda talk, who: talk.write("me too", by=who, reply_to=talk.posts()[0]["message_id"]),
    "a picture": lambda talk, who: talk.answer("photo", b"x", by=who, caption="look"),
    "a voice": lambda talk, who: talk.answer("voice", b"x", by=who),
    "an album": lambda talk, who: talk.net.send_album(
        who, talk.shop.group, [{"kind": "photo", "data": b"x", "caption": "hi"}] * 2, talk.topic.id
    ),
    "a location": lambda talk, who: talk.net.send_location(who, talk.shop.group, 1.0, 2.0, thread=talk.topic.id),
    "a poll": lambda talk, who: talk.net.send_poll(who, talk.shop.group, "Q?", ["a", "b"], thread=talk.topic.id),
}


@pytest.mark.parametrize("what", STRANGE)
async def test_a_stranger_in_the_group(shop: Shop, what: str) -> None:
    """Whoever sits in the group and is no user of the workspace reaches no contact, and nothing is written."""
    talk = await shop.arrive()
    await post_of(talk)
    who = mallory(shop)
    async with Untouched(shop):
        STRANGE[what](talk, who)
    assert talk.heard() == []


async def test_what_a_stranger_does_besides(shop: Shop) -> None:
    """A stranger's edit, reaction, press or forward of an agent's own words does nothing either."""
    talk = await shop.arrive()
    mine = talk.write("our own words")
    await until(lambda: talk.heard() == ["our own words"], "the answer")
    talk.say("a new question")
    await talk.sees("a new question")
    who = mallory(shop)
    async with Untouched(shop):
        said = talk.write("first", by=who)
        await shop.town.net.settled()
        shop.net.edit(who, shop.group, said["message_id"], "second")
        shop.net.forward(who, shop.group, mine["message_id"], shop.group, thread=talk.topic.id)
        shop.net.react(who, shop.group, mine["message_id"], "👎")
        shop.net.react(who, shop.group, talk.posts()[0]["message_id"], "👎")
        tap = await talk.press(who, "✅")
        assert "not a member" in tap.text
    assert talk.heard() == ["our own words"]


async def test_bots_and_hidden_admins(shop: Shop) -> None:
    """Another bot's message, one written through a bot, an anonymous admin's and a linked channel's reach no
    contact.
    """
    talk = await shop.arrive()
    like = talk.write("//only to copy its shape")
    other_bot = shop.net.add_bot("chatter_bot", "Chatter")
    async with Untouched(shop, marks=True):
        shop.net.say(shop.olivia, shop.group, "as the group", thread=talk.topic.id, as_chat=True)
        shop.net.say(shop.olivia, shop.group, "//as the group", thread=talk.topic.id, as_chat=True)
        shop.net.say(shop.olivia, shop.group, "/close as the group", thread=talk.topic.id, as_chat=True)
        base = {**{k: v for k, v in like.items() if k != "reply_to_message"}, "text": "by a machine"}
        channel = {"id": -1_009_999, "type": "channel", "title": "News"}
        for number, change in enumerate(
            (
                {"from": other_bot.as_json()},
                {"via_bot": other_bot.as_json()},
                {"sender_chat": channel, "from": {"id": 136817688, "is_bot": True, "first_name": "Channel"}},
                {
                    "sender_chat": channel,
                    "is_automatic_forward": True,
                    "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
                },
                {"sender_business_bot": other_bot.as_json()},
            )
        ):
            shop.net.raw_update(shop.admin, {"message": {**base, **change, "message_id": 880_000 + number}})
    assert talk.heard() == []


async def test_service_messages(shop: Shop) -> None:
    """What the network itself says in the group (pins, titles, people who come and go, topics) reaches nobody."""
    talk = await shop.arrive()
    post = await post_of(talk)
    newbie = shop.net.add_user("Newbie")
    async with Untouched(shop):
        shop.net.pin(shop.olivia, shop.group, post["message_id"])
        shop.net.rename_chat(shop.olivia, shop.group, "Support two")
        shop.net.add_to_chat(shop.group, newbie)
        shop.net.remove_from_chat(shop.group, newbie)
        shop.net.rename_topic(shop.olivia, shop.group, talk.topic.id, talk.name)
        shop.net.create_topic(shop.olivia, shop.group, "Coffee")
    assert talk.heard() == []


async def test_a_topic_of_no_contact(shop: Shop) -> None:
    """What agents write in a topic that belongs to no contact reaches nobody; they are told so."""
    topic = shop.net.create_topic(shop.olivia, shop.group, "Lunch")
    before = len(shop.net.calls)
    shop.net.say(shop.bob, shop.group, "pizza?", thread=topic.id)
    await until(lambda: any("no contact" in words_of(m) for m in shop.whispers(shop.bob, topic.id)), "to be told")
    shop.net.say(shop.bob, shop.group, "/close done", thread=topic.id)
    await shop.town.quiet()
    assert not shop.outward(before)


# -- roles --

FOR_MANAGERS = ("/channel list", "/invite agent", "/failed", "/failed retry all", "/category add Bills", "/desk off")


@pytest.mark.parametrize("line", FOR_MANAGERS)
async def test_what_agents_may_not(shop: Shop, line: str) -> None:
    """An agent who asks for what is a manager's is told whom to ask, and nothing is written."""
    async with Untouched(shop):
        said = await shop.ask(shop.bob, line)
        assert "manager" in said
        assert "agent" in said


async def test_what_managers_may_not(shop: Shop) -> None:
    """A manager lets agents in and no managers."""
    mona = shop.net.add_user("Mona")
    await shop.invite(mona, "manager")
    assert (await shop.member(mona)).role == "manager"
    said = await shop.ask(mona, "/invite manager")
    assert "owner" in said
    assert "start=" not in said
    assert "start=" in await shop.ask(mona, "/invite agent")
    assert shop.bot.username in (await shop.ask(mona, "/channel list")).replace("\u2060", "")


async def test_a_stranger_in_private(shop: Shop) -> None:
    """Whoever is in no workspace learns nothing in private, by any command, and writes nothing."""
    talk = await shop.arrive("secret words")
    eve = shop.net.add_user("Eve")
    async with Untouched(shop):
        for line in (
            "hello",
            "/inbox",
            "/next",
            "/close 1 x",
            "/take 1",
            "/channel list",
            "/failed",
            "/invite agent",
            "/whoami",
            "/history 1",
            "/start",
        ):
            said = await shop.ask(eve, line)
            assert talk.name not in said
            assert "secret" not in said
            assert shop.bot.username not in said.replace("\u2060", "")
        assert "used already" in await shop.ask(eve, "/start 0123456789abcdef")


async def test_nothing_of_another_contact_by_reply(shop: Shop) -> None:
    """`/unsend` and `/undo` mean one's own deeds in this place: a reply to what stands in another topic takes nothing
    back.
    """
    ann, tom = await shop.arrive(), await shop.arrive(name="tom")
    sent = ann.write("keep me")
    await until(lambda: ann.heard() == ["keep me"], "the answer")
    await shop.town.quiet()
    reply: dict[str, Any] = {**tom.write("//shape"), "text": "/unsend", "message_id": 881_001}
    reply["entities"] = [{"type": "bot_command", "offset": 0, "length": 7}]
    reply.pop("reply_to_message", None)
    reply["external_reply"] = {
        "origin": {"type": "user", "date": sent["date"], "sender_user": sent["from"]},
        "chat": sent["chat"],
        "message_id": sent["message_id"],
    }
    shop.net.raw_update(shop.admin, {"message": reply})
    tom.write("/undo")
    await shop.town.quiet()
    assert ann.heard() == ["keep me"]
