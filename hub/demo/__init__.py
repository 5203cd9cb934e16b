"""`hub demo`: the whole product on this machine, to be tried on one page, or played as a tour that checks it."""

from __future__ import annotations

import asyncio
import logging

from hub.settings import load


async def demo(port: int, tour: bool) -> int:
    """Runs the demo until it is told to stop, or the tour to its end; gives the exit status."""
    from hub.demo import run

    settings = load()
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    try:
        return await (run.tour(settings) if tour else run.demo(settings, port))
    except asyncio.CancelledError:
        return 130
