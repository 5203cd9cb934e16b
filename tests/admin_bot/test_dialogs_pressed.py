"""Every command that has buttons by its buttons, and every command that only buttons give: on both desks, under answers
in a contact's place, and under those to Slack's slash command.
"""

from __future__ import annotations

import pyotp
import pytest

from hub.admin_bot.registry import commands
from hub.domain.models import ChannelItem, DeskItem, Invitation, Member, Message
from hub.domain.reply import Button, Reply, Value
from tests.admin_bot.counter_desk import TOKEN
from tests.admin_bot.dialog_table import PRESSED, WORDS_ONLY, every_talk, in_ways, pressed, some
from tests.admin_bot.office import OTHER, Talk, Told

every_talk()
WORDS_ONLY.update(
    [
        "reopen",
        "next",
        "note",
        "unsend",
        "contact",
        "history",
        "whoami",
        "users",
        "start",
        "unmerge",
        "me",
        "category",
    ]
)


def test_every_command_is_pressed_or_has_no_button() -> None:
    """A verb that comes into the registry is pressed here, or said to have no button."""
    assert {*PRESSED, *WORDS_ONLY} == {c.name for c in commands()}
    assert not {*PRESSED} & WORDS_ONLY
    assert not {c.name for c in commands() if c.hidden} & WORDS_ONLY


# -- people ----------------------------------------------------------------------------------------------------------


@pressed("invite")
async def _invite(talk: Talk) -> None:
    mail = f"eve{talk.number}@shop.example"
    await talk.private(f"invite {mail}")
    await talk.hands.press_confided("Ann", "As a manager")
    assert f"An invitation is on its way to {mail}: a manager of Shop" in talk.hands.confided("Ann")[-1]
    await talk.hands.press_confided("Ann", "Resend")
    assert [i.sends for i in await talk.office.workspace.items(Invitation)] == [1], "not before a minute is over"
    await talk.private("invite")
    await talk.hands.press_confided("Ann", "Those invited by mail")
    assert f"{mail}, as a manager" in talk.hands.confided("Ann")[-1]
    await talk.hands.press_confided("Ann", f"Withdraw {mail}")
    assert f"The invitation of {mail} is withdrawn" in talk.hands.confided("Ann")[-1]


@pressed("help")
async def _help(talk: Talk) -> None:
    """Each screen takes the place of the one before, and leads back."""
    await talk.plain("help")
    said = len(talk.hands.told("Ann"))
    assert f"{talk.sign}merge" in (await talk.press("Contacts")).words
    assert f"{talk.sign}merge [number]" in (await talk.press("merge")).words
    assert f"{talk.sign}block" in (await talk.press("◂ Contacts")).words
    assert "merge · unmerge" not in (await talk.press("◂ Back")).words
    assert "merge · unmerge" in (await talk.press("All")).words
    assert len(talk.hands.told("Ann")) == said


@pressed("role")
async def _role(talk: Talk) -> None:
    await talk.private("users")
    await talk.hands.press_confided("Ann", "Bob ▾")
    await talk.hands.press_confided("Ann", "☐ own contacts only")
    assert "Bob is an agent now: own contacts only" in talk.hands.confided("Ann")[-1]
    await talk.hands.press_confided("Ann", "Make manager")
    assert "Bob is a manager now" in talk.hands.confided("Ann")[-1]
    await talk.hands.press_confided("Ann", "Make agent")
    assert "Bob is an agent now." in talk.hands.confided("Ann")[-1]


@pressed("remove")
async def _remove(talk: Talk) -> None:
    (invitation,) = await talk.private("invite agent")
    await talk.private(f"start {invitation.rpartition('/')[2]}", who="Eve")
    await talk.line("take", who="Eve")
    name = next(m.name for m in await talk.office.workspace.items(Member) if m.name not in {"Ann", "Bob"})
    await talk.private(f"role {name}")
    await talk.hands.press_confided("Ann", f"Remove {name}…")
    assert "Nothing has changed yet" in talk.hands.confided("Ann")[-1]
    await talk.hands.press_confided("Ann", "To Bob…")
    await talk.hands.press_confided("Ann", f"Remove {name}, Bob takes over")
    assert "1 open conversation went to Bob" in talk.hands.confided("Ann")[-1]
    assert await talk.holder() == "Bob"


