"""A workspace with teams and desks, between which conversations move; what is to be shown is read from the lanes."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

from hub.domain import arrivals, conversations, desks
from hub.domain.arrivals import Arrival
from hub.domain.assigning import giving
from hub.domain.conversations import Act
from hub.domain.ids import Address, ChannelId, DeskId, ExternalId, TeamId, ThreadId, UserId
from hub.domain.incoming import Person, Said
from hub.domain.models import ChannelItem, Contact, Conversation, DeskItem, Member, Place, Team, now
from hub.domain.ports import Query, Tx
from hub.domain.reply import Reply
from hub.domain.text import Text
from hub.domain.work import QueueCard, Relay, Task, Tell, Work, desk_lane
from hub.store import MongoWorkspace

_numbers = itertools.count(1)
CHANNEL = ChannelId("shop")


@dataclass
class Moved:
    """A workspace."""

    workspace: MongoWorkspace

    async def found(self) -> Moved:
        """With an owner, a channel, and two teams."""

        async def deed(tx: Tx) -> None:
            tx.add(Member(id=UserId("Ann"), role="owner", name="Ann"))
            tx.add(ChannelItem(id=CHANNEL, network="any", name="Shop", account="5"))
            for name in ("Sales", "Buying"):
                tx.add(Team(id=TeamId(name), name=name))

        await self.workspace.run(deed)
        return self

    async def bind(self, desk: DeskId, team: str = "") -> None:
        async def deed(tx: Tx) -> None:
            item = await desks.bind(tx, "any", str(desk), str(desk), desk)
            await desks.give_to_team(tx, item, TeamId(team) if team else None)

        await self.workspace.run(deed)

    async def unbind(self, desk: DeskId) -> None:
        async def deed(tx: Tx) -> None:
            item = await tx.get(DeskItem, desk)
            assert item is not None
            await desks.unbind(tx, item)

        await self.workspace.run(deed)

    async def write(self, name: str, words: str = "hello") -> None:
        """The contact writes."""
        number = ExternalId(str(next(_numbers)))
        person = Person(first_name=name)
        said = Said(address=Address(name), at=now(), person=person, external_id=number, text=Text(words))
        arrival = Arrival(channel=CHANNEL, update=number, incoming=(said,))
        await self.workspace.run(lambda tx: arrivals.receive(tx, arrival), arrivals.wants(arrival))

    async def give(self, name: str, team: str) -> None:
        """To a team's inbox; empty: out of it."""

        async def deed(tx: Tx) -> None:
            conversation = await tx.get(Conversation, (await self.conversation(name)).id)
            ann = await tx.get(Member, "Ann")
            assert conversation is not None
            assert ann is not None
            into = await tx.get(Team, team) if team else None
            await giving.to_team(tx, Act(member=ann, at=now()), conversation, into)

        await self.workspace.run(deed)

    async def placed(self, name: str, desk: DeskId) -> None:
        """It has a place there."""

        async def deed(tx: Tx) -> None:
            contact = await tx.get(Contact, (await self.contact(name)).id)
            assert contact is not None
            contact.places = [*contact.places, Place(desk=desk, thread=ThreadId("1"))]

        await self.workspace.run(deed)

    async def answered(self, name: str) -> None:
        async def deed(tx: Tx) -> None:
            found = await tx.get(Conversation, (await self.conversation(name)).id)
            assert found is not None
            found.waiting_since = None

        await self.workspace.run(deed)

    async def close(self, name: str, team: str) -> None:
        """The conversation ends; the contact is the team's from then on."""

        async def deed(tx: Tx) -> None:
            conversation = await tx.get(Conversation, (await self.conversation(name)).id)
            contact = await tx.get(Contact, (await self.contact(name)).id)
            ann = await tx.get(Member, "Ann")
            assert conversation is not None
            assert contact is not None
            assert ann is not None
            await conversations.close(tx, Act(member=ann, at=now()), conversation)
            contact.team = TeamId(team) if team else None

        await self.workspace.run(deed)

    # -- what is so --

    async def contact(self, name: str) -> Contact:
        return (await self.workspace.query(Contact, Query(where={"first_name": name})))[0]

    async def conversation(self, name: str) -> Conversation:
        where = {"contact": (await self.contact(name)).id}
        return (await self.workspace.query(Conversation, Query(where=where, order="-number")))[0]

    async def tasks(self, desk: DeskId, name: str) -> list[Task]:
        """What is to be done in their place on the desk, in order."""
        lane = desk_lane(desk, (await self.contact(name)).id)
        return [w.task for w in await self.workspace.query(Work, Query(where={"lane": lane}, order="id"))]

    async def told(self, desk: DeskId, name: str, template: str) -> list[Reply]:
        """What is to be said of that kind in their place on the desk."""
        said = [t.reply for t in await self.tasks(desk, name) if isinstance(t, Tell)]
        return [reply for reply in said if reply.template == template]

    async def shown(self, name: str) -> dict[DeskId, int]:
        """How many of their messages are to be shown on each desk."""
        contact = (await self.contact(name)).id
        works = await self.workspace.query(Work, Query(where={"state": "waiting"}))
        relays = [w.task for w in works if isinstance(w.task, Relay) and w.lane == desk_lane(w.task.desk, contact)]
        assert len({(r.desk, r.message) for r in relays}) == len(relays), "twice"
        return dict(Counter(r.desk for r in relays))

    async def asked_for(self) -> dict[DeskId, int]:
        """How often each desk's queue card was asked for."""
        works = await self.workspace.query(Work, Query(where={"state": "waiting"}))
        return {w.task.desk: w.asked for w in works if isinstance(w.task, QueueCard)}
