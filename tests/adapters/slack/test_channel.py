"""What comes in from the stand-in: who says what to the app, where, and what of it is for the hub."""

from __future__ import annotations

import json
import time

import pytest

from hub.adapters.slack import ids
from hub.adapters.slack.signature import HEADER, STAMP_HEADER, sign
from hub.domain.incoming import Deleted, Edited, Ignored, Incoming, Lost, Person, Postback, Reacted, Said
from hub.domain.models import Media
from hub.domain.ports import (
    Choice,
    Deletes,
    Edits,
    FetchesMedia,
    Greets,
    Instructs,
    Listens,
    Outgoing,
    Profiles,
    Reacts,
)
from hub.domain.text import Text
from hub.errors import ChannelDead, Gone, NotGenuine, TemporaryFailure
from tests.adapters.slack.wire import SlackWire, fields
from tests.adapters.wire import words


def only(wire: SlackWire) -> Incoming:
    """The one thing that the newest body says."""
    (found,) = wire.read()
    return found


def said(wire: SlackWire) -> Said:
    found = only(wire)
    assert isinstance(found, Said), found
    return found


def ignored(wire: SlackWire) -> str:
    found = only(wire)
    assert isinstance(found, Ignored), found
    return found.reason


async def test_fulfils_what_it_can(slack: SlackWire) -> None:
    """What the network can do is offered, and nothing else: without an app-level token it does not listen."""
    for protocol in (Edits, Deletes, Reacts, Profiles, FetchesMedia, Greets, Instructs):
        assert isinstance(slack.channel, protocol)
    assert not isinstance(slack.channel, Listens)


# -- where it counts -------------------------------------------------------------------------------------------------


async def test_a_mention_counts_once(slack: SlackWire) -> None:
    """A mention is told twice; both tell the same message by the same contact, without the call by name."""
    slack.net.mention(slack.bob, slack.lobby, slack.app, "where is *my* order?")
    twins = [slack.channel.translate(body)[0] for body in slack.net.notices_of(slack.app)[-2:]]
    assert {fields(body)["type"] for body in slack.net.notices_of(slack.app)[-2:]} == {"message", "app_mention"}
    assert all(isinstance(twin, Said) for twin in twins)
    assert len({(t.external_id, t.address, t.text, t.at) for t in twins if isinstance(t, Said)}) == 1
    assert said(slack).text.plain == "where is my order?"
    assert said(slack).address == f"{slack.other.id}:{slack.bob.id}"
    assert len({slack.channel.update_id(body) for body in slack.net.notices_of(slack.app)[-2:]}) == 2


async def test_somebody_from_elsewhere_is_named(slack: SlackWire) -> None:
    """Of people of other workspaces the message itself says who they are."""
    slack.net.mention(slack.bob, slack.lobby, slack.app, "hello")
    assert said(slack).person.first_name == "Bob"


async def test_talk_among_others_is_left_alone(slack: SlackWire) -> None:
    """What in a channel neither names the app nor answers it is none of the hub's business; what others say in a
    thread is told with what it answers, for it counts if that does.
    """
    root = slack.net.say(slack.bob, slack.lobby, "shall we have lunch?")
    assert "neither names the app" in ignored(slack)
    slack.net.say(slack.ann, slack.lobby, "yes", thread=root["ts"])
    assert said(slack).overheard
    assert said(slack).reply_to == slack.named(root, slack.lobby)


async def test_an_exchange_goes_on_in_its_thread(slack: SlackWire) -> None:
    """Who opened a thread by a mention goes on there without one; the reply says what it answers."""
    root = slack.net.mention(slack.bob, slack.lobby, slack.app, "hello")
    slack.net.say(slack.bob, slack.lobby, "are you there?", thread=root["ts"])
    assert said(slack).external_id == f"{slack.lobby.id}:{said(slack).external_id.split(':')[1]}"
    assert said(slack).external_id.endswith(f"|{root['ts']}")
    assert said(slack).reply_to == f"{slack.lobby.id}:{root['ts']}"


