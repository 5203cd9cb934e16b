"""Dialogs: beginning, letting in, channels, the desk, the inbox, what failed, help; and who may do what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from hub.admin_bot import menus, registry
from hub.admin_bot.command import Command
from hub.domain import standing
from hub.domain.desks import HOME_DEPTH
from hub.domain.ids import ChannelId, PostId, new_id
from hub.domain.models import ChannelItem, DeskItem, Member, Post, Preferences
from hub.domain.ports import Tx
from hub.domain.text import Text
from hub.domain.work import Quarantined, QueueCard, Send, Work
from hub.errors import TemporaryFailure, Unavailable
from hub.store import Store
from hub.store.embedded import Embedded
from tests.admin_bot.counter_desk import TEMPLATES, TOKEN, Shop, Who, button, buttons
from tests.store.faulty import failing

INTERRUPTED = 11601

# -- beginning --


async def test_a_code_founds_a_workspace_once(store: Store) -> None:
    """The code of an installation makes its sender the owner of a workspace with a name, and works once."""
    shop = Shop(store)
    olivia, mallory = shop.somebody("Olivia Orr", 1), shop.somebody("Mallory", 2)
    await shop.private(olivia, "/start")
    assert "hub init" in shop.said()
    await shop.private(olivia, "/next")
    assert "hub init" in shop.said() or "no workspace" in shop.said() or "not a member" in shop.said()
    code = await store.directory.issue_token("init", {}, 60)
    await shop.private(olivia, f"/start {code}")
    assert "You are the owner of Olivia's workspace." in shop.said()
    (entry,) = await store.directory.workspaces()
    (member,) = await store.workspace(entry.id).items(Member)
    assert (member.role, entry.name) == ("owner", "Olivia's workspace")
    await shop.private(mallory, f"/start {code}")
    assert "used already" in shop.said()
    await shop.private(olivia, f"/start {code}")
    assert "used already" in shop.said()
    assert "/channel connect" in shop.said()
    assert len(await store.directory.workspaces()) == 1


@pytest.mark.parametrize("fails", ["createIndexes", "update", "delete"])
async def test_a_code_outlives_a_database_that_is_away(store: Store, mongod: Embedded, fails: str) -> None:
    """Where founding fails on the way, the code is still good for the one who used it, for nobody else, and founds one
    workspace in all.
    """
    shop = Shop(store)
    olivia, mallory = shop.somebody("Olivia Orr", 1), shop.somebody("Mallory", 2)
    code = await store.directory.issue_token("init", {}, 60)
    async with failing(mongod, [fails], errorCode=INTERRUPTED):
        with pytest.raises(Unavailable):
            await shop.private(olivia, f"/start {code}")
    await shop.private(mallory, f"/start {code}")
    assert "used already" in shop.said()
    await shop.private(olivia, f"/start {code}")
    assert "You are the owner of Olivia's workspace." in shop.said()
    (entry,) = await store.directory.workspaces()
    user = await store.directory.user_by_identity(olivia.asker.identity)
    assert user is not None
    assert user.workspaces == [entry.id]
    await shop.private(mallory, f"/start {code}")
    assert "used already" in shop.said()


async def test_an_invitation_outlives_a_database_that_is_away(
    shop: Shop, mia: Who, mallory: Who, mongod: Embedded
) -> None:
    """The same holds for the link that lets somebody in."""
    await shop.private(mia, "/invite agent")
    token = shop.said().rsplit("start=", 1)[1]
    async with failing(mongod, ["update"], errorCode=INTERRUPTED):
        with pytest.raises(Unavailable):
            await shop.private(mallory, f"/start {token}")
    await shop.private(shop.somebody("Trudy", 9), f"/start {token}")
    assert "used already" in shop.said()
    await shop.private(mallory, f"/start {token}")
    assert "Welcome! You are an agent of Olivia's workspace" in shop.said()


async def test_an_invitation_lets_one_in_once(shop: Shop, olivia: Who, mia: Who, mallory: Who) -> None:
    """Owners invite managers and agents, managers agents; a link works once and only in private is it given."""
    await shop.private(mia, "/invite manager")
    assert "Only an owner" in shop.said()
    await shop.say(olivia, "/invite agent")
    assert "private chat" in shop.said()
    assert "start=" not in shop.said()
    await shop.private(mia, "/invite agent")
    token = shop.said().rsplit("start=", 1)[1]
    await shop.private(mallory, f"/start {token}")
    assert "Welcome! You are an agent of Olivia's workspace" in shop.said()
    other = shop.somebody("Trudy", 9)
    await shop.private(other, f"/start {token}")
    assert "used already" in shop.said()
    topic = await shop.arrive()
    assert (await topic.say(mallory, "Hello")).reply is None
    await shop.private(mallory, "/whoami")
    assert shop.said() == f"You are Mallory ({mallory.asker.identity}), agent of Olivia's workspace."


async def test_who_gave_a_link_does_not_use_it_up(shop: Shop, olivia: Who, mia: Who, mallory: Who) -> None:
    """Whoever gives a link tries it: it is theirs to give away and still good, also after a colleague opened it."""
    await shop.private(mia, "/invite agent")
    token = shop.said().rsplit("start=", 1)[1]
    await shop.private(mia, f"/start {token}")
    assert "yours to give away: whoever else opens it first becomes an agent" in shop.said()
    await shop.private(olivia, f"/start {token}")
    assert "still good for whom it is meant" in shop.said()
    await shop.private(mallory, f"/start {token}")
    assert "Welcome! You are an agent of Olivia's workspace" in shop.said()


async def test_who_comes_into_another_workspace_is_told_so(shop: Shop, mia: Who) -> None:
    """By a link one uses the new workspace at once: it is said, and how to go back to the one before."""
    other = Shop(shop.store)
    await other.set_up()
    bob = other.people["Bob Bright"]
    await other.private(bob, "/whoami")
    before = other.said().rpartition("agent of ")[2].rstrip(".")
    await shop.private(mia, "/invite agent")
    await shop.private(bob, f"/start {shop.said().rsplit('start=', 1)[1]}")
    assert "What you ask me in private is about" in shop.said()
    assert f"/workspace {before} goes back to {before}." in shop.said()


async def test_codes_are_taken_away_from_groups(shop: Shop) -> None:
    """A code in a group is not used; the message is taken away."""
    code = await shop.store.directory.issue_token("init", {}, 60)
    post, answer = await shop.post(shop.people["Bob Bright"], f"/start {code}")
    assert answer.delete_post == post
    assert await shop.store.directory.use_token("init", code) is not None


# -- channels --


async def test_connecting_a_channel(shop: Shop, mia: Who) -> None:
    """A token in private connects the account: sealed, routed, started at once; again is the same channel."""
    for _ in range(2):
        await shop.private(mia, f"/channel connect telegram {TOKEN}")
    assert "@shop_bot is connected" in shop.said()
    assert "Privacy mode is on." in shop.said()
    (item,) = [c for c in await shop.all(ChannelItem) if c.account == shop.account]
    assert TOKEN not in item.secret
    assert shop.store.vault.open(item.secret) == TOKEN
    assert await shop.store.directory.route("channel", f"telegram:{shop.account}") == (shop.workspace.id, item.id)
    assert shop.changed == [item.id, item.id]
    assert TOKEN not in str(shop.drawn)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/channel connect telegram wrong", "does not know that token"),
        ("/channel connect telegram", "1 of 1: send me the token"),
        ("/channel connect telegraf x", "Did you mean telegram?"),
        ("/channel connect", "Which network do your contacts write on?"),
        ("/channel connect telegram 999:admin", "admin bot itself"),
        ("/channel disconnect nothing", "No channel is called"),
        ("/channel frobnicate", "should be list, connect or disconnect"),
    ],
)
async def test_what_cannot_be_connected_is_said(standing_shop: Shop, line: str, said: str) -> None:
    """Each mistake is answered with what would be right, and nothing is connected."""
    shop = standing_shop
    await shop.private(shop.people["Mia"], line)
    assert said in shop.said()
    assert not shop.changed


async def test_connecting_step_by_step(shop: Shop, mia: Who) -> None:
    """Who does not know the line is led: the network by a button, then one thing at a time, taken away when it is
    said, and kept sealed until all is there.
    """
    answer = await shop.private(mia, "/channel connect")
    await shop.press(mia, button(answer, "Telegram"), shop.own(mia))
    assert "send me the token" in shop.said()
    post, answer = await shop.post(mia, TOKEN, shop.own(mia))
    assert answer.delete_post == post
    assert "@shop_bot is connected" in shop.said()
    assert TOKEN not in str([p.line for p in await shop.all(Post)])


async def test_a_token_in_a_group_is_not_used(shop: Shop, olivia: Who) -> None:
    """In a group even a short token is deleted and refused."""
    post, answer = await shop.post(olivia, "/channel connect telegram 999:admin")
    assert answer.delete_post == post
    assert "compromised" in shop.said()
    await shop.say(olivia, "/channel connect")
    assert "private chat" in shop.said()
    assert not shop.changed


async def test_an_account_serves_one_workspace(shop: Shop, mia: Who, mallory: Who) -> None:
    """An account that another workspace has is refused; disconnecting lets go of it."""
    await shop.private(mia, f"/channel connect telegram {TOKEN}")
    other = Shop(shop.store, account=shop.account)
    await other.private(mallory, f"/start {await shop.store.directory.issue_token('init', {}, 60)}")
    await other.private(mallory, f"/channel connect telegram {TOKEN}")
    assert "another workspace" in other.said()
    await shop.private(mia, "/channel")
    assert "@shop_bot · telegram · connected" in shop.said()
    second = next(c for c in await shop.all(ChannelItem) if c.account == shop.account)

    async def rename(tx: Tx) -> None:
        item = await tx.get(ChannelItem, second.id)
        assert item is not None
        item.name = "@shop2_bot"

    await shop.run(rename)
    await shop.private(mia, "/channel disconnect shop2")
    assert "disconnected" in shop.said()
    await other.private(mallory, f"/channel connect telegram {TOKEN}")
    assert "is connected" in other.said()


# -- the desk --


async def test_the_desk_is_bound_by_who_manages(shop: Shop, olivia: Who, bob: Who, mallory: Who) -> None:
    """/desk here works in an unbound group for owners and managers only; in another workspace's desk for nobody."""
    yard = shop.spot(chat=f"{shop.chat}2")
    assert (await shop.say(mallory, "/desk here", yard)).reply is not None
    await shop.say(bob, "/desk here", yard)
    assert "for a manager" in shop.said()
    assert (await shop.say(olivia, "hello", yard)).reply is None
    await shop.say(olivia, "/next", yard)
    assert "no desk yet" in shop.said()
    assert len(await shop.all(DeskItem)) == 1
    await shop.say(olivia, "/desk here", yard)
    assert "This group is your desk now." in shop.said()
    assert len(await shop.all(DeskItem)) == 2
    await shop.say(olivia, "/desk", yard)
    await shop.say(olivia, "/desk off", yard)
    assert "What arrives is shown on the other desk: Support." in shop.said()
    assert await shop.store.directory.route("desk", f"telegram:{shop.chat}2") is None
    assert len(await shop.all(DeskItem)) == 1
    await shop.private(olivia, "/desk here")
    assert "in the group" in shop.said()
    await shop.say(olivia, "/desk off")
    assert "What arrives is kept until /desk here is sent in a group." in shop.said()


