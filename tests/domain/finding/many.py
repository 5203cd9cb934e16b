"""A workspace with some thousands of records, written as the store writes them, and questions that are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from hub.domain.ids import Address, ChannelId, ContactId, ConversationId, MessageId, TeamId, UserId, new_id
from hub.domain.models import (
    Block,
    Category,
    ChannelItem,
    Comment,
    Contact,
    Conversation,
    Field,
    Member,
    Message,
    Reach,
    Record,
    SavedFilter,
    Tag,
    Team,
    now,
)
from hub.domain.ports import Query
from hub.domain.text import Text
from hub.store import codec
from hub.store.layout import SHELF
from hub.store.workspace import MongoWorkspace

R = TypeVar("R", bound=Record)
AT = now().replace(microsecond=0)
CONTACTS = 1500
ANN = Member(id=UserId("ann"), role="owner", name="Ann")
BOB = Member(id=UserId("bob"), role="agent", name="Bob", limits=["own"])
CATALOG = (
    ANN,
    BOB,
    Team(id=TeamId("sales"), name="Sales", members=[ANN.id]),
    Tag(id="vip", name="vip"),
    Tag(id="rare", name="rare"),
    ChannelItem(id=ChannelId("ch1"), network="telegram", name="@shop_bot", account="1"),
    ChannelItem(id=ChannelId("ch2"), network="messenger", name="Page", account="2"),
    Category(id="bill", name="Billing"),
    Field(id="plan", name="Plan", kind="text"),
    Field(id="age", name="Age", kind="number"),
    Field(id="born", name="Born", kind="date"),
    SavedFilter(id="f1", name="vips", finds="contacts", text="tag:vip", owner=ANN.id),
    SavedFilter(id="f2", name="urgent", finds="conversations", text="waiting>2h", owner=ANN.id),
)


def contact(n: int) -> Contact:
    """One of many: every second is a vip, every hundredth rare, every third of the page."""
    channel = ChannelId("ch2" if n % 3 == 0 else "ch1")
    made = Contact(
        id=ContactId(new_id()),
        keys=[f"{channel}|{n}"],
        reaches=[Reach(channel=channel, address=Address(str(n)), last_in=AT - timedelta(hours=n % 500))],
        first_name=("Ann", "Ben", "Cleo", "Dora")[n % 4],
        last_name=f"Nr{n}",
        language=("de", "en")[n % 2],
        country=("DE", "FR", "US")[n % 3],
        phone=f"+4915{n:08}" if n % 2 else "",
        email=f"c{n}@shop.example" if n % 5 else "",
        tags=[*(["vip"] if n % 2 else []), *(["rare"] if n % 100 == 0 else [])],
        fields={"plan": ("gold", "silver")[n % 2], "age": n % 90, "born": f"19{n % 90 + 10}-01-02"},
        assignee=(None, ANN.id, BOB.id)[n % 3],
        team=TeamId("sales") if n % 7 == 0 else None,
        created_at=AT - timedelta(hours=n),
    )
    made.block = Block(at=AT, by=ANN.id) if n % 400 == 0 else None
    return made


def conversation(n: int, of: Contact, *, number: int = 0, closed: bool = False) -> Conversation:
    """Their conversation, open, snoozed, or closed long ago."""
    state: Any = "closed" if closed else "snoozed" if n % 20 == 0 else "open"
    return Conversation(
        id=ConversationId(new_id()),
        number=number or n + 1,
        contact=of.id,
        live=None if closed else of.id,
        state=state,
        assignee=of.assignee,
        team=of.team,
        channel=of.reaches[0].channel,
        opened_at=AT - timedelta(hours=n % 300),
        waiting_since=AT - timedelta(minutes=n) if not closed and n % 3 == 0 else None,
        last_at=AT - timedelta(minutes=n % 700),
        closed_at=AT - timedelta(hours=n % 900) if closed else None,
        category="bill" if closed and n % 10 == 0 else "",
    )


def said(n: int, talk: Conversation) -> Message | Comment:
    """What was said there: everywhere the word common, seldom the word scarce."""
    words = f"the common question number {n}" + (" and a scarce word" if n % 300 == 0 else "")
    if n % 8 == 0:
        return Comment(
            id=MessageId(new_id()), contact=talk.contact, conversation=talk.id, at=AT, text=Text(words), author=ANN.id
        )
    return Message(
        id=MessageId(new_id()),
        contact=talk.contact,
        conversation=talk.id,
        channel=talk.channel,
        direction="out" if n % 4 == 0 else "in",
        state="received",
        at=AT - timedelta(minutes=n),
        text=Text(words),
        author=BOB.id if n % 4 == 0 else None,
    )


@dataclass
class Asked:
    """A question as the database gets it, and what it said of its plan."""

    where: Any
    limit: int
    skip: int
    plan: dict[str, Any]

    @property
    def stages(self) -> set[str]:
        """What the winning plan does."""
        return set(_stages(self.plan["queryPlanner"]["winningPlan"]))

    @property
    def bound(self) -> int:
        """What it may examine: what it asked for, what it named one by one, and a little to find where they begin."""
        named = [len(v["$in"]) for v in self.where.values() if isinstance(v, dict) and "$in" in v]
        return self.skip + self.limit + 2 * sum(named) + 60

    @property
    def examined(self) -> int:
        """Documents and keys, whichever are more."""
        stats = self.plan["executionStats"]
        return max(stats["totalDocsExamined"], stats["totalKeysExamined"])


def _stages(plan: Mapping[str, Any]) -> list[str]:
    inner = [plan[key] for key in ("inputStage", "queryPlan") if key in plan] + plan.get("inputStages", [])
    return [plan.get("stage", ""), *(stage for each in inner for stage in _stages(each))]


@dataclass
class Watched:
    """The workspace, each of whose questions is explained by the database as well."""

    workspace: MongoWorkspace
    asked: list[Asked] = field(default_factory=list)

    async def query(self, kind: type[R], query: Query) -> list[R]:
        await self._explain(kind, query.where, query)
        return await self.workspace.query(kind, query)

    async def count(self, kind: type[R], where: Mapping[str, object], limit: int = 0) -> int:
        await self._explain(kind, where, Query(where=where, limit=limit))
        return await self.workspace.count(kind, where, limit)

    async def get(self, kind: type[R], id: str) -> R | None:
        return await self.workspace.get(kind, id)

    async def find(self, kind: type[R], field: str, value: str) -> R | None:
        return await self.workspace.find(kind, field, value)

    async def items(self, kind: type[R]) -> list[R]:
        return await self.workspace.items(kind)

    async def _explain(self, kind: type[R], where: Mapping[str, object], query: Query) -> None:
        find: dict[str, Any] = {"find": SHELF[kind].name, "filter": codec.condition(kind, where), "limit": query.limit}
        find |= {"skip": query.skip, "sort": dict(codec.order(query))}
        said = await self.workspace._database.command("explain", find, verbosity="executionStats")
        self.asked.append(Asked(find["filter"], query.limit, query.skip, said))


async def write(workspace: MongoWorkspace, records: Sequence[Record]) -> None:
    """As the store writes them, without its transactions."""
    for kind in {type(r) for r in records}:
        docs = [codec.encode(r) for r in records if type(r) is kind]
        await workspace._database[SHELF[kind].name].insert_many(docs, ordered=False)
