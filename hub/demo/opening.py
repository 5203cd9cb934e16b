"""Sets the scene as anybody would: through the product itself, by what Olivia and Bob type and press."""

from __future__ import annotations

import re

from hub.demo.stage import Stage
from hub.sandbox.telegram import Bot, Chat, User
from hub.sandbox.telegram.accounts import Json

CODE_SECONDS = 600.0
FURNITURE = (
    "/category add Billing",
    "/category add Delivery",
    "/snippet add hi Hi {{ contact.first_name | default('there') }}, thank you for writing to us!",
    "/snippet add sorry We are sorry, {{ contact.first_name | default('dear customer') }}! We are looking into it.",
)


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


async def furnish(stage: Stage) -> None:
    """What a shop has after its first week: categories to close with, and saved replies. Raises NotSo."""
    olivia = stage.scene.person("Olivia")
    for line in FURNITURE:
        await told(stage, olivia, line, f"the hub takes {line.split()[0]}")


async def told(stage: Stage, who: User, line: str, what: str) -> Json:
    """Writes a line to the hub's bot in private; the answer."""
    before = len(answers(stage, who))
    stage.world.say(who, stage.scene.admin_bot, line)
    found = await stage.until(lambda: answers(stage, who)[before:], what)
    return found[0]


def answers(stage: Stage, who: User) -> list[Json]:
    """What the hub's bot has said to somebody in private."""
    bot = stage.scene.admin_bot
    return [m for m in stage.world.private(who, bot) if m["from"]["id"] == bot.id]


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
