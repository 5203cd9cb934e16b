"""A conversation goes from a Telegram desk to a team's Slack desk, and on there; a desk with further bots."""

from __future__ import annotations

from typing import Any

from hub.domain.models import DeskItem
from tests.endtoend.mixed import Mixed
from tests.endtoend.shop import Shop, Talk
from tests.endtoend.town import until, words_of


def said(message: Any) -> str:
    """All that a Slack message says, in its blocks too."""
    return f"{message.get('text', '')} {message.get('blocks', '')}"


async def test_a_conversation_is_moved_from_telegram_to_slack_and_goes_on(mixed: Mixed) -> None:
    """It begins there with what was said, the old topic says where it went and lets nothing out by itself, and the
    contact notices nothing.
    """
    shop, net = mixed.shop, mixed.slack
    await shop.ask(shop.olivia, "/team create Sales")
    await mixed.slash(mixed.sue, "desk here team Sales")
    talk = await shop.arrive("I want to buy", "moveme")
    talk.write("what do you want?")
    await until(lambda: "what do you want?" in talk.heard(), "the answer")
    talk.say("two lamps")
    await talk.sees("two lamps")

    def card() -> Any:
        return next((m for m in net.history(mixed.desk) if "👤" in said(m) and talk.name in said(m)), None)

    assert card() is None
    talk.write("/assign Sales")
    await talk.sees("goes on at")
    root = await until(card, "a card on the Slack desk")

    def thread() -> list[str]:
        return [said(m) for m in net.thread(mixed.desk, root["ts"])]

    await until(lambda: any("two lamps" in s for s in thread()), "what nobody answered in the thread")
    moved = next(s for s in thread() if "comes from" in s)
    assert "I want to buy" in moved
    assert "what do you want?" in moved
    assert "two lamps" not in moved
    net.say(mixed.max, mixed.desk, "which colour?", thread=root["ts"])
    await until(lambda: "which colour?" in talk.heard(), "the answer from Slack")
    talk.say("blue")
    await until(lambda: any("blue" in s for s in thread()), "the contact's next words in the thread")
    assert talk.post("blue") is None
    talk.write("green is nicer")
    await talk.told(shop.bob, "goes on at the desk")
    await shop.town.quiet()
    assert talk.heard() == ["what do you want?", "which colour?"]
    assert sum("two lamps" in s for s in thread()) == 1


# -- relay bots --


def authors(talk: Talk, text: str) -> list[str]:
    """Which bots posted that in the contact's topic."""
    found = talk.net.history(talk.shop.group, talk.topic.id)
    return [m["from"]["username"] for m in found if text in words_of(m) and m["from"]["is_bot"]]


async def relays(shop: Shop) -> list[Any]:
    return (await shop.kept(DeskItem))[0].relays  # type: ignore[no-any-return]


async def test_a_relay_bot_posts_beside_the_desks_own(shop: Shop) -> None:
    """It must be an administrator of the group. What has buttons the desk's own posts; each edits what it posted. One
    that is thrown out is told of once, and what it was to post the others post: nothing is lost, or shown twice.
    """
    extra = shop.net.add_bot("extra_bot", "Extra")
    assert "extra_bot is not in" in await shop.ask(shop.olivia, f"/desk relay {extra.token}")
    shop.net.add_to_chat(shop.group, extra)
    assert "no administrator of" in await shop.ask(shop.olivia, f"/desk relay {extra.token}")
    shop.net.remove_from_chat(shop.group, extra)
    shop.net.add_to_chat(shop.group, extra, admin=True)
    assert "desk's own bot" in await shop.ask(shop.olivia, f"/desk relay {shop.admin.token}")
    assert "does not know that token" in await shop.ask(shop.olivia, "/desk relay 123456789:AAAAAAAAAAAAAAAAAAAAAAAAAA")
    assert "up to 40 posts a minute" in await shop.ask(shop.olivia, f"/desk relay {extra.token}")
    talk = await shop.arrive("first words", "wide")
    assert authors(talk, "first words") == [shop.admin.username]
    sent = talk.say("second words")
    await until(lambda: authors(talk, "second words") == ["extra_bot"], "the second words, by the other bot")
    shop.net.edit(talk.person, shop.bot, sent["message_id"], "second thoughts")
    await until(lambda: authors(talk, "second thoughts") == ["extra_bot"], "the edit, by the bot that posted it")
    talk.write("an answer", reply_to=None)
    await until(lambda: talk.heard() == ["an answer"], "the answer")
    talk.say("a new spell")
    await until(lambda: authors(talk, "a new spell") == [shop.admin.username], "what has buttons, by the desk's own")
    shop.net.remove_from_chat(shop.group, extra)
    for words in ("after one", "after two"):
        talk.say(words)
    await until(lambda: authors(talk, "after one") and authors(talk, "after two"), "what it was to post, by the others")
    await until(lambda: "posts no more on the desk" in " ".join(shop.told(shop.olivia)), "the owner to be told")
    await shop.town.quiet()
    assert authors(talk, "after one") == authors(talk, "after two") == [shop.admin.username]
    assert sum("posts no more on the desk" in t for t in shop.told(shop.olivia)) == 1
    assert (await relays(shop))[0].problem
    shop.net.add_to_chat(shop.group, extra, admin=True)
    assert "up to 40 posts a minute" in await shop.ask(shop.olivia, "/desk relay")
    talk.say("it is back")
    await until(lambda: authors(talk, "it is back") == ["extra_bot"], "it to post again")
    extra.token = f"{extra.id}:AAOtherOtherOtherOtherOtherOtherOther"
    talk.say("its token died")
    await until(lambda: authors(talk, "its token died") == [shop.admin.username], "the desk's own to post instead")
    await until(lambda: "refuses its token" in " ".join(shop.told(shop.olivia)), "the owner to be told why")
