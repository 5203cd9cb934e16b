"""What is exported: its columns, and the records as rows of a CSV file or as lines of NDJSON.

Times are in UTC, spans in whole seconds, identifiers text. People, teams, tags and categories are given by name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

from hub.domain.carrying.cells import Cell
from hub.domain.carrying.columns import ALONE
from hub.domain.fields.values import DEFAULTS, written
from hub.domain.ids import ChannelId, ContactId, ConversationId, MessageId
from hub.domain.models import (
    Category,
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    Field,
    Limit,
    Location,
    Media,
    Member,
    Message,
    Poll,
    Record,
    SharedContact,
    Tag,
    Team,
    now,
)
from hub.domain.ports import Cond, Query, Reads
from hub.domain.timing.metrics import figures

What = Literal["contacts", "conversations", "messages"]
WHATS: tuple[What, ...] = get_args(What)
Form = Literal["csv", "ndjson"]
FORMS: tuple[Form, ...] = get_args(Form)
BARRED: tuple[Limit, ...] = ("no_export", "own", "team", "hidden")
"""Limits of agents who may take nothing out."""
PAGE = 1000
"""Records that are read at once."""
GONE_TEAM = "a team that was removed"
GONE_CHANNEL = "a channel that was removed"
GONE_CATEGORY = "a category that was removed"


class Names(msgspec.Struct, frozen=True):
    """What identifiers of the catalog are called."""

    people: Mapping[str, str]
    teams: Mapping[str, str]
    tags: Mapping[str, str]
    channels: Mapping[str, str]
    categories: Mapping[str, str]
    fields: Sequence[Field]


async def names(reads: Reads) -> Names:
    """As they are now."""
    return Names(
        people={m.id: m.name for m in await reads.items(Member)},
        teams={t.id: t.name for t in await reads.items(Team)},
        tags={t.id: t.name for t in await reads.items(Tag)},
        channels={c.id: c.name for c in await reads.items(ChannelItem)},
        categories={c.id: c.name for c in await reads.items(Category)},
        fields=sorted(await reads.items(Field), key=lambda f: f.name.casefold()),
    )


Values = dict[str, Cell]
"""A record's row: by column."""


def _called(known: Mapping[str, str], id: str | None, otherwise: str = "somebody who left") -> str:
    return known.get(id, otherwise) if id else ""


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def _seconds(span: float | None) -> int | None:
    return None if span is None else round(span)


# -- contacts ----------------------------------------------------------------------------------------------------------


def contact(record: Contact, known: Names) -> Values:
    """By the names by which the file is read back: what it says first is what an import takes."""
    first: Values = {each.name: getattr(record, each.id) for each in DEFAULTS}
    own: Values = {
        ALONE["id"]: record.id,
        **first,
        ALONE["tags"]: ", ".join(known.tags[tag] for tag in record.tags if tag in known.tags),
    }
    more: Values = {
        "Username": record.username,
        "Assignee": _called(known.people, record.assignee),
        "Team": _called(known.teams, record.team, GONE_TEAM),
        "Channels": ", ".join(dict.fromkeys(_called(known.channels, r.channel, GONE_CHANNEL) for r in record.reaches)),
        "Blocked": record.block is not None,
        "Created": _at(record.created_at),
    }
    held: Values = {}
    for field in known.fields:
        value = record.fields.get(field.id)
        taken = field.name in own or field.name in more
        held[f"{field.name} (field)" if taken else field.name] = "" if value is None else written(value)
    return {**own, **held, **more}


# -- conversations -----------------------------------------------------------------------------------------------------


def conversation(record: Conversation, known: Names) -> Values:
    """The columns of the conversation history, in the order in which they are known elsewhere, and the number."""
    answered, reckoned = record.first_response_at, figures(record)
    return {
        "Conversation ID": record.id,
        "DateTime Conversation Started": _at(record.opened_at),
        "DateTime Conversation Resolved": _at(record.closed_at),
        "Contact ID": record.contact,
        "Assignee": _called(known.people, record.assignee),
        "Number of Outgoing Messages": record.outgoing,
        "Number of Incoming Messages": record.incoming,
        "DateTime First Response": _at(answered),
        "Conversation Category": _called(known.categories, record.category, GONE_CATEGORY),
        "Closing Note Summary": record.summary,
        "Closed By": _called(known.people, record.closed_by),
        "First Response Time": _seconds(reckoned.first_response),
        "Resolution Time": _seconds(reckoned.resolution),
        "First Assignee": _called(known.people, record.first_assignee),
        "Closed By Source": record.closed_source,
        "Closed By Team": _called(known.teams, record.closed_team, GONE_TEAM),
        "Opened By Source": record.opened_source,
        "Opened By Channel": _called(known.channels, record.opened_channel, GONE_CHANNEL),
        **_assignment(record, known),
        "Conversation Number": record.number,
        "State": record.state,
        "Rating": record.rating.score if record.rating else None,
    }


