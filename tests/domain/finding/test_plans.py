"""Every kind of question starts from an index, and reads a bounded number of records, however many there are."""

from __future__ import annotations

import pytest

from hub.domain import forgetting
from hub.domain.assigning.queue import longest_waiting
from hub.domain.finding.compiling import compiled
from hub.domain.finding.conditions import Finds
from hub.domain.finding.keys import KEYS
from hub.domain.finding.known import known
from hub.domain.finding.saying import listen
from hub.domain.finding.searching import search
from hub.domain.finding.sought import sought
from hub.domain.finding.times import Clock
from hub.domain.finding.walking import BUDGET, COSTLY, STEP
from hub.domain.models import Contact, Conversation, Member
from hub.domain.ports import Query
from tests.domain.finding.many import ANN, AT, BOB, Watched

ONE = COSTLY + 60
"""What one question may examine: as many as are counted, and what it takes to find where they begin."""
INDEXED = {"IXSCAN", "IDHACK", "EXPRESS_IXSCAN", "EXPRESS_CLUSTERED_IXSCAN", "EOF"}
FILTERS = {
    "is": "is:open",
    "assignee": "assignee:none",
    "team": "team:sales",
    "tag": "tag:rare",
    "channel": "channel:page",
    "category": "category:billing",
    "name": "name:nr12",
    "phone": "phone:4915",
    "email": "email:c7@shop.example",
    "country": "country:fr",
    "language": "language:de",
    "waiting": "waiting>2h",
    "opened": "opened<2d",
    "closed": "closed<3d",
    "last": "last<1h",
    "seen": "seen<2h",
    "created": "created<5h",
    "number": "number:77",
    "source": "source:contact",
}
"""One for each key."""
MORE = (
    "",
    "plan:gold",
    "age>85",
    "age:none",
    "born<1912-01-01",
    "segment:vips",
    "inbox:urgent",
    "-tag:vip",
    "-(tag:rare or is:closed)",
    "tag:rare or assignee:me",
    "tag:vip assignee:none waiting>2h channel:telegram",
    "tag:rare is:any",
    "is:closed tag:vip",
    "is:closed,snoozed sort:new",
    "is:open sort:waiting",
    "is:any sort:last",
    "closed:none is:any",
    "nr17 or 4915000 or c8@shop.example",
    "is:blocked",
)


def test_every_key_is_looked_at() -> None:
    """A new key is not done before it is seen how it is found."""
    assert set(FILTERS) == set(KEYS)


def bounded(watched: Watched) -> int:
    """That each question was answered from an index and examined few; gives how many all of them did."""
    for asked in watched.asked:
        assert "COLLSCAN" not in asked.stages, (asked.where, asked.stages)
        assert asked.stages & INDEXED, asked.stages
        assert asked.examined <= asked.bound, (asked.where, asked.examined, asked.bound)
    return sum(asked.examined for asked in watched.asked)


async def look(watched: Watched, line: str, finds: Finds, member: Member) -> None:
    names = await known(watched, member, Clock(AT), finds)
    found = await search(watched, compiled(line, names), finds, 8)
    assert bounded(watched) <= 2 * BUDGET + len(watched.asked) * ONE, [(a.where, a.examined) for a in watched.asked]
    assert len(found.cases) <= 8


@pytest.mark.parametrize("line", [*FILTERS.values(), *MORE])
async def test_filters_start_from_an_index(watched: Watched, line: str) -> None:
    """No filter of conversations reads a whole collection: what each question examines is what it asked for."""
    await look(watched, line, "conversations", ANN)


@pytest.mark.parametrize("line", [*FILTERS.values(), *(line for line in MORE if "sort" not in line)])
async def test_segments_start_from_an_index(watched: Watched, line: str) -> None:
    """Neither does a filter of contacts."""
    await look(watched, line, "contacts", ANN)


@pytest.mark.parametrize("finds", ["conversations", "contacts"])
async def test_limits_start_from_an_index(watched: Watched, finds: Finds) -> None:
    """Neither does a filter of who may see some contacts only."""
    for line in ("", "tag:rare", "-assignee:me", "nr12 or waiting>2h"):
        await look(watched, line, finds, BOB)


@pytest.mark.parametrize(("member", "somebody"), [(ANN, True), (BOB, False)])
async def test_the_next_to_be_answered_is_found_at_the_head_of_the_queue(
    watched: Watched, member: Member, *, somebody: bool
) -> None:
    """Whoever waits longest is found by looking at few, however many conversations somebody has or wait in all."""
    found = await longest_waiting(watched, member)  # type: ignore[arg-type]  # it only reads
    assert (found is not None) == somebody
    if found is not None:
        every = await watched.workspace.query(Conversation, Query(where={"state": "open", "assignee": None}))
        assert found.waiting_since == min(c.waiting_since for c in every if c.waiting_since)
        assert len(watched.asked) == 1
        bounded(watched)


async def test_what_tells_of_a_contact_is_found_by_an_index(watched: Watched) -> None:
    """Forgetting somebody reads what is about them, and not the events of everybody else."""
    (someone,) = await watched.workspace.query(Contact, Query(where={}, limit=1))
    await forgetting.traces(watched, someone)
    await forgetting.told_by_events(watched, (someone.id,))
    bounded(watched)


@pytest.mark.parametrize(
    "line", ["", "assignee:none", "assignee:me", "team:sales", "is:closed", "is:snoozed", "channel:page"]
)
async def test_the_inboxes_read_a_page_alone(watched: Watched, line: str) -> None:
    """The inboxes that everybody has read the eight that they show; the rest is counted in the index, to a thousand."""
    names = await known(watched, ANN, Clock(AT), "conversations")
    found = await search(watched, compiled(line, names), "conversations", 8)
    counting, reading = watched.asked[0], watched.asked[1]
    assert counting.examined <= COSTLY
    assert reading.examined <= 8 + STEP // 50, (line, reading.examined)
    assert len(found.cases) == 8


@pytest.mark.parametrize(
    "line",
    [
        "common",
        "scarce",
        "scarce common",
        "commo",
        "common from:bob",
        "from:bob",
        "from:nr12",
        "common from:nr12",
        "common since:1h",
        "common until:2d",
        "common in:notes",
        "nothinglikethat",
    ],
)
async def test_words_start_from_an_index(watched: Watched, line: str) -> None:
    """What was said is found by its rarest word, the newest first; no question reads more than its budget."""
    names = await known(watched, ANN, Clock(AT), "conversations")
    heap = await listen(watched, sought(line, names), names, [], 5)
    bounded(watched)
    assert len(heap.hits) == (0 if line == "nothinglikethat" else 5) or "1h" in line
