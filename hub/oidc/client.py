"""A client of OpenID Connect providers: fulfils Vouchers."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Sequence
from urllib.parse import quote, urlencode

import msgspec

from hub.domain.ports.accounts import Asked, Provider, Vouched
from hub.errors import NotGenuine
from hub.oidc import addresses, tokens
from hub.oidc.calling import SECONDS, Calls

KEPT_SECONDS = 600.0
"""How long a description and keys are remembered."""
SOONEST = 30.0
"""Keys are not asked for again sooner, whatever names of keys come."""
_MOST_KEPT = 500
_SCOPE = "openid email profile"


class Description(msgspec.Struct, kw_only=True):
    """What the hub reads of a provider's description."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: list[str] = msgspec.field(default_factory=lambda: ["client_secret_basic"])
    response_types_supported: list[str] = msgspec.field(default_factory=lambda: ["code"])
    id_token_signing_alg_values_supported: list[str] = msgspec.field(default_factory=lambda: ["RS256"])


class Tokens(msgspec.Struct):
    """What a code is exchanged for."""

    id_token: str
    access_token: str = ""


class Person(msgspec.Struct, kw_only=True):
    """What a provider says of somebody when asked again."""

    sub: str
    email: str | None = None
    email_verified: bool | str | None = None
    given_name: str | None = None
    family_name: str | None = None
    name: str | None = None


class Known(msgspec.Struct):
    """What is remembered of a provider. Moments: seconds of a clock that only goes on."""

    description: Description
    at: float
    keys: list[tokens.Key] = msgspec.field(default_factory=list)
    keys_at: float = float("-inf")


class OpenId:
    """Speaks with providers. `networks`: where those of organizations may be."""

    def __init__(self, networks: Sequence[str], seconds: float = SECONDS) -> None:
        self._calls = Calls(networks, seconds)
        self._known: dict[tuple[str, str, bool], Known] = {}

    async def check(self, provider: Provider) -> str:
        """How it calls itself exactly, where its description is there and fits, and its keys can be had."""
        self._known.pop(_key(provider), None)
        known = await self._about(provider)
        if not await self._keys(provider, known):
            raise NotGenuine(f"{provider.name} shows no key that it could sign with (RS256 or ES256).")
        return known.description.issuer

    async def begin(self, provider: Provider, asked: Asked) -> str:
        """Where to send the browser."""
        description = (await self._about(provider)).description
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": provider.client,
            "redirect_uri": asked.back,
            "scope": _SCOPE,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"login_hint": asked.hint} if asked.hint else {}),
        }
        joint = "&" if "?" in description.authorization_endpoint else "?"
        return f"{description.authorization_endpoint}{joint}{urlencode(query)}"

    async def finish(self, provider: Provider, asked: Asked, code: str) -> Vouched:
        """For whom it vouched."""
        known = await self._about(provider)
        given = await self._exchange(provider, known.description, asked, code)
        claims = await self._read(provider, known, given.id_token)
        issuer = known.description.issuer
        expected = tokens.Expected(issuer=issuer, client=provider.client, nonce=asked.nonce)
        tokens.check(claims, expected, time.time(), provider.name)
        if claims.email or not (known.description.userinfo_endpoint and given.access_token):
            return _vouched(issuer, claims)
        return _vouched(issuer, await self._person(provider, known.description, given.access_token, claims.sub))

    async def _exchange(self, provider: Provider, description: Description, asked: Asked, code: str) -> Tokens:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.back,
            "code_verifier": asked.verifier,
        }
        basic = ""
        if "client_secret_basic" in description.token_endpoint_auth_methods_supported:
            pair = f"{quote(provider.client, safe='')}:{quote(provider.secret, safe='')}"
            basic = base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": provider.client, "client_secret": provider.secret}
        return await self._calls.post(
            description.token_endpoint, provider.name, Tokens, form, basic=basic, trusted=provider.trusted
        )

    async def _read(self, provider: Provider, known: Known, token: str) -> tokens.Claims:
        for anew in (False, True):
            try:
                return tokens.read(token, await self._keys(provider, known, anew=anew), provider.name)
            except tokens.UnknownKey:
                continue
        raise NotGenuine(f"{provider.name} signed with a key that it does not show.")

    async def _person(self, provider: Provider, description: Description, access: str, subject: str) -> Person:
        url, name = description.userinfo_endpoint, provider.name
        person = await self._calls.get(url, name, Person, bearer=access, trusted=provider.trusted)
        if person.sub != subject:
            raise NotGenuine(f"{name} spoke of somebody else when asked again.")
        return person

    # -- what is remembered --------------------------------------------------------------------------------------------

    async def _about(self, provider: Provider) -> Known:
        known = self._known.get(_key(provider))
        if known is None or known.at < time.monotonic() - KEPT_SECONDS:
            known = Known(await self._describe(provider), time.monotonic())
            if len(self._known) >= _MOST_KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[_key(provider)] = known
        return known

    async def _describe(self, provider: Provider) -> Description:
        at = provider.discovery or addresses.issuer(provider.issuer).rstrip("/") + addresses.DESCRIPTION
        found = await self._calls.get(at, provider.name, Description, trusted=provider.trusted)
        _judge(found, provider)
        return found

    async def _keys(self, provider: Provider, known: Known, *, anew: bool = False) -> list[tokens.Key]:
        """Its keys. `anew`: something came that was signed by none of them; they are not asked for all the time."""
        age = time.monotonic() - known.keys_at
        if age > (SOONEST if anew else KEPT_SECONDS):
            url, name = known.description.jwks_uri, provider.name
            known.keys = tokens.keys_of(await self._calls.get(url, name, tokens.KeySet, trusted=provider.trusted))
            known.keys_at = time.monotonic()
        return known.keys


def _key(provider: Provider) -> tuple[str, str, bool]:
    return provider.issuer, provider.discovery, provider.trusted


def _judge(found: Description, provider: Provider) -> None:
    name = provider.name
    if provider.issuer and found.issuer.rstrip("/") != provider.issuer.rstrip("/"):
        raise NotGenuine(f"{name}'s description is that of another issuer. Is the address right?")
    addresses.page(found.authorization_endpoint, name, "sign-in page")
    addresses.page(found.token_endpoint, name, "tokens")
    addresses.page(found.jwks_uri, name, "keys")
    if found.userinfo_endpoint:
        addresses.page(found.userinfo_endpoint, name, "people")
    if "code" not in found.response_types_supported:
        raise NotGenuine(f"{name} does not sign people in by a code, which the hub needs.")
    if not set(tokens.ALGORITHMS) & set(found.id_token_signing_alg_values_supported):
        raise NotGenuine(f"{name} signs in no way that the hub trusts (RS256 or ES256).")


def _vouched(issuer: str, said: tokens.Claims | Person) -> Vouched:
    """Some write the word true instead of the value."""
    return Vouched(
        issuer=issuer,
        subject=said.sub,
        email=said.email or "",
        verified=said.email_verified is True or said.email_verified == "true",
        first_name=said.given_name or "",
        last_name=said.family_name or "",
        name=said.name or "",
    )
