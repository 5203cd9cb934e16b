"""Dialogs: plain words in a topic, notes, edits, reactions, albums."""

from __future__ import annotations

import pytest

from hub.admin_bot.heard import TookAway
from hub.domain import settle
from hub.domain.ids import new_id
from hub.domain.models import Comment, Member, Message
from hub.domain.ports import Tx
from hub.domain.work import Redraw, SendEdit, SendReaction, Work
from tests.admin_bot.counter_desk import Shop, Who, button, buttons, photo


async def test_plain_words_go_to_the_contact_and_claim(shop: Shop, bob: Who) -> None:
    """What an agent types in a topic is the reply, needs nothing else, and claims the conversation."""
    topic = await shop.arrive()
    post, answer = await topic.post(bob, "It left today.")
    assert answer.reply is None
    (message,) = await shop.out()
    assert (message.text.plain, message.author, message.state) == ("It left today.", bob.user, "queued")
    assert len(await shop.sends()) == 1
    conversation = await topic.conversation()
    assert (conversation.assignee, conversation.waiting_since) == (bob.user, None)
    kept = await shop.post_kept(post)
    assert kept is not None
    assert (kept.role, kept.messages) == ("reply", [message.id])


async def test_the_same_update_twice_is_one_reply(shop: Shop, bob: Who) -> None:
    """A redelivered update changes nothing and says nothing."""
    topic = await shop.arrive()
    for _ in range(2):
        answer = await topic.say(bob, "Once", update="77")
    assert answer.reply is None
    assert len(await shop.out()) == 1


async def test_a_note_stays_inside(shop: Shop, bob: Who) -> None:
    """What begins with // is kept as a note and reaches nobody outside."""
    topic = await shop.arrive()
    answer = await topic.say(bob, "//looks like fraud")
    assert answer.reply is None
    (note,) = await shop.all(Comment)
    assert (note.text.plain, note.author, note.held) == ("looks like fraud", bob.user, False)
    assert await shop.nothing_left()


@pytest.mark.parametrize("mark", ["//", "// ", "///", " //\n"])
async def test_a_note_of_nothing_is_not_kept(shop: Shop, bob: Who, mark: str) -> None:
    """The mark alone keeps nothing and sends nothing, and is told how a note is written."""
    topic = await shop.arrive()
    await topic.say(bob, mark)
    assert "Nothing was kept" in shop.said()
    assert not await shop.all(Comment)
    assert await shop.nothing_left()


async def test_a_note_calls_a_colleague(shop: Shop, bob: Who, zoe: Who) -> None:
    """A note whose first word is a colleague's name calls them, and says so in the topic."""
    topic = await shop.arrive()
    post, answer = await topic.post(bob, "//Zoe, check the refund")
    (note,) = await shop.all(Comment)
    kept = await shop.post_kept(post)
    assert note.mentions == [zoe.user]
    assert kept is not None
    assert kept.pinged == [zoe.user]
    assert answer.reply is not None
    assert answer.reply.lasting
    assert zoe.asker.identity.replace("telegram:", "tg://user?id=") in shop.drawn[-1]


async def test_an_unknown_name_calls_nobody_and_is_told(shop: Shop, bob: Who) -> None:
    """A name that is nobody's keeps the note, calls nobody, and says so."""
    topic = await shop.arrive()
    await topic.say(bob, "//@zoey check this")
    (note,) = await shop.all(Comment)
    assert note.mentions == []
    assert "@zoey" in shop.said()
    assert "Did you mean Zoe" in shop.said()


async def test_answering_a_note_is_a_note(shop: Shop, bob: Who, zoe: Who) -> None:
    """The answer to a note is a note, told to be one, even from the lock screen."""
    topic = await shop.arrive()
    post, _ = await topic.post(bob, "//what do you think?")
    answer = await topic.say(zoe, "He is right, refund it", answers=post)
    assert len(await shop.all(Comment)) == 2
    assert await shop.nothing_left()
    assert "not sent" in shop.said()
    assert button(answer, "Undo")


