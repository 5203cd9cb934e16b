"""The Messenger channel against the stand-in, over HTTP: hearing, and what surrounds sending."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from hub.adapters.messenger import files as places
from hub.adapters.messenger.channel import FIELDS, capabilities
from hub.adapters.messenger.signature import HEADER
from hub.domain.ids import Address, ExternalId
from hub.domain.incoming import Deleted, Echo, Edited, Ignored, Incoming, Person, Postback, Reacted, Read, Said
from hub.domain.models import Media
from hub.domain.ports import Choice, FetchesMedia, Greets, Hooks, Outgoing, Polls, Profiles, Signals
from hub.domain.text import Text
from hub.errors import ChannelDead, DeliveryError, Gone, NotGenuine, TemporaryFailure, TooLarge, WindowClosed
from tests.adapters.messenger.wire import MessengerWire, messenger_wire, settings
from tests.adapters.wire import SECRET_OF_HOOK, words


def heard(wire: MessengerWire) -> Incoming:
    """What the newest notice says."""
    (incoming,) = wire.channel.translate(wire.last())
    return incoming


def test_is_all_that_it_claims(messenger: MessengerWire) -> None:
    """The host finds out by the Protocols what a channel can do; it cannot be polled."""
    for protocol in (Greets, Hooks, Signals, Profiles, FetchesMedia):
        assert isinstance(messenger.channel, protocol)
    assert not isinstance(messenger.channel, Polls)


def test_what_a_page_can_send() -> None:
    """The windows are the network's: a day, and seven for people where the app has the right."""
    usual, human = capabilities(human_agent=False), capabilities(human_agent=True)
    assert (usual.reply_window, usual.person_window) == (86400, None)
    assert (human.reply_window, human.person_window) == (86400, 7 * 86400)
    assert (usual.text_limit, usual.choices, usual.can_unsend) == (2000, 13, False)
    assert set(usual.media.values()) == {25 * 1024 * 1024}


# -- proof ----------------------------------------------------------------------------------------------------------


def test_the_signature_is_over_the_bytes(messenger: MessengerWire) -> None:
    """The network signs escaped characters: the same JSON written otherwise is not what it signed."""
    payload = messenger.incoming("Grüße 👍")
    assert b"Gr\\u00fc\\u00dfe" in payload
    messenger.channel.verify(messenger.headers(payload), payload)
    with pytest.raises(NotGenuine):
        messenger.channel.verify(messenger.headers(payload), payload.replace(b"\\u00fc", "ü".encode()))


def test_the_old_signature_proves_nothing(messenger: MessengerWire) -> None:
    """SHA-1, another app's secret, and a signature without its name are refused."""
    payload = messenger.incoming("hello")
    good = messenger.headers(payload)[HEADER]
    old = "sha1=" + hmac.new(messenger.app.secret.encode(), payload, hashlib.sha1).hexdigest()
    other = "sha256=" + hmac.new(b"other", payload, hashlib.sha256).hexdigest()
    for headers in ({"x-hub-signature": old}, {HEADER: old}, {HEADER: other}, {HEADER: good[7:]}, {HEADER: good + " "}):
        with pytest.raises(NotGenuine):
            messenger.channel.verify(headers, payload)


async def test_without_an_app_secret_nothing_is_genuine(messenger: MessengerWire) -> None:
    """A page of the settings' app, once the settings name none, takes no call at all."""
    kept = messenger.kept.replace(messenger.app.secret, "")
    channel = messenger.connector.connect(kept, SECRET_OF_HOOK)
    payload = messenger.incoming("hello")
    empty = "sha256=" + hmac.new(b"", payload, hashlib.sha256).hexdigest()
    with pytest.raises(NotGenuine):
        channel.verify({HEADER: empty}, payload)
    await channel.close()


def test_shakes_hands(messenger: MessengerWire) -> None:
    """The challenge is given back to whoever knows the verify token, and to nobody else."""
    query = {"hub.mode": "subscribe", "hub.verify_token": SECRET_OF_HOOK, "hub.challenge": "1158201444"}
    assert messenger.channel.greet(query, b"") == "1158201444"
    assert messenger.channel.greet({}, b'{"object": "page"}') is None
    wrong = [{"hub.verify_token": "x"}, {"hub.verify_token": "\udcff"}, {"hub.mode": "unsubscribe"}]
    for change in wrong:
        with pytest.raises(NotGenuine):
            messenger.channel.greet({**query, **change}, b"")
    with pytest.raises(NotGenuine):
        messenger.channel.greet({"hub.mode": "subscribe", "hub.challenge": "1"}, b"")


