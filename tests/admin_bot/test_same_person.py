"""Dialogs: who may be the same person, contacts made by hand, values chosen field by field, forgetting."""

from __future__ import annotations

import asyncio
from functools import partial

from hub.domain import forgetting
from hub.domain.limits import LIMITS
from hub.domain.models import Comment, Contact, Conversation, Event, Member, Message
from hub.domain.ports import Tx
from hub.domain.work import Erase, GiveDossier, Tell, Work
from tests.admin_bot.counter_desk import Shop, Topic, Who, button, buttons


async def number(topic: Topic) -> int:
    found: int = (await topic.conversation()).number
    return found


async def suggestions(shop: Shop) -> list[Tell]:
    found = [w.task for w in await shop.all(Work) if isinstance(w.task, Tell)]
    return [task for task in found if task.reply.template == "twin_found"]


async def test_an_equal_number_or_address_is_said_on_the_desk(shop: Shop, bob: Who) -> None:
    """Whoever wrote it in, and however: the button shows what would become of both."""
    ann, anna = await shop.arrive("Ann"), await shop.arrive("Anna")
    await ann.say(bob, "/field phone +43 660 1234567")
    assert await suggestions(shop) == []
    await anna.say(bob, "/field phone 0043 660/1234567")
    (told,) = await suggestions(shop)
    assert (told.contact, told.reply.data["why"], told.reply.data["other"]) == (anna.contact, "phone number", "Ann")
    await anna.press(bob, told.reply.rows[0][0])
    assert "Ann would become Anna" in shop.said()
    answer = await ann.say(bob, "/merge")
    assert button(answer, f"Anna #{await number(anna)}")


async def test_values_are_chosen_field_by_field(shop: Shop, bob: Who, mia: Who) -> None:
    """A tap on a value keeps it instead; what is kept of each field is said before anything is done."""
    await shop.private(mia, "/fields add text City")
    ann, anna = await shop.arrive("Ann"), await shop.arrive("Anna")
    for topic, city, mail in ((ann, "Graz", "ann@a.com"), (anna, "Wien", "anna@b.com")):
        await topic.say(bob, f"/field city {city}")
        await topic.say(bob, f"/field email {mail}")
    answer = await ann.say(bob, f"/merge #{await number(anna)}")
    assert "City: Graz, not Wien" in shop.said()
    answer = await ann.press(bob, button(answer, "City: Wien"))
    answer = await ann.press(bob, button(answer, "E-mail: anna@b.com"))
    answer = await ann.press(bob, button(answer, "E-mail: ann@a.com"))
    assert "City: Wien (taken over), not Graz" in shop.said()
    assert "E-mail: ann@a.com, not anna@b.com" in shop.said()
    await ann.press(bob, button(answer, "⇄ Merge"))
    person = await ann.person()
    assert (person.fields, person.email, person.first_name) == ({"city": "Wien"}, "ann@a.com", "Ann")
    await ann.say(bob, "/unmerge")
    assert ((await ann.person()).fields, (await anna.person()).fields) == ({"city": "Graz"}, {"city": "Wien"})


async def test_fields_are_named_in_the_line(shop: Shop, bob: Who) -> None:
    """The same by typing, in the contact's place and elsewhere."""
    ann, anna = await shop.arrive("Ann"), await shop.arrive("Anna")
    one, two = await number(ann), await number(anna)
    await ann.say(bob, f"/merge #{two} first name")
    assert "First name: Anna (taken over), not Ann" in shop.said()
    await shop.say(bob, f"/merge {one} {two} first")
    assert "First name: Anna (taken over), not Ann" in shop.said()
    await ann.say(bob, f"/merge #{two} colour")
    assert "There is no field “colour”" in shop.said()


