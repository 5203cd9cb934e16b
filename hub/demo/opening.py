"""Sets the scene as anybody would: through the product itself, by what Olivia and Bob type and press."""

from __future__ import annotations

import re
from typing import Any

from hub.admin_bot.registry import commands
from hub.admin_bot.slack.manifest import manifest
from hub.demo.stage import NotSo, Stage
from hub.sandbox.slack import Shortcut
from hub.sandbox.slack import User as SlackUser
from hub.sandbox.telegram import Bot, Chat, User
from hub.sandbox.telegram.accounts import Json

CODE_SECONDS = 600.0
NEWCOMERS = 3
FURNITURE = (
    "/category add Billing",
    "/category add Delivery",
    "/snippet add hi Hi {{ contact.first_name | default('there') }}, thank you for writing to us!",
    "/snippet add sorry We are sorry, {{ contact.first_name | default('dear customer') }}! We are looking into it.",
)


async def open_all(stage: Stage) -> None:
    """The whole shop: three networks, and a desk on two of them. Raises NotSo."""
    await open_shop(stage)
    await open_messenger(stage)
    await open_slack(stage)


async def open_shop(stage: Stage) -> None:
    """Olivia becomes owner, connects the shop's bot, makes the group the desk, and brings Bob in. Raises NotSo."""
    scene, olivia, bob = stage.scene, stage.scene.person("Olivia"), stage.scene.person("Bob")
    code = await stage.hub.store.directory.issue_token("init", {}, CODE_SECONDS)
    await told(stage, olivia, f"/start {code}", "the hub answers the owner's code")
    await told(stage, olivia, f"/channel connect telegram {scene.shop_bot.token}", "the shop's bot is connected")
    await stage.until(lambda: listened_to(scene.shop_bot), "the hub listens to the shop's bot")
    stage.world.say(olivia, scene.group, "/desk here")
    await stage.until(lambda: queue_card(stage), "the queue card stands in General")
    answer = await told(stage, olivia, "/invite agent", "the hub gives an invitation link")
    stage.world.start(bob, scene.admin_bot, invitation(answer))
    await stage.until(lambda: answers(stage, bob), "the hub welcomes Bob")


async def open_messenger(stage: Stage) -> None:
    """Olivia connects the shop's page, and enters at Messenger what the hub tells her to. Raises NotSo."""
    messenger, olivia = stage.messenger, stage.scene.person("Olivia")
    line = f"/channel connect messenger {messenger.page.id} {messenger.page.token} {messenger.app.secret}"
    answer = await told(stage, olivia, line, "the shop's page is connected")
    url, token = told_of(answer, r"callback URL (\S+)"), told_of(answer, r"verify token ([\w-]+)")
    try:
        await messenger.world.set_webhook(messenger.app, url, token)
    except ValueError as error:
        raise NotSo(f"Messenger does not take the hub's address: {error}.") from None


async def open_slack(stage: Stage) -> None:
    """Olivia connects the app that customers on Slack write to, and has a desk in a channel there. Raises NotSo."""
    slack, olivia = stage.slack, stage.scene.person("Olivia")
    line = f"/channel connect slack {slack.shop.token} {slack.shop_app.signing_secret}"
    answer = await told(stage, olivia, line, "the shop's app on Slack is connected")
    # What pasting the manifest does, on the pages of the hub's own app.
    features = manifest(commands(), stage.hub.settings.public_url)["features"]
    slack.app.shortcuts = [Shortcut(s["callback_id"], s["name"], s["type"]) for s in features["shortcuts"]]
    try:
        await slack.world.set_request_url(slack.shop_app, told_of(answer, r"enter (\S+) as Request URL"))
        await slack.world.set_request_url(slack.app, stage.hook("slack"))
    except ValueError as error:
        raise NotSo(f"Slack does not take the hub's address: {error}.") from None
    for agent, role in zip(slack.agents, ("manager", "agent"), strict=True):
        answer = await told(stage, olivia, f"/invite {role}", "the hub gives an invitation for Slack")
        await typed(stage, agent, told_of(answer, r"/hub (start \S+)"))
    await typed(stage, slack.agents[0], "desk here")


