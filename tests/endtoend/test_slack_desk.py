"""Stories of a Slack desk in a whole hub: contacts of any network, answered in threads."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.domain.models import Comment, Conversation
from hub.sandbox.slack import Limits, SlackStandIn, serve
from hub.sandbox.telegram.accounts import User
from hub.settings import Settings, SlackLimits
from tests.adapters.custom.system import OwnSystem
from tests.endtoend.shop import Shop, shop_in
from tests.endtoend.town import by_webhook, until, words_of

_names = itertools.count(1)
Seen = dict[str, Any]


class Office:
    """A Slack workspace with the hub's app in it, and the shop whose second desk is there."""

    def __init__(self, shop: Shop, net: SlackStandIn) -> None:
        self.shop = shop
        self.net = net

    def found(self) -> None:
        """Makes the Slack workspace."""
        self.team = self.net.add_team("Acme")
        self.sue = self.net.add_user(self.team, "Sue Sun")
        self.max = self.net.add_user(self.team, "Max Moon")
        self.app = self.net.add_app("Hub", commands=("/hub",))
        self.hub = self.net.install(self.app, self.team)
        self.desk = self.net.add_channel(self.team, "support", [self.sue, self.max, self.app])

    async def slash(self, who: Any, line: str, where: Any = None) -> str:
        """Somebody types a slash command; gives what they are told."""
        before = len(self.told(who))
        knock = self.net.slash(who, where or self.desk, "/hub", line)
        await knock.answer()
        assert not knock.trouble
        await until(lambda: len(self.told(who)) > before, f"an answer to /hub {line}")
        return self.told(who)[-1]

    def told(self, who: Any) -> list[str]:
        """What somebody was told: alone, in private, and what all see in the channel."""
        found = [
            *self.net.ephemerals(who, self.desk),
            *self.net.private(who, self.app),
            *(m for m in self.net.history(self.desk) if m.get("user") == self.hub.bot.id),
        ]
        return [_words(m) for m in sorted(found, key=lambda m: float(m["ts"]))]

    def roots(self) -> list[Seen]:
        """The cards in the channel, but for the queue's."""
        return [m for m in self.net.history(self.desk) if "👤" in _words(m)]

    def card_of(self, name: str) -> Seen | None:
        return next((m for m in self.roots() if name in _words(m)), None)

    async def thread_of(self, name: str) -> str:
        card = await until(lambda: self.card_of(name), f"the card of {name}")
        return str(card["ts"])

    def thread(self, ts: str) -> list[str]:
        return [_words(m) for m in self.net.thread(self.desk, ts)]

    async def sees(self, ts: str, words: str) -> None:
        await until(lambda: any(words in w for w in self.thread(ts)), f"“{words}” in the thread; {self.thread(ts)}")

    def marks(self, post: Seen) -> set[str]:
        return set(self.net.reactions(self.desk, post["ts"]))


def _words(message: Seen) -> str:
    """All that a message says, in its blocks too."""
    return f"{message.get('text', '')} {message.get('blocks', '')}"


class Caller:
    """A contact on Telegram who is answered from Slack."""

    def __init__(self, office: Office) -> None:
        self.shop = office.shop
        self.user: User = self.shop.net.add_user(f"Tess{next(_names)}")

    @property
    def name(self) -> str:
        return self.user.first_name

    def say(self, text: str) -> None:
        self.shop.net.say(self.user, self.shop.bot, text)

    def heard(self) -> list[str]:
        said = self.shop.net.private(self.user, self.shop.bot)
        return [m["text"] for m in said if m["from"]["id"] == self.shop.bot.id and "text" in m]


@pytest.fixture(scope="module")
async def office(own_settings: Settings) -> AsyncIterator[Office]:
    """A shop with a Telegram desk and a Slack desk, on one hub."""
    net = SlackStandIn(Limits.off())
    server = await serve(net, retry_scale=0.001)
    made = Office(None, net)  # type: ignore[arg-type]  # it moves in below
    made.found()
    slack = {
        "slack_api_url": f"{server.url}/api",
        "slack_signing_secret": made.app.signing_secret,
        "slack_bot_token": made.hub.token,
        "slack_limits": SlackLimits(0, 0),
        "custom_networks": ("loopback",),
    }
    async with shop_in(own_settings, **by_webhook(), **slack) as shop:
        made.shop = shop
        await net.set_request_url(made.app, shop.town.hook("slack"))
        for who, role in ((made.sue, "manager"), (made.max, "agent")):
            assert "Welcome!" in await made.slash(who, f"start {await shop.invitation(role)}")
        await made.slash(made.sue, "desk here")
        yield made
    await server.close()


async def arrive(office: Office, text: str = "hello") -> tuple[Caller, str]:
    """A contact who has just written, and their thread."""
    caller = Caller(office)
    caller.say(text)
    ts = await office.thread_of(caller.name)
    await office.sees(ts, text)
    await office.shop.town.quiet()
    return caller, ts