async def test_a_group_becomes_the_desk_by_a_tap(shop: Shop, olivia: Who, bob: Who, mallory: Who) -> None:
    """Whatever a manager asks for in a group that is no desk, the answer makes it one; nobody else can press that."""
    yard = shop.spot(chat=f"{shop.chat}8")
    tap = button(await shop.say(olivia, "/start desk", yard), "Make this the desk")
    for who, told in ((mallory, "belongs to nothing any more"), (bob, "is for a manager of this workspace")):
        await shop.press(who, tap, yard)
        assert told in shop.said()
        assert len(await shop.all(DeskItem)) == 1
    await shop.press(olivia, tap, yard)
    assert "This group is your desk now." in shop.said()
    assert len(await shop.all(DeskItem)) == 2
    await shop.press(olivia, tap, yard)
    assert "This group is the desk already." in shop.said()
    assert len(await shop.all(DeskItem)) == 2


async def test_setting_up_where_only_the_asker_reads_offers_the_desk(shop: Shop, olivia: Who) -> None:
    """Asked behind a slash command in the chat that is to be the desk, the step is one tap."""
    await shop.say(olivia, "/desk off")
    yard = replace(shop.spot(chat=f"{shop.chat}9"), whispered=True)
    tap = button(await shop.say(olivia, "/setup desk", yard), "Make this the desk")
    await shop.press(olivia, tap, yard)
    assert [desk.chat for desk in await shop.all(DeskItem)] == [f"{shop.chat}9"]


