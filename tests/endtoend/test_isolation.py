"""Every address that the hub answers, with what proves one company and names of another's."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from hub.app.running import entrance_of
from hub.domain.accounts.models import User
from hub.domain.ids import Identity
from hub.settings import Settings
from tests.endtoend.newcomers import Browser, browser
from tests.endtoend.shop import Shop, shop_in
from tests.endtoend.town import by_webhook

SECRET = "xylophone"
PASSWORD = "correct horse 7"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
FIELDS = ("session", "chat", "link", "token", "code", "ticket", "id", "user", "workspace", "organization")
LEAVES = {"/account/signout"}
"""Ends one's own sign-in, as it is for."""


@pytest.fixture(scope="module")
async def two(own_settings: Settings) -> AsyncIterator[tuple[Shop, Shop]]:
    """Ours, and a rival on the same hub; a contact has told the rival a secret."""
    async with shop_in(own_settings, **by_webhook()) as ours:
        rival = Shop(ours.town, "rival")
        await rival.set_up()
        rival.net.say(rival.net.add_user("Paula"), rival.bot, SECRET)
        await rival.said(SECRET)
        await ours.town.quiet()
        yield ours, rival


@dataclass
class Account:
    """Somebody with an address and a password, whose chat account is tied, signed in by a browser."""

    user: User
    browser: Browser


@asynccontextmanager
async def account(shop: Shop, mail: str) -> AsyncIterator[Account]:
    """The owner of a shop signs up, and in."""
    reception = shop.town.hub.reception
    identity = Identity(f"telegram:{shop.olivia.id}")
    async with browser() as opened:
        link = await reception.invite_in(identity, "Olivia", "olivia")
        address = f"{reception.policy.public_url}/account/signup?link={link}"
        await opened.sign_up(address, "Olivia Orr", mail)
        await reception.idle()
        await opened.open(_mailed(shop, mail))
        await opened.send()
        user = await shop.town.hub.store.users.by_email(mail)
        assert user is not None
        assert shop.workspace in user.workspaces
        yield Account(user, opened)


def _mailed(shop: Shop, mail: str) -> str:
    from tests.endtoend.newcomers import Place

    return Place(shop.town, None).mailed(mail, "verify")  # type: ignore[arg-type]


async def _everything(shop: Shop, user: User) -> dict[str, str]:
    """What the workspace keeps, and what the control database keeps of its owner."""
    store: Any = shop.town.hub.store
    found: dict[str, str] = {}
    control, own = store._control, store._client.database(store._name(shop.workspace))
    wanted = [(own, name, {}) for name in await own.list_collection_names()]
    wanted += [(control, "users", {"_id": user.id}), (control, "sessions", {"user": user.id})]
    wanted += [(control, "routes", {"workspace": shop.workspace}), (control, "workspaces", {"_id": shop.workspace})]
    for database, name, where in wanted:
        for doc in await database[name].find(where).to_list(None):
            for moment in ("seen_at", "wake_at"):  # the hub's own, and set without anybody's asking
                doc.pop(moment, None)
            found[f"{name} {doc['_id']}"] = json.dumps(doc, default=str, sort_keys=True)
    return found


def _routes(shop: Shop) -> Iterator[tuple[str, str]]:
    """Every method and path."""
    for route in entrance_of(shop.town.hub).router.routes():
        path = route.resource.canonical if route.resource else ""
        if route.method != "*" and path not in LEAVES:
            yield route.method, path


async def _names(shop: Shop, user: User) -> list[str]:
    """What is theirs and could be named."""
    entry = await shop.town.hub.store.directory.workspace(shop.workspace)
    sessions = await shop.town.hub.reception.sessions(user.id)
    assert entry is not None
    return [shop.channel, shop.workspace, entry.organization, user.id, sessions[0].id, f"telegram:{shop.olivia.id}"]


async def test_every_address(two: tuple[Shop, Shop]) -> None:
    """Signed in here, with the proof of a channel of ours and names of theirs in path, query and form: nothing of
    theirs is shown, and nothing changes.
    """
    ours, rival = two
    async with account(rival, "rita@rival.example") as theirs, account(ours, "olivia@ours.example") as me:
        before, names = await _everything(rival, theirs.user), await _names(rival, theirs.user)
        hub, tried = ours.town.hub, 0
        for method, path in _routes(ours):
            for name in names:
                text = await _ask(me.browser, ours, (method, f"http://127.0.0.1:{hub.port}{path}"), name)
                for word in (SECRET, theirs.user.email, "Paula"):
                    assert word not in text, (method, path, name)
                tried += 1
        assert tried > 100, tried
        await ours.town.quiet()
        assert await _everything(rival, theirs.user) == before
        await me.browser.open(f"http://127.0.0.1:{hub.port}/account")
        assert "olivia@ours.example" in _bare(me.browser.page), "still signed in: what was tried was tried as somebody"


def _bare(page: str) -> str:
    """What it says; a long word may be broken by a tag."""
    return re.sub(r"<[^>]+>", "", page)


async def _ask(me: Browser, shop: Shop, route: tuple[str, str], name: str) -> str:
    method, address = route
    address = re.sub(r"\{[^}]+\}", name, address)
    fields = dict.fromkeys(FIELDS, name)
    headers = {HEADER: shop.bot.inbox.webhook.secret}
    if "/hooks/" in address:
        update = {"update_id": secrets.randbelow(10**8), "message": {"text": SECRET, "message_id": 1}}
        async with me.http.post(address, json=update, headers=headers) as answer:
            assert answer.status in {401, 404, 405}, (address, answer.status)
            return await answer.text()
    me.page = me.page if "csrf" in me.page else ""
    given = {**fields, "csrf": await _mark(me, shop)} if method == "POST" else None
    try:
        async with me.http.request(method, address, params=fields, data=given, headers=headers) as answer:
            assert answer.status < 500, (address, answer.status)
            return await answer.text()
    except aiohttp.NonHttpUrlRedirectClientError:
        return ""  # into an app


async def _mark(me: Browser, shop: Shop) -> str:
    """What proves that a form was opened by this browser."""
    from tests.endtoend.newcomers import Fields

    async with me.http.get(f"http://127.0.0.1:{shop.town.hub.port}/account") as answer:
        return Fields(await answer.text()).forms[0]["csrf"]
