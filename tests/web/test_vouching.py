"""Signing in with Google and with an organization's sign-in, through the pages, against a provider that runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from hub.domain.accounts.models import Organization, User
from hub.domain.accounts.reception import Trust
from hub.domain.ids import Identity, OrganizationId, UserId, new_id
from hub.errors import HubError, Invalid, NotGenuine, Refused, Taken
from tests.oidc.provider import CLIENT, SECRET
from tests.web.doorway import Doorway, button, by_google, by_sso, departure, doorway_over, founded, gone, returning
from tests.web.lobby import PASSWORD, Browser, Page, join, sign_up


@pytest.fixture
async def browser(door: Doorway) -> AsyncIterator[Browser]:
    async with Browser(door.lobby.url) as made:
        yield made


# -- Google -----------------------------------------------------------------------------------------------------------


async def test_google_makes_an_account(door: Doorway, browser: Browser) -> None:
    """Who is new is signed up by Google's word without a mail, by name, in one go; the next time they just enter."""
    await door.google(sub="g-1", email="New@Gmail.Example", given_name="Zoë", family_name="Ng")
    here = await by_google(browser, page="signup")
    assert (here.status, here.path) == (200, "/account")
    assert "Welcome, Zoë." in here.words
    assert "Zoë Ng new@gmail.example" in here.words
    assert not door.lobby.post.to("new@gmail.example")
    await browser.fill(here, "/account/signout")
    again = await by_google(browser)
    assert again.path == "/account"
    assert "Welcome" not in again.words
    assert await door.kinds("new@gmail.example") == ["signed_up", "signed_in", "session_ended", "signed_in"]
    (session,) = await door.lobby.reception.sessions((await door.user("new@gmail.example")).id)
    assert (session.means, session.organization) == ("google", "")


async def test_the_chat_account_that_asked_is_tied(door: Doorway, browser: Browser) -> None:
    """The link of a chat goes to the provider and back, whichever it is; its chat account is greeted by name."""
    for number, way in enumerate((by_google, by_sso)):
        email, chat = f"chat{number}@acme.example", Identity(f"telegram:70{number}")
        await door.google(sub=email, email=email, name="Cai", given_name="Cai", family_name="Po")
        await door.sso(sub=email, email=email, name="Cai", given_name="Cai", family_name="Po")
        link = await door.lobby.reception.invite_in(chat, "Cai", "cai")
        assert "Cai (@cai) on Telegram" in (await browser.get(f"/account/sso?link={link}")).words
        here = await way(browser, link=link)
        assert f"Telegram account 70{number} is yours here now" in here.words
        assert (chat, "Cai Po") in door.lobby.greeted.said
        assert await door.lobby.reception.asking(link) is None
        assert chat in (await door.user(email)).identities


async def test_a_verified_google_address_opens_the_account(door: Doorway, browser: Browser) -> None:
    """An account with the address, verified here, is entered and tied at once; its password goes on to work."""
    async with Browser(door.lobby.url) as other:
        await join(door.lobby, other, "both@gmail.example")
    await door.google(sub="g-both", email="both@gmail.example", given_name="Other")
    assert "Ann Lee both@gmail.example" in (await by_google(browser)).words
    user = await door.user("both@gmail.example")
    assert user.subjects == [f"{door.provider.issuer('google')}|g-both"]
    async with Browser(door.lobby.url) as other:
        assert (await other.fill("/account/signin", email=user.email, password=PASSWORD)).path == "/account"
    assert "subject_tied" in await door.kinds(user.email)