async def test_answering_the_contacts_words_is_a_reply_to_them(shop: Shop, bob: Who) -> None:
    """A reply to the contact's message goes out as a reply to that message."""
    topic = await shop.arrive()
    await topic.say(bob, "This one is late", answers=topic.relay)
    (message,) = await shop.out()
    (heard,) = [m for m in await shop.all(Message) if m.direction == "in"]
    assert message.reply_to == heard.id


async def test_an_edit_is_mirrored(shop: Shop, bob: Who) -> None:
    """Editing a reply changes what the contact sees; editing by somebody else, or of an unknown post, does nothing."""
    topic = await shop.arrive()
    post, _ = await topic.post(bob, "tomorow")
    await shop.edit(shop.people["Zoe"], post, "hacked", topic.spot)
    await shop.edit(bob, post, "tomorrow", topic.spot)
    (message,) = await shop.out()
    assert message.text.plain == "tomorrow"
    assert len([w for w in await shop.all(Work) if isinstance(w.task, SendEdit)]) == 1


async def test_a_note_is_never_sent_by_editing(shop: Shop, bob: Who) -> None:
    """Editing the // away does not send a note; editing what left into a command says that the old text stays."""
    topic = await shop.arrive()
    note, _ = await topic.post(bob, "//secret")
    await shop.edit(bob, note, "secret", topic.spot)
    assert await shop.nothing_left()
    post, _ = await topic.post(bob, "Hello")
    sends = await shop.sends()
    await shop.run(lambda tx: settle.take(tx, sends))
    await shop.edit(bob, post, "/close bil", topic.spot)
    assert "still sees the old text" in shop.said()
    assert (await shop.out())[0].text.plain == "Hello"


async def test_a_note_edited_is_said_to_stay_one(shop: Shop, bob: Who) -> None:
    """Who edits the // of a note away is told that it was not sent by that; other changes of it need no word."""
    topic = await shop.arrive()
    post, _ = await topic.post(bob, "//on its way")
    assert (await shop.edit(bob, post, "//is on its way", topic.spot)).reply is None
    await shop.edit(bob, post, "It is on its way.", topic.spot)
    assert "stays a note" in shop.said()
    assert await shop.nothing_left()


@pytest.mark.parametrize("words", ["//do not tell them", "/close bil liar"])
async def test_a_held_message_edited_inward_is_a_note(shop: Shop, bob: Who, zoe: Who, words: str) -> None:
    """What was held and is then edited into a note or a command is a note for good: its button sends nothing."""
    topic = await shop.arrive()
    await topic.say(zoe, "/take")
    post, answer = await topic.post(bob, "They are wrong")
    await shop.edit(bob, post, words, topic.spot)
    assert "never goes out" in shop.said()
    await topic.press(bob, button(answer, "Send to"))
    assert await shop.nothing_left()
    assert [c.held for c in await shop.all(Comment)] == [False]


async def test_a_namesake_is_told_apart(shop: Shop, bob: Who, zoe: Who) -> None:
    """Who is a member by two chat accounts is told that it is the other one which has the conversation."""

    async def renamed(tx: Tx) -> None:
        member = await tx.get(Member, zoe.user)
        assert member is not None
        member.name = "Bob Bright"

    await shop.run(renamed)
    topic = await shop.arrive()
    await topic.say(zoe, "/take")
    await topic.say(bob, "It is on its way.")
    assert "Bob Bright has this conversation, by another account than the one you write from." in shop.said()


async def test_a_held_message_says_what_it_was_corrected_to(shop: Shop, bob: Who, zoe: Who) -> None:
    """Corrected while it is held, a message leaves in its new words."""
    topic = await shop.arrive()
    await topic.say(zoe, "/take")
    post, answer = await topic.post(bob, "They are wrong")
    assert (await shop.edit(bob, post, "You are right", topic.spot)).reply is None
    await topic.press(bob, button(answer, "Send to"))
    (message,) = await shop.out()
    assert message.text.plain == "You are right"
    redrawn = [w.task.message for w in await shop.all(Work) if isinstance(w.task, Redraw)]
    assert message.id in redrawn, "the other desks show it as the reply that it is now"


