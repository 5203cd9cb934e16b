"""`hub inspect slack`: payloads in, one JSON object a line out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from hub.adapters.inspect import inspect
from hub.errors import Anomalous

PAYLOADS = Path(__file__).parent / "payloads"


def said(number: int, text: str) -> dict[str, object]:
    event = {"type": "message", "channel": "D1AB", "channel_type": "im", "user": "U1AB", "team": "T1AB", "text": text}
    event["ts"] = f"1700000000.00000{number}"
    return {"type": "event_callback", "api_app_id": "A1", "team_id": "T1AB", "event_id": f"Ev{number}", "event": event}


def read(lines: Iterable[bytes]) -> tuple[list[dict[str, object]], str]:
    """What was printed, and the problem told at the end."""
    printed = []
    try:
        for line in inspect("slack", lines):
            assert "\n" not in line
            printed.append(json.loads(line))
    except Anomalous as error:
        return printed, error.text
    return printed, ""


def test_the_shape_that_scripts_rely_on() -> None:
    """type, address, external_id, at and text are where the stable names say; formatting stands beside the words."""
    printed, problem = read([json.dumps(said(3, "hi *ü* &amp; bye")).encode()])
    assert not problem
    assert printed == [
        {
            "type": "message",
            "address": "T1AB:U1AB",
            "external_id": "D1AB:1700000000.000003",
            "at": "2023-11-14T22:13:20Z",
            "text": "hi ü & bye",
            "spans": [{"start": 3, "end": 4, "kind": "bold"}],
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


def test_what_is_pressed_comes_as_a_form() -> None:
    """A form stands on a line of its own, among events: as it was posted."""
    press = json.loads((PAYLOADS / "press_by_socket.json").read_bytes())
    form = urlencode({"payload": json.dumps(press)}).encode() + b"\n"
    event = json.dumps(said(1, "hello")).encode() + b"\n"
    printed, problem = read([event, form, event])
    assert [line["type"] for line in printed] == ["message", "postback", "message"]
    assert not problem


@pytest.mark.parametrize(
    "bad", [b"nonsense", b"[1]", b'{"type": "event_callback"', b'{"type": 5}', b"{\n", b"\xff\xfe"]
)
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
    assert types == {"message", "edited", "deleted", "reaction", "postback", "lost", "ignored"}


def test_needs_no_client_library() -> None:
    """Reading payloads starts quickly: no HTTP client and no network's library is loaded."""
    code = (
        "import sys; from hub.adapters.inspect import inspect; "
        'list(inspect(\'slack\', [b\'{"type": "event_callback", "event": {"type": "team_join"}}\'])); '
        "print([m for m in ('aiohttp', 'telegram', 'aiogram', 'httpx', 'motor', 'slack_sdk') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