# -- conversations ---------------------------------------------------------------------------------------------------


@pressed("take")
async def _take(talk: Talk) -> None:
    told = await talk.press_on(talk.post, "✋ Take", who="Bob")
    assert await talk.holder() == "Bob"
    assert f"#{talk.number} with {talk.name} is yours" in "".join(told.alone)
    stale = await talk.press_on(talk.post, "✋ Take")
    assert "has changed meanwhile" in "".join(stale.alone)
    assert "Bob has it" in "".join(stale.alone)
    assert await talk.holder() == "Bob"


@pressed("assign")
async def _assign(talk: Talk) -> None:
    told = await talk.line("assign")
    assert f"Who takes #{talk.number} with {talk.name}?" in "".join(told.alone)
    assert talk.labels() == ["Me", "Bob"]
    await talk.press("Bob")
    assert await talk.holder() == "Bob"
    await talk.line("a")
    await talk.press("Nobody")
    assert await talk.holder() == ""


@pressed("undo")
async def _undo(talk: Talk) -> None:
    await talk.line("assign")
    await talk.press("Me")
    assert await talk.holder() == "Ann"
    told = await talk.press("↩ Undo")
    assert await talk.holder() == ""
    assert "is nobody's again" in "".join(told.alone)


@pressed("close")
async def _close(talk: Talk) -> None:
    await talk.office.rule("optional", "Billing", "Bug")
    told = await talk.line("close")
    assert (await talk.conversation()).state == "open"
    if talk.way == "slash":  # which opens a dialog at once
        await talk.answer("Bug", field="category")
    else:
        assert f"Close #{talk.number} with {talk.name}: which category?" in "".join(told.alone)
        await talk.press("Bug")
    closed = await talk.conversation()
    assert (closed.state, closed.category) == ("closed", "bug")


@pressed("summary")
async def _summary(talk: Talk) -> None:
    await talk.office.rule("optional", "Billing", "Bug")
    await talk.line("close bug")
    await talk.press("📝 Add a summary")
    await talk.answer("Broken cable")
    closed = await talk.conversation()
    assert (closed.state, closed.category, closed.summary) == ("closed", "bug", "Broken cable")
    assert await talk.outgoing() == []


@pressed("fill")
async def _fill(talk: Talk) -> None:
    """A choice that was missing in the middle of a line: what was typed behind it is kept."""
    await talk.office.rule("category", "Billing", "Bug")
    told = await talk.line("close refunds Refunded order 7")
    asked = told.words or talk.hands.confided("Ann")[-1]
    assert "There is no category “refunds”" in asked
    assert "Your words behind it are kept." in asked
    await talk.press_question("Billing")
    closed = await talk.conversation()
    assert (closed.state, closed.category, closed.summary) == ("closed", "billing", "Refunded order 7")
    await talk.office.rule("optional")


@pressed("more")
async def _more(talk: Talk) -> None:
    """⋯ unfolds in place, under the contact's words; a press too soon after that is not taken for one."""
    await talk.line("tag +later")
    await talk.line("tag -later")
    await talk.press_on(talk.post, "⋯")
    assert talk.hands.words(talk.thread, talk.post) == "hello"
    told = await talk.press_on(talk.post, "+ later")
    assert "It changed just as you pressed" in "".join(told.alone)
    await talk.office.a_while_passes(talk.post)
    await talk.press_on(talk.post, "+ later")
    assert await talk.tags() == ["later"]
    assert talk.hands.words(talk.thread, talk.post) == "hello"


@pressed("show")
async def _show(talk: Talk) -> None:
    """Who waits longest and has no place yet that could be linked to is shown in short."""
    name, number = await talk.office.unplaced()
    await talk.line("take")
    told = await talk.press(next(label for label in talk.labels() if label.startswith(f"Next: {name}")))
    assert f"{name} #{number} · open · waiting 10 days" in "".join(told.alone)
    told = await talk.press("✋ Take")
    assert f"#{number} with {name} is yours" in "".join(told.alone)


