"""Slack's payloads as the counter hears them, and what is not believed at all."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from hub.admin_bot.heard import Pressed, ReactedTo, Rewrote, ThreadChanged, TookAway, Wrote
from hub.admin_bot.slack import entry, hearing
from hub.admin_bot.slack.hearing import Context
from hub.admin_bot.slack.people import Known
from hub.domain.models import Link, Media
from hub.errors import Anomalous, NotGenuine

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
CONTEXT = Context(
    team="T1",
    bot_user="UBOT",
    bot="BBOT",
    names={
        "U1": Known("Ann Lee", "ann.lee", team="T1"),
        "U2": Known("Bob", "bob", team="T1"),
        "U9": Known("Eve", "eve", team="T9"),
        "UAPP": Known("Other app", "other", bot=True, team="T1"),
        "UBOT": Known("Hub", "hub", bot=True, team="T1"),
    },
    now=NOW,
)
SECRET = "shh"


def event(**fields: Any) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev1",
        "event": {"type": "message", "channel": "C1", "user": "U1", "ts": "1700000000.000100", **fields},
    }


def hear(**fields: Any) -> Any:
    return hearing.hear_event(event(**fields), CONTEXT)


def words(**fields: Any) -> str:
    heard = hear(**fields)
    assert isinstance(heard, Wrote)
    return heard.text.plain


# -- messages --------------------------------------------------------------------------------------------------------


def test_a_message_in_a_thread_and_at_home() -> None:
    """Who, where, what; the home has no thread, and threads have no replies within."""
    heard = hear(text="hi", thread_ts="1690000000.000001")
    assert isinstance(heard, Wrote)
    assert (heard.asker.identity, heard.asker.name, heard.asker.username) == ("slack:T1:U1", "Ann Lee", "ann.lee")
    assert (heard.asker.writer, heard.spot.chat, heard.spot.thread) == ("person", "T1:C1", "1690000000.000001")
    assert (heard.post, heard.answers, heard.spot.private) == ("1700000000.000100", None, False)
    assert hear(text="hi").spot.thread == ""


def test_a_private_chat() -> None:
    """It has no threads; a reply within one answers its first message."""
    heard = hear(text="hi", channel="D1", channel_type="im", thread_ts="1690000000.000001")
    assert (heard.spot.private, heard.spot.thread, heard.answers) == (True, "", "1690000000.000001")


def test_a_mention_is_the_same_message_told_twice() -> None:
    """Message and mention come as two events; they are one update to us."""
    twice = [hear(text="<@UBOT> take"), hear(type="app_mention", text="<@UBOT> take")]
    assert twice[0] == twice[1]
    assert twice[0].text.plain == "/take"


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("<@UBOT> assign <@U1>", "/assign @Ann Lee"),
        ("<@UBOT>", "/help"),
        (" <@UBOT>, !close bil done", "!close bil done"),
        ("<@UBOT> //hush", "//hush"),
        ("note: call <@U2>", "//call @Bob"),
        ("Note : x", "//x"),
        ("!assign <@U1>", "!assign @Ann Lee"),
        ("//<@U1> look", "//@Ann Lee look"),
        ("thanks <@UBOT> and <@U1>", "thanks @Hub and @Ann Lee"),
        ("noteworthy: x", "noteworthy: x"),
        ("&lt;b&gt;", "<b>"),
    ],
)
def test_lines_for_the_app_and_notes(typed: str, line: str) -> None:
    """The app's name at the beginning makes a command, `note:` a note; mentions keep whom they mean."""
    assert words(text=typed) == line


def test_who_is_no_colleague() -> None:
    """Other programs, and people of other workspaces, are marked as such; the app itself is not heard."""
    assert hear(user="UAPP", text="x").asker.writer == "bot"
    assert hear(subtype="bot_message", user=None, bot_id="B7", text="x").asker.writer == "bot"
    outsider = hear(user="U9", user_team="T9", text="x").asker
    assert (outsider.writer, outsider.identity) == ("outsider", "slack:T9:U9")
    assert hear(user="U9", text="x").asker.writer == "outsider"
    assert hear(user="UBOT", text="x") is None
    assert hear(user=None, bot_id="BBOT", subtype="bot_message", text="x") is None


