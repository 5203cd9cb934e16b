"""Each kind of thing that the network tells, as it tells it, beside what the hub reads of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from hub.adapters.inspect import inspect
from hub.adapters.slack.translate import Own, translate, update_id
from hub.domain.incoming import Edited, Ignored, Lost, Postback, Said
from hub.errors import Anomalous

PAYLOADS = Path(__file__).parent / "payloads"
NAMES = sorted(path.name for path in PAYLOADS.iterdir() if path.suffix in (".json", ".form"))
Json = dict[str, Any]


def one(name: str) -> bytes:
    """A payload as the network posts it."""
    return next(path for path in PAYLOADS.glob(f"{name}.*") if path.suffix != ".expected").read_bytes()


def changed(name: str, **event: Any) -> bytes:
    """The same with other fields in its event; None takes one away."""
    body: Json = json.loads(one(name))
    body["event"] = {field: value for field, value in {**body["event"], **event}.items() if value is not None}
    return json.dumps(body).encode()


@pytest.mark.parametrize("name", NAMES)
def test_reads_what_the_network_sends(name: str) -> None:
    """Every kind is read in full, or ignored with a reason; what is expected stands beside the payload."""
    path = PAYLOADS / name
    expected = path.with_suffix(".expected").read_text("utf-8").splitlines()
    assert list(inspect("slack", path.read_bytes().splitlines(keepends=True))) == expected


def test_a_mention_and_its_twin_are_one_message() -> None:
    """A mention in a channel is told by two events, each with an id of its own: both name the same message."""
    (said,), (twin,) = translate(one("mention")), translate(one("mention_twin"))
    assert isinstance(said, Said)
    assert said == twin
    assert update_id(one("mention")) != update_id(one("mention_twin"))


def test_what_makes_updates_the_same() -> None:
    """An event has one identity however it is written, over the socket too; presses differ by their time."""
    again = json.dumps(json.loads(one("text")), ensure_ascii=False, separators=(",", ":")).encode()
    assert update_id(again) == update_id(one("text")) == update_id(one("by_socket")) == "Ev0PV52K21"
    assert update_id(one("press")) == update_id(one("press_by_socket")) != ""
    assert update_id(one("press")) != update_id(one("press_in_thread"))
    assert update_id(one("slash_command")) == ""


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("mention", "said"),
        ("mention_in_thread", "said"),
        ("reply_to_us", "said"),
        ("reply_in_own_thread", "said"),
        ("reply_to_somebody_else", "overheard"),
        ("channel_talk", "ignored"),
        ("private_channel_talk", "ignored"),
    ],
)
def test_in_channels_only_what_is_meant_for_the_app(name: str, counts: str) -> None:
    """Mentions, and threads that the app or their author began. What others say in a thread counts if the thread is
    known, which is not seen here; what else people say there is none of our business.
    """
    (found,) = translate(one(name))
    heard = "overheard" if isinstance(found, Said) and found.overheard else "said"
    assert (heard if isinstance(found, Said) else "ignored") == counts


def test_an_edit_that_names_the_app_is_news() -> None:
    """Who forgot the mention and adds it is heard, though the words are as they were."""
    (edited,) = translate(one("edit_that_names_us"))
    assert isinstance(edited, Edited)
    assert edited.text.plain == "help"


def test_what_the_channel_knows_of_itself_goes_first() -> None:
    """Where a payload does not say who the app is, the channel's own knowledge does: nothing of its own comes back."""
    body = json.loads(one("mention"))
    body["authorizations"] = []
    assert isinstance(translate(json.dumps(body).encode())[0], Ignored)
    (said,) = translate(json.dumps(body).encode(), Own(user="U0HUBBOT1", name="hub"))
    assert isinstance(said, Said)
    silent = changed("own_message", bot_id=None, app_id=None, bot_profile=None)
    assert translate(silent, Own(user="U0HUBBOT1")) == [Ignored(reason="the hub's own message")]
    named = changed("mention_alone")
    assert [i.text.plain for i in translate(named, Own("U0HUBBOT1", "", "hub")) if isinstance(i, Said)] == ["@hub"]


