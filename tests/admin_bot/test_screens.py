"""No answer is longer than a screen unless that was asked for: each command, bare, in a workspace that is full of
everything, as each network draws it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hub.admin_bot.command import Command
from hub.admin_bot.drawing import templates
from hub.admin_bot.registry import shown
from hub.admin_bot.slack import blocks
from hub.admin_bot.telegram import keyboard
from hub.admin_bot.telegram.format import read_html
from hub.domain.ids import ChannelId, DeskId, TeamId, UserId
from hub.domain.models import (
    Alias,
    Category,
    ChannelItem,
    Contact,
    DeskItem,
    Field,
    Greeting,
    Invitation,
    Member,
    SavedFilter,
    Snippet,
    Tag,
    Team,
    now,
)
from hub.domain.ports import Tx
from hub.domain.reply import Reply
from hub.domain.telling.settings import SETTINGS
from tests.admin_bot.counter_desk import Shop, Topic, button, buttons

SCREEN, PHONE = 24, 15
"""Lines."""
MANY, FEW = 30, 12
ROWS = 12
"""Of buttons."""
LONGER: Mapping[str, int] = {}
"""Commands whose bare answer may have more lines; none may today."""


def rows_of(reply: Reply) -> int:
    """The rows of buttons, as Slack lays them in blocks; the words are one block more."""
    return len(blocks.actions(reply.rows))


def lines_of(reply: Reply) -> int:
    """The lines of the longer of both drawings."""
    parts, _ = keyboard.draw(templates("telegram"), reply)
    telegram = "\n".join(read_html(part).plain for part in parts)
    slack = blocks.told(templates("slack"), reply, thread=False).plain
    return max(len(telegram.splitlines()), len(slack.splitlines()))


async def _fill(tx: Tx) -> None:
    """More of everything than a screen has lines."""
    for n in range(MANY):
        words = f"{n} of many"
        tx.add(Tag(id=f"tag{n}", name=f"tag{n}", description="what it is for"))
        tx.add(Category(id=f"cat{n}", name=f"Category {words}"))
        tx.add(Snippet(id=f"snip{n}", name=f"snippet{n}", text="Hello there, how are you? " * 4, topic=f"Topic {n}"))
        tx.add(Alias(id=f"alias{n}", name=f"alias{n}", lines=["/tag resolved", "/close Solved"]))
        tx.add(Team(id=TeamId(f"team{n}"), name=f"Team {words}", members=[UserId(f"user{m}") for m in range(MANY)]))
        tx.add(Field(id=f"field{n}", name=f"Field {n}", kind="text"))
        tx.add(
            SavedFilter(
                id=f"f{n}",
                name=f"Filter {n}",
                finds="conversations",
                text="tag:vip",
                owner=UserId(f"user{n}"),
                shared="public",
            )
        )
        tx.add(
            ChannelItem(
                id=ChannelId(f"channel{n}"), network="telegram", name=f"@bot{n}", account=f"9{n}", problem="It is gone."
            )
        )
        tx.add(
            DeskItem(
                id=DeskId(f"desk{n}"), network="telegram", chat=f"-77{n}", title=f"Desk {n}", team=TeamId(f"team{n}")
            )
        )
        tx.add(
            Greeting(
                id=f"greet{n}",
                when="greeting",
                text="Hello!\nHow can we help you?\nWe are there.",
                channel=ChannelId(f"channel{n}"),
            )
        )
        tx.add(
            Greeting(id=f"away{n}", when="away", text="We sleep.\nUntil tomorrow.", channel=ChannelId(f"channel{n}"))
        )
        tx.add(Member(id=UserId(f"user{n}"), name=f"User {n}", role="agent", cap=n + 1))
        tx.add(
            Invitation(
                id=f"inv{n}",
                email=f"u{n}@a.example",
                role="agent",
                by=UserId("user1"),
                sent_at=now(),
                expires_at=now(),
                mark=f"m{n}",
            )
        )


@pytest.fixture(scope="module")
async def full(standing_shop: Shop) -> Topic:
    """The topic of a contact who has written much, in a shop that is full of everything."""
    shop = standing_shop
    await shop.run(_fill)
    olivia = shop.people["Olivia Orr"]
    for n in range(1, FEW):
        await shop.private(olivia, f"/settings hold {n}")
        await shop.receive(f"Guest {n}", "Where is my order?")
        await shop.receive("Ann", "I wrote before.\nMore than once.\nDid you read it?")
    topic = await shop.arrive("Ann", "one\ntwo\nthree")

    async def deed(tx: Tx) -> None:
        contact = await tx.get(Contact, topic.contact)
        assert contact is not None
        contact.tags = [f"tag{n}" for n in range(MANY)]
        contact.fields = {f"field{n}": "what it is" for n in range(MANY)}

    await shop.run(deed)
    return topic


@pytest.mark.parametrize("command", shown(), ids=lambda c: c.name)
async def test_no_answer_is_longer_than_a_screen_unasked(full: Topic, command: Command) -> None:
    """Bare, each command answers with a screen at most, however full the workspace is: lists are paged, texts cut."""
    shop, olivia = full.shop, full.shop.people["Olivia Orr"]
    spot = shop.own(olivia) if command.private else shop.spot() if command.about == "nothing" else full.spot
    reply = (await shop.say(olivia, f"/{command.name}", spot)).reply
    assert reply is not None
    assert lines_of(reply) <= LONGER.get(command.name, SCREEN)
    assert rows_of(reply) <= ROWS, "and its buttons fit below it"


@pytest.mark.parametrize(("line", "pages"), [("filter", 3), ("channel", 3), ("greeting", 6), ("away", 4)])
async def test_what_has_no_room_is_on_further_pages(full: Topic, line: str, pages: int) -> None:
    """All that is there is reached by its pages, none of which is longer than a screen."""
    shop, olivia = full.shop, full.shop.people["Olivia Orr"]
    answer, lines = await shop.private(olivia, f"/{line}"), 0
    for page in range(1, pages + 1):
        assert answer.reply is not None
        assert lines_of(answer.reply) <= SCREEN
        assert button(answer, f"{page}/{pages}")
        lines += len(answer.reply.data["lines"])  # type: ignore[arg-type]
        if page < pages:
            answer = await shop.press(olivia, button(answer, "▸"), shop.own(olivia))
    assert lines >= MANY
    assert not [b for b in buttons(answer) if b.label == "▸"]


async def test_a_text_that_looks_like_a_page_is_a_text_when_typed(full: Topic) -> None:
    """Only the button of a page turns it: what is typed as a greeting is one."""
    shop, olivia = full.shop, full.shop.people["Olivia Orr"]
    await shop.private(olivia, "/greeting page 2")
    assert "page 2" in [g.text for g in await shop.workspace.items(Greeting)]
    await shop.private(olivia, "/greeting off")


async def test_the_whole_list_is_for_who_asks_for_it(full: Topic) -> None:
    """`/help all` is as long as it must be, with how each command is written."""
    shop, olivia = full.shop, full.shop.people["Olivia Orr"]
    reply = (await shop.private(olivia, "/help all")).reply
    assert reply is not None
    assert lines_of(reply) > len(shown())
    assert "/snooze [number] [2h | fri 14 | tomorrow 9:00 | reply | -]" in shop.said()


async def test_the_settings_fit_a_phone_and_open_by_section(full: Topic) -> None:
    """One line a section, and a button to each; what has a screen of its own leads back to all of them."""
    shop, mia = full.shop, full.shop.people["Mia"]
    answer = await shop.private(mia, "/settings")
    assert answer.reply is not None
    assert lines_of(answer.reply) <= PHONE
    for each in buttons(answer):
        opened = await shop.press(mia, each, shop.own(mia))
        assert opened.redraw
        assert button(opened, "◂ All settings").line == "settings"
    group = await shop.press(mia, button(answer, "Assignment by rule"), shop.own(mia))
    assert {b.line for b in buttons(group)} >= {f"settings {s.name}" for s in SETTINGS if s.group == "assignment"}