async def test_what_is_wrong_in_a_group_is_said_at_once(shop: Shop, olivia: Who) -> None:
    """/desk here says what keeps the hub from working there and how to mend it, and stays to be read; /desk looks again
    at every desk; a network that cannot tell keeps nobody from having a desk.
    """
    chat = f"{shop.chat}7"
    yard = shop.spot(chat=chat)
    shop.front_end.wrong[chat] = ["Topics are off: switch them on.", "No rights: make me an administrator."]
    answer = await shop.say(olivia, "/desk here", yard)
    assert answer.reply is not None
    assert answer.reply.lasting
    assert "• Topics are off: switch them on.\n• No rights: make me an administrator.\n" in shop.said()
    await shop.private(olivia, "/desk")
    assert "Support needs mending:\n• Topics are off" in shop.said()
    shop.front_end.wrong[chat] = TemporaryFailure("The network cannot be reached.")
    await shop.say(olivia, "/desk here", yard)
    assert "cannot see how this group is set up: The network cannot be reached." in shop.said()
    shop.front_end.wrong.clear()
    await shop.private(olivia, "/desk")
    assert "needs mending" not in shop.said()
    assert "⚠️" not in shop.said()


async def test_the_queue_card_stays_last_when_a_desk_is_bound(shop: Shop, olivia: Who) -> None:
    """Where all is well /desk here is answered to the asker alone, and sent again has a queue card of before posted
    anew.
    """
    desk = await shop.desk()

    async def card(tx: Tx) -> None:
        await standing.queue_drawn(tx, [], desk.id, PostId("77"))

    await shop.run(card)
    answer = await shop.say(olivia, "/desk here")
    assert answer.reply is not None
    assert not answer.reply.lasting
    assert (await shop.desk()).home_posts == HOME_DEPTH
    (work,) = [w for w in await shop.all(Work) if isinstance(w.task, QueueCard)]
    assert work.state == "waiting"


