"""What leaves for contacts: where it goes, how it looks there, and what happens where the network fails."""

from __future__ import annotations

import html

import pytest

from hub.adapters.slack import ids
from hub.adapters.slack.errors import delivery_error
from hub.adapters.slack.reading import Naming, read
from hub.domain.ids import Address, ExternalId
from hub.domain.models import Link, Location, Media, Poll, SharedContact
from hub.domain.ports import Choice, Outgoing
from hub.domain.text import Span, Text
from hub.errors import (
    Blocked,
    ChannelDead,
    DeliveryError,
    Gone,
    TemporaryFailure,
    TooLarge,
    Uncertain,
    Undeliverable,
)
from tests.adapters.slack.wire import SlackWire, slack_wire
from tests.adapters.wire import album, file, files, words


async def failed(wire: SlackWire, message: Outgoing | None = None) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await wire.channel.send(wire.address, message or words("hello"))
    assert wire.secret not in repr(caught.value)
    return caught.value


# -- where it goes ---------------------------------------------------------------------------------------------------


async def test_an_answer_stands_where_the_question_does(slack: SlackWire) -> None:
    """In the private chat, or in its thread; in a channel always in a thread, which the answer opens if need be."""
    plain = slack.net.say(slack.ann, slack.app, "question")
    await slack.channel.send(slack.address, words("answer", slack.named(plain)))
    assert slack.messages()[-1].get("thread_ts") is None
    below = slack.net.say(slack.ann, slack.app, "another", thread=plain["ts"])
    await slack.channel.send(slack.address, words("there", slack.named(below)))
    assert slack.messages()[-1]["thread_ts"] == plain["ts"]
    root = slack.net.mention(slack.bob, slack.lobby, slack.app, "hello")
    bob = ids.address(slack.other.id, slack.bob.id)
    await slack.channel.send(bob, words("one", slack.named({"ts": root["ts"]}, slack.lobby)))
    reply = slack.net.say(slack.bob, slack.lobby, "go on", thread=root["ts"])
    sent = await slack.channel.send(bob, words("two", slack.named(reply, slack.lobby)))
    assert [m["text"] for m in slack.thread(root["ts"])] == ["one", "two"]
    assert sent.externals[0].endswith(f"|{root['ts']}")


async def test_who_wrote_in_private_is_answered_without_another_call(slack: SlackWire) -> None:
    """The chat is known from the message; else it is opened once."""
    message = slack.net.say(slack.ann, slack.app, "question")
    await slack.channel.send(slack.address, words("answer", slack.named(message)))
    assert slack.net.calls_of("conversations.open") == []
    await slack.channel.send(slack.address, words("one"))
    await slack.channel.send(slack.address, words("two"))
    assert len(slack.net.calls_of("conversations.open")) == 1


async def test_a_thread_that_is_gone_does_not_hold_the_answer_up(slack: SlackWire) -> None:
    """It goes where the thread was."""
    name = ids.external(slack.lobby.id, "1700000000.000100", "1600000000.000100")
    for message in (words("words", name), Outgoing(media=(file("file", b"x", "file"),), reply_to=name)):
        await slack.channel.send(slack.address, message)
    assert [m["text"] for m in slack.net.history(slack.lobby)] == ["words", "file"]


@pytest.mark.parametrize("odd", ["", "7", "T1", "T123:", ":U123", "T123:u1", "T123:U123\n", "../api"])
async def test_other_addresses_are_nobodys(slack: SlackWire, odd: str) -> None:
    """What no Slack contact is called leads nowhere, and to no call."""
    before = len(slack.net.calls)
    with pytest.raises(Gone):
        await slack.channel.send(Address(odd), words("hello"))
    with pytest.raises(Gone):
        await slack.channel.profile(Address(odd))
    assert len(slack.net.calls) == before


# -- how it looks ----------------------------------------------------------------------------------------------------


