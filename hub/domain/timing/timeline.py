"""The timeline: what was done with a conversation, by whom and when, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from hub.domain.models import Category, ChannelItem, Comment, Conversation, Event, Member, Message, Tag, Team
from hub.domain.ports import Query, Reads
from hub.domain.telling import auditing
from hub.domain.timing.phrases import Frame, named

PAGE = 10
WORDS = 80
HUB = "The hub"
GONE_TAG = "a tag that was removed"
_THEIRS = frozenset({"opened", "woken", "message_edited", "rated", "contact_blocked_us", "contact_unblocked_us"})
"""What the contact does, where nobody of us did."""


class Ground(msgspec.Struct, frozen=True):
    """What the words rest on: names by the ids of users, teams, channels and categories, and what was said by the ids
    of messages and notes; moments are said in the frame.
    """

    names: Mapping[str, str]
    said: Mapping[str, str]
    frame: Frame

    def name(self, id: object, otherwise: str = "nobody") -> str:
        """What that is called."""
        return self.names.get(str(id), "somebody who left") if id else otherwise


class Entry(msgspec.Struct, frozen=True):
    """One deed; `who` is empty where the contact did it."""

    at: datetime
    who: str
    what: str


async def entries(reads: Reads, conversation: Conversation, page: int, frame: Frame) -> tuple[list[Entry], bool]:
    """A page of them, oldest first; the first page is the newest. And whether there are older ones."""
    where = {"conversation": conversation.id}
    query = Query(where=where, order="-id", skip=(page - 1) * PAGE, limit=PAGE + 1)
    found = await reads.query(Event, query)
    shown = found[:PAGE][::-1]
    ground = Ground(await _names(reads), await _said(reads, shown), frame)
    return [_entry(each, ground) for each in shown], len(found) > PAGE


def _entry(event: Event, ground: Ground) -> Entry:
    known = _WORDS.get(event.kind)
    what = known(event, ground) if known else auditing.words_of(event, ground.names).casefold()
    by = event.facts.get("source") or event.facts.get("why") or "contact"
    who = ground.name(event.actor, "" if event.kind in _THEIRS and by == "contact" else HUB)
    return Entry(event.at, who, f"{what} (taken back)" if event.undone else what)


async def _names(reads: Reads) -> dict[str, str]:
    kinds: tuple[type[Member | Team | ChannelItem | Category | Tag], ...] = (Member, Team, ChannelItem, Category, Tag)
    return {str(item.id): item.name for kind in kinds for item in await reads.items(kind)}


async def _said(reads: Reads, events: list[Event]) -> dict[str, str]:
    """The first words of what was sent or noted."""
    found: dict[str, str] = {}
    for facts in (event.facts for event in events):
        message = await reads.get(Message, str(facts.get("message"))) if facts.get("message") else None
        comment = await reads.get(Comment, str(facts.get("comment"))) if facts.get("comment") else None
        if message is not None:
            found[message.id] = clipped(message.text.plain) or "[file]"
        if comment is not None:
            found[comment.id] = clipped(comment.text.plain) or "[file]"
    return found


def clipped(words: str) -> str:
    """As much of it as a line has room for."""
    flat = " ".join(words.split())
    return flat if len(flat) <= WORDS else f"{flat[: WORDS - 1]}…"


# -- in words: one function a kind of event --


def _opened(event: Event, _: Ground) -> str:
    return "wrote, and it was opened" if event.facts.get("source") == "contact" else "opened it"


def _assigned(event: Event, ground: Ground) -> str:
    after, team = event.facts.get("after"), event.facts.get("team")
    among = f" of {ground.name(team)}" if team else ""
    if after and after == event.actor:
        return "took it"
    if after is None and team and team != event.facts.get("team_before"):
        return f"gave it to the team {ground.name(team)}"
    return f"gave it to {ground.name(after)}{among if after else ''}"


def _via(event: Event, ground: Ground) -> str:
    return f"answers by {ground.name(event.facts.get('after'))}"


def _snoozed(event: Event, ground: Ground) -> str:
    until = event.facts.get("after")
    return f"snoozed it until {named(datetime.fromisoformat(str(until)), ground.frame) if until else 'they write'}"


def _woken(event: Event, _: Ground) -> str:
    whys = {
        "contact": "wrote, and it woke",
        "time": "woke it, for its time had come",
        "answer": "answered, and it woke",
    }
    return whys.get(str(event.facts.get("why")), "woke it")


def _closed(event: Event, ground: Ground) -> str:
    category, summary = event.facts.get("category_after"), str(event.facts.get("summary_after") or "")
    note = " - ".join(filter(None, (ground.name(category, ""), clipped(summary))))
    return f"closed it: {note}" if note else "closed it"


def _note_changed(event: Event, ground: Ground) -> str:
    return _closed(event, ground).replace("closed it", "changed the closing note", 1)


def _words(said: str, fact: str) -> Callable[[Event, Ground], str]:
    def tell(event: Event, ground: Ground) -> str:
        words = ground.said.get(str(event.facts.get(fact)), str(event.facts.get("words") or ""))
        return f"{said}: {words}" if words else said

    return tell


def _plainly(said: str) -> Callable[[Event, Ground], str]:
    return lambda _, __: said


def _rated(event: Event, _: Ground) -> str:
    return f"rated it {event.facts.get('score')} of 5"


_WORDS: Mapping[str, Callable[[Event, Ground], str]] = {
    "opened": _opened,
    "assigned": _assigned,
    "via_changed": _via,
    "snoozed": _snoozed,
    "woken": _woken,
    "closed": _closed,
    "note_changed": _note_changed,
    "reopened": _plainly("opened it again"),
    "sent": _words("answered", "message"),
    "unsent": _words("took back an answer", "message"),
    "message_edited": _words("changed a message", "message"),
    "noted": _words("noted", "comment"),
    "scheduled": _words("wrote for later", "work"),
    "called_off": _words("called off for later", "work"),
    "undone": _plainly("took a deed back"),
    "merged": _plainly("merged another contact into this one"),
    "unmerged": _plainly("told two contacts apart"),
    "rated": _rated,
    "field_changed": lambda e, _: f"changed {e.facts.get('name')}",
    "blocked": lambda e, _: f"blocked the contact: {e.facts.get('after_reason') or 'no reason given'}",
    "tagged": lambda e, g: f"tagged: {_tags(e, g)}",
    "untagged": lambda e, g: f"took off: {_tags(e, g)}",
}


def _tags(event: Event, ground: Ground) -> str:
    tags = event.facts.get("tags")
    return ", ".join(ground.names.get(str(each), GONE_TAG) for each in tags) if isinstance(tags, list) else ""
