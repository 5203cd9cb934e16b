"""The desk's life: bound, moved, lost and found again; who comes in, by what; and what General is for."""

from __future__ import annotations

import re
from typing import Any

from hub.domain.models import Contact, DeskItem, Message
from hub.settings import Settings
from tests.endtoend.shop import Shop, Talk, shop_in
from tests.endtoend.town import labels, town, until, words_of


async def shown_in(shop: Shop, group: Any, text: str) -> dict[str, Any]:
    """The hub's post in a group that says it, as soon as it is there."""

    def found() -> dict[str, Any] | None:
        mine = [m for m in shop.net.history(group) if m["from"]["id"] == shop.admin.id]
        return next((m for m in mine if text in words_of(m)), None)

    return dict(await until(found, f"“{text}” in {group.title}"))


# -- binding --


async def test_before_there_is_a_desk(own_settings: Settings) -> None:
    """What arrives while no desk is bound is kept; the owner is told once, in private, what to do; once bound, all of
    it is posted, in order, once, files and albums too.
    """
    async with town(own_settings) as place:
        shop = Shop(place)
        await shop.found()
        await shop.connect()
        talk, other = shop.newcomer(), shop.newcomer("tom")
        talk.say("early 1")
        talk.send("photo", b"early", caption="early 2")
        shop.net.send_album(
            talk.person,
            shop.bot,
            [{"kind": "photo", "data": b"1", "caption": "early 3"}, {"kind": "photo", "data": b"2"}],
        )
        other.say("also early")
        await until(lambda: any("no desk" in t for t in shop.told(shop.olivia)), "the owner to be told")
        await place.quiet()
        assert sum("no desk" in t for t in shop.told(shop.olivia)) == 1
        assert not shop.net.topics(shop.group)
        await shop.bind()
        await until(lambda: talk.there() and talk.post("early 3"), "the early ones")
        await until(lambda: other.there() and other.post("also early"), "the other's")
        await place.quiet()
        said = " ".join(talk.desk())
        assert [said.count(f"early {n}") for n in (1, 2, 3)] == [1, 1, 1]
        assert said.index("early 1") < said.index("early 2") < said.index("early 3")
        assert sum("photo" in m for m in talk.posts()) == 3
        assert talk.name in str(shop.cards()[-1])


async def test_a_desk_in_a_group_without_topics(own_settings: Settings) -> None:
    """A desk in a group whose topics are switched off: somebody who can mend it is told what is wrong, and what
    arrived is kept and shown once topics are on, or another group is the desk.
    """
    async with town(own_settings) as place:
        shop = Shop(place)
        await shop.found()
        await shop.connect()
        plain = shop.net.add_supergroup("Plain", members=[shop.olivia], admins=[shop.admin])
        shop.net.say(shop.olivia, plain, "/desk here")
        await until(lambda: [m for m in shop.net.history(plain) if m["from"]["id"] == shop.admin.id], "an answer")
        talk = shop.newcomer()
        talk.say("where do I go?")
        await until(lambda: shop.kept(Message), "the message to be kept")

        def told() -> bool:
            group = [words_of(m) for m in [*shop.net.history(plain), *shop.net.ephemeral(plain, shop.olivia)]]
            return any("opics are switched off" in t for t in [*group, *shop.told(shop.olivia)])

        await until(told, "Olivia to be told that topics are switched off")
        shop.net.say(shop.olivia, plain, "/desk off")
        await shown_in(shop, plain, "no desk any more")
        shop.net.say(shop.olivia, shop.group, "/desk here")
        await until(lambda: talk.there() and talk.post("where do I go?"), "the message")


async def test_binding_looks_at_the_group_at_once(own_settings: Settings) -> None:
    """`/desk here` in a group that cannot be a desk yet says what is wrong and how to mend it; what arrives meanwhile
    is shown by itself once it is mended, and `/desk` finds nothing wrong any more.
    """
    async with town(own_settings) as place:
        shop = Shop(place)
        await shop.found()
        await shop.connect()
        shop.group = shop.net.add_supergroup("Raw", members=[shop.olivia, shop.bob, shop.admin])
        shop.net.say(shop.olivia, shop.group, "/desk here")
        answer = words_of(await shown_in(shop, shop.group, "cannot work yet"))
        assert "Topics are switched off" in answer
        assert "no administrator" in answer
        talk = shop.newcomer()
        talk.say("anybody there?")
        assert "Raw needs mending" in await shop.ask(shop.olivia, "/desk")
        shop.group.forum = True
        shop.net.add_to_chat(shop.group, shop.admin, admin=True)
        await until(lambda: talk.there() and talk.post("anybody there?"), "the message")
        assert "mending" not in await shop.ask(shop.olivia, "/desk")


