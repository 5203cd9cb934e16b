"""The Web API as slack_sdk's own client speaks to it."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from hub.sandbox.slack import Limits, SlackStandIn, serve
from hub.sandbox.slack.registry import METHODS
from tests.sandbox.slack.place import Place


async def refused(call: Any) -> str:
    """The error that a call is refused with."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_message_is_posted_read_changed_and_taken_away(place: Place) -> None:
    """What an app posts stands in the channel, in the shape that the network gives it."""
    posted = await place.web.chat_postMessage(channel=place.desk.id, text="hello")
    assert posted["ok"]
    assert posted["message"]["bot_id"] == place.hub.bot.bot_id
    ts = posted["ts"]
    await place.web.chat_update(channel=place.desk.id, ts=ts, text="better")
    (message,) = place.world.history(place.desk)
    assert message["text"] == "better"
    assert message["edited"]["user"] == place.hub.bot.id
    answer = await place.web.chat_postMessage(channel=place.desk.id, text="reply", thread_ts=ts)
    replies = await place.web.conversations_replies(channel=place.desk.id, ts=ts)
    assert [m["text"] for m in replies["messages"]] == ["better", "reply"]
    assert replies["messages"][0]["reply_count"] == 1
    await place.web.chat_delete(channel=place.desk.id, ts=answer["ts"])
    history = await place.web.conversations_history(channel=place.desk.id)
    assert [m["ts"] for m in history["messages"]] == [ts]
    assert history["messages"][0]["reply_count"] == 0


async def test_who_asks_is_told_apart(place: Place) -> None:
    """A token that is missing, unknown, of the wrong kind or without the right is refused in the network's words."""
    assert await refused(place.client("").auth_test()) == "not_authed"
    assert await refused(place.client("xoxb-none").auth_test()) == "invalid_auth"
    assert await refused(place.client(place.app.app_token).users_list()) == "not_allowed_token_type"
    place.world.limit_scopes(place.hub, "chat:write")
    with pytest.raises(SlackApiError) as caught:
        await place.web.users_info(user=place.ann.id)
    assert caught.value.response.data == {
        "ok": False,
        "error": "missing_scope",
        "needed": "users:read",
        "provided": "chat:write",
    }
    assert await refused(place.web.conversations_info(channel=place.desk.id)) == "missing_scope"
    place.world.spoil_token(place.hub, "token_revoked")
    assert await refused(place.web.auth_test()) == "token_revoked"


async def test_an_app_learns_who_it_is(place: Place) -> None:
    """auth.test names team, bot and address, and the header says what the app may do."""
    me = await place.web.auth_test()
    assert (me["team_id"], me["user_id"], me["bot_id"]) == (place.team.id, place.hub.bot.id, place.hub.bot.bot_id)
    assert set(me.headers["X-OAuth-Scopes"].split(",")) == place.hub.scopes
    assert (await place.web.team_info())["team"]["name"] == "Acme"
    told = (await place.web.users_info(user=place.ann.id, include_locale=True))["user"]
    assert (told["tz"], told["locale"], told["profile"]["display_name"]) == ("Europe/Amsterdam", "en-US", "ann")


async def test_where_an_app_may_not_post(place: Place) -> None:
    """Each channel that is not there, not joined, private or archived is refused by its own error."""
    world, web = place.world, place.web
    other = world.add_channel(place.team, "other", [place.ann])
    secret = world.add_channel(place.team, "secret", [place.ann], private=True)
    assert await refused(web.chat_postMessage(channel="C0NONE", text="a")) == "channel_not_found"
    assert await refused(web.chat_postMessage(channel="#desk", text="a")) == "channel_not_found"
    assert await refused(web.chat_postMessage(channel=other.id, text="a")) == "not_in_channel"
    assert await refused(web.chat_postMessage(channel=secret.id, text="a")) == "channel_not_found"
    assert await refused(web.conversations_history(channel=other.id)) == "not_in_channel"
    await web.conversations_join(channel=other.id)
    await web.chat_postMessage(channel=other.id, text="a")
    world.archive(other)
    assert await refused(web.chat_postMessage(channel=other.id, text="a")) == "is_archived"
    assert await refused(web.reactions_add(channel=other.id, timestamp="1.0", name="eyes")) == "message_not_found"
    listed = await web.conversations_list(types="public_channel,private_channel")
    assert {c["name"] for c in listed["channels"]} == {"desk", "other"}
    mine = await web.users_conversations(exclude_archived=True)
    assert [c["name"] for c in mine["channels"]] == ["desk"]


