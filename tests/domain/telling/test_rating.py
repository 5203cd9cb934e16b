"""Rating: who is asked, what a press does, however late, often or forged, and that none of it opens a conversation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.domain import conversations, takeback
from hub.domain.answers import Written, reply
from hub.domain.catalog import Asking
from hub.domain.ids import Address, ExternalId, PostId, UserId
from hub.domain.incoming import Postback, Said
from hub.domain.models import Block, Contact, Conversation, Location, Message, Preferences, now
from hub.domain.telling.phrases import PHRASES, phrase
from hub.domain.telling.rating import LIFE, MOST_SAID, PAUSE, REMARK_LIFE
from hub.domain.text import Text
from hub.domain.work import AnswerPress, Work
from hub.host.timekeeping import ring
from hub.store import MongoWorkspace
from tests.domain.telling.town import Town

SOON = PAUSE + timedelta(seconds=1)


@pytest.fixture
async def town(workspace: MongoWorkspace) -> Town:
    town = await Town(workspace).found()
    await town.change(Preferences, "preferences", asking=Asking(on=True))
    return town


async def close(town: Town, *, answered: bool = True) -> Conversation:
    """A contact wrote, was answered, and it is done."""
    await town.write()
    if answered:
        (contact,) = await town.all(Contact)

        async def deed(tx, act, conversation):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
            known = await tx.get(Contact, contact.id)
            await reply(tx, act, known, conversation, Written(post=PostId(""), text=Text("so it is")), seen=False)

        await town.act("Ann", deed)
    await town.act("Ann", conversations.close)
    return await town.conversation()


async def asked(town: Town) -> Conversation:
    """And asked."""
    conversation = await close(town)
    await ring(town.workspace, now() + SOON)
    return conversation


async def press(town: Town, conversation: Conversation, what: str, name: str = "Dora", update: str = "") -> None:
    payload = f"rating:{conversation.id}:{what}"
    external = ExternalId(f"press{update or payload}")
    await town.hear(Postback(address=Address(name), at=now(), external_id=external, payload=payload), update)


async def said(town: Town) -> list[str]:
    return [m.text.plain for m in await town.all(Message, source="rating")]


async def score(town: Town) -> int | None:
    rating = (await town.all(Conversation))[0].rating
    return rating.score if rating else None


async def test_a_contact_is_asked_once_a_moment_after_closing(town: Town) -> None:
    """By five buttons; each carries the conversation, and fits into what networks carry."""
    conversation = await close(town)
    assert await ring(town.workspace, now() + PAUSE - timedelta(seconds=5)) == 0
    await ring(town.workspace, now() + SOON)
    (message,) = await town.all(Message, source="rating")
    assert [c.label for c in message.choices] == ["1 ★", "2 ★", "3 ★", "4 ★", "5 ★"]
    assert all(conversation.id in c.value and len(c.value) <= 64 for c in message.choices)
    await town.act("Ann", conversations.reopen)
    await town.act("Ann", conversations.close)
    await ring(town.workspace, now() + SOON)
    assert len(await said(town)) == 1


async def test_who_was_not_helped_is_not_asked(town: Town) -> None:
    """Nor who wrote again meanwhile, whose closing was taken back, whom we do not hear, or where it is off."""
    await close(town, answered=False)
    await ring(town.workspace, now() + SOON)
    await close(town)
    await town.act("Ann", lambda tx, act, _: takeback.undo(tx, act, "", lambda _: True))
    await ring(town.workspace, now() + SOON)
    await town.act("Ann", conversations.close)
    await town.change(Contact, (await town.all(Contact))[0].id, block=Block(at=now(), by=UserId("Ann")))
    await ring(town.workspace, now() + SOON)
    assert await said(town) == []


async def test_a_rating_is_kept_and_the_desk_told(town: Town) -> None:
    """It opens no conversation and is no message; the network hears that the press was heard, once."""
    conversation = await asked(town)
    await press(town, conversation, "4", update="u1")
    await press(town, conversation, "4", update="u1")
    assert await score(town) == 4
    assert (await said(town))[1:] == ["Thank you: 4 of 5."]
    assert len(await town.all(Conversation)) == 1
    assert len(await town.all(Message, direction="in")) == 1
    assert len([w for w in await town.all(Work) if isinstance(w.task, AnswerPress)]) == 1


async def test_a_second_rating_corrects_the_first(town: Town) -> None:
    """The same again is told that it is known; whoever goes on pressing is not answered for ever."""
    conversation = await asked(town)
    for what in ("1", "5", "5"):
        await press(town, conversation, what)
    assert await score(town) == 5
    assert (await said(town))[1:] == [
        "Thank you: 1 of 5.",
        "Thank you, it is 5 of 5 now.",
        "You have told us already: 5 of 5. Thank you!",
    ]
    for _ in range(20):
        await press(town, conversation, "5")
    assert len(await said(town)) == MOST_SAID


async def test_a_late_rating_does_not_count(town: Town) -> None:
    """It gets a friendly sentence all the same, and opens nothing."""
    conversation = await asked(town)
    await town.change(Conversation, conversation.id, closed_at=now() - LIFE - timedelta(hours=1))
    await press(town, conversation, "5")
    assert await score(town) is None
    assert (await said(town))[1:] == [phrase("late", "")]
    assert len(await town.all(Conversation)) == 1


async def test_what_was_opened_again_is_not_rated_yet(town: Town) -> None:
    """The contact hears that they will be asked again."""
    conversation = await asked(town)
    await town.act("Ann", conversations.reopen)
    await press(town, conversation, "1")
    assert await score(town) is None
    assert (await said(town))[1:] == [phrase("open", "")]


async def test_who_is_not_heard_is_not_asked_either(town: Town) -> None:
    """A blocked contact's press keeps nothing and shows nothing."""
    conversation = await asked(town)
    await town.change(Contact, (await town.all(Contact))[0].id, block=Block(at=now(), by=UserId("Ann")))
    await press(town, conversation, "1")
    assert await score(town) is None
    assert len(await said(town)) == 1


