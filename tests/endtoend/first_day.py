"""The manual's whole way, from `/start` to the first customer's message on the desk and the answer back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hub.domain.ids import Identity
from hub.domain.models import Member, Preferences
from hub.sandbox.telegram.accounts import Bot, User
from tests.endtoend.newcomers import Chat, Place, comes_in, on_slack, on_telegram
from tests.endtoend.town import until, words_of

ComesIn = Callable[[Place, Chat, str, str], Awaitable[None]]
"""Has somebody sign up from a chat, by name and address, until they are greeted there."""


async def organized(chat: Chat, guess: str) -> None:
    """The greeting asks for the organization's name; a tap gives it, and leads to the channel."""
    await chat.press(guess, f"{guess} stands, and in it your first workspace")
    assert "▸" in chat.words(chat.said()[-1])
    assert {"Telegram", "Slack", "Messenger", "Custom", "Skip"} <= set(chat.labels(chat.said()[-1]))


async def connected(place: Place, chat: Chat) -> Bot:
    """The bot that customers write to, connected by buttons and its token."""
    bot = place.town.net.add_bot(f"shop{len(place.town.net.bots)}_bot", "Shop")
    told = await chat.reply("Telegram", bot.token, "is connected")
    assert bot.username in chat.words(told)
    assert "▸ Bind a desk" in chat.labels(told)
    await chat.press("▸ Bind a desk", "I tell you here as soon as it stands")
    return bot


def heard(place: Place, customer: User, bot: Bot) -> list[str]:
    """What the customer's bot said to them."""
    return [words_of(m) for m in place.town.net.private(customer, bot) if m["from"]["id"] == bot.id]


async def kept(place: Place, identity: str, kind: type[Any]) -> list[Any]:
    """What is kept of a kind in the workspace that somebody has in use."""
    user = await place.town.hub.store.directory.user_by_identity(Identity(identity))
    assert user is not None
    return list(await place.town.hub.store.workspace(user.workspaces[0]).items(kind))


async def day_on_telegram(place: Place, comes_in: ComesIn = comes_in) -> Chat:
    """Signed up, organization and workspace named, a bot connected, a group made the desk: the founder is told each
    next step, the customer's message stands in a topic, and the answer is on the customer's phone.
    """
    net = place.town.net
    tess, bob, ann = net.add_user("Tess"), net.add_user("Bob"), net.add_user("Ann")
    chat = on_telegram(place, tess)
    await comes_in(place, chat, "Tess Tone", "tess@tone-shop.example")
    await organized(chat, "Tone Shop")
    bot = await connected(place, chat)
    group = net.add_forum("Tone team", members=[tess, bob], admins=[place.town.admin])
    net.say(tess, group, "/desk here")
    told = await chat.hears("The desk is bound: Tone team")
    assert "Who answers with you?" in chat.words(told)
    assert chat.labels(told) == ["▸ Invite people", "Skip"]

    link = words_of(await chat.press("▸ Invite people", "mails an invitation"))
    assert "lets in one colleague" in link
    code = words_of(await chat.press("Invite an agent", "becomes an agent")).partition("start=")[2].split()[0]
    agent = on_telegram(place, bob)
    await agent.ask(f"/start {code}", "You are an agent of Tone Shop now")
    told = await chat.hears("You are set. Write to")
    assert f"{bot.username} from another account, and see it arrive in Tone team" in chat.words(told)
    assert chat.labels(told) == []
    assert not [m for m in agent.said() if "▸" in agent.words(m)], "agents are not led"

    net.say(ann, bot, "Is anybody there?")
    topic = await until(lambda: next((t for t in net.topics(group) if "Ann" in t.name), None), "Ann's topic")
    posts = lambda: [words_of(m) for m in net.history(group, topic.id)]  # noqa: E731 - looked at again and again
    await until(lambda: any("Is anybody there?" in words for words in posts()), "it on the desk")
    net.say(bob, group, "We are.", thread=topic.id)
    await until(lambda: heard(place, ann, bot) == ["We are."], "the answer")
    identity = f"telegram:{tess.id}"
    assert sorted(m.role for m in await kept(place, identity, Member)) == ["agent", "owner"]
    assert [p.first_steps.told for p in await kept(place, identity, Preferences)] == [("channel", "desk", "people")]
    assert len([m for m in chat.said() if "The desk is bound" in chat.words(m)]) == 1
    return chat


async def day_on_slack(place: Place, comes_in: ComesIn = comes_in) -> Chat:
    """The same way in Slack: dialogs ask, the app is invited into a channel, and customers write from Slack as well."""
    net = place.slack
    sam, kim = net.add_user(place.team, "Sam Sound"), net.add_user(place.team, "Kim Kay", display_name="")
    chat = on_slack(place, sam)
    await comes_in(place, chat, "Sam Sound", "sam@sound-shop.example")
    await chat.reply("✏ Write a name", "Sound & Co", "Sound &amp; Co stands, and in it your first workspace")
    bot = await connected(place, chat)
    await chat.ask("/channel connect slack", "is connected")
    desk = net.add_channel(place.team, "support", [sam, place.app])
    knock = net.slash(sam, desk, "/hub", "desk here")
    await knock.answer()
    assert not knock.trouble
    told = await chat.hears("The desk is bound")
    assert chat.labels(told) == ["▸ Invite people", "Skip"]
    await chat.press("Skip", "You are set. Write to")
    await chat.ask("/setup", "Setting up")

    roots = lambda words: next((m for m in net.history(desk) if words in str(m) and "👤" in str(m)), None)  # noqa: E731
    net.say(kim, place.app, "Is anybody there?")
    await _answered(place, desk, sam, await until(lambda: roots("Kim"), "Kim's card"))
    said = lambda: [m["text"] for m in net.private(kim, place.app) if m.get("bot_id")]  # noqa: E731
    await until(lambda: said() == ["We are."], "the answer")
    ann = place.town.net.add_user("Annabel")
    place.town.net.say(ann, bot, "Is anybody there?")
    await _answered(place, desk, sam, await until(lambda: roots("Annabel"), "Annabel's card"))
    await until(lambda: heard(place, ann, bot) == ["We are."], "the answer")
    return chat


async def _answered(place: Place, desk: Any, by: Any, card: dict[str, Any]) -> None:
    """The customer's words are in the thread, where they are answered."""
    net = place.slack
    await until(lambda: any("anybody there?" in str(m) for m in net.thread(desk, card["ts"])), "it on the desk")
    net.say(by, desk, "We are.", thread=card["ts"])
