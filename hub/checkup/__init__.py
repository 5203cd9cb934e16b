"""`hub check`: what is configured, reachable, wrong, and how to mend it. One line a thing; secrets are never shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp

from hub.checkup.findings import Check, Finding, Surroundings
from hub.checkup.google import google_sign_in
from hub.checkup.machine import data_directory, database, entrance, open_files, secret_key, settings_read
from hub.checkup.mail import mail
from hub.checkup.networks import admin_bot, public_address
from hub.checkup.slack import slack_app
from hub.checkup.sso import organizations_sign_in
from hub.checkup.tenants import workspaces
from hub.errors import HubError
from hub.settings import Settings

__all__ = ["checkup"]

ANSWER_SECONDS = 10.0

CHECKS: tuple[Check, ...] = (
    settings_read,
    data_directory,
    secret_key,
    entrance,
    database,
    open_files,
    admin_bot,
    public_address,
    slack_app,
    mail,
    google_sign_in,
    workspaces,
    organizations_sign_in,
)
"""In this order: later ones use what earlier ones found."""


async def checkup(settings: Settings) -> int:
    """Prints what it finds; gives 0 where nothing is wrong, else 1."""
    wrong = 0
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        around = Surroundings(settings, http)
        async with _closing(around):
            for check in CHECKS:
                for finding in await _findings(check, around):
                    wrong += finding.mark == "wrong"
                    print(_shown(str(finding)), flush=True)  # noqa: T201 - a command says what it finds
    print(f"{wrong} to mend." if wrong else "Nothing is wrong.")  # noqa: T201
    return 1 if wrong else 0


@asynccontextmanager
async def _closing(around: Surroundings) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if around.store is not None:
            await around.store.close()


async def _findings(check: Check, around: Surroundings) -> Sequence[Finding]:
    """A check that fails in a way nobody foresaw must not hide the others; its words might hold a secret."""
    try:
        return await check(around)
    except HubError as error:
        return [Finding("wrong", "hub", error.text)]
    except Exception as error:  # noqa: BLE001 - see above
        return [Finding("wrong", "hub", f"A check failed in itself ({check.__name__}: {type(error).__name__}).")]


def _shown(line: str) -> str:
    """Names come from chats: nothing in them may steer the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in line)