async def test_a_held_message_taken_away_is_a_note(shop: Shop, bob: Who, zoe: Who) -> None:
    """Who takes a held message away, where that is told, has it kept as a note: its button sends nothing."""
    topic = await shop.arrive()
    await topic.say(zoe, "/take")
    post, answer = await topic.post(bob, "They are wrong")
    gone = TookAway(update=new_id(), asker=bob.asker, spot=topic.spot, at=shop.now, post=post)
    await shop.hear(gone)
    assert "Not sent" in shop.said()
    await topic.press(bob, button(answer, "Send to"))
    assert await shop.nothing_left()
    assert len(await shop.all(Comment)) == 1


async def test_a_reaction_is_mirrored(shop: Shop, bob: Who, mallory: Who) -> None:
    """A member's reaction on the contact's words reaches the contact; nobody else's does."""
    topic = await shop.arrive()
    await shop.react(mallory, topic.relay, "👎")
    await shop.react(bob, topic.relay, "👍")
    emojis = [w.task.emoji for w in await shop.all(Work) if isinstance(w.task, SendReaction)]
    assert emojis == ["👍"]


async def test_an_album_leaves_whole(shop: Shop, bob: Who) -> None:
    """The parts of an album are sent as one album."""
    topic = await shop.arrive()
    for caption in ("Look", "", ""):
        await topic.say(bob, caption, attachments=photo(), album="g1")
    assert [m.album for m in await shop.out()] == ["g1"] * 3


async def test_an_album_with_an_internal_caption_stays(shop: Shop, bob: Who) -> None:
    """Wherever in the album the internal caption stands, no part of it leaves, and who waited waits on."""
    for place in range(3):
        topic = await shop.arrive(f"Ann{place}")
        waiting = (await topic.conversation()).waiting_since
        for part in range(3):
            caption = "//inside only" if part == place else ""
            await topic.say(bob, caption, attachments=photo(), album=f"g{place}")
        assert await shop.nothing_left(), place
        assert len(await shop.all(Comment, contact=topic.contact)) == 3
        assert (await topic.conversation()).waiting_since == waiting


async def test_held_because_another_has_it(shop: Shop, bob: Who, zoe: Who) -> None:
    """When a colleague has the conversation, the answer is held; [Send to Ann] sends it, once."""
    topic = await shop.arrive()
    await topic.say(bob, "/take")
    post, answer = await topic.post(zoe, "Hello Ann")
    assert await shop.nothing_left()
    assert "Bob Bright has this conversation" in shop.said()
    send = button(answer, "Send to Ann")
    assert send.outward
    await topic.press(zoe, send)
    (message,) = await shop.out()
    assert message.text.plain == "Hello Ann"
    kept = await shop.post_kept(post)
    assert kept is not None
    assert (kept.role, kept.messages) == ("reply", [message.id])
    assert not await shop.all(Comment)
    await topic.press(zoe, send)
    assert len(await shop.out()) == 1


async def test_what_is_held_becomes_a_note(shop: Shop, bob: Who, zoe: Who) -> None:
    """A held message is kept as a note at a tap, or for good after 15 minutes: never a reply by itself."""
    topic = await shop.arrive()
    await topic.say(bob, "/take")
    answer = await topic.say(zoe, "One")
    await topic.press(zoe, button(answer, "Keep as a note"))
    answer = await topic.say(zoe, "Two")
    shop.later(minutes=16)
    await topic.press(zoe, button(answer, "Send to Ann"))
    assert "15 minutes" in shop.said()
    assert await shop.nothing_left()
    assert [c.held for c in await shop.all(Comment)] == [False, True]