async def test_the_queue_card_is_last_after_binding(own_settings: Settings) -> None:
    """Nothing stands under the queue card after `/desk here`, the first time and again."""
    async with shop_in(own_settings) as shop:
        assert shop.home()[-1] == shop.cards()[-1]
        for _ in range(2):
            before = shop.cards()[-1]["message_id"]
            shop.net.say(shop.olivia, shop.group, "/desk here")
            await until(lambda b=before: shop.cards()[-1]["message_id"] != b, "the card to be posted anew")
            await shop.town.quiet()
            assert shop.home()[-1] == shop.cards()[-1]
            assert len(shop.cards()) == 1


async def test_the_desk_moves(own_settings: Settings) -> None:
    """`/desk off` in one group and `/desk here` in another: what is written meanwhile is kept, and from then on
    everything is in the new group, with its own topics; nothing more is posted in the old one, and what is typed
    there goes nowhere.
    """
    async with shop_in(own_settings) as shop:
        talk = await shop.arrive("before")
        old, old_topic = shop.group, talk.topic.id
        new = shop.net.add_forum("New team", members=[shop.olivia, shop.bob], admins=[shop.admin])
        shop.net.say(shop.olivia, old, "/desk off")
        await shown_in(shop, old, "no desk any more")
        talk.say("between")
        await shop.town.net.settled()
        shop.net.say(shop.olivia, new, "/desk here")
        shop.group = new
        await until(lambda: talk.there() and talk.post("between"), "the message in the new group")
        assert "before" in " ".join(talk.desk())
        posted = len(shop.net.history(old))
        talk.say("after")
        await talk.sees("after")
        since = len(shop.net.calls)
        shop.net.say(shop.bob, old, "old habits", thread=old_topic)
        await shop.town.quiet()
        assert not shop.outward(since)
        assert len(shop.net.history(old)) == posted + 1
        talk.write("from the new desk")
        await until(lambda: talk.heard() == ["from the new desk"], "the answer")
        assert [d.chat for d in await shop.kept(DeskItem)] == [str(new.id)]


async def test_a_second_desk(own_settings: Settings) -> None:
    """`/desk here` in a second group without letting go of the first: either it is refused with what to do, or both
    show everything; a contact is answered from either, once.
    """
    async with shop_in(own_settings) as shop:
        second = shop.net.add_forum("Second", members=[shop.olivia, shop.bob], admins=[shop.admin])
        shop.net.say(shop.olivia, second, "/desk here")
        await until(
            lambda: (
                [m for m in shop.net.history(second) if m["from"]["id"] == shop.admin.id]
                or shop.net.ephemeral(second, shop.olivia)
            ),
            "an answer",
        )
        await shop.town.quiet()
        talk = await shop.arrive("which desk?")
        talk.write("from the first")
        await until(lambda: talk.heard() == ["from the first"], "the answer")
        await shop.town.quiet()
        bound = {d.chat for d in await shop.kept(DeskItem)}
        assert str(shop.group.id) in bound
        if str(second.id) in bound:
            await shown_in(shop, second, "which desk?")
            await shown_in(shop, second, "from the first")


# -- topics by hand --


async def test_a_topic_closed_by_hand(shop: Shop) -> None:
    """A topic that somebody closed: the contact's next message is on the desk, once, and can be answered."""
    talk = await shop.arrive("one")
    shop.net.close_topic(shop.olivia, shop.group, talk.topic.id)
    talk.say("two")
    await until(lambda: any("two" in t for t in all_posts(talk)), "the message")
    await shop.town.quiet()
    assert sum(t.count("two") for t in all_posts(talk)) == 1
    assert not talk.topic.closed
    talk.write("answered")
    await until(lambda: talk.heard() == ["answered"], "the answer")


