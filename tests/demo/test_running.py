"""`hub demo --tour` and `hub sandbox`, as a user starts them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import aiohttp


async def hub(*words: str, data_dir: Path) -> asyncio.subprocess.Process:
    env = {k: v for k, v in os.environ.items() if not k.startswith("HUB_")} | {"HUB_DATA_DIR": str(data_dir)}
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "hub", *words, stdout=pipe, stderr=pipe, env=env)


async def said_until(process: asyncio.subprocess.Process, pattern: str) -> str:
    """What it prints, up to the line with the pattern; gives what the pattern's group found."""
    assert process.stdout is not None
    async with asyncio.timeout(300):
        while line := (await process.stdout.readline()).decode():
            if found := re.search(pattern, line):
                return found[1]
    raise AssertionError(f"it ended without saying {pattern}")


async def stopped(process: asyncio.subprocess.Process, number: int) -> tuple[int | None, str]:
    """Its exit status and what it wrote on standard error, after that signal."""
    process.send_signal(number)
    async with asyncio.timeout(60):
        _, err = await process.communicate()
    return process.returncode, err.decode()


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


SECRETS = re.compile(r"\d{8,}:[\w-]{20,}|xox[a-z]-|xapp-|\bEAA\w|\b[0-9a-f]{32}\b|start=\w|start (?!•)\S{20,}")
"""Tokens of all three networks, and codes that let somebody in."""


async def test_the_tour_passes(tmp_path: Path) -> None:
    """The product does its main job on all networks and desks, with no account anywhere, and leaves nothing behind; the
    transcript tells no token and no code.
    """
    process = await hub("demo", "--tour", data_dir=tmp_path)
    async with asyncio.timeout(300):
        told, err = await process.communicate()
    out = told.decode()
    assert process.returncode == 0, out[-4000:] + err.decode()[-2000:]
    assert re.search(r"All \d+ checks passed", out)
    assert err == b""
    assert not left_in(tmp_path)
    assert all(where in out for where in ("topic Mia Moon", "thread Mia Moon", "Mia's Messenger", "Sam's Slack"))
    assert not SECRETS.search(out)


async def test_the_demo_starts_and_stops(tmp_path: Path) -> None:
    """`hub demo` opens the shop by itself, with somebody on each network whom both desks show; it says where its page
    is, and lets go at Ctrl-C.
    """
    process = await hub("demo", "--port", "0", data_dir=tmp_path)
    url = await said_until(process, r"Open (http://\S+)")
    async with aiohttp.ClientSession() as session, session.get(f"{url}/api/state") as answer:
        state = await answer.json()
        async with session.get(f"{url}/api/changes") as stream:
            await stream.content.readline()
            status, err = await stopped(process, signal.SIGINT)
    assert (status, err) == (0, "")
    assert any("Waiting: 3" in message["text"] for message in state["place"]["messages"])
    assert {topic["name"] for topic in state["topics"]} >= {"Ann Lee", "Mia Moon", "Sam Stone"}
    assert all(name in str(state["slack"]) for name in ("Ann Lee", "Mia Moon", "Sam Stone"))


async def test_the_sandbox_starts_and_stops(tmp_path: Path) -> None:
    """`hub sandbox` serves the stand-in where it was asked to, with the page, until it is told to stop."""
    process = await hub("sandbox", "--port", "0", data_dir=tmp_path)
    api = await said_until(process, r"is at (http://\S+)")
    token = await said_until(process, r"HUB_TELEGRAM_TOKEN=(\S+)")
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{api}/bot{token}/getMe") as answer:
            assert (await answer.json())["result"]["is_bot"]
        async with session.get(api) as answer:
            assert answer.status == 200
    assert await stopped(process, signal.SIGTERM) == (0, "")


async def test_a_port_in_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Somebody else's port brings a sentence with what to do, and no traceback."""
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    process = await hub("sandbox", "--port", str(port), data_dir=tmp_path)
    _, err = await process.communicate()
    server.close()
    await server.wait_closed()
    assert process.returncode == 1
    assert err.decode() == f"hub: Port {port} is in use; give another with --port, or 0 for any that is free.\n"
