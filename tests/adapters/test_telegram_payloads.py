"""Each kind of update, as the network sends it, beside what the hub reads of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.adapters.inspect import inspect
from hub.adapters.telegram.translate import translate, update_id
from hub.errors import Anomalous

PAYLOADS = Path(__file__).parent / "payloads" / "telegram"
PRIVATE = b'"chat": {"id": 7, "type": "private", "first_name": "Ann"}'


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.glob("*.json")))
def test_reads_what_the_network_sends(name: str) -> None:
    """Every kind is read in full, or ignored with a reason; what is expected stands beside the payload."""
    payload = (PAYLOADS / f"{name}.json").read_bytes()
    expected = (PAYLOADS / f"{name}.expected").read_text("utf-8").splitlines()
    assert list(inspect("telegram", payload.splitlines(keepends=True))) == expected


def test_every_update_has_its_number() -> None:
    """A redelivered update is known by its number, also one whose text holds half a character."""
    numbers = [update_id(path.read_bytes()) for path in PAYLOADS.glob("*.json")]
    assert all(number.isdigit() for number in numbers)
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"", "not valid JSON"),
        (b"<html>", "not valid JSON"),
        (b"[]", "expected object"),
        (b"null", "expected object"),
        (b"{}", "update_id"),
        (b'{"update_id": "1", "message": {}}', "update_id"),
        (b'{"update_id": 1}', "nothing else"),
        (b'{"update_id": 1, "message": null}', "nothing else"),
        (b'{"update_id": 1, "message": []}', "at message"),
        (b'{"update_id": 1, "message": {"message_id": 1, "date": 1700000000}}', "chat"),
        (b'{"update_id": 1, "message": {"message_id": 1, "date": 1700000000, "chat": 7}}', "message.chat"),
        (b'{"update_id": 1, "message": {"message_id": 1, "date": 1, %b, "text": 5}}' % PRIVATE, "message.text"),
        (b'{"update_id": 1, "message": {"message_id": 1, "date": -5, %b, "text": "x"}}' % PRIVATE, "date -5"),
        (b'{"update_id": 1, "message": {"message_id": 1, "date": 99999999999, %b, "text": "x"}}' % PRIVATE, "date 999"),
        (b'{"update_id": 1, "message": {"message_id": 1, "date": NaN, %b, "text": "x"}}' % PRIVATE, "not valid JSON"),
        (b'{"update_id": 1, "message": {"message_id": 1%b, "date": 1, %b}}' % (b"0" * 30, PRIVATE), "message_id"),
        (b'{"update_id": 1%b}' % (b"0" * 6000), "update_id"),
        (b'{"update_id": 1, "x": "\xff"', "UTF-8"),
        (b'{"update_id": 1, "x": ' + b"[" * 100_000, "deeper"),
    ],
)
def test_what_no_network_would_send(payload: bytes, says: str) -> None:
    """It is told apart from what is merely of no use, in one line that names what is wrong."""
    with pytest.raises(Anomalous) as caught:
        translate(payload)
    assert says in caught.value.text
    assert "\n" not in caught.value.text
    assert update_id(payload) in {"", "1"}