async def test_what_cannot_be_posted(place: Place) -> None:
    """Nothing, too much, a thread that is not there, somebody else's message."""
    web, desk = place.web, place.desk.id
    said = place.world.say(place.ann, place.desk, "mine")
    with pytest.warns(UserWarning, match="text"):
        assert await refused(web.chat_postMessage(channel=desk)) == "no_text"
    assert await refused(web.chat_postMessage(channel=desk, text="a", thread_ts="1.000000")) == "thread_not_found"
    reply = place.world.say(place.ann, place.desk, "below", thread=said["ts"])
    assert await refused(web.chat_postMessage(channel=desk, text="a", thread_ts=reply["ts"])) == "thread_not_found"
    assert await refused(web.chat_update(channel=desk, ts=said["ts"], text="a")) == "cant_update_message"
    assert await refused(web.chat_update(channel=desk, ts="1.000000", text="a")) == "message_not_found"
    assert await refused(web.chat_delete(channel=desk, ts=said["ts"])) == "cant_delete_message"
    mine = await web.chat_postMessage(channel=desk, text="x" * 40_001)
    assert len(mine["message"]["text"]) == 40_000
    assert mine["warning"] == "message_truncated"
    assert await refused(web.chat_update(channel=desk, ts=mine["ts"], text="x" * 4001)) == "msg_too_long"


BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go", "value": "1"}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.parametrize(
    ("blocks", "error", "why"),
    [
        ([section("x" * 3001)], "invalid_blocks", "less than 3001 characters"),
        ([section("")], "invalid_blocks", "more than 0 characters"),
        ([section("x")] * 51, "invalid_blocks", "no more than 50 items"),
        ([{"type": "no_such"}], "invalid_blocks", "unsupported type: no_such"),
        ([actions(*(BUTTON | {"action_id": str(n)} for n in range(26)))], "invalid_blocks", "1 to 25 items"),
        ([actions()], "invalid_blocks", "1 to 25 items"),
        ([actions(BUTTON, BUTTON)], "invalid_blocks", "action_id must be unique"),
        ([actions(BUTTON | {"value": "v" * 2001})], "invalid_blocks", "less than 2001"),
        ([actions(BUTTON | {"text": plain("x" * 76)})], "invalid_blocks", "less than 76"),
        ([actions(BUTTON | {"action_id": "x" * 256})], "invalid_blocks", "255"),
        ([{"type": "header", "text": plain("x" * 151)}], "invalid_blocks", "less than 151"),
        ([section("a") | {"block_id": "1"}, section("b") | {"block_id": "1"}], "invalid_blocks", "must be unique"),
        ([{"type": "input", "label": plain("a"), "element": {"type": "plain_text_input"}}], "invalid_blocks", "input"),
        ([section("x" * 2900)] * 5, "msg_blocks_too_long", ""),
        ({"type": "section"}, "invalid_blocks_format", ""),
    ],
)
async def test_blocks_are_checked(place: Place, blocks: Any, error: str, why: str) -> None:
    """What the network would refuse is refused here, by the same error, and the reason is told."""
    with pytest.raises(SlackApiError) as caught:
        await place.web.chat_postMessage(channel=place.desk.id, text="a", blocks=blocks)
    assert caught.value.response["error"] == error
    assert why in str(caught.value.response.get("response_metadata", {}))
    assert place.world.history(place.desk) == []