@pytest.mark.parametrize("subtype", ["channel_join", "channel_topic", "pinned_item", "message_replied", "brand_new"])
def test_what_is_no_message_is_not_heard(subtype: str) -> None:
    """Service messages have a subtype of their own."""
    assert hear(subtype=subtype, text="x") is None


def test_files() -> None:
    """Each by its id; one that lies elsewhere is a link, one that is gone nothing."""
    files = [
        {"id": "F1", "mimetype": "image/png", "name": "a.png", "size": 5},
        {"id": "F2", "mimetype": "audio/webm", "subtype": "slack_audio"},
        {"id": "F3", "mimetype": "application/pdf", "title": "Bill"},
        {"id": "F4", "mode": "external", "external_url": "https://drive.example/x", "title": "Doc"},
        {"id": "F5", "mode": "tombstone"},
        "odd",
    ]
    found = hear(subtype="file_share", text="", files=files).attachments
    assert found == (
        Media(kind="image", source="F1", name="a.png", mime="image/png", size=5),
        Media(kind="voice", source="F2", mime="audio/webm"),
        Media(kind="file", source="F3", name="Bill", mime="application/pdf"),
        Link(url="https://drive.example/x", title="Doc"),
    )


# -- what changes ----------------------------------------------------------------------------------------------------


def changed(now: dict[str, Any], before: dict[str, Any], **fields: Any) -> Any:
    base = {"type": "message", "user": "U1", "ts": "1700000000.000100", "thread_ts": "1690000000.000001"}
    return hear(
        subtype="message_changed",
        hidden=True,
        user=None,
        ts="1700000009.000001",
        event_ts="1700000009.000001",
        message=base | now,
        previous_message=base | before,
        **fields,
    )


def test_an_edit_is_heard_and_an_unfolded_link_is_not() -> None:
    """Slack tells of previews and counted replies, too: only new words are news."""
    edited = changed({"text": "new", "edited": {"user": "U1"}}, {"text": "old"})
    assert isinstance(edited, Rewrote)
    assert (edited.post, edited.text.plain, edited.spot.thread) == ("1700000000.000100", "new", "1690000000.000001")
    assert changed({"text": "same", "edited": {}, "attachments": [{}]}, {"text": "same"}) is None
    assert changed({"text": "new", "edited": {"user": "UBOT"}, "user": "UBOT"}, {"text": "old"}) is None


def test_deletions_are_told() -> None:
    """An agent's message taken away; and the app's own, which may have opened a thread."""
    gone = {"user": "U1", "ts": "1700000000.000100", "thread_ts": "1690000000.000001", "text": "oops"}
    heard = hear(subtype="message_deleted", hidden=True, user=None, deleted_ts=gone["ts"], previous_message=gone)
    assert isinstance(heard, TookAway)
    assert (heard.post, heard.asker.identity) == ("1700000000.000100", "slack:T1:U1")
    root = {"user": "UBOT", "bot_id": "BBOT", "ts": "1690000000.000001", "text": "card"}
    lost = hear(subtype="message_deleted", user=None, deleted_ts=root["ts"], previous_message=root)
    assert isinstance(lost, ThreadChanged)
    assert (lost.change, lost.spot.thread) == ("lost", "1690000000.000001")
    stone = changed({"subtype": "tombstone", "user": "USLACKBOT"}, root)
    assert isinstance(stone, ThreadChanged)


def test_reactions() -> None:
    """By name; a workspace's own emoji cannot be shown elsewhere."""
    item = {"type": "message", "channel": "C1", "ts": "1690000000.000001"}
    added = hear(type="reaction_added", reaction="+1::skin-tone-2", item=item, event_ts="1700000001.0")
    assert isinstance(added, ReactedTo)
    assert (added.post, added.emoji, added.spot.chat) == ("1690000000.000001", "👍", "T1:C1")
    removed = hear(type="reaction_removed", reaction="+1", item=item)
    assert isinstance(removed, ReactedTo)
    assert (removed.emoji, removed.change, added.change) == ("👍", "taken", "put")
    assert hear(type="reaction_added", reaction="our_logo", item=item) is None
    assert hear(type="reaction_added", reaction="+1", item={"type": "file"}) is None
    assert hear(type="reaction_added", reaction="+1", item=item, user="UBOT") is None