async def test_replies_to_the_app_count_whoever_writes_them(slack: SlackWire) -> None:
    """In a thread that the app opened every reply is for it."""
    place = await slack.channel.send(slack.address, words("x", slack.named({"ts": "1.000001"}, slack.lobby)))
    root = ids.message_of(place.externals[0])
    assert root is not None
    slack.net.say(slack.bob, slack.lobby, "thanks", thread=root.stamp)
    assert said(slack).reply_to == place.externals[0]


async def test_direct_threads_are_replies(slack: SlackWire) -> None:
    """A reply in a thread of the private chat names the message that it answers."""
    sent = await slack.channel.send(slack.address, words("question?"))
    root = ids.message_of(sent.externals[0])
    assert root is not None
    slack.net.say(slack.ann, slack.app, "answer", thread=root.stamp)
    assert said(slack).reply_to == sent.externals[0]


async def test_own_and_other_bots_messages_are_dropped(slack: SlackWire) -> None:
    """What the hub itself or another program posts is not taken for a contact's words."""
    await slack.channel.send(slack.address, words("from us"))
    assert "own" in ignored(slack)
    helper = slack.net.add_app("Helper")
    slack.net.install(helper, slack.team)
    slack.net.invite(slack.lobby, helper)
    robot = helper.installations[slack.team.id]
    slack.net.say(robot.bot, slack.lobby, f"<@{slack.shop.bot.id}> beep", bot_id=robot.bot.bot_id)
    assert "bot" in ignored(slack)


async def test_comings_and_goings_are_ignored(slack: SlackWire) -> None:
    """Who joins, leaves or renames is of no concern, and it is said why."""
    guest = slack.net.add_user(slack.team, "Cid")
    slack.net.join(slack.lobby, guest)
    assert "joined" in ignored(slack)
    slack.net.rename(slack.lobby, "hall")
    assert "renamed" in ignored(slack)
    slack.net.archive(slack.lobby)
    assert "archived" in ignored(slack)


# -- what becomes of messages ----------------------------------------------------------------------------------------


async def test_changes_of_words_are_told_and_others_not(slack: SlackWire) -> None:
    """A contact's edit is one; a link's preview and the hub's own edit are told as well, and are none."""
    message = slack.net.say(slack.ann, slack.app, "see https://example.com")
    place = slack.net.direct(slack.shop, slack.ann)
    slack.net.unfurl(place, message["ts"], "https://example.com")
    assert "preview" in ignored(slack)
    slack.net.edit(slack.ann, slack.app, message["ts"], "see *this*")
    changed = only(slack)
    assert isinstance(changed, Edited)
    assert (changed.text.plain, changed.external_id) == ("see this", slack.named(message))
    sent = await slack.channel.send(slack.address, words("before"))
    await slack.channel.edit(slack.address, sent.externals, Text("after"), caption=False)
    assert "own" in ignored(slack)


async def test_a_mention_that_is_edited_in_or_out_counts(slack: SlackWire) -> None:
    """A message that names the app now, or did before, is one for the hub."""
    message = slack.net.say(slack.bob, slack.lobby, "hello")
    slack.net.edit(slack.bob, slack.lobby, message["ts"], f"<@{slack.shop.bot.id}> hello")
    assert isinstance(only(slack), Edited)
    slack.net.edit(slack.bob, slack.lobby, message["ts"], "never mind")
    assert isinstance(only(slack), Edited)
    slack.net.edit(slack.bob, slack.lobby, message["ts"], "lunch?")
    assert isinstance(only(slack), Ignored)


async def test_messages_taken_back(slack: SlackWire) -> None:
    """Also one with replies, of which the network leaves a tombstone, and one whose file is deleted."""
    message = slack.net.say(slack.ann, slack.app, "oops")
    slack.net.delete(slack.ann, slack.app, message["ts"])
    gone = only(slack)
    assert isinstance(gone, Deleted)
    assert (gone.external_id, gone.address) == (slack.named(message), slack.address)
    root = slack.net.mention(slack.bob, slack.lobby, slack.app, "hello")
    slack.net.say(slack.bob, slack.lobby, "more", thread=root["ts"])
    slack.net.delete(slack.bob, slack.lobby, root["ts"])
    gone = only(slack)
    assert isinstance(gone, Deleted)
    assert gone.external_id == slack.named({"ts": root["ts"]}, slack.lobby)


