"""`hub inspect messenger`: payloads in, one JSON object a line out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from hub.adapters.inspect import inspect
from hub.errors import Anomalous

PAYLOADS = Path(__file__).parent / "payloads"


def said(number: int, text: str) -> dict[str, object]:
    message = {"mid": f"m_{number}", "text": text}
    event = {"sender": {"id": "7"}, "recipient": {"id": "1"}, "timestamp": 1_700_000_000_000, "message": message}
    return {"object": "page", "entry": [{"id": "1", "time": 1_700_000_000_100, "messaging": [event]}]}


def read(lines: Iterable[bytes]) -> tuple[list[dict[str, object]], str]:
    """What was printed, and the problem told at the end."""
    printed = []
    try:
        for line in inspect("messenger", lines):
            assert "\n" not in line
            printed.append(json.loads(line))
    except Anomalous as error:
        return printed, error.text
    return printed, ""


def test_the_shape_that_scripts_rely_on() -> None:
    """type, address, external_id, at and text are where the stable names say; who wrote is a number, without names."""
    printed, problem = read([json.dumps(said(3, "hi ü")).encode()])
    assert not problem
    assert printed == [
        {
            "type": "message",
            "address": "7",
            "external_id": "m_3",
            "at": "2023-11-14T22:13:20Z",
            "text": "hi ü",
            "attachments": [],
        }
    ]


@pytest.mark.parametrize("indent", [None, 0, 1, 4])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_one_object_a_line_or_over_many(indent: int | None, ending: str) -> None:
    """Payloads may be one a line or pretty-printed, with blank lines between."""
    texts = ["one", "two {", "three }"]
    written = "\n\n".join(json.dumps(said(n, text), indent=indent) for n, text in enumerate(texts, 1))
    printed, problem = read(written.replace("\n", ending).encode().splitlines(keepends=True))
    assert [line["text"] for line in printed] == texts
    assert not problem


@pytest.mark.parametrize("bad", [b"nonsense", b"[1]", b'{"object": "page"', b'{"object": "page"}', b"{\n", b"\xff\xfe"])
def test_a_bad_payload_does_not_hide_the_others(bad: bytes) -> None:
    """Good payloads before and after it are printed; then one line says which was wrong and why."""
    lines = [json.dumps(said(1, "before")).encode(), bad, json.dumps(said(3, "after")).encode()]
    printed, problem = read([line + b"\n" for line in lines])
    assert [line["text"] for line in printed] == ["before", "after"]
    assert problem.startswith("Line 2: ")
    assert "\n" not in problem


def test_every_type_is_seen() -> None:
    """The recorded payloads cover every type that the network can bring about."""
    types = set()
    for path in PAYLOADS.glob("*.expected"):
        types |= {json.loads(line)["type"] for line in path.read_text("utf-8").splitlines()}
    expected = {"message", "edited", "deleted", "reaction", "delivered", "read", "postback", "referral", "echo"}
    assert types == expected | {"ignored"}


def test_needs_no_client_library() -> None:
    """Reading payloads starts quickly: no HTTP client and no other network's library is loaded."""
    code = (
        "import sys; from hub.adapters.inspect import inspect; "
        'list(inspect(\'messenger\', [b\'{"object": "user", "entry": []}\'])); '
        "print([m for m in ('aiohttp', 'telegram', 'aiogram', 'httpx', 'motor', 'slack_sdk') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
