"""Among all messages and notes, those in which something was said: the newest first, as far as the asker may see."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import timedelta

import msgspec

from hub.domain.finding.known import Known
from hub.domain.finding.sought import Sought
from hub.domain.finding.terms import beginning, by, message_words
from hub.domain.finding.walking import with_contacts
from hub.domain.finding.words import folded
from hub.domain.ids import ContactId, id_at
from hub.domain.limits import within
from hub.domain.models import Comment, Contact, Conversation, Message
from hub.domain.ports import Cond, Query, Reads

FIRST = 25
"""Messages that are read at first: most questions have a page of answers among them."""
STEP = 250
"""Those of each further look."""
BUDGET = 2000
"""Messages that are looked at for one question."""
COSTLY = 1000
NAMESAKES = 50
"""Contacts of one name whose words are looked through."""
Said = Message | Comment
LATE = timedelta(days=7)
"""How long after it was said something may be written down."""


class Heard(msgspec.Struct, frozen=True):
    """A hit: what was said, in which conversation, with whom."""

    said: Said
    conversation: Conversation
    contact: Contact


class Heap(msgspec.Struct, frozen=True):
    """A page of hits. `more`: there are further ones; `cut`: looking ended before all was looked at."""

    hits: list[Heard]
    page: int
    more: bool
    cut: bool = False


async def listen(reads: Reads, wanted: Sought, known: Known, here: Sequence[ContactId], size: int) -> Heap:
    """The page of hits that was asked for. `here`: in the words with which contact alone; none: with all."""
    first, after = (wanted.page - 1) * size, wanted.page * size
    hits: list[Heard] = []
    looking = _Looking(reads, wanted, known)
    async with aclosing(looking.batches(here)) as batches:
        async for batch in batches:
            hits += await looking.seen(batch)
            if len(hits) > after or looking.read >= BUDGET:
                break
    cut = len(hits) <= after and looking.read >= BUDGET
    return Heap(hits[first:after], wanted.page, len(hits) > after, cut)


class _Looking:
    """Looks through candidates; `read`: how many so far."""

    def __init__(self, reads: Reads, wanted: Sought, known: Known) -> None:
        self._reads = reads
        self._wanted = wanted
        self._known = known
        self._prefixes: set[str] = set()
        self.read = 0

    async def batches(self, here: Sequence[ContactId]) -> AsyncGenerator[list[Said], None]:
        """Candidates, the newest first."""
        people = list(here) or await self._namesakes()
        if people is not None and not people:
            return
        rarest = await self._rarest()
        async for batch in self._of(people) if people else self._with(rarest):
            self.read += len(batch)
            yield [said for said in batch if self._fits(said)]

    async def seen(self, batch: Sequence[Said]) -> list[Heard]:
        """The hits that the asker may see, with whom they are of."""
        ids = list({said.conversation for said in batch})
        if not ids:
            return []
        found = await self._reads.query(Conversation, Query(where={"id": Cond("in", ids)}))
        teams = self._known.own_teams
        cases = await with_contacts(self._reads, [c for c in found if within(self._known.member, c, teams)])
        mine = {case.conversation.id: case for case in cases if case.conversation}
        kept = [(said, mine[said.conversation]) for said in batch if said.conversation in mine]
        return [Heard(said, case.conversation, case.contact) for said, case in kept if case.conversation]

    # -- where to begin ----------------------------------------------------------------------------------------------

    async def _namesakes(self) -> list[ContactId] | None:
        """The contacts whose words are wanted; None: everybody's."""
        if not self._wanted.named:
            return None
        low, high = beginning(f"n:{folded(self._wanted.named).lstrip('@')}")
        found = await self._reads.query(Contact, Query(where={"terms": Cond("within", (low, high))}, limit=NAMESAKES))
        return [id for contact in found for id in contact.ids]

    async def _rarest(self) -> str:
        """The word that the fewest have; one that nobody has is taken for the beginning of one."""
        costs: list[tuple[int, str]] = []
        words = [*self._wanted.words, *([by(self._wanted.author)] if self._wanted.author else [])]
        most = COSTLY if len(words) > 1 else 1
        for word in words:
            cost = await self._cost(word, most)
            if not cost:
                self._prefixes.add(word)
            costs.append((cost or COSTLY, word))
        return min(costs)[1] if costs else ""

    async def _cost(self, word: str, most: int) -> int:
        """How many have the word; up to `most` of each kind are counted."""
        found = await self._reads.count(Message, {"words": word}, limit=most)
        return found + await self._reads.count(Comment, {"words": word}, limit=most)

    # -- the candidates ----------------------------------------------------------------------------------------------

    def _of(self, people: Sequence[ContactId]) -> AsyncIterator[list[Said]]:
        return self._newest({"contact": Cond("in", list(people))}, "at")

    def _with(self, word: str) -> AsyncIterator[list[Said]]:
        return self._beginning(word) if word in self._prefixes else self._newest({"words": word}, "id")

    async def _newest(self, asked: dict[str, object], field: str) -> AsyncIterator[list[Said]]:
        """All that was asked for, the newest first; messages and notes side by side."""
        last, seen = self._last(by_id=field == "id"), set[str]()
        while self.read < BUDGET:
            step = STEP if seen else FIRST
            found = await self._both({**asked, **({field: Cond("lte", last)} if last else {})}, field, step)
            fresh = [said for said in found if said.id not in seen]
            yield fresh
            if not fresh or self._too_old(fresh):
                return
            last = getattr(fresh[-1], field)
            seen.update(said.id for said in fresh)

    def _last(self, *, by_id: bool) -> object:
        """Where to begin; ids are made when something is written down, which may be some days after it was said."""
        until = self._wanted.until
        return until and (id_at(until + LATE) if by_id else until)

    def _too_old(self, found: Sequence[Said]) -> bool:
        return self._wanted.since is not None and all(said.at < self._wanted.since - LATE for said in found)

    async def _both(self, where: dict[str, object], field: str, step: int) -> list[Said]:
        query = Query(where=where, order=f"-{field}", limit=step + 1)
        return sorted(await self._ask(query), key=lambda said: getattr(said, field), reverse=True)[: step + 1]

    async def _beginning(self, word: str) -> AsyncIterator[list[Said]]:
        """What has a word that begins so: some of it, sorted."""
        query = Query(where={"words": Cond("within", beginning(word))}, limit=COSTLY)
        yield sorted(await self._ask(query), key=lambda said: said.id, reverse=True)

    async def _ask(self, query: Query) -> list[Said]:
        found: list[Said] = list(await self._reads.query(Message, query)) if self._wanted.messages else []
        if self._wanted.notes and not self._wanted.side:
            found += await self._reads.query(Comment, query)
        return found

    def _fits(self, said: Said) -> bool:
        wanted = self._wanted
        if wanted.author is not None and said.author != wanted.author:
            return False
        if wanted.side and not (isinstance(said, Message) and said.direction == wanted.side):
            return False
        if (wanted.since and said.at < wanted.since) or (wanted.until and said.at >= wanted.until):
            return False
        words = message_words(said)
        return all(
            word in words or (word in self._prefixes and any(w.startswith(word) for w in words))
            for word in wanted.words
        )
