"""Messenger on the demo's page: a customer's phone, and what the shop's page shows and offers on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from hub.sandbox import messenger
from tests.demo.visitor import PNG, Visitor

URL = "https://example.org/"


class Mia:
    """Somebody with Messenger, and the page they write to, which says something through the network's API."""

    def __init__(self, visitor: Visitor, api: str) -> None:
        self.visitor = visitor
        self.there = visitor.messenger
        self.person = self.there.contacts[0]
        self.api = api

    async def do(self, status: int = 200, **wish: Any) -> Any:
        return await self.visitor.do(status, **{"network": "messenger", "who": self.person.id, **wish})

    async def shown(self) -> Any:
        return await self.visitor.phone("messenger", self.person)

    async def told(self, **fields: Any) -> None:
        """The shop's page sends something."""
        psid = self.there.world.psid(self.person, self.there.page)
        url = f"{self.api}/v23.0/{self.there.page.id}/messages"
        body = {"recipient": {"id": psid}, **fields}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, params={"access_token": self.there.page.token}, json=body) as answer,
        ):
            assert answer.status == 200, await answer.text()

    async def says(self, **message: Any) -> None:
        await self.told(messaging_type="RESPONSE", message=message)


@pytest.fixture
async def mia(visitor: Visitor) -> AsyncIterator[Mia]:
    server = await messenger.serve(visitor.messenger.world, retry_scale=0.001)
    yield Mia(visitor, server.url)
    await server.close()


async def test_a_customer_writes_answers_edits_and_reacts(mia: Mia) -> None:
    """What is typed on a phone with Messenger happens in the conversation with the shop's page, and is shown there."""
    await mia.do(verb="say", text="helo")
    (said,) = (await mia.shown())["messages"]
    await mia.do(verb="edit", message=said["id"], text="hello")
    await mia.says(text="Hi Mia!")
    answer = (await mia.shown())["messages"][-1]
    await mia.do(verb="react", message=answer["id"], text="❤")
    await mia.do(verb="say", text="Thanks", reply_to=answer["id"])
    first, second, third = (await mia.shown())["messages"]
    assert (first["text"], first["mine"], first["edited"]) == ("hello", True, True)
    assert (second["mine"], [r["emoji"] for r in second["reactions"]]) == (False, ["❤"])
    assert third["reply"] == {"key": second["key"], "name": "Acme Shop", "text": "Hi Mia!"}
    await mia.do(verb="react", message=answer["id"])
    await mia.do(verb="delete", message=third["id"])
    _, second = (await mia.shown())["messages"]
    assert second["reactions"] == []


async def test_pictures_stand_together_and_words_beside_them(mia: Mia) -> None:
    """Several files go as one message, drawn as an album; words are a message of their own, as in Messenger's app."""
    wish = {"verb": "say", "network": "messenger", "who": mia.person.id, "text": "look"}
    await mia.visitor.send({"a.png": PNG, "b.png": PNG + b"b"}, **wish)
    first, second, words = (await mia.shown())["messages"]
    assert first["album"] == second["album"] != ""
    assert (first["media"]["kind"], words["text"], words["media"]) == ("photo", "look", None)
    assert [await mia.visitor.file(m["media"]) for m in (first, second)] == [PNG, PNG + b"b"]
    assert len(mia.there.world.phone(mia.person, mia.there.page)) == 2


async def test_what_the_page_offers_can_be_pressed(mia: Mia) -> None:
    """Replies that are offered, and buttons of a card, are pressed by what stands on them; a link only leads away."""
    await mia.do(verb="begin")
    await mia.says(text="Which?", quick_replies=[{"content_type": "text", "title": "Red", "payload": "r"}])
    assert (await mia.shown())["replies"] == ["Red"]
    await mia.do(verb="press", text="Red")
    assert (await mia.shown())["replies"] == []
    buttons = [{"type": "postback", "title": "Yes", "payload": "y"}, {"type": "web_url", "title": "Shop", "url": URL}]
    card = {"template_type": "button", "text": "Sure?", "buttons": buttons}
    await mia.says(attachment={"type": "template", "payload": card})
    shown = (await mia.shown())["messages"][-1]
    assert (shown["text"], [[b["text"] for b in row] for row in shown["buttons"]]) == ("Sure?", [["Yes"], ["Shop"]])
    assert await mia.do(verb="press", message=shown["id"], text="Shop") == {"url": URL}
    await mia.do(verb="press", message=shown["id"], text="Yes")
    assert [m["text"] for m in (await mia.shown())["messages"] if m["mine"]] == ["Get Started", "Red", "Yes"]


async def test_what_the_page_does_is_seen(mia: Mia) -> None:
    """Whoever wrote sees that the page types, and that it has seen all."""
    await mia.do(verb="say", text="hello?")
    assert [(await mia.shown())[name] for name in ("typing", "seen")] == [False, False]
    for action in ("mark_seen", "typing_on"):
        await mia.told(sender_action=action)
    assert [(await mia.shown())[name] for name in ("typing", "seen")] == [True, True]


async def test_a_page_is_blocked_and_unblocked(mia: Mia) -> None:
    """The phone tells which of the two it is."""
    await mia.do(verb="block")
    assert (await mia.shown())["blocked"]
    await mia.do(verb="block")
    assert not (await mia.shown())["blocked"]


async def test_a_newcomer_can_write(visitor: Visitor) -> None:
    """A new customer is on Messenger at once."""
    made = await visitor.do(verb="new_contact", network="messenger", text="Zoe")
    zoe = next(person for person in visitor.messenger.contacts if person.id == made["id"])
    await visitor.do(verb="say", network="messenger", who=zoe.id, text="hi")
    assert [m["text"] for m in (await visitor.phone("messenger", zoe))["messages"]] == ["hi"]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"verb": "fly"}, "There is no verb"),
        ({"verb": "say", "text": ""}, "no empty text"),
        ({"verb": "say", "text": "hi", "reply_to": "m_x"}, "no message m_x"),
        ({"verb": "edit", "message": "m_x", "text": "x"}, "no message m_x"),
        ({"verb": "press", "text": "Red"}, "no quick reply"),
        ({"verb": "press", "message": "m_x", "text": "Yes"}, "no button"),
        ({"verb": "new_contact", "text": " "}, "needs a name"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence(mia: Mia, wish: dict[str, Any], said: str) -> None:
    """A wish that cannot be fulfilled is answered in words, and never by a server error."""
    assert said in (await mia.do(400, **wish))["error"]