async def test_a_held_message_is_not_sent_into_a_changed_conversation(shop: Shop, bob: Who, zoe: Who) -> None:
    """[Send to Ann] on what has changed since shows it again instead, and works then."""
    topic = await shop.arrive()
    await topic.say(bob, "/take")
    answer = await topic.say(zoe, "Hello")
    await topic.say(bob, "/assign -")
    answer = await topic.press(zoe, button(answer, "Send to Ann"))
    assert await shop.nothing_left()
    assert "changed meanwhile" in shop.said()
    assert answer.redraw
    await topic.press(zoe, button(answer, "Send to Ann"))
    assert len(await shop.out()) == 1


async def test_a_held_album_is_asked_about_once_and_leaves_whole(shop: Shop, bob: Who, zoe: Who) -> None:
    """An album that is held asks one question, and its answer holds for all parts."""
    topic = await shop.arrive()
    await topic.say(bob, "/take")
    answers = [await topic.say(zoe, c, attachments=photo(), album="g1") for c in ("See", "", "")]
    assert [a.reply is not None for a in answers] == [True, False, False]
    await topic.press(zoe, button(answers[0], "Send to Ann"))
    assert [m.album for m in await shop.out()] == ["g1"] * 3


async def test_nothing_is_sent_to_who_blocked_us(shop: Shop, bob: Who) -> None:
    """What is written to a contact who blocked us is held, and the agent is told."""
    topic = await shop.arrive()

    async def block(tx: object) -> None:
        from hub.domain.models import Contact

        contact = await tx.get(Contact, topic.contact)  # type: ignore[attr-defined]
        contact.reaches[0].state = "blocked"

    await shop.run(block)
    answer = await topic.say(bob, "Hello?")
    assert "blocked" in shop.said()
    await topic.press(bob, button(answer, "Send to Ann"))
    assert await shop.nothing_left()


async def test_words_at_the_home_reach_nobody(shop: Shop, bob: Who) -> None:
    """Plain words in General reach nobody; a reply there to a contact's post is told so; five ask for a new card."""
    topic = await shop.arrive()
    assert (await shop.say(bob, "lunch?")).reply is None
    await shop.say(bob, "I'll refund you", answers=topic.relay)
    assert "Not sent" in shop.said()
    for _ in range(3):
        await shop.say(bob, "chat")
    assert await shop.nothing_left()
    assert (await shop.desk()).home_posts >= 5


async def test_empty_messages_are_not_sent(shop: Shop, bob: Who) -> None:
    """A message of which nothing can be carried is refused in words."""
    topic = await shop.arrive()
    answer = await topic.say(bob, "")
    assert await shop.nothing_left()
    assert "Not sent" in shop.said()
    assert not buttons(answer)


@pytest.mark.parametrize("between", ["/take", "/mine"], ids=["a command", "an alias"])
async def test_a_question_that_was_passed_over(shop: Shop, bob: Who, between: str) -> None:
    """Somebody asked for a summary gives another command first: what they write then may be the summary, or be meant
    for the contact. It is neither as a matter of course: it is held.
    """
    topic = await shop.arrive()
    await topic.say(bob, "/alias mine = /take")
    answer = await topic.say(bob, "/close")
    assert answer.reply is not None
    assert answer.reply.ask
    await topic.say(bob, between)
    await topic.say(bob, "one of those who never pay")
    assert "a question of mine still waited here" in shop.said()
    assert await shop.nothing_left()
    assert (await topic.conversation()).state == "open"


async def test_a_question_answered_by_a_line_of_its_own(shop: Shop, bob: Who) -> None:
    """What was asked for came with the command, typed whole: plain words go to the contact again."""
    topic = await shop.arrive()
    await topic.say(bob, "/snippet add")
    await topic.say(bob, "/snippet add hi Hello there")
    await topic.say(bob, "It left today.")
    assert [m.text.plain for m in await shop.out()] == ["It left today."]