@pressed("merge")
async def _merge(talk: Talk) -> None:
    """Who has the same name is offered; what would become of both is seen before anything is done."""
    name, number = await talk.office.unplaced()
    await talk.office.rename(name, talk.name)
    await talk.line("merge")
    told = await talk.press(f"{talk.name} #{number}…")
    assert "Nothing has changed yet" in told.words


@pressed("unite")
async def _unite(talk: Talk) -> None:
    name, number = await talk.office.unplaced()
    await talk.line(f"merge #{number}")
    told = await talk.press("⇄ Merge")
    assert f"{name} is {talk.name} (#{talk.number}) now" in "".join(told.alone)
    told = await talk.press("↩ Undo")
    assert f"{name} is somebody else again" in "".join(told.alone)


@pressed("via")
async def _via(talk: Talk) -> None:
    await talk.office.also_reached(talk)
    told = await talk.line("via")
    assert "Shop bot and by Other bot. Now it is Shop bot" in "".join(told.alone)
    await talk.press("via Other bot")
    assert (await talk.conversation()).channel == OTHER
    await talk.press("↩ Undo")
    assert (await talk.conversation()).channel != OTHER


# -- notes and replies -----------------------------------------------------------------------------------------------


@pressed("snippet")
async def _snippet(talk: Talk) -> None:
    """A button previews, for the text is to be seen before it goes."""
    await talk.plain("snippet add hi Hello {{ contact.first_name }}!")
    told = await _chosen(talk)
    assert f"Hello {talk.name}!" in "".join(told.alone)
    assert "Nothing was sent yet" in "".join(told.alone)
    assert await talk.outgoing() == []
    await talk.plain("snippet remove hi")


async def _chosen(talk: Talk) -> Told:
    """By its button, or in the dialog that a network shows instead."""
    await talk.line("snippet")
    if talk.hands.dialog("Ann"):
        return await talk.answer("hi: Hello {{ contact.first_name }}!", field="name")
    return await talk.press("hi")


@pressed("deliver")
async def _deliver(talk: Talk) -> None:
    """What was previewed is sent, and nothing else: what says something else by now is shown anew."""
    await talk.plain("snippet add hi Hello {{ contact.first_name }}!")
    await _chosen(talk)
    await talk.plain("snippet change hi Bye {{ contact.first_name }}!")
    told = await talk.press(f"✉ Send to {talk.name}")
    assert "It says something else now than you saw" in "".join(told.alone)
    assert await talk.outgoing() == []
    await talk.press(f"✉ Send to {talk.name}")
    assert await talk.outgoing() == [f"Bye {talk.name}!"]
    await talk.plain("snippet remove hi")


@pressed("keep")
async def _keep(talk: Talk) -> None:
    await talk.line("take", who="Bob")
    await talk.reply("I know this one")
    told = await talk.press("🗒 Keep as a note")
    assert f"{talk.name} does not see it" in "".join(told.alone)
    assert await talk.outgoing() == []
    assert await talk.notes() == ["I know this one"]


@pressed("send")
async def _send(talk: Talk) -> None:
    await talk.line("take", who="Bob")
    held = await talk.reply("I know this one")
    assert "Bob has this conversation" in "".join(held.alone)
    assert await talk.outgoing() == []
    told = await talk.press(f"✉ Send to {talk.name}")
    assert f"Goes to {talk.name}" in "".join(told.alone)
    assert await talk.outgoing() == ["I know this one"]


@pressed("resend")
async def _resend(talk: Talk) -> None:
    await talk.reply("on its way")
    failed = await talk.office.fail_sending(talk)
    message = await talk.office.message_of(failed)
    label = f"Send again to {talk.name}"
    told: dict[str, Value] = {"reason": message.reason, "uncertain": False, "name": talk.name}
    row = ((Button(label, f"resend {message.id}", outward=True),),)
    post = await talk.hands.desk.say(talk.thread, Reply("not_delivered", told, rows=row, lasting=True))
    await talk.press_on(post, label)
    again = await talk.office.workspace.get(Message, message.id)
    assert again is not None
    assert again.state == "queued"
    assert talk.hands.labels_of(post, talk.thread) == []


