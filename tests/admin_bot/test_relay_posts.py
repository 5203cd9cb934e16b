"""What people do to a relay bot's posts, where buttons are, and what becomes of its posts when it is out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import pytest

from hub.domain import arrivals
from hub.domain.arrivals import Arrival
from hub.domain.ids import Address, ExternalId, ThreadId
from hub.domain.incoming import Deleted, Edited, Reacted
from hub.domain.models import Contact, DeskItem, Message, now
from hub.domain.ports import Query
from hub.domain.text import Text
from hub.domain.work import Notify, SendReaction, Work
from hub.host import delivery
from hub.store.embedded import Embedded
from tests.admin_bot.office import CHANNEL
from tests.admin_bot.two_desks import TwoDesks, two_desks

Json = dict[str, Any]
NO_RIGHT = "Bad Request: not enough rights to send text messages to the chat"
_numbers = count(1)


class Yard:
    """A contact's topic on a desk with a relay bot of the test's own."""

    def __init__(self, office: TwoDesks, name: str, bot: Any = None) -> None:
        self.office, self.name = office, name
        self.town: Any = office.hands.town  # type: ignore[attr-defined]
        self.world, self.forum, self.own = self.town.world, self.town.forum, self.town.bot
        self.bot = bot or self.world.add_bot(f"{name.lower()}_bot", name)
        self.world.add_to_chat(self.forum, self.bot, admin=True)

    def beside(self) -> Yard:
        """The topic of another contact, with the same bot."""
        return Yard(self.office, f"{self.name}b", self.bot)

    async def add(self) -> None:
        """Ann gives its token."""
        await self.office.hands.whisper("Ann", f"/desk relay {self.bot.token}")
        assert "as well from now on" in self.office.hands.confided("Ann")[-1]

    async def take_off(self) -> None:
        await self.office.hands.whisper("Ann", f"/desk relay off {self.bot.username}")
        assert (await self.office.workspace.items(DeskItem))[0].relays == []

    async def writes(self, words: str, *, at_once: bool = True) -> None:
        """The contact writes, and it is shown: a moment after the last, or a minute."""
        await self.office.receive(words, self.name)
        await (self.office.show_now() if at_once else self.office.show())

    async def does(self, deed: type[Edited | Deleted | Reacted], words: str, **more: Any) -> None:
        """The contact changes what they wrote, and that is shown."""
        (found,) = [m for m in await self.messages("in") if m.text.plain == words]
        kept = found.keys[0].rpartition("|")[2]
        came = deed(address=Address(self.name), at=now(), external_id=ExternalId(kept), **more)
        arrival = Arrival(channel=CHANNEL, update=ExternalId(f"{kept}-{deed.__name__}-{now()}"), incoming=(came,))
        await self.office.workspace.run(lambda tx: arrivals.receive(tx, arrival), arrivals.wants(arrival))
        await self.office.show_now()

    async def messages(self, direction: str) -> list[Message]:
        (contact,) = await self.office.workspace.query(Contact, Query(where={"first_name": self.name}))
        where = {"direction": direction, "contact": contact.id}
        found: list[Message] = await self.office.workspace.query(Message, Query(where=where, order="id"))
        return found

    async def thread(self) -> ThreadId:
        return await self.office.place(self.office.hands, self.name)

    async def posts(self, words: str) -> list[Json]:
        """All that shows these words in the topic, oldest first."""
        return [m for m in self.world.history(self.forum, int(await self.thread())) if words in m.get("text", "")]

    async def by(self, words: str) -> list[str]:
        """Which bots posted them."""
        return [m["from"]["username"] for m in await self.posts(words)]

    async def full(self) -> None:
        """The desk's own bot has posted as often as it may for a minute."""
        windows = delivery.desk_windows(self.office.hands.desk)
        while self.office.pacer.crowding(windows) < 1:
            async with self.office.pacer.turn(windows):
                pass

    async def told_out(self) -> int:
        """How often the owner is told that the bot is out."""
        works = await self.office.workspace.query(Work, Query(where={"state": "waiting"}))
        replies = [w.task.reply for w in works if isinstance(w.task, Notify)]
        return sum(r.template == "relay_bot_out" and r.data["bot"] == f"@{self.bot.username}" for r in replies)


@pytest.fixture(scope="module")
async def office(mongod: Embedded) -> AsyncIterator[TwoDesks]:
    async with two_desks("telegram", "slack", mongod.url) as made:
        yield made


@pytest.fixture
async def yard(office: TwoDesks) -> AsyncIterator[Yard]:
    """Where the contact has written once, and been answered by nobody."""
    made = Yard(office, f"Zoe{next(_numbers)}")
    await made.add()
    await made.writes("hello", at_once=False)
    yield made
    await made.take_off()


def buttons(message: Json) -> list[str]:
    return [b["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", []) for b in row]