async def test_a_contact_is_made_by_hand_once(shop: Shop, bob: Who) -> None:
    """Whose number or address is known is not made twice by a slip; undo takes them away again."""
    await shop.private(bob, "/contact new Tom van Dyke 0043 660 1234567 tom@x.com")
    (tom,) = await shop.all(Contact)
    assert (tom.first_name, tom.last_name, tom.phone, tom.email) == ("Tom", "van Dyke", "+436601234567", "tom@x.com")
    assert (tom.country, tom.keys) == ("AT", [])
    answer = await shop.private(bob, "/contact new Thomas tom@x.com")
    assert "Tom van Dyke has that number or address already" in shop.said()
    made = await shop.press(bob, button(answer, "Create anyway"), shop.own(bob))
    assert len(await shop.all(Contact)) == 2
    await shop.press(bob, button(made, "Undo"), shop.own(bob))
    assert [c.id for c in await shop.all(Contact)] == [tom.id]
    await shop.private(bob, "/contact new +43 660 1234567")
    assert "Write a name, then a phone number" in shop.said()
    await shop.private(bob, "/contact dyke")
    assert "No channel reaches them yet" in shop.said()


async def test_who_was_made_by_hand_is_found_when_they_write(shop: Shop, bob: Who) -> None:
    """They have no conversation, so they are offered by name, and become the one who wrote."""
    await shop.private(bob, "/contact new Ann Fox +43 660 1234567")
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/field phone +43 660 1234567")
    (told,) = await suggestions(shop)
    preview = await ann.press(bob, told.reply.rows[0][0])
    await ann.press(bob, button(preview, "⇄ Merge"))
    assert len((await ann.person()).absorbed) == 1
    await ann.say(bob, "/unmerge")
    assert (await ann.person()).absorbed == []


async def test_contacts_are_found_by_name_number_and_address(shop: Shop, bob: Who) -> None:
    """Several are offered; who works on their own contacts sees theirs alone."""
    ann, other = await shop.arrive("Ann Fox"), await shop.arrive("Ann Bee")
    await shop.private(bob, "/contact ann")
    assert "2 contacts may be meant" in shop.said()
    await ann.say(bob, "/field phone +43 660 1234567")
    await shop.private(bob, "/contact +43 677")
    assert "There is no contact" in shop.said()
    answer = await shop.private(bob, "/contact +43 660")
    assert "Ann Fox" in shop.said()
    assert buttons(answer) == []
    for who in ("Tom +43 660 7654321", "Tom tom@shop.example"):
        await shop.private(bob, f"/contact new {who}")
    answer = await shop.private(bob, "/contact tom")
    assert {b.label for b in buttons(answer)} == {"Tom +43 660 7654321", "Tom tom@shop.example"}
    zoe = shop.people["Zoe"]

    async def limit(tx: Tx) -> None:
        member = await tx.get(Member, zoe.user)
        assert member is not None
        member.limits = ["own"]

    await shop.run(limit)
    await shop.private(zoe, "/contact ann")
    assert "There is no contact “ann”" in shop.said()
    await other.say(bob, "/assign zoe")
    await shop.private(zoe, "/contact ann")
    assert "Ann Bee" in shop.said()


async def test_all_that_is_known_of_one_is_given_in_private(shop: Shop, bob: Who) -> None:
    """To the account that asked; not to whom export is barred."""
    ann = await shop.arrive("Ann")
    await ann.say(bob, "/contact export")
    (given,) = [w.task for w in await shop.all(Work) if isinstance(w.task, GiveDossier)]
    assert (given.contact, given.identity) == (ann.contact, bob.asker.identity)

    async def limit(tx: Tx) -> None:
        member = await tx.get(Member, bob.user)
        assert member is not None
        member.limits = ["no_export"]

    await shop.run(limit)
    await ann.say(bob, "/contact export")
    assert "takes data out, which you may not" in shop.said()


