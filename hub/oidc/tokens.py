"""What a provider signs: whether it did, for this hub, for this sign-in, and just now."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from hub.errors import NotGenuine

ALGORITHMS = ("RS256", "ES256")
LEEWAY = 60.0
"""Seconds that clocks may differ."""
_SHORTEST_RSA = 2048
_BROKEN = (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What the library raises where something is of another kind than it should be."""
_KEYS = {"RS256": "RSA", "ES256": "EC"}
Key = RSAKey | ECKey


class KeySet(msgspec.Struct):
    """What stands where a provider's keys are."""

    keys: list[dict[str, Any]]


class UnknownKey(Exception):
    """The key is none of those that are known: they may have changed."""


class Claims(msgspec.Struct, kw_only=True):
    """What the hub reads of an ID token; what else stands there is not looked at."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: float
    iat: float
    nbf: float = 0.0
    nonce: str = ""
    azp: str | None = None
    email: str | None = None
    email_verified: bool | str | None = None
    given_name: str | None = None
    family_name: str | None = None
    name: str | None = None


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What must stand there."""

    issuer: str
    client: str
    nonce: str


def keys_of(found: KeySet) -> list[Key]:
    """The keys that may sign; what is none is left out."""
    return [key for each in found.keys if (key := _key(each)) is not None]


def read(token: str, keys: Sequence[Key], whose: str) -> Claims:
    """What the token says, once its signature was found right. Raises UnknownKey, NotGenuine."""
    algorithm, name = _header(token, whose)
    fitting = [key for key in keys if key.key_type == _KEYS[algorithm] and (not name or key.kid in (name, None))]
    if not fitting:
        raise UnknownKey
    for key in fitting:
        try:
            return msgspec.convert(jwt.decode(token, key, algorithms=[algorithm]).claims, Claims, strict=True)
        except msgspec.ValidationError:
            raise NotGenuine(f"What {whose} signed does not say who you are.") from None
        except _BROKEN:
            continue
    raise NotGenuine(f"{whose}'s signature is not right.")


def check(claims: Claims, expected: Expected, moment: float, whose: str) -> None:
    """Raises NotGenuine with what is not as it must be. `moment`: seconds since 1970."""
    audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
    alone = audience == [expected.client]
    faults = (
        (claims.iss != expected.issuer, "was signed by somebody else"),
        (expected.client not in audience, "is not meant for this hub"),
        ((claims.azp or not alone) and claims.azp != expected.client, "is not meant for this hub"),
        (claims.exp <= moment - LEEWAY, "is too old"),
        (max(claims.iat, claims.nbf) > moment + LEEWAY, "is from the future: its clock or ours is wrong"),
        (not hmac.compare_digest(claims.nonce.encode(), expected.nonce.encode()), "belongs to another sign-in"),
        (not 0 < len(claims.sub) <= 255 or not claims.sub.isprintable(), "does not say who you are"),
    )
    for wrong, words in faults:
        if wrong:
            raise NotGenuine(f"What {whose} answered {words}.")


def _header(token: str, whose: str) -> tuple[str, str]:
    """The algorithm and the key's name."""
    try:
        header = jws.extract_compact(token.encode()).headers()
    except _BROKEN:
        raise NotGenuine(f"What {whose} signed cannot be read.") from None
    algorithm, name = header.get("alg"), header.get("kid", "")
    if algorithm not in ALGORITHMS or not isinstance(name, str):
        raise NotGenuine(f"{whose} did not sign its answer in a way that can be trusted (RS256 or ES256).")
    return str(algorithm), name


def _key(found: dict[str, Any]) -> Key | None:
    if found.get("use", "sig") != "sig":
        return None
    try:
        if found.get("kty") == "EC" and found.get("crv") == "P-256":
            return ECKey.import_key(found)
        if found.get("kty") != "RSA":
            return None
        key = RSAKey.import_key(found)
    except _BROKEN:
        return None
    return key if key.raw_value.key_size >= _SHORTEST_RSA else None
