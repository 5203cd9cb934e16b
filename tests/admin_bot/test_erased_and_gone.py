"""What was told in private of a forgotten contact, and what is no more: erased, called by no identifier, named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.admin_bot.drawing import Templates
from hub.domain.carrying import exporting
from hub.domain.ids import Identity, PostId, UserId
from hub.domain.models import Comment, Job, Post
from hub.domain.ports import FrontEnd, Tx
from hub.domain.ports.desks import DeskPace
from hub.domain.reply import Reply
from hub.domain.work import Erase, Notify, Work
from hub.errors import Gone
from hub.host.confiding import notify
from hub.host.delivery import Surroundings
from hub.host.erasing import erase
from hub.host.lanes import Lane
from hub.host.pacer import Pacer
from tests.admin_bot.counter_desk import PaperDesk, Shop, Who, button, photo


class Cleared(PaperDesk):
    """A desk from which all is taken that is to be."""

    account, pace = "bot", DeskPace(per_account=None, per_desk=None)

    async def clear(self, *_: object) -> None:
        """Nothing stands here."""


class Chats:
    """The private chats of a network: what stands there, by identity and post."""

    network = "telegram"

    def __init__(self) -> None:
        self.stands: dict[tuple[Identity, PostId], str] = {}
        self.gone = False

    def owns(self, identity: Identity) -> bool:
        return identity.startswith("telegram:")

    def desk(self, chat: str) -> Any:
        return Cleared(chat)

    async def notify(self, identity: Identity, reply: Reply) -> PostId:
        post = PostId(str(len(self.stands) + 1))
        self.stands[identity, post] = Templates("telegram").render(reply.template, reply.data)
        return post

    async def renotify(self, identity: Identity, post: PostId, reply: Reply) -> None:
        if self.gone:
            raise Gone("it stands there no more")
        self.stands[identity, post] = Templates("telegram").render(reply.template, reply.data)


async def host(shop: Shop, chats: Chats) -> None:
    """What waits to be told or erased is."""
    front_ends: list[FrontEnd] = [chats]  # type: ignore[list-item]
    nobody: Any = None
    around = Surroundings(shop.workspace, nobody, front_ends, Pacer(), nobody, nobody)
    for work in await shop.all(Work):
        lane = Lane(work.lane)
        lane.works = [work]
        if isinstance(work.task, Notify):
            await notify(around, lane, work)
        elif isinstance(work.task, Erase):
            await erase(around, lane, work)


async def test_what_colleagues_were_told_of_a_forgotten_contact_is_erased(shop: Shop, bob: Who) -> None:
    """The words of notices in private chats go with the contact; notices of others stay as they are."""
    chats = Chats()
    ann, carl = await shop.arrive("Ann", "my secret words"), await shop.arrive("Carl", "of mine")
    for topic in (ann, carl):
        await topic.say(bob, "/assign Zoe")
        await topic.say(bob, "//@Zoe look at this")
    await host(shop, chats)
    assert sum("Ann" in words or "secret" in words for words in chats.stands.values()) >= 1
    of_carl = [words for words in chats.stands.values() if "Carl" in words]
    assert of_carl
    asked = await ann.say(bob, "/forget")
    await ann.press(bob, button(asked, "✕ Forget Ann for good"))
    await host(shop, chats)
    assert not any("Ann" in words or "secret" in words for words in chats.stands.values())
    assert [words for words in chats.stands.values() if "Carl" in words] == of_carl
    assert {p.thread for p in await shop.all(Post) if p.role == "notice"} == {carl.contact}


async def test_a_notice_that_waits_is_not_told_of_who_was_forgotten(shop: Shop, bob: Who) -> None:
    """What was written down before and not told yet is dropped; what stands there no more holds nothing up."""
    chats = Chats()
    ann = await shop.arrive("Ann", "my secret words")
    await ann.say(bob, "/assign Zoe")
    await host(shop, chats)
    told = len(chats.stands)
    await ann.say(bob, "//@Zoe look at this")
    chats.gone = True
    asked = await ann.say(bob, "/forget")
    await ann.press(bob, button(asked, "✕ Forget Ann for good"))
    await host(shop, chats)
    assert len(chats.stands) == told
    assert [w for w in await shop.all(Work) if isinstance(w.task, Notify | Erase)] == []


async def test_a_tag_that_was_removed_is_shown_by_no_identifier(shop: Shop, bob: Who, mia: Who) -> None:
    """Not in the export, nor in the timeline, which says that it was removed."""
    ann = await shop.arrive("Ann")
    await ann.say(mia, "/tags add zap")
    await ann.say(bob, "/tag zap")
    await shop.private(mia, "/tags remove zap")
    assert "gone, from all contacts" in shop.said()
    known = await exporting.names(shop.workspace)
    person = await ann.person()
    row = exporting.contact(person, known)
    assert row["Tags"] == ""
    person.assignee, person.team = "u-gone", "t-gone"
    row = exporting.contact(person, known)
    assert (row["Assignee"], row["Team"]) == ("somebody who left", "a team that was removed")
    await ann.say(bob, "/timeline")
    assert "tagged: a tag that was removed" in shop.said()
    assert "somebody who left" not in shop.said()


@pytest.mark.parametrize(("network", "small"), [("telegram", "<i>Until now:</i>"), ("slack", "Until now:")])
def test_markup_stays_markup_beside_plain_words(network: str, small: str) -> None:
    """What `~` puts together is escaped once: macros are markup, and words that look like it are not."""
    line = {"at": "2026-11-22T01:00:00Z", "who": "Ann", "text": "1 < 2", "kinds": ["R&D"], "note": False}
    drawn = Templates(network).render("moved_here", {"name": "Ann", "origin": "A<b>", "lines": [line]})
    assert small in drawn
    assert "&lt;i" not in drawn
    assert "&lt;b&gt;" in drawn
    assert "[R&amp;D]" in drawn


async def test_a_long_summary_is_told_in_short(shop: Shop, bob: Who) -> None:
    """In the confirmation and in another conversation's history; it is whole in that conversation's own."""
    ann = await shop.arrive("Ann")
    summary = "It was long. " * 300
    await ann.say(bob, f"/close {summary}")
    assert len(shop.said()) < 500
    assert "…" in shop.said()
    await ann.say(bob, "/history")
    assert summary.strip() in shop.said()


async def test_a_picture_with_the_summary_is_kept_as_a_note(shop: Shop, bob: Who) -> None:
    """Whether it came with the command or with the answer to its question; undone, the conversation is open."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/close Broken in two", attachments=photo())
    (note,) = await shop.all(Comment)
    assert (len(note.attachments), note.conversation) == (1, (await ann.conversation()).id)
    assert (await ann.conversation()).summary == "Broken in two"
    await ann.say(bob, "/undo")
    assert (await ann.conversation()).state == "open"


