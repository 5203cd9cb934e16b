"""Merging two contacts and telling them apart again, as a property: whatever they were, they are again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.domain import conversations, merging, takeback
from hub.domain.conversations import Act
from hub.domain.fields.values import DEFAULTS
from hub.domain.ids import Address, ChannelId, ContactId, UserId, new_id
from hub.domain.models import Contact, Conversation, Field, Member, Reach, reach_key
from hub.domain.ports import Tx, Workspace

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
ANN = Member(id=UserId("ann"), role="owner", name="Ann")
NAMES = st.sampled_from(["", "Ann", "Bo"])
VALUES = st.dictionaries(st.sampled_from(["city", "plan"]), st.sampled_from(["a", "b", 3, True]))


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    """Somebody of whom anything may be known or not, whom nothing reaches yet."""
    contact = Contact(id=ContactId(""), created_at=AT)
    for name in ("first_name", "last_name", "username", "phone", "email", "country", "language"):
        setattr(contact, name, draw(NAMES))
    contact.fields, contact.tags = draw(VALUES), draw(st.lists(st.sampled_from("xyz"), unique=True))
    contact.assignee = draw(st.sampled_from([None, UserId("ann"), UserId("bob")]))
    return contact


def settled(contact: Contact) -> Contact:
    """The same with an id of its own, and two ways to reach them: an example may be shown again."""
    reaches = [Reach(channel=ChannelId(f"ch{n}"), address=Address(new_id()), last_in=AT) for n in range(2)]
    keys = [reach_key(r.channel, r.address) for r in reaches]
    return msgspec.structs.replace(contact, id=ContactId(new_id()), keys=keys, reaches=reaches)


FIELDS = st.sampled_from([*(d.id for d in DEFAULTS), "city"])
STATES = st.sampled_from(["", "", "open", "waiting", "snoozed", "closed"])


async def talks(tx: Tx, contact: Contact, state: str) -> None:
    """The contact has a conversation in that state."""
    if not state:
        return
    made = await conversations.open_conversation(tx, contact, contact.reaches[0].channel, AT)
    made.last_text, made.incoming = "hello", 1
    if state == "waiting":
        made.waiting_since = AT
    elif state == "snoozed":
        made.state, made.snoozed_until = "snoozed", AT + timedelta(days=30)
    elif state == "closed":
        await conversations.close(tx, Act(member=ANN, at=AT), made, None, "done")


def plain(record: Contact | Conversation | None) -> dict[str, Any]:
    """What counts of it: not how often it was changed."""
    found = msgspec.to_builtins(record) if record is not None else {}
    return {k: v for k, v in found.items() if k not in ("version", "handed", "watched")}


async def both(workspace: Workspace, ids: list[ContactId]) -> list[Any]:
    people = [plain(await workspace.get(Contact, id)) for id in ids]
    return [*people, *[plain(await workspace.find(Conversation, "live", id)) for id in ids]]


@pytest.fixture
async def ready(workspace: Workspace) -> Workspace:
    async def deed(tx: Tx) -> None:
        tx.add(ANN)
        for id in ("city", "plan"):
            tx.add(Field(id=id, name=id.capitalize(), kind="text"))

    await workspace.run(deed)
    return workspace


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contacts(), contacts(), st.tuples(STATES, STATES), st.sets(FIELDS), st.booleans())
async def test_merging_and_telling_apart_gives_back_what_was(
    ready: Workspace, into: Contact, other: Contact, states: tuple[str, str], theirs: set[str], undo: bool
) -> None:
    """Fields, tags, ways, conversations and who has them: by /unmerge as by undo, whichever values were chosen."""
    into, other = settled(into), settled(other)
    ids = [into.id, other.id]

    async def begin(tx: Tx) -> None:
        for contact, state in zip((into, other), states, strict=True):
            tx.add(contact)
            await talks(tx, contact, state)

    async def merge(tx: Tx) -> str:
        act = Act(member=ANN, at=AT + timedelta(minutes=1))
        one, two = [await tx.get(Contact, id) for id in ids]
        assert one is not None
        assert two is not None
        await merging.merge(tx, act, one, two, theirs)
        return next(e.id for e in act.done if e.kind == "merged")

    async def apart(tx: Tx) -> None:
        act = Act(member=ANN, at=AT + timedelta(minutes=2))
        one = await tx.get(Contact, into.id)
        assert one is not None
        await (takeback.undo(tx, act, event, lambda _: True) if undo else merging.unmerge(tx, act, one))

    await ready.run(begin)
    before = await both(ready, ids)
    event = await ready.run(merge)
    merged = await ready.get(Contact, into.id)
    assert merged is not None
    assert set(merged.keys) == {*into.keys, *other.keys}
    await ready.run(apart)
    assert await both(ready, ids) == before