async def test_a_press_without_a_date_is_one_of_now(town: Town) -> None:
    """Some networks do not say when an old button was pressed: what it becomes stands among the newest."""
    conversation = await asked(town)
    long_ago = datetime.fromtimestamp(0, UTC)
    for n, payload in enumerate((f"rating:{conversation.id}:3", "another button")):
        press_id = ExternalId(f"old{n}")
        await town.hear(Postback(address=Address("Dora"), at=long_ago, external_id=press_id, payload=payload))
    assert (await town.all(Conversation))[0].rating.at.year >= 2026
    assert (await town.conversation()).opened_at.year >= 2026


async def test_nobody_rates_what_is_not_theirs(town: Town) -> None:
    """A payload made by hand does nothing and says nothing; one that is no rating is a message as ever."""
    conversation = await asked(town)
    await town.write(name="Mallory")
    before = len(await town.all(Message))
    await press(town, conversation, "1", name="Mallory")
    await press(town, conversation, "1", name="Nobody")
    assert await score(town) is None
    assert len(await town.all(Message)) == before
    await press(town, conversation, "6", name="Mallory")
    assert len(await town.all(Message)) == before + 1


# -- what is said to it ----------------------------------------------------------------------------------------------


async def test_a_remark_is_kept_with_the_rating(town: Town) -> None:
    """Only who says that they want to say more does so by their next message; it is shown, and opens nothing."""
    conversation = await asked(town)
    await press(town, conversation, "2")
    await press(town, conversation, "more")
    await town.write("too slow")
    (now_so,) = await town.all(Conversation)
    assert (now_so.rating.score, now_so.rating.comment, now_so.state) == (2, "too slow", "closed")
    assert (await said(town))[-1] == "Thank you, we have kept it."
    await town.write("and my order?")
    assert len(await town.all(Conversation)) == 2


async def test_what_is_no_remark_opens_a_conversation(town: Town) -> None:
    """Too late, or more than words, or without having asked for it: no message of a contact goes under."""
    conversation = await asked(town)
    await press(town, conversation, "2")
    await press(town, conversation, "more")
    late = now() + REMARK_LIFE + timedelta(minutes=1)
    await town.write("where is my order?", at=late)
    assert (await town.conversation()).number == conversation.number + 1
    await town.act("Ann", conversations.close)
    await press(town, conversation, "more")
    where = Location(latitude=1.0, longitude=2.0)
    await town.hear(Said(address=Address("Dora"), at=now(), external_id=ExternalId("x"), attachments=(where,)))
    assert (await town.conversation()).number == conversation.number + 2


def test_every_language_has_every_phrase() -> None:
    """And none is longer than a button's label may be on the narrowest network."""
    for words in PHRASES.values():
        assert words.keys() == PHRASES["en"].keys()
        assert len(words["remark"]) <= 20
        assert [each for each in words if "{score}" in words[each]] == ["thanks", "again", "changed"]


def test_who_speaks_another_language_is_asked_in_english() -> None:
    """One that the hub speaks is taken by its first two letters."""
    assert phrase("kept", "pt-BR") == phrase("kept", "")
    assert phrase("kept", "de-AT").startswith("Vielen Dank")
