"""The doors of a hub with every network: what is not genuine, or is nothing, is refused and leaves no trace; what is
genuine is never lost.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from hub.domain.models import Message
from tests.endtoend.doorsteps import FORM, JSON, Door, Headers, doors, form, kept, page_event, slack_event
from tests.endtoend.mixed import Mixed

EVERY = ("telegram", "admin", "slack", "shared slack", "messenger", "shared messenger", "custom")
STAMPED = ("slack", "shared slack", "custom")
STRICT = ("slack", "shared slack", "messenger", "shared messenger", "custom")
"""Where what is no body at all is refused. Telegram tells again for ever what is not taken, and nothing after it."""
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def at(mixed: Mixed) -> dict[str, Door]:
    """The doors by name."""
    return doors(mixed)


async def refused(mixed: Mixed, door: Door, body: bytes, headers: Headers | None, *status: int) -> str:
    """A call that is refused with one of those statuses and a short word, and leaves nothing; the word."""
    await mixed.shop.town.quiet()
    before = await kept(mixed)
    given, words = await door.post(body, headers)
    assert given in status, f"{given}: {words}"
    assert 0 < len(words) < 300
    assert "\n" not in words
    assert "Traceback" not in words
    assert await kept(mixed) == before
    return words


async def said(mixed: Mixed, words: str) -> int:
    """How many kept messages say that."""
    return len([m for m in await mixed.shop.kept(Message) if m.text.plain == words])


# -- who may come in ---------------------------------------------------------------------------------------------------


def _spoiled(door: Door, body: bytes, how: str) -> Headers:
    """The headers of a call that does not prove itself."""
    good = door.headers(body)
    proof = next(n for n in good if "ignature" in n or "Secret" in n or n.endswith("-signature"))
    ways: dict[str, Callable[[], str | None]] = {
        "missing": lambda: None,
        "empty": lambda: "",
        "wrong": lambda: good[proof][:-1] + ("0" if good[proof][-1] != "0" else "1"),
        "cut": lambda: good[proof][:-1],
        "in capitals": good[proof].upper,
        "no latin": lambda: "ä€".encode().decode("latin-1"),
        "long": lambda: "0" * 5000,
        "of another body": lambda: door.headers(body + b" ")[proof] + (" x" if door.name not in STRICT else ""),
    }
    value = ways[how]()
    return {**{n: v for n, v in good.items() if n != proof}, **({proof: value} if value is not None else {})}


HOW = ("missing", "empty", "wrong", "cut", "in capitals", "no latin", "long", "of another body")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("how", HOW)
async def test_without_the_right_proof(mixed: Mixed, at: dict[str, Door], name: str, how: str) -> None:
    """A call that does not prove itself is 401 in a few words; nothing of it is kept, good as it may be."""
    door = at[name]
    body = door.good(f"let me in {name} {how}")
    await refused(mixed, door, body, _spoiled(door, body, how), 401)


@pytest.mark.parametrize("name", EVERY)
async def test_no_door_opens_with_anothers_key(mixed: Mixed, at: dict[str, Door], name: str) -> None:
    """What proves a call at one door proves nothing at any other."""
    door = at[name]
    body = door.good("with another's key")
    for other in at.values():
        if other is not door:
            await refused(mixed, door, body, other.headers(body), 401)


@pytest.mark.parametrize("name", STAMPED)
@pytest.mark.parametrize("age", [302, 3600, 10**9, -302])
async def test_signed_long_ago(mixed: Mixed, at: dict[str, Door], name: str, age: int) -> None:
    """A call that was signed more than five minutes ago, or will be so much later, may be a recorded one: 401."""
    body = at[name].good("from the past")
    await refused(mixed, at[name], body, at[name].headers(body, age), 401)


@pytest.mark.parametrize("name", STAMPED)
@pytest.mark.parametrize("stamp", ["", "now", "1e9", "-1", " 1", "٣", "9" * 400, "0x10"])
async def test_a_time_that_is_none(mixed: Mixed, at: dict[str, Door], name: str, stamp: str) -> None:
    """A signed time that is no number of seconds is refused like a wrong signature, also an absent one."""
    body = at[name].good("when?")
    good = at[name].headers(body)
    header = next(n for n in good if "imestamp" in n)
    await refused(mixed, at[name], body, {**good, header: stamp.encode().decode("latin-1")}, 400, 401)
    await refused(mixed, at[name], body, {n: v for n, v in good.items() if n != header}, 401)


# -- what no network sends ---------------------------------------------------------------------------------------------

NO_BODY = {
    "empty": b"",
    "white": b" \n ",
    "no JSON": b'{"type": "event_callback", ',
    "words": b"hello there",
    "null": b"null",
    "list": b'[{"type": "message"}]',
    "number": b"7",
    "string": b'"event_callback"',
    "not UTF-8": b'{"type": "event_callback", "object": "page", "id": "\xff\xfe", "entry": 5}',
    "UTF-16": '{"type": "event_callback"}'.encode("utf-16"),
    "deep": b"[" * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"type":' * 100_000,
    "deep inside": b'{"type": "event_callback", "event": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "large": b"[" + b"0," * (2 * MEBIBYTE) + b"0]",
}


@pytest.mark.parametrize("name", STRICT)
@pytest.mark.parametrize("what", NO_BODY)
async def test_what_no_network_sends(mixed: Mixed, at: dict[str, Door], name: str, what: str) -> None:
    """What is no JSON object, well signed, is 400 in a few words, and nothing is written; unsigned it is 401."""
    await refused(mixed, at[name], NO_BODY[what], None, 400)
    await refused(mixed, at[name], NO_BODY[what], {"Content-Type": JSON}, 401)


@pytest.mark.parametrize("name", ["telegram", "admin"])
@pytest.mark.parametrize("what", NO_BODY)
async def test_what_is_put_aside(mixed: Mixed, at: dict[str, Door], name: str, what: str) -> None:
    """Where a network tells again for ever what is refused, it is put aside whole, and nothing else changes."""
    before = await kept(mixed)
    assert (await at[name].post(NO_BODY[what]))[0] == 200
    after = await kept(mixed)
    changed = {k: n - before.get(k, 0) for k, n in after.items() if n != before.get(k, 0)}
    aside = {"odd": 1} if name == "admin" else {k: 1 for k in changed if k.endswith(".work")}
    assert changed == aside
    assert len(changed) == 1


FORMS = {
    "two payloads": b"payload=%7B%22type%22%3A%22block_actions%22%7D&payload=%7B%22type%22%3A%22block_actions%22%7D",
    "two of a field": b"command=%2Fhub&text=queue&text=close&team_id=T1&user_id=U1",
    "no payload": b"payloads=1&x=2",
    "payload that is none": b"payload=hello",
    "payload that is a list": b"payload=%5B%5D",
    "payload that is a number": b"payload=5",
    "empty payload": b"payload=",
    "deep payload": b"payload=" + b"%5B" * 100_000,
    "not UTF-8": b"payload=%FF%FE",
    "raw bytes": b"payload=\xff\xfe",
    "many fields": b"&".join(b"f%d=1" % n for n in range(5000)),
}


@pytest.mark.parametrize("name", ["slack", "shared slack"])
@pytest.mark.parametrize("what", FORMS)
async def test_forms_that_no_network_sends(mixed: Mixed, at: dict[str, Door], name: str, what: str) -> None:
    """A form that says a thing twice, or whose payload is no object, is 400, and nothing is written or done."""
    body = FORMS[what]
    await refused(mixed, at[name], body, at[name].headers(body, kind=FORM), 400)
    await refused(mixed, at[name], body, {"Content-Type": FORM}, 401)


@pytest.mark.parametrize("name", EVERY)
async def test_too_large(mixed: Mixed, at: dict[str, Door], name: str) -> None:
    """More than 5 MB is 413 before it is looked at, signed or not."""
    body = b" " * (5 * MEBIBYTE + 1)
    await refused(mixed, at[name], body, None, 413)
    await refused(mixed, at[name], body, {"Content-Type": JSON}, 413)


@pytest.mark.parametrize("name", EVERY)
async def test_large_and_not_genuine(mixed: Mixed, at: dict[str, Door], name: str) -> None:
    """A good message of nearly 5 MB that nobody signed is 401."""
    await refused(mixed, at[name], at[name].good("x" * (5 * MEBIBYTE - 5000)), {"Content-Type": JSON}, 401)


@pytest.mark.parametrize("packing", ["gzip", "deflate", "br", "zstd", "x"])
@pytest.mark.parametrize("name", EVERY)
async def test_packed_bodies(mixed: Mixed, at: dict[str, Door], name: str, packing: str) -> None:
    """The bytes that came are what is proved and read; that they are packed is not believed, and fails nowhere."""
    body, label = at[name].good(f"packed {name} {packing}"), {"Content-Encoding": packing}
    await refused(mixed, at[name], body, {"Content-Type": JSON, **label}, 400, 401)
    given, _ = await at[name].post(body, {**at[name].headers(body), **label})
    assert given in (200, 400)
    assert await said(mixed, f"packed {name} {packing}") == (given == 200 and name != "admin")


# -- ways in that are none ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(("method", "status"), [("GET", 403), ("PUT", 405), ("DELETE", 405), ("PATCH", 405)])
async def test_only_posts(mixed: Mixed, at: dict[str, Door], name: str, method: str, status: int) -> None:
    """A door is posted to. Where a network shakes hands by GET, a GET that is no handshake is refused too."""
    body = at[name].good("by another way")
    await mixed.shop.town.quiet()
    before = await kept(mixed)
    headers = at[name].headers(body)
    async with mixed.http.request(method, at[name].url, data=body, headers=headers) as answer:
        assert answer.status == status
        assert 0 < len(await answer.text()) < 300
    assert await kept(mixed) == before


@pytest.mark.parametrize("door", ["slack", "messenger", "custom"])
@pytest.mark.parametrize("name", ["nobodys", "0" * 20, "%00", "SLACK", "..%2fslack", "%F0%9F%98%80", "custom"])
async def test_nobody_listens(mixed: Mixed, at: dict[str, Door], name: str, door: str) -> None:
    """An address that is nobody's is 404, however well it is signed."""
    url = at["shared slack"].url.replace("/hooks/slack", f"/hooks/{name}")
    made = Door("nobody", mixed.http, url, at[door].sign, at[door].good)
    await refused(mixed, made, made.good("anybody?"), None, 404)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("kind", ["", "text/plain", "application/octet-stream", "multipart/form-data", "x", FORM])
