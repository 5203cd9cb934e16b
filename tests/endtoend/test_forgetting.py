"""A contact's file is given out, then the contact is forgotten: in the database, in the file store, on both desks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub.domain.ids import FileId
from hub.domain.models import Contact, Conversation, Message, Post
from hub.errors import NotFound
from tests.endtoend.mixed import Mixed, Place, Typed, present
from tests.endtoend.town import until, words_of

PORTRAIT = b"\x89PNG\r\n\x1a\n" + b"her face"


def shows(place: Place, words: str) -> bool:
    return any(words in f"{words_of(p)} {p.get('blocks', '')}" for p in place.posts())


async def test_a_contact_is_given_out_and_forgotten(mixed: Mixed) -> None:
    """The file holds all that was said and comes in private; then topic and thread, messages and files are gone, and
    who writes from there again is somebody new.
    """
    shop, ann = mixed.shop, mixed.somebody("telegram")
    await ann.write([Typed("my secret")])
    topic, thread = mixed.agents("telegram", ann), mixed.agents("slack", ann)
    for place in (topic, thread):
        await present(place)
        await until(lambda: shows(place, "my secret"), "it on the desk")  # noqa: B023 - waited for at once
    person = next(u for u in shop.net.users.values() if u.first_name == ann.name)
    shop.net.send_media(person, shop.bot, "document", b"a file of hers")

    async def stored() -> str:
        kept = [a for m in await shop.kept(Message) for a in m.attachments]
        return next((a.stored for a in kept if getattr(a, "stored", None)), "")

    await until(stored, "the file in the store")
    await mixed.shop.town.quiet()
    shop.net.add_picture(person, PORTRAIT)
    topic.answer([Typed("/contact picture")])

    def photos() -> list[Any]:
        return [m["photo"] for m in shop.net.private(shop.bob, shop.admin) if "photo" in m]

    (photo,) = await until(photos, "her picture in private")
    assert shop.net.files.by_key(photo[-1]["file_id"]).content == PORTRAIT
    contact = next(c for c in await shop.kept(Contact) if c.first_name == ann.name)
    assert contact.picture is not None
    files = [FileId(await stored()), contact.picture]
    (conversation,) = await shop.kept(Conversation, contact=contact.id)
    topic.answer([Typed("/contact export")])

    def given() -> bytes:
        found = [m["document"] for m in shop.net.private(shop.bob, shop.admin) if "document" in m]
        return shop.net.files.by_key(found[-1]["file_id"]).content if found else b""

    lines = [json.loads(line) for line in (await until(given, "the file in private")).splitlines()]
    assert [line["is"] for line in lines] == ["contact", "conversation", "message", "message"]
    assert lines[2]["text"]["plain"] == "my secret"

    await shop.ask(shop.olivia, f"/forget {conversation.number} now")
    await mixed.shop.town.quiet()
    assert not topic.there()
    assert not shows(thread, "my secret")
    assert not thread.there()
    assert await shop.kept(Message, contact=contact.id) == []
    assert [p for p in await shop.kept(Post) if p.contact == contact.id] == []
    for file in files:
        with pytest.raises(NotFound):
            await shop.town.hub.store.workspace(shop.workspace).files.size(file)
    await ann.write([Typed("hello")])
    await until(topic.there, "a new topic")
    again = next(c for c in await shop.kept(Contact) if c.first_name == ann.name)
    assert again.id != contact.id