# -- presses and commands --------------------------------------------------------------------------------------------


def pressed(action: dict[str, Any], **fields: Any) -> Pressed | None:
    body = {
        "type": "block_actions",
        "trigger_id": "1.2.3",
        "user": {"id": "U1", "username": "ann.lee", "team_id": "T1"},
        "channel": {"id": "C1"},
        "container": {"type": "message", "message_ts": "1690000002.0", "channel_id": "C1"},
        "message": {"ts": "1690000002.0", "thread_ts": "1690000001.0"},
        **fields,
    }
    return hearing.hear_action(body, action, CONTEXT)


def test_a_button_means_its_line() -> None:
    """With the version that it showed; a menu's choice and a picked colleague likewise."""
    heard = pressed({"action_id": "do:0.0", "value": "7:take 123"})
    assert heard is not None
    assert (heard.line, heard.version, heard.post, heard.spot.thread) == ("take 123", 7, "1690000002.0", "1690000001.0")
    option = {"action_id": "do:card.menu", "selected_option": {"value": "1:tag 5"}}
    menu = pressed(option)
    assert menu is not None
    assert menu.line == "tag 5"
    picked = {"action_id": "pick:a:assign 123", "selected_user": "U2"}
    assigned = pressed(picked)
    assert assigned is not None
    assert (assigned.line, assigned.version) == ("assign 123 slack:T1:U2", 10)
    hidden = pressed({"action_id": "do:0.0", "value": "0:x"}, container={"is_ephemeral": True, "message_ts": "5.0"})
    assert hidden is not None
    assert hidden.post == "e5.0"


@pytest.mark.parametrize("action", [{}, {"action_id": "do:0", "value": "take"}, {"action_id": "x", "value": "1:take"}])
def test_a_button_of_another_make_means_nothing(action: dict[str, Any]) -> None:
    """It is told to be too old."""
    assert pressed(action) is None


def test_a_slash_command_is_whispered() -> None:
    """Nobody else sees it; what follows the name is the line, whatever the channel is."""
    body = {
        "command": "/hub",
        "text": "assign 5 <@U1|ann>",
        "channel_id": "C1",
        "channel_name": "desk",
        "user_id": "U1",
    }
    heard = hearing.hear_command(body | {"trigger_id": "9"}, CONTEXT)
    assert (heard.text.plain, heard.spot.title, heard.spot.alone) == ("/assign 5 @Ann Lee", "#desk", True)
    assert hearing.hear_command(body | {"text": ""}, CONTEXT).text.plain == "/help"
    other = hearing.hear_command(body | {"user_id": "U9", "team_id": "T9"}, CONTEXT)
    assert other.asker.writer == "outsider"


WRAPPED = [
    ("channel connect custom <https://a.example/hub> s", "channel connect custom https://a.example/hub s"),
    ("connect <https://a.example/hub?a=1&amp;copy=2> &lt;s&gt;", "connect https://a.example/hub?a=1&copy=2 <s>"),
    ("connect <https://a.example/hub|a.example/hub> s", "connect https://a.example/hub s"),
    (
        "connect <https://a.example/|a.example> <https://b.example|b.example>",
        "connect https://a.example/ https://b.example",
    ),
    ("tag <http://a.example|a.example>", "tag a.example"),
    ("set mail <mailto:ann@a.example|ann@a.example>", "set mail ann@a.example"),
    ("set phone <tel:+4930123|+49 30 123>", "set phone +49 30 123"),
    ("comment see <https://a.example/1|our &lt;page&gt;>", "comment see our <page>"),
    ("comment &amp;lt; &copy; &quot;", "comment &lt; &copy; &quot;"),
]
"""What somebody typed, as Slack wraps it, and the line that they mean."""


@pytest.mark.parametrize(("wrapped", "line"), WRAPPED)
def test_addresses_and_signs_in_a_line_are_as_they_were_typed(wrapped: str, line: str) -> None:
    """An argument is the address itself, not what Slack makes of it, and exactly its three signs are unescaped."""
    body = {"command": "/hub", "text": wrapped, "channel_id": "C1", "user_id": "U1", "trigger_id": "9"}
    assert hearing.hear_command(body, CONTEXT).text.plain == f"/{line}"
    assert words(text=f"<@UBOT> {wrapped}") == f"/{line}"
    assert words(text=f"!{wrapped}") == f"!{line}"