async def test_who_signed_up_for_somebody_else_keeps_nothing(door: Doorway, browser: Browser) -> None:
    """An account that nobody verified loses its password and name to who owns the address, and its mailed link."""
    async with Browser(door.lobby.url) as thief:
        await sign_up(thief, "owned@gmail.example", first_name="Thief")
        mailed = await door.lobby.mailed("owned@gmail.example", "verify")
        await door.google(sub="g-owned", email="owned@gmail.example", given_name="Olga", family_name="Ivo")
        assert "Olga Ivo owned@gmail.example" in (await by_google(browser)).words
        refused = await thief.fill("/account/signin", email="owned@gmail.example", password=PASSWORD)
        assert (refused.status, refused.path) == (403, "/account/signin")
        assert (await thief.fill(mailed)).status == 403
    assert (await door.user("owned@gmail.example")).password == ""


async def test_google_asks_for_no_code(door: Doorway, browser: Browser) -> None:
    """Google's sign-in skips our second factor: it has its own."""
    await door.google(sub="g-second", email="second@gmail.example")
    await by_google(browser)
    user = await door.user("second@gmail.example")
    await door.lobby.reception.propose(user.id)
    await door.lobby.store.users.change(user.id, lambda found: setattr(found, "second", found.draft))
    await browser.fill("/account", "/account/signout")
    assert (await by_google(browser)).path == "/account"


