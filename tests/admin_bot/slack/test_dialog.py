"""Dialogs that only Slack has: dialogs with fields, pickers, shortcuts, deletions, App Home. What both desks share is
in `tests/admin_bot/test_dialogs.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.admin_bot.command import Command
from hub.admin_bot.forms import asks
from hub.admin_bot.registry import shown as shown_commands
from hub.admin_bot.slack.manifest import SHORTCUTS
from hub.domain.ids import PostId
from hub.domain.models import Category, Comment, Contact, Message, Snippet, Tag
from hub.domain.ports import CardView, Query, RelayView, Tx
from hub.store import MongoWorkspace, Store
from tests.admin_bot.counter_desk import TOKEN
from tests.admin_bot.hands import SlackHands
from tests.admin_bot.office import Office
from tests.admin_bot.slack.town import Town, labels, shown, slack_town
from tests.admin_bot.telegram.town import until


class Acme(Office):
    """The office with its town at hand."""

    hands: SlackHands

    @property
    def town(self) -> Town:
        return self.hands.town

    async def type(self, line: str, who: Any = None) -> list[str]:
        """Somebody types `/hub …` in the channel; gives what they alone see then."""
        who = who or self.town.ann
        knock = self.town.world.slash(who, self.town.channel, "/hub", line)
        assert await knock.answer() is None
        assert knock.trouble == ""
        await self.hands.hear()
        return [shown(m) for m in self.town.whispers(who)]


@pytest.fixture
async def acme(store: Store, workspace: MongoWorkspace) -> AsyncIterator[Acme]:
    async with slack_town() as town:
        office = Acme(SlackHands(town), workspace)
        await office.open(store)
        yield office
    assert town.odd == []
    assert set(town.statuses) <= {200}


async def test_closing_in_a_dialog(acme: Acme) -> None:
    """[Close…] opens a dialog with the categories and the summary: one gesture to open, one to send."""
    await acme.rule("both", "Billing", "Bug")
    thread, post = await acme.arrive()
    world = acme.town.world
    await world.press(acme.town.ann, acme.town.channel, post, "✅ Close…").answer()
    assert (await acme.conversation()).state == "open"
    await world.submit(acme.town.ann, {"category": "Bug", "summary": "Refunded order 7"}).answer()
    await acme.hands.hear()
    closed = await acme.conversation()
    assert (closed.state, closed.category, closed.summary) == ("closed", "bug", "Refunded order 7")
    (told,) = acme.town.whispers()
    assert "is closed: Bug - Refunded order 7" in shown(told)
    assert told["thread_ts"] == thread
    assert labels(told)[0] == "↩ Undo"
    assert await acme.outgoing() == []


async def test_what_is_missing_is_asked_for_and_stale_is_told(acme: Acme) -> None:
    """A dialog with the category alone asks for the summary; one that was overtaken does nothing."""
    await acme.rule("both", "Bug")
    thread, post = await acme.arrive()
    world, town = acme.town.world, acme.town
    await world.press(town.ann, town.channel, post, "✅ Close…").answer()
    await world.press(town.bob, town.channel, post, "✅ Close…").answer()
    await acme.hands.press("Bob", post, "✋ Take")
    await world.submit(town.ann, {"category": "Bug"}).answer()
    modal = world.modal(town.ann)
    assert modal is not None
    assert "has changed meanwhile" in str(modal["errors"])
    world.close_modal(town.ann)
    assert (await acme.conversation()).state == "open"
    acme.hands.say("Ann", "!close bug", thread)
    await acme.hands.hear()
    acme.hands.say("Ann", "all good", thread)
    await acme.hands.hear()
    closed = await acme.conversation()
    assert (closed.state, closed.summary) == ("closed", "all good")


async def test_assigning_by_the_picker(acme: Acme) -> None:
    """One gesture on the card; somebody who is no member is told of."""
    thread, _ = await acme.arrive()
    town = acme.town
    await town.world.choose(town.ann, town.channel, thread, "Assign to…", town.bob).answer()
    await acme.hands.hear()
    assert await acme.holder() == "Bob"
    assert any(f"<{town.bob.id}>" in t for t in town.thread(thread))
    eve = town.world.add_user(town.team, "Eve")
    town.world.join(town.channel, eve)
    await town.world.choose(town.ann, town.channel, thread, "Assign to…", eve).answer()
    await acme.hands.hear()
    assert await acme.holder() == "Bob"


async def test_commands_by_mention_and_by_slash(acme: Acme) -> None:
    """`@hub assign @bob` in the thread, `/hub take 1` in the channel; the answers name the commands as typed there."""
    thread, _ = await acme.arrive()
    town = acme.town
    town.world.mention(town.ann, town.channel, town.app, f"assign <@{town.bob.id}>", thread=thread)
    await acme.hands.hear()
    assert await acme.holder() == "Bob"
    told = await acme.type("assign 1 me")
    assert await acme.holder() == "Ann"
    assert "#1 with Carol is yours" in told[-1]
    told = await acme.type("nonsense")
    assert "/hub nonsense" in told[-1]
    assert "/hub help" in told[-1]
    assert "/hub close" in "".join(await acme.type("help"))
    assert await acme.outgoing() == []


async def test_deleting_a_reply_takes_it_back(acme: Acme) -> None:
    """Slack tells of it; the agent hears what became of it."""
    thread, _ = await acme.arrive()
    sent = acme.hands.say("Ann", "wrong window", thread)
    await acme.hands.hear()
    acme.town.world.delete(acme.town.ann, acme.town.channel, sent)
    await acme.hands.hear()
    assert await acme.outgoing() == []
    assert any("never saw it" in t for t in acme.hands.told("Ann"))


async def test_unsend_by_shortcut_means_that_message(acme: Acme) -> None:
    """Not the last one."""
    thread, _ = await acme.arrive()
    first = acme.hands.say("Ann", "first", thread)
    await acme.hands.hear()
    acme.hands.say("Ann", "second", thread)
    await acme.hands.hear()
    await acme.town.world.shortcut(acme.town.ann, acme.town.channel, first, "unsend").answer()
    await acme.hands.hear()
    assert await acme.outgoing() == ["second"]


async def test_tags_and_notes_by_shortcut(acme: Acme) -> None:
    """Each with its field; tags as they are now."""

    async def furnish(tx: Tx) -> None:
        for name in ("vip", "new"):
            tx.add(Tag(id=name, name=name))

    await acme.workspace.run(furnish)
    thread, post = await acme.arrive()
    world, town = acme.town.world, acme.town
    await world.shortcut(town.ann, town.channel, post, "tag").answer()
    await world.submit(town.ann, {"tags": ["vip"]}).answer()
    await world.shortcut(town.ann, town.channel, thread, "note").answer()
    await world.submit(town.ann, {"text": "calls on Monday"}).answer()
    await acme.hands.hear()
    (contact,) = await acme.workspace.query(Contact, Query(where={}))
    assert contact.tags == ["vip"]
    assert await acme.notes() == ["calls on Monday"]
    assert await acme.outgoing() == []


async def test_a_snippet_by_shortcut_is_seen_before_it_goes(acme: Acme) -> None:
    """Chosen by name in the dialog, or by the slash with the number; then previewed, and one press sends it."""
    await furnished(acme)
    _, post = await acme.arrive()
    world, town = acme.town.world, acme.town
    await world.shortcut(town.ann, town.channel, post, "snippet").answer()
    await world.submit(town.ann, {"name": "hello: Hello {{ contact.first_name }}!"}).answer()
    await acme.hands.hear()
    assert await acme.outgoing() == []
    await acme.hands.press_told("Ann", "✉ Send to Carol")
    assert await acme.outgoing() == ["Hello Carol!"]
    await acme.type("snippet 1")
    assert fields(world.modal(town.ann)) == {"name"}


async def test_a_reply_by_shortcut_is_seen_before_it_goes(acme: Acme) -> None:
    """What is written in the dialog waits for the press that names the contact."""
    _, post = await acme.arrive()
    world, town = acme.town.world, acme.town
    await world.shortcut(town.ann, town.channel, post, "reply").answer()
    await world.submit(town.ann, {"text": "It is on its way"}).answer()
    await acme.hands.hear()
    assert await acme.outgoing() == []
    await acme.hands.press_told("Ann", "✉ Send to Carol")
    assert await acme.outgoing() == ["It is on its way"]


async def test_a_note_in_words(acme: Acme) -> None:
    """`note:` is the same as `//`; a colleague whose name comes first is called, by a mention, too."""
    thread, _ = await acme.arrive()
    acme.hands.say("Ann", "note: ask billing", thread)
    acme.hands.say("Ann", f"//<@{acme.town.bob.id}> look at this", thread)
    await acme.hands.hear()
    notes = await acme.workspace.query(Comment, Query(where={}, order="id"))
    assert [bool(n.mentions) for n in notes] == [False, True]
    assert await acme.outgoing() == []
    assert any(f"🔔 <{acme.town.bob.id}>" in t for t in acme.town.thread(thread))


async def test_a_deleted_card_opens_a_new_thread(acme: Acme) -> None:
    """The next message finds no place, before anything is posted in vain."""
    thread, _ = await acme.arrive("one")
    await acme.hands.hear()
    await acme.hands.desk.delete(PostId(thread))
    await acme.hands.hear()
    (contact,) = await acme.workspace.query(Contact, Query(where={}))
    assert contact.places == []
    again, _ = await acme.arrive("two")
    assert again != thread


async def test_app_home(acme: Acme) -> None:
    """Who waits; [Take] there takes it; mine are listed then."""
    await acme.arrive("help", "Tom")
    await acme.arrive("me too", "Kim")
    town = acme.town
    town.world.open_home(town.ann, town.app)
    await until(lambda: town.world.home(town.ann, town.app) is not None)

    def page() -> dict[str, Any]:
        return dict(town.world.home(town.ann, town.app) or {})

    assert "Tom #1" in shown(page())
    buttons = [e for b in page()["blocks"] if b["type"] == "actions" for e in b["elements"]]
    links = [b["url"] for b in buttons if "url" in b]
    assert all(link.startswith(town.team.url.rstrip("/")) for link in links)
    assert len(links) == 2
    await town.world.press_view(town.ann, town.app, "✋ Take").answer()
    await until(lambda: "is yours" in shown(page()))
    assert await acme.holder() == ""
    await town.world.press_view(town.ann, town.app, "Mine").answer()
    await until(lambda: "Kim" not in shown(page()))
    assert "Tom #1" in shown(page())
    await acme.hands.hear()


async def test_an_agents_picture_goes_with_its_words(acme: Acme) -> None:
    """One message with its file, which is fetched from the desk."""
    thread, _ = await acme.arrive()
    acme.town.world.upload(acme.town.ann, acme.town.channel, b"x", "a.png", text="look", thread=thread)
    await acme.hands.hear()
    (message,) = await acme.workspace.query(Message, Query(where={"direction": "out"}))
    assert (message.text.plain, [a.kind for a in message.attachments]) == ("look", ["image"])
    note = "// for us only"
    acme.town.world.upload(acme.town.ann, acme.town.channel, b"x", "b.png", text=note, thread=thread)
    await acme.hands.hear()
    assert await acme.outgoing() == ["look"]


async def test_people_of_other_workspaces_answer_nobody(acme: Acme) -> None:
    """They are told why, and what they press does nothing."""
    thread, post = await acme.arrive()
    town = acme.town
    guests = town.world.add_team("Guests Inc")
    eve = town.world.add_user(guests, "Eve")
    town.world.share(town.channel, guests, [eve])
    town.world.say(eve, town.channel, "I can answer that", thread=thread)
    await town.world.press(eve, town.channel, post, "✋ Take").answer()
    await acme.hands.hear()
    assert await acme.outgoing() == []
    assert await acme.holder() == ""
    assert any("only people of this organization" in shown(m) for m in town.whispers(eve))


async def test_the_same_twice_is_done_once(acme: Acme) -> None:
    """What Slack tells again, and out of order, sends nothing twice."""
    thread, _ = await acme.arrive()
    town = acme.town
    town.world.duplicate(town.app, 4)
    for words in ("one", "two"):
        acme.hands.say("Ann", words, thread)
        await acme.hands.hear()
    for event in town.world.events_of(town.app, "message"):
        town.world.redeliver(town.app, event["event_id"])
    town.front_end._done.clear()
    await acme.hands.hear()
    assert await acme.outgoing() == ["one", "two"]


# -- every dialog with fields, every menu, every shortcut ------------------------------------------------------------

SHORTCUT_FIELDS = {
    "reply": {"text"},
    "snippet": {"name"},
    "note": {"text"},
    "close": {"category", "summary"},
    "assign": {"to"},
    "tag": {"tags"},
    "unsend": set[str](),
}
"""What each shortcut on a message asks for."""


def fields(modal: dict[str, Any] | None) -> set[str]:
    """What a dialog asks for."""
    return {b["block_id"] for b in modal["blocks"] if b["type"] == "input"} if modal else set()


async def furnished(acme: Acme) -> None:
    """There are tags and categories to choose from."""
    await acme.rule("optional", "Bug", "Billing")

    async def furnish(tx: Tx) -> None:
        for name in ("vip", "new"):
            tx.add(Tag(id=name, name=name))
        tx.add(Snippet(id="hello", name="hello", text="Hello {{ contact.first_name }}!"))

    await acme.workspace.run(furnish)


@pytest.mark.parametrize("command", [c for c in shown_commands() if asks(c, "")], ids=lambda command: command.name)
async def test_a_bare_deed_with_several_fields_opens_a_dialog(acme: Acme, command: Command) -> None:
    """By the slash with the number alone, and by the button on the card: with every field that the line has."""
    await furnished(acme)
    thread, _ = await acme.arrive()
    town, wanted = acme.town, {a.name for a in command.arguments}
    assert await acme.type(f"{command.name} 1") == []
    assert fields(town.world.modal(town.ann)) == wanted
    town.world.close_modal(town.ann)
    label = f"{'✅ ' if command.name == 'close' else ''}{command.name.capitalize()}…"
    await town.world.press(town.ann, town.channel, thread, label).answer()
    assert fields(town.world.modal(town.ann)) == wanted


async def test_the_dialog_of_close_does_what_the_line_does(acme: Acme) -> None:
    """Category and summary filled in; what is told is whispered, and Undo takes it back."""
    await furnished(acme)
    await acme.arrive()
    await acme.type("close 1")
    await acme.town.world.submit(acme.town.ann, {"category": "Billing", "summary": "Refunded"}).answer()
    await acme.hands.hear()
    closed = await acme.conversation()
    assert (closed.state, closed.category, closed.summary) == ("closed", "billing", "Refunded")
    assert "is closed: Billing - Refunded" in acme.hands.told("Ann")[-1]
    assert acme.hands.told("Bob") == []
    await acme.hands.press_told("Ann", "↩ Undo")
    assert (await acme.conversation()).state == "open"


def test_every_shortcut_has_a_dialog() -> None:
    """A new shortcut is not done before it is known what it asks for."""
    assert set(SHORTCUT_FIELDS) == set(SHORTCUTS)


@pytest.mark.parametrize("verb", SHORTCUTS)
async def test_a_shortcut_asks_for_what_its_command_takes(acme: Acme, verb: str) -> None:
    """On the contact's message; a command without fields is done at once. Nothing reaches the contact."""
    await furnished(acme)
    thread, post = await acme.arrive()
    acme.hands.say("Ann", "wrong window", thread)
    await acme.hands.hear()
    town = acme.town
    await town.world.shortcut(town.ann, town.channel, post, verb).answer()
    await acme.hands.hear()
    assert fields(town.world.modal(town.ann)) == SHORTCUT_FIELDS[verb]
    assert await acme.outgoing() == ["wrong window"]
    assert (await acme.conversation()).state == "open"


