"""Each kind of event, as a system sends it, beside what the hub reads of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.adapters.custom.translate import translate, update_id
from hub.adapters.inspect import inspect, shown
from hub.domain.incoming import Incoming, Said
from hub.errors import Anomalous

PAYLOADS = Path(__file__).parent / "payloads"
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json"))
FRAME = {"id": "e1", "from": {"id": "c7"}, "at": "2026-08-01T10:00:00Z"}


def one(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_reads_what_a_system_sends(name: str) -> None:
    """Every kind is read in full, or ignored with a reason; what is expected stands beside the payload."""
    expected = (PAYLOADS / f"{name}.expected").read_text("utf-8").splitlines()
    assert list(inspect("custom", one(name).splitlines(keepends=True))) == expected


def test_every_type_is_seen() -> None:
    """The payloads cover every type that a system can bring about."""
    types = {json.loads((PAYLOADS / f"{name}.expected").read_text("utf-8"))["type"] for name in NAMES}
    assert types == {"message", "edited", "deleted", "reaction", "postback", "read", "ignored"}


def test_one_event_a_line() -> None:
    """A recorded file of events, one a line, is read line by line, a broken one between them told."""
    lines = [json.dumps(json.loads(one(name))).encode() + b"\n" for name in ("text", "read", "deleted")]
    assert len(list(inspect("custom", lines))) == 3
    with pytest.raises(Anomalous, match="Line 2: "):
        list(inspect("custom", [lines[0], b'{"type": "message"\n', lines[1]]))


def test_what_makes_events_the_same() -> None:
    """An event is known by the name that the system gave it, however it is written; each has one."""
    again = json.dumps(json.loads(one("text"))).encode()
    assert update_id(again) == update_id(one("text")) == "text"
    assert len({update_id(one(name)) for name in NAMES}) == len(NAMES)


def test_a_bar_in_a_name_stays_one() -> None:
    """What follows a bar is no part of a name within the hub; so a system's own bar is kept otherwise."""
    names = []
    for answered in ("a|b", "a%7Cb", "a"):
        (said,) = translate(json.dumps({"type": "message", **FRAME, "text": "x", "reply_to": answered}).encode())
        assert isinstance(said, Said)
        names.append(str(said.reply_to).partition("|")[0])
    assert len(set(names)) == 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": None}, "at id"),
        ({"id": ""}, "at id"),
        ({"from": "c7"}, "at from"),
        ({"from": {}}, "field id"),
        ({"at": "yesterday"}, "at at"),
        ({"at": "2026-08-01T10:00:00"}, "timezone"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "the year 1"),
        ({"text": 5}, "at text"),
        ({"attachments": [{"kind": "image"}]}, "says too little"),
        ({"attachments": [{"kind": "location", "latitude": 5}]}, "says too little"),
        ({"attachments": [{"kind": "location", "latitude": 95, "longitude": 5}]}, "latitude"),
        ({"type": "edited"}, "message"),
        ({"type": "reaction", "message": "m"}, "emojis"),
    ],
)
def test_what_is_malformed_is_said(change: dict[str, Any], says: str) -> None:
    """Its developers read in one line what is wrong and where."""
    with pytest.raises(Anomalous) as caught:
        translate(json.dumps({"type": "message", **FRAME, "text": "x", **change}).encode())
    assert says in caught.value.text
    assert "\n" not in caught.value.text


def test_the_hubs_own_calls_are_no_events() -> None:
    """A call of the hub's that somebody sends back to it, signed as it is, is never read as a contact's words."""
    with pytest.raises(Anomalous):
        translate(b'{"type": "message", "to": "c7", "text": "x", "markdown": "x", "attachments": []}')


def _read(payload: bytes) -> tuple[list[Incoming], str]:
    try:
        return translate(payload), ""
    except Anomalous as error:
        return [], error.text


_ODD: list[Any] = [None, True, "", "x" * 5000, "\ud83d", "\x00\u202e", -1, 2**63, 10**400, float("nan"), [], {}, [[[]]]]


@settings(max_examples=2000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**48))
def test_never_fails_otherwise(seed: int) -> None:
    """Whatever comes is read, ignored or anomalous; and what is read can be kept and shown."""
    chance = Random(seed)  # noqa: S311 - mutations need not be secret
    event = json.loads(one(chance.choice(NAMES)))
    for _ in range(chance.randrange(4)):
        event[chance.choice([*event, "text", "attachments"])] = chance.choice(_ODD)
    payload = bytearray(json.dumps(event).encode())
    for _ in range(max(0, chance.randrange(-2, 4))):
        payload[chance.randrange(len(payload))] = chance.randrange(256)
    assert len(update_id(bytes(payload)).encode()) <= 800
    found, problem = _read(bytes(payload))
    assert bool(found) != bool(problem)
    assert "\n" not in problem
    assert len(problem) < 400
    for incoming in found:
        msgspec.msgpack.encode(incoming)
        shown(incoming).encode()


def test_needs_no_client_library() -> None:
    """Reading payloads starts quickly: no HTTP client is loaded."""
    code = (
        "import sys; from hub.adapters.inspect import inspect; "
        'list(inspect(\'custom\', [b\'{"type": "ping", "id": 1}\'])); '
        "print([m for m in ('aiohttp', 'telegram', 'motor', 'slack_sdk') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
