"""Mutated payloads: whatever comes is read, ignored with a reason, or called anomalous; nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.adapters.inspect import shown
from hub.adapters.messenger.shared import MessengerApp
from hub.adapters.messenger.translate import translate, update_id
from hub.domain.incoming import Ignored, Incoming, Said
from hub.errors import Anomalous
from tests.adapters.messenger.wire import settings as hub_settings

_SEEDS = [path.read_text("utf-8") for path in sorted((Path(__file__).parent / "payloads").glob("*.json"))]
_ODD: list[Any] = [
    None,
    True,
    "",
    "x" * 5000,
    "\ud83d",
    "\x00\u202e\u2060",
    -1,
    0,
    2**31,
    2**63,
    -(2**70),
    10**400,
    1.5,
    "1e999",
    "-5",
    float("nan"),
    float("inf"),
    [],
    {},
    [None],
    [[[[[]]]]],
    {"mid": "m", "text": "x"},
    {"id": 7},
    "http://[::1",
    "https://example.com/%ff%zz/../..",
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
        elif isinstance(parent, dict):
            parent[f"{key}_copy"] = deepcopy(parent[key])
    return node


def _flip(chance: Random, payload: bytes) -> bytes:
    """Up to three bytes of it replaced, in every other payload."""
    changed = bytearray(payload)
    for _ in range(max(0, chance.randrange(-2, 4))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _read(payload: bytes) -> tuple[list[Incoming], str]:
    try:
        return translate(payload), ""
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
        msgspec.msgpack.encode(incoming)
        shown(incoming).encode()
        assert not isinstance(incoming, Ignored) or 0 < len(incoming.reason) < 500


@settings(max_examples=5000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**48))
def test_never_fails_otherwise(seed: int) -> None:
    """5,000 mutated payloads; what is read of them can be kept: valid UTF-8, and a time that there is."""
    chance = Random(seed)  # noqa: S311 - mutations need not be secret
    payload = json.dumps(_mutate(chance, json.loads(chance.choice(_SEEDS)))).encode()
    _check(_flip(chance, payload))


@settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**48))
def test_an_odd_entry_never_hides_its_neighbours(seed: int) -> None:
    """A message that came in one request with something odd is read all the same, and goes to its own page."""
    chance = Random(seed)  # noqa: S311 - mutations need not be secret
    good = json.loads((Path(__file__).parent / "payloads" / "text.json").read_text("utf-8"))
    odd = _mutate(chance, json.loads(chance.choice(_SEEDS)))
    entries = odd["entry"] if isinstance(odd, dict) and isinstance(odd.get("entry"), list) else [odd]
    good["entry"][0] |= {"id": "555"}
    together = {"object": "page", "entry": [*entries, good["entry"][0]]}
    try:
        payload = json.dumps(together, allow_nan=False).encode()
    except ValueError:
        return
    parts = dict(MessengerApp(hub_settings("http://127.0.0.1:9")).split(payload))
    (said,) = [i for i in translate(parts["555"], page="555") if isinstance(i, Said)]
    assert said.text.plain == "Hi there"
    assert any(isinstance(i, Said) and i.text.plain == "Hi there" for i in translate(payload))
