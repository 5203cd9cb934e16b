"""An office with a second desk, on the other network: conversations move between them, as the host moves them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, cast

from msgspec.structs import replace

from hub.admin_bot.call import Services
from hub.admin_bot.counter import Counter
from hub.domain.ids import Identity, ThreadId
from hub.domain.models import Contact, DeskItem, Member
from hub.domain.ports import Query, Tx
from hub.domain.work import Card, Mark, MoveIn, QueueCard, Redraw, Reflect, Relay, Tell, Work
from hub.host import showing
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane
from hub.host.pacer import Pacer
from hub.host.relays import RelayDesks
from hub.settings import Settings
from hub.store import Store, open_store
from tests.admin_bot.hands import Hands, hands_on
from tests.admin_bot.office import Office

_numbers = count(1)
INSIDE = {"telegram": "topic", "slack": "thread"}
HOME = {"telegram": "general", "slack": "channel"}
"""The ways to type in a contact's place, and at home."""
POSTS = (Relay, MoveIn, Redraw, Reflect, Mark, Tell)
ROUNDS = 30
"""In so many rounds all is shown; each does the first item of every lane."""


class TwoDesks(Office):
    """Ann and Bob are on both networks, as the same members; `hands` is the office's desk, `other` is none yet."""

    other: Hands

    async def open_beside(self, store: Store, other: Hands) -> None:
        """Founds the office, and brings its people to the other network."""
        self.other = other
        self.pacer = Pacer()
        self.relays = RelayDesks({h.network: h.front_end for h in (self.hands, other)}, store.vault)
        await self.open(store)
        for who in ("Ann", "Bob"):
            await self._comes_along(who)

    def restart(self) -> None:
        counter = Counter(self._services(self.store))
        for hands in (self.hands, self.other):
            hands.serve(counter)

    def _services(self, store: Store) -> Services:
        services = super()._services(store)
        ends = {h.network: h.front_end for h in (self.hands, self.other)}
        return replace(services, front_ends=ends, crowding=lambda desk: self.relays.crowding(desk, self.pacer))

    async def _comes_along(self, who: str) -> None:
        identity = Identity(self.other.identity(who))
        user = await self.user(who)
        await self.store.users.change(user.id, lambda known: known.identities.append(identity))

        async def deed(tx: Tx) -> None:
            member = await tx.get(Member, user.id)
            assert member is not None
            member.identities = [*member.identities, identity]

        await self.workspace.run(deed)

    # -- what the host does --

    async def show(self) -> None:
        """Shows on the desks what is to be shown there, until nothing waits, in so many minutes as it takes."""
        self.pacer = Pacer()
        await self.show_now()
        for lane in await self._lanes(Card, QueueCard):
            self.pacer = Pacer()
            await showing.show(self.around, lane)

    async def show_now(self) -> None:
        """Shows it a moment after the last; cards wait for quiet."""
        for _ in range(ROUNDS):
            lanes = await self._lanes()
            for lane in lanes:
                await showing.show(self.around, lane)
            if not lanes:
                return
        raise AssertionError(f"not shown: {[(lane.name, lane.works[0]) for lane in lanes]}")

    @property
    def around(self) -> Surroundings:
        """What showing needs of a host."""
        nobody = cast(Any, None)
        ends = [self.hands.front_end, self.other.front_end]
        return Surroundings(self.workspace, nobody, ends, self.pacer, nobody, nobody, self.relays.of)

    async def _lanes(self, *besides: type) -> list[Lane]:
        """What waits for the desks: posts, and cards of those kinds."""
        waiting = await self.workspace.query(Work, Query(where={"state": "waiting"}, order="id"))
        lanes: dict[str, Lane] = {}
        for work in waiting:
            if isinstance(work.task, POSTS + besides):
                lanes.setdefault(work.lane, Lane(work.lane)).put(work)
        return [lane for lane in lanes.values() if lane.works]

    # -- what is so --

    async def bound(self, hands: Hands) -> DeskItem | None:
        """The desk in those hands' chat."""
        chat = (hands.network, hands.chat)
        return next((d for d in await self.workspace.items(DeskItem) if (d.network, d.chat) == chat), None)

    async def place(self, hands: Hands, name: str = "Carol") -> ThreadId:
        """The contact's place on that desk; empty: there is none."""
        desk = await self.bound(hands)
        (contact,) = await self.workspace.query(Contact, Query(where={"first_name": name}))
        place = contact.place(desk.id) if desk else None
        return place.thread if place else ThreadId("")

    async def read(self, hands: Hands, name: str = "Carol") -> str:
        """All that the bot said in the contact's place there, and at that desk's home."""
        return "\n".join(words for _, words in hands.posted(await self.place(hands, name)))


@asynccontextmanager
async def two_desks(network: str, other: str, url: str) -> AsyncIterator[TwoDesks]:
    """An office on the one network, which has a chat on the other."""
    with tempfile.TemporaryDirectory(prefix="hub-two-desks-") as folder:
        settings = Settings(data_dir=Path(folder), mongo_url=url, port=0)
        store = await open_store(settings, prefix=f"desks{next(_numbers)}_{os.getpid()}_")
        entry = await store.directory.create_workspace("", "Shop")
        async with hands_on(network) as here, hands_on(other) as there:
            office = TwoDesks(here, store.workspace(entry.id))
            await office.open_beside(store, there)
            yield office
            assert here.odd() == there.odd() == []
        await store.close()
