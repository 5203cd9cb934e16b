"""What people who are new stumble over in words, on both desks: slips in a search, values nearly right, commands named
otherwise than they are typed, words of theirs shown to others.
"""

from __future__ import annotations

import pytest

from hub.domain.ids import TeamId
from hub.domain.models import Snippet, Tag, Team
from hub.domain.ports import Tx
from tests.admin_bot.dialog_table import in_ways
from tests.admin_bot.office import Office, Talk, strays

pytestmark = in_ways("telegram topic", "slack thread")


async def furnish(office: Office) -> None:
    """A tag, a team and a snippet."""

    async def deed(tx: Tx) -> None:
        if await tx.get(Tag, "vip1") is None:
            tx.add(Tag(id="vip1", name="vip"))
            tx.add(Team(id=TeamId("sales"), name="Sales"))
            tx.add(Snippet(id="hi1", name="hi", text="Hello you"))

    await office.workspace.run(deed)


@pytest.fixture
async def talk(talk: Talk) -> Talk:
    await furnish(talk.office)
    return talk


def pointed(words: str) -> str:
    """What the caret points at."""
    lines = words.split("\n")
    at = next(i for i, line in enumerate(lines) if line.strip() and not line.strip(" ^"))
    return lines[at - 1][lines[at].index("^") : len(lines[at])]


# -- keys ------------------------------------------------------------------------------------------------------------

KEYS = {
    "find refund sinc:oct": ("sinc", "There is no key “sinc”. Did you mean since?"),
    "find form:bob refund": ("form", "There is no key “form”. Did you mean from?"),
    "find refund untli:mon": ("untli", "Did you mean until?"),
    "find refund i:notes": ("i", "Did you mean in?"),
    "find refund before:oct": ("before", "Did you mean until?"),
    "find refund after:2026-10": ("after", "Did you mean since?"),
    "find refund by:bob": ("by", "Did you mean from?"),
    "find refund tag:vip": ("tag", "There are from, since, until and in"),
    "find refund since>oct": ("since>oct", "“since” is written with a colon: since:oct."),
    "filter asignee:none": ("asignee", "There is no key “asignee”. Did you mean assignee?"),
    "contacts tga:vip": ("tga", "There is no key “tga”. Did you mean tag"),
    "inbox asignee:none": ("asignee", "Did you mean assignee?"),
}


async def test_a_slip_in_a_key_is_pointed_at(talk: Talk) -> None:
    """It is not taken for a word, which would find nothing: what was likely meant is named, and where it stands."""
    for line, (where, words) in KEYS.items():
        told = (await talk.plain(line)).words
        assert words in told, (line, told)
        assert pointed(told) == where, (line, told)


async def test_words_with_colons_are_words(talk: Talk) -> None:
    """Times, addresses, `re:`, and what is near no key are found as they were written; so is a key with a blank."""
    said = "at 14:30 re:order, price:50 invoice:2024 pin:1234 https://shop.example/sale form: blue tag: new refund:"
    await talk.office.receive(said, talk.name)
    every = (
        "14:30",
        "re:order",
        "price:50",
        "invoice:2024",
        "pin:1234",
        "https://shop.example",
        "form: blue",
        "tag: new",
    )
    for words in (*every, "refund:"):
        told = (await talk.plain(f"find {words}")).words
        assert f"{talk.name} #{talk.number}" in told, (words, told)


# -- values ----------------------------------------------------------------------------------------------------------

VALUES = {
    "channel:telegran": "There is no channel “telegran”. Did you mean telegram?",
    "channel:shp": "There is no channel “shp”. Did you mean Shop_bot?",
    "tag:vpi": "There is no tag “vpi”. Did you mean vip?",
    "assignee:bbo": "There is no colleague “bbo”. Did you mean Bob?",
    "team:saels": "There is no team “saels”. Did you mean Sales?",
    "language:germna": "There is no language “germna”: write its name, or its two letters, as de. Did you mean German?",
    "country:germny": "Did you mean Germany?",
    "is:opne": "“opne” is no state. Did you mean open?",
    "source:contcat": "Did you mean contact?",
}


async def test_values_nearly_right(talk: Talk) -> None:
    """Of a value that there is not, the likely one is named, and the value is pointed at."""
    for line, words in VALUES.items():
        told = (await talk.plain(f"filter {line}")).words
        assert words in told, (line, told)
        assert pointed(told) == line.partition(":")[2], (line, told)