async def test_assigning_by_shortcut(acme: Acme) -> None:
    """The colleague is chosen by name in the dialog, and sees that it is theirs."""
    thread, post = await acme.arrive()
    town = acme.town
    await town.world.shortcut(town.ann, town.channel, post, "assign").answer()
    await town.world.submit(town.ann, {"to": "Bob"}).answer()
    await acme.hands.hear()
    assert await acme.holder() == "Bob"
    assert any(f"<{town.bob.id}>" in t for t in town.thread(thread))


@pytest.mark.parametrize("verb", SHORTCUTS)
async def test_a_shortcut_of_no_member_does_nothing(acme: Acme, verb: str) -> None:
    """No dialog opens, and they alone are told why."""
    _, post = await acme.arrive()
    town = acme.town
    eve = town.world.add_user(town.team, "Eve")
    town.world.join(town.channel, eve)
    await town.world.shortcut(eve, town.channel, post, verb).answer()
    await acme.hands.hear()
    assert town.world.modal(eve) is None
    assert any("not a member of this workspace" in shown(m) for m in town.whispers(eve))
    assert acme.hands.told("Ann") == []


@pytest.mark.parametrize(("label", "told"), [
    ("Tag…", "Carol (#1): no tags"),
    ("Saved replies…", "There are no snippets yet"),
    ("Who is it?", "👤 Carol (#1)"),
    ("What was before", "📜 Carol"),
])  # fmt: skip
async def test_the_menu_of_the_card(acme: Acme, label: str, told: str) -> None:
    """Each entry answers whoever chose it, alone and in the thread; the card stays as it is."""
    thread, _ = await acme.arrive()
    before = acme.hands.words(thread, PostId(thread))
    await acme.town.world.choose(acme.town.bob, acme.town.channel, thread, "do:card.menu", label).answer()
    await acme.hands.hear()
    (answer,) = acme.town.whispers(acme.town.bob)
    assert told in " ".join(shown(answer).split())
    assert answer["thread_ts"] == thread
    assert acme.hands.told("Ann") == []
    assert acme.hands.words(thread, PostId(thread)) == before


