"""A workspace with people and a contact who writes, on the real store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from hub.domain import arrivals
from hub.domain.arrivals import Arrival
from hub.domain.contacts import Terms
from hub.domain.conversations import Act
from hub.domain.ids import Address, ChannelId, ExternalId, Identity, UserId
from hub.domain.incoming import Incoming, Person, Said
from hub.domain.models import ChannelItem, Conversation, Member, Message, Preferences, now
from hub.domain.ports import Query, Tx
from hub.domain.reply import Reply
from hub.domain.text import Text
from hub.domain.work import Notify, Work
from hub.store import MongoWorkspace

CHANNEL = ChannelId("shop")
_numbers = count(1)


class Town:
    """Ann owns it, Bob and Cleo are agents."""

    def __init__(self, workspace: MongoWorkspace) -> None:
        self.workspace = workspace

    async def found(self) -> Town:
        async def deed(tx: Tx) -> None:
            tx.add(Preferences(id="preferences", name="Shop", told_no_desk=True))
            tx.add(ChannelItem(id=CHANNEL, network="paper", name="Shop bot", account="5"))
            for name, role in (("Ann", "owner"), ("Bob", "agent"), ("Cleo", "agent")):
                identities = [Identity(f"paper:{name}")]
                tx.add(Member(id=UserId(name), role=role, name=name, identities=identities))  # type: ignore[arg-type]

        await self.workspace.run(deed)
        return self

    async def run(self, deed: Any) -> Any:
        return await self.workspace.run(deed)

    async def change(self, kind: type[Any], id: str, **values: Any) -> None:
        """Sets fields of a record."""

        async def deed(tx: Tx) -> None:
            record = await tx.get(kind, id)
            assert record is not None
            for name, value in values.items():
                setattr(record, name, value)

        await self.run(deed)

    async def hear(self, incoming: Incoming, update: str = "") -> None:
        """Something comes in."""
        arrival = Arrival(channel=CHANNEL, update=update, incoming=(incoming,), terms=Terms())
        await self.workspace.run(lambda tx: arrivals.receive(tx, arrival), arrivals.wants(arrival))

    async def write(self, words: str = "hello", name: str = "Dora", at: datetime | None = None) -> Message:
        """A contact writes."""
        external = ExternalId(f"m{next(_numbers)}")
        person, address = Person(first_name=name), Address(name)
        said = Said(address=address, at=at or now(), person=person, external_id=external, text=Text(words))
        await self.hear(said)
        return (await self.all(Message, direction="in"))[-1]

    async def act(self, name: str, deed: Any, at: datetime | None = None) -> Any:
        """Somebody does something to the newest conversation."""

        async def doing(tx: Tx) -> Any:
            member = await tx.get(Member, name)
            conversation = await tx.get(Conversation, (await self.conversation()).id)
            assert member is not None
            return await deed(tx, Act(member=member, at=at or now()), conversation)

        return await self.run(doing)

    async def all(self, kind: type[Any], **where: Any) -> list[Any]:
        return await self.workspace.query(kind, Query(where=where, order="id"))

    async def conversation(self) -> Conversation:
        return (await self.workspace.query(Conversation, Query(where={}, order="-number", limit=1)))[0]

    async def told(self, name: str) -> list[Reply]:
        """What a user is about to be told in private, now."""
        return [
            w.task.reply
            for w in await self.all(Work)
            if isinstance(w.task, Notify) and w.task.user == name and w.state == "waiting" and not w.held
        ]


def notices(replies: Sequence[Reply]) -> list[object]:
    """Of what kinds they are."""
    return [reply.data.get("notice") for reply in replies]