async def test_a_group_that_moves_stays_the_desk(shop: Shop, bob: Who) -> None:
    """When the group gets a new identity, the desk goes with it, told once or twice; its topics begin anew, for a
    number of the old group may be another contact's topic in the new one.
    """
    topic = await shop.arrive()
    for _ in range(2):
        await shop.move("-9100200")
    assert (await shop.desk()).chat == "-9100200"
    await shop.say(bob, "Hello", shop.spot(topic.thread, "-9100200"))
    assert not await shop.out()
    assert "belongs to no contact" in shop.said()
    assert len(await shop.all(DeskItem)) == 1
    assert await shop.store.directory.route("desk", f"telegram:{shop.chat}") is None


async def test_strangers_groups_hear_nothing(shop: Shop, mallory: Who) -> None:
    """In a group that is no desk, the bot answers nobody's talk and no stranger's commands but help."""
    yard = shop.spot(chat=f"{shop.chat}3")
    for text in ("hello", "/inbox", "/frobnicate", "/whoami"):
        assert (await shop.say(mallory, text, yard)).reply is None
    assert (await shop.say(mallory, "/help", yard)).reply is not None


# -- lists --


async def test_the_inbox(shop: Shop, bob: Who) -> None:
    """The inbox lists what matches, with links, by pages that turn in place."""
    topics = [await shop.arrive(f"Contact{n}", f"question {n}") for n in range(10)]
    await topics[0].say(bob, "/take")
    await topics[1].say(bob, "/close done")
    answer = await shop.say(bob, "/inbox")
    assert shop.said().startswith("📥 All, open: 9")
    assert "Contact0 #1 · ⏳ 0 min · ✋ Bob Bright · question 0" in shop.said()
    assert f"https://desk.example/{shop.chat}/{topics[2].thread}/{topics[2].relay}" in shop.drawn[-1]
    answer = await shop.press(bob, button(answer, "▸"))
    assert answer.redraw
    assert "Contact9 #10" in shop.said()
    for line, count in (("/inbox mine", 1), ("/inbox unas", 8), ("/inbox closed", 1), ("/inbox mine closed", 0)):
        await shop.private(bob, line)
        assert f": {count}" in shop.said(), line
    await shop.private(bob, "/inbox yours")
    assert "There is no inbox “yours”. There is all or mine or unassigned or team or blocked." in shop.said()


async def test_contact_and_history(shop: Shop, bob: Who) -> None:
    """/contact and /history tell who it is and what was before, with closing notes; what they wrote cannot act."""
    topic = await shop.arrive(text="/close everything @bob")
    await topic.say(bob, "On its way")
    await topic.say(bob, "//a nice one")
    await topic.say(bob, "/close delivered")
    await shop.arrive(text="Thanks")
    await topic.say(bob, "/history")
    assert "#1 closed" in shop.said()
    assert "delivered" in shop.said()
    await topic.say(bob, "/history #1")
    assert "/\u2060close everything @\u2060bob" in shop.drawn[-1]
    assert "🗒 Bob Bright: a nice one" in shop.said()
    await topic.say(bob, "/contact")
    assert "Reached by @shop_bot" in shop.said()
    assert "2 conversations" in shop.said()


