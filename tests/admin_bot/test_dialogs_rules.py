"""What holds for every command, however it is given on whichever desk: bare it is harmless, a mistake gets a sentence
that says what is right, roles are refused alike, and what concerns the asker alone is whispered.
"""

from __future__ import annotations

import re

import msgspec
import pytest

from hub.admin_bot.command import Command
from hub.admin_bot.registry import shown
from hub.domain.models import Category, ChannelItem, DeskItem, Item, Member, Preferences, Snippet, Tag
from tests.admin_bot.dialog_table import FREE, SLIPS, every_talk, in_ways, some
from tests.admin_bot.office import Office, Talk

every_talk()
OFTEN = ("telegram topic", "slack thread")
ASIDE = ("telegram general", "slack slash")
WAYS = (*OFTEN, *ASIDE)
FREE.add("note")
SLIPS.update(
    {
        "assign": ("assign Bobb", "Nobody here is called “Bobb”. Did you mean Bob?"),
        "take": ("take everything", "I do not know what to do with “everything”. How it is written: /take [number]"),
        "close": ("close refunds", "There is no category “refunds”. Which category?"),
        "reopen": ("reopen soon", "I do not know what to do with “soon”. How it is written: /reopen [number]"),
        "next": ("next week", "There is no team “week”. There is none yet: /team create Sales."),
        "merge": ("merge Zoe", "Which contact? Write the number of a conversation of theirs, such as /merge #12"),
        "unmerge": ("unmerge all", "I do not know what to do with “all”. How it is written: /unmerge [number]"),
        "via": ("via fax", "cannot be reached by “fax”, but by Shop bot."),
        "snippet": ("snippet hallo", "Nothing was sent: “hallo” is no snippet. /snippet lists them."),
        "undo": ("undo everything", "There is nothing of yours to undo there."),
        "unsend": (
            "unsend",
            "There is no reply of yours here to take back. Reply with /unsend to the message you mean.",
        ),
        "inbox": ("inbox hers", "There is no inbox “hers”. There is all or mine or unassigned or team or blocked."),
        "tag": ("tag -lost", "There is no tag “lost” to take off."),
        "contact": ("contact me", "There is no contact “me”. /contact finds whole words of a name."),
        "history": ("history all", "I do not know what to do with “all”. How it is written: /history [number]"),
        "help": ("help colse", "There is no command /colse. Did you mean /close?"),
        "whoami": ("whoami now", "I do not know what to do with “now”. How it is written: /whoami"),
        "invite": (
            "invite boss",
            "“boss” is no e-mail address. Write one, or one of: agent, manager, owner, list, resend, withdraw.",
        ),
        "users": ("users all", "“all” is not a number."),
        "role": ("role Bob boss", "“boss” should be owner, manager or agent."),
        "remove": ("remove Bobb now", "Nobody here is called “Bobb”. Did you mean Bob?"),
        "start": ("start 12345678", "That code was used already, is too old, or was never given. Ask for a new one."),
        "setup": ("setup boat", "“boat” should be name, channel, desk, people or skip."),
        "me": ("me again", "“again” should be name or language."),
        "2fa": ("2fa off 12345", "Signing in with a code is off already."),
        "sessions": ("sessions end fax", "No sign-in of yours is called “fax”; perhaps it has ended."),
        "logout": ("logout later", "“later” should be now."),
        "workspace": ("workspace Shpo", "None of your workspaces is called “Shpo”. Did you mean Shop?"),
        "organization": ("organization peeple", "“peeple” should be name, timezone, code, logo, sso, people or role."),
        "channel": ("channel disconnect fax", "No channel is called “fax”. /channel lists them."),
        "desk": ("desk there", "“there” should be here, off or relay."),
        "category": ("category remove fax", "There is no category “fax”. /category lists them."),
        "failed": ("failed retry fax", "Nothing that failed is called “fax”. /failed lists it."),
    }
)
PERSONAL = ("help", "whoami", "next", "inbox", "contact", "history", "snippet", "failed", "channel", "category", "desk")


def typed(talk: Talk, sentence: str) -> str:
    """A sentence with the commands named as they are there."""
    return re.sub(r"(?<!\S)/(?=\w)", talk.sign, sentence)


def flat(*said: str) -> str:
    return " ".join(" ".join(said).split())


async def setting(office: Office) -> dict[str, bytes]:
    """All that a manager set up, and who belongs to it."""
    kinds: tuple[type[Item], ...] = (Category, ChannelItem, DeskItem, Member, Preferences, Snippet, Tag)
    every = [item for kind in kinds for item in await office.workspace.items(kind)]
    for item in every:
        if isinstance(item, DeskItem):
            item.home_posts = 0  # counts what was typed at home
        if isinstance(item, Member):
            item.seen_at = item.look_at = None  # they were there
    return {item.id: msgspec.json.encode(item) for item in every}


async def give(talk: Talk, command: Command, line: str, who: str = "Ann") -> str:
    """Types the line where the command is given, and tells what was said to it, whichever way."""
    if command.private:
        return flat(*await talk.private(line, who))
    before = talk.hands.confided(who)
    told = await (talk.plain(line, who) if command.about == "nothing" else talk.line(line, who))
    assert told.all == [] or "Answer this message" in told.words, "only a question is seen by all"
    return flat(told.words, *talk.hands.confided(who)[len(before) :], talk.hands.dialog(who))