async def test_reactions_come_and_go(slack: SlackWire) -> None:
    """By their emoji; one of the workspace's own by what stands for it; the hub's own are dropped."""
    sent = await slack.channel.send(slack.address, words("done"))
    message = ids.message_of(sent.externals[0])
    assert message is not None
    slack.net.react(slack.ann, slack.app, message.stamp, "thumbsup::skin-tone-3")
    put = only(slack)
    assert isinstance(put, Reacted)
    assert (put.external_id, put.address, put.emojis) == (sent.externals[0], slack.address, ("👍",))
    assert put.change == "put"
    slack.net.unreact(slack.ann, slack.app, message.stamp, "thumbsup::skin-tone-3")
    taken = only(slack)
    assert isinstance(taken, Reacted)
    assert (taken.emojis, taken.change) == (("👍",), "taken")
    slack.net.react(slack.ann, slack.app, message.stamp, "shipit_acme")
    own = only(slack)
    assert isinstance(own, Reacted)
    assert own.emojis == ("👾",)
    await slack.channel.react(slack.address, sent.externals[0], "🎉")
    assert "own" in ignored(slack)


async def test_a_press_comes_back(slack: SlackWire) -> None:
    """A choice's value and words; an answer to a press in a channel goes into the thread of the button's message."""
    asked = Outgoing(text=Text("Which?"), choices=(Choice("Red & white", "r"), Choice("Blue", "b")))
    await slack.channel.send(slack.address, asked)
    (message,) = slack.messages()
    slack.net.press(slack.ann, slack.app, message["ts"], "Red & white")
    press = only(slack)
    assert isinstance(press, Postback)
    assert (press.payload, press.title, press.address) == ("r", "Red & white", slack.address)
    assert slack.channel.update_id(slack.last()) != ""
    root = slack.net.mention(slack.bob, slack.lobby, slack.app, "hello")
    message_name = slack.named({"ts": root["ts"]}, slack.lobby)
    await slack.channel.send(
        ids.address(slack.other.id, slack.bob.id),
        Outgoing(text=Text("?"), choices=asked.choices, reply_to=message_name),
    )
    (question,) = slack.thread(root["ts"])
    slack.net.press(slack.bob, slack.lobby, question["ts"], "Blue")
    press = only(slack)
    assert isinstance(press, Postback)
    await slack.channel.send(press.address, words("Blue it is", press.external_id))
    assert [m["text"] for m in slack.thread(root["ts"])] == ["?", "Blue it is"]


async def test_what_a_desk_asks_is_not_for_contacts(slack: SlackWire) -> None:
    """Slash commands and buttons of other kinds are for whoever sent them."""
    slack.net.slash(slack.ann, slack.app, "/hub", "help")
    assert "command" in ignored(slack)


async def test_being_shut_out_is_known(slack: SlackWire) -> None:
    """Uninstalling, and revoking the app's token: each is the end of the channel, said with what would mend it."""
    slack.net.uninstall(slack.app, slack.team)
    for body in slack.net.notices_of(slack.app)[-2:]:
        (lost,) = slack.channel.translate(body)
        assert isinstance(lost, Lost)
        assert "install" in lost.reason


# -- genuine or not --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [-301, 301, 10**9])
async def test_old_and_future_calls_are_refused(slack: SlackWire, age: int) -> None:
    """A call that somebody recorded is worth nothing after five minutes."""
    stamp, body = str(int(time.time()) - age), slack.incoming("hello")
    with pytest.raises(NotGenuine):
        slack.channel.verify({STAMP_HEADER: stamp, HEADER: sign(body, slack.app.signing_secret, stamp)}, body)


@pytest.mark.parametrize("stamp", ["", "now", "1e9", "²", "-1", " 1", "9" * 400, "\ud800"])
async def test_odd_times_are_refused(slack: SlackWire, stamp: str) -> None:
    """A time that is none is a forgery, not a fault of ours."""
    body = slack.incoming("hello")
    with pytest.raises(NotGenuine):
        slack.channel.verify({STAMP_HEADER: stamp, HEADER: "v0=" + "0" * 64}, body)


