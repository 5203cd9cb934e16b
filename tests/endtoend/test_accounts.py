"""Accounts in a whole hub: from `/start` in a private chat over the pages and the mail back into the chat."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import aiohttp
import pyotp
import pytest

from hub.domain.models import Member
from hub.sandbox import slack
from hub.sandbox.telegram.accounts import User
from hub.settings import Settings, SlackLimits
from tests.endtoend.shop import Shop
from tests.endtoend.town import Town, town, until, words_of

PASSWORD = "correct horse 7"
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


# -- a browser and a letter box --------------------------------------------------------------------------------------


class Fields(HTMLParser):
    """The hidden fields of each form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Reads a form's beginning, or a field of it."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and given.get("type") == "hidden":
            self.forms[-1][given["name"]] = given["value"]


@dataclass
class Browser:
    """Somebody's browser, as far as forms need one."""

    http: aiohttp.ClientSession
    page: str = ""
    address: str = ""

    async def open(self, address: str) -> None:
        """Opens a page."""
        async with self.http.get(address) as answer:
            assert answer.status == 200, await answer.text()
            self.page, self.address = await answer.text(), str(answer.url)

    async def send(self, **filled: str) -> None:
        """Fills in the page's first form, and sends it."""
        hidden = Fields(self.page).forms[0]
        async with self.http.post(self.address, data={**hidden, **filled}) as answer:
            self.page, self.address = await answer.text(), str(answer.url)
            assert answer.status == 200, self.page

    async def sign_up(self, address: str, name: str, mail: str) -> None:
        """Signs up by the page at that address."""
        first, last = name.split()
        await self.open(address)
        await self.send(email=mail, first_name=first, last_name=last, password=PASSWORD)
        assert self.address.endswith("/account/check")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A browser that knows nobody yet."""
    jar = aiohttp.CookieJar(unsafe=True)  # the host is a number here
    async with aiohttp.ClientSession(cookie_jar=jar, headers={"User-Agent": _BROWSER}) as http:
        yield Browser(http)


# -- the town and its chats ------------------------------------------------------------------------------------------


@dataclass
class Place:
    """A hub that nobody can call but from this machine, with Telegram and Slack."""

    town: Town
    slack: slack.SlackStandIn
    app: Any = None
    team: Any = None
    seen: dict[str, int] = field(default_factory=dict)

    def mailed(self, to: str, path: str) -> str:
        """The link to that page in the newest mail to somebody; empty where there is none."""
        for file in sorted((self.town.hub.settings.data_dir / "mail").glob("*.eml"), reverse=True):
            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            words = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            found = re.search(rf"http\S+/account/{path}\S*", words)
            if mail["To"] == to and found:
                return found[0]
        return ""

    async def letter(self, to: str, path: str) -> str:
        """The same, as soon as it is there."""
        return str(await until(lambda: self.mailed(to, path), f"a mail to {to}"))


@dataclass
class Chat:
    """Somebody's private chat with the bot, on either network."""

    write: Callable[[str], Any]
    said: Callable[[], list[dict[str, Any]]]
    links: Callable[[dict[str, Any]], list[str]]
    words: Callable[[dict[str, Any]], str]

    async def ask(self, line: str, answer: str) -> dict[str, Any]:
        """Writes; gives the answer with these words in it."""
        before = len(self.said())
        self.write(line)
        return await self.hears(answer, before)

    async def hears(self, answer: str, since: int = 0) -> dict[str, Any]:
        """What the bot says with these words in it, as soon as it does."""

        def found() -> dict[str, Any] | None:
            return next((m for m in self.said()[since:] if answer in self.words(m)), None)

        told: dict[str, Any] = await until(found, f"“{answer}”; it said {[self.words(m) for m in self.said()]}")
        return told

    async def page(self) -> str:
        """The page that the bot leads to."""
        (link,) = self.links(await self.ask("/start", "Sign up, or sign in"))
        return link