REFUSED = {
    "no address": ({"email": None}, "Google did not tell your address. Allow it to, or sign in another way."),
    "unverified": (
        {"email": "open@gmail.example", "email_verified": False},
        "Google has not verified your address open@gmail.example; have it verified there first.",
    ),
    "no such address": ({"email": "<script>@x"}, "Google did not tell your address."),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_an_address_counts_only_when_verified(door: Doorway, browser: Browser, case: str) -> None:
    """No account comes of an address that Google does not tell or has not verified; one sentence says so."""
    person, words = REFUSED[case]
    await door.google(**{"sub": "g-refused", **person})
    page = await by_google(browser)
    assert (page.status, page.path) == (403, "/account/return/google")
    assert words in page.words
    assert not browser.cookie("hub_session")
    assert "/account/signin" in page.text
    assert (await door.failures())[0].startswith(words)


async def test_a_lie_lets_nobody_in(door: Doorway, browser: Browser) -> None:
    """What a provider lies about reaches the page as one sentence, without its words, and is kept as a failure."""
    cases = {
        "nonce": (403, "What Google answered belongs to another sign-in."),
        "aud": (403, "What Google answered is not meant for this hub."),
        "none": (403, "Google did not sign its answer in a way that can be trusted"),
        "html@token": (403, "What Google answered is not what an OpenID provider says."),
        "500@token": (503, "Google cannot sign you in just now: it answered with error 500. Try again in a minute."),
    }
    for lie, (status, words) in cases.items():
        await door.google(sub="g-liar", email="liar@gmail.example")
        await door.provider.tell("google", lie=lie)
        page = await by_google(browser)
        assert (page.status, lie) == (status, lie)
        assert words in page.words
        assert "Traceback" not in page.text
        assert "<b id=fuzz" not in page.text
        assert words in (await door.failures())[0]
    assert await door.lobby.store.users.by_email("liar@gmail.example") is None


async def test_who_says_no_is_not_signed_in(door: Doorway, browser: Browser) -> None:
    """A refusal at the provider leads back with a sentence and a way on, which keeps the chat's link."""
    await door.google(sub="g-no")
    await door.provider.tell("google", asks=True)
    link = await door.lobby.reception.invite_in(Identity("telegram:77"), "No", "no")
    await browser.get(f"/account/signin?link={link}")
    asked = await by_google(browser, link)
    no = asked.text.split("href='")[2].split("'")[0].replace("&amp;", "&")
    page = await gone(browser, f"{door.provider.url}{no}")
    assert "Google was not allowed to tell who you are. Nothing has changed." in page.words
    assert f"/account/signin?link={link}" in page.text
    assert await door.lobby.reception.asking(link) is not None


async def test_hub_sign_up_counts_for_google_too(door: Doorway) -> None:
    """Where not anyone may sign up, Google's word makes no account for who may not, and opens those there are."""
    store = door.lobby.store
    async with (
        doorway_over(store, ("shop.example",), domain="closed.example", started=door.provider) as closed,
        Browser(closed.lobby.url) as browser,
    ):
        await closed.google(sub="g-out", email="out@gmail.example")
        assert "One can only sign up with an address at shop.example here." in (await by_google(browser)).words
        await closed.google(sub="g-in", email="in@shop.example")
        assert (await by_google(browser)).path == "/account"


async def test_no_button_where_google_is_not_set_up(lobby: object, door: Doorway) -> None:
    """The button stands where the operator has set Google up, and nowhere else."""
    async with Browser(door.lobby.url) as with_it, Browser(lobby.url) as without:  # type: ignore[attr-defined]
        for page in ("signin", "signup"):
            assert button(await with_it.get(f"/account/{page}"))
            assert "Google" not in (await without.get(f"/account/{page}")).words
        assert (await without.get("/account/google")).status == 403


# -- states -----------------------------------------------------------------------------------------------------------


def with_query(url: str, **changes: str) -> str:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return parts.path + "?" + "&".join(f"{name}={value}" for name, value in query.items() if value)


LOST = "That sign-in was begun in another browser, too long ago, or is done already. Start again."


async def test_what_comes_back_is_good_once_and_here(door: Doorway, browser: Browser) -> None:
    """A replay, another browser, a made-up or missing state, the page of another provider: refused, nobody enters."""
    await door.google(sub="g-state", email="state@gmail.example")

    async def back() -> str:
        way = button(await browser.get("/account/signin"))
        outward = await returning(browser, browser.url + way)
        return with_query(await returning(browser, outward))

    good = await back()
    assert (await browser.get(good)).path == "/account"
    await browser.fill("/account", "/account/signout")
    assert LOST in (await browser.get(good)).words
    async with Browser(door.lobby.url) as stranger:
        await stranger.get("/account/signin")
        assert LOST in (await stranger.get(await back())).words
        assert not stranger.cookie("hub_session")
    for wrong in ("", "x" * 32, "x", "%00", "'"):
        assert LOST in (await browser.get(with_query(await back(), state=wrong))).words
    other = (await back()).replace("/return/google", f"/return/{door.acme}")
    assert LOST in (await browser.get(other)).words
    assert not browser.cookie("hub_session")
    for wrong, words in (("", "did not sign you in"), ("x" * 3000, "did not sign you in"), ("x", "take the code")):
        assert words in (await browser.get(with_query(await back(), code=wrong))).words


async def test_two_returns_at_once_are_one(door: Doorway, browser: Browser) -> None:
    """Of two that come back with the same state at the same moment, one enters."""
    await door.google(sub="g-twice", email="twice@gmail.example")
    way = button(await browser.get("/account/signin"))
    back = with_query(await returning(browser, await returning(browser, browser.url + way)))
    pages = await asyncio.gather(*(browser.get(back) for _ in range(4)))
    assert sorted(LOST in page.words for page in pages) == [False, True, True, True]


async def test_the_way_to_google_begins_on_our_page(door: Doorway, browser: Browser) -> None:
    """Nobody is led to Google, with somebody's chat link, by a page that is not ours, nor with another's link."""
    evil = await door.lobby.reception.invite_in(Identity("telegram:666"), "Eve", "eve")
    way = button(await browser.get("/account/signin"))
    for wrong in (f"/account/google?link={evil}", f"{way}&link={evil}", f"/account/google?mark={'0' * 64}"):
        page = await browser.get(wrong)
        assert (page.status, page.path) == (403, "/account/google")
        assert "Nothing was done; press the button once more." in page.words
    async with Browser(door.lobby.url) as stranger:
        await stranger.get("/account/signin")
        assert (await stranger.get(way)).status == 403


# -- an organization's own sign-in ------------------------------------------------------------------------------------


async def test_sso_makes_a_member(door: Doorway, browser: Browser) -> None:
    """Somebody new of the organization's domain is a member just in time, in no workspace, for a day, with no code."""
    await door.sso(sub="s-1", email="eva@acme.example", given_name="Eva", family_name="Low")
    leaving = await browser.fill("/account/sso", email="Eva@Acme.Example")
    assert "You go on at Acme" in leaving.words
    assert "127.0.0.1" in leaving.words
    assert "login_hint=eva%40acme.example" in leaving.text
    assert "<img" not in leaving.text, "it has no logo"
    await door.lobby.store.organizations.change(door.acme, _with_logo)
    leaving = await browser.fill("/account/sso", email="Eva@Acme.Example")
    assert f'<img class="logo" src="/account/logo/{door.acme}"' in leaving.text
    here = await by_sso(browser, "eva@acme.example")
    assert "Welcome, Eva. You are in Acme now; who runs its workspaces there lets you into them." in here.words
    user = await door.user("eva@acme.example")
    assert (user.organizations, user.workspaces, user.password) == ({door.acme: "member"}, [], "")
    (session,) = await door.lobby.reception.sessions(user.id)
    assert (session.means, session.organization) == ("sso", door.acme)
    assert (session.ends_at - session.created_at).days == 1


def _with_logo(organization: Organization) -> None:
    organization.logo = b"\x89PNG\r\n\x1a\na picture"


async def test_no_organization_for_that_address(browser: Browser) -> None:
    """Where no organization signs in that way, the page says so beside the field, whoever has the address."""
    for email in ("nobody@elsewhere.example", "ann@sub.acme.example", "no address"):
        page = await browser.fill("/account/sso", email=email)
        assert page.status == 422
        assert 'id="email-fault"' in page.text
    assert "Fill in your work address" in page.words


async def test_sso_takes_no_account_over(door: Doorway, browser: Browser) -> None:
    """An account with the address waits: whoever signs in to it as they do has it tied; then that sign-in opens it."""
    async with Browser(door.lobby.url) as owner:
        await join(door.lobby, owner, "has@acme.example")
    await door.sso(sub="s-has", email="has@acme.example")
    asked = await by_sso(browser, "has@acme.example")
    assert asked.path == "/account/signin"
    assert not browser.cookie("hub_session")
    assert "has@acme.example has an account already: sign in to it as you do" in asked.words
    assert asked.forms[0][1]["email"] == "has@acme.example"
    wrong = await browser.fill(asked, password="not this one")
    assert wrong.status == 403
    here = await browser.fill(wrong, password=PASSWORD)
    assert "Acme's sign-in opens this account from now on." in here.words
    user = await door.user("has@acme.example")
    assert user.subjects == [f"{door.provider.issuer('acme')}|s-has"]
    assert user.organizations == {door.acme: "member"}
    async with Browser(door.lobby.url) as later:
        assert (await by_sso(later, "has@acme.example")).path == "/account"
    kept = (await door.kinds(user.email))[3:]
    assert kept == ["subject_waits", "sign_in_failed", "signed_in", "subject_tied", "signed_in"]


async def test_who_is_signed_in_already_has_it_tied_at_once(door: Doorway, browser: Browser) -> None:
    """The owner need not sign in twice in the same browser; somebody else's account gains nothing."""
    await join(door.lobby, browser, "in@acme.example")
    await door.sso(sub="s-in", email="in@acme.example")
    assert "Acme's sign-in opens this account from now on." in (await by_sso(browser, "in@acme.example")).words
    async with Browser(door.lobby.url) as owner:
        await join(door.lobby, owner, "first@acme.example")
    await door.sso(sub="s-first", email="first@acme.example")
    asked = await by_sso(browser, "first@acme.example")
    assert asked.path == "/account/signin"
    here = await browser.fill(asked, email="in@acme.example", password=PASSWORD)
    assert "Acme's sign-in is for first@acme.example, and is not tied to this account." in here.words
    assert (await door.user("in@acme.example")).subjects == [f"{door.provider.issuer('acme')}|s-in"]
    assert (await door.user("first@acme.example")).subjects == []


async def test_a_domain_that_is_not_its_own(door: Doorway, browser: Browser) -> None:
    """An organization's provider speaks of its own domains only, and only of addresses it has verified."""
    await door.sso(sub="s-evil", email="boss@bank.example")
    page = await by_sso(browser)
    assert "Acme signs in people at acme.example only, and you are boss@bank.example there." in page.words
    await door.sso(sub="s-evil", email="boss@acme.example", email_verified=None)
    assert "Acme has not verified your address boss@acme.example" in (await by_sso(browser)).words
    assert await door.lobby.store.users.by_email("boss@bank.example") is None


async def test_sso_opens_nothing_of_other_organizations(door: Doorway, browser: Browser) -> None:
    """Who is in another organization too is not opened by one's provider, which could say anything, nor tied to it."""
    await door.sso(sub="s-two", email="two@acme.example")
    await by_sso(browser, "two@acme.example")
    user, other = await door.user("two@acme.example"), OrganizationId(new_id())
    await door.lobby.store.users.change(user.id, lambda found: found.organizations.update({other: "member"}))
    assert (await browser.get("/account")).path == "/account/signin"
    async with Browser(door.lobby.url) as later:
        page = await by_sso(later, "two@acme.example")
        assert page.status == 403
        assert "Your account is in other organizations too, so Acme's sign-in does not open it." in page.words
        assert not later.cookie("hub_session")
        assert (await door.kinds(user.email))[-1] == "sign_in_failed"
        await door.lobby.store.users.change(user.id, lambda found: found.subjects.clear())
        assert (await by_sso(later, "two@acme.example")).path == "/account/signin"
        link = await _reset(door, later, "two@acme.example")
        here = await later.fill(link, password="nine purple trams")
        assert "so Acme's sign-in is not tied to it." in here.words
    assert (await door.user("two@acme.example")).subjects == []


async def _reset(door: Doorway, browser: Browser, email: str) -> str:
    await browser.fill("/account/forgot", email=email)
    return await door.lobby.mailed(email, "reset")


async def test_off_ends_its_sessions_and_locks_nobody_out(door: Doorway, browser: Browser) -> None:
    """Switched off, its sessions end and no others; who has no password gets one by mail; on again, it opens again."""
    reception = door.lobby.reception
    acme, admin = await founded(door.lobby, "Off", "root@off.example")
    await door.provider.honest("off", door.back(acme), sub="s-off", email="cy@off.example")
    trust = Trust(issuer=door.provider.issuer("off"), client=CLIENT, secret=SECRET, domains=("off.example",))
    await reception.set_sso(acme, trust, admin, "here")
    async with Browser(door.lobby.url) as other, Browser(door.lobby.url) as late:
        await join(door.lobby, other, "other@off.example")
        assert (await by_sso(browser, "cy@off.example")).path == "/account"
        outward = await departure(late, "cy@off.example")
        assert await reception.switch_sso(acme, on=False, by=admin, origin="here") == 1
        assert (await browser.get("/account")).path == "/account/signin"
        assert (await other.get("/account")).path == "/account"
        assert "is switched off" in (await gone(late, outward)).words
    assert (await browser.fill("/account/sso", email="cy@off.example")).status == 422
    here = await browser.fill(await _reset(door, browser, "cy@off.example"), password="nine purple trams")
    assert here.path == "/account"
    assert await reception.switch_sso(acme, on=True, by=admin, origin="here") == 0
    async with Browser(door.lobby.url) as later:
        assert (await by_sso(later, "cy@off.example")).path == "/account"
    assert await door.kinds("root@off.example") == ["sso_set", "sso_off", "sso_on"]


# -- setting it up ----------------------------------------------------------------------------------------------------


async def setting(door: Doorway, acme: OrganizationId, admin: UserId, **changes: object) -> tuple[type, str]:
    """What becomes of it."""
    right = {"issuer": door.provider.issuer("acme"), "client": CLIENT, "secret": SECRET, "domains": ("set.example",)}
    try:
        await door.lobby.reception.set_sso(acme, Trust(**{**right, **changes}), admin, "here")  # type: ignore[arg-type]
    except HubError as error:
        return type(error), error.text
    return type(None), ""


async def test_what_an_admin_may_set(door: Doorway) -> None:
    """Only what answers as it should is kept, for domains where an admin reads mail and others have no address."""
    org, admin = await founded(door.lobby, "Set", "root@set.example")
    await door.sso()
    wrong: dict[str, dict[str, object]] = {
        "begins with https://": {"issuer": "login.set.example"},
        "error 404": {"issuer": f"{door.provider.url}/a/b"},
        "Give the client id": {"client": " "},
        "no client secret; copy it": {"secret": "a\nb"},
        "Name the mail domains": {"domains": ()},
        "Write mail domains such as example.com": {"domains": ("https://set.example",)},
        "Anybody can have an address at gmail.com": {"domains": ("set.example", "@Gmail.com")},
        "verified address at bank.example first": {"domains": ("bank.example",)},
    }
    for words, changes in wrong.items():
        kind, text = await setting(door, org, admin, **changes)
        assert words in text
        assert issubclass(kind, Refused | Invalid | NotGenuine)
    assert (await door.lobby.store.organizations.organization(org)).sso is None  # type: ignore[union-attr]
    assert await setting(door, org, admin) == (type(None), "")
    kept = (await door.lobby.store.organizations.organization(org)).sso  # type: ignore[union-attr]
    assert (kept.issuer, kept.client, kept.domains, kept.on) == (  # type: ignore[union-attr]
        door.provider.issuer("acme"),
        CLIENT,
        ["set.example"],
        True,
    )
    assert SECRET not in kept.secret  # type: ignore[union-attr]


async def test_one_organization_has_a_domain(door: Doorway) -> None:
    """A domain for which one organization signs people in cannot be claimed by another, until it lets go."""
    first, admin = await founded(door.lobby, "First", "root@claimed.example")
    await door.lobby.store.users.add(
        User(
            id=UserId(new_id()),
            email="eve@claimed.example",
            verified_at=(await door.user("root@claimed.example")).verified_at,
        )
    )
    second, eve = OrganizationId(new_id()), (await door.user("eve@claimed.example")).id
    await door.lobby.store.users.change(eve, lambda found: found.organizations.update({second: "admin"}))
    await _organization(door, second)
    changes = {"domains": ("claimed.example",)}
    assert await setting(door, first, admin, **changes) == (type(None), "")
    said = (Taken, "Another organization signs in the people at claimed.example already.")
    assert await setting(door, second, eve, **changes) == said
    await door.lobby.reception.switch_sso(first, on=False, by=admin, origin="here")
    assert await setting(door, second, eve, **changes) == (type(None), "")
    with pytest.raises(Taken):
        await door.lobby.reception.switch_sso(first, on=True, by=admin, origin="here")


async def _organization(door: Doorway, id: OrganizationId) -> None:
    from hub.domain.accounts.models import Organization

    await door.lobby.store.organizations.add(Organization(id=id, name="Second"))


async def test_secrets_stay_out_of_what_is_kept(
    door: Doorway, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the client's secret nor a code or token stands in audit events, pages or the log."""
    await door.sso(sub="s-quiet", email="quiet@acme.example")
    page: Page = await by_sso(browser, "quiet@acme.example")
    traces = await door.lobby.reception.traces((await door.user("quiet@acme.example")).id)
    admin = await door.lobby.reception.traces(door.admin)
    assert SECRET not in f"{page.text}{traces}{admin}{caplog.text}"
    assert "eyJ" not in f"{page.text}{traces}{admin}{caplog.text}"
