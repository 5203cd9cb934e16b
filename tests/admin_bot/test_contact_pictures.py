"""A contact's picture is asked for when somebody wants to see it, given to them alone, and kept."""

from __future__ import annotations

import pytest

from hub.domain import pictures, retention
from hub.domain.models import Member
from hub.domain.pictures import kept
from hub.domain.ports import Query, Tx
from hub.domain.work import Erase, Work
from hub.errors import TemporaryFailure, Undeliverable
from tests.admin_bot.dialog_table import in_ways
from tests.admin_bot.gallery import JPEG, PNG
from tests.admin_bot.office import Office, Talk

pytestmark = in_ways("telegram topic", "slack thread")


@pytest.fixture(autouse=True)
async def _open(way: tuple[str, Office]) -> None:
    """Networks show pictures, and nothing is wrong with them; Ann has a private chat with the bot."""
    await way[1].hands.whisper("Ann", f"{way[1].hands.sign}start")
    gallery = way[1].gallery
    gallery.open, gallery.trouble, gallery.slow = True, None, False


async def picture_of(talk: Talk) -> bytes:
    return await kept(talk.office.workspace, await talk.person())


async def files(talk: Talk) -> int:
    """How many files of the contact's are kept."""
    every = await talk.office.workspace.files.saved("", "~", 1000)  # type: ignore[arg-type]
    return [name for _, name in every].count(talk.contact)


async def test_it_is_typed_behind_contact(talk: Talk) -> None:
    """In the contact's place, and elsewhere with the number on either side; the answer is the asker's alone."""
    talk.office.gallery.shown[talk.name] = PNG
    told = await talk.plain("contact picture")
    assert "the picture is in our private chat" in "".join(told.alone)
    assert told.all == []
    assert talk.hands.given("Ann")[-1] == ("picture.png", PNG)
    for line in (f"contact {talk.number} picture", f"contact picture #{talk.number}"):
        (_, said) = await talk.private(line)
        assert said.endswith(f"{talk.name} (#{talk.number}) as they show themselves now.")


async def test_it_is_fetched_anew_and_the_one_before_goes(talk: Talk) -> None:
    """One file is kept of each contact; a JPEG is sent as one."""
    talk.office.gallery.shown[talk.name] = PNG
    await talk.line("contact")
    assert await files(talk) == 0, "nothing is fetched for a card"
    await talk.plain("contact picture")
    talk.office.gallery.shown[talk.name] = JPEG
    await talk.plain("contact picture")
    assert talk.hands.given("Ann")[-1] == ("picture.jpg", JPEG)
    assert (await picture_of(talk), await files(talk)) == (JPEG, 1)


async def test_whoever_has_none_any_more_has_none(talk: Talk) -> None:
    """What a contact does not show any more is not kept either."""
    talk.office.gallery.shown[talk.name] = PNG
    await talk.plain("contact picture")
    del talk.office.gallery.shown[talk.name]
    before = talk.hands.given("Ann")
    told = await talk.plain("contact picture")
    assert f"No picture of {talk.name} (#{talk.number}): they have none, or do not show it to us." in told.words
    assert talk.hands.given("Ann") == before
    assert ((await talk.person()).picture, await files(talk)) == (None, 0)


async def test_the_network_is_away(talk: Talk) -> None:
    """Then it says so, and gives the one that was kept, if there is one; nothing that is kept is lost."""
    talk.office.gallery.trouble = TemporaryFailure("The network could not be reached; it will be tried again.")
    told = await talk.plain("contact picture")
    assert f"No picture of {talk.name} (#{talk.number}): The network could not be reached." in told.words
    talk.office.gallery.trouble, talk.office.gallery.shown[talk.name] = None, PNG
    await talk.plain("contact picture")
    talk.office.gallery.trouble = Undeliverable("The network hides it.")
    given = len(talk.hands.given("Ann"))
    told = await talk.plain("contact picture")
    assert "as they were when somebody last looked: the picture is in our private chat. The network hides it." in (
        told.words
    )
    assert talk.hands.given("Ann")[given:] == [("picture.png", PNG)]
    assert await picture_of(talk) == PNG


@pytest.mark.parametrize("content", [b"<html>sign in</html>", b"GIF89a", b"\x89PNG"])
async def test_what_is_no_picture_is_not_passed_on(talk: Talk, content: bytes) -> None:
    """What a network gives is looked at, not believed."""
    talk.office.gallery.shown[talk.name] = content
    told = await talk.plain("contact picture")
    assert "What the network gave is no PNG or JPEG picture." in told.words
    assert await files(talk) == 0


