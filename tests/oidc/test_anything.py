"""Whatever a provider answers: a sentence or a claim, and never anything else."""

from __future__ import annotations

import base64
import json
import time
from contextlib import suppress
from functools import cache
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from hub.errors import HubError
from hub.oidc import tokens
from hub.oidc.calling import _read, _refused
from hub.oidc.client import Description, Person, Tokens, _judge
from tests.oidc.provider import CLIENT

few = settings(max_examples=100, deadline=None, database=None)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
EXPECTED = tokens.Expected(issuer="https://login.example.com", client=CLIENT, nonce="n")


@cache
def signing() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "k"})


@cache
def shown() -> dict[str, Any]:
    return dict(RSAKey.generate_key(2048, {"kid": "r"}).as_dict(private=False))


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


headers = st.fixed_dictionaries(
    {"alg": st.sampled_from(["ES256", "RS256", "none", "HS256"]) | json_values},
    optional=dict.fromkeys(("kid", "typ", "crit", "b64", "jwk", "jku", "x5c", "zip"), json_values),
)
made_up = st.tuples(headers, json_values, st.text(max_size=20)).map(
    lambda each: f"{part(each[0])}.{part(each[1])}.{each[2]}"
)


@few
@given(made_up | st.text(max_size=80))
def test_any_token(token: str) -> None:
    """No made-up token is read, and none fails but by a sentence."""
    keys = tokens.keys_of(tokens.KeySet([signing().as_dict(private=False), shown()]))
    assert len(keys) == 2
    with suppress(HubError, tokens.UnknownKey):
        assert not tokens.read(token, keys, "Acme")


@few
@given(
    st.dictionaries(
        st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "nonce", "azp", "email", "email_verified", "name"]),
        json_values | st.sampled_from([CLIENT, EXPECTED.issuer, "n", [CLIENT]]),
    ),
    st.booleans(),
)
def test_any_claims(claims: dict[str, Any], whole: bool) -> None:
    """Of claims that are signed rightly, those pass that are as they must be, and all others are refused in words."""
    right = {"iss": EXPECTED.issuer, "sub": "s", "aud": CLIENT, "iat": 0, "exp": time.time() + 60, "nonce": "n"}
    said = {**right, **claims} if whole else claims
    signed = jwt.encode({"alg": "ES256", "kid": "k"}, said, signing())
    with suppress(HubError):
        found = tokens.read(signed, [signing()], "Acme")
        tokens.check(found, EXPECTED, time.time(), "Acme")
        assert (found.iss, found.nonce) == (EXPECTED.issuer, "n")
        assert found.exp > time.time() - tokens.LEEWAY
        assert CLIENT in found.aud
        assert found.sub


keys = st.dictionaries(
    st.sampled_from(["kty", "crv", "x", "y", "n", "e", "d", "k", "kid", "use", "alg", "key_ops"]),
    json_values | st.sampled_from(["RSA", "EC", "oct", "OKP", "P-256", "sig", "AQAB", "AA", "RS256", ["verify"]]),
)


@few
@given(st.lists(keys, max_size=3), keys)
def test_any_keys(made: list[dict[str, Any]], changes: dict[str, Any]) -> None:
    """What is no key is left out, and does not hide those that are."""
    good = signing().as_dict(private=False)
    found = tokens.keys_of(tokens.KeySet([*made, {**shown(), **changes}, good]))
    assert found[-1].kid == "k"


@few
@given(json_values.map(msgspec.json.encode) | st.binary(max_size=60))
def test_any_answer(body: bytes) -> None:
    """Any body is read as what it should be, or refused in words; so is its reason where the provider refuses."""
    assert _refused(body, "Acme").text
    for kind in (Description, Tokens, Person, tokens.KeySet):
        with suppress(HubError):
            _read(body, "Acme", kind)


@few
@given(
    st.text(max_size=60) | st.sampled_from(["https://[", "https://x:99999", "http://localhost\n", "https://\u2100.x"])
)
def test_any_address(text: str) -> None:
    """Any address in a description is taken or refused in words."""
    from hub.domain.ports import Provider

    given_so = Description(issuer="https://i", authorization_endpoint=text, token_endpoint=text, jwks_uri=text)
    with suppress(HubError):
        _judge(given_so, Provider(name="Acme", issuer="https://i", client="c", secret="s"))
        assert text.startswith(("https://", "http://localhost", "http://127.0.0.1", "http://[::1]"))
