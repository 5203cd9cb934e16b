"""The account pages over a real socket, reception and database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pyotp import TOTP

from hub.domain.ids import Identity
from tests.web.lobby import PASSWORD, Browser, Lobby, SignUp, join, lobby_over, sign_up


async def test_from_the_form_to_the_account(lobby: Lobby, browser: Browser) -> None:
    """Sign-up, the mail's link and its button lead to a page that names who is signed in. The hub's name above leads
    away from nothing that is filled in, and who asks for their account meanwhile is led back to the wait for the mail.
    """
    assert 'class="brand" href' not in (await browser.get("/account/signup")).text
    waiting = await sign_up(browser, "Ann@Shop.Example")
    assert (waiting.status, waiting.path) == (200, "/account/check")
    assert 'class="brand" href' not in waiting.text
    assert (await browser.get("/account")).path == "/account/check"
    assert "ann@shop.example" in waiting.words
    assert "Your password is strong" in waiting.words
    link = await lobby.mailed("ann@shop.example", "verify")
    here = await browser.fill(link)
    assert (here.status, here.path) == (200, "/account")
    assert "Ann Lee" in here.words
    assert "Your address is verified." in here.words
    assert '<a class="brand" href="/account">' in here.text
    assert "Your address is verified." not in (await browser.get("/account")).words


# -- signing up -------------------------------------------------------------------------------------------------------


async def test_what_is_wrong_stands_beside_its_field(browser: Browser) -> None:
    """Each fault is tied to its field by aria-describedby; what was written stays, but never the password."""
    page = await sign_up(browser, "no address", last_name="", password="qwerty")
    assert page.status == 422
    for field in ("email", "last_name", "password"):
        assert f'id="{field}-fault"' in page.text
        assert f"{field}-fault" in page.text.split(f'<input id="{field}"')[1].split(">")[0]
    form = page.forms[-1][1]
    assert (form["email"], form["first_name"], form["password"]) == ("no address", "Ann", "")
    assert "qwerty" not in page.text


async def test_known_addresses_look_like_new_ones(lobby: Lobby, browser: Browser) -> None:
    """Who signs up with somebody else's address sees what everybody sees; only the owner learns of it, by mail."""
    async with Browser(lobby.url) as owner:
        await join(lobby, owner, "owner@known.example")
    pages = [await sign_up(browser, email) for email in ("owner@known.example", "fresh@known.example")]
    assert pages[0].words.replace("owner@", "fresh@") == pages[1].words
    await lobby.reception.idle()
    assert [letter.template for letter in lobby.post.to("owner@known.example")] == ["verify", "known"]


async def test_a_mail_scanner_does_not_verify(lobby: Lobby, browser: Browser) -> None:
    """Opening the mailed link does nothing: only its button does, and that once."""
    await sign_up(browser, "scanned@shop.example")
    link = await lobby.mailed("scanned@shop.example", "verify")
    async with Browser(lobby.url) as scanner:
        opened = await scanner.get(link)
        assert opened.status == 200
        assert not scanner.cookie("hub_session")
    assert (await browser.fill(link)).path == "/account"
    async with Browser(lobby.url) as other:
        again = await other.fill(link)
        assert again.status == 403
        assert "not good any more" in again.words


async def test_the_mistyped_address_is_corrected(lobby: Lobby, browser: Browser) -> None:
    """The mail goes to the other address then, and the page says so; what is no address is refused there."""
    waiting = await sign_up(browser, "typo@shpo.example")
    wrong = await browser.fill(waiting, email="nothing")
    assert wrong.status == 422
    assert '<details class="fold" open' in wrong.text
    right = await browser.fill(wrong, email="typo@shop.example")
    assert "The mail goes to typo@shop.example now." in right.words
    here = await browser.fill(await lobby.mailed("typo@shop.example", "verify"))
    assert "typo@shop.example" in here.words


async def test_mail_is_sent_again_after_a_while(lobby: Lobby, browser: Browser) -> None:
    """Asked too early for another mail, the page says when, and none is sent."""
    waiting = await sign_up(browser, "again@shop.example")
    page = await browser.send("/account/check", {**waiting.forms[0][1]})
    assert "another can be asked for in" in page.words
    await lobby.reception.idle()
    assert len(lobby.post.to("again@shop.example")) == 1


