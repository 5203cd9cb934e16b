"""`hub check`, against a real database, the stand-in over HTTP, and a running hub."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from hub.checkup import checkup
from hub.checkup.machine import SETTINGS
from hub.checkup.networks import not_callable
from hub.domain.models import ChannelItem
from hub.domain.ports import Tx
from hub.sandbox.telegram import Limits, TelegramStandIn, serve
from hub.settings import Settings
from hub.store import open_store
from hub.store.locks import FileLock
from tests.scene import Scene, free_port, scene

Lines = pytest.CaptureFixture[str]

LOADED = """
import sys
from hub.cli import main
try:
    main(["check"])
except SystemExit as end:
    print("status", end.code, "loaded", sorted({"aiogram", "telegram"} & set(sys.modules)))
"""


@pytest.fixture(autouse=True)
def _no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("HUB_")]:
        monkeypatch.delenv(name)


@pytest.fixture
async def network() -> AsyncIterator[tuple[TelegramStandIn, str]]:
    """The stand-in and its address."""
    net = TelegramStandIn(Limits.off())
    server = await serve(net)
    yield net, server.url
    await server.close()


def said(lines: Lines, mark: str, about: str) -> list[str]:
    """What was said with that mark about that thing."""
    found = [line.split(maxsplit=1) for line in lines.readouterr().out.splitlines()]
    return [rest.removeprefix(about).strip() for first, rest in found if first == mark and rest.startswith(about)]


def to_mend(settings: Settings, **changes: object) -> Settings:
    """The same settings but for the changes; nobody listens where they say that Telegram is."""
    nobody = f"http://127.0.0.1:{free_port()}"
    return msgspec.structs.replace(settings, **{"telegram_api_url": nobody, "port": free_port(), **changes})


async def test_nothing_set_up_is_nothing_wrong(tmp_path: Path) -> None:
    """A bare installation passes, is told its next steps, keeps nothing, and loads no messaging library."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")}
    env |= {"HUB_DATA_DIR": str(tmp_path / "data"), "HUB_PORT": str(free_port())}
    out = await run_check(env, "-c", LOADED)
    assert "status 0 loaded []" in out
    assert "set HUB_TELEGRAM_TOKEN" in out
    assert "hub init" in out
    assert nothing_in(tmp_path)


def nothing_in(folder: Path) -> bool:
    return not any(folder.iterdir())


async def run_check(env: dict[str, str], *words: str) -> str:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=pipe, stderr=pipe, env=env)
    out, err = await process.communicate()
    assert err == b""
    return out.decode()


async def test_a_set_up_hub(tmp_path: Path, lines: Lines) -> None:
    """A running hub passes; each thing that agents or operators can break is named with what mends it; no secrets."""
    async with scene(tmp_path) as shop:
        settings = settings_of(shop)
        assert await checkup(settings) == 0
        out = lines.readouterr().out
        for word in ("A hub runs on it", "is ready", "@desk_bot", "Desk: Support", "@shop_bot", "Members: 2"):
            assert word in out
        assert "Nothing is wrong." in out
        assert "\nwrong " not in out
        await break_everything(shop, settings)
        assert await checkup(msgspec.structs.replace(settings, public_url="https://hub.example.com")) == 1
        out += (broken := lines.readouterr().out)
        for words in (
            "Telegram does not call the hub, though https://hub.example.com is HUB_PUBLIC_URL",
            "The admin bot may not open contacts' topics: switch on “Manage topics” for it",
            "Paused: nobody pays for it",
            "Telegram does not know its token any more",
        ):
            assert words in broken
        for bot in (shop.admin, shop.shop):
            assert bot.token.partition(":")[2] not in out


async def break_everything(shop: Scene, settings: Settings) -> None:
    """The bot loses a right; one channel is paused, another's token was revoked."""
    shop.net.add_to_chat(shop.group, shop.admin, admin=True, rights={"can_delete_messages"})
    store = await open_store(settings, exclusive=False)
    (entry,) = await store.directory.workspaces()

    async def deed(tx: Tx) -> None:
        sealed = store.vault.seal("123456:no-such-token")
        paused: dict[str, str] = {"id": "p", "account": "1", "name": "@paused_bot", "problem": "nobody pays for it."}
        revoked = {"id": "r", "account": "2", "name": "@revoked_bot", "secret": sealed}
        tx.add(msgspec.convert({**paused, "type": "channel", "network": "telegram", "state": "paused"}, ChannelItem))
        tx.add(msgspec.convert({**revoked, "type": "channel", "network": "telegram"}, ChannelItem))

    await store.workspace(entry.id).run(deed)
    await store.close()


def settings_of(shop: Scene) -> Settings:
    """The settings that the scene's hub runs with."""
    return Settings(
        data_dir=shop.folder / "data",
        port=shop.port,
        telegram_token=shop.admin.token,
        telegram_api_url=shop.url,
    )


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """What is printed."""
    return capsys


