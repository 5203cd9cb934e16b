"""Who and what comes in: owners and agents by code and link, bots by their tokens; and who does not."""

from __future__ import annotations

import aiohttp
import pytest

from hub.domain.models import ChannelItem, Contact, Member, Message
from hub.settings import Settings
from tests.endtoend.shop import Shop, shop_in
from tests.endtoend.town import town, until, words_of


async def test_the_init_code_works_once(own_settings: Settings) -> None:
    """`hub init`'s code makes its sender the owner; a second use is refused and makes nothing; a wrong one too."""
    async with town(own_settings) as place:
        shop = Shop(place)
        code = await place.hub.store.directory.issue_token("init", {}, 600)
        assert "owner" in await shop.ask(shop.olivia, f"/start {code}")
        eve = shop.net.add_user("Eve")
        for word in (code, code.upper(), code[:-1], "x" * 64):
            said = await shop.ask(eve, f"/start {word}")
            assert "owner of" not in said
        assert len(await place.hub.store.directory.workspaces()) == 1


async def test_an_invitation_works_once(shop: Shop) -> None:
    """An invitation makes the first who opens it an agent; the next one stays a stranger; in a group it is not made."""
    zoe, eve = shop.net.add_user("Zoe"), shop.net.add_user("Eve")
    token = await shop.invite(zoe)
    assert (await shop.member(zoe)).role == "agent"
    before = len(await shop.kept(Member))
    assert "used already" in await shop.ask(eve, f"/start {token}")
    assert len(await shop.kept(Member)) == before
    shop.net.say(shop.olivia, shop.group, "/invite agent")
    await until(
        lambda: any("private chat" in words_of(m) for m in [*shop.home(), *shop.whispers(shop.olivia)]), "to be told"
    )
    assert "start=" not in str(shop.net.history(shop.group)) + str(shop.net.ephemeral(shop.group, shop.olivia))
    talk = await shop.arrive()
    shop.net.add_to_chat(shop.group, zoe)
    talk.write("hello from Zoe", by=zoe)
    await until(lambda: talk.heard() == ["hello from Zoe"], "the new agent's answer")


@pytest.mark.parametrize(
    "line", ["/channel connect telegram {}", "here it is: {}", "//{}", "/channel@desk_bot connect telegram {}"]
)
async def test_a_token_in_the_group(shop: Shop, line: str) -> None:
    """A bot's token posted in a group is deleted, refused and never used, kept or repeated; how to go on is said."""
    token = shop.net.add_bot("fresh_bot").token
    channels = [c.account for c in await shop.kept(ChannelItem)]
    said = shop.net.say(shop.olivia, shop.group, line.format(token))
    await shown_in_or_whispered(shop, "token")
    await shop.town.quiet()
    left = [m for m in shop.net.history(shop.group) if token in words_of(m)]
    assert not left or said["message_id"] == 0
    mine = [
        m
        for m in [*shop.net.history(shop.group), *shop.net.ephemeral(shop.group, shop.olivia)]
        if m["from"]["id"] == shop.admin.id
    ]
    assert token not in str(mine)
    assert [c.account for c in await shop.kept(ChannelItem)] == channels
    assert token not in " ".join([m.raw + m.text.plain for m in await shop.kept(Message)])


async def shown_in_or_whispered(shop: Shop, text: str) -> None:
    """The hub says it in General, to all or to Olivia."""
    await until(lambda: any(text in words_of(m) for m in [*shop.home(), *shop.whispers(shop.olivia)]), text)


async def test_disconnected_and_connected_again(own_settings: Settings) -> None:
    """A disconnected channel hears and says nothing and tells the agent so; connected again, contacts are who they
    were and what they wrote meanwhile arrives.
    """
    async with shop_in(own_settings) as shop:
        talk = await shop.arrive("before")
        said = await shop.ask(shop.olivia, f"/channel disconnect @{shop.bot.username}")
        assert shop.bot.username in said.replace("\u2060", "")
        await shop.town.hub.switchboard.forget(shop.channel)
        post = talk.write("into the void")
        await until(lambda: talk.marks(post) == ["💔"], "the mark")
        await talk.told(shop.bob, "disconnected")
        talk.say("meanwhile")
        assert (
            "no channel" in (await shop.ask(shop.olivia, "/channel list")).lower()
            or "disconnected" in shop.told(shop.olivia)[-1]
        )
        await shop.connect()
        await talk.sees("meanwhile")
        assert len([c for c in await shop.kept(Contact) if c.first_name == talk.name]) == 1
        talk.write("back again")
        await until(lambda: talk.heard() == ["back again"], "the answer")
        assert len(talk.topics()) == 1


async def test_tokens_that_are_refused(shop: Shop) -> None:
    """The admin bot's own token, a wrong one and a half one are refused in a sentence that never holds the token."""
    wrong = shop.bot.token[:-3] + "xyz"
    for token in (shop.admin.token, wrong, "12:ab", "hello"):
        said = await shop.ask(shop.olivia, f"/channel connect telegram {token}")
        assert token not in said or token == "hello"
        assert "connected" not in said or "cannot" in said or "not" in said, said
    assert [c.account for c in await shop.kept(ChannelItem)] == [str(shop.bot.id)]


async def test_a_token_in_private_is_taken_away(own_settings: Settings) -> None:
    """A token sent in private connects, and the message with it is deleted; it is kept only sealed, and in no
    answer.
    """
    async with shop_in(own_settings) as shop:
        assert shop.bot.token not in str(shop.net.private(shop.olivia, shop.admin))
        (item,) = await shop.kept(ChannelItem)
        assert shop.bot.token not in item.secret
        async with (
            aiohttp.ClientSession() as http,
            http.get(shop.town.hook("x").replace("hooks/x", "metrics")) as answer,
        ):
            assert shop.bot.token not in await answer.text()


async def test_a_channel_whose_token_died(own_settings: Settings) -> None:
    """When the network refuses a channel's token the agent is told, and the owner in private, once; a new token of
    the same bot mends it, and what waited goes out.
    """
    async with shop_in(own_settings) as shop:
        talk = await shop.arrive()
        await shop.town.quiet()
        shop.net.fail(method="sendMessage", chat=talk.person, code=401, description="Unauthorized")
        post = talk.write("is this on?")
        await until(lambda: talk.marks(post) == ["💔"], "the mark")
        await until(lambda: "token" in shop.told(shop.olivia)[-1], "the owner to be told")
        await shop.ask(shop.olivia, f"/channel connect telegram {shop.bot.token}")
        talk.write("now it is")
        await until(lambda: "now it is" in talk.heard(), "the answer")