async def test_a_topic_deleted_by_hand(shop: Shop) -> None:
    """A topic that somebody deleted: a new one opens with a short transcript and the new message once, with card and
    buttons; answering there works, and edits of old messages harm nothing.
    """
    talk = await shop.arrive("the old question")
    old = shop.net.private(talk.person, shop.bot)[0]
    talk.write("the old answer")
    await until(lambda: talk.heard() == ["the old answer"], "the answer")
    talk.write("//an old note")
    await shop.town.quiet()
    shop.net.delete_topic(shop.olivia, shop.group, talk.topic.id)
    shop.net.edit(talk.person, shop.bot, old["message_id"], "the edited question")
    talk.say("the new question")
    await until(lambda: talk.there() and talk.post("the new question"), "the message")
    await shop.town.quiet()
    before, post = talk.posts()[0], talk.posts()[-1]
    assert "the old answer" in words_of(before)
    assert "an old note" in words_of(before)
    assert "waiting since" in words_of(post)
    assert any(label.startswith("✅") for label in labels(post))
    talk.write("the new answer")
    await until(lambda: talk.heard() == ["the old answer", "the new answer"], "the answer")
    assert len(talk.topics()) == 1


async def test_a_topic_renamed_by_hand(shop: Shop) -> None:
    """A topic that somebody renamed stays the contact's; a closed conversation marks it, a new message takes the mark
    away.
    """
    talk = await shop.arrive()
    shop.net.rename_topic(shop.olivia, shop.group, talk.topic.id, f"VIP {talk.name}")
    talk.say("still me")
    await talk.sees("still me")
    talk.write("/close done")
    await until(lambda: "✅" in talk.topic.name, "the mark")
    talk.say("me again")
    await until(lambda: "✅" not in talk.topic.name, "the mark to go")
    assert len(talk.topics()) == 1


async def test_all_topics_lost(shop: Shop) -> None:
    """When the network loses every topic, each contact's next message opens a new one."""
    ann, tom = await shop.arrive("first"), await shop.arrive("first", "tom")
    await shop.town.quiet()
    shop.net.lose_topics(shop.group)
    for talk in (ann, tom):
        talk.say(f"found again {talk.name}")
    for talk in (ann, tom):
        await until(lambda t=talk: t.there() and t.post(f"found again {t.name}"), "the message")
        assert sum(f"found again {talk.name}" in t for t in talk.desk()) == 1


def all_posts(talk: Talk) -> list[str]:
    """The hub's words in all topics of that name."""
    found = [m for t in talk.topics() for m in talk.net.history(talk.shop.group, t.id)]
    return [words_of(m) for m in found if m["from"]["id"] == talk.shop.admin.id]


# -- the group itself --


async def test_the_group_becomes_a_supergroup(own_settings: Settings) -> None:
    """When the desk's group gets a new identity the desk moves with it: what comes is posted there, `/desk` knows it,
    and answers from there reach the contact.
    """
    async with town(own_settings) as place:
        shop = Shop(place)
        await shop.found()
        await shop.connect()
        await shop.invite(shop.bob)
        shop.group = shop.net.add_group("Team", members=[shop.olivia, shop.bob], admins=[shop.admin])
        shop.net.say(shop.olivia, shop.group, "/desk here")
        await until(lambda: [m for m in shop.net.history(shop.group) if m["from"]["id"] == shop.admin.id], "an answer")
        await shop.town.net.settled()
        old, shop.group = shop.group, shop.net.migrate(shop.group)
        shop.group.forum = True
        talk = shop.newcomer()
        talk.say("did you move?")
        await until(lambda: talk.there() and talk.post("did you move?"), "the message in the supergroup")
        talk.write("we did")
        await until(lambda: talk.heard() == ["we did"], "the answer")
        assert [d.chat for d in await shop.kept(DeskItem)] == [str(shop.group.id)]
        assert await place.hub.store.directory.route("desk", f"telegram:{old.id}") is None


