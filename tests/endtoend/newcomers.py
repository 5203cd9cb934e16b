"""Somebody who signs up: their browser, their letters, and their private chat with the bot on either network."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import aiohttp

from hub.sandbox import slack
from hub.sandbox.telegram.accounts import User
from hub.settings import Settings, SlackLimits
from tests.endtoend.town import Town, labels, town, until, words_of

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
    labels: Callable[[dict[str, Any]], list[str]]
    tap: Callable[[dict[str, Any], str], Any]
    answer: Callable[[str], Any]
    """Answers what was asked: in the chat, or in the dialog that opened."""

    async def press(self, label: str, answer: str) -> dict[str, Any]:
        """Presses the newest button of that name; gives the answer with these words in it."""
        before = len(self.said())
        message = next(m for m in reversed(self.said()) if label in self.labels(m))
        await self.tap(message, label).answer()
        return await self.hears(answer, before)

    async def reply(self, question: str, words: str, answer: str) -> dict[str, Any]:
        """Presses the newest button of that name, which asks; gives what is said to these words."""
        message = next(m for m in reversed(self.said()) if question in self.labels(m))
        before = len(self.said())
        await self.tap(message, question).answer()
        await self.answer(words)
        return await self.hears(answer, before)

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

    async def in_chat(words: str) -> None:
        shown = await until(lambda: net.prompt(net.private_chat(user, bot), user), "a question")
        await place.town.quiet()  # so that the hub knows what it has asked
        net.say(user, bot, words, reply_to=shown["message_id"])

    return Chat(
        write=lambda words: net.say(user, bot, words),
        said=lambda: [m for m in net.private(user, bot) if m["from"]["id"] == bot.id],
        links=lambda m: [
            b["url"] for row in m.get("reply_markup", {}).get("inline_keyboard", []) for b in row if "url" in b
        ],
        words=words_of,
        labels=labels,
        tap=lambda message, label: net.press(user, bot, message["message_id"], label),
        answer=in_chat,
    )


def on_slack(place: Place, user: Any) -> Chat:
    """Somebody's chat on Slack, where a message cannot begin with a slash."""
    net, app = place.slack, place.app

    def elements(message: dict[str, Any]) -> list[dict[str, Any]]:
        return [e for b in message.get("blocks", []) if b["type"] == "actions" for e in b["elements"]]

    async def in_dialog(words: str) -> None:
        modal = await until(lambda: net.modal(user), "a dialog")
        field = next(b["block_id"] for b in modal["blocks"] if b["type"] == "input")
        await net.submit(user, {field: words}).answer()

    return Chat(
        write=lambda words: net.say(user, app, words.replace("/", "!", 1)),
        said=lambda: [m for m in net.private(user, app) if m.get("bot_id")],
        links=lambda m: [e["url"] for e in elements(m) if "url" in e],
        words=lambda m: f"{m.get('text', '')} {m.get('blocks', '')}",
        labels=lambda m: [e["text"]["text"] for e in elements(m) if e["type"] == "button"],
        tap=lambda message, label: net.press(user, app, message["ts"], label),
        answer=in_dialog,
    )


@asynccontextmanager
async def place_in(base: Settings, **options: Any) -> AsyncIterator[Place]:
    """A hub with Telegram and Slack, which nobody can call but from this machine."""
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
    async with town(base, **settings, **options) as made:
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