async def test_blocks_that_are_right_get_ids(place: Place) -> None:
    """The network names blocks that have no name, for presses tell by it what was pressed."""
    blocks = [section("hi"), {"type": "divider"}, {"type": "actions", "elements": [BUTTON]}]
    posted = await place.web.chat_postMessage(channel=place.desk.id, text="a", blocks=blocks)
    assert all(block["block_id"] for block in posted["message"]["blocks"])
    cleared = await place.web.chat_update(channel=place.desk.id, ts=posted["ts"], text="only words")
    assert "blocks" not in cleared["message"]


async def test_reactions(place: Place) -> None:
    """A reaction twice, or one that is not there, is refused."""
    said, web, desk = place.world.say(place.ann, place.desk, "hi"), place.web, place.desk.id
    await web.reactions_add(channel=desk, timestamp=said["ts"], name="eyes")
    assert await refused(web.reactions_add(channel=desk, timestamp=said["ts"], name="eyes")) == "already_reacted"
    got = await web.reactions_get(channel=desk, timestamp=said["ts"])
    assert got["message"]["reactions"] == [{"name": "eyes", "users": [place.hub.bot.id], "count": 1}]
    await web.reactions_remove(channel=desk, timestamp=said["ts"], name="eyes")
    assert await refused(web.reactions_remove(channel=desk, timestamp=said["ts"], name="eyes")) == "no_reaction"
    assert place.world.reactions(place.desk, said["ts"]) == {}


async def test_direct_messages(place: Place) -> None:
    """A direct channel is opened once, and a person's id stands for it."""
    web = place.web
    opened = (await web.conversations_open(users=[place.ann.id]))["channel"]["id"]
    assert (await web.conversations_open(users=place.ann.id))["channel"]["id"] == opened
    posted = await web.chat_postMessage(channel=place.ann.id, text="psst")
    assert posted["channel"] == opened
    assert [m["text"] for m in place.world.private(place.ann, place.app)] == ["psst"]
    assert await refused(web.conversations_open(users="U0NONE")) == "user_not_found"
    assert (await web.conversations_info(channel=opened))["channel"]["user"] == place.ann.id


async def test_only_one_person_sees_an_ephemeral_message(place: Place) -> None:
    """It stands in no history, and cannot be changed by its stamp."""
    web, desk = place.web, place.desk.id
    told = await web.chat_postEphemeral(channel=desk, user=place.ann.id, text="for you")
    assert [m["text"] for m in place.world.ephemerals(place.ann)] == ["for you"]
    assert place.world.ephemerals(place.bob) == []
    assert place.world.history(place.desk) == []
    assert await refused(web.chat_update(channel=desk, ts=told["message_ts"], text="b")) == "message_not_found"
    eve = place.world.add_user(place.team, "Eve")
    assert await refused(web.chat_postEphemeral(channel=desk, user=eve.id, text="a")) == "user_not_in_channel"


async def test_files_go_up_and_come_down(place: Place) -> None:
    """A file is put, completed and shared; only its reader's token brings the content, all others a page to sign in."""
    web = place.web
    await web.files_upload_v2(channel=place.desk.id, filename="a.txt", content="words", initial_comment="see")
    (message,) = place.world.history(place.desk)
    assert message["text"] == "see"
    told = (await web.files_info(file=message["files"][0]["id"]))["file"]
    assert told["shares"]["public"][place.desk.id][0]["ts"] == message["ts"]
    bearer = {"Authorization": f"Bearer {place.hub.token}"}
    async with place.http.get(told["url_private_download"], headers=bearer) as response:
        assert await response.read() == b"words"
    async with place.http.get(told["url_private_download"]) as response:
        assert response.status == 200
        assert response.content_type == "text/html"
    await web.files_delete(file=told["id"])
    assert await refused(web.files_info(file=told["id"])) == "file_deleted"


