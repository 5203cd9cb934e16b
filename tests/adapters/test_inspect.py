"""`hub inspect`: payloads in, one JSON object a line out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

import pytest

from hub.adapters.inspect import NETWORKS, inspect
from hub.cli import main
from hub.errors import Anomalous, Invalid

CHAT = {"id": 7, "type": "private", "first_name": "Ann"}


def said(number: int, text: str) -> dict[str, object]:
    return {"update_id": number, "message": {"message_id": number, "date": 1_700_000_000, "chat": CHAT, "text": text}}


def read(lines: Iterable[bytes]) -> tuple[list[dict[str, object]], str]:
    """What was printed, and the problem told at the end."""
    printed = []
    try:
        for line in inspect("telegram", lines):
            assert "\n" not in line
            printed.append(json.loads(line))
    except Anomalous as error:
        return printed, error.text
    return printed, ""


def test_the_help_names_all_networks(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asks how it is used is told every network whose payloads are read."""
    with pytest.raises(SystemExit):
        main(["inspect", "--help"])
    said = capsys.readouterr().out
    assert [network for network in NETWORKS if network not in said] == []


def test_the_shape_that_scripts_rely_on() -> None:
    """type, address, external_id, at and text are where the stable names say; text is plain, time is in UTC."""
    printed, problem = read([json.dumps(said(3, "hi")).encode()])
    assert not problem
    assert printed == [
        {
            "type": "message",
            "address": "7",
            "external_id": "7:3",
            "at": "2023-11-14T22:13:20Z",
            "person": {"first_name": "Ann"},
            "text": "hi",
            "attachments": [],
        }
    ]


@pytest.mark.parametrize("indent", [None, 0, 1, 4])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_one_object_a_line_or_over_many(indent: int | None, ending: str) -> None:
    """Payloads may be one a line or pretty-printed, with blank lines between and a mark of UTF-8 before them."""
    texts = ["one", "two {", "three }"]
    written = "\n\n".join(json.dumps(said(n, text), indent=indent) for n, text in enumerate(texts, 1))
    content = b"\xef\xbb\xbf" + written.replace("\n", ending).encode()
    printed, problem = read(content.splitlines(keepends=True))
    assert [line["text"] for line in printed] == texts
    assert not problem


@pytest.mark.parametrize(
    "bad", [b"nonsense", b"[1]", b'{"update_id": 2', b'{"update_id": 2, "message": 5}', b"{\n", b'"x"', b"\xff\xfe"]
)
def test_a_bad_payload_does_not_hide_the_others(bad: bytes) -> None:
    """Good payloads before and after it are printed; then one line says which was wrong and why."""
    lines = [json.dumps(said(1, "before")).encode(), bad, json.dumps(said(3, "after")).encode()]
    printed, problem = read([line + b"\n" for line in lines])
    assert [line["text"] for line in printed] == ["before", "after"]
    assert problem.startswith("Line 2: ")
    assert "\n" not in problem


def test_each_line_is_printed_as_it_comes() -> None:
    """A running log can be watched: nothing waits for the end of the input."""

    def endless() -> Iterable[bytes]:
        for number in range(1, 100):
            yield json.dumps(said(number, f"m{number}")).encode() + b"\n"
        pytest.fail("it read on")

    first = next(iter(inspect("telegram", endless())))
    assert json.loads(first)["text"] == "m1"


def test_nothing_and_unknown_networks_are_told() -> None:
    """An empty input and a network that is not known get a sentence each."""
    assert "no payload" in read([])[1]
    with pytest.raises(Invalid, match="telegram"):
        next(inspect("pigeon", []))


def test_needs_no_client_library() -> None:
    """Reading payloads starts quickly: neither network's client library is loaded."""
    code = (
        "import sys; from hub.adapters.inspect import inspect; "
        "list(inspect('telegram', [b'{\"update_id\": 1, \"poll\": {}}'])); "
        "print([m for m in ('telegram', 'aiogram', 'httpx', 'motor') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