async def test_two_accounts_on_one_channel_are_told_apart(shop: Shop, bob: Who) -> None:
    """By the ends of their addresses; who is chosen is answered, until they write elsewhere, and undo takes it back."""
    ann, anna = await shop.arrive("Ann"), await shop.arrive("Anna")
    preview = await ann.say(bob, f"/merge #{(await anna.conversation()).number}")
    await ann.press(bob, button(preview, "⇄ Merge"))
    first, other = (await ann.person()).reaches
    await ann.say(bob, "/contact")
    assert shop.said().count("(account …") == 2
    asked = await ann.say(bob, "/via")
    assert shop.said().count("(account …") == 3
    now = (await ann.person()).reach(first.channel).address
    await ann.press(bob, button(asked, "via "))
    assert "You answer" in shop.said()
    then = (await ann.person()).reach(first.channel).address
    assert {now, then} == {first.address, other.address}
    await ann.say(bob, "/undo")
    assert (await ann.person()).reach(first.channel).address == now
    await ann.say(bob, f"/via {then[-4:]}")
    assert (await ann.person()).reach(first.channel).address == then


async def test_an_older_import_is_taken_back_after_asking_only(shop: Shop, mia: Who) -> None:
    """The second `/import undo` names the one before, when it was and how many it made, and waits for the button."""

    def imported(id: str, hours: int, state: Any) -> Job:
        at = shop.now - timedelta(hours=hours)
        return Job(id=id, what="import", by=UserId(mia.user), at=at, state=state, name=f"{id}.csv", done=3, made=3)

    async def deed(tx: Tx) -> None:
        tx.add(imported("new", 0, "undone"))
        tx.add(imported("old", 30, "done"))

    await shop.run(deed)
    asked = await shop.private(mia, "/import undo")
    assert "old.csv" in shop.said()
    assert "3 contacts" in shop.said()
    assert "Nothing has changed yet" in shop.said()
    assert [j.state for j in await shop.all(Job, id="old")] == ["done"]
    await shop.press(mia, button(asked, "Take old.csv back"), shop.own(mia))
    assert [j.state for j in await shop.all(Job, id="old")] == ["undoing"]
