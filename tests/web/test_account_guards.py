"""What keeps others out of the account pages: forms, cookies, headers, and what no form of ours would send."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from hub.domain.accounts.reception import Application
from hub.web.account.forms import LARGEST_FORM
from tests.web.lobby import PASSWORD, Browser, Lobby, join, lobby_over, sign_up

PAGES = (
    "",
    "/signup",
    "/check",
    "/verify",
    "/signin",
    "/code",
    "/forgot",
    "/reset",
    "/sso",
    "/google",
    "/return/google",
)
DEEDS = (
    *("/signup", "/check", "/verify", "/signin", "/code", "/forgot", "/reset", "/sso"),
    *("/sessions", "/chats", "/signout"),
)
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("path", [*PAGES, "/style.css", "/nowhere", "/"])
async def test_headers_stand_on_every_answer(lobby: Lobby, path: str) -> None:
    """A policy without scripts, no storing, no referrer, no guessing of types: on pages, redirects and refusals."""
    async with ClientSession() as session, session.get(f"{lobby.url}/account{path}", allow_redirects=False) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    for rule in (
        "default-src 'none'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert rule in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == ("public, max-age=86400" if path == "/style.css" else "no-store")
    assert (headers["Referrer-Policy"], headers["X-Content-Type-Options"]) == ("no-referrer", "nosniff")


async def test_every_form_brings_its_proof(lobby: Lobby, browser: Browser) -> None:
    """No form does anything without the mark of this browser: a made-up or another browser's is none."""
    await join(lobby, browser, "forged@shop.example")
    async with Browser(lobby.url) as other:
        foreign = (await other.get("/account/signin")).forms[0][1]["csrf"]
    fields = {"email": "x@forged.example", "first_name": "A", "last_name": "B", "password": PASSWORD, "token": "x" * 43}
    for path in DEEDS:
        for mark in ({}, {"csrf": "0" * 64}, {"csrf": foreign}, {"csrf": "ü"}):
            page = await browser.send(f"/account{path}", {**fields, **mark, "session": "others"})
            assert page.status == 403 or path in {"/check", "/code"}  # those lead back who is not on that way
    assert (await browser.get("/account")).path == "/account"
    await lobby.reception.idle()
    assert not lobby.post.to("x@forged.example")


async def test_a_form_from_elsewhere_is_kept_and_not_done(browser: Browser) -> None:
    """Without its mark the form comes back filled in, with a sentence; pressed once more, it is done."""
    fields = {"email": "twice@shop.example", "first_name": "Ann", "last_name": "Lee", "password": PASSWORD}
    page = await browser.send("/account/signup", fields)
    assert page.status == 403
    assert "press the button once more" in page.words
    assert page.forms[0][1]["email"] == "twice@shop.example"
    assert (await browser.fill(page, password=PASSWORD)).path == "/account/check"


async def test_marks_change_with_who_is_signed_in(lobby: Lobby, browser: Browser) -> None:
    """A mark from before the sign-in is worth nothing after it."""
    before = (await browser.get("/account/signin")).forms[0][1]["csrf"]
    await join(lobby, browser, "marks@shop.example")
    assert (await browser.send("/account/signout", {"csrf": before})).status == 403
    assert (await browser.get("/account")).path == "/account"


async def test_cookies_are_out_of_reach(lobby: Lobby) -> None:
    """HttpOnly and SameSite always; over https Secure too, and with the prefix that ties them to this host."""
    async with ClientSession() as session:
        for told, name in ({}, "hub_browser"), ({"X-Forwarded-Proto": "https"}, "__Host-hub_browser"):
            async with session.get(f"{lobby.url}/account/signin", headers=told) as answer:
                cookie = answer.cookies[name]
                assert cookie["httponly"]
                assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
                assert bool(cookie["secure"]) == bool(told)


async def test_a_public_address_by_https_is_enough(lobby: Lobby) -> None:
    """Where the public address is https, cookies are Secure whatever a proxy forgets to say; so is the session's."""
    async with lobby_over(lobby.store, "https://hub.example") as house, ClientSession() as session:
        await house.reception.sign_up(
            Application(email="s@secure.example", first_name="A", last_name="B", password=PASSWORD), "here"
        )
        async with session.get(house.url + await house.mailed("s@secure.example", "verify")) as opened:
            cookies = {name: morsel.value for name, morsel in opened.cookies.items()}
            text = await opened.text()
        form = {part.split('"')[0]: part.split('value="')[1].split('"')[0] for part in text.split('name="')[4:]}
        wanted = {name: form[name] for name in ("csrf", "token")}
        async with session.post(
            f"{house.url}/account/verify", data=wanted, cookies=cookies, allow_redirects=False
        ) as entered:
            cookie = entered.cookies["__Host-hub_session"]
    assert entered.status == 303
    assert cookie["secure"]
    assert cookie["httponly"]