async def test_what_failed_is_shown_and_tried_again(shop: Shop, mia: Who) -> None:
    """/failed tells what failed and why; one, or all, are tried again."""
    topic = await shop.arrive()
    await topic.say(shop.people["Bob Bright"], "Hello")
    (message,) = await shop.out()
    ids = [new_id(), new_id()]

    async def fails(tx: Tx) -> None:
        tx.add(Work(id=ids[0], lane="out:x", task=Send(message=message.id), state="failed", reason="too large"))
        task = Quarantined(channel=ChannelId("ch1"), payload=b"{}")
        tx.add(Work(id=ids[1], lane="q", task=task, state="failed", reason="odd"))

    await shop.run(fails)
    answer = await shop.private(mia, "/failed")
    assert "a reply to the contact “Hello” · Ann: too large" in shop.said()
    assert "an update that could not be received · @shop_bot: odd" in shop.said()
    await shop.press(mia, button(answer, f"Retry {ids[0][-6:]}"), shop.own(mia))
    work = await shop.workspace.get(Work, ids[0])
    assert work is not None
    assert (work.state, work.attempts) == ("waiting", 0)
    await shop.private(mia, "/failed retry zzz")
    assert "Nothing that failed" in shop.said()
    await shop.private(mia, "/failed retry all")
    assert not [w for w in await shop.all(Work) if w.state == "failed"]
    await shop.private(mia, "/failed")
    assert shop.said() == "✅ Nothing failed."


# -- help, menus, documents --


async def test_help_shows_what_one_may(shop: Shop, bob: Who, mia: Who) -> None:
    """Help lists the commands of one's role; of one command it tells the usage and the short form."""
    await shop.private(bob, "/help all")
    assert "/assign" in shop.said()
    assert "/channel" not in shop.said()
    await shop.private(mia, "/help all")
    assert "/channel" in shop.said()
    await shop.private(bob, "/help close")
    assert "/close [number] [category] [summary…]" in shop.said()
    await shop.private(bob, "/clsoe")
    assert "Did you mean /close?" in shop.said()
    await shop.private(bob, "/c")
    assert "/close or /contact" in shop.said()
    await shop.private(bob, "hello?")
    assert "Nothing that you write here reaches a contact" in shop.said()


def test_every_command_says_what_it_is() -> None:
    """Each has a name, a usage that begins with it, a sentence of help, a section, a permission, and its own name."""
    listed = json.loads(json.dumps(menus.command_list()))
    assert {"assign", "close", "tag", "next", "snippet", "note", "undo", "unsend", "inbox"} <= {
        c["name"] for c in listed
    }
    for each in listed:
        assert each["usage"].startswith(f"/{each['name']}")
        assert each["help"].endswith(".") or ":" in each["help"]
        assert len(each["help"]) < 120
        assert each["section"]
        assert each["permission"] in ("anyone", "agent", "manager", "owner")
    assert [c["aliases"] for c in listed if c["name"] == "assign"] == [["a"]]
    assert {e.name for e in menus.menu("desk")} < {e.name for e in menus.menu("private")}


def test_the_page_of_commands_is_current() -> None:
    """docs/commands.md is what the commands say; `hub.admin_bot.menus.write_commands` makes it."""
    page = Path(__file__).parents[2] / "docs" / "commands.md"
    assert page.read_text(encoding="utf-8") == menus.commands_markdown()


def test_commands_load_without_a_networks_library() -> None:
    """Listing the commands loads no messaging library, which takes seconds."""
    import subprocess
    import sys

    script = "import sys, hub.admin_bot.menus as m; m.command_list(); sys.exit('aiogram' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


LINE: dict[str, Any] = {
    "who": "/x",
    "at": "2026-11-21T12:00:00+00:00",
    "text": "@bob",
    "kinds": ["image"],
    "note": True,
}
FROM_ELSEWHERE: dict[str, dict[str, Any]] = {
    "not_delivered": {"reason": "Too large.", "uncertain": False, "name": "/close"},
    "not_mirrored": {"what": "edit", "reason": "Too late."},
    "transcript": {"name": "@bob", "lines": [LINE]},
    "no_desk": {"contact": "/close", "workspace": "Shop"},
    "contact_blocked_us": {"name": "/close"},
    "contact_unblocked_us": {"name": "/close"},
    "channel_paused": {"name": "@bob", "reason": "The token was revoked."},
    "broken": {"reference": "abc123"},
    "twin_found": {"name": "@bob", "other": "/close", "why": "phone number", "number": 7},
    "forget_left": {"title": "@bob", "reason": "The bot may not delete topics."},
    "notice_erased": {},
}