# -- looking ---------------------------------------------------------------------------------------------------------


@pressed("tag")
async def _tag(talk: Talk) -> None:
    """A tag is never made by a slip of the finger: only by its button."""
    told = await talk.line("tag newish")
    assert "There is no tag newish" in "".join(told.alone)
    assert await talk.tags() == []
    await talk.press("Create “newish”")
    assert await talk.tags() == ["newish"]
    await talk.line("tag")
    await talk.press("- newish")
    assert await talk.tags() == []


@pressed("inbox")
async def _inbox(talk: Talk) -> None:
    for _ in range(9):
        await talk.office.receive("me too", f"{talk.name}b{talk.office.written}")
    first = (await talk.plain("inbox")).words
    label = next(each for each in talk.labels() if each.startswith("1/"))
    second = (await talk.press("▸")).words
    assert {line for line in first.split("\n") if "#" in line}.isdisjoint(second.split("\n"))
    assert label.replace("1/", "2/") in talk.labels()


@pressed("channel")
async def _channel(talk: Talk) -> None:
    """Which network, by a button; then the token is asked for, in private or in a dialog."""
    await talk.private("channel connect")
    await talk.hands.press_confided("Ann", "Telegram")
    await talk.hands.confide("Ann", TOKEN)
    assert "@shop_bot is connected" in talk.hands.confided("Ann")[-1]
    assert [c.state for c in await talk.office.workspace.items(ChannelItem) if c.name == "@shop_bot"] == ["active"]


@pressed("desk")
async def _desk(talk: Talk) -> None:
    """In a chat that is no desk, the answer to whatever a manager asks makes it one; where only the asker reads, the
    step of setting up does.
    """
    await talk.plain("desk off")
    asked, answer = ("setup desk", "▸ Bind a desk") if talk.way == "slash" else ("inbox", "is no desk yet")
    assert answer in (await talk.plain(asked)).words
    await talk.press("🗄 Make this the desk")
    (bound,) = await talk.office.workspace.items(DeskItem)
    assert (bound.network, bound.chat) == (talk.hands.network, talk.hands.chat)
    talk.office.desk = bound.id


@pressed("failed")
async def _failed(talk: Talk) -> None:
    await talk.reply("on its way")
    work = await talk.office.fail_sending(talk)
    await talk.plain("failed")
    told = await talk.press(f"Retry {work[-6:]}")
    assert "1 is tried again" in "".join(told.alone)
    assert (await talk.office.work(work)).state == "waiting"


@pressed("found")
async def _found(talk: Talk) -> None:
    """Whoever signed up presses the name, or writes another one; pressed again it founds nothing more."""
    eve = await talk.office.signs_up("Eve")
    await talk.hands.press_confided("Eve", "✏ Write a name")
    await talk.hands.confide("Eve", "Umbrella & Sons")
    assert "Umbrella & Sons stands, and in it your first workspace" in talk.hands.confided("Eve")[-1]
    await talk.hands.press_confided("Eve", "Skip")  # a step now, not the name
    await talk.office.leaves(eve)


@pressed("setup")
async def _setup(talk: Talk) -> None:
    eve = await talk.office.signs_up("Eve")
    await talk.hands.press_confided("Eve", "Skip")
    assert "Eve's organization stands" in talk.hands.confided("Eve")[-1]
    assert "\u2013 Name your organization" in talk.hands.confided("Eve")[-1]
    await talk.hands.press_confided("Eve", "Skip")
    assert "Skipped: connect a channel" in talk.hands.confided("Eve")[-1]
    await talk.office.leaves(eve)


# -- one's account ---------------------------------------------------------------------------------------------------


