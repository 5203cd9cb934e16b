"""Events over signed posts: their shapes, their retries, who is told and who is not."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from slack_sdk.signature import SignatureVerifier

from tests.sandbox.slack.place import Hook, Place


async def test_what_is_posted_is_signed_over_its_raw_bytes(place: Place, hook: Hook) -> None:
    """The SDK's own verifier accepts each request, and refuses it with one byte changed."""
    place.world.say(place.ann, place.desk, "héllo")
    await place.world.settled()
    verifier = SignatureVerifier(place.app.signing_secret)
    for posted in hook.got:
        assert verifier.is_valid_request(posted.body, posted.headers)
        assert not verifier.is_valid_request(posted.body + b" ", posted.headers)


async def test_an_address_that_does_not_take_the_challenge_is_not_set(place: Place, hook: Hook) -> None:
    """As on the app's settings page."""
    with pytest.raises(ValueError, match="did not respond"):
        await place.world.set_request_url(place.app, hook.url + "/nowhere")
    assert place.app.request_url == hook.url


async def test_a_message_is_told_as_the_network_tells_it(place: Place, hook: Hook) -> None:
    """Escaped words, rich text, client_msg_id, channel_type; the envelope names the installation."""
    said = place.world.say(place.ann, place.desk, "a < b & *bold* https://x.example/y 👍")
    await place.world.settled()
    envelope = msgspec.json.decode(hook.got[-1].body)
    assert envelope["authorizations"][0]["user_id"] == place.hub.bot.id
    assert (envelope["team_id"], envelope["api_app_id"]) == (place.team.id, place.app.id)
    (event,) = hook.events("message")
    assert event["text"] == "a &lt; b &amp; *bold* <https://x.example/y> :+1:"
    assert event["channel_type"] == "channel"
    assert event["client_msg_id"] == said["client_msg_id"]
    assert event["ts"] == event["event_ts"] == said["ts"]
    kinds = [e["type"] for e in event["blocks"][0]["elements"][0]["elements"]]
    assert kinds == ["text", "text", "text", "link", "text", "emoji"]


async def test_a_mention_is_told_twice(place: Place, hook: Hook) -> None:
    """Two events with ids of their own and one channel and stamp between them."""
    said = place.world.mention(place.ann, place.desk, place.app, "help")
    await place.world.settled()
    message, mention = hook.events()
    assert (message["type"], mention["type"]) == ("message", "app_mention")
    assert message["ts"] == mention["ts"] == said["ts"]
    ids = [msgspec.json.decode(p.body)["event_id"] for p in hook.got[-2:]]
    assert ids[0] != ids[1]


async def test_changes_and_removals_are_told(place: Place, hook: Hook) -> None:
    """With what was before; a message with replies leaves a tombstone."""
    world, desk = place.world, place.desk
    said = world.say(place.ann, desk, "one")
    world.edit(place.ann, desk, said["ts"], "two")
    world.say(place.bob, desk, "reply", thread=said["ts"])
    world.delete(place.ann, desk, said["ts"])
    other = world.say(place.ann, desk, "gone soon")
    world.delete(place.ann, desk, other["ts"])
    await world.settled()
    told = hook.events("message")
    assert [e.get("subtype") for e in told] == [
        None,
        "message_changed",
        None,
        "message_changed",
        None,
        "message_deleted",
    ]
    assert (told[1]["previous_message"]["text"], told[1]["message"]["text"]) == ("one", "two")
    assert told[1]["message"]["edited"]["user"] == place.ann.id
    assert told[2]["thread_ts"] == said["ts"]
    assert told[3]["message"]["subtype"] == "tombstone"
    assert told[5]["deleted_ts"] == other["ts"]
    assert told[5]["previous_message"]["text"] == "gone soon"


async def test_files_and_reactions_are_told(place: Place, hook: Hook) -> None:
    """A file comes within a message of subtype file_share."""
    sent = place.world.upload(place.ann, place.desk, b"\x89PNG", "a.png", text="look")
    place.world.react(place.bob, place.desk, sent["ts"], "eyes")
    place.world.unreact(place.bob, place.desk, sent["ts"], "eyes")
    await place.world.settled()
    message, added, removed = hook.events()
    assert message["subtype"] == "file_share"
    assert message["files"][0]["mimetype"] == "image/png"
    assert (added["reaction"], added["item"]["ts"], added["item_user"]) == ("eyes", sent["ts"], place.ann.id)
    assert removed["type"] == "reaction_removed"


async def test_an_app_hears_only_where_it_is_and_what_it_asked_for(place: Place, hook: Hook) -> None:
    """Not of channels that it is not in, not without the right, not what it did not subscribe to."""
    world = place.world
    world.say(place.ann, world.add_channel(place.team, "other", [place.ann]), "a")
    place.hub.scopes.discard("channels:history")
    world.say(place.ann, place.desk, "b")
    place.app.events.discard("message.im")
    world.say(place.ann, place.app, "c")
    await world.settled()
    assert hook.events() == []