async def test_the_move_is_only_found_out_by_posting(own_settings: Settings) -> None:
    """Where the update about the new identity was missed, the refusal of the next post tells it, and nothing is lost or
    posted twice, though the messages' numbers begin anew in the new group.
    """
    async with town(own_settings) as place:
        shop = Shop(place)
        await shop.found()
        await shop.connect()
        await shop.invite(shop.bob)
        shop.group = shop.net.add_group("Team", members=[shop.olivia, shop.bob], admins=[shop.admin])
        shop.net.say(shop.olivia, shop.group, "/desk here")
        await until(shop.cards, "the queue card")
        await place.quiet()
        before = len(shop.net.history(shop.group))
        for _ in range(4):
            shop.net.say(shop.olivia, shop.group, "/category add")
            await place.quiet()
        assert len(shop.net.history(shop.group)) >= before + 4
        shop.group = shop.net.migrate(shop.group)
        shop.group.forum = True
        shop.admin.inbox.clear()
        talks = [shop.newcomer() for _ in range(4)]
        for talk in talks:
            talk.say(f"after the move {talk.name}")
        for talk in talks:
            await until(lambda t=talk: t.there() and t.post("after the move"), "the message in the new group")
            talk.write("answered there")
            await until(lambda t=talk: t.heard() == ["answered there"], "the answer")
            assert sum("after the move" in t for t in talk.desk()) == 1


async def test_the_bot_is_thrown_out_and_comes_back(own_settings: Settings) -> None:
    """While the admin bot is out of the group nothing is lost; back in, all of it is posted, in order and once, and
    soon.
    """
    async with shop_in(own_settings) as shop:
        talk = await shop.arrive("inside")
        await shop.town.quiet()
        shop.net.remove_from_chat(shop.group, shop.admin)
        talk.say("outside 1")
        new = shop.newcomer("tom")
        new.say("outside too")
        await until(lambda: [c for c in shop.net.calls if c.status == 403], "a refusal")
        talk.say("outside 2")
        await shop.town.net.settled()
        shop.net.add_to_chat(shop.group, shop.admin, admin=True)
        await until(lambda: talk.post("outside 2"), "the messages")
        await until(lambda: new.there() and new.post("outside too"), "the other's")
        said = " ".join(talk.desk())
        assert said.count("outside 1") == said.count("outside 2") == 1
        assert said.index("outside 1") < said.index("outside 2")


async def test_the_owner_hears_of_a_desk_out_of_reach(own_settings: Settings) -> None:
    """When nothing can be posted on the desk any more, for the bot was thrown out, an owner is told in private,
    once.
    """
    async with shop_in(own_settings) as shop:
        before = len(shop.told(shop.olivia))
        shop.net.remove_from_chat(shop.group, shop.admin)
        for _ in range(3):
            shop.newcomer().say("hello?")
        await until(lambda: len(shop.told(shop.olivia)) > before, "the owner to be told")
        assert len(shop.told(shop.olivia)) == before + 1


# -- General --


async def test_general_reaches_nobody(shop: Shop) -> None:
    """What is typed in General reaches no contact: plain, as a reply to the queue card, with a number, or a snippet."""
    talk = await shop.arrive()
    (contact,) = [c for c in await shop.kept(Contact) if c.first_name == talk.name]
    await shop.ask(shop.olivia, "/snippet add hi Hello {{ contact.first_name }}!")
    await shop.town.quiet()
    since = len(shop.net.calls)
    card = shop.cards()[-1]
    shop.net.say(shop.bob, shop.group, "hello everybody")
    shop.net.say(shop.bob, shop.group, "hello customer", reply_to=card["message_id"])
    number = re.search(rf"{contact.first_name} #(\d+)", str(card))
    assert number is not None
    shop.net.say(shop.bob, shop.group, f"/s {number[1]} hi")
    await until(
        lambda: any("Nothing was sent yet" in words_of(m) for m in [*shop.home(), *shop.whispers(shop.bob)]),
        "the preview",
    )
    await shop.town.quiet()
    assert not shop.outward(since)
    assert talk.heard() == []


