"""How many there are, about: what the database knows without counting."""

from __future__ import annotations

from hub.domain.models import Comment, Contact, Event, Message
from hub.domain.ports import Tx
from hub.store import MongoWorkspace
from tests.store.counting import asked
from tests.store.records import contact, message


async def test_it_is_known_without_counting(workspace: MongoWorkspace) -> None:
    """About how many there are of a kind, and of those kept with it, is told from what the database knows: no record
    is looked at for it, and nothing is nought.
    """

    async def deed(tx: Tx) -> None:
        for number in range(30):
            tx.add(contact(f"c|{number}"))
            tx.add(message("hi", f"c|{number}"))

    await workspace.run(deed)
    async with asked(workspace) as questions:
        assert await workspace.about(Contact) == 30
        assert await workspace.about(Message) == await workspace.about(Comment) == 30
        assert await workspace.about(Event) == 0
    assert set(questions) == {"count contacts", "count messages", "count events"}
