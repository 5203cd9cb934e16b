"""Rating: a contact whose conversation was closed is asked what they think of it, by buttons in their own channel.

Once for each closing and not at once, so that a slip of the hand can be taken back before anybody is asked. A press is
no message: it opens no conversation. Whatever is pressed, however late or often, is answered with a sentence.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from hub.domain import conversations, desks
from hub.domain.blocking import blocked
from hub.domain.contacts import present, record
from hub.domain.conversations import Act
from hub.domain.ids import ConversationId
from hub.domain.messages import Choice
from hub.domain.models import Contact, Conversation, Event, Facts, Message, Rating, Remarking
from hub.domain.ports import Query, Reads, Tx
from hub.domain.preferences import preferences_of, seen_preferences
from hub.domain.reply import Button, Reply, Value
from hub.domain.telling.phrases import Phrase, phrase
from hub.domain.telling.saying import may_be_told, say
from hub.domain.timers import wake_at
from hub.domain.work import AskRating
from hub.errors import Invalid, Refused

SCORES = range(1, 6)
PAUSE = timedelta(minutes=1)
"""Between closing and asking."""
LIFE = timedelta(days=7)
"""How long after closing a rating counts."""
REMARK_LIFE = timedelta(minutes=15)
"""How long after asking for it the next message is taken for a remark."""
AGAIN = timedelta(days=1)
"""A conversation that was opened again and closed again is asked about anew after so long only."""
MOST_SAID = 8
"""Sentences about the rating of one conversation; whoever goes on pressing is not answered any more."""
LONGEST_REMARK, LONGEST_TEXT = 1000, 300
LATELY = 200
"""Conversations that a summary looks at."""
_PRESS = re.compile(r"rating:([0-9a-z]{1,40}):([1-5]|more)")


# -- asking ----------------------------------------------------------------------------------------------------------


async def closed(tx: Tx, event: Event) -> None:
    """Has the contact asked in a moment, where the workspace wants to know."""
    if (await seen_preferences(tx)).asking.on and event.conversation is not None:
        wake_at(tx, event.at + PAUSE, AskRating(conversation=event.conversation))


async def ask(tx: Tx, task: AskRating, at: datetime) -> None:
    """Asks, if it is still closed, was answered by somebody, and the contact can be written to."""
    asking, conversation = (await seen_preferences(tx)).asking, await tx.get(Conversation, task.conversation)
    contact = await present(tx, conversation.contact) if conversation else None
    if not asking.on or conversation is None or contact is None or not _worth_asking(conversation, at):
        return
    if await conversations.live(tx, contact) is not None or not may_be_told(contact, conversation.channel, at):
        return
    conversation.asked_at = at
    words = asking.text or phrase("ask", contact.language)
    choices = tuple(Choice(f"{score} ★", f"rating:{conversation.id}:{score}") for score in SCORES)
    await say(tx, contact, conversation, at, "rating", words, choices)


def _worth_asking(conversation: Conversation, at: datetime) -> bool:
    asked = conversation.asked_at is not None and at - conversation.asked_at < AGAIN
    spoken = conversation.incoming > 0 and conversation.first_response_at is not None
    return conversation.state == "closed" and conversation.rating is None and spoken and not asked


# -- what is pressed -------------------------------------------------------------------------------------------------


def is_press(payload: str) -> bool:
    """Whether the button that was pressed is one of ours."""
    return _PRESS.fullmatch(payload) is not None


async def pressed(tx: Tx, contact: Contact, payload: str, at: datetime) -> None:
    """Keeps what the contact thinks; nothing of a conversation that is not theirs, nor from whom we do not hear."""
    found = None if blocked(contact, at) else _PRESS.fullmatch(payload)
    conversation = await tx.get(Conversation, found[1]) if found else None
    if found is None or conversation is None or conversation.contact not in contact.ids:
        return
    if conversation.state != "closed":
        await _answer(tx, contact, conversation, at, "open")
    elif conversation.closed_at is None or at - conversation.closed_at > LIFE:
        await _answer(tx, contact, conversation, at, "late")
    elif found[2] == "more":
        contact.remarks = Remarking(conversation=conversation.id, until=at + REMARK_LIFE)
        await _answer(tx, contact, conversation, at, "write")
    else:
        await _rate(tx, contact, conversation, int(found[2]), at)


async def _rate(tx: Tx, contact: Contact, conversation: Conversation, score: int, at: datetime) -> None:
    before = conversation.rating
    if before is not None and before.score == score:
        await _answer(tx, contact, conversation, at, "again")
        return
    conversation.rating = replace(before, score=score) if before else Rating(at=at, score=score)
    await _rated(tx, contact, conversation, at)
    await _answer(tx, contact, conversation, at, "changed" if before else "thanks")


async def _answer(tx: Tx, contact: Contact, conversation: Conversation, at: datetime, which: Phrase) -> None:
    if not may_be_told(contact, conversation.channel, at):
        return
    where = {"conversation": conversation.id, "source": "rating"}
    if await tx.count(Message, where, limit=MOST_SAID) >= MOST_SAID:
        return
    score = conversation.rating.score if conversation.rating else 0
    more = Choice(phrase("remark", contact.language), f"rating:{conversation.id}:more")
    choices = (more,) if which in ("thanks", "changed") else ()
    await say(tx, contact, conversation, at, "rating", phrase(which, contact.language, score), choices)


# -- what is said to it ----------------------------------------------------------------------------------------------


async def remarked(tx: Tx, contact: Contact, message: Message) -> bool:
    """Whether the message is what the contact wanted to say to their rating: then it is kept with that, and shown, but
    opens no conversation. Who writes on after it, or sends more than words, writes to us as ever.
    """
    remarks, contact.remarks = contact.remarks, None
    if remarks is None or message.at > remarks.until or message.attachments or not message.text:
        return False
    conversation = await tx.get(Conversation, remarks.conversation)
    if conversation is None or conversation.rating is None or conversation.state != "closed":
        return False
    if await conversations.live(tx, contact) is not None:
        return False
    conversation.rating = replace(conversation.rating, comment=message.text.plain[:LONGEST_REMARK])
    message.contact, message.conversation = contact.id, ConversationId(conversation.id)
    tx.add(message)
    await desks.relay(tx, contact, message)
    await _rated(tx, contact, conversation, message.at)
    await _answer(tx, contact, conversation, message.at, "kept")
    return True


async def _rated(tx: Tx, contact: Contact, conversation: Conversation, at: datetime) -> None:
    """Tells the desk, where the conversation can be opened again if there is something to be done."""
    rating = conversation.rating
    if rating is None:
        return
    record(tx, "rated", at, contact=contact, conversation=conversation.id, facts={"score": rating.score})
    said: dict[str, Value] = {
        "name": contact.name,
        "number": conversation.number,
        "score": rating.score,
        "remark": bool(rating.comment),
    }
    reopen = Button(f"↺ Reopen #{conversation.number}", f"reopen {conversation.number}")
    await desks.tell(tx, contact, Reply("rated", said, rows=((reopen,),), lasting=True))


# -- for those who ask -----------------------------------------------------------------------------------------------


class Summary(msgspec.Struct, frozen=True):
    """What contacts thought lately: how many gave each score, from 1 to 5, and who said more."""

    counts: tuple[int, ...]
    remarks: tuple[Conversation, ...]

    @property
    def mean(self) -> float:
        """Of all scores; 0 where there are none."""
        total = sum(self.counts)
        return sum(score * count for score, count in zip(SCORES, self.counts, strict=True)) / total if total else 0.0


async def summary(reads: Reads) -> Summary:
    """Of the newest conversations, so that as much is read however many there are."""
    lately = Query(where={}, order="-number", limit=LATELY)
    rated = [c for c in await reads.query(Conversation, lately) if c.rating is not None]
    scores = [c.rating.score for c in rated if c.rating is not None]
    said = [c for c in rated if c.rating is not None and c.rating.comment]
    return Summary(tuple(scores.count(score) for score in SCORES), tuple(said[:5]))


async def word(tx: Tx, act: Act, words: str) -> bool:
    """Has contacts asked in these words; empty: the hub's own. False: it was so. Raises Invalid."""
    text = " ".join(words.split())
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"The question has at most {LONGEST_TEXT} characters; that has {len(text)}.")
    preferences = await preferences_of(tx)
    before = preferences.asking.text
    if before == text:
        return False
    preferences.asking = replace(preferences.asking, text=text)
    facts: Facts = {"setting": "", "label": "Question for a rating", "before": before, "after": text}
    said: Facts = {"said_before": before or "the hub's own", "said": text or "the hub's own"}
    record(tx, "question_changed", act.at, act=act, facts={**facts, **said})
    return True


async def take_back(tx: Tx, act: Act, event: Event) -> str:  # noqa: ARG001 - the shape of all of them
    """Undo of other words. Raises Refused where they were changed since."""
    preferences = await preferences_of(tx)
    if preferences.asking.text != event.facts.get("after"):
        raise Refused("The question was changed again since; nothing was changed.")
    preferences.asking = replace(preferences.asking, text=str(event.facts.get("before") or ""))
    return f"Contacts are asked: {event.facts.get('said_before')}."
