"""Every door of a hub as a network knocks at it: how a call is signed, what a good one looks like, what it leaves."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession

from tests.endtoend.mixed import Mixed

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_numbers = itertools.count(1)
Headers = Mapping[str, str]


@dataclass
class Door:
    """One address; `sign(body, at)` gives the headers that prove a call, `good(words)` a genuine message."""

    name: str
    http: ClientSession
    url: str
    sign: Callable[[bytes, float], Headers]
    good: Callable[[str], bytes]
    stamped: bool = False
    """Whether the time is signed too."""

    def headers(self, body: bytes, age: float = 0, kind: str = JSON) -> dict[str, str]:
        """Those of a genuine call that was signed so many seconds ago."""
        return {"Content-Type": kind, **self.sign(body, time.time() - age)}

    async def post(self, body: bytes, headers: Headers | None = None) -> tuple[int, str]:
        """Status and words of the answer."""
        given = self.headers(body) if headers is None else dict(headers)
        async with self.http.post(self.url, data=BytesIO(body), headers=given) as answer:
            return answer.status, await answer.text()


def doors(mixed: Mixed) -> dict[str, Door]:
    """All of them, by name."""
    shop, town, http = mixed.shop, mixed.shop.town, mixed.http
    telegram, admin = shop.bot.inbox.webhook.secret, shop.admin.inbox.webhook.secret
    own_slack, hub_slack = mixed.help_app.signing_secret, mixed.hub_app.signing_secret
    page, own_page = mixed.page, mixed.shared_page
    made = [
        Door("telegram", http, town.hook(shop.channel), _token(telegram), _telegram),
        Door("admin", http, town.hook("admin"), _token(admin), _telegram),
        Door("slack", http, mixed.hooks["slack"], _slack_sign(own_slack), _slack(mixed.customers.id), True),
        Door("shared slack", http, town.hook("slack"), _slack_sign(hub_slack), _slack(mixed.team.id), True),
        Door("messenger", http, mixed.hooks["messenger"], _meta_sign(mixed.page_app.secret), _messenger(page.id)),
        Door(
            "shared messenger",
            http,
            town.hook("messenger"),
            _meta_sign(mixed.shared_app.secret),
            _messenger(own_page.id),
        ),
        Door("custom", http, mixed.hooks["custom"], mixed.system.sign, _custom, True),
    ]
    return {door.name: door for door in made}


def number() -> int:
    """One that no other call has."""
    return next(_numbers)


# -- proofs ----------------------------------------------------------------------------------------------------------


def _token(secret: str) -> Callable[[bytes, float], Headers]:
    return lambda _body, _at: {"X-Telegram-Bot-Api-Secret-Token": secret}


def _slack_sign(secret: str) -> Callable[[bytes, float], Headers]:
    def sign(body: bytes, at: float) -> Headers:
        stamp = str(int(at))
        proof = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={proof}"}

    return sign


def _meta_sign(secret: str) -> Callable[[bytes, float], Headers]:
    def sign(body: bytes, _: float) -> Headers:
        return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}

    return sign


# -- genuine messages ------------------------------------------------------------------------------------------------


def _telegram(words: str) -> bytes:
    who = {"id": 9_300_001, "is_bot": False, "first_name": "Nell"}
    chat = {"id": who["id"], "type": "private", "first_name": "Nell"}
    message = {"message_id": number(), "date": int(time.time()), "chat": chat, "from": who, "text": words}
    return json.dumps({"update_id": 60_000_000 + number(), "message": message}).encode()


def slack_event(team: str, event: Mapping[str, Any], **more: Any) -> bytes:
    """What surrounds an event."""
    outside: dict[str, Any] = {"type": "event_callback", "team_id": team, "event_id": f"EvDoor{number()}"}
    return json.dumps({**outside, "event_time": int(time.time()), "event": event, **more}).encode()


def _slack(team: str) -> Callable[[str], bytes]:
    def good(words: str) -> bytes:
        stamp = f"{int(time.time())}.{number():06}"
        event = {"type": "message", "user": "U0NELL1", "text": words, "ts": stamp, "event_ts": stamp}
        return slack_event(team, {**event, "channel": "D0NELL1", "channel_type": "im", "team": team})

    return good


def page_event(page: str, *events: Mapping[str, Any]) -> bytes:
    """What surrounds events of a page."""
    entry = {"id": page, "time": int(time.time() * 1000), "messaging": events}
    return json.dumps({"object": "page", "entry": [entry]}).encode()


def _messenger(page: str) -> Callable[[str], bytes]:
    def good(words: str) -> bytes:
        parties = {"sender": {"id": "7700000001"}, "recipient": {"id": page}}
        message = {"mid": f"m_door{number()}", "text": words}
        return page_event(page, {**parties, "timestamp": int(time.time() * 1000), "message": message})

    return good


def _custom(words: str) -> bytes:
    event = {"type": "message", "id": f"door{number()}", "from": {"id": "nell"}, "text": words}
    return json.dumps({**event, "at": "2026-08-01T10:00:00Z"}).encode()


def form(payload: Mapping[str, Any]) -> bytes:
    """An interaction, as Slack posts it."""
    return b"payload=" + quote(json.dumps(payload), safe="").encode()


# -- what is kept ----------------------------------------------------------------------------------------------------


async def kept(mixed: Mixed) -> dict[str, int]:
    """How many documents each collection of the hub's databases has, and how many odd updates were put aside."""
    hub, prefix = mixed.shop.town.hub, mixed.shop.town.prefix
    counted = {"odd": len(list((hub.settings.data_dir / "odd").glob("*")))}
    for name in (name for name in await mixed.mongo.list_database_names() if name.startswith(prefix)):
        database = mixed.mongo[name]
        # Leases come and go by themselves.
        names = sorted(set(await database.list_collection_names()) - {"leases"})
        counted |= {f"{name}.{each}": 0 for each in names}
        first, *others = [[{"$group": {"_id": each, "n": {"$sum": 1}}}] for each in names]
        union = [{"$unionWith": {"coll": c, "pipeline": p}} for c, p in zip(names[1:], others, strict=True)]
        async for found in await database[names[0]].aggregate([*first, *union]):
            counted[f"{name}.{found['_id']}"] = found["n"]
    return counted