async def test_the_chat_account_that_asked_is_named_and_tied(lobby: Lobby, browser: Browser) -> None:
    """The page names the chat account before it is tied; after the mail's link it is tied, and greeted in its chat."""
    link = await lobby.reception.invite_in(Identity("telegram:4711"), "Lee <b>", "lee")
    opened = await browser.get(f"/account/signup?link={link}")
    assert "Lee &lt;b&gt; (@lee) on Telegram" in opened.text
    await browser.fill(opened, email="tied@shop.example", first_name="Ann", last_name="Lee", password=PASSWORD)
    here = await browser.fill(await lobby.mailed("tied@shop.example", "verify"))
    assert "Telegram account 4711 is yours here now" in here.words
    assert (Identity("telegram:4711"), "Ann Lee") in lobby.greeted.said


async def test_a_spent_link_is_said(browser: Browser) -> None:
    """A chat's link that is too old is said at once, and the way in stays open without it."""
    page = await browser.get("/account/signin?link=" + "x" * 43)
    assert "too old or was used already" in page.words
    assert "link" not in page.forms[0][1]


async def test_who_may_sign_up_is_said(lobby: Lobby) -> None:
    """Where not anyone may sign up, the form says who may before it is filled in, and refuses others at the address."""
    cases: list[tuple[SignUp, str]] = [("invited", "by invitation"), (("shop.example",), "at shop.example")]
    for wanted, words in cases:
        async with lobby_over(lobby.store, sign_up=wanted) as closed, Browser(closed.url) as browser:
            assert words in (await browser.get("/account/signup")).words
            page = await sign_up(browser, "outside@elsewhere.example")
            assert page.status == 422
            assert 'id="email-fault"' in page.text


async def test_what_breaks_is_written_down(lobby: Lobby, caplog: pytest.LogCaptureFixture) -> None:
    """A failure in the hub is answered by a page in words, and logged; the page says nothing of its inside."""
    async with lobby_over(lobby.store) as broken, Browser(broken.url) as browser:
        await sign_up(browser, "broken@shop.example")
        link = await broken.mailed("broken@shop.example", "verify")
        del broken.reception._joining
        page = await browser.fill(link)
    assert page.status == 500
    assert "_joining" not in page.text
    assert "Try again in a minute." in page.words
    assert page.headers["Cache-Control"] == "no-store"
    assert "An account page failed: /account/verify" in caplog.text


async def test_a_mail_that_cannot_leave(lobby: Lobby, browser: Browser) -> None:
    """The form stays filled in, and the mail server's own words are nobody's business."""
    lobby.post.down = True
    try:
        page = await sign_up(browser, "down@shop.example")
    finally:
        lobby.post.down = False
    assert page.status in {403, 503}
    assert page.forms[0][1]["email"] == "down@shop.example"
    assert "451" not in page.text


# -- signing in -------------------------------------------------------------------------------------------------------


async def test_one_sentence_for_whatever_was_wrong(lobby: Lobby, browser: Browser) -> None:
    """A wrong password and an unknown address read the same; the address stays in its field."""
    await join(lobby, browser, "right@shop.example")
    async with Browser(lobby.url) as other:
        pages = [
            await other.fill("/account/signin", email=email, password="wrong horse")
            for email in ("right@shop.example", "nobody@shop.example")
        ]
    assert [page.status for page in pages] == [403, 403]
    assert pages[0].words == pages[1].words
    assert pages[0].forms[0][1]["email"] == "right@shop.example"


async def test_in_and_out_with_a_code(lobby: Lobby, browser: Browser) -> None:
    """Where the second factor is on, the password leads to the code's page and no further; signing out ends it."""
    await join(lobby, browser, "code@shop.example")
    key, codes = await _second_factor(lobby, "code@shop.example")
    out = await browser.fill("/account", "/account/signout")
    assert (out.path, browser.cookie("hub_session")) == ("/account/signin", "")
    asked = await browser.fill("/account/signin", email="code@shop.example", password=PASSWORD)
    assert (asked.path, browser.cookie("hub_session")) == ("/account/code", "")
    assert (await browser.get("/account")).path == "/account/code"
    wrong = await browser.fill(asked, code="000000" if TOTP(key).now() != "000000" else "000001")
    assert wrong.status == 403
    later = TOTP(key).at(datetime.now(UTC) + timedelta(seconds=30))  # the code of now was used to confirm the app
    assert (await browser.fill(wrong, code=later)).path == "/account"
    async with Browser(lobby.url) as lost:
        await lost.fill("/account/signin", email="code@shop.example", password=PASSWORD)
        opened = await lost.get("/account/code?with=recovery")
        assert (await lost.fill(opened, code=codes[0])).path == "/account"