async def test_an_empty_verify_token_opens_nothing(messenger: MessengerWire) -> None:
    """A channel without one does not answer a handshake without one."""
    channel = messenger.connector.connect(messenger.kept, "")
    with pytest.raises(NotGenuine):
        channel.greet({"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}, b"")
    await channel.close()


# -- hearing --------------------------------------------------------------------------------------------------------


async def test_hears_what_a_person_does(messenger: MessengerWire) -> None:
    """Words, presses, edits, reactions and looks come from the same address."""
    net, ann, page = messenger.net, messenger.ann, messenger.page
    offered = Outgoing(text=Text("Which?"), choices=(Choice("Red", "colour:red"), Choice("Blue", "colour:blue")))
    sent = await messenger.channel.send(messenger.address, offered)
    net.press_quick_reply(ann, page, "Red")
    pressed = heard(messenger)
    assert isinstance(pressed, Postback)
    assert (pressed.address, pressed.payload, pressed.title) == (messenger.address, "colour:red", "Red")
    said = net.say(ann, page, "yes", reply_to=sent.externals[0])
    answer = heard(messenger)
    assert isinstance(answer, Said)
    assert answer.reply_to == sent.externals[0]
    net.edit(ann, page, said["mid"], "no")
    edited = heard(messenger)
    assert isinstance(edited, Edited)
    assert (edited.external_id, edited.text.plain) == (answer.external_id, "no")
    net.react(ann, page, sent.externals[0], "❤")
    reacted = heard(messenger)
    assert isinstance(reacted, Reacted)
    assert (reacted.external_id, reacted.emojis) == (sent.externals[0], ("❤",))
    net.react(ann, page, sent.externals[0], None)
    taken = heard(messenger)
    assert isinstance(taken, Reacted)
    assert taken.emojis == ()
    net.read(ann, page)
    assert isinstance(heard(messenger), Read)


async def test_tells_its_own_words_from_others(messenger: MessengerWire) -> None:
    """The hub's own echo is dropped; an answer from the page's inbox is recorded as one given elsewhere."""
    await messenger.channel.send(messenger.address, words("from the hub"))
    own = [messenger.channel.translate(body) for body in messenger.net.notices_of(messenger.app) if b"is_echo" in body]
    assert own == [[Ignored(reason="the hub's own message")]]
    answer = messenger.net.inbox_reply(messenger.page, messenger.ann, "from the inbox")
    echo = heard(messenger)
    assert isinstance(echo, Echo)
    assert (echo.address, echo.text.plain, echo.external_id) == (messenger.address, "from the inbox", answer["mid"])


def test_leaves_to_others_what_is_theirs(messenger: MessengerWire) -> None:
    """Handovers and the network's policy are ignored with a reason, and carry no sender into the middle."""
    messenger.net.hand_over(messenger.page, messenger.ann, None)
    messenger.net.restrict(messenger.page, "Spam")
    read = [messenger.channel.translate(body) for body in messenger.net.notices_of(messenger.app)[-2:]]
    assert all(isinstance(i, Ignored) and i.reason for incoming in read for i in incoming)
    assert "Spam" in str(read[1])


def test_a_message_taken_back_is_marked(messenger: MessengerWire) -> None:
    """Where the network tells of it."""
    mid = messenger.net.phone(messenger.ann, messenger.page)[0]["mid"]
    event = messenger.net.event(messenger.net.thread(messenger.ann, messenger.page), {})
    event["message"] = {"mid": mid, "is_deleted": True}
    messenger.net.raw_event(messenger.app, messenger.page, event)
    deleted = heard(messenger)
    assert isinstance(deleted, Deleted)
    assert deleted.external_id == mid


# -- connecting to the page's events --------------------------------------------------------------------------------


async def test_subscribes_and_lets_go(messenger: MessengerWire) -> None:
    """At every start the subscription is renewed, for the network ends it by itself; an empty address ends it."""
    fields = messenger.page.subscriptions[messenger.app.id]
    assert fields == frozenset(FIELDS)
    messenger.net.unsubscribe(messenger.page, messenger.app)
    for _ in range(2):
        await messenger.channel.hook("https://hub.example.com/hooks/1")
        assert messenger.page.subscriptions[messenger.app.id] == fields
    for _ in range(2):
        await messenger.channel.hook("")
        assert messenger.page.subscriptions == {}


# -- showing that somebody is there ---------------------------------------------------------------------------------


async def test_signals(messenger: MessengerWire) -> None:
    """Seen and typing are calls of their own."""
    channel, net = messenger.channel, messenger.net
    await channel.signal(messenger.address, "seen")
    assert net.seen(messenger.ann, messenger.page)
    await channel.signal(messenger.address, "typing")
    assert net.typing(messenger.ann, messenger.page)
    await channel.signal(messenger.address, "idle")
    assert not net.typing(messenger.ann, messenger.page)
    net.age(messenger.ann, messenger.page, 90_000)
    with pytest.raises(WindowClosed):
        await channel.signal(messenger.address, "typing")


async def test_profiles(messenger: MessengerWire) -> None:
    """Names where the network gives them; none where a contact or the network hides them; trouble is told."""
    channel, net = messenger.channel, messenger.net
    assert await channel.profile(messenger.address) == Person(first_name="Ann", last_name="Wood")
    hidden = net.add_person("Tom", hides=True)
    net.say(hidden, messenger.page, "hi")
    assert await channel.profile(Address(net.psid(hidden, messenger.page))) == Person()
    assert await channel.profile(Address("999")) == Person()
    net.limit_rights(messenger.page, "pages_manage_metadata")
    assert await channel.profile(messenger.address) == Person()
    net.fail("profile", code=2)
    with pytest.raises(TemporaryFailure):
        await channel.profile(messenger.address)
    net.spoil_token(messenger.page, "expired")
    with pytest.raises(ChannelDead):
        await channel.profile(messenger.address)


@pytest.mark.parametrize("address", ["me/messages", "../v1", "", "1?fields=id", "ä"])
async def test_an_address_is_no_path(messenger: MessengerWire, address: str) -> None:
    """Nothing that stands in an address leads elsewhere in the network's tree."""
    calls = len(messenger.net.calls)
    assert await messenger.channel.profile(Address(address)) == Person()
    assert len(messenger.net.calls) == calls


# -- files ----------------------------------------------------------------------------------------------------------


async def fetched(wire: MessengerWire, media: Media) -> bytes:
    return b"".join([chunk async for chunk in wire.channel.fetch(media)])


def sent_media(wire: MessengerWire, content: bytes) -> Media:
    wire.net.send_media(wire.ann, wire.page, "file", content, file_name="Price list ä.pdf")
    said = heard(wire)
    assert isinstance(said, Said)
    (media,) = said.attachments
    assert isinstance(media, Media)
    return media


async def test_fetches_files(messenger: MessengerWire) -> None:
    """A file arrives whole and with its name; once its address has expired it is gone."""
    content = bytes(range(256)) * 5000
    media = sent_media(messenger, content)
    assert (media.kind, media.name, media.mime) == ("file", "Price list ä.pdf", "application/pdf")
    assert await fetched(messenger, media) == content
    messenger.net.forward(90_000)
    with pytest.raises(Gone, match="expired"):
        await fetched(messenger, media)


async def test_a_file_cut_short_is_tried_again(messenger: MessengerWire) -> None:
    """Half a file is not taken for a whole one; trouble of the network's passes."""
    media = sent_media(messenger, b"x" * 1_000_000)
    messenger.net.drop_answer("download")
    with pytest.raises(TemporaryFailure):
        await fetched(messenger, media)
    messenger.net.fail("download", status=503)
    with pytest.raises(TemporaryFailure):
        await fetched(messenger, media)
    messenger.net.unreachable()
    with pytest.raises(TemporaryFailure):
        await fetched(messenger, media)


async def test_a_file_may_be_too_large(messenger: MessengerWire, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted while it comes, whatever the network said of its size."""
    media = sent_media(messenger, b"x" * 300_000)
    monkeypatch.setattr(places, "FETCH_LIMIT", 100_000)
    with pytest.raises(TooLarge):
        await fetched(messenger, media)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://example.com/a.jpg",
        "https://fbcdn.net.example.com/a.jpg",
        "https://user@example.com/fbcdn.net/",
        "http://scontent.xx.fbcdn.net/plain-http.jpg",
        "file:///etc/passwd",
        "http://127.0.0.1@example.com/",
        "",
    ],
)
async def test_files_come_from_the_network_only(messenger: MessengerWire, url: str) -> None:
    """Whoever has an app's secret can sign any address; the hub fetches none that is not the network's."""
    with pytest.raises(Gone, match="does not lead to Messenger"):
        await fetched(messenger, Media(kind="image", source=url))


@pytest.mark.parametrize("host", ["scontent.xx.fbcdn.net", "cdn.fbsbx.com", "video-ams2-1.xx.fbcdn.net", "fbcdn.net"])
def test_the_networks_own_places(host: str) -> None:
    """The hosts on which the network keeps files are known, also beside a stand-in's."""
    assert places.hosts("http://127.0.0.1:9").fullmatch(f"https://{host}/v/a.jpg?oh=1&oe=2")
    assert places.hosts("https://graph.facebook.com").fullmatch(f"https://{host}/v/a.jpg?oh=1&oe=2")
    assert not places.hosts("https://graph.facebook.com").fullmatch("http://127.0.0.1/a.jpg")


@pytest.fixture
async def elsewhere() -> AsyncIterator[str]:
    """A server that leads on to where it is told, or round in circles."""
    app = web.Application()

    async def lead(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def round_(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/round"})

    app.router.add_get("/lead", lead)
    app.router.add_get("/round", round_)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_redirects_are_followed_within_the_network(messenger: MessengerWire, elsewhere: str) -> None:
    """A redirection is followed, but neither out of the network nor for ever."""
    media = sent_media(messenger, b"content")
    target = str(aiohttp.client.URL(elsewhere + "/lead").with_query(to=media.source))  # type: ignore[attr-defined]
    assert await fetched(messenger, Media(kind="file", source=target)) == b"content"
    for url in (f"{elsewhere}/lead?to=http://169.254.169.254/", f"{elsewhere}/round"):
        with pytest.raises(Gone):
            await fetched(messenger, Media(kind="file", source=url))


# -- secrets --------------------------------------------------------------------------------------------------------


async def test_secrets_stay_out_of_the_log(messenger: MessengerWire, caplog: pytest.LogCaptureFixture) -> None:
    """The token, which is in every address, and the app secret are not logged, however much is."""
    caplog.set_level(logging.DEBUG)
    await messenger.channel.send(messenger.address, words("hi"))
    messenger.net.fail(code=2)
    with pytest.raises(DeliveryError):
        await messenger.channel.send(messenger.address, words("hi"))
    ours = [record for record in caplog.records if not record.name.startswith("hub.sandbox")]
    logged = "".join(str(record.getMessage()) for record in ours)
    for secret in (messenger.secret, messenger.app.secret, SECRET_OF_HOOK):
        assert secret not in logged


async def test_an_old_version_is_told(messenger: MessengerWire) -> None:
    """Where the network has ended the version of the settings, the operator learns which setting to change."""
    from hub.adapters.messenger.connector import MessengerConnector

    old = MessengerConnector(settings(messenger.server.url, messenger_version="v20.0"))
    channel = old.connect(messenger.kept, SECRET_OF_HOOK)
    with pytest.raises(DeliveryError, match="HUB_MESSENGER_VERSION"):
        await channel.send(messenger.address, words("hi"))
    await channel.close()


async def test_an_answer_to_a_press_without_a_name(messenger: MessengerWire) -> None:
    """A button that the network gave no name cannot be answered; the words go out."""
    await messenger.channel.send(messenger.address, words("answer", ExternalId("press:abc")))
    assert messenger.seen() == ["answer"]
    assert len(messenger.net.calls_of("messages")) == 1


async def test_a_person_may_answer_late() -> None:
    """Past a day what a person wrote goes as HUMAN_AGENT, and past seven nothing does."""
    wire = await messenger_wire(human_agent=True)
    wire.net.age(wire.ann, wire.page, 3 * 86400)
    with pytest.raises(WindowClosed):
        await wire.channel.send(wire.address, words("hi"))
    await wire.channel.send(wire.address, Outgoing(text=Text("late"), late=True))
    assert wire.seen() == ["late"]
    wire.net.age(wire.ann, wire.page, 5 * 86400)
    with pytest.raises(WindowClosed, match="must write again"):
        await wire.channel.send(wire.address, Outgoing(text=Text("too late"), late=True))
    await wire.close()


async def test_late_needs_the_right(messenger: MessengerWire) -> None:
    """Where the settings do not name the right nothing is tried, and the words say what is missing."""
    with pytest.raises(WindowClosed, match="HUB_MESSENGER_HUMAN_AGENT"):
        await messenger.channel.send(messenger.address, Outgoing(text=Text("late"), late=True))
    assert messenger.net.calls_of("messages") == []