async def test_events_are_tried_again_with_number_and_reason(place: Place, hook: Hook) -> None:
    """The same bytes, three times more at most, then given up."""
    hook.answers += [(500, b"", {})] * 4
    place.world.say(place.ann, place.desk, "hi")
    await place.world.settled()
    tries = hook.got[1:]
    assert [t.headers.get("x-slack-retry-num") for t in tries] == [None, "1", "2", "3"]
    assert {t.headers.get("x-slack-retry-reason") for t in tries[1:]} == {"http_error"}
    assert len({t.body for t in tries}) == 1
    assert len(place.world.alerts) == 1


async def test_an_app_may_ask_for_no_more_tries(place: Place, hook: Hook) -> None:
    """X-Slack-No-Retry with an error ends it."""
    hook.answers.append((500, b"", {"X-Slack-No-Retry": "1"}))
    place.world.say(place.ann, place.desk, "hi")
    await place.world.settled()
    assert len(hook.events()) == 1


async def test_a_retry_holds_nothing_up(place: Place, hook: Hook) -> None:
    """Later messages of the channel overtake one that failed."""
    hook.answers.append((500, b"", {}))
    for text in ("one", "two"):
        place.world.say(place.ann, place.desk, text)
    await place.world.settled()
    texts = [e["text"] for e in hook.events("message")]
    assert texts[0] == "one"
    assert sorted(texts) == ["one", "one", "two"]


async def test_events_come_again_doubled_and_disordered_on_demand(place: Place, hook: Hook) -> None:
    """The faults that a receiver has to bear."""
    world = place.world
    world.duplicate(place.app)
    world.say(place.ann, place.desk, "twice")
    await world.settled()
    id = world.events_of(place.app, "message")[0]["event_id"]
    world.redeliver(place.app, id)
    await world.settled()
    assert len({p.body for p in hook.got[1:]}) == 1
    assert len(hook.got[1:]) == 3
    world.reorder(place.app, 3)
    for text in ("1", "2", "3"):
        world.say(place.ann, place.desk, text)
    await world.settled()
    assert [e["text"] for e in hook.events("message")][3:] == ["3", "2", "1"]


async def test_people_of_another_workspace_are_told_as_such(place: Place, hook: Hook) -> None:
    """Slack Connect: their team, a profile, a partial user; their files must be asked for."""
    world = place.world
    north = world.add_team("North")
    zoe = world.add_user(north, "Zoe Poe")
    world.share(place.desk, north, [zoe])
    said = world.say(zoe, place.desk, "hi")
    world.upload(zoe, place.desk, b"x", "x.txt")
    await world.settled()
    message, upload = hook.events("message")
    assert message["user_team"] == message["team"] == north.id
    assert msgspec.json.decode(hook.got[-1].body)["is_ext_shared_channel"] is True
    assert upload["files"][0]["file_access"] == "check_file_info"
    told = (await place.web.files_info(file=upload["files"][0]["id"]))["file"]
    assert told["name"] == "x.txt"
    user = (await place.web.users_info(user=zoe.id))["user"]
    assert (user["is_stranger"], user["team_id"]) == (True, north.id)
    info = (await place.web.conversations_info(channel=place.desk.id))["channel"]
    assert info["is_ext_shared"] is True
    with pytest.raises(ValueError, match="not a valid command"):
        world.slash(zoe, place.desk, "/hub", "help")
    world.unshare(place.desk, north)
    with pytest.raises(ValueError, match="is not in"):
        world.say(zoe, place.desk, "still here?")
    assert said["ts"] in [m["ts"] for m in world.history(place.desk)]


async def test_an_app_that_is_taken_out_is_told_and_its_token_dies(place: Place, hook: Hook) -> None:
    """Both events come; after an installation anew there is another token, and the bot must be invited again."""
    world, old = place.world, place.hub.token
    world.uninstall(place.app, place.team)
    world.say(place.ann, place.desk, "anybody?")
    await world.settled()
    assert [e["type"] for e in hook.events()] == ["tokens_revoked", "app_uninstalled"]
    assert (await place.http.post(f"{place.server.api}auth.test", data={"token": old})).status == 200
    from slack_sdk.errors import SlackApiError

    with pytest.raises(SlackApiError, match="account_inactive"):
        await place.web.auth_test()
    assert world.install(place.app, place.team).token != old
    with pytest.raises(SlackApiError, match="account_inactive"):
        await place.web.auth_test()
    again = place.client(place.hub.token)
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await again.chat_postMessage(channel=place.desk.id, text="back")


async def test_many_people_at_once(place: Place, hook: Hook) -> None:
    """Everything arrives, in the order of its channel."""
    for n in range(100):
        place.world.say(place.ann if n % 2 else place.bob, place.desk, str(n))
    await place.world.settled()
    await asyncio.sleep(0)
    assert [int(e["text"]) for e in hook.events("message")] == list(range(100))