def on_telegram(place: Place, user: User) -> Chat:
    """Somebody's chat on Telegram."""
    net, bot = place.town.net, place.town.admin
    return Chat(
        write=lambda words: net.say(user, bot, words),
        said=lambda: [m for m in net.private(user, bot) if m["from"]["id"] == bot.id],
        links=lambda m: [
            b["url"] for row in m.get("reply_markup", {}).get("inline_keyboard", []) for b in row if "url" in b
        ],
        words=words_of,
    )


def on_slack(place: Place, user: Any) -> Chat:
    """Somebody's chat on Slack, where a message cannot begin with a slash."""
    net, app = place.slack, place.app
    return Chat(
        write=lambda words: net.say(user, app, words.replace("/", "!", 1)),
        said=lambda: [m for m in net.private(user, app) if m.get("bot_id")],
        links=lambda m: [
            e["url"] for b in m.get("blocks", []) if b["type"] == "actions" for e in b["elements"] if "url" in e
        ],
        words=lambda m: f"{m.get('text', '')} {m.get('blocks', '')}",
    )


@pytest.fixture(scope="module")
async def place(own_settings: Settings) -> AsyncIterator[Place]:
    """One hub for all stories."""
    net = slack.SlackStandIn(slack.Limits.off())
    server = await slack.serve(net, retry_scale=0.001)
    team = net.add_team("Acme")
    app = net.add_app("Hub", commands=("/hub",))
    installed = net.install(app, team)
    settings = {
        "slack_api_url": f"{server.url}/api",
        "slack_signing_secret": app.signing_secret,
        "slack_bot_token": installed.token,
        "slack_limits": SlackLimits(0, 0),
    }
    async with town(own_settings, **settings) as made:
        await net.set_request_url(app, made.hook("slack"))
        yield Place(made, net, app, team)
    await server.close()


async def comes_in(place: Place, chat: Chat, name: str, mail: str) -> None:
    """Signs up from the chat, and verifies the address."""
    link, first = await chat.page(), name.partition(" ")[0]
    assert link.startswith(f"http://127.0.0.1:{place.town.hub.port}/account/signup?link=")
    async with browser() as firefox:
        await firefox.sign_up(link, name, mail)
        assert not [m for m in chat.said() if first in chat.words(m)], "nobody is greeted before the mail"
        await firefox.open(await place.letter(mail, "verify"))
        await firefox.send()
        assert mail in firefox.page.replace("<wbr>", "")
    await chat.hears(f"Hello {first}")


# -- the stories -----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["telegram", "slack"])
def chat_of(place: Place, request: pytest.FixtureRequest) -> Callable[[str], Chat]:
    """Makes somebody with a chat on one of the networks."""
    if request.param == "telegram":
        return lambda name: on_telegram(place, place.town.net.add_user(name))
    return lambda name: on_slack(place, place.slack.add_user(place.team, name))


async def test_from_start_to_being_known(place: Place, chat_of: Callable[[str], Chat]) -> None:
    """Whoever is nobody is led to the page, signs up, verifies by the mail, is greeted by name in the chat that asked,
    and is known there from then on.
    """
    chat = chat_of("Zed")
    network = "t" if chat.words is words_of else "s"
    mail = f"mary.{network}@shop.example"
    await comes_in(place, chat, "Mary Poppins", mail)
    assert mail in chat.words(await chat.ask("/me", "Mary Poppins"))
    await chat.ask("/start", "Hello Mary")
    listed = chat.words(await chat.ask("/sessions", "Firefox on Linux"))
    assert "by mail" in listed
    await chat.ask("/sessions end all", "The one browser that was signed in is signed out")