async def test_formatting_arrives(slack: SlackWire) -> None:
    """Formatted words go as rich text, with markup beside it in which exactly three signs are escaped."""
    text = Text(
        "bold & <link>\nquote", (Span(0, 4, "bold"), Span(7, 13, "link", "https://example.com"), Span(14, 19, "quote"))
    )
    await slack.channel.send(slack.address, Outgoing(text=text))
    (message,) = slack.messages()
    assert message["text"] == "*bold* &amp; <https://example.com|&lt;link&gt;>\n> quote"
    assert read("", message["blocks"], Naming()) == text


async def test_nobody_is_called(slack: SlackWire) -> None:
    """Words that would call people stay words, and a colleague's mention does too."""
    text = Text("<!channel> @here <@U123> ask @bob", (Span(29, 33, "mention", "slack:T1:U1"),))
    await slack.channel.send(slack.address, Outgoing(text=text))
    (message,) = slack.messages()
    assert message["text"] == "&lt;!channel&gt; @here &lt;@U123&gt; ask @bob"
    assert "blocks" not in message


async def test_literal_marks_stay(slack: SlackWire) -> None:
    """Stars, backticks and names of emojis that somebody typed are not taken for markup."""
    plain = "a *b* `c` ~d~ _e_ :tada:\n> f"
    await slack.channel.send(slack.address, words(plain))
    (message,) = slack.messages()
    assert read("", message["blocks"], Naming()).plain == plain
    await slack.channel.send(slack.address, files(file("file", b"x", "*b*")))
    with_file, below = slack.messages()[1:]
    assert (with_file["text"], read("", below["blocks"], Naming()).plain) == ("", "*b*")


async def test_long_words_are_split_whole(slack: SlackWire) -> None:
    """Ten thousand characters, with formatting across the breaks and much to escape: every part fits, none is lost."""
    plain = "שלום & <b> 👍🏽 " * 800
    text = Text(plain, (Span(0, len(plain), "bold"), Span(3000, 9000, "link", "https://example.com/" + "x" * 500)))
    sent = await slack.channel.send(slack.address, Outgoing(text=text))
    messages = slack.messages()
    assert len(sent.externals) == len(messages) > 2
    read_back = [read("", m["blocks"], Naming()) for m in messages]
    assert "".join(t.plain for t in read_back) == plain
    assert all(len(m["text"].encode("utf-16-le")) // 2 <= slack.channel.capabilities.text_limit for m in messages)
    assert all(any(s.kind == "bold" for s in t.spans) for t in read_back)


async def test_cards_go_as_words(slack: SlackWire) -> None:
    """Locations, contacts, polls and links are told."""
    others = (
        Location(kind="venue", latitude=52.5, longitude=13.4, title="Shop", street="Main 1"),
        SharedContact(name="Bob", phone="+491"),
        Poll(question="Tea?", options=("yes", "no")),
        Link(url="https://example.com", title="Here"),
    )
    await slack.channel.send(slack.address, Outgoing(others=others))
    assert [text.split("\n")[0] for text in slack.seen()] == ["Shop", "Bob", "Tea?", "Here"]
    with pytest.raises(Undeliverable):
        await slack.channel.send(slack.address, Outgoing(others=(Media(kind="file"),)))


async def test_choices(slack: SlackWire) -> None:
    """They stand under the last words, cut to what the network shows; too many, or too long a value, are refused."""
    choices = tuple(Choice(f"{n} " + "x" * 100, str(n)) for n in range(25))
    await slack.channel.send(slack.address, Outgoing(text=Text("Which *one*?"), choices=choices))
    await slack.channel.send(slack.address, Outgoing(media=(file("file", b"x"),), choices=choices[:2]))
    first, _, alone = slack.messages()
    assert [b["type"] for b in first["blocks"]] == ["rich_text", "actions"]
    assert [b["type"] for b in alone["blocks"]] == ["actions"]
    assert alone["text"]
    for wrong in (choices + choices[:1], (Choice("a", "x" * 2001),)):
        with pytest.raises(Undeliverable):
            await slack.channel.send(slack.address, Outgoing(text=Text("?"), choices=wrong))


# -- files -----------------------------------------------------------------------------------------------------------


async def test_files_arrive_whole(slack: SlackWire) -> None:
    """With their names and captions, whatever size they were said to have; the message's own name is found out."""
    content = bytes(range(256)) * 5000
    sent = await slack.channel.send(slack.address, files(file("image", content, "a & b", name='ph"o/to.png', size=7)))
    (message,) = slack.messages()
    assert slack.net.content(message["files"][0]["id"]) == content
    assert (message["text"], message["files"][0]["name"]) == ("a &amp; b", "ph o to.png")
    assert sent.externals == (slack.named(message),)


async def test_files_go_into_threads(slack: SlackWire) -> None:
    """As words do."""
    root = slack.net.mention(slack.bob, slack.lobby, slack.app, "hello")
    name = slack.named({"ts": root["ts"]}, slack.lobby)
    await slack.channel.send(slack.address, Outgoing(media=(file("file", b"x", "c"),), reply_to=name))
    assert [m["text"] for m in slack.thread(root["ts"])] == ["c"]


async def test_a_file_whose_message_is_not_told_has_a_name_all_the_same(slack: SlackWire) -> None:
    """It can be taken back by it; there is nothing that could be changed or reacted to."""
    slack.net.fail("files.info", error="internal_error")
    sent = await slack.channel.send(slack.address, files(file("file", b"x")))
    with pytest.raises(Undeliverable):
        await slack.channel.react(slack.address, sent.externals[0], "👍")
    await slack.channel.delete(slack.address, sent.externals)
    await slack.channel.delete(slack.address, sent.externals)
    assert slack.messages() == []


async def test_an_empty_file_is_refused(slack: SlackWire) -> None:
    """The network takes none without content."""
    with pytest.raises(Undeliverable):
        await slack.channel.send(slack.address, files(file("file", b"")))


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("files.getUploadURLExternal", TemporaryFailure),
        ("upload", TemporaryFailure),
        ("files.completeUploadExternal", Uncertain),
    ],
)
async def test_only_the_last_step_is_uncertain(slack: SlackWire, step: str, outcome: type[DeliveryError]) -> None:
    """Until a file is shared nobody sees anything of it, so a lost answer before that may be tried again."""
    slack.net.drop_answer(step)
    assert type(await failed(slack, files(file("file", b"x")))) is outcome
    assert len(slack.messages()) == (outcome is Uncertain)


