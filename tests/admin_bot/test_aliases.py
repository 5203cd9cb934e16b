"""Aliases: words of one's own for several lines, which can do nothing that typing the lines could not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.admin_bot import dispatch
from hub.domain import gate
from hub.domain.aliases import expand, split
from hub.domain.models import Alias, Category, Comment
from hub.domain.ports import Tx
from hub.domain.text import Text
from hub.errors import Invalid
from tests.admin_bot.counter_desk import Shop, Who, button, buttons, photo


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("/tag resolved; /close Solved", ["/tag resolved", "/close Solved"]),
        ("!tag resolved;!close", ["/tag resolved", "/close"]),
        ("/close Solved; thanks", ["/close Solved; thanks"]),
        ("/tag a\n/tag b;", ["/tag a", "/tag b"]),
    ],
)
def test_where_lines_end(typed: str, lines: list[str]) -> None:
    """A semicolon or a new line parts two lines only where a command begins behind it."""
    assert split(typed) == lines


@pytest.mark.parametrize(
    ("lines", "words", "become"),
    [
        (["/tag $1", "/note $*"], "vip calls on Monday", ["/tag vip", "/note calls on Monday"]),
        (["/note $*"], "a; /reply leaked", ["/note a; /reply leaked"]),
        (["/note $1"], "$*", ["/note $*"]),
        (["/close"], "", ["/close"]),
    ],
)
def test_what_becomes_of_the_words(lines: list[str], words: str, become: list[str]) -> None:
    """What is typed fills its places and is read no further: it can bring no line of its own."""
    assert expand(Alias(id="a", name="x", lines=lines), words) == become


@settings(max_examples=100, deadline=None)
@given(words=st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from("$*/!;1 \nreply"), max_size=60))
def test_no_words_change_what_is_commanded(words: str) -> None:
    """Whatever is typed behind it, an alias stands for as many lines as it has, each of the command that it names."""
    try:
        become = expand(Alias(id="a", name="x", lines=["/tag $1", "/note $*"]), words)
    except Invalid:
        return
    lines = [dispatch.read(gate.command_text(Text(line))) for line in become]
    assert [line.command.name for line in lines] == ["tag", "note"]


@pytest.mark.parametrize(("lines", "words"), [(["/tag $1 $2"], "vip"), (["/tag vip"], "more")])
def test_what_does_not_fit_is_refused(lines: list[str], words: str) -> None:
    """Too few or too many words do nothing."""
    with pytest.raises(Invalid):
        expand(Alias(id="a", name="x", lines=lines), words)


async def categories(shop: Shop) -> None:
    async def deed(tx: Tx) -> None:
        tx.add(Category(id="sol", name="Solved"))

    await shop.run(deed)


async def test_several_deeds_and_one_undo(shop: Shop, bob: Who) -> None:
    """All lines are done, told together, and taken back together."""
    await categories(shop)
    topic = await shop.arrive()
    await shop.say(bob, "/alias done = /tag +resolved; /close $1 $*")
    answer = await topic.say(bob, "/done sol it works")
    conversation = await topic.conversation()
    assert (conversation.state, conversation.category, conversation.summary) == ("closed", "sol", "it works")
    assert (await topic.person()).tags
    await topic.press(bob, button(answer, "Undo"))
    assert (await topic.conversation()).state == "open"
    assert (await topic.person()).tags == []


async def test_all_lines_or_none(shop: Shop, bob: Who) -> None:
    """Where a line is refused, asks for more or is held, nothing of it is done, and it is said where it stopped."""
    await categories(shop)
    topic = await shop.arrive()
    for last in ("/close refunds", "/close", "/unmerge", "/reply @zoe look"):
        await shop.say(bob, f"/alias done = /tag +resolved; {last}")
        await topic.say(bob, "/done")
        assert "stopped at" in shop.said()
        assert (await topic.person()).tags == []
    assert await shop.nothing_left()
    assert await shop.all(Comment) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("close = /tag vip", "/close is a command already: choose another name."),
        ("clo = /tag vip", "/clo is a command already, /close"),
        ("share = /tag vip", "cannot be an alias's name"),
        ("done = //call her", "Each line of an alias is a command"),
        ("done = hello", "Each line of an alias is a command"),
        ("done =", "What is it to stand for?"),
        ("done = /frobnicate", "There is no command /frobnicate"),
        ("done = /channel connect", "/channel cannot stand in an alias"),
        ("done = /alias x = /tag a", "/alias cannot stand in an alias"),
        ("done = /$1 x", "Each line of an alias is a command"),
        ("done = /send 12", "/send cannot stand in an alias"),
    ],
)
async def test_what_cannot_be_an_alias(shop: Shop, bob: Who, line: str, said: str) -> None:
    """A command's own name, and lines that are no commands or are not done together with others."""
    await shop.say(bob, f"/alias {line}")
    assert said in shop.said()
    assert await shop.all(Alias) == []