async def test_another_content_type(mixed: Mixed, at: dict[str, Door], name: str, kind: str) -> None:
    """What proves itself is read for what it is, whatever its header calls it: a contact's message is not lost."""
    if name == "admin":
        return
    words = f"in another wrapping: {name}, {kind}."
    body = at[name].good(words)
    assert (await at[name].post(body, at[name].headers(body, kind=kind)))[0] == 200
    assert await said(mixed, words) == 1


# -- what is genuine ---------------------------------------------------------------------------------------------------


def _unknown(mixed: Mixed) -> dict[str, list[bytes]]:
    """Genuine calls of kinds that the hub has never heard of, by door."""
    teams = {"slack": mixed.customers.id, "shared slack": mixed.team.id}
    pages = {"messenger": mixed.page.id, "shared messenger": mixed.shared_page.id}
    found = {name: _unknown_of_slack(team) for name, team in teams.items()}
    found["shared slack"].append(slack_event("T0NOBODY", {"type": "moon_phase_changed", "event_ts": "1.1"}))
    for name, page in pages.items():
        parties = {"sender": {"id": "1"}, "recipient": {"id": page}, "timestamp": int(time.time() * 1000)}
        found[name] = [
            page_event(page, {**parties, "teleport": {"to": "moon"}}),
            json.dumps({"object": "page", "entry": [{"id": page, "time": 1, "changes": [{"field": "moon"}]}]}).encode(),
            json.dumps({"object": "telepathy", "entry": [{"id": page, "time": 1, "thoughts": []}]}).encode(),
        ]
    found["shared messenger"].append(page_event("5", {"sender": {"id": "1"}, "timestamp": 1, "moon": {}}))
    who = {"id": 77, "is_bot": False, "first_name": "Nell"}
    found["telegram"] = [json.dumps({"update_id": 61_000_000, "moon_phase": {"from": who}}).encode()]
    found["admin"] = [json.dumps({"update_id": 61_000_001, "moon_phase": {"from": who}}).encode()]
    found["custom"] = [b'{"type": "telepathy", "id": "t1", "from": {"id": "c"}, "at": "2026-08-01T10:00:00Z"}']
    return found


