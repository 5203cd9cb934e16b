"""Whatever is sent to the account pages: no 5xx, no markup of the sender's, and an error is said in words."""

from __future__ import annotations

import asyncio
import re
import urllib.parse
from collections import Counter
from contextlib import AsyncExitStack
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import msgspec
from aiohttp import web
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyotp import TOTP

from hub.web.account.pages import AccountPages
from tests.web.lobby import PASSWORD, Browser, Lobby, Page, join, sign_up

MARKUP = "\"><script>fuzz(1)</script><img src=x onerror=fuzz(1)>'><b id=fuzz>"
PATHS = (
    *("", "/", "/signup", "/check", "/verify", "/signin", "/code", "/forgot", "/reset", "/sessions", "/chats"),
    *("/sso", "/google", "/return/google", "/return/x", "/invitation", "/chat", "/signout", "/style.css", "/logo/x"),
)
FIELDS = (
    "email",
    "password",
    "first_name",
    "last_name",
    "link",
    "token",
    "code",
    "csrf",
    "do",
    "with",
    "session",
    "state",
    "mark",
    "error",
    "chat",
)
KNOWN = (
    "",
    MARKUP,
    "resend",
    "correct",
    "accept",
    "signup",
    "recovery",
    "others",
    "a@b.example",
    PASSWORD,
    "123456",
    "x" * 43,
    "telegram:1",
)

texts = st.sampled_from(KNOWN) | st.text(max_size=60) | st.text(max_size=20).map(lambda text: MARKUP + text)
fields = st.dictionaries(st.sampled_from(FIELDS), texts, max_size=6)
bodies = fields.map(lambda each: urllib.parse.urlencode(each, errors="surrogatepass").encode()) | st.binary(
    max_size=200
)
types = st.sampled_from(
    ["application/x-www-form-urlencoded"] * 4
    + ["multipart/form-data; boundary=x", "application/json", "text/plain", "\xff"]
)
cookie_values = st.text(st.characters(max_codepoint=255, blacklist_characters="\r\n\x00"), max_size=80)
cookies = st.dictionaries(
    st.sampled_from(["hub_session", "hub_browser", "hub_way", "other"]), cookie_values, max_size=3
)


class Asked(msgspec.Struct, frozen=True):
    """A request. `who`: whose cookies and mark it brings; nobody's: neither."""

    method: str
    path: str
    query: str
    body: bytes
    type: str
    cookies: dict[str, str]
    who: str


WHO = ("stranger", "waiting", "half", "member")
FORM = "application/x-www-form-urlencoded"


def _handed_in(path: str, names: tuple[str, ...], *who: str) -> st.SearchStrategy[Asked]:
    """A form of ours, filled in with anything."""
    filled = st.fixed_dictionaries(dict.fromkeys(names, texts))
    coded = filled.map(lambda each: urllib.parse.urlencode(each, errors="replace").encode())
    return st.builds(
        Asked, st.just("POST"), st.just(path), queries, coded, st.just(FORM), st.just({}), st.sampled_from(who)
    )


