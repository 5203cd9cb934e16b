"""Stories of contacts who write from Messenger, answered in a Telegram topic."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from hub.domain import answers
from hub.domain.ids import Address
from hub.domain.models import ChannelItem, Contact, Conversation, Message
from hub.sandbox.messenger import Limits, MessengerStandIn, serve
from hub.sandbox.messenger.accounts import Page, Person
from hub.sandbox.telegram.accounts import Json, Topic
from hub.settings import Settings
from tests.endtoend.shop import Shop, shop_in
from tests.endtoend.town import by_webhook, until, words_of

DAY = 86400
_names = itertools.count(1)


class Friend:
    """Somebody on Messenger, with their phone and their topic on the desk."""

    def __init__(self, square: Square, person: Person) -> None:
        self.square = square
        self.person = person

    def say(self, text: str) -> Json:
        return self.square.net.say(self.person, self.square.page, text)

    def phone(self) -> list[Json]:
        """What the page sent."""
        return [m for m in self.square.net.phone(self.person, self.square.page) if m["from"] == "page"]

    def heard(self) -> list[str]:
        return [m["text"] for m in self.phone() if m.get("text")]

    def topic(self) -> Topic | None:
        topics = self.square.shop.net.topics(self.square.shop.group)
        return next((t for t in topics if self.person.first_name in t.name), None)

    def desk(self) -> list[Json]:
        """What the hub posted in the topic."""
        topic = self.topic()
        history = self.square.shop.net.history(self.square.shop.group, topic.id) if topic else []
        return [m for m in history if m["from"]["id"] == self.square.shop.admin.id]

    async def sees(self, text: str) -> Json:
        """The agents' post that says it."""

        def found() -> Json | None:
            return next((m for m in self.desk() if text in words_of(m)), None)

        return await until(found, f"“{text}” on the desk")  # type: ignore[no-any-return]

    def write(self, text: str, **how: Any) -> Json:
        """Bob writes in the topic."""
        topic = self.topic()
        assert topic is not None
        return self.square.shop.net.say(self.square.shop.bob, self.square.shop.group, text, thread=topic.id, **how)

    def marks(self, post: Json) -> list[str]:
        shop = self.square.shop
        return shop.net.reactions(shop.group, post["message_id"]).get(str(shop.admin.id), [])

    def whispers(self) -> list[str]:
        """What Bob alone was told in the topic."""
        topic = self.topic()
        return [words_of(m) for m in self.square.shop.whispers(self.square.shop.bob, topic.id if topic else None)]


class Square:
    """Messenger's stand-in, a page there, and the shop that has connected it."""

    def __init__(self, shop: Shop, net: MessengerStandIn) -> None:
        self.shop = shop
        self.net = net
        self.app = net.add_app("Hub")
        self.page: Page = net.add_page("Shop page", self.app)

    async def connect(self) -> str:
        """Olivia connects the page in one line, and does what she is told to at the network; gives the answer."""
        line = f"/channel connect messenger {self.page.id} {self.page.token} {self.app.secret}"
        said = await self.shop.ask(self.shop.olivia, line)
        route = await self.shop.town.hub.store.directory.route("channel", f"messenger:{self.page.id}")
        assert route is not None, said
        words = said.split()
        url = next(w for w in words if w.startswith("http") and "/hooks/" in w).rstrip(".,")
        token = words[words.index("verify") + 2].rstrip(".,")
        await self.net.set_webhook(self.app, url, token)
        return said

    async def arrive(self, text: str = "hello", **how: Any) -> Friend:
        friend = Friend(self, self.net.add_person(f"Fay{next(_names)}", "Wood", **how))
        friend.say(text)
        if not how.get("hides"):
            await friend.sees(text)
            await self.shop.town.quiet()
        return friend

    async def conversation(self, friend: Friend) -> Conversation:
        contact = await self.contact(friend)
        (found,) = await self.shop.kept(Conversation, live=contact.id)
        return found  # type: ignore[no-any-return]

    async def contact(self, friend: Friend) -> Contact:
        address = Address(self.net.psid(friend.person, self.page))
        return next(c for c in await self.shop.kept(Contact) if c.reaches[0].address == address)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers leave as soon as they would after the moment in which they can be stopped."""
    monkeypatch.setattr(answers, "HOLD", timedelta(seconds=0.1))


@pytest.fixture(scope="module")
async def square(own_settings: Settings) -> AsyncIterator[Square]:
    """A shop with a Telegram desk and a page on Messenger."""
    net = MessengerStandIn(Limits.off())
    server = await serve(net, retry_scale=0.001)
    async with shop_in(own_settings, **by_webhook(), messenger_api_url=server.url) as shop:
        made = Square(shop, net)
        await made.connect()
        yield made
    await server.close()


async def test_there_and_back(square: Square) -> None:
    """A contact's words stand in a topic under their name, with until when they may be answered; the agent's answer is
    on their phone after the moment in which it can be stopped.
    """
    friend = await square.arrive("can I return it?")
    assert friend.person.first_name in friend.topic().name  # type: ignore[union-attr]
    assert any("may be answered until" in words_of(m) for m in friend.desk())
    post = friend.write("Of course.")
    await until(lambda: any("cannot be taken back" in w for w in friend.whispers()), "the word of warning")
    assert friend.heard() == []
    await until(lambda: friend.heard() == ["Of course."], "the answer")
    await until(lambda: friend.marks(post) == ["👌"], "the mark")


async def test_stopped_in_time(square: Square) -> None:
    """[Stop] keeps an answer from leaving."""
    friend = await square.arrive()
    friend.write("wrong window")
    await until(friend.whispers, "the word of warning")
    friend.write("/undo")
    friend.write("right words")
    await until(lambda: friend.heard() == ["right words"], "only the right words")


async def test_corrected_in_time(square: Square) -> None:
    """Words corrected before they leave arrive corrected, and nobody is told that the contact sees the old ones."""
    friend = await square.arrive()
    post = friend.write("worng words")
    await until(friend.whispers, "the word of warning")
    square.shop.net.edit(square.shop.bob, square.shop.group, post["message_id"], "right words")
    await until(lambda: friend.heard() == ["right words"], "the right words")
    await until(lambda: friend.marks(post) == ["👌"], "the mark")
    await square.shop.town.quiet()
    assert not any("old text" in words_of(m) for m in friend.desk())


async def test_pictures_and_stickers(square: Square) -> None:
    """What is no text is brought to the desk as what it is."""
    friend = await square.arrive()
    square.net.send_media(friend.person, square.page, "image", b"\xff\xd8picture", file_name="a.jpg")
    await until(lambda: any("photo" in m or "document" in m for m in friend.desk()), "the picture")


async def test_a_contact_who_hides_their_name(square: Square) -> None:
    """Where the network does not tell who it is, the message is shown all the same."""
    friend = await square.arrive("who am I?", hides=True)
    message = await square.shop.said("who am I?")
    (contact,) = [c for c in await square.shop.kept(Contact) if c.id == message.contact]
    assert contact.name == "Unknown"
    await until(
        lambda: any(
            "who am I?" in words_of(m)
            for t in square.shop.net.topics(square.shop.group)
            for m in square.shop.net.history(square.shop.group, t.id)
        ),
        "it on the desk",
    )
    assert friend.topic() is None


async def test_an_answer_from_the_pages_own_inbox(square: Square) -> None:
    """What somebody answered in the page's own inbox is shown as such, and is not sent again."""
    friend = await square.arrive("anybody there?")
    square.net.inbox_reply(square.page, friend.person, "Yes, from the inbox.")
    post = await friend.sees("Yes, from the inbox.")
    assert "Answered outside the hub" in words_of(post)
    await square.shop.town.quiet()
    assert friend.heard() == ["Yes, from the inbox."]
    assert (await square.conversation(friend)).waiting_since is None