def test_a_pasted_address_in_plain_words_looks_as_it_did() -> None:
    """What is for a contact keeps the words that the agent sees, and leads where they lead."""
    heard = words(text="see <https://a.example/hub|a.example/hub>")
    assert heard == "see a.example/hub"


def test_a_shortcut_is_a_reply_with_its_command() -> None:
    """It says which message it was used on."""
    body = {
        "type": "message_action",
        "callback_id": "unsend",
        "channel": {"id": "C1"},
        "user": {"id": "U1"},
        "message": {"ts": "1700000000.1", "thread_ts": "1690000001.0"},
        "trigger_id": "4",
    }
    heard = hearing.hear_shortcut(body, CONTEXT)
    assert heard is not None
    assert (heard.text.plain, heard.answers, heard.spot.thread) == ("/unsend", "1700000000.1", "1690000001.0")
    assert hearing.hear_shortcut(body | {"callback_id": "not a verb!"}, CONTEXT) is None


def test_the_workspace_is_the_one_that_installed_the_app() -> None:
    """In channels that several workspaces share, `team_id` may be another's."""
    shared = {"team_id": "T9", "authorizations": [{"team_id": "T1"}]}
    assert hearing.team_of(shared) == "T1"
    assert hearing.team_of({"team": {"id": "T2"}}) == "T2"
    assert hearing.team_of({"team": None, "user": {"team_id": "T3"}}) == "T3"
    assert hearing.team_of({"type": "url_verification"}) == ""


# -- what is not believed --------------------------------------------------------------------------------------------


def signed(body: bytes, stamp: str, secret: str = SECRET) -> dict[str, str]:
    proof = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={proof}"}


def test_a_request_must_prove_itself() -> None:
    """Over the raw bytes, with the secret, within five minutes."""
    body, good = b'{"a": "\xc3\xa9"}', signed(b'{"a": "\xc3\xa9"}', "1000")
    entry.verify(good, body, SECRET, 1299)
    wrong = [
        {},
        signed(body, "1000", "other"),
        signed(body, "-1"),
        signed(body, "1e3"),
        signed(body, "\u0661\u0660"),
        good | {"x-slack-signature": "v0=é\udc80"},
        good | {"x-slack-signature": ""},
        signed(body + b" ", "1000"),
    ]
    for headers in wrong:
        with pytest.raises(NotGenuine):
            entry.verify(headers, body, SECRET, 1000)
    for late in (1301, 600):
        with pytest.raises(NotGenuine):
            entry.verify(good, body, SECRET, late)
    with pytest.raises(NotGenuine):
        entry.verify(signed(body, "1000", ""), body, "", 1000)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"[]", "application/json"),
        (b"{", "application/json"),
        (b'"x"', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"a":' * 400 + b"1" + b"}" * 400, "application/json"),
        (b"payload={}&payload={}", "application/x-www-form-urlencoded"),
        (b"payload=[]", "application/x-www-form-urlencoded"),
        (b"payload=%ff", "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % n for n in range(500)), "application/x-www-form-urlencoded"),
    ],
)
def test_what_slack_would_not_send(body: bytes, kind: str) -> None:
    """No object, no JSON, no UTF-8, nested without end, said twice: refused in a sentence."""
    with pytest.raises(Anomalous):
        entry.read(body, kind)


def test_the_three_kinds_of_bodies() -> None:
    """JSON, JSON within a form, and a form."""
    assert entry.read(b'{"type": "event_callback"}', "application/json; charset=utf-8") == {"type": "event_callback"}
    form = "application/x-www-form-urlencoded"
    wrapped = urlencode({"payload": json.dumps({"type": "block_actions", "t": "ä&b"})}).encode()
    assert entry.read(wrapped, form) == {"type": "block_actions", "t": "ä&b"}
    assert entry.read(b"command=%2Fhub&text=", form) == {"command": "/hub", "text": ""}