async def test_there_and_back(office: Office) -> None:
    """A contact's words open a thread under a card; a reply in it is on their phone, and is marked as delivered."""
    caller, ts = await arrive(office, "where is my parcel?")
    post = office.net.say(office.max, office.desk, "On its way.", thread=ts)
    await until(lambda: caller.heard() == ["On its way."], "the answer")
    await until(lambda: office.marks(post), "the mark")
    (conversation,) = [c for c in await office.shop.kept(Conversation) if c.last_text.endswith("On its way.")]
    assert conversation.assignee is not None


async def test_what_stays_inside(office: Office) -> None:
    """Notes, commands, what is said in the channel itself, and bots' words never reach the contact."""
    caller, ts = await arrive(office)
    for words in ("//looks odd", "note: a bit odd", "!help", " /inbox", "!nonsense at all"):
        office.net.say(office.max, office.desk, words, thread=ts)
    office.net.say(office.max, office.desk, "lunch, anybody?")
    office.net.say(office.max, office.desk, "this one goes out", thread=ts)
    await until(lambda: caller.heard() == ["this one goes out"], "only that")
    notes = [c.text.plain for c in await office.shop.kept(Comment)]
    assert {"looks odd", "a bit odd"} <= set(notes)


async def test_commands_by_bang_and_button(office: Office) -> None:
    """In a thread `!verb` does what a slash command does elsewhere, and the card's button does it too."""
    _, ts = await arrive(office)
    office.net.say(office.max, office.desk, "!take", thread=ts)
    await until(lambda: "Max Moon" in _words(office.net.thread(office.desk, ts)[0]), "the card to say who has it")
    office.net.say(office.max, office.desk, "!close - all good", thread=ts)

    async def closed() -> bool:
        return any(c.summary == "all good" and c.state == "closed" for c in await office.shop.kept(Conversation))

    await until(closed, "the conversation to be closed")


async def test_a_new_conversation_is_a_new_thread(office: Office) -> None:
    """After closing, what the contact writes opens a thread of its own; in the old one nothing reaches them."""
    caller, old = await arrive(office)
    office.net.say(office.max, office.desk, "!close - done", thread=old)

    async def closed() -> bool:
        return any(c.summary == "done" for c in await office.shop.kept(Conversation))

    await until(closed, "the conversation to be closed")
    caller.say("one more thing")
    await until(lambda: [m for m in office.roots() if caller.name in _words(m)][1:], "a second card")
    new = next(m["ts"] for m in office.roots() if caller.name in _words(m) and m["ts"] != old)
    await office.sees(new, "one more thing")
    office.net.say(office.max, office.desk, "in the old one", thread=old)
    office.net.say(office.max, office.desk, "in the new one", thread=new)
    await until(lambda: caller.heard() == ["in the new one"], "only the new one's")


async def test_edits_and_deletes_of_an_agent(office: Office) -> None:
    """What an agent edits is edited on the phone, and what they delete is taken back."""
    caller, ts = await arrive(office)
    post = office.net.say(office.max, office.desk, "tomorow", thread=ts)
    await until(lambda: caller.heard() == ["tomorow"], "it")
    await office.shop.town.quiet()
    office.net.edit(office.max, office.desk, post["ts"], "tomorrow")
    await until(lambda: caller.heard() == ["tomorrow"], "the edit")
    await office.shop.town.quiet()
    office.net.delete(office.max, office.desk, post["ts"])
    await until(lambda: caller.heard() == [], "it to be gone")


async def test_both_desks_at_once(office: Office) -> None:
    """A contact stands on both desks; what is answered on one is shown on the other."""
    caller, ts = await arrive(office, "two of you?")
    topic = await until(
        lambda: next((t for t in office.shop.net.topics(office.shop.group) if caller.name in t.name), None), "a topic"
    )
    office.shop.net.say(office.shop.bob, office.shop.group, "From Telegram.", thread=topic.id)
    await until(lambda: caller.heard() == ["From Telegram."], "the answer")
    await office.sees(ts, "From Telegram.")


async def test_what_is_edited_and_taken_back_is_so_on_the_other_desk(office: Office) -> None:
    """Colleagues on the other desk see what an answer says now, that a note was changed, and what was taken back."""
    caller, ts = await arrive(office)
    net, group = office.shop.net, office.shop.group
    topic = await until(lambda: next((t for t in net.topics(group) if caller.name in t.name), None), "a topic")
    post = net.say(office.shop.bob, group, "tomorow", thread=topic.id)
    note = net.say(office.shop.bob, group, "//frist", thread=topic.id)
    await until(lambda: caller.heard() == ["tomorow"], "the answer")
    await office.sees(ts, "frist")
    await office.shop.town.quiet()
    net.edit(office.shop.bob, group, post["message_id"], "tomorrow")
    net.edit(office.shop.bob, group, note["message_id"], "//first")
    await office.sees(ts, "tomorrow")
    await office.sees(ts, "first")
    await office.shop.town.quiet()
    net.say(office.shop.bob, group, "/unsend", thread=topic.id, reply_to=post["message_id"])
    await office.sees(ts, "taken back")
    assert caller.heard() == []


