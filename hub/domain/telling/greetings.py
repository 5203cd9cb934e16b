"""Texts that greet who writes for the first time, and that answer outside of business hours: one for each channel and
language, and one for all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from hub.domain import snippets
from hub.domain.catalog import Greeting
from hub.domain.contacts import present, record
from hub.domain.conversations import Act
from hub.domain.fields import places
from hub.domain.ids import ChannelId, ContactId, short_id
from hub.domain.models import ChannelItem, Contact, Conversation, Event, Facts, Message, Snippet, now
from hub.domain.ports import Cond, Query, Reads, Tx
from hub.domain.preferences import seen_preferences
from hub.domain.telling.saying import may_be_told, say
from hub.domain.timing.hours import next_opening
from hub.errors import Invalid, Refused

When = Literal["greeting", "away"]
LONGEST = 1000
NEVER = datetime.max.replace(tzinfo=UTC)
NAMES: dict[When, str] = {"greeting": "greeting", "away": "away text"}


# -- what they say ---------------------------------------------------------------------------------------------------


def checked(text: str, when: When) -> str:
    """The text, if it can be sent to whomever. Raises Invalid."""
    words = text.strip()
    if len(words) > LONGEST:
        raise Invalid(f"The {NAMES[when]} has at most {LONGEST} characters; that has {len(words)}.")
    nobody = Contact(id=ContactId(""))
    snippets.check(words, ())
    try:
        _filled(words, nobody, "")
    except Invalid as error:
        raise Invalid(
            "Nobody reads it before it goes out, so each variable needs a fallback, such as "
            "{{ contact.first_name | default('there') }}."
        ) from error
    return words


def _filled(text: str, contact: Contact, workspace: str) -> str:
    known = snippets.variables(contact, None, workspace)
    return snippets.render(Snippet(id="", name="greeting", text=text), known)


def fitting(greetings: Sequence[Greeting], when: When, channel: ChannelId, language: str) -> Greeting | None:
    """Which is meant for who writes there in that language: the channel counts more than the language."""
    spoken = language.casefold().replace("_", "-").partition("-")[0]
    fits = [
        each
        for each in greetings
        if each.when == when and each.channel in (None, channel) and each.language in ("", spoken)
    ]
    return max(fits, key=lambda each: (each.channel is not None, each.language != ""), default=None)


# -- when they are said ----------------------------------------------------------------------------------------------


async def heard(tx: Tx, message: Message) -> None:
    """A contact wrote: outside of business hours they get the away text, once until the next opening; else, if it is
    the first time that they ever wrote, the greeting.
    """
    greetings = await tx.items(Greeting)
    conversation = await tx.get(Conversation, message.conversation) if greetings else None
    contact = await present(tx, message.contact) if greetings else None
    at = max(message.at, now())
    if conversation is None or conversation.state == "closed" or contact is None:
        return
    if not may_be_told(contact, message.channel, at):
        return
    preferences = await seen_preferences(tx)
    opening = next_opening(preferences.hours, preferences.time_zone, at) or NEVER
    when: When = "away" if opening > at else "greeting"
    text = fitting(greetings, when, message.channel, contact.language)
    if text is None or not await _is_due(tx, contact, conversation, when, at):
        return
    if when == "away":
        contact.away_until = opening
    else:
        contact.greeted_at = at
    await say(tx, contact, conversation, at, when, _filled(text.text, contact, preferences.name))


async def _is_due(tx: Tx, contact: Contact, conversation: Conversation, when: When, at: datetime) -> bool:
    if when == "away":
        return contact.away_until is None or at >= contact.away_until
    return contact.greeted_at is None and await _first(tx, contact, conversation)


async def _first(tx: Tx, contact: Contact, conversation: Conversation) -> bool:
    """Whether they never wrote before."""
    if conversation.incoming > 1 or conversation.outgoing:
        return False
    where = {"contact": Cond("in", contact.ids), "number": Cond("lt", conversation.number)}
    return not await tx.query(Conversation, Query(where=where, limit=1))


# -- changing them ---------------------------------------------------------------------------------------------------


async def put(tx: Tx, act: Act, greeting: Greeting) -> bool:
    """Has it said from now on, instead of what is said for the same channel and language; without text, nothing is.
    False: it was so already.
    """
    before = await _set(tx, greeting)
    if before == greeting.text:
        return False
    facts: Facts = {"when": greeting.when, "channel": greeting.channel, "language": greeting.language}
    record(tx, "greeting_changed", act.at, act=act, facts={**facts, "before": before, "after": greeting.text})
    return True


async def _set(tx: Tx, greeting: Greeting) -> str:
    """Has it said from now on; gives what was said before."""
    same = [g for g in await tx.items(Greeting) if _key(g) == _key(greeting)]
    there = await tx.get(Greeting, same[0].id) if same else None
    before = there.text if there is not None else ""
    if there is not None and greeting.text:
        there.text = greeting.text
    elif there is not None:
        tx.delete(there)
    elif greeting.text:
        tx.add(greeting)
    return before


def _key(greeting: Greeting) -> tuple[str, ChannelId | None, str]:
    return greeting.when, greeting.channel, greeting.language


async def take_back(tx: Tx, act: Act, event: Event) -> str:  # noqa: ARG001 - the shape of all of them
    """Undo. Raises Refused where it was changed since."""
    facts = event.facts
    when: When = "away" if facts.get("when") == "away" else "greeting"
    channel = ChannelId(str(facts["channel"])) if facts.get("channel") else None
    wanted = made(when, str(facts.get("before") or ""), channel, str(facts.get("language") or ""))
    there = [g for g in await tx.items(Greeting) if _key(g) == _key(wanted)]
    if (there[0].text if there else "") != facts.get("after"):
        raise Refused(f"The {NAMES[when]} was changed again since; nothing was changed.")
    await _set(tx, wanted)  # no deed of its own, or the next undo would say it again
    return f"The {NAMES[when]} is as before."


def made(when: When, text: str, channel: ChannelId | None, language: str) -> Greeting:
    """A new one."""
    return Greeting(id=short_id(), when=when, text=text, channel=channel, language=language)


async def named(reads: Reads, greeting: Greeting) -> str:
    """For whom it is: `Shop bot, German`, or `all others`."""
    channel = next((c.name for c in await reads.items(ChannelItem) if c.id == greeting.channel), "")
    return ", ".join(filter(None, (channel, places.language_name(greeting.language)))) or "all others"
