"""Every command by typing, in each of the ways there are on the desks: the same dialog, the same outcome."""

from __future__ import annotations

import re

import pyotp
import pytest

from hub.admin_bot.registry import shown
from hub.domain.models import Category, ChannelItem, DeskItem, Member, Snippet
from tests.admin_bot.counter_desk import TOKEN
from tests.admin_bot.dialog_table import TYPED, every_talk, in_ways, some, typed
from tests.admin_bot.office import OTHER, Talk

every_talk()
WAYS, SIDE_WAYS = ("telegram topic", "slack thread"), ("slack mention", "slack slash")


def test_every_command_has_a_dialog() -> None:
    """A new verb of the registry is not done before somebody has held its dialog on both desks."""
    assert set(TYPED) == {c.name for c in shown()}


# -- conversations ---------------------------------------------------------------------------------------------------


@typed("assign")
async def _assign(talk: Talk) -> None:
    told = await talk.line("assign Bob")
    assert await talk.holder() == "Bob"
    assert any(f"has #{talk.number} with {talk.name} now" in words for words in told.all)
    told = await talk.line("a ME")
    assert await talk.holder() == "Ann"
    assert f"#{talk.number} with {talk.name} is yours" in "".join(told.alone)
    assert told.all == []
    await talk.line("assign -")
    assert await talk.holder() == ""


@typed("take")
async def _take(talk: Talk) -> None:
    told = await talk.line("take", who="Bob")
    assert await talk.holder() == "Bob"
    assert f"#{talk.number} with {talk.name} is yours" in "".join(told.alone)
    assert told.all == []
    assert "you have it already" in (await talk.line("take", who="Bob")).words


@typed("close")
async def _close(talk: Talk) -> None:
    await talk.office.rule("both", "Billing", "Bug")
    told = await talk.line("close bil Refunded order 7")
    closed = await talk.conversation()
    assert (closed.state, closed.category, closed.summary) == ("closed", "billing", "Refunded order 7")
    assert f"#{talk.number} with {talk.name} is closed: Billing - Refunded order 7" in "".join(told.alone)
    assert told.all == []
    await talk.office.rule("optional")


@typed("reopen")
async def _reopen(talk: Talk) -> None:
    assert "is open already" in (await talk.line("reopen")).words
    await talk.line("close -")
    assert (await talk.conversation()).state == "closed"
    told = await talk.line("reopen")
    assert (await talk.conversation()).state == "open"
    assert f"#{talk.number} with {talk.name} is open again" in "".join(told.alone)


@typed("next")
async def _next(talk: Talk) -> None:
    longest = await talk.office.waits_longest("Ann")
    told = await talk.plain("next")
    assert f"#{longest} · open · waiting" in "".join(told.alone)
    assert told.all == []


@typed("merge")
async def _merge(talk: Talk) -> None:
    name, number = await talk.office.unplaced()
    told = await talk.line(f"merge #{number}")
    assert f"{name} would become {talk.name}" in "".join(told.alone)
    assert "Nothing has changed yet" in told.words


@typed("unmerge")
async def _unmerge(talk: Talk) -> None:
    name, number = await talk.office.unplaced()
    await talk.line(f"merge #{number}")
    await talk.press("⇄ Merge")
    told = await talk.line("unmerge")
    assert f"{name} and {talk.name} (#{talk.number}) are told apart again" in "".join(told.alone)


@typed("via")
async def _via(talk: Talk) -> None:
    await talk.office.also_reached(talk)
    told = await talk.line("via Other bot")
    assert (await talk.conversation()).channel == OTHER
    assert f"You answer {talk.name} by Other bot now" in "".join(told.alone)
    assert "by Other bot already" in (await talk.line("via other")).words


# -- notes and replies -----------------------------------------------------------------------------------------------


@typed("note")
async def _note(talk: Talk) -> None:
    told = await talk.line("note calls on Monday")
    assert f"{talk.name} does not see it" in "".join(told.alone)
    assert told.all == []
    told = await talk.line("n bob look at this")
    assert await talk.notes() == ["calls on Monday", "bob look at this"]
    assert any("🔔" in words for words in told.all)


