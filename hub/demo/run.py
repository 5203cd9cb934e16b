"""Runs the demo and the tour, and says on the terminal what is to be known of them."""

from __future__ import annotations

import asyncio
import time

from hub.demo.opening import furnish, open_all, open_shop
from hub.demo.stage import NotSo, demo_stage, passing_stage, whole_scene
from hub.demo.story import STORY
from hub.demo.story_across import STORY_ACROSS
from hub.demo.transcript import Transcript
from hub.sandbox.server import serve_page, until_told
from hub.settings import Settings


async def demo(settings: Settings, port: int) -> int:
    """Serves the page until told to stop."""
    stop, scene = until_told(), whole_scene()
    page = await serve_page(scene, port, settings.host)
    try:
        _say("Starting a database, stand-ins of Telegram, Slack and Messenger, and the hub: a few seconds …")
        async with demo_stage(settings, scene) as stage:
            await open_all(stage)
            await furnish(stage)
            _say(_greeting(page.url))
            await stop.wait()
            await page.close()
    except NotSo as error:
        _say(f"hub demo: the shop could not be opened. {error}")
        return 1
    finally:
        await page.close()
    return 0


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - a command says what it does


def _greeting(url: str) -> str:
    return (
        f"\n  Open {url}\n\n"
        "On the left you are a customer, on Telegram, Slack or Messenger; on the right an agent, in the team's\n"
        "group on Telegram or in its channel on Slack. The hub runs between. Nothing leaves this machine.\n"
        "Press Ctrl-C to stop."
    )


async def tour(settings: Settings) -> int:
    """Plays the story and checks it; 1 with a sentence at the first thing that is wrong."""
    began = time.monotonic()
    _say("A tour of IS-Messenger: a shop, its agents on Telegram and Slack, its customers there and on Messenger.")
    stop, playing = until_told(), asyncio.ensure_future(_play(settings))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait({playing, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not playing.done():
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        return 130
    wrong, checks = playing.result()
    if wrong:
        _say(f"\nhub demo --tour: {wrong}")
        return 1
    _say(f"\nAll {checks} checks passed in {time.monotonic() - began:.0f} s.")
    return 0


async def _play(settings: Settings) -> tuple[str, int]:
    async with passing_stage(settings, whole_scene()) as stage:
        transcript = Transcript(stage)
        try:
            transcript.title("Olivia opens the shop, and lets Bob in")
            await open_shop(stage)
            for step in (*STORY, *STORY_ACROSS):
                await step.play(transcript)
        except NotSo as error:
            transcript.catch_up()
            return str(error), transcript.checks
        except ValueError as error:
            transcript.catch_up()
            return f"Somebody could not do what the story says: {error}.", transcript.checks
        return "", transcript.checks