@in_ways(*OFTEN)
async def test_a_bare_command_is_harmless(talk: Talk) -> None:
    """A tap in the menu sends it: so it answers, asks or offers, and at most does what its name says inward. Nothing
    reaches the contact, nothing is closed, nothing of the setting changes.
    """
    await talk.office.rule("optional", "Billing")
    before = await setting(talk.office)
    for command in shown():
        said = await give(talk, command, command.name)
        assert said, f"/{command.name} is answered by silence"
        state = (await talk.conversation()).state
        # Snoozing by itself is until the next morning; undoing takes back what was done last, and that is to wake it.
        assert state == "open" or (state == "snoozed" and command.name in ("snooze", "undo")), command.name
        if state == "snoozed":
            await talk.line("snooze -")
        assert await setting(talk.office) == before, command.name
        talk.hands.dismiss("Ann")
    assert await talk.outgoing() == []
    assert await talk.notes() == []
    assert await talk.tags() == []


@in_ways(*WAYS)
async def test_without_a_number_the_way_to_write_it_is_said(talk: Talk) -> None:
    """At home nobody can know which conversation is meant: the answer shows where its number goes. A contact's place
    needs none.
    """
    for command in shown():
        if command.about != "conversation":
            continue
        told = await talk.plain(command.name)
        if talk.inside:
            assert "Which conversation?" not in told.words, command.name
        else:
            example = typed(talk, command.usage).replace("[number]", "123")
            assert f"Which conversation? Here, its number comes first: {example}" in told.words, command.name
            assert told.all == []


def test_every_command_has_a_slip() -> None:
    """A new verb is not done before it is known what is said to a wrong line of it."""
    assert {*SLIPS, *FREE} == {c.name for c in shown()}


async def slip(talk: Talk, verb: str) -> None:
    """Makes the mistake: told what is right to the asker alone; nothing is done and nothing reaches the contact."""
    await talk.office.rule("optional", "Billing")
    command = next(c for c in shown() if c.name == verb)
    line, sentence = SLIPS[verb]
    before = await setting(talk.office)
    said = await give(talk, command, line, who="Eve" if verb == "start" else "Ann")
    assert flat(typed(talk, sentence)) in said
    assert await setting(talk.office) == before
    after = await talk.conversation()
    assert (after.state, after.assignee) == ("open", None)
    assert await talk.outgoing() == []


@pytest.mark.parametrize("verb", SLIPS)
@in_ways(*OFTEN)
async def test_a_mistake_is_told_what_is_right(talk: Talk, verb: str) -> None:
    """In the same words on both desks."""
    await slip(talk, verb)


@pytest.mark.parametrize("verb", some(SLIPS))
@in_ways(*ASIDE)
async def test_a_mistake_elsewhere(talk: Talk, verb: str) -> None:
    """At home, too, and by Slack's slash command."""
    await slip(talk, verb)


@in_ways(*WAYS)
async def test_a_slip_in_the_verb(talk: Talk) -> None:
    """Nothing is sent, and the verb that was meant is named."""
    told = await talk.line("colse Refunded order 7")
    assert "Nothing was sent: there is no command" in "".join(told.alone)
    assert typed(talk, "Did you mean /close?") in told.words
    assert told.all == []
    assert await talk.outgoing() == []
    assert (await talk.conversation()).state == "open"


@in_ways(*WAYS)
async def test_roles_are_refused_alike(talk: Talk) -> None:
    """What is for managers is refused to an agent by name of the role, and alone; nothing of the setting changes."""
    before = await setting(talk.office)
    for command in shown():
        if command.permission == "manager":
            line = SLIPS[command.name][0]
            told = await talk.plain(line, who="Bob")
            besides = " or a user admin of this organization" if command.also else ""
            refusal = f"/{command.name} is for a manager of this workspace{besides}; you are an agent. Ask one of them."
            assert typed(talk, refusal) in "".join(told.alone)
            assert told.all == []
    assert await setting(talk.office) == before


@in_ways(*WAYS)
async def test_whoever_is_no_member_does_nothing(talk: Talk) -> None:
    """Somebody who sits in the desk's chat is told what to ask for, whatever they type or press."""
    before = await setting(talk.office)
    for command in shown():
        if command.permission != "anyone":
            told = await talk.line(command.name, who="Eve")
            assert "you are not a member of this workspace" in "".join(told.alone).lower(), command.name
            assert "ask one of its owners for an invitation" in "".join(told.alone), command.name
            assert told.all == []
    told = await talk.press_on(talk.post, "✋ Take", who="Eve")
    assert "You are not a member of this workspace" in "".join(told.alone)
    assert await talk.holder() == ""
    assert await setting(talk.office) == before
    told = await talk.reply("I can help", who="Eve")
    assert "you are not a member" in "".join(told.alone)
    for line in ("help", "desk here"):
        told = await talk.plain(line, who="Eve")
        assert "Not sent" not in "".join(told.alone), "it was meant for nobody"
        assert "Shop" not in "".join(told.alone), "whose workspace it is concerns its members alone"
    assert await talk.outgoing() == []


@pytest.mark.parametrize(
    "line", ["help", "whoami", "next", "inbox", "contact", "history", "snippet", "failed", "channel"]
)
@in_ways(*WAYS)
async def test_personal_answers_are_whispered(talk: Talk, line: str) -> None:
    """What somebody looks up is seen by nobody else, neither in the desk's chat nor beside them."""
    command = next(c for c in shown() if c.name == line)
    before = talk.hands.told("Bob")
    told = await (talk.plain(line) if command.about == "nothing" else talk.line(line))
    assert told.alone
    assert told.all == []
    assert talk.hands.told("Bob") == before