async def test_a_question_after_the_slash_is_a_dialog_that_stays_until_it_is_right(acme: Acme) -> None:
    """What is asked for opens at once; a wrong answer is told so in the dialog, which keeps the words."""
    assert await acme.type("category add") == []
    town = acme.town
    assert fields(town.world.modal(town.ann)) == {"answer"}
    await town.world.submit(town.ann, {"answer": "???"}).answer()
    modal = town.world.modal(town.ann)
    assert modal is not None
    assert "A category's name begins with a letter" in str(modal["errors"])
    await town.world.submit(town.ann, {"answer": "Delivery"}).answer()
    await acme.hands.hear()
    assert town.world.modal(town.ann) is None
    assert [c.name for c in await acme.workspace.items(Category)] == ["Delivery"]
    assert "The category Delivery is there now" in acme.hands.told("Ann")[-1]


async def test_what_is_secret_is_whispered(acme: Acme) -> None:
    """An invitation made behind the slash, and what is still to be done for a channel, are seen by the asker alone,
    though the command was typed in everybody's channel.
    """
    told = await acme.type("invite agent")
    assert "becomes an agent of Shop" in told[-1]
    told = await acme.type(f"channel connect telegram {TOKEN}")
    assert "is connected" in told[-1].replace("\u2060", "")
    assert acme.town.world.history(acme.town.channel) == []
    assert acme.hands.told("Bob") == []