async def test_forgotten_and_chosen_anew(lobby: Lobby, browser: Browser) -> None:
    """Every address gets the same answer; the mailed link sets a password once and ends all sessions."""
    await join(lobby, browser, "lost@shop.example")
    async with Browser(lobby.url) as other:
        pages = [await other.fill("/account/forgot", email=f"{who}@shop.example") for who in ("lost", "none")]
        assert pages[0].words.replace("lost@", "none@") == pages[1].words
        link = await lobby.mailed("lost@shop.example", "reset")
        weak = await other.fill(link, password="123")
        assert weak.status == 422
        here = await other.fill(weak, password="nine purple trams")
        assert "Your new password is set." in here.words
        assert (await other.fill(link, password="ten purple trams")).status == 403
    assert (await browser.get("/account")).path == "/account/signin"
    again = await browser.fill("/account/signin", email="lost@shop.example", password="nine purple trams")
    assert again.path == "/account"


async def test_too_many_tries_say_when(browser: Browser) -> None:
    """Who is slowed gets 429, a Retry-After and a sentence with the time, and loses nothing."""
    for _ in range(40):
        page = await browser.fill("/account/signin", email="guess@shop.example", password="guess me")
        if page.status == 429:
            break
    assert page.status == 429
    assert int(page.headers["Retry-After"]) > 0
    assert any(sign.isdigit() for sign in page.words)
    assert page.forms[0][1]["email"] == "guess@shop.example"


async def test_a_session_is_new_at_each_sign_in(lobby: Lobby, browser: Browser) -> None:
    """What the browser held before somebody signed in opens nothing afterwards."""
    await join(lobby, browser, "rotate@shop.example")
    before = browser.cookie("hub_session")
    link = await lobby.reception.invite_in(Identity("slack:T1:U1"), "Ann", "ann")
    opened = await browser.get(f"/account/signin?link={link}")
    assert opened.forms[0][1]["email"] == "rotate@shop.example"
    here = await browser.fill(opened, password=PASSWORD)
    assert "Slack account T1:U1 is yours here now" in here.words
    assert browser.cookie("hub_session") not in {"", before}
    assert await lobby.reception.who(before) is None


# -- the page of one's own --------------------------------------------------------------------------------------------


async def test_sessions_are_listed_and_ended(lobby: Lobby, browser: Browser) -> None:
    """One's browsers stand there by name; End ends that one alone, and nobody ends somebody else's."""
    await join(lobby, browser, "many@shop.example")
    async with (
        Browser(lobby.url, "Mozilla/5.0 (iPhone) Safari/604.1") as phone,
        Browser(lobby.url, "curl/8") as tool,
        Browser(lobby.url) as stranger,
    ):
        await join(lobby, stranger, "stranger@shop.example")
        for other in (phone, tool):
            await other.fill("/account/signin", email="many@shop.example", password=PASSWORD)
        here = await browser.get("/account")
        assert "Firefox on Linux This one" in here.words
        assert "Safari on iPhone" in here.words
        wanted = next(
            form for target, form in here.forms if target == "/account/sessions" and form["session"] != "others"
        )
        foreign = {**next(f for t, f in (await stranger.get("/account")).forms), "session": wanted["session"]}
        assert (await stranger.send("/account/sessions", foreign)).status == 403
        after = await browser.send("/account/sessions", wanted)
        assert "That session is ended." in after.words
        assert "curl" not in after.words  # the newest stands first
        assert (await phone.get("/account")).path == "/account"
        rest = next(form for target, form in after.forms if form.get("session") == "others")
        assert "nowhere else" in (await browser.send("/account/sessions", rest)).words
        assert (await phone.get("/account")).path == "/account/signin"


async def test_a_chat_account_is_parted(lobby: Lobby, browser: Browser) -> None:
    """A chat account is parted by its button, and somebody else's is not."""
    link = await lobby.reception.invite_in(Identity("telegram:99"), "Ann", "ann")
    opened = await browser.get(f"/account/signup?link={link}")
    await browser.fill(opened, email="part@shop.example", first_name="A", last_name="B", password=PASSWORD)
    here = await browser.fill(await lobby.mailed("part@shop.example", "verify"))
    async with Browser(lobby.url) as stranger:
        await join(lobby, stranger, "parter@shop.example")
        form = (await stranger.get("/account")).forms[0][1]
        await stranger.send("/account/chats", {**form, "chat": "telegram:99"})
    assert await lobby.reception.whose(Identity("telegram:99")) is not None
    after = await browser.fill(here, "/account/chats")
    assert "not yours here any more" in after.words
    assert await lobby.reception.whose(Identity("telegram:99")) is None


async def _second_factor(lobby: Lobby, email: str) -> tuple[str, list[str]]:
    user = await lobby.store.users.by_email(email)
    assert user is not None
    key = (await lobby.reception.propose(user.id)).key.replace(" ", "")
    return key, await lobby.reception.confirm(user.id, TOTP(key).now(), "telegram:1")