def test_the_app_is_shut_out() -> None:
    """Both ways of taking the app away are told as such, with what to do; a person's own token is not ours."""
    for name in ("app_uninstalled", "tokens_revoked"):
        (lost,) = translate(one(name))
        assert isinstance(lost, Lost)
        assert "connect it again" in lost.reason
    (other,) = translate(one("tokens_revoked"), Own(user="U0OTHER1"))
    assert isinstance(other, Ignored)
    assert isinstance(translate(one("a_persons_token_revoked"))[0], Ignored)


def test_several_buttons_at_once() -> None:
    """Each of ours that was pressed is told; the desk's are not."""
    press = json.loads(one("press_by_socket"))
    press["actions"] = [{**press["actions"][0], "action_id": id} for id in ("contact_choice:0", "claim")]
    found = translate(urlencode({"payload": json.dumps(press)}).encode())
    assert [type(each) for each in found] == [Postback]


def test_a_newer_kind_that_a_person_typed_is_read() -> None:
    """A kind of message that the hub does not know is a customer's message all the same where somebody typed it."""
    (said,) = translate(changed("text", subtype="typed_by_voice"))
    assert isinstance(said, Said)


GOOD: Json = {
    "type": "message",
    "channel": "D1AB",
    "user": "U1AB",
    "text": "x",
    "ts": "1795243421.0042",
    "team": "T1AB",
}


def wrapped(**event: Any) -> bytes:
    inner = {field: value for field, value in {**GOOD, **event}.items() if value is not None}
    return json.dumps({"type": "event_callback", "team_id": "T1AB", "event_id": "Ev1", "event": inner}).encode()


def test_the_least_that_a_message_has() -> None:
    """Only who, where, when and what are needed."""
    (said,) = translate(wrapped())
    assert isinstance(said, Said)
    assert (said.address, said.external_id) == ("T1AB:U1AB", "D1AB:1795243421.0042")


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (b"", "not valid JSON"),
        (b"<html>", "not valid JSON"),
        (b"[]", "expected object"),
        (b"null", "expected object"),
        (b"{}", "of what type"),
        (b'{"type": 5}', "type"),
        (b'{"type": "event_callback"}', "event"),
        (b'{"type": "event_callback", "event": []}', "expected object"),
        (b'{"type": "event_callback", "event": {}}', "type"),
        (b'{"type": "event_callback", "event": {"type": "message", "text": "\xff"}}', "UTF-8"),
        (b'{"type": "event_callback", "event": ' + b"[" * 100_000, "deeper"),
        (wrapped(ts=None), "nothing happens at"),
        (wrapped(ts="soon"), "nothing happens at"),
        (wrapped(ts=5), "ts"),
        (wrapped(ts="99999999999.1"), "nothing happens at"),
        (wrapped(channel=None), "in which channel"),
        (wrapped(channel="../../x"), "in which channel"),
        (wrapped(user="everybody"), "no user"),
        (wrapped(team="|", user="U1AB"), "no user"),
        (wrapped(text=["x"]), "text"),
        (wrapped(files={}), "files"),
        (wrapped(subtype="message_changed"), "not told to what"),
        (wrapped(type="reaction_added", reaction=None, item={}), "reaction"),
        (wrapped(type="reaction_added", reaction="x", item={"type": "message"}), "nothing happens at"),
        (wrapped(type="tokens_revoked"), "tokens"),
        (b"payload=", "not valid JSON"),
        (b"payload=%7B%7D", "of what type"),
        (b"payload=1&payload=2", "twice"),
        (b"a=b", "neither a payload nor a command"),
        (b"payload=%FF", "cannot be read"),
        (b'{"type": "block_actions", "actions": []}', "user"),
    ],
)
def test_what_no_network_would_send(payload: bytes, says: str) -> None:
    """It is told apart from what is merely of no use, in one line that names what is wrong."""
    with pytest.raises(Anomalous) as caught:
        translate(payload)
    assert says in caught.value.text
    assert "\n" not in caught.value.text
    assert isinstance(update_id(payload), str)