async def test_nobody_is_led_elsewhere(lobby: Lobby, browser: Browser) -> None:
    """No parameter, header or field puts another host into a redirect."""
    away = "https://evil.example/"
    await sign_up(browser, "led@shop.example")
    for path in PAGES:
        query = "&".join(
            f"{name}={value}"
            for name in ("next", "link", "url", "return_to", "token")
            for value in (away, "//evil.example")
        )
        headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Referer": away}
        url = f"{lobby.url}/account{path}?{query}"
        async with browser.session.get(url, allow_redirects=False, headers=headers) as answer:
            place = urlsplit(answer.headers.get("Location", "/account"))
            assert (place.scheme, place.netloc) == ("", "")
            assert place.path.startswith("/account")
            assert "evil" not in await answer.text()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"email=" + b"a" * 1_000_000, {"Content-Type": FORM}),
        (b"email=" + b"a" * LARGEST_FORM, {"Content-Type": FORM}),
        (b"email=\xff\xfe", {"Content-Type": FORM}),
        (b"email=%ff%fe", {"Content-Type": FORM}),
        (b"&".join(b"f%d=1" % n for n in range(50)), {"Content-Type": FORM}),
        (gzip.compress(b"email=" + b"a" * 5_000_000), {"Content-Type": FORM, "Content-Encoding": "gzip"}),
        (b"no gzip at all", {"Content-Type": FORM, "Content-Encoding": "gzip"}),
        (b'{"email": "a@b.example"}', {"Content-Type": "application/json"}),
        (
            b"--x\r\nContent-Disposition: form-data; name=email\r\n\r\na\r\n--x--",
            {"Content-Type": "multipart/form-data; boundary=x"},
        ),
        (b"", {}),
    ],
    ids=["1 MB", "16 KB", "bytes", "escaped bytes", "fields", "bomb", "no gzip", "json", "multipart", "nothing"],
)
@pytest.mark.parametrize("path", ["/account/signup", "/account/signout"])
async def test_what_is_no_form_of_ours(lobby: Lobby, path: str, body: bytes, headers: Mapping[str, str]) -> None:
    """A page with a sentence and 400: never 500, never silence."""
    headers = {"Content-Type": "application/octet-stream", **headers}
    async with ClientSession() as session, session.post(lobby.url + path, data=body, headers=headers) as answer:
        text = await answer.text()
    assert answer.status == 400
    assert 'role="alert"' in text


@pytest.mark.parametrize("field", ["email", "first_name", "last_name", "password"])
@pytest.mark.parametrize("value", ["a\x00b", "x" * 5000, "\u202egnp.exe", "<img src=x onerror=alert(1)>"])
async def test_odd_values_are_a_fault_of_their_field(browser: Browser, field: str, value: str) -> None:
    """Signs nobody sees and texts without end are refused beside their field; markup is text."""
    page = await sign_up(browser, **{"email": "odd@shop.example", field: value})
    assert "<img" not in page.text.replace('<link rel="icon"', "")
    if "<" in value and field != "email":
        assert page.status in {200, 422}
    elif field == "password" and len(value) < 5000:
        assert page.status in {200, 422}  # a password may hold any sign
    else:
        assert page.status == 422
        assert f'id="{field}-fault"' in page.text


async def test_a_session_cookie_of_nobody(lobby: Lobby) -> None:
    """A made-up, odd or ended session cookie is as good as none, and is taken away."""
    for value in ("x" * 43, "\u00fc" * 20, "'; drop", "a" * 4000):
        headers = {"Cookie": f"hub_session={value}; hub_way=.; hub_browser=\u00fc"}
        async with (
            ClientSession() as session,
            session.get(f"{lobby.url}/account", headers=headers, allow_redirects=False) as answer,
        ):
            assert (answer.status, answer.headers["Location"]) == (303, "/account/signin")


async def test_nowhere_and_not_that_way(lobby: Lobby) -> None:
    """Pages that are not there and methods that no page has are answered in words."""
    async with ClientSession() as session:
        async with session.get(f"{lobby.url}/account/nowhere/at/all") as answer:
            assert answer.status == 404
            assert "There is no such page" in await answer.text()
        async with session.delete(f"{lobby.url}/account/signin") as answer:
            assert answer.status == 405
            assert "POST" in answer.headers["Allow"]


async def test_two_people_at_once(lobby: Lobby) -> None:
    """Two browsers that go the whole way at the same time each end at their own account."""
    async with Browser(lobby.url) as one, Browser(lobby.url) as two:
        pages = await asyncio.gather(join(lobby, one, "one@twins.example"), join(lobby, two, "two@twins.example"))
    assert "one@twins.example" in pages[0].words
    assert "two@twins.example" in pages[1].words