async def test_only_the_desks_own_bot_posts_buttons(yard: Yard) -> None:
    """Whatever shows a button must be heard. Where the desk's own bot has no room, another posts without any, and the
    contact's next words have them: pressed, they do what they say.
    """
    assert await yard.by("hello") == [yard.own.username]
    await yard.full()
    other = yard.beside()
    await other.writes("can you help?")
    (bare,) = await other.posts("can you help?")
    assert bare["from"]["username"] == yard.bot.username
    assert buttons(bare) == []
    await other.writes("anybody?", at_once=False)
    (dressed,) = await other.posts("anybody?")
    assert dressed["from"]["username"] == yard.own.username
    hands = yard.office.hands
    await hands.press("Bob", str(dressed["message_id"]), "✋ Take")  # type: ignore[arg-type]
    assert await yard.office.holder() == "Bob"
    shown = [m for m in yard.world.history(yard.forum) if buttons(m)]
    assert {m["from"]["username"] for m in shown} == {yard.own.username}


async def test_a_topic_opens_while_the_desks_own_bot_may_post_no_more(yard: Yard) -> None:
    """Opening one is no post: it is opened by the desk's own bot, and its first words, with the card, by another."""
    await yard.full()
    posted = len(yard.world.history(yard.forum))
    other = yard.beside()
    await other.writes("a new topic")
    (first,) = await other.posts("a new topic")
    assert first["from"]["username"] == yard.bot.username
    assert "👤" in first["text"]
    assert len(yard.world.history(yard.forum)) > posted


async def test_what_is_done_to_a_relay_bots_post_is_heard(yard: Yard) -> None:
    """A reply to it goes to the contact as one, a reaction too; what the contact edits, reacts on or deletes is shown
    on the very post, by the bot that made it.
    """
    await yard.writes("second words")
    (post,) = await yard.posts("second words")
    assert post["from"]["username"] == yard.bot.username
    (message,) = [m for m in await yard.messages("in") if m.text.plain == "second words"]
    yard.world.say(yard.town.bob, yard.forum, "on it", thread=int(await yard.thread()), reply_to=post["message_id"])
    yard.office.hands.react("Bob", str(post["message_id"]), "👍")  # type: ignore[arg-type]
    await yard.office.hands.hear()
    answer = (await yard.messages("out"))[-1]
    assert (answer.text.plain, answer.reply_to) == ("on it", message.id)
    works = await yard.office.workspace.query(Work, Query(where={"state": "waiting"}))
    assert [w.task.message for w in works if isinstance(w.task, SendReaction)] == [message.id]
    await yard.does(Edited, "second words", text=Text("second thoughts"))
    assert await yard.by("second thoughts") == [yard.bot.username]
    await yard.does(Reacted, "second thoughts", emojis=("🔥",))
    reacted = yard.forum.messages[post["message_id"]].reactions
    assert set(reacted) == {yard.town.bob.id, yard.bot.id}
    await yard.does(Deleted, "second thoughts")
    assert "deleted by the contact" in (await yard.posts("second thoughts"))[0]["text"]


@pytest.mark.parametrize("how", ["thrown out", "no token", "no right"])
async def test_what_a_bot_that_is_out_was_to_post_others_post(yard: Yard, how: str) -> None:
    """Nothing is lost or shown twice, and the owners are told once."""
    _put_out(yard, how)
    for words in ("after one", "after two"):
        await yard.writes(words)
        assert await yard.by(words) == [yard.own.username]
    assert await yard.told_out() == 1


async def test_what_a_bot_that_is_out_posted_is_said_anew_when_it_changes(yard: Yard) -> None:
    """Once, under the old post; from then on the new one is edited. The owners are told once."""
    await yard.writes("second words")
    (post,) = await yard.posts("second words")
    _put_out(yard, "no token")
    await yard.does(Edited, "second words", text=Text("second thoughts"))
    (anew,) = await yard.posts("second thoughts")
    assert anew["from"]["username"] == yard.own.username
    assert anew["reply_to_message"]["message_id"] == post["message_id"]
    assert "the bot that posted it cannot edit it any more" in anew["text"]
    await yard.does(Edited, "second thoughts", text=Text("third thoughts"))
    (again,) = await yard.posts("third thoughts")
    assert again["message_id"] == anew["message_id"]
    assert await yard.told_out() == 1
    answer = str(anew["message_id"])
    yard.world.say(yard.town.bob, yard.forum, "yes", thread=int(await yard.thread()), reply_to=int(answer))
    await yard.office.hands.hear()
    assert (await yard.messages("out"))[-1].text.plain == "yes"


async def test_a_card_that_nobody_can_edit_any_more_comes_anew(yard: Yard) -> None:
    """With the contact's next words."""
    await yard.full()
    other = yard.beside()
    await other.writes("a new topic")
    assert "👤" in (await other.posts("a new topic"))[0]["text"]
    _put_out(yard, "no token")
    await yard.office.hands.type("Ann", "take", "topic", await other.thread())
    await other.writes("and now?", at_once=False)
    assert await other.by("and now?") == [yard.own.username]
    await other.writes("well?", at_once=False)
    texts = [m["text"] for m in await other.posts("👤")]
    assert len(texts) == 2


def _put_out(yard: Yard, how: str) -> None:
    acts: dict[str, Callable[[], None]] = {
        "thrown out": lambda: yard.world.remove_from_chat(yard.forum, yard.bot),
        "no right": lambda: yard.world.fail(method="sendMessage", chat=yard.forum, code=400, description=NO_RIGHT),
        "no token": lambda: setattr(yard.bot, "token", f"{yard.bot.id}:AAOtherOtherOtherOtherOtherOtherOther"),
    }
    acts[how]()