async def test_no_internal_word_goes_out(shop: Shop, bob: Who) -> None:
    """Whatever is typed behind an alias of inward lines stays inside, in albums as well; an unknown word is held."""
    topic = await shop.arrive()
    await shop.say(bob, "/alias n2 = /note $*")
    for words in ("/n2 hi; /reply leaked", "/n2 x\n/reply leaked", "/n2 $* /reply", "!n2 leaked", "/ n2 leaked"):
        await topic.say(bob, words)
    for caption in ("", "/n2 leaked", ""):
        await topic.say(bob, caption, attachments=photo(), album="g1")
    answer = await topic.say(bob, "/n3 leaked")
    assert "Send to Ann" in [b.label for b in buttons(answer)][-1]
    assert await shop.nothing_left()


async def test_what_writes_to_the_contact_is_typed_in_their_place(shop: Shop, bob: Who) -> None:
    """Elsewhere, and for another conversation by its number, an alias with an outward line does nothing."""
    topic, other = await shop.arrive(), await shop.arrive("Carl")
    number = (await topic.conversation()).number
    await shop.say(bob, "/alias bye = /reply Good bye $*; /tag +left")
    assert "It writes to the contact" in shop.said()
    for spot in (shop.spot(), shop.own(bob), other.spot):
        await shop.say(bob, f"/bye #{number} Ann", spot)
        assert "typed in their place" in shop.said()
    assert await shop.nothing_left()
    await topic.say(bob, "/bye Ann")
    assert [m.text.plain for m in await shop.out()] == ["Good bye Ann"]


async def test_whose_an_alias_is(shop: Shop, bob: Who, zoe: Who) -> None:
    """One's own until a manager shares it; one's own stands before everybody's; managers take away what is shared."""
    mia = shop.people["Mia"]
    topic = await shop.arrive()
    await shop.say(bob, "/alias hot = /tag +hot")
    await topic.say(zoe, "/hot")
    assert "there is no command /hot" in shop.said()
    await shop.say(bob, "/hott")
    assert "Did you mean /hot?" in shop.said()
    await shop.say(bob, "/alias share hot")
    assert "is for a manager" in shop.said()
    await shop.say(mia, "/alias hot = /tag +warm")
    await shop.say(mia, "/alias share hot")
    await topic.say(zoe, "/hot")
    await topic.say(bob, "/hot")
    assert len((await topic.person()).tags) == 2
    await shop.say(zoe, "/alias remove hot")
    assert "is for a manager" in shop.said()
    await shop.say(zoe, "/alias hto")
    assert "Did you mean hot?" in shop.said()


async def test_a_limited_agent_stays_limited(shop: Shop, bob: Who) -> None:
    """An alias does nothing that its line would be refused for."""
    mia = shop.people["Mia"]
    topic = await shop.arrive()
    await shop.say(mia, "/alias bin = /category add Bin")
    await shop.say(mia, "/alias share bin")
    await topic.say(bob, "/bin")
    assert "/category is for a manager" in shop.said()