async def test_the_handshake_is_answered(slack: SlackWire) -> None:
    """The challenge is repeated; a look at the certificate gets an empty answer; all else is no handshake."""
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"}).encode()
    assert slack.channel.greet({}, body) == "abc"
    assert slack.channel.greet({}, b"ssl_check=1&token=t") == ""
    assert slack.channel.greet({"ssl_check": "1"}, b"") == ""
    for other in (slack.incoming("url_verification"), b"", b"\xff", b'{"url_verification"', b'["url_verification"]'):
        assert slack.channel.greet({}, other) is None


# -- who, and what they send -----------------------------------------------------------------------------------------


async def test_profiles(slack: SlackWire) -> None:
    """Names and language, as far as the network tells; nobody is no error."""
    cleo = slack.net.add_user(slack.team, "Cleo de Jong", locale="nl-NL")
    person = await slack.channel.profile(ids.address(slack.team.id, cleo.id))
    assert (person.language, person.username) == ("nl", "cleo.de.jong")
    assert f"{person.first_name} {person.last_name}".strip() == "Cleo de Jong"
    assert (await slack.channel.profile(ids.address(slack.other.id, slack.bob.id))).first_name
    assert await slack.channel.profile(ids.address(slack.team.id, "U0NOBODY00")) == Person()
    slack.revoke()
    with pytest.raises(ChannelDead):
        await slack.channel.profile(slack.address)


async def fetched(wire: SlackWire, media: Media) -> bytes:
    return b"".join([chunk async for chunk in wire.channel.fetch(media)])


def media_of(wire: SlackWire) -> Media:
    (media,) = said(wire).attachments
    assert isinstance(media, Media)
    return media


async def test_files_are_fetched(slack: SlackWire) -> None:
    """With the app's token, in full, by what they are; also one from elsewhere of which only an id is told."""
    content = bytes(range(256)) * 4000
    slack.net.upload(slack.ann, slack.app, content, "photo.png", text="look")
    media = media_of(slack)
    assert (media.kind, media.name, media.mime, media.size) == ("image", "photo.png", "image/png", len(content))
    assert said(slack).text.plain == "look"
    assert await fetched(slack, media) == content
    slack.net.upload(slack.bob, slack.lobby, b"voice", "v.m4a", text=f"<@{slack.shop.bot.id}>", subtype="slack_audio")
    assert await fetched(slack, media_of(slack)) == b"voice"


async def test_several_files_come_in_one_message(slack: SlackWire) -> None:
    """All of them are attachments of it, each of its kind."""
    items = [{"data": b"a", "name": "a.gif"}, {"data": b"b", "name": "b.mp4"}, {"data": b"c", "name": "c.pdf"}]
    slack.net.upload_many(slack.ann, slack.app, items)
    assert [a.kind for a in said(slack).attachments] == ["animation", "video", "file"]


async def test_files_that_cannot_be_had(slack: SlackWire) -> None:
    """Deleted, not allowed, revoked, broken off: each is told apart; nothing is fetched outside the network."""
    slack.net.upload(slack.ann, slack.app, b"x" * 100_000, "a.bin")
    media = media_of(slack)
    slack.net.drop_answer("download")
    with pytest.raises(TemporaryFailure):
        await fetched(slack, media)
    slack.net.fail("download", status=503)
    with pytest.raises(TemporaryFailure):
        await fetched(slack, media)
    for foreign in (
        "http://169.254.169.254/",
        "https://slack.com.evil.example/x",
        "https://evil.example/slack.com/",
        "x",
    ):
        with pytest.raises(Gone, match="does not lead to Slack"):
            await fetched(slack, Media(kind="file", source=f"{foreign}|F0FOREIGN0"))
    slack.net.limit_scopes(slack.shop, "chat:write")
    with pytest.raises(Exception, match="files:read"):
        await fetched(slack, media)
    slack.revoke()
    with pytest.raises(ChannelDead):
        await fetched(slack, media)


async def test_deleted_files_are_gone(slack: SlackWire) -> None:
    """Said as such: trying again would not help."""
    message = slack.net.upload(slack.ann, slack.app, b"x", "a.bin")
    media = media_of(slack)
    slack.net.delete(slack.ann, slack.app, message["ts"])
    with pytest.raises(Gone):
        await fetched(slack, media)
    with pytest.raises(Gone):
        await fetched(slack, Media(kind="file", source="F0NOTHING0"))