@pytest.mark.parametrize("template", FROM_ELSEWHERE)
def test_what_the_host_says_is_drawn(template: str) -> None:
    """Each reply that is not a command's answer has its template; a contact's name in it cannot act."""
    drawn = TEMPLATES.render(template, FROM_ELSEWHERE[template])
    assert drawn
    assert "@bob" not in drawn
    assert "/close" not in drawn


# -- bare commands --


async def _everything(shop: Shop) -> list[Any]:
    from hub.domain.models import Comment, Contact, Conversation, Event, Message, Post

    return [await shop.all(k) for k in (Contact, Conversation, Message, Comment, Event, Post, Member, Preferences)]


ACT_BARE = ("take", "reopen", "undo", "unsend")
"""These have nothing to be asked: they are inward, or take back."""


@pytest.mark.parametrize("command", [c for c in registry.shown() if c.name not in ACT_BARE], ids=lambda c: c.name)
async def test_a_bare_command_is_harmless(standing_shop: Shop, command: Command) -> None:
    """A tap in the command menu sends the bare command at once: it changes nothing and sends nothing."""
    shop = standing_shop
    topic = await shop.arrive(f"Ann /{command.name}")
    before = await _everything(shop)
    answer = await topic.say(shop.people["Olivia Orr"], f"/{command.name}")
    assert answer.reply is not None
    after = await _everything(shop)
    if answer.reply.ask:
        known = {p.id for p in before[5]}
        after[5] = [p for p in after[5] if p.role != "prompt" or p.id in known]
    # Snoozing until the next morning is what its bare word means, and it has an Undo.
    assert (after == before) == (command.name != "snooze")
    assert await shop.nothing_left()


# -- when something is wrong --


async def test_what_breaks_is_told_with_a_reference(shop: Shop, bob: Who, caplog: pytest.LogCaptureFixture) -> None:
    """A fault of the hub's own is told in a sentence with a reference that is in the log; nothing is written."""
    topic = await shop.arrive()

    async def spoil(tx: Tx) -> None:
        from hub.domain.models import Snippet

        tx.add(Snippet(id="s1", name="hi", text="Hello"))

    await shop.run(spoil)
    services = shop.counter._services
    broken = {"channel_of": lambda *_: 1 / 0}
    import msgspec

    shop.counter._services = msgspec.structs.replace(services, **broken)
    await topic.say(bob, "Hello")
    before = await _everything(shop)
    heard = await _unsend(shop, topic, bob)
    assert heard.reply is not None
    assert heard.reply.template == "broken"
    assert heard.reply.data["reference"] in caplog.text
    assert await _everything(shop) == before


async def _unsend(shop: Shop, topic: Any, who: Who) -> Any:
    from hub.admin_bot.heard import Wrote
    from hub.domain.ids import PostId

    wrote = Wrote(
        update=new_id(), asker=who.asker, spot=topic.spot, at=shop.now, post=PostId("1"), text=Text("/unsend")
    )
    return await shop.counter.hear(wrote)


async def test_an_update_is_not_taken_when_the_database_is_away(shop: Shop, bob: Who) -> None:
    """When the database is away, the front end is told so, and does not acknowledge."""
    import msgspec

    topic = await shop.arrive()

    async def away(_: str) -> Any:
        raise Unavailable

    shop.counter._services = msgspec.structs.replace(shop.counter._services, workspace=away)
    with pytest.raises(Unavailable):
        await topic.say(bob, "Hello")


async def test_buttons_fit(shop: Shop, bob: Who) -> None:
    """With long names and high numbers every button still fits: the front end draws each reply of these dialogs."""
    topic = await shop.arrive("A very long name " * 5)
    await shop.private(shop.people["Mia"], f"/category add {'Category ' * 4}")
    await topic.say(bob, f"/t {'ü' * 40}")
    assert buttons(await topic.say(bob, "/close"))
    await topic.say(bob, f"/close zzz {'words ' * 50}")
    await topic.say(bob, f"/t +{'x' * 40}")
    assert "at most 32" in shop.said()
