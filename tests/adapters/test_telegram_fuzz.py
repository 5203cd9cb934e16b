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
from hub.adapters.telegram.polling import updates_in
from hub.adapters.telegram.translate import translate, update_id
from hub.domain.incoming import Edited, Incoming, Said
from hub.errors import Anomalous

_SEEDS = [path.read_text("utf-8") for path in sorted((Path(__file__).parent / "payloads" / "telegram").glob("*.json"))]
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
    float("nan"),
    float("inf"),
    [],
    {},
    [None],
    [[[[[]]]]],
    {"type": "bold", "offset": -3, "length": 10**9},
    {"id": "7"},
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
    assert isinstance(update_id(payload), str)
    found, problem = _read(payload)
    assert bool(found) != bool(problem)
    assert "\n" not in problem
    assert len(problem.encode()) < 400
    for incoming in found:
        msgspec.msgpack.encode(incoming)
        shown(incoming).encode()
        if isinstance(incoming, (Said, Edited)):
            assert all(0 <= s.start < s.end <= len(incoming.text.plain) for s in incoming.text.spans)


@settings(max_examples=5000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**48))
def test_never_fails_otherwise(seed: int) -> None:
    """5,000 mutated payloads; what is read of them can be kept: valid UTF-8, whole numbers of 64 bits, spans inside."""
    chance = Random(seed)  # noqa: S311 - mutations need not be secret
    payload = json.dumps(_mutate(chance, json.loads(chance.choice(_SEEDS)))).encode()
    _check(_flip(chance, payload))


@settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**48))
def test_an_odd_update_never_hides_its_neighbours(seed: int) -> None:
    """A poll's batch is taken apart whatever is in it; the offset moves past all of it, not past what follows."""
    chance = Random(seed)  # noqa: S311 - mutations need not be secret
    odd = [_mutate(chance, json.loads(chance.choice(_SEEDS))) for _ in range(chance.randrange(1, 5))]
    good = {**json.loads(_SEEDS[0]), "update_id": 2**31 - 1}
    answer = json.dumps({"ok": True, "result": [*odd, good]}).encode()
    updates = updates_in(answer, 5)
    assert json.loads(updates[-1][1]) == good
    numbers = [number for number, _ in updates]
    assert len(numbers) == len(odd) + 1
    assert numbers[0] >= 5
    assert numbers[-1] == 2**31 - 1
    assert numbers == sorted(set(numbers))