async def test_a_token_that_telegram_does_not_know(
    settings: Settings, network: tuple[TelegramStandIn, str], lines: Lines
) -> None:
    """A wrong token is told apart from a network that is away, with where the right one is to be had."""
    wrong = to_mend(settings, telegram_api_url=network[1], telegram_token="123456:not-a-known-token")
    assert await checkup(wrong) == 1
    (line,) = said(lines, "wrong", "admin bot")
    assert line.startswith("Telegram does not know its token.")
    assert "not-a-known-token" not in line


async def test_what_answers_is_not_telegram(settings: Settings, lines: Lines) -> None:
    """An address where nobody is, and one where another server is, are each said to be so."""
    token = "123456:not-a-known-token"
    assert await checkup(to_mend(settings, telegram_token=token)) == 1
    assert "cannot be reached" in said(lines, "wrong", "admin bot")[0]
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    assert await checkup(to_mend(settings, telegram_token=token, telegram_api_url=url)) == 1
    assert "is not the Bot API" in said(lines, "wrong", "admin bot")[0]
    await runner.cleanup()


async def test_a_database_that_is_away(tmp_path: Path, lines: Lines) -> None:
    """A server that cannot be reached is named without its password, and with what mends it."""
    url = f"mongodb://anna:topsecret@127.0.0.1:{free_port()}/?serverSelectionTimeoutMS=200"
    assert await checkup(to_mend(Settings(data_dir=tmp_path), mongo_url=url)) == 1
    out = lines.readouterr().out
    assert "The database cannot be reached" in out
    assert "HUB_MONGO_URL" in out
    assert "topsecret" not in out


async def test_a_mongod_without_its_libraries(tmp_path: Path, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system lacks a library that the server needs, the command that installs it is given."""
    program = tmp_path / "mongod"
    complaint = "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file"
    program.write_text(f'#!/bin/sh\necho "{complaint}" >&2\nexit 127\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert await checkup(to_mend(Settings(data_dir=tmp_path / "data"))) == 1
    assert said(lines, "wrong", "database")[0].endswith("apt-get install libcurl4 libssl3")


async def test_the_machine(settings: Settings, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder or key that others can read, a port in use and a misspelt setting are found; the key is not shown."""
    settings.data_dir.mkdir(mode=0o755)
    key = settings.data_dir / "secret.key"
    key.write_text("0123456789" * 5)
    key.chmod(0o644)
    monkeypatch.setenv("HUB_PROT", "8080")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert await checkup(to_mend(settings, port=other.getsockname()[1])) == 1
    out = lines.readouterr().out
    assert f"chmod 700 {settings.data_dir}" in out
    assert f"chmod 600 {key}" in out
    assert "set HUB_PORT or HUB_HOST to another" in out
    assert "Did you mean HUB_PORT?" in out
    assert "0123456789" not in out


async def test_a_hub_that_does_not_answer(settings: Settings, lines: Lines) -> None:
    """A hub that holds the data directory but does not say that it is ready is found."""
    settings.data_dir.mkdir(mode=0o700)
    lock = FileLock(settings.data_dir / "hub.lock")
    assert lock.take()
    assert await checkup(to_mend(settings)) == 1
    assert "does not say" in said(lines, "wrong", "entrance")[0]
    lock.release()


async def test_a_key_that_is_too_short(settings: Settings, lines: Lines) -> None:
    """A weak secret key is refused before the hub is started with it, and not repeated."""
    assert await checkup(to_mend(settings, secret_key="hunter2")) == 1
    out = lines.readouterr().out
    assert "HUB_SECRET_KEY is too short" in out
    assert "hunter2" not in out


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://hub.example.com", ""),
        ("https://hub.example.com:8443", ""),
        ("https://[2606:4700::1111]", ""),
        ("http://hub.example.com", "https only"),
        ("https://hub.example.com:8080", "443, 80, 88 and 8443"),
        ("https://hub.example.com:99999", "no port that can be"),
        ("https://localhost", "cannot reach it"),
        ("https://hub", "cannot reach it"),
        ("https://127.0.0.1", "cannot reach it"),
        ("https://192.168.1.7", "cannot reach it"),
        ("https://[::1]:443", "cannot reach it"),
    ],
)
def test_public_addresses(url: str, problem: str) -> None:
    """What Telegram would not call is found before it does not call it."""
    found = not_callable(url)
    assert bool(found) == bool(problem)
    assert problem in found


def test_settings_are_known_by_their_names() -> None:
    """Each variable is `HUB_` and the setting's own name, so that the check knows them all."""
    source = Path("hub/settings.py").read_text()
    assert all(f'"{name}"' in source for name in SETTINGS)