@typed("snippet")
async def _snippet(talk: Talk) -> None:
    told = await talk.plain("snippet add hi Hello {{ contact.first_name }}!")
    assert "The snippet hi is saved" in "".join(told.alone)
    assert told.all == []
    assert "hi Hello" in (await talk.plain("snippet")).words
    told = await talk.line("s hi")
    if talk.inside:
        assert await talk.outgoing() == [f"Hello {talk.name}!"]
    else:
        assert "Nothing was sent yet" in told.words
        assert await talk.outgoing() == []
    await talk.plain("snippet change hi Hi!")
    assert [s.text for s in await talk.office.workspace.items(Snippet)] == ["Hi!"]
    await talk.plain("snippet remove hi")
    assert await talk.office.workspace.items(Snippet) == []


# -- taking back -----------------------------------------------------------------------------------------------------


@typed("undo")
async def _undo(talk: Talk) -> None:
    await talk.line("take")
    told = await talk.plain("undo")
    assert await talk.holder() == ""
    assert f"#{talk.number} with {talk.name} is nobody's again" in "".join(told.alone)
    assert told.all == []


@typed("unsend")
async def _unsend(talk: Talk) -> None:
    await talk.reply("right")
    await talk.reply("wrong window")
    told = await talk.line("unsend")
    assert await talk.outgoing() == ["right"]
    assert "wrong window" in "".join(told.alone)
    assert told.all == []


# -- looking ---------------------------------------------------------------------------------------------------------


@typed("inbox")
async def _inbox(talk: Talk) -> None:
    await talk.line("take")
    told = await talk.plain("inbox mine")
    assert f"{talk.name} #{talk.number}" in "".join(told.alone)
    assert told.all == []
    await talk.line("close -")
    assert f"{talk.name} #{talk.number}" in (await talk.plain("inbox all closed 1")).words


@typed("tag")
async def _tag(talk: Talk) -> None:
    told = await talk.line("tag +vip")
    assert await talk.tags() == ["vip"]
    assert f"{talk.name} (#{talk.number}): vip" in "".join(told.alone)
    assert told.all == []
    await talk.line("t -vip")
    assert await talk.tags() == []


@typed("contact")
async def _contact(talk: Talk) -> None:
    told = await talk.line("contact")
    assert f"👤 {talk.name} (#{talk.number})" in "".join(told.alone)
    assert "Reached by Shop bot" in "".join(told.alone)
    assert told.all == []


@typed("history")
async def _history(talk: Talk) -> None:
    await talk.line("note calls on Monday")
    told = await talk.line("history")
    assert f"{talk.name}: hello" in "".join(told.alone)
    assert "🗒 Ann: calls on Monday" in "".join(told.alone)
    assert told.all == []


@typed("help")
async def _help(talk: Talk) -> None:
    told = await talk.plain("help")
    assert f"{talk.sign}close" in "".join(told.alone)
    assert "plain text goes to the contact" in told.words or not talk.inside
    assert told.all == []
    assert f"{talk.sign}close [number]" in (await talk.plain("help all")).words
    one = (await talk.plain("help assign")).words
    assert "Give a conversation to yourself, a colleague, a team or nobody." in one
    assert f"Short: {talk.sign}a" in one


@typed("whoami")
async def _whoami(talk: Talk) -> None:
    told = await talk.plain("whoami")
    assert "You are Ann (" in "".join(told.alone)
    assert "owner of Shop" in "".join(told.alone)
    assert told.all == []


# -- the workspace ---------------------------------------------------------------------------------------------------


@typed("invite")
async def _invite(talk: Talk) -> None:
    told = await talk.plain("invite agent")
    link = "becomes an agent of Shop"
    if talk.way == "slash":
        assert link in "".join(told.alone)
    else:
        assert f"Send {talk.sign}invite to me in a private chat" in "".join(told.alone)
    assert told.all == []
    assert any(link in words for words in await talk.private("invite agent"))
    mail = f"eve{talk.number}@shop.example"
    assert f"An invitation is on its way to {mail}" in "".join(await talk.private(f"invite {mail} agent own"))
    assert f"{mail}, as an agent (own contacts only)" in "".join(await talk.private("invite list"))
    assert "left just now" in "".join(await talk.private(f"invite resend {mail}"))
    assert f"The invitation of {mail} is withdrawn" in "".join(await talk.private(f"invite withdraw {mail}"))


@typed("users")
async def _users(talk: Talk) -> None:
    told = await talk.plain("users")
    assert "Ann, owner · you" in "".join(told.alone)
    assert "Bob, agent" in "".join(told.alone)
    assert told.all == []
    assert "Bob, agent" in (await talk.plain("users", who="Bob")).words


