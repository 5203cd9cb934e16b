"""Mutated payloads: whatever comes is read, ignored with a reason, or called anomalous; nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.adapters.inspect import shown
from hub.adapters.slack.ids import message_of, user_of
from hub.adapters.slack.shared import SlackApp
from hub.adapters.slack.translate import Own, translate, update_id
from hub.domain.incoming import Ignored, Incoming, Lost
from hub.errors import Anomalous, NotGenuine
from tests.adapters.slack.wire import settings as hub_settings

_PAYLOADS = Path(__file__).parent / "payloads"
_SEEDS = [path.read_text("utf-8") for path in sorted(_PAYLOADS.glob("*.json"))]
_OWN = Own("U0HUBBOT1", "B0HUBBOT1", "hub")
_APP = SlackApp(hub_settings("http://127.0.0.1:9/api", slack_signing_secret="s"), lambda: 1e9)
_ODD: list[Any] = [
    None,
    True,
    "",
    "x" * 5000,
    "\ud83d",
    "\x00\u202e\u2060",
    -1,
    0,
    2**63,
    -(2**70),
    10**400,
    1.5,
    "1e999",
    "99999999999999.1",
    "0.0",
    "1795243421.0042\n",
    "١٢.٣",
    float("nan"),
    float("inf"),
    [],
    {},
    [None],
    [[[[[]]]]],
    {"type": "message", "ts": "1.1"},
    {"type": "rich_text", "elements": [{"type": "rich_text_list", "offset": 1e99, "indent": -5, "elements": [{}, 5]}]},
    [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "user"}, None]}]}],
    "<@|x> <> <|> <!subteam^S1|@x> *_~*_~ ```` :a::skin-tone-9: &gt;&gt;&gt; <http://[::1|y>",
    "message_changed",
    "tombstone",
    "http://[::1",
]


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    pairs = list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    for key, value in pairs:
        yield node, key
        yield from _places(value)


def _mutate(chance: Random, node: Any) -> Any:
    """Up to four values of it replaced, dropped or copied."""
    for _ in range(chance.randrange(5)):
        places = list(_places(node))
        if not places:
            return deepcopy(chance.choice(_ODD))
        parent, key = chance.choice(places)
        what = chance.randrange(3)
        if what == 0:
            parent[key] = deepcopy(chance.choice(_ODD))
        elif what == 1:
            del parent[key]
        else:
            parent[key] = deepcopy(chance.choice(places)[0])
    return node


def _written(chance: Random, node: Any) -> bytes:
    """As JSON or within a form, with up to three bytes replaced in every other payload."""
    text = json.dumps(node)
    payload = urlencode({"payload": text}).encode() if chance.randrange(4) == 0 else text.encode()
    changed = bytearray(payload)
    for _ in range(max(0, chance.randrange(-2, 4))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _read(payload: bytes) -> tuple[list[Incoming], str]:
    try:
        return translate(payload, _OWN), ""
    except Anomalous as error:
        return [], error.text


def _check(payload: bytes) -> None:
    id = update_id(payload)
    assert len(id) <= 200
    id.encode()
    found, problem = _read(payload)
    assert bool(found) != bool(problem)
    assert "\n" not in problem
    assert len(problem.encode()) < 400
    for incoming in found:
        _check_one(incoming)


def _check_one(incoming: Incoming) -> None:
    """It can be kept: valid UTF-8, a time that there is, names that lead back to Slack, spans within the words."""
    msgspec.msgpack.encode(incoming)
    shown(incoming).encode()
    if isinstance(incoming, (Ignored, Lost)):
        assert 0 < len(incoming.reason) < 500
        return
    assert user_of(incoming.address)
    assert message_of(getattr(incoming, "external_id", None))
    text = getattr(incoming, "text", None)
    assert all(0 <= span.start < span.end <= len(text.plain) for span in (text.spans if text else ()))


@settings(max_examples=5000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**48))
def test_never_fails_otherwise(seed: int) -> None:
    """5,000 mutated payloads: read, ignored or anomalous."""
    chance = Random(seed)  # noqa: S311 - mutations need not be secret
    _check(_written(chance, _mutate(chance, json.loads(chance.choice(_SEEDS)))))


@settings(max_examples=1000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**48))
def test_the_shared_door_tells_workspaces_apart_or_says_anomalous(seed: int) -> None:
    """What is split goes on byte for byte, to a workspace or to nobody; a handshake is answered or is none."""
    chance = Random(seed)  # noqa: S311 - mutations need not be secret
    payload = _written(chance, _mutate(chance, json.loads(chance.choice(_SEEDS))))
    answer = _APP.greet({}, payload)
    assert answer is None or isinstance(answer.encode(), bytes)
    try:
        parts = _APP.split(payload)
    except Anomalous:
        return
    assert [part for _, part in parts] == [payload] * len(parts)
    assert all(isinstance(team, str) for team, _ in parts)


@settings(max_examples=500, deadline=None, database=None)
@given(
    stamp=st.one_of(st.text(), st.sampled_from(["1000000000", "1e9", "٣", "-1", "1000000000.0", " 1000000000"])),
    given_=st.one_of(st.text(), st.just("v0=" + "0" * 64), st.just("v0=ü"), st.just("\ud83d")),
    body=st.binary(),
)
def test_an_unsigned_call_is_not_genuine_and_nothing_else(stamp: str, given_: str, body: bytes) -> None:
    """Whatever stands in the headers: the answer is that it is not genuine, never another failure."""
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": given_}
    try:
        _APP.verify(headers, body)
    except NotGenuine:
        return
    raise AssertionError("taken for genuine")