async def test_a_file_that_was_never_put_cannot_be_completed(place: Place) -> None:
    """Announcing is not uploading."""
    told = await place.web.files_getUploadURLExternal(filename="a.txt", length=5)
    files = [{"id": told["file_id"]}]
    assert await refused(place.web.files_completeUploadExternal(files=files)) == "file_not_found"
    async with place.http.post(told["upload_url"], data=b"four") as response:
        assert response.status == 400


async def test_rates_are_limited_by_channel_and_tell_when_to_come_back() -> None:
    """A refused post is not done, not counted, and another channel is not touched."""
    world = SlackStandIn(Limits(burst=2, window_scale=0.2))
    team, app = world.add_team("Acme"), world.add_app()
    hub, ann = world.install(app, team), world.add_user(team, "Ann")
    desk, other = world.add_channel(team, "desk", [ann, app]), world.add_channel(team, "other", [ann, app])
    server = await serve(world)
    web = AsyncWebClient(hub.token, base_url=server.api, retry_handlers=[])
    for _ in range(2):
        await web.chat_postMessage(channel=desk.id, text="a")
    with pytest.raises(SlackApiError) as caught:
        await web.chat_postMessage(channel=desk.id, text="a")
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers["Retry-After"] == "1"
    await web.chat_postMessage(channel=other.id, text="a")
    assert len(world.history(desk)) == 2
    assert world.provoked_429 == 1
    await server.close()


async def test_arguments_come_by_query_form_and_json(place: Place) -> None:
    """The client uses all three; a body that is no object is refused."""
    api, bearer = place.server.api, {"Authorization": f"Bearer {place.hub.token}"}
    fields = {"channel": place.desk.id, "text": "a"}
    for how in ({"params": fields}, {"data": fields}, {"json": fields}):
        async with place.http.post(f"{api}chat.postMessage", headers=bearer, **how) as response:
            assert (await response.json())["ok"]
    async with place.http.post(f"{api}chat.postMessage", headers=bearer, json=[1]) as response:
        assert (await response.json())["error"] == "json_not_object"
    async with place.http.post(f"{api}no.such", headers=bearer) as response:
        assert (await response.json()) == {"ok": False, "error": "unknown_method", "req_method": "no.such"}
    assert len(place.world.calls_of("chat.postMessage", place.desk)) == 3
    assert place.hub.token not in repr(place.world.calls)


JUNK: list[Any] = [
    0,
    1.5,
    True,
    [],
    {},
    [1],
    [None],
    "",
    "x",
    [{"type": ["x"]}],
    [{"type": "actions", "elements": [1]}],
]
JUNK += [[{"type": "section", "fields": 5}], [{"type": "rich_text", "elements": [1]}], {"type": "modal", "title": 1}]
JUNK += [{"type": "home", "blocks": [{"type": "section", "text": 1}]}, [{"id": 1}], "[", "9" * 400, "1.0"]


@pytest.mark.parametrize("method", sorted(METHODS.keys() - {"auth.revoke", "apps.uninstall", "conversations.leave"}))
async def test_no_argument_breaks_the_stand_in(place: Place, method: str) -> None:
    """Whatever is asked, it is done or refused in words of the network's."""
    right = {"channel": place.desk.id, "user": place.ann.id, "user_id": place.ann.id, "text": "a"}
    token = place.app.app_token if METHODS[method].caller == "app" else place.hub.token
    bearer = {"Authorization": f"Bearer {token}"}
    for name in sorted(METHODS[method].known):
        for junk in JUNK:
            fields = {k: v for k, v in right.items() if k in METHODS[method].known} | {name: junk}
            async with place.http.post(f"{place.server.api}{method}", headers=bearer, json=fields) as response:
                assert (await response.json()).get("error") != "internal_error", fields


async def test_a_post_may_fall_out_of_a_thread_that_is_lost(place: Place) -> None:
    """Slack does not always refuse: what was posted then stands in the channel, and its answer names no thread."""
    place.world.loose_threads = True
    posted = await place.web.chat_postMessage(channel=place.desk.id, text="a", thread_ts="1.000000")
    assert "thread_ts" not in posted["message"]