async def test_the_code_is_wanted_at_sign_in(place: Place, chat_of: Callable[[str], Chat]) -> None:
    """The picture and the key come into the private chat; once confirmed, the page wants a code, and a recovery code
    does, too; it goes off only by a code.
    """
    chat = chat_of("Hugo")
    mail = f"hugo.{'t' if chat.words is words_of else 's'}@shop.example"
    await comes_in(place, chat, "Hugo Cap", mail)
    shown = await chat.ask("/2fa", "type this key into it")
    key = re.search(r"\b[A-Z2-7]{32}\b", chat.words(shown))
    assert key
    await until(lambda: [m for m in chat.said() if m.get("photo") or m.get("files")], "the picture")
    codes = chat.words(await chat.ask(f"/2fa {pyotp.TOTP(key[0]).now()}", "Keep these recovery codes"))
    recovery = re.findall(r"\b[2-9a-z]{5}-[2-9a-z]{5}-[2-9a-z]{5}\b", codes)
    async with browser() as firefox:
        await firefox.open(f"http://127.0.0.1:{place.town.hub.port}/account/signin")
        await firefox.send(email=mail, password=PASSWORD)
        assert firefox.address.endswith("/account/code")
        await firefox.send(code=recovery[0])
        assert firefox.address.endswith("/account")
    await chat.ask("/2fa off 000000", "That code is not right")
    await chat.ask(f"/2fa off {recovery[1]}", "No code is asked for any more")


async def test_an_owner_gains_an_account_and_keeps_the_workspace(place: Place) -> None:
    """Somebody who became the owner by a code signs up by /start, stays the owner, and parts and ties the chat account
    again; parted, it is nobody's, in the workspace too.
    """
    shop = Shop(place.town)
    await shop.found()
    chat = on_telegram(place, shop.olivia)
    identity = f"telegram:{shop.olivia.id}"
    (link,) = chat.links(await chat.ask("/start", "This chat is your only way in so far"))
    await chat.ask("/logout now", "This chat account is your only way in")
    async with browser() as firefox:
        await firefox.sign_up(link, "Olivia Owner", "olivia@shop.example")
        await firefox.open(await place.letter("olivia@shop.example", "verify"))
        await firefox.send()
        await chat.hears("Hello Olivia, you are signed in as olivia@shop.example")
        me = words_of(await chat.ask("/me", "olivia@shop.example"))
        assert "An owner of Olivia's workspace" in me
        assert [(m.role, m.name) for m in await shop.kept(Member)] == [("owner", "Olivia Owner")]

        await chat.ask("/logout", "Log out here?")
        await chat.ask("/logout now", "You are logged out here")
        assert [m.identities for m in await shop.kept(Member)] == [[]]
        link = await chat.page()
        await firefox.open(link.replace("signup", "signin"))
        await firefox.send(email="olivia@shop.example", password=PASSWORD)
    await _until_kept(lambda: shop.kept(Member), lambda found: found[0].identities == [identity])
    await chat.ask("/start", "You are an owner of Olivia's workspace")


async def test_a_second_chat_account_acts_as_the_same_person(place: Place) -> None:
    """Who signs in from Slack, too, is the same member of the same workspace there, and no other one."""
    shop = Shop(place.town, "other")
    await shop.found()
    one = on_telegram(place, shop.olivia)
    (link,) = one.links(await one.ask("/start", "This chat is your only way in so far"))
    two = on_slack(place, place.slack.add_user(place.team, "Liv"))
    async with browser() as firefox:
        await firefox.sign_up(link, "Livia Two", "livia@shop.example")
        await firefox.open(await place.letter("livia@shop.example", "verify"))
        await firefox.send()
        await one.hears("Hello Livia")
        await firefox.open((await two.page()).replace("signup", "signin"))
        await firefox.send(email="livia@shop.example", password=PASSWORD)
    await two.hears("Hello Livia")
    assert "an owner of" in two.words(await two.ask("/start", "Hello Livia Two"))
    assert [len(m.identities) for m in await shop.kept(Member)] == [2]


async def _until_kept(look: Callable[[], Awaitable[Any]], fits: Callable[[Any], bool]) -> None:
    async def found() -> bool:
        return fits(await look())

    await until(found, "what is kept to be so")