async def test_languages_and_countries_by_name(talk: Talk) -> None:
    """Their names, in any case, mean the same as their letters."""
    for line in ("language:German", "language:zh-hant", "language:none", "country:united_kingdom", "country:none"):
        assert "There is no" not in (await talk.plain(f"filter {line}")).words, line


# -- commands as they are typed --------------------------------------------------------------------------------------


async def test_commands_are_named_as_they_are_typed(talk: Talk) -> None:
    """Also where a line is shown raw: somebody's own aliases, their lines, and commands that there are not."""
    sign, verb = talk.sign, f"done{talk.hands.network}"
    saved = await talk.plain(f"alias {verb} = /tag vip; /note Solved $*")
    assert f"alias {sign}{verb} is saved" in saved.words
    assert f"{sign}tag vip" in saved.words
    expected = {
        "alias": f"{sign}{verb} = {sign}tag vip; {sign}note Solved $*",
        f"alias other = /{verb}": f"{sign}{verb} is an alias itself",
        f"{verb}x": f"there is no command {sign}{verb}x. Did you mean {sign}{verb}?",
        verb: f"✓ {sign}tag vip",
        "alias both = tag": "Each line of an alias is a command with its sign",
        "help alias": f"NAME = {sign}LINE; {sign}LINE",
    }
    for line, words in expected.items():
        told = (await talk.plain(line)).words
        assert words in told, (line, told)
        assert strays(talk.hands.network, told) == [], (line, told)


async def test_what_people_wrote_stays_as_they_wrote_it(talk: Talk) -> None:
    """A slash in somebody's words is no command of ours."""
    await talk.office.receive("I typed /nonsense", talk.name)
    told = (await talk.plain("find nonsense")).words.replace("\u2060", "")
    assert "I typed /nonsense" in told


# -- what others need not read ---------------------------------------------------------------------------------------


async def test_what_was_typed_is_not_repeated_to_all(talk: Talk) -> None:
    """What asks about somebody's own words is said to them alone, or does without the words."""
    await talk.office.rule("category", "Billing", "Bug")
    await talk.line("take", who="Bob")
    for words in ("My secret plan for you", f"{talk.hands.sign}nonsense secret plan"):
        held = await talk.reply(words)
        assert held.alone
        assert not any("secret plan" in each for each in held.all)
    for line in (
        "later tomorrow 9:00 @Bob secret plan",
        "close refunds secret plan",
        "close",
        "reply @Bob secret plan",
    ):
        told = await talk.line(line)
        assert told.words
        assert not any("secret plan" in each for each in told.all), (line, told.all)
    assert await talk.outgoing() == []
    await talk.office.rule("optional")


# -- small ones ------------------------------------------------------------------------------------------------------


async def test_three_slashes_are_a_note(talk: Talk) -> None:
    """They never go out; the note has none of them, calls whom it names, and what was made of it is said."""
    told = await talk.reply("///bob look at this")
    assert f"Noted on #{talk.number}" in told.words
    assert "A note begins with two slashes; with more it is one all the same." in told.words
    await talk.reply("// /close was not meant")
    assert await talk.notes() == ["bob look at this", "/close was not meant"]
    assert await talk.outgoing() == []


async def test_cancel_what_was_to_be_sent_later(talk: Talk) -> None:
    """`/later cancel 7` calls off the one message that waits there; of several, each has its button."""
    cancel = f"later cancel {talk.number}"
    assert "Nothing waits" in (await talk.plain(cancel)).words
    await talk.line("later tomorrow 9:00 Your parcel has left")
    told = (await talk.plain(cancel)).words
    assert f"It does not go to {talk.name} (#{talk.number}):" in told
    assert "Your parcel has left" in told
    await talk.line("later tomorrow 9:00 One")
    await talk.line("later tomorrow 10:00 Two")
    assert "To be sent later" in (await talk.plain(cancel)).words
    assert len([label for label in talk.labels() if label.startswith("✖")]) == 2
    assert "Write its conversation's number" in (await talk.plain("later cancel that")).words
    await talk.press(talk.labels()[0])
    await talk.plain(cancel)


async def test_greetings_name_the_language(talk: Talk) -> None:
    """Its name is said, and it may be typed."""
    assert "Greeting for German:" in (await talk.plain("greeting de: Hallo!")).words
    assert "Greeting for German, as it was:" in (await talk.plain("greeting German: Hallo!")).words
    assert "Greeting for all others" in (await talk.plain("greeting Hello: there")).words
    assert "No greeting for German any more" in (await talk.plain("greeting off german")).words
    await talk.plain("greeting off")
