"""The client of OpenID Connect providers, against one that runs, is strict, and can be told to lie."""

from __future__ import annotations

import socket
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession

from hub.domain.ports import Asked, Provider, Vouched
from hub.errors import HubError, Invalid, NotGenuine, Unavailable
from hub.oidc import OpenId
from tests.oidc.provider import CLIENT, SECRET
from tests.oidc.standing import ANN, Standing

BACK = "https://hub.example.com/account/return/acme"
ASKED = Asked(back=BACK, state="s" * 32, nonce="n" * 32, verifier="v" * 64, hint="ann@acme.example")


def acme(provider: Standing, **changes: str) -> Provider:
    wanted = {"name": "Acme", "issuer": provider.issuer("acme"), "client": CLIENT, "secret": SECRET, **changes}
    return Provider(**wanted)


@pytest.fixture
async def honest(provider: Standing) -> Standing:
    await provider.honest("acme", BACK)
    return provider


async def code(client: OpenId, provider: Provider, asked: Asked = ASKED) -> str:
    """What the browser brings back."""
    url = await client.begin(provider, asked)
    async with ClientSession() as browser, browser.get(url, allow_redirects=False) as answer:
        back = urlsplit(answer.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == asked.back
    query = parse_qs(back.query)
    assert query["state"] == [asked.state]
    return query["code"][0]


async def vouched(standing: Standing, client: OpenId | None = None, **changes: str) -> Vouched:
    """The whole way."""
    client, provider = client or OpenId(["loopback"]), acme(standing, **changes)
    return await client.finish(provider, ASKED, await code(client, provider))


async def sentence(standing: Standing, **told: object) -> tuple[type, str]:
    """What becomes of the whole way once the provider was told so."""
    await standing.tell("acme", **told)
    patience = 0.5 if "slow@token" in told.values() else 10.0
    try:
        return type(await vouched(standing, OpenId(["loopback"], patience))), ""
    except HubError as error:
        return type(error), error.text


@pytest.mark.parametrize(
    "told",
    [{}, {"algorithm": "ES256"}, {"by_post": True}, {"thin": True}],
    ids=["usual", "elliptic", "secret by post", "address by userinfo"],
)
async def test_the_whole_way(honest: Standing, told: dict[str, object]) -> None:
    """A careful provider lets the hub in by each way that there is, and the claims come over."""
    await honest.tell("acme", **told)
    found = await vouched(honest)
    assert (found.issuer, found.subject, found.verified) == (honest.issuer("acme"), "ann-1", True)
    assert (found.email, found.first_name, found.last_name) == (ANN["email"], "Ann", "Lee")
    assert await honest.tell("acme") == []


LIES = {
    "nonce": "What Acme answered belongs to another sign-in.",
    "aud": "What Acme answered is not meant for this hub.",
    "auds": "What Acme answered is not meant for this hub.",
    "azp": "What Acme answered is not meant for this hub.",
    "expired": "What Acme answered is too old.",
    "future": "What Acme answered is from the future: its clock or ours is wrong.",
    "signed_issuer": "What Acme answered was signed by somebody else.",
    "words": "What Acme signed does not say who you are.",
    "no_sub": "What Acme answered does not say who you are.",
    "none": "Acme did not sign its answer in a way that can be trusted (RS256 or ES256).",
    "hs256": "Acme did not sign its answer in a way that can be trusted (RS256 or ES256).",
    "forged": "Acme's signature is not right.",
    "tampered": "Acme's signature is not right.",
    "unknown_key": "Acme signed with a key that it does not show.",
    "issuer": "Acme's description is that of another issuer. Is the address right?",
    "plain": "Acme's description names no https address for its tokens.",
    "incomplete": "What Acme answered is not what an OpenID provider says. Is the address right?",
    "html@description": "What Acme answered is not what an OpenID provider says. Is the address right?",
    "html@keys": "What Acme answered is not what an OpenID provider says. Is the address right?",
    "html@token": "What Acme answered is not what an OpenID provider says. Is the address right?",
    "huge@token": "Acme answered with far more than a provider says.",
    "404@description": "Acme has not what the hub asks for (error 404). Is the address right?",
    "400@token": "Acme refused to say who you are: it gave no reason that is known.",
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_is_found_out(honest: Standing, lie: str) -> None:
    """Whatever a provider says that is not so, nobody is let in, and one sentence says why, without its words."""
    assert await sentence(honest, lie=lie) == (NotGenuine, LIES[lie])


AWAY = {
    "500@description": "it answered with error 500",
    "redirect@description": "it answered with error 302",
    "500@keys": "it answered with error 500",
    "503@token": "it answered with error 503",
    "429@token": "it answered with error 429",
    "slow@token": "it took too long to answer",
}


@pytest.mark.parametrize("lie", AWAY)
async def test_a_provider_that_is_away(honest: Standing, lie: str) -> None:
    """A provider that fails, is slow, or sends elsewhere is one to try again; nothing is asked for elsewhere."""
    said = f"Acme cannot sign you in just now: {AWAY[lie]}. Try again in a minute."
    assert await sentence(honest, lie=lie) == (Unavailable, said)


async def test_nobody_there(honest: Standing) -> None:
    """Where nobody listens, that is said."""
    with socket.create_server(("127.0.0.1", 0)) as kept:
        port = kept.getsockname()[1]
    with pytest.raises(Unavailable, match="it cannot be reached"):
        await OpenId(["loopback"]).check(acme(honest, issuer=f"http://127.0.0.1:{port}"))


async def test_a_code_is_good_once_and_for_who_asked(honest: Standing) -> None:
    """A second use, another verifier or another return address gets nothing; nor does a wrong client secret."""
    client, provider = OpenId(["loopback"]), acme(honest)
    good = await code(client, provider)
    await client.finish(provider, ASKED, good)
    for asked, given in (
        (ASKED, good),
        (Asked(back=BACK, state="", nonce=ASKED.nonce, verifier="w" * 64), await code(client, provider)),
        (Asked(back=f"{BACK}x", state="", nonce=ASKED.nonce, verifier="v" * 64), await code(client, provider)),
    ):
        with pytest.raises(NotGenuine, match="does not take the code"):
            await client.finish(provider, asked, given)
    with pytest.raises(NotGenuine, match="does not know the hub by the client id and secret"):
        await vouched(honest, secret="another")
    assert SECRET not in str(await honest.tell("acme"))


async def test_keys_that_change_are_asked_for_anew(honest: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new key is found with the first token that it signed; unknown ones do not have keys asked for all the time."""
    monkeypatch.setattr("hub.oidc.client.SOONEST", 0.0)
    client = OpenId(["loopback"])
    await vouched(honest, client)
    await honest.tell("acme", turn_keys=True)
    assert (await vouched(honest, client)).subject == "ann-1"
    monkeypatch.setattr("hub.oidc.client.SOONEST", 60.0)
    await honest.tell("acme", turn_keys=True)
    with pytest.raises(NotGenuine, match="a key that it does not show"):
        await vouched(honest, client)


async def test_somebody_else_when_asked_again(honest: Standing) -> None:
    """What userinfo says of another subject counts for nobody."""
    assert await sentence(honest, thin=True, lie="other_person") == (
        NotGenuine,
        "Acme spoke of somebody else when asked again.",
    )


@pytest.mark.parametrize(
    ("told", "verified"),
    [({"email_verified": "true"}, True), ({"email_verified": "false"}, False), ({"email_verified": None}, False)],
)
async def test_verified_is_what_says_so(honest: Standing, told: dict[str, object], verified: bool) -> None:
    """An address counts as verified only where the provider says so; some say it as a word."""
    await honest.honest("acme", BACK, **told)
    assert (await vouched(honest)).verified is verified


async def test_an_admins_address_leads_into_no_network_of_ours(honest: Standing) -> None:
    """An issuer in a network that is not named is not called, by whatever name; the operator's own choice is."""
    closed = OpenId(["public"])
    for issuer in (honest.issuer("acme"), honest.issuer("acme").replace("127.0.0.1", "localhost")):
        with pytest.raises(Invalid, match="a network that this hub does not call"):
            await closed.check(acme(honest, issuer=issuer))
    await honest.honest("google")
    assert await closed.check(honest.as_google()) == honest.issuer("google")


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "login.example.com",
        "http://login.example.com",
        "ftp://login.example.com",
        "https://",
        "https://user:word@login.example.com",
        "https://login.example.com/#x",
        "https://login.example.com/?x=1",
        "https://login.example.com:0",
        "https://login.example.com/ü",
        "https://login.example.com\\@127.0.0.1",
        "javascript:alert(1)",
        f"https://login.example.com/{'x' * 600}",
    ],
)
async def test_what_is_no_issuer(issuer: str) -> None:
    """What is no https address is refused before anybody is asked, with what would be right."""
    wanted = Provider(name="Acme", issuer=issuer, client=CLIENT, secret=SECRET)
    with pytest.raises(Invalid, match="must be a full address that begins with https://"):
        await OpenId(["loopback"]).check(wanted)


async def test_a_slash_at_the_end_is_no_other_issuer(honest: Standing) -> None:
    """An admin may leave out, or add, the last slash: the exact name is what the provider says."""
    assert await OpenId(["loopback"]).check(acme(honest, issuer=f"{honest.issuer('acme')}/")) == honest.issuer("acme")