async def test_the_queue_card_is_last_and_true(own_settings: Settings) -> None:
    """The queue card tells who waits, longest first, with links; it is the last message in General once five messages
    lay on it; there is never more than one.
    """
    async with shop_in(own_settings) as shop:
        names = [(await shop.arrive(name=name)).name for name in ("ann", "tom", "zed")]
        await shop.town.quiet()
        (card,) = shop.cards()
        assert "Waiting: 3" in card["text"]
        rows = [row[0] for row in card["reply_markup"]["inline_keyboard"]]
        assert [next(n for n in names if n in r["text"]) for r in rows] == names
        assert all(r["url"].startswith("https://t.me/c/") for r in rows)
        for number in range(6):
            shop.net.say(shop.bob, shop.group, f"chatter {number}")
        await until(
            lambda: len(shop.cards()) == 1 and words_of(shop.home()[-1]) == words_of(shop.cards()[0]),
            "the card to be last",
        )
        talk = Talk(shop, next(u for u in shop.net.users.values() if u.first_name == names[0]))
        talk.write("answered")
        await until(lambda: len(shop.cards()) == 1 and "Waiting: 2" in shop.cards()[0]["text"], "the card to follow")
        assert names[0] not in str(shop.cards()[0]["reply_markup"])


async def test_the_queue_card_is_taken_away_by_hand(shop: Shop) -> None:
    """A queue card that somebody deleted comes back with the next change."""
    await shop.town.quiet()
    for card in shop.cards():
        shop.net.delete(shop.olivia, shop.group, card["message_id"])
    talk = await shop.arrive()
    await until(lambda: shop.cards() and talk.name in str(shop.cards()[-1]), "the card")


async def test_take_from_the_queue_card(shop: Shop) -> None:
    """✋ beside a row takes that conversation; a second press by a colleague hears who has it, and changes nothing."""
    talk = await shop.arrive()
    await until(lambda: talk.name in str(shop.cards()[-1]), "the row")
    await shop.town.quiet()
    card = shop.cards()[-1]
    row = next(r for r in card["reply_markup"]["inline_keyboard"] if talk.name in r[0]["text"])
    data = row[1]["callback_data"]
    tap = shop.net.press(shop.bob, shop.group, card["message_id"], data)
    await tap.answer()
    await talk.sees("✋ Bob")
    query = {
        "id": "4950000000000001",
        "from": shop.olivia.as_json(),
        "message": card,
        "chat_instance": "1",
        "data": data,
    }
    shop.net.raw_update(shop.admin, {"callback_query": query})
    await shop.town.quiet()
    await talk.sees("✋ Bob")


async def test_the_card_follows_every_change(shop: Shop) -> None:
    """The contact's card shows assignee, tags, state and closing note after each change, whoever made it and
    however.
    """
    talk = await shop.arrive()
    await talk.sees("✋ nobody")
    talk.write("/assign bob", by=shop.olivia)
    await until(lambda: "✋ Bob" in talk.desk()[0], "the assignee")
    talk.write("/tag +vip")
    await until(lambda: "🏷 vip" in talk.desk()[0], "the tag")
    talk.write("/assign nobody")
    await until(lambda: "✋ nobody" in talk.desk()[0], "nobody")
    talk.write("/tag -vip")
    await until(lambda: "🏷" not in talk.desk()[0], "no tag")
    talk.write("/close refunded order 7")
    await until(lambda: "✅ closed" in talk.desk()[0] and "refunded order 7" in talk.desk()[0], "the closing note")
    await until(lambda: talk.topic.name.startswith("✅"), "the topic's mark")
    talk.write("/reopen")
    await until(lambda: "🟢 open" in talk.desk()[0] or "waiting" in talk.desk()[0], "it to be open")
    await until(lambda: not talk.topic.name.startswith("✅"), "the mark to go")
    assert "refunded order 7" not in talk.desk()[0]


async def test_a_spell_has_one_row_of_buttons(shop: Shop) -> None:
    """The first message of an unanswered spell carries the buttons, later ones do not; answering takes them away, and
    the next spell has them anew.
    """
    talk = await shop.arrive("first of the spell")
    talk.say("second of the spell")
    await talk.sees("second of the spell")
    await shop.town.quiet()
    first, second = await talk.sees("first of the spell"), await talk.sees("second of the spell")
    assert any(x.startswith("✅") for x in labels(first))
    assert first["message_id"] == second["message_id"] or not labels(second)
    talk.write("answered")
    await until(lambda: not any(labels(m) for m in talk.posts()), "the buttons to go")
    talk.say("a new spell")
    await until(lambda: talk.post("a new spell") and labels(talk.post("a new spell") or {}), "the buttons")