def _assignment(record: Conversation, known: Names) -> Values:
    first, last = record.first_assigned_at, record.last_assigned_at
    reckoned = figures(record)
    return {
        "First Assignment Timestamp": _at(first),
        "First Response By": _called(known.people, record.first_response_by),
        "Last Assignment Timestamp": _at(last),
        "Last Assignee": _called(known.people, record.last_assignee),
        "Time to First Assignment": _seconds(reckoned.first_assignment),
        "First Assignment to First Response Time": _seconds(reckoned.first_assignment_to_first_response),
        "Last Assignment to Response Time": _seconds(reckoned.last_assignment_to_response),
        "First Assignment to Close Time": _seconds(reckoned.first_assignment_to_close),
        "Last Assignment to Close Time": _seconds(reckoned.last_assignment_to_close),
        "Average Response Time": _seconds(reckoned.average_response),
        "Number of Assignments": record.assignments,
        "Number of Responses": record.responses,
    }


# -- messages ----------------------------------------------------------------------------------------------------------


def message(record: Message | Comment, known: Names) -> Values:
    """A message, or a note: which is internal, and says so in its direction."""
    said = isinstance(record, Message)
    return {
        "Message ID": record.id,
        "Conversation ID": record.conversation,
        "Contact ID": record.contact,
        "Time": _at(record.at),
        "Direction": record.direction if isinstance(record, Message) else "note",
        "Channel": _called(known.channels, record.channel, GONE_CHANNEL) if isinstance(record, Message) else "",
        "Author": _called(known.people, record.author),
        "Source": record.source if isinstance(record, Message) else "user",
        "State": record.state if isinstance(record, Message) else "",
        "Text": record.text.plain,
        "Attachments": ", ".join(_attached(each) for each in record.attachments),
        "Edited": _at(record.edited_at) if isinstance(record, Message) else "",
        "Deleted": _at(record.deleted_at) if said and isinstance(record, Message) else "",
    }


def _attached(each: object) -> str:
    match each:
        case Media():
            return f"{each.kind} {each.name}".strip()
        case SharedContact():
            return f"contact {each.name} {each.phone}".strip()
        case Location():
            return f"{each.kind} {each.latitude},{each.longitude} {each.title}".strip()
        case Poll():
            return f"poll {each.question}"
    return f"link {getattr(each, 'url', '')}"


# -- all of them -------------------------------------------------------------------------------------------------------


class Period(msgspec.Struct, frozen=True):
    """From when and until when; None: no end. Of contacts when they were made, of conversations when opened."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, at: datetime) -> bool:
        """Whether the moment is in it."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


KINDS: Mapping[What, tuple[type[Record], ...]] = {
    "contacts": (Contact,),
    "conversations": (Conversation,),
    "messages": (Message, Comment),
}
_VALUES: Mapping[What, Callable[[Any, Names], Values]] = {
    "contacts": contact,
    "conversations": conversation,
    "messages": message,
}


async def pages(reads: Reads, what: What, period: Period) -> AsyncIterator[tuple[int, list[Values]]]:
    """All records a page at a time, in the order in which they were made: how many were read, and the rows."""
    known = await names(reads)
    for kind in KINDS[what]:
        after = ""
        while found := await reads.query(kind, Query(where={"id": Cond("gt", after)}, order="id", limit=PAGE)):
            after = found[-1].id
            shown = [each for each in found if _shown(each, period)]
            yield len(found), [_VALUES[what](each, known) for each in shown]


def _shown(record: Any, period: Period) -> bool:
    if isinstance(record, Contact):
        return record.merged_into is None and period.has(record.created_at)
    return period.has(record.opened_at if isinstance(record, Conversation) else record.at)


async def headers(reads: Reads, what: What) -> list[str]:
    """The names of the columns."""
    known, at = await names(reads), now()
    who, which = ContactId(""), ConversationId("")
    opened = Conversation(id=which, number=0, contact=who, state="open", channel=ChannelId(""), opened_at=at)
    empty: Mapping[What, Record] = {
        "contacts": Contact(id=who),
        "conversations": opened,
        "messages": Comment(id=MessageId(""), contact=who, conversation=which, at=at),
    }
    return list(_VALUES[what](empty[what], known))
