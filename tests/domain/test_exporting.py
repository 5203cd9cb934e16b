"""What stands in an export: the figures of a conversation, messages beside notes, nothing that a sheet would run."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from hub.domain import amounts
from hub.domain.amounts import Amount
from hub.domain.carrying import export_course, exporting, progress
from hub.domain.carrying.export_course import Wanted
from hub.domain.carrying.exporting import Period
from hub.domain.ids import ChannelId, ContactId, ConversationId, MessageId, TeamId, UserId, new_id
from hub.domain.models import (
    Category,
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    Event,
    Job,
    Media,
    Member,
    Message,
    Rating,
    Team,
)
from hub.domain.ports import Query, Tx, Workspace
from hub.domain.reply import Value
from hub.domain.text import Text

START = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
WHO, WHICH, SHOP = ContactId("c1"), ConversationId("12345678901234567890"), ChannelId("shop")
KNOWN_ELSEWHERE = [
    "Conversation ID",
    "DateTime Conversation Started",
    "DateTime Conversation Resolved",
    "Contact ID",
    "Assignee",
    "Number of Outgoing Messages",
    "Number of Incoming Messages",
    "DateTime First Response",
    "Conversation Category",
    "Closing Note Summary",
    "Closed By",
    "First Response Time",
    "Resolution Time",
    "First Assignee",
    "Closed By Source",
    "Closed By Team",
    "Opened By Source",
    "Opened By Channel",
    "First Assignment Timestamp",
    "First Response By",
    "Last Assignment Timestamp",
    "Last Assignee",
    "Time to First Assignment",
    "First Assignment to First Response Time",
    "Last Assignment to Response Time",
    "First Assignment to Close Time",
    "Last Assignment to Close Time",
    "Average Response Time",
    "Number of Assignments",
    "Number of Responses",
]


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def conversation() -> Conversation:
    return Conversation(
        id=WHICH,
        number=7,
        contact=WHO,
        state="closed",
        channel=SHOP,
        opened_at=START,
        opened_channel=SHOP,
        incoming=3,
        outgoing=2,
        first_assigned_at=at(2),
        first_assignee=UserId("ann"),
        first_response_at=at(5),
        first_response_by=UserId("ann"),
        last_assigned_at=at(20),
        last_assignee=UserId("bob"),
        answered_assigned_at=at(23),
        assignments=2,
        responses=2,
        response_seconds=601.0,
        closed_at=at(60),
        closed_by=UserId("bob"),
        closed_team=TeamId("sales"),
        closed_source="user",
        category="bil",
        summary="=cmd|' /C calc'!A0",
        rating=Rating(at=at(61), score=4),
    )


async def filled(workspace: Workspace) -> None:
    async def deed(tx: Tx) -> None:
        for user, name in (("ann", "Ann"), ("bob", "Bob")):
            tx.add(Member(id=UserId(user), role="agent", name=name))
        tx.add(Team(id=TeamId("sales"), name="Sales"))
        tx.add(Category(id="bil", name="Billing"))
        tx.add(ChannelItem(id=SHOP, network="paper", name="Shop bot", account="1"))
        tx.add(Contact(id=WHO, first_name="Carol", created_at=START))
        tx.add(Contact(id=ContactId("c0"), first_name="Other", merged_into=WHO, created_at=START))
        tx.add(conversation())
        picture = Media(kind="image", name="bill.png")
        tx.add(
            Message(
                id=MessageId("m1"),
                contact=WHO,
                conversation=WHICH,
                channel=SHOP,
                direction="in",
                state="received",
                at=START,
                text=Text("@here\nlook"),
                attachments=[picture],
                source="contact",
            )
        )
        tx.add(
            Comment(
                id=MessageId("m2"), contact=WHO, conversation=WHICH, at=at(40), text=Text("paid"), author=UserId("bob")
            )
        )

    await workspace.run(deed)


async def rows(workspace: Workspace, wanted: Wanted) -> list[dict[str, str]]:
    content = await export_course.opening(workspace, wanted)
    content += b"".join([some async for some in export_course.lines(workspace, wanted)])
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_a_conversations_figures(workspace: Workspace) -> None:
    """The columns that are known elsewhere, in their order; times in UTC, spans in seconds, ids whole as text."""
    await filled(workspace)
    (row,) = await rows(workspace, Wanted("conversations"))
    assert list(row)[: len(KNOWN_ELSEWHERE)] == KNOWN_ELSEWHERE
    assert list(row.values()) == [
        "'12345678901234567890",
        "2026-10-01T09:00:00Z",
        "2026-10-01T10:00:00Z",
        "c1",
        "",
        "2",
        "3",
        "2026-10-01T09:05:00Z",
        "Billing",
        "'=cmd|' /C calc'!A0",
        "Bob",
        "300",
        "3600",
        "Ann",
        "user",
        "Sales",
        "contact",
        "Shop bot",
        "2026-10-01T09:02:00Z",
        "Ann",
        "2026-10-01T09:20:00Z",
        "Bob",
        "120",
        "180",
        "180",
        "3480",
        "2400",
        "300",
        "2",
        "2",
        "7",
        "closed",
        "4",
    ]


async def test_messages_stand_beside_notes(workspace: Workspace) -> None:
    """A note is told from what the contact saw; words of several lines are one cell."""
    await filled(workspace)
    said, note = await rows(workspace, Wanted("messages"))
    assert (said["Direction"], said["Text"], said["Attachments"]) == ("in", "'@here\nlook", "image bill.png")
    assert (note["Direction"], note["Text"], note["Author"], note["Channel"]) == ("note", "paid", "Bob", "")


async def test_who_was_merged_is_no_contact_of_their_own(workspace: Workspace) -> None:
    """There is one row for each person."""
    await filled(workspace)
    assert [row["First name"] for row in await rows(workspace, Wanted("contacts"))] == ["Carol"]


async def test_a_period_has_its_first_day_and_its_last(workspace: Workspace) -> None:
    """Days are those of the zone."""
    await filled(workspace)
    day = export_course.read_wanted("messages", "csv", "2026-10-01", "2026-10-01", "Pacific/Auckland")
    assert day.period == Period(datetime(2026, 9, 30, 11, tzinfo=UTC), datetime(2026, 10, 1, 11, tzinfo=UTC))
    assert len(await rows(workspace, day)) == 2
    assert await rows(workspace, export_course.read_wanted("messages", "csv", "", "2026-09-30", "UTC")) == []


@pytest.mark.parametrize(
    ("count", "said"), [(12, "12"), (10_449, "10,000"), (199_600, "200,000"), (1_251_000, "1,300,000")]
)
def test_a_round_number_has_two_digits_that_say_something(count: int, said: str) -> None:
    """Where it is known about how many there are, no digit pretends to know more."""
    assert str(Amount(amounts.rounded(count))) == said


async def test_of_very_many_it_is_said_about_how_many(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export of more than are soon counted goes on at once, and says that its total is about right; where more turn
    out to be there, it never shows more than all of it; at its end it says how many there were.
    """
    monkeypatch.setattr(amounts, "SOON", 100)
    monkeypatch.setattr(exporting, "PAGE", 30)
    shown: list[dict[str, Value]] = []
    job = export_course.job_of(Wanted("contacts"), {}, START)

    async def fill(tx: Tx) -> None:
        for _ in range(104):
            tx.add(Contact(id=ContactId(new_id())))

    async def begin(tx: Tx) -> None:
        tx.add(job)

    async def look(so_far: Job) -> None:
        if not shown:
            await workspace.run(fill)
        shown.append(dict(progress.said(so_far).data))

    await workspace.run(fill)
    await workspace.run(begin)
    await export_course.export(workspace, job.id, look)
    assert all(each["about"] for each in shown)
    assert [(each["done"], each["total"]) for each in shown][::3] == [(30, 100), (120, 120), (208, 208)]
    assert str(shown[-1]["bar"]).endswith(" 100 %")
    ended = await workspace.get(Job, job.id)
    assert ended is not None
    assert (ended.state, ended.done, ended.total) == ("done", 208, 208)
    (event,) = await workspace.query(Event, Query(where={}))
    assert (event.kind, event.facts["rows"]) == ("exported", 208)