def _unknown_of_slack(team: str) -> list[bytes]:
    message = {
        "type": "message",
        "subtype": "sunrise_notice",
        "ts": "1795243421.000100",
        "channel": "C0MOON",
        "text": "x",
    }
    return [
        slack_event(team, {"type": "moon_phase_changed", "event_ts": "1795243470.000100"}),
        slack_event(team, {**message, "channel_type": "channel", "user": "U0MOON"}),
        json.dumps({"type": "moon_callback", "team_id": team}).encode(),
        json.dumps({"type": "app_rate_limited", "team_id": team, "minute_rate_limited": 1518467820}).encode(),
        form({"type": "moon_action", "team": {"id": team}, "user": {"id": "U0X", "team_id": team}}),
    ]


@pytest.mark.parametrize("name", EVERY)
async def test_kinds_that_nobody_knows(mixed: Mixed, at: dict[str, Door], name: str) -> None:
    """A genuine call of an unknown kind is 200: refused too often, a network calls no more. Nothing is put aside."""
    for body in _unknown(mixed)[name]:
        await mixed.shop.town.quiet()
        before = await kept(mixed)
        kind = FORM if body.startswith(b"payload=") else JSON
        assert (await at[name].post(body, at[name].headers(body, kind=kind)))[0] == 200, body
        assert await kept(mixed) == before, body