@pressed("workspace")
async def _workspace(talk: Talk) -> None:
    """From the profile, too, another workspace is used."""
    await talk.private("workspace new Store")
    await talk.hands.press_confided("Ann", "Use Shop")
    assert "You use Shop now" in talk.hands.confided("Ann")[-1]
    await talk.private("me")
    await talk.hands.press_confided("Ann", "Use Store")
    assert "You use Store now" in talk.hands.confided("Ann")[-1]
    await talk.hands.press_confided("Ann", "Use Shop")
    store = next(e for e in await talk.office.store.directory.workspaces() if e.name == "Store")
    await talk.office.store.directory.drop_workspace(store.id)


@pressed("organization")
async def _organization(talk: Talk) -> None:
    await talk.private("organization")
    await talk.hands.press_confided("Ann", "People")
    await talk.hands.press_confided("Ann", "Role of Bob…")
    await talk.hands.press_confided("Ann", "User admin")
    assert "Bob is a user admin of Shop now" in talk.hands.confided("Ann")[-1]
    await talk.private("organization role Bob member")


@pressed("2fa")
async def _second_factor(talk: Talk) -> None:
    await talk.private("me")
    await talk.hands.press_confided("Ann", "Code at sign-in")
    assert "type this key into it" in talk.hands.confided("Ann")[-1]


@pressed("sessions")
async def _sessions(talk: Talk) -> None:
    for browser in ("Firefox/140.0 (X11; Linux x86_64)", "Chrome/140.0 (Windows NT 10.0)"):
        await talk.office.sign_in_by_browser("Ann", browser)
    ann = await talk.office.user("Ann")
    await talk.private("sessions")
    await talk.hands.press_confided("Ann", "End 2: Firefox on Linux")
    assert [s.browser[:6] for s in await talk.office.reception.sessions(ann.id)] == ["Chrome"]
    assert "Firefox on Linux is signed out" in talk.hands.confided("Ann")[-1]
    await talk.hands.press_confided("Ann", "End all")
    assert await talk.office.reception.sessions(ann.id) == []


@pressed("confirm")
async def _confirm(talk: Talk) -> None:
    reception, ann = talk.office.reception, await talk.office.user("Ann")
    codes = await reception.confirm(ann.id, pyotp.TOTP((await reception.propose(ann.id)).key).now(), "a test")
    mail = f"boss{talk.number}@shop.example"
    await talk.private(f"invite {mail}")
    await talk.hands.press_confided("Ann", "As an owner")
    assert "needs a code of now" in talk.hands.dialog("Ann") + talk.hands.confided("Ann")[-1]
    assert mail not in [i.email for i in await talk.office.workspace.items(Invitation)]
    await talk.hands.confide("Ann", codes[0])
    assert f"An invitation is on its way to {mail}: an owner of Shop" in talk.hands.confided("Ann")[-1]
    await reception.reset_second(ann.id, ann.id, "a test")


@pressed("cancel")
async def _cancel(talk: Talk) -> None:
    reception, ann = talk.office.reception, await talk.office.user("Ann")
    await reception.confirm(ann.id, pyotp.TOTP((await reception.propose(ann.id)).key).now(), "a test")
    said = "\n".join(await talk.private("remove Bob now"))
    assert "Removing Bob from Shop needs a code of now" in said
    await talk.hands.press_confided("Ann", "Cancel")
    assert "Nothing was done, and no code is waited for." in talk.hands.confided("Ann")[-1]
    await reception.reset_second(ann.id, ann.id, "a test")
    assert "Bob" in [m.name for m in await talk.office.workspace.items(Member)]


@pressed("logout")
async def _logout(talk: Talk) -> None:
    await talk.private("logout")
    await talk.hands.press_confided("Ann", "Log out here")
    assert "your only way in" in "".join([*talk.hands.confided("Ann"), *talk.hands.told("Ann")])
    assert (await talk.office.user("Ann")).identities


@pytest.mark.parametrize("verb", PRESSED)
@in_ways("telegram topic", "slack thread")
async def test_pressed(talk: Talk, verb: str) -> None:
    """Pressed on either desk, a button does the same."""
    await PRESSED[verb](talk)


@pytest.mark.parametrize("verb", some(PRESSED))
@in_ways("slack slash")
async def test_pressed_elsewhere(talk: Talk, verb: str) -> None:
    """Under an answer to Slack's slash command a button does the same."""
    await PRESSED[verb](talk)
