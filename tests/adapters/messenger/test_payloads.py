"""Each kind of event, as the network sends it, beside what the hub reads of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.adapters.inspect import inspect
from hub.adapters.messenger.translate import translate, update_id
from hub.domain.incoming import Ignored, Said
from hub.errors import Anomalous

PAYLOADS = Path(__file__).parent / "payloads"
WHO = b'"sender": {"id": "7"}, "recipient": {"id": "1"}'


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.glob("*.json")))
def test_reads_what_the_network_sends(name: str) -> None:
    """Every kind is read in full, or ignored with a reason; what is expected stands beside the payload."""
    payload = (PAYLOADS / f"{name}.json").read_bytes()
    expected = (PAYLOADS / f"{name}.expected").read_text("utf-8").splitlines()
    assert list(inspect("messenger", payload.splitlines(keepends=True))) == expected


def one(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def test_what_makes_updates_the_same() -> None:
    """A message has one identity however it is written; another one, its edits and its reactions have others."""
    again = json.dumps(json.loads(one("text")), ensure_ascii=False, separators=(",", ":")).encode()
    assert update_id(again) == update_id(one("text")) != ""
    different = ("text", "deleted", "edit", "edit_counted_in_words", "reaction", "reaction_taken_away", "read")
    different += ("delivery", "postback", "postback_without_name", "several_events", "several_entries", "standby")
    assert len({update_id(one(name)) for name in different}) == len(different)


def test_time_alone_tells_events_apart() -> None:
    """The same reaction put, taken away and put again is three events, though none of them has a name."""
    event = json.loads(one("reaction"))
    first = update_id(json.dumps(event).encode())
    event["entry"][0]["messaging"][0]["timestamp"] += 1
    assert update_id(json.dumps(event).encode()) != first


def test_a_channel_reads_its_own_page_only() -> None:
    """In one request for several pages each channel reads its own entries."""
    read = translate(one("several_entries"), page="900")
    assert [incoming.text.plain for incoming in read if isinstance(incoming, Said)] == ["two"]
    assert [incoming.reason for incoming in read if isinstance(incoming, Ignored)] == ["it is for another page"] * 2


def test_own_echoes_are_known_by_app_too() -> None:
    """Where the app is known, its echoes are the hub's own even without the mark; the inbox's never are."""
    app = str(json.loads(one("echo_of_another_app"))["entry"][0]["messaging"][0]["message"]["app_id"])
    assert isinstance(translate(one("echo_of_another_app"), app=app)[0], Ignored)
    assert not isinstance(translate(one("echo_of_page_inbox"), app=app)[0], Ignored)


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"", "not valid JSON"),
        (b"<html>", "not valid JSON"),
        (b"[]", "expected object"),
        (b"null", "expected object"),
        (b"{}", "object"),
        (b'{"update_id": 1, "message": {}}', "object"),
        (b'{"object": "page"}', "entry"),
        (b'{"object": "page", "entry": {}}', "expected array"),
        (b'{"object": "page", "entry": []}', "nothing is in it"),
        (b'{"object": "page", "entry": [5]}', "expected object"),
        (b'{"object": "page", "entry": [{"id": "1", "time": 1}]}', "holds nothing"),
        (b'{"object": "page", "entry": [{"messaging": [{%b, "timestamp": 1}]}]}' % WHO, "what happened"),
        (b'{"object": "page", "entry": [{"messaging": [{%b, "message": {"mid": "m", "text": "x"}}]}]}' % WHO, "when"),
        (
            b'{"object": "page", "entry": [{"time": 1795000000000, "messaging": [{%b, "message": []}]}]}' % WHO,
            "message",
        ),
        (b'{"object": "page", "entry": [{"time": 1, "messaging": [{%b, "message": {"text": "x"}}]}]}' % WHO, "mid"),
        (
            b'{"object": "page", "entry": [{"messaging": [{%b, "timestamp": "soon", "read": {}}]}]}' % WHO,
            "'soon' is no time",
        ),
        (b'{"object": "page", "entry": [{"messaging": [{%b, "timestamp": 9e20, "read": {}}]}]}' % WHO, "at 9e"),
        (b'{"object": "page", "entry": [{"messaging": [{%b, "timestamp": NaN, "read": {}}]}]}' % WHO, "not valid JSON"),
        (b'{"object": "page", "x": "\xff"', "UTF-8"),
        (b'{"object": "page", "entry": ' + b"[" * 100_000, "deeper"),
    ],
)
def test_what_no_network_would_send(payload: bytes, says: str) -> None:
    """It is told apart from what is merely of no use, in one line that names what is wrong."""
    with pytest.raises(Anomalous) as caught:
        translate(payload)
    assert says in caught.value.text
    assert "\n" not in caught.value.text
    assert isinstance(update_id(payload), str)