async def test_commands_in_the_private_chat(acme: Acme) -> None:
    """The same three ways there; plain words reach nobody, and are told so."""
    await acme.arrive()
    world, town = acme.town.world, acme.town
    direct = world.direct(town.hub, town.ann)
    world.say(town.ann, town.app, "!inbox")
    await acme.hands.hear()
    assert "Carol #1" in acme.hands.confided("Ann")[-1]
    world.say(town.ann, town.app, f"<@{town.hub.bot.id}> take 1")
    await acme.hands.hear()
    assert await acme.holder() == "Ann"
    await world.slash(town.ann, direct, "/hub", "assign 1 -").answer()
    await acme.hands.hear()
    assert await acme.holder() == ""
    world.say(town.ann, town.app, "hello?")
    await acme.hands.hear()
    assert "Nothing that you write here reaches a contact" in acme.hands.confided("Ann")[-1]
    assert await acme.outgoing() == []


async def test_reopening_from_the_card(acme: Acme) -> None:
    """The card of a closed conversation has one button for it, which acts on what the card showed."""
    thread, _ = await acme.arrive()
    acme.hands.say("Ann", "!close -", thread)
    await acme.hands.hear()
    closed, (contact,) = await acme.conversation(), await acme.workspace.query(Contact, Query(where={}))
    card = CardView(contact=contact, conversation=closed, channel="Shop bot")
    view = RelayView(contact=contact, conversation=closed, messages=[], card=card)
    await acme.hands.desk.redraw(thread, PostId(thread), view, False)
    await acme.hands.press("Bob", PostId(thread), "🟢 Reopen")
    assert (await acme.conversation()).state == "open"
    assert "is open again" in acme.hands.told("Bob")[-1]
    await acme.hands.press("Ann", PostId(thread), "🟢 Reopen")
    assert "has changed meanwhile" in acme.hands.told("Ann")[-1]