@pytest.mark.parametrize("how", [{"status": 500}, {"status": 429, "retry_after": 3}, {"status": 413}])
async def test_uploads_are_refused_for_a_reason(slack: SlackWire, how: dict[str, int]) -> None:
    """Too large is for good; all else passes."""
    slack.net.fail("upload", **how)
    error = await failed(slack, files(file("file", b"x")))
    assert isinstance(error, TooLarge if how["status"] == 413 else TemporaryFailure)


async def test_captions_that_go_below_belong_to_their_files(slack: SlackWire) -> None:
    """Of an album each message's name is told with the file it belongs to; words of none go with the first."""
    several = (
        file("image", b"x", "long " * 1500),
        file("image", b"x", "fits"),
        file("image", b"x", "*literal*"),
    )
    message = Outgoing(media=several, others=(Link(url="https://example.com"),), choices=(Choice("Yes", "yes"),))
    sent = await slack.channel.send(slack.address, message)
    assert sent.externals == tuple(slack.named(m) for m in slack.messages())
    assert sent.whose == (0, 1, 2, 0, 0, 2, 0)


async def test_of_half_an_album_it_is_known_whose_words_are_missing(slack: SlackWire) -> None:
    """Where the words below the last file do not arrive, the failure says that they are that file's."""
    slack.net.fail("chat.postMessage", error="is_archived")
    error = await failed(slack, files(file("image", b"x", "fits"), file("image", b"x", "*literal*")))
    assert isinstance(error, Uncertain)
    assert (len(error.arrived), error.whose) == (2, (0, 1, 1))