@typed("role")
async def _role(talk: Talk) -> None:
    await talk.private("whoami", who="Bob")  # whom a bot has never heard it cannot write to
    told = await talk.plain("role Bob manager")
    assert "Bob is a manager now" in "".join(told.alone)
    assert told.all == []
    assert "Bob is a manager here" in (await talk.plain("role Bob")).words
    assert "own contacts only, no export" in (await talk.plain("role bob agent own no_e")).words
    await talk.line("take", who="Bob")
    assert await talk.holder() == ""
    assert "Bob is an agent now" in (await talk.plain("role bob agent")).words
    await talk.office.reception.idle()
    assert any("Ann has made you an agent of Shop" in words for words in talk.hands.confided("Bob"))


@typed("remove")
async def _remove(talk: Talk) -> None:
    (invitation,) = await talk.private("invite agent")
    await talk.private(f"start {invitation.rpartition('/')[2]}", who="Eve")
    await talk.line("take", who="Eve")
    told = await talk.plain("remove Eve to Bob")
    assert "1 open conversation would go to Bob" in "".join(told.alone)
    assert told.all == []
    assert (
        "is no member of Shop any more; 1 open conversation went to Bob"
        in (await talk.plain("remove Eve now Bob")).words
    )
    assert await talk.holder() == "Bob"
    assert "you are not a member of this workspace" in (await talk.line("take", who="Eve")).words.lower()
    await talk.office.reception.idle()
    assert any("Ann has taken you out of Shop" in words for words in talk.hands.confided("Eve"))


@typed("start")
async def _start(talk: Talk) -> None:
    (invitation,) = await talk.private("invite agent")
    code = invitation.rpartition("/")[2]
    told = await talk.private(f"start {code}", who="Eve")
    assert any("You are an agent of Shop now" in words for words in told)
    assert any("used already" in words or "Hello Eve" in words for words in await talk.private(f"start {code}", "Eve"))
    told = await talk.private("start")
    assert any("Hello Ann" in words for words in told)


@typed("setup")
async def _setup(talk: Talk) -> None:
    said = await in_private(talk, "setup", "🧭 Setting up Shop")
    assert "✓ Bind a desk" in said
    assert re.search(r"🎉 You are set. Write to \w+ bot from another account, and see it arrive in Team\.", said)
    assert "✓ The desk is bound already: Team." in "".join(await talk.private("setup desk"))


# -- one's account ---------------------------------------------------------------------------------------------------


async def in_private(talk: Talk, line: str, answer: str) -> str:
    """In the desk's chat only the way is shown, but by a slash command, whose answer nobody else sees."""
    told = await talk.plain(line)
    if talk.way == "slash":
        assert answer in "".join(told.alone)
    else:
        assert f"Send {talk.sign}{line.split(maxsplit=1)[0]} to me in a private chat" in "".join(told.alone)
    assert told.all == []
    said = "".join(await talk.private(line))
    assert answer in said
    return said


@typed("me")
async def _me(talk: Talk) -> None:
    said = await in_private(talk, "me", "👤 Ann")
    assert "Owner of Shop" in said
    assert "your only way in" in said
    assert "What are you called from now on" in "".join(await talk.private("me name"))
    assert "You are Ann Lee from now on" in "".join(await talk.private("me name Ann  Lee"))
    assert "Ann Lee" in [m.name for m in await talk.office.workspace.items(Member)]
    assert "You are Ann from now on" in "".join(await talk.private("me name Ann"))
    assert "For now I write English" in "".join(await talk.private("me language DE"))
    assert (await talk.office.user("Ann")).language == "de"


@typed("2fa")
async def _second_factor(talk: Talk) -> None:
    reception, ann = talk.office.reception, await talk.office.user("Ann")
    said = await in_private(talk, "2fa", "type this key into it")
    key = said.partition("type this key into it: ")[2].split()[0]
    code = pyotp.TOTP(key).now()
    assert any("Keep these recovery codes" in words for words in await talk.private(f"2fa {code[:3]} {code[3:]}"))
    assert "Recovery codes left: 10" in "".join(await talk.private("2fa"))
    await reception.reset_second(ann.id, ann.id, "a test")


@typed("sessions")
async def _sessions(talk: Talk) -> None:
    await in_private(talk, "sessions", "signed in by no browser")
    await talk.office.sign_in_by_browser("Ann")
    name = (await in_private(talk, "sessions", "1. Firefox on Linux, by password")).partition("(")[2].split(")")[0]
    assert "Firefox on Linux is signed out" in "".join(await talk.private(f"sessions end {name}"))
    await in_private(talk, "sessions end all", "signed in by no browser")


