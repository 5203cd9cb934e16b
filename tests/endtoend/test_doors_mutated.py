"""Whatever comes to a door, well signed: never a failure of ours, and never a good neighbour lost."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import pytest

from hub.domain.models import Message
from hub.domain.work import Work
from tests.adapters.messenger import test_fuzz as messenger_fuzz
from tests.adapters.slack import test_fuzz as slack_fuzz
from tests.endtoend.doorsteps import FORM, JSON, doors
from tests.endtoend.mixed import Mixed

MUTATED, GOOD, AT_ONCE = 300, 50, 32
FOLDER = Path(__file__).parent.parent / "adapters"
_OWN_IDS = {"slack": ("T061EG9R6",), "messenger": ("104927364810273",)}
_MUTATE: dict[str, Callable[[Random, Any], Any]] = {
    "slack": slack_fuzz._mutate,
    "messenger": messenger_fuzz._mutate,
}


def _seeds(network: str, account: str) -> list[Any]:
    """The recorded payloads, as if they were of that account."""
    texts = [path.read_text("utf-8") for path in sorted((FOLDER / network / "payloads").glob("*.json"))]
    for known in _OWN_IDS[network]:
        texts = [text.replace(known, account) for text in texts]
    return [json.loads(text) for text in texts]


def _mutated(name: str, account: str, good: Callable[[str], bytes], odd: Random) -> Iterator[bytes]:
    """As many mutated payloads; in every fourth of Messenger's there is a good message too."""
    network = name.rsplit(maxsplit=1)[-1]
    seeds = _seeds(network, account)
    for place in range(MUTATED):
        node = deepcopy(odd.choice(seeds))
        if isinstance(node, dict) and "event_id" in node:
            node["event_id"] = f"EvMutated{place}"
        node = _MUTATE[network](odd, node)
        if network == "slack":
            yield slack_fuzz._written(odd, node)
        elif place % 4:
            yield messenger_fuzz._flip(odd, json.dumps(node).encode())
        else:
            yield _together(node, json.loads(good(f"{name} neighbour {place}")))


def _together(node: Any, good: Any) -> bytes:
    """What was mutated and a good message, in one body, as the network would write it."""
    entries = node["entry"] if isinstance(node, dict) and isinstance(node.get("entry"), list) else [node]
    try:
        return json.dumps({"object": "page", "entry": [*entries, *good["entry"]]}, allow_nan=False).encode()
    except ValueError:
        return json.dumps(good).encode()


def _is_object(body: bytes) -> bool:
    """Whether it is JSON, and an object, or a form that holds one."""
    try:
        text = body.decode()
        if text.strip().startswith("payload="):
            pairs = parse_qsl(text.strip(), keep_blank_values=True, strict_parsing=True, errors="strict")
            text = dict(pairs)["payload"] if len(pairs) == 1 else ""
        return isinstance(json.loads(text, parse_constant=lambda _: 1 / 0), dict)
    except (ValueError, ArithmeticError, RecursionError):
        return False


def _is_our_fault(record: logging.LogRecord) -> bool:
    """Whether something broke in the hub's own code: a library may break over what is kept aside then."""
    where = record.exc_info[2] if record.exc_info else None
    return where is not None and "/hub/" in traceback.extract_tb(where)[-1].filename


@pytest.mark.parametrize("name", ["slack", "shared slack", "messenger", "shared messenger"])
async def test_mutated_payloads(mixed: Mixed, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """1,000 mutated payloads at a door, signed as they should be: never a failure of ours, refused is only what is no
    object, and every good message among them, also in the same body, is kept once.
    """
    accounts = (mixed.customers.id, mixed.team.id, mixed.page.id, mixed.shared_page.id)
    account = dict(zip(("slack", "shared slack", "messenger", "shared messenger"), accounts, strict=True))[name]
    door, odd = doors(mixed)[name], Random(20261121)  # noqa: S311 - the same mutations in each run
    bodies = list(_mutated(name, account, door.good, odd))
    neighbours = [f"{name} neighbour {n}" for n in range(0, MUTATED, 4)] if "messenger" in name else []
    alone = [f"{name} good {n}" for n in range(GOOD)]
    for place, words in enumerate(alone):
        bodies.insert(place * (MUTATED // GOOD + 1), door.good(words))
    queue, refused_ = iter(bodies), []

    async def poster() -> None:
        for body in queue:
            kind = FORM if body.lstrip().startswith(b"payload=") else JSON
            status, words = await door.post(body, door.headers(body, kind=kind))
            assert status in (200, 400), (status, body)
            if status == 400:
                refused_.append((body, words))

    await asyncio.gather(*(poster() for _ in range(AT_ONCE)))
    assert [(body, words) for body, words in refused_ if _is_object(body)] == []
    found = Counter(m.text.plain for m in await mixed.shop.kept(Message))
    assert {words: found[words] for words in alone + neighbours} == dict.fromkeys(alone + neighbours, 1)
    assert not [w.reason for w in await mixed.shop.kept(Work, state="failed") if "own rules" in w.reason]
    assert [r.getMessage() for r in caplog.records if _is_our_fault(r)] == []