async def furnish(stage: Stage) -> None:
    """What a shop has after a week: categories to close with, saved replies, and people who write. Raises NotSo."""
    olivia = stage.scene.person("Olivia")
    for line in FURNITURE:
        await told(stage, olivia, line, f"the hub takes {line.split()[0]}")
    await greet(stage)


async def greet(stage: Stage) -> None:
    """Somebody has written on each network, and is seen on both desks. Raises NotSo."""
    slack, messenger = stage.slack, stage.messenger
    stage.world.say(stage.scene.person("Ann"), stage.scene.shop_bot, "Hello! My order 1042 has not arrived.")
    messenger.world.say(messenger.person("Mia"), messenger.page, "Hi! Can I return the blue jacket?")
    slack.world.say(slack.person("Sam"), slack.shop_app, "Is the *red* lamp in stock?")
    await stage.until(lambda: len(stage.world.topics(stage.scene.group)) == NEWCOMERS, "each has a topic on Telegram")
    await stage.until(lambda: len(cards(stage)) == NEWCOMERS, "each has a thread on Slack")
    await stage.quiet()


def cards(stage: Stage) -> list[Any]:
    """The messages of the desk's channel on Slack that threads hang on."""
    return [m for m in stage.slack.world.history(stage.slack.desk) if m.get("reply_count")]


async def told(stage: Stage, who: User, line: str, what: str) -> Json:
    """Writes a line to the hub's bot in private; the answer."""
    before = len(answers(stage, who))
    stage.world.say(who, stage.scene.admin_bot, line)
    found = await stage.until(lambda: answers(stage, who)[before:], what)
    return found[0]


async def typed(stage: Stage, who: SlackUser, line: str) -> str:
    """Types /hub and a line in the desk's channel; what is answered to them alone or there. Raises NotSo."""
    slack, what = stage.slack, f"the hub answers /hub {line.split(maxsplit=1)[0]}"
    before = len(heard_on_slack(stage, who))
    knock = slack.world.slash(who, slack.desk, "/hub", line)
    await knock.answer()
    if knock.trouble:
        raise NotSo(f"Slack says to {what}: {knock.trouble}.")
    found = await stage.until(lambda: heard_on_slack(stage, who)[before:], what)
    return str(found[-1]["text"])


def heard_on_slack(stage: Stage, who: SlackUser) -> list[Any]:
    """What the hub said on Slack that somebody can see: to them alone, in private, and in the desk's channel."""
    slack = stage.slack
    here = [*slack.world.history(slack.desk), *slack.world.private(who, slack.app)]
    said = [m for m in here if m.get("user") == slack.hub.bot.id]
    return sorted([*said, *slack.world.ephemerals(who)], key=lambda m: float(m["ts"]))


def told_of(answer: Json, pattern: str) -> str:
    """What an answer of the hub tells to enter elsewhere. Raises NotSo where it does not."""
    found = re.search(pattern, str(answer.get("text", "")))
    if found is None:
        raise NotSo(f"The hub does not say what to enter; it says: {answer.get('text', '')}")
    return found[1].rstrip(".,")


def answers(stage: Stage, who: User) -> list[Json]:
    """What the hub's bot has said to somebody in private, but that a first step is done, which comes unasked."""
    bot = stage.scene.admin_bot
    said = [m for m in stage.world.private(who, bot) if m["from"]["id"] == bot.id]
    return [m for m in said if not str(m.get("text", "")).startswith("✓ ")]


def listened_to(bot: Bot) -> bool:
    """Whether somebody fetches, or is sent, what people write to this bot."""
    return bot.inbox.listening()


def queue_card(stage: Stage) -> Json | None:
    """The queue card, once it is there: the bot's last message in General."""
    group: Chat = stage.scene.group
    mine = [m for m in stage.world.history(group, 1) if m["from"]["id"] == stage.scene.admin_bot.id]
    return next((m for m in reversed(mine) if "waiting" in str(m.get("text", "")).lower()), None)


def invitation(answer: Json) -> str:
    """What the link in an invitation carries."""
    links = [e.get("url", "") for e in answer.get("entities", [])] + [str(answer.get("text", ""))]
    links += [b.get("url", "") for row in answer.get("reply_markup", {}).get("inline_keyboard", []) for b in row]
    found = next((m for link in links if (m := re.search(r"start=([\w-]+)", link))), None)
    return found[1] if found else ""