@typed("logout")
async def _logout(talk: Talk) -> None:
    await in_private(talk, "logout", "Log out here?")
    assert "your only way in" in "".join(await talk.private("logout now"))
    assert (await talk.office.user("Ann")).identities


@typed("workspace")
async def _workspace(talk: Talk) -> None:
    told = await talk.plain("workspace")
    assert "▸ Shop, owner, in use" in "".join(told.alone)
    assert "This " in "".join(told.alone)
    assert told.all == []
    told = await talk.plain("workspace timezone berlin")
    assert "The time zone of Shop is now Europe/Berlin" in "".join(told.alone)
    assert "after 20 minutes without a deed now" in (await talk.plain("workspace inactivity 20")).words
    await talk.private("workspace new Store")
    assert "You use Shop now" in (await talk.plain("workspace shop")).words
    await talk.private("workspace store")
    assert "Store is deleted for good" in "".join(await talk.private("workspace delete Store"))
    assert "Store stays" in "".join(await talk.private("workspace keep"))
    assert "is called Shed now" in "".join(await talk.private("workspace rename Shed"))
    await talk.private("workspace shop")
    shed = next(e for e in await talk.office.store.directory.workspaces() if e.name == "Shed")
    await talk.office.store.directory.drop_workspace(shed.id)


@typed("organization")
async def _organization(talk: Talk) -> None:
    told = await talk.plain("organization")
    assert "where you are an admin" in "".join(told.alone)
    assert told.all == []
    assert "is called Shops now" in (await talk.plain("organization name Shops")).words
    assert "Bob is a user admin of Shops now" in (await talk.plain("organization role Bob user_admin")).words
    assert "Ann: admin" in "".join(await talk.private("organization people"))
    await talk.plain("organization role Bob member")
    await talk.plain("organization name Shop")


@typed("channel")
async def _channel(talk: Talk) -> None:
    told = await talk.plain("channel")
    assert "Shop bot" in "".join(told.alone)
    assert told.all == []
    told = await talk.plain("channel connect telegram")
    assert ("in a private chat" in "".join(told.alone)) == (talk.way != "slash")
    said = await talk.private(f"channel connect telegram {TOKEN}")
    assert any("@shop_bot is connected" in words for words in said)
    assert not any(TOKEN in words for words in said)
    assert "@shop_bot" in (await talk.plain("channel list")).words
    await talk.plain("channel disconnect @shop_bot")
    states = {c.name: c.state for c in await talk.office.workspace.items(ChannelItem)}
    assert states["@shop_bot"] == "disconnected"


@typed("desk")
async def _desk(talk: Talk) -> None:
    told = await talk.plain("desk")
    assert "is the desk" in "".join(told.alone)
    assert told.all == []
    await talk.plain("desk off")
    assert await talk.office.workspace.items(DeskItem) == []
    told = await talk.plain("desk here")
    (bound,) = await talk.office.workspace.items(DeskItem)
    assert (bound.network, bound.chat) == (talk.hands.network, talk.hands.chat)
    assert "is your desk now" in told.words
    talk.office.desk = bound.id


@typed("category")
async def _category(talk: Talk) -> None:
    told = await talk.plain("category add Delivery")
    assert "The category Delivery is there now" in "".join(told.alone)
    assert told.all == []
    assert "Delivery" in (await talk.plain("category")).words
    await talk.plain("category remove deliv")
    assert "Delivery" not in [c.name for c in await talk.office.workspace.items(Category)]


@typed("failed")
async def _failed(talk: Talk) -> None:
    await talk.reply("on its way")
    work = await talk.office.fail_sending(talk)
    told = await talk.plain("failed")
    assert "a reply to the contact “on its way”" in "".join(told.alone)
    assert "the network is gone" in "".join(told.alone)
    assert told.all == []
    await talk.plain(f"failed retry {work[-6:]}")
    assert (await talk.office.work(work)).state == "waiting"


@in_ways(*WAYS)
@pytest.mark.parametrize("verb", TYPED)
async def test_typed(talk: Talk, verb: str) -> None:
    """Typed in any of the ways, a command does the same; what it says is for the asker alone unless a colleague must
    see it, and nothing of it reaches the contact.
    """
    await TYPED[verb](talk)


@in_ways(*SIDE_WAYS)
@pytest.mark.parametrize("verb", some(TYPED))
async def test_typed_elsewhere(talk: Talk, verb: str) -> None:
    """A mention and Slack's slash command do the same as the thread: they differ in how the line is given."""
    await TYPED[verb](talk)