# -- what fails ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("channel_not_found", Gone),
        ("user_disabled", Gone),
        ("is_archived", Undeliverable),
        ("not_in_channel", Undeliverable),
        ("messages_tab_disabled", Undeliverable),
        ("restricted_action_read_only_channel", Undeliverable),
        ("user_not_visible", Blocked),
        ("token_revoked", ChannelDead),
        ("account_inactive", ChannelDead),
        ("invalid_auth", ChannelDead),
        ("msg_too_long", Undeliverable),
        ("no_text", Undeliverable),
        ("service_unavailable", TemporaryFailure),
        ("ratelimited", TemporaryFailure),
        ("fatal_error", Uncertain),
        ("internal_error", Uncertain),
        ("something_new", Undeliverable),
    ],
)
async def test_refusals_are_told_apart(slack: SlackWire, code: str, kind: type[DeliveryError]) -> None:
    """Each of the network's words means one thing to the middle, in a sentence that says what would help."""
    slack.net.fail("chat.postMessage", error=code)
    error = await failed(slack)
    assert type(error) is kind
    assert error.text.endswith(".")
    assert slack.seen() == []


async def test_a_missing_right_is_named(slack: SlackWire) -> None:
    """With how to mend it."""
    slack.net.limit_scopes(slack.shop, "im:write")
    assert "chat:write" in (await failed(slack)).text


@pytest.mark.parametrize(
    ("status", "kind"), [(500, TemporaryFailure), (502, TemporaryFailure), (503, TemporaryFailure), (504, Uncertain)]
)
async def test_gateways(slack: SlackWire, status: int, kind: type[DeliveryError]) -> None:
    """Only 504 leaves it open whether it was served."""
    slack.net.fail("chat.postMessage", status=status)
    assert type(await failed(slack)) is kind


@pytest.mark.parametrize("status", [404, 401])
async def test_a_stranger_at_the_address_is_not_the_networks_no(slack: SlackWire, status: int) -> None:
    """What is no answer of the Web API's says nothing about the token."""
    slack.net.fail("chat.postMessage", status=status)
    assert "HUB_SLACK_API_URL" in (await failed(slack)).text


async def test_nothing_is_posted_twice(slack: SlackWire) -> None:
    """The library repeats what broke off unless it is kept from it."""
    slack.net.drop_answer("chat.postMessage")
    assert isinstance(await failed(slack), Uncertain)
    assert len(slack.net.calls_of("chat.postMessage")) == 1
    assert slack.seen() == ["hello"]


async def test_no_answer_in_time_is_uncertain() -> None:
    """Waiting ends; what was asked for may be done yet."""
    wire = await slack_wire(answer_seconds=0.2)
    await wire.channel.send(wire.address, words("first"))
    wire.net.delay(1.0, "chat.postMessage")
    assert isinstance(await failed(wire), Uncertain)
    await wire.close()


async def test_nothing_after_what_failed(slack: SlackWire) -> None:
    """What arrived is named; the rest is not sent."""
    slack.net.fail("chat.postMessage", error="is_archived")
    error = await failed(slack, Outgoing(media=album(("image", "video")).media, text=Text("words")))
    assert isinstance(error, Uncertain)
    assert list(error.arrived) == [slack.named(m) for m in slack.messages()]
    assert "2 of 3" in error.text


def test_errors_hold_no_secrets() -> None:
    """Whatever a library raises, only the hub's own words are shown."""
    for strange in (ValueError("xoxb-1-secret"), RuntimeError("xoxb-1-secret"), OSError("xoxb-1-secret")):
        for repeatable in (True, False):
            assert "secret" not in repr(delivery_error(strange, repeatable=repeatable))


# -- afterwards ------------------------------------------------------------------------------------------------------


