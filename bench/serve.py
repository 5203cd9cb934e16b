"""The hub in a process of its own, as `hub run` runs it, with workspaces made as the parent asks for them."""

from __future__ import annotations

import cProfile
import logging
import secrets
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import msgspec
import uvloop

from bench.plain import running_plainly
from bench.specs import Made, ServeSpec, Wish
from bench.talk import answer_lines, say
from bench.updates import Hook
from hub.app import Hub, running
from hub.domain import desks
from hub.domain.ids import ChannelId, DeskId, UserId, new_id
from hub.domain.models import ChannelItem, Member, Preferences
from hub.domain.ports import Tx
from hub.settings import Limits, Settings, SlackLimits
from hub.store.mongod import free_port

NOBODY = {"telegram_api_url": "http://127.0.0.1:9"}
"""Nobody is there: without a stage, nothing is sent."""


async def _make(hub: Hub, wish: Wish) -> Made:
    started = time.perf_counter()
    entry = await hub.store.directory.create_workspace("", "Bench")
    took = (time.perf_counter() - started) * 1000
    channel, secret = await _channel(hub, wish)
    desk = DeskId(new_id())

    async def deed(tx: Tx) -> None:
        tx.add(channel)
        tx.add(Preferences(id="preferences", name="Bench", told_no_desk=True))
        tx.add(Member(id=UserId(new_id()), role="owner", name="Olivia"))
        if wish.desk:
            await desks.bind(tx, *wish.desk, "Bench", desk)

    account = f"{channel.network}:{channel.account}"
    await hub.store.directory.claim_route("channel", account, entry.id, channel.id)
    if wish.desk:
        await hub.store.directory.claim_route("desk", ":".join(wish.desk), entry.id, desk)
    await (await hub.workspace(entry.id)).run(deed)
    return Made(entry.id, Hook(channel.id, secret, channel.network, channel.account, wish.people), took)


async def _channel(hub: Hub, wish: Wish) -> tuple[ChannelItem, str]:
    """A channel that is connected, and the secret by which its network proves itself."""
    account, secret = str(8_000_000_000 + secrets.randbelow(10**9)), secrets.token_urlsafe(24)
    kept, proof = f"{account}:{secrets.token_urlsafe(26)}", secret
    if wish.words:
        examined, kept = await hub.connectors[wish.network].examine(wish.words)
        account, proof = examined.id, wish.words[-1]
    channel = ChannelItem(id=ChannelId(new_id()), network=wish.network, name="@bench_bot", account=account)
    channel.secret, channel.hook_secret = hub.store.vault.seal(kept), hub.store.vault.seal(secret)
    return channel, proof


def _running(spec: ServeSpec) -> AbstractAsyncContextManager[Hub]:
    port = free_port()
    settings = Settings(
        data_dir=Path(spec.data_dir),
        mongo_url=spec.mongo_url,
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        telegram_limits=Limits(0, 0, 0),
        slack_limits=SlackLimits(0, 0),
        **(spec.networks or NOBODY),  # type: ignore[arg-type]  # all of them are words
    )
    if spec.plain:
        return running_plainly(settings, spec.driver, spec.prefix)
    return running(settings, driver=spec.driver, prefix=spec.prefix)


async def _main(spec: ServeSpec) -> None:
    async with _running(spec) as hub:

        async def answer(line: bytes) -> list[Made]:
            wish = msgspec.json.decode(line, type=Wish)
            return [await _make(hub, wish) for _ in range(wish.workspaces)]

        say(hub.port)
        await answer_lines(answer)


def main(given: bytes) -> None:
    """Runs as the spec says, until the parent closes its end; see the nursery."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    spec = msgspec.json.decode(given, type=ServeSpec)
    if not spec.profile:
        uvloop.run(_main(spec))
        return
    profile = cProfile.Profile()
    try:
        profile.runcall(uvloop.run, _main(spec))
    finally:
        profile.dump_stats(spec.profile)