def _misshapen(mixed: Mixed) -> dict[str, bytes]:
    """Calls that hold something which cannot be read."""
    message = {"type": "message", "user": "U0X", "text": "lost?", "channel": "D0X", "channel_type": "im"}
    wrong = {"sender": {"id": "1"}, "timestamp": 1, "message": {"mid": 5, "text": ["lost?"]}}
    return {
        "telegram": json.dumps({"update_id": 61_000_002, "message": {"text": "lost?"}}).encode(),
        "admin": json.dumps({"update_id": 61_000_003, "message": {"text": "lost?"}}).encode(),
        "slack": slack_event(mixed.customers.id, message),
        "shared slack": slack_event(mixed.team.id, message),
        "messenger": page_event(mixed.page.id, wrong),
        "shared messenger": b'{"object": "page", "entry": {"id": "1", "messaging": "lost?"}}',
        "custom": b'{"type": "message", "id": "t1", "from": 5, "at": "2026-08-01T10:00:00Z", "text": "lost?"}',
    }


@pytest.mark.parametrize("name", EVERY)
async def test_nothing_genuine_is_lost(mixed: Mixed, at: dict[str, Door], name: str) -> None:
    """A genuine call that cannot be read is 200, and is put aside whole: in /failed, or where no workspace is known,
    in the hub's folder.
    """
    await mixed.shop.town.quiet()
    before = await kept(mixed)
    body = _misshapen(mixed)[name]
    assert (await at[name].post(body))[0] == 200
    after = await kept(mixed)
    changed = {k.rpartition(".")[2]: n - before.get(k, 0) for k, n in after.items() if n != before.get(k, 0)}
    assert changed == ({"odd": 1} if name in ("admin", "shared messenger") else {"work": 1})