async def test_edits_carry_formatting_and_grow_and_shrink(slack: SlackWire) -> None:
    """Longer words go on in further messages where the first stand, shorter ones take back those that are too many."""
    channel, root = slack.channel, slack.net.mention(slack.bob, slack.lobby, slack.app, "hello")
    sent = await channel.send(slack.address, words("*literal*", slack.named({"ts": root["ts"]}, slack.lobby)))
    longer = await channel.edit(slack.address, sent.externals, Text("word " * 2000), caption=False)
    assert longer.externals[0] == sent.externals[0]
    assert [slack.named(m, slack.lobby) for m in slack.thread(root["ts"])] == list(longer.externals)
    bold = Text("now", (Span(0, 3, "bold"),))
    shorter = await channel.edit(slack.address, longer.externals, bold, caption=False)
    assert shorter.externals == sent.externals
    (message,) = slack.thread(root["ts"])
    assert (message["text"], read("", message["blocks"], Naming())) == ("*now*", bold)
    await channel.edit(slack.address, sent.externals, Text("plain"), caption=False)
    (message,) = slack.thread(root["ts"])
    assert (message["text"], message.get("blocks")) == ("plain", None)
    with pytest.raises(Undeliverable):
        await channel.edit(slack.address, sent.externals, Text(" "), caption=False)


async def test_captions_are_changed_where_they_stand(slack: SlackWire) -> None:
    """The file stays."""
    sent = await slack.channel.send(slack.address, files(file("file", b"x", "before")))
    changed = await slack.channel.edit(slack.address, sent.externals, Text("after"), caption=True)
    assert changed.externals == sent.externals
    (message,) = slack.messages()
    assert (message["text"], len(message["files"])) == ("after", 1)
    with pytest.raises(Undeliverable):
        await slack.channel.edit(slack.address, sent.externals, Text("x" * 4001), caption=True)


async def test_others_messages_stay(slack: SlackWire) -> None:
    """What is not the app's cannot be changed or taken back, and it is said so."""
    name = slack.named(slack.net.say(slack.ann, slack.app, "mine"))
    with pytest.raises(Undeliverable):
        await slack.channel.delete(slack.address, [name])
    with pytest.raises(Undeliverable):
        await slack.channel.edit(slack.address, [name], Text("yours"), caption=False)


async def test_one_reaction_at_a_time(slack: SlackWire) -> None:
    """A new one takes the place of the one before; an empty one takes all of ours; others' stay."""
    message = slack.net.say(slack.ann, slack.app, "hello")
    name, place = slack.named(message), slack.net.direct(slack.shop, slack.ann)
    slack.net.react(slack.ann, slack.app, message["ts"], "tada")
    for emoji, ours in (("👍", ["+1"]), ("👍🏽", ["+1"]), ("❤️", ["heart"]), ("🇩🇪", ["flag-de", "de"]), ("", [])):
        await slack.channel.react(slack.address, name, emoji)
        found = [n for n, users in slack.net.reactions(place, message["ts"]).items() if slack.shop.bot.id in users]
        assert found == ours[-1:]
    assert slack.net.reactions(place, message["ts"]) == {"tada": [slack.ann.id]}


@pytest.mark.parametrize("emoji", ["x", "👍👍", ":custom:", "\u2060"])
async def test_what_is_no_emoji_is_refused(slack: SlackWire, emoji: str) -> None:
    """Before anything is asked of the network."""
    name = slack.named(slack.net.say(slack.ann, slack.app, "hello"))
    with pytest.raises(Undeliverable):
        await slack.channel.react(slack.address, name, emoji)
    with pytest.raises(Undeliverable):
        await slack.channel.react(slack.address, ExternalId("7:3"), "👍")


async def test_html_in_words_is_left_alone(slack: SlackWire) -> None:
    """Entities that somebody typed arrive as they were typed."""
    await slack.channel.send(slack.address, words("&lt;b&gt; &amp;"))
    assert html.unescape(slack.messages()[0]["text"]) == "&lt;b&gt; &amp;"


async def test_the_networks_limits_are_kept_by_our_pace(slack: SlackWire) -> None:
    """One message a second in a chat, with a few at once, and less than the network's hundreds a minute in all."""
    can = slack.channel.capabilities
    assert can.per_chat is not None
    assert can.per_account is not None
    assert can.per_chat.count / can.per_chat.seconds <= 1
    assert can.per_account.count / can.per_account.seconds <= 5
    assert can.needs_reply_to
    assert can.can_unsend
