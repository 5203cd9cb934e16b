"""The account pages behind a real socket, over a real reception and database, with mail that is only collected; and a
browser that has no eyes: it reads forms, fills them in and keeps cookies.
"""

from __future__ import annotations

import html
import re
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from itertools import count
from typing import Literal, Self
from urllib.parse import urlsplit

import msgspec
from aiohttp import ClientSession, CookieJar, DummyCookieJar, web

from hub.domain.accounts.models import User
from hub.domain.accounts.reception import Outside, Policy, Reception
from hub.domain.ids import Identity
from hub.domain.invitations import Premises
from hub.domain.models import now
from hub.domain.ports.accounts import Letter
from hub.errors import DeliveryError, NotFound
from hub.settings import LOOPBACK
from hub.store import Store
from hub.web.account.pages import AccountPages
from hub.web.proxies import Proxies
from hub.web.server import Answer, Entrance, make_app
from tests.scene import until

PASSWORD = "seven green kettles"
_addresses = count(1)
SignUp = Literal["anyone", "invited"] | tuple[str, ...]


class Post:
    """A mailer that keeps what it is given; with `down`, nothing can leave."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.down = False

    async def send(self, letter: Letter) -> None:
        if self.down:
            raise DeliveryError("relay-7.internal said 451")
        self.letters.append(letter)

    def to(self, email: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.to == email]


class Greeted:
    """A greeter that notes whom it greeted."""

    def __init__(self) -> None:
        self.said: list[tuple[Identity, str]] = []

    async def signed_in(self, identity: Identity, user: User) -> None:
        self.said.append((identity, user.name))


class Lobby(msgspec.Struct, kw_only=True):
    """All of it. `url`: where the server is."""

    url: str
    post: Post
    greeted: Greeted
    reception: Reception
    store: Store

    async def mailed(self, email: str, template: str) -> str:
        """The link's path in the newest mail of that template."""
        await self.reception.idle()

        def newest() -> Letter | None:
            return next((each for each in reversed(self.post.to(email)) if each.template == template), None)

        letter: Letter = await until(newest, f"a mail {template} to {email}")
        link = urlsplit(letter.data["url"])
        return f"{link.path}?{link.query}"


@asynccontextmanager
async def lobby_over(
    store: Store,
    public_url: str = "",
    sign_up: SignUp = "anyone",
    outside: Outside | None = None,
    proxies: Sequence[str] = LOOPBACK,
    premises: Premises | None = None,
) -> AsyncIterator[Lobby]:
    """A lobby until the block ends."""
    post, greeted = Post(), Greeted()
    door = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    policy = Policy(public_url=public_url or url, sign_up=sign_up)
    reception = Reception(
        store.users,
        store.directory,
        store.vault,
        post,
        greeted,
        now,
        policy,
        outside=outside,
        organizations=store.organizations,
        premises=premises,
    )
    pages = AccountPages(reception, store.vault.derive("account pages"), store.ping)
    entrance = Entrance(_nothing, _nothing, _ready, dict, None, pages, Proxies(proxies))
    runner = web.AppRunner(make_app(entrance), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.SockSite(runner, door).start()
        yield Lobby(url=url, post=post, greeted=greeted, reception=reception, store=store)
    finally:
        await reception.idle()
        await runner.cleanup()


async def _nothing(*_: object) -> Answer:
    raise NotFound


async def _ready() -> None:
    return None


class Forms(HTMLParser):
    """The forms of a page: for each its address and what it would hand in as it stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((found["action"], {}))
        elif tag == "input" and self.forms:
            self.forms[-1][1][found["name"]] = found.get("value", "")


class Page(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    path: str
    text: str
    headers: Mapping[str, str]

    @property
    def forms(self) -> list[tuple[str, dict[str, str]]]:
        return Forms(self.text).forms

    @property
    def words(self) -> str:
        """What somebody reads on it."""
        bare = re.sub(r"<(style|title)[^>]*>.*?</\1>|<[^>]+>", " ", self.text.replace("<wbr>", ""))
        return html.unescape(re.sub(r"\s+", " ", bare)).strip()


class Browser:
    """Keeps cookies (unless it `forgets` them) and follows redirects; has a network address of its own."""

    def __init__(
        self, url: str, agent: str = "Mozilla/5.0 (X11; Linux) Firefox/140.0", *, forgets: bool = False
    ) -> None:
        self.url = url
        self.address = f"2001:db8::{next(_addresses):x}"
        jar = DummyCookieJar() if forgets else CookieJar(unsafe=True)
        self.session = ClientSession(cookie_jar=jar, headers={"User-Agent": agent, "X-Forwarded-For": self.address})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    def cookie(self, name: str) -> str:
        return next((each.value for each in self.session.cookie_jar if each.key == name), "")

    async def get(self, path: str, **headers: str) -> Page:
        return await self._ask("GET", path, None, headers)

    async def send(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        return await self._ask("POST", path, fields, headers)

    async def fill(self, page: str | Page, action: str = "", **fields: str) -> Page:
        """Opens a page, fills in its form (that one which goes to `action`) and hands it in."""
        opened = page if isinstance(page, Page) else await self.get(page)
        wanted = action or urlsplit(opened.path).path
        target, filled = next(form for form in opened.forms if form[0] == wanted and set(fields) <= set(form[1]))
        return await self.send(target, {**filled, **fields})

    async def _ask(self, method: str, path: str, fields: Mapping[str, str] | None, headers: Mapping[str, str]) -> Page:
        async with self.session.request(method, self.url + path, data=fields, headers=headers) as answer:
            return Page(answer.status, answer.url.path, await answer.text(), dict(answer.headers))


async def sign_up(browser: Browser, email: str, **more: str) -> Page:
    """Signs somebody up, as far as the page that says to check the mail."""
    fields = {"email": email, "first_name": "Ann", "last_name": "Lee", "password": PASSWORD, **more}
    return await browser.fill("/account/signup", **fields)


async def join(lobby: Lobby, browser: Browser, email: str) -> Page:
    """Signs somebody up, verified and signed in."""
    await sign_up(browser, email)
    return await browser.fill(await lobby.mailed(email, "verify"))