async def test_a_forgotten_contact_leaves_figures_only(shop: Shop, bob: Who) -> None:
    """Who they were is gone at once, what was said in steps; conversations stay without a word, and whoever writes
    from there again is somebody new.
    """
    ann, anna = await shop.arrive("Ann", "my secret"), await shop.arrive("Anna", "hers")
    preview = await ann.say(bob, f"/merge #{await number(anna)}")
    await ann.press(bob, button(preview, "⇄ Merge"))
    await ann.say(bob, "//a note on her")
    asked = await ann.say(bob, "/forget")
    assert "2 messages, 1 note" in shop.said()
    await ann.press(bob, button(asked, "✕ Forget Ann for good"))
    assert await shop.all(Contact) == []
    (erase,) = [w.task for w in await shop.all(Work) if isinstance(w.task, Erase)]
    assert {thread for _, thread in erase.places} == {ann.thread, anna.thread}

    async def step(tx: Tx) -> bool:
        return (await forgetting.erase_some(tx, erase.contacts))[0]

    while not await shop.run(step):
        pass
    while events := await forgetting.told_by_events(shop.workspace, erase.contacts):
        await shop.run(partial(forgetting.drop, found=events))
    assert [*await shop.all(Message), *await shop.all(Comment)] == []
    old = await shop.all(Conversation)
    assert [(c.state, c.last_text, c.summary, c.incoming) for c in old] == [("closed", "", "", 1)] * 2
    assert await shop.all(Event, contact=ann.contact) == []
    assert "Ann" not in str(await shop.all(Event))
    again = await shop.arrive("Ann", "hello")
    assert again.contact not in (ann.contact, anna.contact)
    await shop.say(bob, f"/contact {old[0].number}")
    assert "is gone" in shop.said()


async def test_who_may_delete_nothing_forgets_nobody(shop: Shop, bob: Who) -> None:
    """Nor does a word too much."""
    ann = await shop.arrive("Ann")

    async def limit(tx: Tx) -> None:
        member = await tx.get(Member, bob.user)
        assert member is not None
        member.limits = [*LIMITS[2:4]]

    await ann.say(bob, "/forget Ann now")
    assert "a conversation's number or a name comes after it" in shop.said()
    await shop.run(limit)
    await ann.say(bob, "/forget now")
    assert "deletes for good, which you may not" in shop.said()
    assert (await ann.person()).first_name == "Ann"


# -- in the same instant -----------------------------------------------------------------------------------------------


async def test_two_who_merge_the_same_two_at_once(shop: Shop, bob: Who, mia: Who) -> None:
    """Each into the other: one is done, and the other agent is told; nobody is lost, and they can be told apart."""
    ann, anna = await shop.arrive("Ann"), await shop.arrive("Anna")
    one, two = await ann.say(bob, f"/merge #{await number(anna)}"), await anna.say(mia, f"/merge #{await number(ann)}")
    before = len(shop.drawn)
    await asyncio.gather(ann.press(bob, button(one, "⇄ Merge")), anna.press(mia, button(two, "⇄ Merge")))
    said = " ".join(shop.drawn[before:])
    assert said.count("answered by") == 1
    assert "already" in said or "changed meanwhile" in said or "look again" in said
    people = [await ann.person(), await anna.person()]
    assert sorted(len(p.keys) for p in people) == [0, 2]
    kept = ann if people[0].keys else anna
    await kept.say(bob, "/unmerge")
    assert [len((await each.person()).keys) for each in (ann, anna)] == [1, 1]


async def test_two_who_change_the_same_field_at_once(shop: Shop, bob: Who, mia: Who) -> None:
    """Both are told what stands there in the end, and what was before."""
    ann = await shop.arrive("Ann")
    before = len(shop.drawn)
    await asyncio.gather(ann.say(bob, "/field email a@one.com"), ann.say(mia, "/field email b@two.com"))
    said = " ".join(shop.drawn[before:])
    mail = (await ann.person()).email
    other = {"a@one.com": "b@two.com", "b@two.com": "a@one.com"}[mail]
    assert f"Before: {other}" in said.replace("<i>", "").replace("</i>", "")


async def test_what_is_written_while_one_is_forgotten(shop: Shop, bob: Who) -> None:
    """It is the message of somebody new, or is forgotten with them: never somebody's without a contact."""
    ann = await shop.arrive("Ann")
    await asyncio.gather(ann.say(bob, "/forget now"), shop.receive("Ann", "one more"))
    people = {c.id for c in await shop.all(Contact)}
    (late,) = [m for m in await shop.all(Message) if m.text.plain == "one more"]
    assert late.contact in people | {ann.contact}
