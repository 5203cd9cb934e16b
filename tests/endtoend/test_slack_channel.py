"""Stories of contacts who write from Slack, answered on a Telegram desk and on a Slack desk."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.domain.models import ChannelItem, Message
from hub.sandbox.slack import Limits, SlackStandIn, serve
from hub.settings import Settings
from tests.endtoend.shop import Shop, shop_in
from tests.endtoend.town import by_webhook, until, words_of

_names = itertools.count(1)


class Branch:
    """A Slack workspace of customers, with an app of the shop's own in it."""

    def __init__(self, net: SlackStandIn) -> None:
        self.net = net
        self.team = net.add_team("Customers")
        self.app = net.add_app("Shop help")
        self.installed = net.install(self.app, self.team)
        self.shop: Shop

    async def connect(self) -> str:
        """Olivia connects the app; what she is told to enter at Slack is entered. Gives the answer."""
        line = f"/channel connect slack {self.installed.token} {self.app.signing_secret}"
        said = await self.shop.ask(self.shop.olivia, line)
        url = next(w for w in said.split() if "/hooks/" in w).rstrip(".,")
        await self.net.set_request_url(self.app, url)
        return said

    def somebody(self) -> Any:
        return self.net.add_user(self.team, f"Kim{next(_names)} Kay", display_name="")

    def topic(self, who: Any) -> Any:
        name = who.name.split()[0] if hasattr(who, "name") else ""
        return next((t for t in self.shop.net.topics(self.shop.group) if name and name in t.name), None)

    def desk(self, text: str) -> Any:
        """The topic whose posts say that."""
        for topic in self.shop.net.topics(self.shop.group):
            if any(text in words_of(m) for m in self.shop.net.history(self.shop.group, topic.id)):
                return topic
        return None

    def heard(self, who: Any) -> list[str]:
        """What the app said to somebody in private."""
        said = self.net.private(who, self.app)
        return [m["text"] for m in said if m.get("user") == self.installed.bot.id]


@pytest.fixture(scope="module")
async def branch(own_settings: Settings) -> AsyncIterator[Branch]:
    """A shop with a Telegram desk whose customers are on Slack."""
    net = SlackStandIn(Limits.off())
    server = await serve(net, retry_scale=0.001)
    made = Branch(net)
    async with shop_in(own_settings, **by_webhook(), slack_api_url=f"{server.url}/api") as shop:
        made.shop = shop
        await made.connect()
        yield made
    await server.close()


async def test_there_and_back(branch: Branch) -> None:
    """A direct message to the app stands in a topic under its sender's name; the answer is in their direct messages."""
    kim = branch.somebody()
    branch.net.say(kim, branch.app, "Is *bold* fine?")
    topic = await until(lambda: branch.desk("Is bold fine?"), "it on the desk")
    assert "Kim" in topic.name
    branch.shop.net.say(branch.shop.bob, branch.shop.group, "It is.", thread=topic.id)
    await until(lambda: branch.heard(kim) == ["It is."], "the answer")


async def test_a_mention_in_a_channel_counts_once(branch: Branch) -> None:
    """Who mentions the app in a channel is told of twice and heard once, and is answered in that thread."""
    kim = branch.somebody()
    lobby = branch.net.add_channel(branch.team, f"lobby{next(_names)}", [kim, branch.app])
    root = branch.net.mention(kim, lobby, branch.app, "help me please")
    topic = await until(lambda: branch.desk("help me please"), "it on the desk")
    await branch.shop.town.quiet()
    assert len([m for m in await branch.shop.kept(Message) if "help me please" in m.text.plain]) == 1
    branch.shop.net.say(branch.shop.bob, branch.shop.group, "Here I am.", thread=topic.id)

    def answered() -> bool:
        return any(m["text"] == "Here I am." for m in branch.net.thread(lobby, root["ts"]))

    await until(answered, "the answer in the thread")


async def test_whom_a_contact_names(branch: Branch) -> None:
    """The network hands on ids; the desk shows names, in an edit too."""
    kim, max_ = branch.somebody(), branch.net.add_user(branch.team, "Max Moon")
    message = branch.net.say(kim, branch.app, f"Does <@{max_.id}> know, or <@{max_.id}>'s boss?")
    await until(lambda: branch.desk("Does @\u2060Max Moon know, or @\u2060Max Moon's boss?"), "the names on the desk")
    branch.net.edit(kim, branch.app, message["ts"], f"Only <@{max_.id}> knows")
    await until(lambda: branch.desk("Only @\u2060Max Moon knows"), "the name in the edit")


async def test_edits_deletes_and_files(branch: Branch) -> None:
    """What the contact edits and deletes changes on the desk; a file of theirs is brought there."""
    kim = branch.somebody()
    message = branch.net.say(kim, branch.app, "frist")
    topic = await until(lambda: branch.desk("frist"), "it on the desk")
    branch.net.edit(kim, branch.app, message["ts"], "first")
    await until(lambda: branch.desk("first"), "the edit")
    branch.net.upload(kim, branch.app, b"\x89PNG picture", "a.png", text="look")

    def pictured() -> bool:
        history = branch.shop.net.history(branch.shop.group, topic.id)
        return any("look" in words_of(m) and ("photo" in m or "document" in m) for m in history)

    await until(pictured, "the picture")


async def test_captions_of_an_album_are_changed_where_they_stand(branch: Branch) -> None:
    """Words that cannot stand above their own file stand below; an edit of one file's words changes no other's."""
    kim, net = branch.somebody(), branch.shop.net
    branch.net.say(kim, branch.app, "pictures?")
    topic = await until(lambda: branch.desk("pictures?"), "it on the desk")
    captions = ("first *one*", "middle", "last *one*")
    parts = [{"kind": "photo", "data": each.encode(), "caption": each} for each in captions]
    sent = net.send_album(branch.shop.bob, branch.shop.group, parts, topic.id)
    await until(lambda: branch.heard(kim) == ["", "middle", "", captions[0], captions[2]], "the album")
    for message, words in zip(sent, ("first, again", "middle, again", "last, again"), strict=True):
        net.edit(branch.shop.bob, branch.shop.group, message["message_id"], caption=words)
    again = ["", "middle, again", "", "first, again", "last, again"]
    await until(lambda: branch.heard(kim) == again, "the edits")


async def test_the_app_is_removed(branch: Branch) -> None:
    """When the app is removed from the contacts' workspace, the channel pauses and the owner is told."""
    branch.net.uninstall(branch.app, branch.team)
    await until(lambda: any("paused" in t for t in branch.shop.told(branch.shop.olivia)), "the notice")
    assert [c.state for c in await branch.shop.kept(ChannelItem, network="slack")] == ["paused"]
