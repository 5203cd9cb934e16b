"""A busy desk on Telegram: how many posts a minute come to stand on it with no, one, two and three relay bots.

The stand-in counts as Telegram does, each bot in each group by itself, and refuses what is too much. A minute is made
shorter on both sides alike, and the figures are told for a whole one. All contacts write in the same moment, so that
every post is the first of its spell: the hardest case, for those have buttons.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.bench import Bench
from hub.app import Hub, running
from hub.domain import arrivals, desks, standing
from hub.domain.arrivals import Arrival
from hub.domain.ids import Address, ChannelId, DeskId, ExternalId, PostId, ThreadId, UserId, new_id
from hub.domain.incoming import Person, Said
from hub.domain.models import ChannelItem, Contact, Member, Place, Preferences, RelayBot, now
from hub.domain.ports import Tx
from hub.domain.text import Text
from hub.sandbox import telegram
from hub.sandbox.telegram.accounts import Bot, Chat, User
from hub.settings import Limits, Settings
from hub.store.mongod import free_port

MOST = 3
"""Relay bots."""
MINUTES = 2
"""Counted from the first post on, so that both what goes at once and what goes later is in it."""
CHANNEL = ChannelId("bench")
HELLO = "Hello from"


class World(NamedTuple):
    """The stand-in, and who is there."""

    net: telegram.TelegramStandIn
    admin: Bot
    owner: User
    extra: list[Bot]


def _world(scale: float) -> World:
    # Topics are opened beforehand, by hand.
    net = telegram.TelegramStandIn(telegram.Limits(topics_per_minute=0, window_scale=scale))
    extra = [net.add_bot(f"extra{n}_bot", "Extra") for n in range(MOST)]
    return World(net, net.add_bot("desk_bot", "Desk", privacy=False), net.add_user("Olivia"), extra)


async def measure(bench: Bench) -> None:
    """With no relay bot, then with one more each time."""
    scale = bench.sizes.relay_scale
    world = _world(scale)
    server = await telegram.serve(world.net)
    try:
        async with bench.mongod() as mongod:
            port = free_port()
            settings = Settings(
                data_dir=Path(tempfile.mkdtemp(dir=bench.folder)),
                mongo_url=mongod.url,
                port=port,
                public_url=f"http://127.0.0.1:{port}",
                telegram_token=world.admin.token,
                telegram_api_url=server.url,
                telegram_limits=Limits(window_scale=scale),
            )
            async with running(settings, prefix="relays_") as hub:
                for bots in bench.sizes.relay_bots:
                    a_minute = await _posts_a_minute(hub, world, bots, scale)
                    bench.report.add(f"relay_bots_{bots}_posts_per_minute", a_minute, "posts/min")
        bench.report.tell(f"    refused for its limit by the stand-in: {world.net.meter.provoked}")
    finally:
        await server.close()


async def _posts_a_minute(hub: Hub, world: World, bots: int, scale: float) -> float:
    admins = [world.admin, *world.extra[:bots]]
    group = world.net.add_forum(f"Bench {bots}", members=[world.owner], admins=admins)
    since = time.time()
    await _all_write(hub, world, group, bots)
    seconds = MINUTES * 60 * scale
    while not (posted := _posted(world, group, since)):
        await asyncio.sleep(0.01)
    await asyncio.sleep(seconds)
    return sum(at < posted[0] + seconds for at in _posted(world, group, since)) / MINUTES


def _posted(world: World, group: Chat, since: float) -> list[float]:
    """When what contacts wrote came to stand there, in order."""
    calls = (c for c in world.net.calls if c.chat_id == group.id and c.at >= since and c.status == 200)
    return sorted(c.at for c in calls if c.method == "sendMessage" and HELLO in str(c.params.get("text", "")))


async def _all_write(hub: Hub, world: World, group: Chat, bots: int) -> None:
    """A workspace whose desk is that group, to which all contacts write, each with a topic already."""
    entry = await hub.store.directory.create_workspace("", "Bench")
    desk, vault = DeskId(new_id()), hub.store.vault
    extra = [
        RelayBot(account=f"telegram:{bot.id}", name=f"@{bot.username}", secret=vault.seal(bot.token))
        for bot in world.extra[:bots]
    ]
    topics = [
        world.net.create_topic(world.owner, group, f"Contact {n}").id for n in range(20 * (bots + 1) * MINUTES + 20)
    ]

    async def deed(tx: Tx) -> None:
        tx.add(ChannelItem(id=CHANNEL, network="telegram", name="@bench_bot", account="1", state="paused"))
        tx.add(Preferences(id="preferences", name="Bench", told_no_desk=True))
        tx.add(Member(id=UserId(new_id()), role="owner", name="Olivia"))
        (await desks.bind(tx, "telegram", str(group.id), "Bench", desk)).relays = extra

    async def writing(tx: Tx) -> None:
        for number, topic in enumerate(topics):
            contact = await _writes(tx, number)
            await standing.thread_opened(
                tx, contact.id, Place(desk=desk, thread=ThreadId(str(topic)), card=PostId("1"))
            )

    workspace = await hub.workspace(entry.id)
    await workspace.run(deed)
    await hub.store.directory.claim_route("desk", f"telegram:{group.id}", entry.id, desk)
    await workspace.run(writing)


async def _writes(tx: Tx, number: int) -> Contact:
    external, address = ExternalId(str(number)), Address(str(number))
    person = Person(first_name=f"Contact {number}")
    said = Said(address=address, at=now(), person=person, external_id=external, text=Text(f"{HELLO} {number}"))
    await arrivals.receive(tx, Arrival(channel=CHANNEL, update=str(number), incoming=(said,)))
    contact = await tx.find(Contact, "keys", f"{CHANNEL}|{address}")
    if contact is None:
        raise LookupError(f"contact {number} was not made")
    return contact