async def test_nobody_waits_for_long(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that does not answer holds up neither who asked nor their chat."""
    monkeypatch.setattr(pictures, "PATIENCE", 0.01)
    talk.office.gallery.slow = True
    told = await talk.plain("contact picture")
    assert f"No picture of {talk.name} (#{talk.number}): The network did not answer in time." in told.words


async def test_where_no_network_shows_any(talk: Talk) -> None:
    """There is no button, and typing it says why."""
    talk.office.gallery.open = False
    await talk.line("block")
    await talk.line("contact")
    assert "⛔ For good" in talk.labels(), "there is no newer button"
    told = await talk.plain("contact picture")
    assert f"No channel that is connected shows a picture of {talk.name}." in told.words


async def test_slips(talk: Talk) -> None:
    """Without a conversation it is asked whose; a name behind it is looked for as names are."""
    (said,) = await talk.private("contact picture")
    assert "Whose picture?" in said
    assert "There is no conversation #9999" in (await talk.plain("contact picture #9999")).words
    assert "There is no contact “picture Zed”" in (await talk.plain("contact picture Zed")).words


async def test_personal_data_that_is_hidden(talk: Talk) -> None:
    """A picture is one: whoever may not see any has no button, and is refused."""
    talk.office.gallery.shown[talk.name] = PNG
    await limited(talk, "hidden")
    await talk.line("contact", who="Bob")
    assert "🖼 Picture" not in talk.labels("Bob")
    assert "shows personal data, which is hidden from you" in (await talk.plain("contact picture", who="Bob")).words
    await limited(talk, "own")
    assert "you work on your own contacts only" in (await talk.plain("contact picture", who="Bob")).words
    await limited(talk)
    assert talk.hands.given("Bob") == []


async def limited(talk: Talk, *limits: str) -> None:
    """Bob is an agent with these limits from now on."""

    async def deed(tx: Tx) -> None:
        bob = next(m for m in await tx.query(Member, Query(where={})) if m.name == "Bob")
        bob.limits = list(limits)  # type: ignore[arg-type]

    await talk.office.workspace.run(deed)


async def test_merging_keeps_one_and_telling_apart_gives_it_back(talk: Talk, way: tuple[str, Office]) -> None:
    """The other one's, where this one has none; a newer one of theirs does not take it from the other one."""
    other = await way[1].talk(way[0])
    talk.office.gallery.shown |= {other.name: JPEG}
    await other.plain("contact picture")
    await talk.line(f"merge #{other.number}")
    await talk.press("⇄ Merge")
    assert await picture_of(talk) == JPEG
    talk.office.gallery.shown |= {talk.name: PNG, other.name: PNG}
    await talk.plain("contact picture")
    assert (await picture_of(talk), await files(other)) == (PNG, 1)
    await talk.line("unmerge")
    assert (await picture_of(talk), await picture_of(other)) == (PNG, JPEG)


async def test_forgetting_and_sweeping(talk: Talk) -> None:
    """The sweeper leaves a picture where it is until files are kept no longer; with the contact it is to be erased."""
    talk.office.gallery.shown[talk.name] = PNG
    await talk.plain("contact picture")
    file = (await talk.person()).picture
    assert file is not None
    workspace = talk.office.workspace
    assert await retention.named(workspace, [talk.contact]) == {file: talk.contact}
    await talk.line("forget")
    await talk.press(f"✕ Forget {talk.name} for good")
    tasks = [w.task for w in await workspace.query(Work, Query(where={})) if isinstance(w.task, Erase)]
    assert [t.files for t in tasks if talk.contact in t.contacts] == [(file,)]


async def test_old_pictures_go_where_files_are_kept_for_a_while(talk: Talk) -> None:
    """Then there is none, until it is asked for again."""
    talk.office.gallery.shown[talk.name] = PNG
    await talk.plain("contact picture")
    file = (await talk.person()).picture
    assert file is not None
    await talk.office.workspace.run(lambda tx: retention.forget(tx, talk.contact, [file], 30))
    assert (await talk.person()).picture is None


async def test_who_has_no_private_chat_is_told_what_to_do(talk: Talk) -> None:
    """On Telegram a bot may not begin one; nobody is sent to look where nothing is."""
    talk.office.gallery.shown[talk.name] = PNG
    told = await talk.plain("contact picture", who="Bob")
    if talk.hands.network == "telegram":
        assert "could not be put into our private chat: write /start to me there, then ask again" in "".join(told.alone)
        assert talk.hands.given("Bob") == []
    else:
        assert talk.hands.given("Bob") == [("picture.png", PNG)]