@pytest.mark.usefixtures("at_once")
async def test_the_window_shuts(square: Square) -> None:
    """A day after the contact's last act an answer is held, with what would open the way; what was waiting to leave
    then is told as not delivered; and when they write again it goes.
    """
    friend = await square.arrive("slow shop")
    contact = await square.contact(friend)
    square.net.age(friend.person, square.page, DAY + 60)

    async def deed(tx: Any) -> None:
        kept = await tx.get(Contact, contact.id)
        for reach in kept.reaches:
            reach.open_until = reach.last_in
        kept.reaches = list(kept.reaches)

    await square.shop.town.hub.store.workspace(square.shop.workspace).run(deed)
    friend.write("sorry for the wait")
    await until(lambda: any("must write again first" in w for w in friend.whispers()), "the reason")
    friend.say("hello again")
    await friend.sees("hello again")
    friend.write("here we are")
    await until(lambda: friend.heard() == ["here we are"], "the answer")


@pytest.mark.usefixtures("at_once")
async def test_reactions_edits_and_reading(square: Square) -> None:
    """Edits and reactions of the contact are mirrored to the desk; having been read changes nothing there."""
    friend = await square.arrive()
    said = friend.say("helo")
    await friend.sees("helo")
    square.net.edit(friend.person, square.page, said["mid"], "hello!")
    await friend.sees("hello!")
    square.net.read(friend.person, square.page)
    friend.write("good morning")
    await until(lambda: friend.heard() == ["good morning"], "the answer")
    square.net.react(friend.person, square.page, friend.phone()[-1]["mid"], "❤")
    (message,) = [m for m in await square.shop.kept(Message) if m.text.plain == "good morning"]

    async def loved() -> bool:
        return bool((await square.shop.said("good morning")).reactions)

    await until(loved, "the reaction")
    assert message.direction == "out"


@pytest.mark.usefixtures("at_once")
async def test_a_dead_token_pauses_the_channel(square: Square) -> None:
    """When the network refuses the page's token, the owner is told once, and what was to leave goes when the page is
    connected again.
    """
    friend = await square.arrive()
    square.net.spoil_token(square.page, "revoked")
    post = friend.write("are you there?")
    await until(lambda: any("paused" in t for t in square.shop.told(square.shop.olivia)), "the notice")
    (item,) = await square.shop.kept(ChannelItem, id=(await square.conversation(friend)).channel)
    assert item.state == "paused"
    assert square.page.token not in item.problem
    square.net.renew_token(square.page)
    await square.connect()
    await until(lambda: friend.marks(post) == ["💔"], "the mark on what did not go")
    friend.write("now?")
    await until(lambda: "now?" in friend.heard(), "the next answer")
