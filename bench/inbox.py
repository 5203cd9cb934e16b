"""The inbox at size: every command's time in a workspace and in one of a tenth of it, in turn, at the real counter."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from bench import crowd
from bench.bench import Bench, median, ratio
from bench.lines import COMMANDS
from bench.load import quantile
from hub.admin_bot.drawing import Templates
from hub.admin_bot.heard import Asker, Spot, Wrote
from hub.app import Hub
from hub.domain import desks, members
from hub.domain.ids import ChannelId, DeskId, Identity, PostId, TeamId, UserId, new_id
from hub.domain.models import Category, ChannelItem, Field, Item, SavedFilter, Snippet, Tag, Team, now
from hub.domain.ports import Tx, UserRecord
from hub.domain.text import Text
from hub.settings import Settings
from hub.store import open_store
from hub.store.driver import Database, connect
from hub.store.embedded import Embedded

PEOPLE = ("Olivia", "Bob", "Mia", "Tom", "Una", "Vic", "Wes", "Xia")
TEAM = TeamId("support")
PREFIX = "inbox_"
SEARCHES = ("find", "filter", "contacts", "inbox saved")
"""What looks for something among all that there is: told apart from what is done every minute."""
SCAN = "COLLSCAN"
TEMPLATES = Templates("telegram")
FAILED = ("refused", "broken")
_TOKEN = "1:bench"  # noqa: S105 - of a bot that nobody is asked of
_OF_CROWDS = {"ns": {"$not": {"$regex": r"\.(catalog|system\.\w+)$"}}}
"""What is kept of questions, but for those of the small catalog, which is read whole."""
_PROFILED = 256 * 1024 * 1024
Times = dict[str, list[float]]


class Office(msgspec.Struct, frozen=True):
    """A workspace with such a crowd, whose owner gives commands at the desk's home."""

    hub: Hub
    workspace: str
    crowd: crowd.Crowd
    asker: Asker
    spot: Spot

    async def give(self, line: str, turn: int) -> float:
        """Seconds that a line took, its answer drawn. Raises AssertionError where it was refused."""
        blanks = self._blanks(turn)
        there = line.startswith("@")
        spot = msgspec.structs.replace(self.spot, thread=blanks["thread"]) if there else self.spot
        text = Text((line[1:] if there else f"/{line}").format(**blanks))
        heard = Wrote(update=new_id(), asker=self.asker, spot=spot, at=now(), post=PostId(new_id()), text=text)
        started = time.perf_counter()
        reply = (await self.hub.counter.hear(heard)).reply
        if reply is not None and reply.template:
            TEMPLATES.render(reply.template, reply.data)
        took = time.perf_counter() - started
        assert reply is None or reply.template not in FAILED, f"{text.plain}: {reply.data}"
        return took

    def _blanks(self, turn: int) -> Mapping[str, object]:
        """What stands for what in the lines of a turn."""
        numbers = crowd.open_numbers(self.crowd.contacts)
        at = turn % len(numbers)
        n, k = numbers[at], (turn * 7919 + 11) % self.crowd.contacts
        names = {"last": crowd.last_name(k), "thread": crowd.thread(n // crowd.CONVERSATIONS - 1)}
        return {"n": n, "m": numbers[at - 1], "old": n - 1, "k": k, "turn": turn, **names}


def _catalog(people: Sequence[UserId], channels: Sequence[ChannelItem]) -> Sequence[Item]:
    return (
        *channels,
        *(Tag(id=tag, name=tag) for tag in ("vip", "late", "rare")),
        Team(id=TEAM, name="Support", members=[*people]),
        Category(id="billing", name="Billing"),
        Field(id="plan", name="Plan", kind="text"),
        Field(id="age", name="Age", kind="number"),
        Snippet(id="hello", name="hello", text="Hello {{ contact.first_name | or('there') }}"),
        SavedFilter(id="urgent", name="urgent", finds="conversations", text="waiting>2h tag:vip", owner=people[0]),
        SavedFilter(id="vips", name="vips", finds="contacts", text="tag:vip", owner=people[0]),
    )


async def office_of(hub: Hub, contacts: int) -> Office:
    """Makes a workspace with so many contacts."""
    directory, chat = hub.store.directory, f"-100{contacts}"
    users = [await directory.ensure_user(_identity(name, contacts), name, name.lower()) for name in PEOPLE]
    entry = await directory.create_workspace("", f"Bench {contacts}")
    desk, channels = DeskId(new_id()), (ChannelId(new_id()), ChannelId(new_id()))
    people = tuple(UserId(user.id) for user in users)
    items = _catalog(people, [_channel(hub, id) for id in channels])
    await (await hub.workspace(entry.id)).run(lambda tx: _founded(tx, users, items, (chat, desk)))
    for user in users:
        await directory.join(user.id, entry.id, "admin" if user is users[0] else "member")
    await directory.claim_route("desk", f"telegram:{chat}", entry.id, desk)
    for channel in channels:
        await directory.claim_route("channel", f"telegram:{channel}", entry.id, channel)
        await hub.switchboard.line(channel)
    asker = Asker(identity=_identity(PEOPLE[0], contacts), name=PEOPLE[0])
    told = crowd.Crowd(contacts=contacts, channels=channels, desk=desk, people=people, team=TEAM, category="billing")
    return Office(hub, entry.id, told, asker, Spot(network="telegram", chat=chat, title="Bench"))


def _channel(hub: Hub, id: ChannelId) -> ChannelItem:
    channel = ChannelItem(id=id, network="telegram", name=f"@bench_{id[-4:]}_bot", account=id)
    channel.secret, channel.hook_secret = hub.store.vault.seal(_TOKEN), hub.store.vault.seal("secret")
    return channel


def _identity(name: str, contacts: int) -> Identity:
    return Identity(f"telegram:{contacts}{PEOPLE.index(name)}")


async def _founded(tx: Tx, users: Sequence[UserRecord], items: Sequence[Item], at: tuple[str, DeskId]) -> None:
    owner, *others = users
    await members.found(tx, "Bench", owner)
    for user in others:
        await members.admit(tx, user, "agent")
    for item in items:
        tx.add(item)
    await desks.bind(tx, "telegram", at[0], "Bench", at[1])


@asynccontextmanager
async def a_hub(settings: Settings, **store_options: object) -> AsyncIterator[Hub]:
    """A hub at whose counter one can stand, and which does nothing by itself."""
    store = await open_store(settings, **store_options)  # type: ignore[arg-type]
    try:
        hub = Hub(settings, store)
        try:
            yield hub
        finally:
            await hub.stop()
    finally:
        await store.close()


async def timed(offices: Sequence[Office], names: Sequence[str], rounds: int) -> list[Times]:
    """How long each command took in each office, in turn, by what is reported."""
    found: list[Times] = [{} for _ in offices]
    for turn in range(rounds):
        for name in names:
            for times, office in zip(found, offices, strict=True):
                for line in COMMANDS[name]:
                    took = await office.give(line.removeprefix("~"), turn)
                    if not line.startswith("~"):
                        times.setdefault(name, []).append(took)
    return found


async def measure(bench: Bench) -> None:
    """Every command at both sizes, and what the database read for it at the larger one."""
    settings = Settings(
        data_dir=Path(tempfile.mkdtemp(dir=bench.folder)),
        mongo_url="",
        telegram_token=_TOKEN,
        telegram_api_url="http://127.0.0.1:9",
    )
    async with bench.mongod() as server:
        settings = msgspec.structs.replace(settings, mongo_url=server.url)
        async with a_hub(settings, driver=bench.driver, prefix=PREFIX) as hub:
            offices = [await _filled(bench, hub, server, contacts) for contacts in bench.sizes.crowds]
            names = [*COMMANDS][:: bench.sizes.inbox_every]
            small, large = await timed(offices, names, bench.sizes.inbox_rounds)
            _report(bench, small, large)
            bench.report.add("commands_most_examined", await _examined(bench, server, offices[-1], names), "records")


async def _filled(bench: Bench, hub: Hub, server: Embedded, contacts: int) -> Office:
    office, started = await office_of(hub, contacts), time.perf_counter()
    async with _database(bench, server, office) as database:
        await crowd.fill(database, office.crowd)
    bench.report.tell(f"    {contacts} contacts are there after {time.perf_counter() - started:.0f} s")
    return office


@asynccontextmanager
async def _database(bench: Bench, server: Embedded, office: Office) -> AsyncIterator[Database]:
    client = connect(server.url, bench.driver)
    try:
        yield client.database(f"{PREFIX}ws_{office.workspace}", aware=False)
    finally:
        await client.close()


def _report(bench: Bench, small: Times, large: Times) -> None:
    growths, p95s = {}, {}
    for name in small:
        below, above = (quantile(sorted(times[name]), 0.95) for times in (small, large))
        growths[name], p95s[name] = ratio(large[name], small[name]), above / below
        bench.report.add(f"command_p95_ms{{{name}}}", above * 1000, "ms")
        bench.report.add(f"command_growth{{{name}}}", growths[name], "ratio")
    searches = {name for name in growths if name.startswith(SEARCHES)}
    others = growths.keys() - searches
    bench.report.add("commands_growth_most", max(growths[name] for name in others), "ratio")
    bench.report.add("commands_p95_growth_median", median(p95s[name] for name in others), "ratio")
    bench.report.add("searches_growth_most", max(growths[name] for name in searches), "ratio")


async def _examined(bench: Bench, server: Embedded, office: Office, names: Sequence[str]) -> int:
    """The most keys or documents that the database looked at for one question. Raises AssertionError where it looked
    through a whole collection.
    """
    async with _database(bench, server, office) as database:
        await database.create_collection("system.profile", capped=True, size=_PROFILED)
        await database.command("profile", 2)
        await timed([office], names, 1)
        await database.command("profile", 0)
        asked = await database["system.profile"].find(_OF_CROWDS).to_list(None)
    scans = [each for each in asked if SCAN in each.get("planSummary", "")]
    assert not scans, f"{len(scans)} questions went through a whole collection, such as {scans[0].get('command')}"
    return max(int(each.get(what, 0)) for each in asked for what in ("keysExamined", "docsExamined"))