queries = fields.map(lambda each: urllib.parse.urlencode(each, errors="replace")) | st.sampled_from(
    ["token=%ff%fe", "link=%00", "%", "with=recovery", "=&=&="]
)
forms = st.one_of(
    _handed_in("/signup", ("email", "first_name", "last_name", "password", "link"), "stranger", "member"),
    _handed_in("/signin", ("email", "password", "link"), "stranger", "half"),
    _handed_in("/check", ("email", "do"), "waiting"),
    _handed_in("/code", ("code", "with"), "half"),
    _handed_in("/forgot", ("email",), "stranger"),
    _handed_in("/reset", ("token", "password"), "stranger"),
    _handed_in("/sso", ("email", "link"), "stranger", "member"),
    _handed_in("/verify", ("token",), "stranger"),
    _handed_in("/invitation", ("token", "do", "first_name", "last_name", "password"), "stranger", "member"),
    _handed_in("/sessions", ("session",), "member"),
    _handed_in("/chats", ("chat",), "member"),
)
anything = st.builds(
    Asked,
    st.sampled_from(["GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    st.sampled_from(PATHS) | st.text(max_size=20).map(lambda t: "/" + urllib.parse.quote(t)),
    queries,
    bodies,
    types,
    cookies,
    st.sampled_from([*WHO, "nobody"]),
)


DOORS = {
    200: Asked("GET", "/signin", "", b"", FORM, {}, "nobody"),
    303: Asked("GET", "", "", b"", FORM, {}, "nobody"),
    400: Asked("POST", "/signin", "", b"\xff", "text/plain", {}, "stranger"),
    403: Asked("POST", "/signin", "", b"email=a", FORM, {}, "nobody"),
    422: Asked("POST", "/signin", "", b"email=a", FORM, {}, "stranger"),
}
"""A request for each answer there is, so that it is not one door that is knocked at."""


class Rightly(msgspec.Struct):
    """What a browser has that came rightly: its cookies, and its mark."""

    cookies: dict[str, str]
    mark: str


async def _rightly(browser: Browser, page: Page) -> Rightly:
    kept = {each.key: each.value for each in browser.session.cookie_jar}
    return Rightly(kept, page.forms[0][1]["csrf"])


async def _member(lobby: Lobby, browser: Browser) -> Rightly:
    """Who is signed in, though a request before may have signed them out."""
    page = await browser.get("/account")
    if page.path != "/account":
        page = await browser.fill(page, email="fuzz@shop.example", password=PASSWORD)
    assert "fuzz@shop.example" in page.words, lobby.url
    return await _rightly(browser, page)


async def _half(lobby: Lobby, browser: Browser) -> Rightly:
    """Whose password was right, and who owes the code."""
    await join(lobby, browser, "half@shop.example")
    user = await lobby.store.users.by_email("half@shop.example")
    assert user is not None
    key = (await lobby.reception.propose(user.id)).key.replace(" ", "")
    await lobby.reception.confirm(user.id, TOTP(key).now(), "telegram:1")
    await browser.fill("/account", "/account/signout")
    return await _rightly(browser, await browser.fill("/account/signin", email="half@shop.example", password=PASSWORD))


def _send(port: int, number: int, asked: Asked, rightly: Rightly | None) -> tuple[HTTPResponse, bytes]:
    body, given_cookies = asked.body, dict(asked.cookies)
    if rightly is not None:
        given_cookies |= rightly.cookies
        body = b"csrf=" + rightly.mark.encode() + b"&" + body
    cookie = "; ".join(f"{name}={value}" for name, value in given_cookies.items())
    headers: dict[str, Any] = {
        "Content-Type": asked.type.encode("latin-1"),
        "X-Forwarded-For": f"2001:db8:f::{number:x}",
    }
    if cookie:
        headers["Cookie"] = cookie.encode("latin-1")
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(asked.method, f"/account{asked.path}?{asked.query}", body, headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def _judge(answer: HTTPResponse, body: bytes, asked: Asked) -> None:
    assert answer.status < 500, (asked, body[:300])
    text = body.decode()
    assert "<script" not in text
    assert "onerror=fuzz(1)>" not in text
    assert "<b id=fuzz" not in text
    assert "Traceback" not in text
    place = urllib.parse.urlsplit(answer.getheader("Location") or "")
    assert (place.scheme, place.netloc) == ("", "")
    if answer.status >= 400 and text and asked.method != "HEAD" and "<main" in text:
        words = re.sub(r"<[^>]+>", " ", text.split("<main")[1])
        assert re.search(r"[a-z]{3,}.*[.!?]", words, re.DOTALL)


def test_every_page_is_tried() -> None:
    """A new page is not done before anything at all was sent to it."""
    known = {f"/account{path}".rstrip("/") for path in PATHS}
    app = web.Application()
    AccountPages(None, "a key", None).add_to(app)  # type: ignore[arg-type]
    routes = {route.resource.canonical.partition("{")[0] for route in app.router.routes() if route.resource}
    assert len(routes) > 10
    for route in routes:
        assert any(path == route or (route.endswith("/") and path.startswith(route)) for path in known), route


async def test_whatever_is_sent(lobby: Lobby) -> None:
    """All routes, methods, fields, cookies, tokens and bodies; half of them forms of ours with the proof that they were
    opened, by strangers, by who waits for a mail or owes a code, and by who is signed in.
    """
    loop = asyncio.get_running_loop()
    port = int(lobby.url.rpartition(":")[2])
    shown: Counter[int] = Counter()
    async with AsyncExitStack() as stack:
        stranger, waiting, half, member = [await stack.enter_async_context(Browser(lobby.url)) for _ in WHO]
        have = {
            "stranger": await _rightly(stranger, await stranger.get("/account")),
            "waiting": await _rightly(waiting, await sign_up(waiting, "waits@shop.example")),
            "half": await _half(lobby, half),
        }
        await join(lobby, member, "fuzz@shop.example")

        async def one(asked: Asked) -> None:
            rightly = await _member(lobby, member) if asked.who == "member" else have.get(asked.who)
            answer, body = await asyncio.to_thread(_send, port, shown.total(), asked, rightly)
            _judge(answer, body, asked)
            shown[answer.status] += 1

        @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(forms | anything)
        @example(DOORS[200])
        @example(DOORS[303])
        @example(DOORS[400])
        @example(DOORS[403])
        @example(DOORS[422])
        def fuzz(asked: Asked) -> None:
            asyncio.run_coroutine_threadsafe(one(asked), loop).result(60)

        await asyncio.to_thread(fuzz)
    assert shown.total() >= 300
    assert set(DOORS) <= set(shown), shown