async def test_a_stranger_on_slack(office: Office) -> None:
    """Somebody of the Slack workspace who is no member of ours answers nobody, and is told why."""
    caller, ts = await arrive(office)
    eve = office.net.add_user(office.team, "Eve")
    office.net.join(office.desk, eve)
    office.net.say(eve, office.desk, "I will take this", thread=ts)
    await until(lambda: any("not a member of this workspace" in t for t in office.told(eve)), "the reason")
    office.net.say(office.max, office.desk, "and this goes", thread=ts)
    await until(lambda: caller.heard() == ["and this goes"], "only the member's")


async def test_an_invitation_by_link_or_by_line(office: Office) -> None:
    """Where both apps are set up, who invites is told the link for one and the line for the other; either works."""
    told = await office.shop.ask(office.shop.olivia, "/invite agent")
    token = told.partition("start=")[2].split()[0]
    assert f"/hub start {token}" in told
    nia = office.net.add_user(office.team, "Nia New")
    office.net.join(office.desk, nia)
    await office.net.slash(nia, office.desk, "/hub", f"start {token}").answer()
    await until(lambda: any("You are an agent" in t for t in office.told(nia)), "the welcome")


async def test_a_pasted_address_in_a_command(office: Office) -> None:
    """What Slack wraps in angle brackets, and the signs that it escapes, are read as they were typed."""
    system = OwnSystem("a-secret-with-&-and-<")
    await system.start()
    said = await office.slash(office.sue, f"channel connect custom {system.url} {system.secret}")
    await system.stop()
    assert "Own shop" in said
    assert "/hooks/" in said


async def test_several_reactions_of_colleagues(office: Office) -> None:
    """The contact sees the newest of what colleagues put on a message and have not taken away again."""
    caller, ts = await arrive(office, "thank you all")
    net, phone = office.shop.net, office.shop.net.private_chat(caller.user, office.shop.bot)
    post = next(m for m in office.net.thread(office.desk, ts) if "thank you all" in _words(m))
    theirs = next(m for m in net.history(phone) if words_of(m) == "thank you all")

    def seen() -> list[str]:
        return net.reactions(phone, theirs["message_id"]).get(str(office.shop.bot.id), [])

    for who, name, put, expected in (
        (office.max, "+1", True, ["👍"]),
        (office.max, "tada", True, ["🎉"]),
        (office.sue, "heart", True, ["❤"]),
        (office.max, "+1", False, ["❤"]),
        (office.sue, "heart", False, ["🎉"]),
        (office.max, "tada", False, []),
    ):
        (office.net.react if put else office.net.unreact)(who, office.desk, post["ts"], name)
        await office.net.settled()
        await office.shop.town.quiet()
        assert seen() == expected, (name, put)


async def test_several_reactions_of_a_contact(office: Office) -> None:
    """All that a contact on Slack put on our words stand on the Slack desk, the newest on the other; what they take
    away goes, and the rest stays.
    """
    shop, net = office.shop, office.net
    team, app = net.add_team("Customers"), net.add_app("Shop help")
    installed = net.install(app, team)
    told = await shop.ask(shop.olivia, f"/channel connect slack {installed.token} {app.signing_secret}")
    await net.set_request_url(app, next(w for w in told.split() if "/hooks/" in w).rstrip(".,"))
    kim = net.add_user(team, "Kim Kay", display_name="")
    net.say(kim, app, "is it there?")

    def thread() -> str:
        return next((m["ts"] for m in office.roots() if "is it there?" in str(office.thread(m["ts"]))), "")

    ts = await until(thread, "the thread")
    post = net.say(office.max, office.desk, "It is.", thread=ts)
    await net.settled()
    await shop.town.quiet()
    ours = next(m for m in net.private(kim, app) if m["text"] == "It is.")
    topic = next(t for t in shop.net.topics(shop.group) if "Kim" in t.name)
    copy = next(m for m in shop.net.history(shop.group, topic.id) if "It is." in words_of(m))

    def shown() -> tuple[set[str], list[str]]:
        reactions = shop.net.reactions(shop.group, copy["message_id"])
        return office.marks(post), reactions.get(str(shop.admin.id), [])

    marked = office.marks(post)
    for name, put, slack, telegram in (
        ("tada", True, {"tada"}, ["🎉"]),
        ("heart", True, {"tada", "heart"}, ["❤"]),
        ("+1", True, {"tada", "heart", "+1"}, ["👍"]),
        ("heart", False, {"tada", "+1"}, ["👍"]),
        ("+1", False, {"tada"}, ["🎉"]),
        ("tada", False, set(), []),
    ):
        (net.react if put else net.unreact)(kim, app, ours["ts"], name)
        await net.settled()
        await shop.town.quiet()
        assert shown() == (marked | slack, telegram), (name, put)
