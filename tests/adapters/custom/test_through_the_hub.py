"""A customer's system connected to a running hub, its contacts answered in a topic of the desk."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.settings import Settings
from hub.store.embedded import Embedded
from tests.adapters.custom.system import OwnSystem
from tests.adapters.custom.wire import SECRET
from tests.endtoend.shop import Shop, shop_in
from tests.endtoend.town import by_webhook, until, words_of

_numbers = itertools.count(1)


@dataclass
class Counter:
    """The shop, a system of its own, and where the system was told to call."""

    shop: Shop
    system: OwnSystem
    url: str

    async def post(self, type: str, headers: dict[str, str] | None = None, **fields: Any) -> int:
        """The system calls the hub; gives the answer's status."""
        event = {"type": type, "id": f"e{next(_numbers)}", "from": {"id": "c7", "first_name": "Ada"}, **fields}
        body = json.dumps({"at": "2026-08-01T10:00:00Z", **event}).encode()
        signed = headers or self.system.sign(body)
        async with aiohttp.ClientSession() as http, http.post(self.url, data=body, headers=signed) as response:
            return response.status

    def posts(self) -> list[dict[str, Any]]:
        """What the hub posted in the contact's topic."""
        topic = next((t for t in self.shop.net.topics(self.shop.group) if "Ada" in t.name), None)
        history = self.shop.net.history(self.shop.group, topic.id) if topic else []
        return [m for m in history if m["from"]["id"] == self.shop.admin.id]

    def write(self, text: str) -> dict[str, Any]:
        """Bob writes in the contact's topic."""
        topic = next(t for t in self.shop.net.topics(self.shop.group) if "Ada" in t.name)
        return self.shop.net.say(self.shop.bob, self.shop.group, text, thread=topic.id)

    def heard(self) -> list[str]:
        """What the contact sees of ours."""
        return [m.call["text"] or m.call["attachments"][0]["kind"] for m in self.system.shown()]

    async def sees(self, text: str) -> None:
        """Waits for the words on the desk."""
        await until(lambda: any(text in words_of(m) for m in self.posts()), f"“{text}” on the desk")


@pytest.fixture
async def counter(mongod: Embedded, tmp_path: Path) -> AsyncIterator[Counter]:
    """A shop that connected its own system in one line."""
    settings = Settings(data_dir=tmp_path / "data", mongo_url=mongod.url, port=0)
    system = OwnSystem(SECRET, contacts={"c7"})
    await system.start()
    async with shop_in(settings, **by_webhook(), custom_networks=("loopback",)) as shop:
        said = await shop.ask(shop.olivia, f"/channel connect custom {system.url} {SECRET}")
        url = next((w for w in said.split() if "/hooks/" in w), "").rstrip(".,")
        assert url, said
        yield Counter(shop, system, url)
    await system.stop()


async def test_there_and_back(counter: Counter) -> None:
    """A contact's words and file stand in a topic under their name, once though repeated; the answer arrives there."""
    counter.system.files["1"] = b"picture"
    file = {"kind": "file", "url": counter.system.url.replace("/hub", "/files/1"), "name": "bill.txt"}
    for _ in range(2):
        assert await counter.post("message", id="m1", text="is it open?", attachments=[file]) == 200
    await counter.sees("is it open?")
    await counter.shop.town.quiet()
    assert [m["document"]["file_name"] for m in counter.posts() if "is it open?" in words_of(m)] == ["bill.txt"]
    counter.write("Until six.")
    await until(lambda: counter.heard() == ["Until six."], "the answer")
    assert await counter.post("edited", message="m1", text="is it open today?") == 200
    await counter.sees("is it open today?")


async def test_what_is_not_genuine_or_odd(counter: Counter) -> None:
    """A wrong signature is 401; a genuine event of an unknown kind, and one that is malformed, are taken: 200."""
    assert await counter.post("message", {"x-hub-timestamp": "1", "x-hub-signature": "sha256=0"}, text="x") == 401
    assert await counter.post("telepathy") == 200
    assert await counter.post("message", text=5) == 200
    assert await counter.post("message", text="and on it goes") == 200
    await counter.sees("and on it goes")
