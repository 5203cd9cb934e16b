"""An OpenID Connect provider in a process of its own, strict in what it takes, that can be told to lie.

It stands for Google and for organizations' providers: each realm (the first part of the path) is an issuer with keys,
clients and people of its own. What a test wants of it is posted to /control. Started as a program, it prints its port.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
import json
import secrets
import sys
import time
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote, urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT, SECRET = "hub-client", "s3cret:of+the%hub/"

Key = RSAKey | ECKey


@cache
def _rsa(which: str) -> RSAKey:
    """Making one takes long."""
    return RSAKey.generate_key(2048, {"kid": which})


@cache
def _elliptic() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "elliptic"})


class Realm:
    """An issuer. `lie`: what it does wrong, empty: nothing; `asks`: whether it shows a page before it vouches."""

    def __init__(self, issuer: str, base: str) -> None:
        self.base = base
        self.told: dict[str, Any] = {
            "issuer": issuer,
            "redirects": [],
            "person": {},
            "lie": "",
            "asks": False,
            "algorithm": "RS256",
            "by_post": False,
            "thin": False,
        }
        self.kid = "first"
        """What the key that signs is called."""
        self.codes: dict[str, Mapping[str, str]] = {}
        self.access: dict[str, Mapping[str, Any]] = {}
        self.refused: list[str] = []

    @property
    def lie(self) -> str:
        return str(self.told["lie"])

    def description(self) -> dict[str, Any]:
        base = self.base
        found: dict[str, Any] = {
            "issuer": "https://somebody.else.example" if self.lie == "issuer" else self.told["issuer"],
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": "http://mail.example/token" if self.lie == "plain" else f"{base}/token",
            "jwks_uri": f"{base}/jwks",
            "userinfo_endpoint": f"{base}/userinfo",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        }
        if self.told["by_post"]:
            found["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
        if self.lie == "incomplete":
            del found["token_endpoint"]
        return found

    def claims(self, asked: Mapping[str, str]) -> dict[str, Any]:
        now = int(time.time())
        person = dict(self.told["person"])
        if self.told["thin"]:
            person = {"sub": person["sub"]}
        claims: dict[str, Any] = {
            "iss": self.told["issuer"], "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **person
        }  # fmt: skip
        lies: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "another"},
            "aud": {"aud": "another-client"},
            "auds": {"aud": [CLIENT, "another-client"]},
            "azp": {"azp": "another-client"},
            "expired": {"exp": now - 120, "iat": now - 600},
            "future": {"iat": now + 900, "exp": now + 1200},
            "signed_issuer": {"iss": "https://somebody.else.example"},
            "words": {"exp": "tomorrow"},
            "no_sub": {"sub": ""},
        }
        return claims | lies.get(self.lie, {})

    def signed(self, asked: Mapping[str, str]) -> str:
        claims, algorithm = self.claims(asked), str(self.told["algorithm"])
        key, kid = self.key(algorithm), self.kid if algorithm == "RS256" else "elliptic"
        if self.lie == "none":
            return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."
        if self.lie == "hs256":
            public = base64.b64encode(key.as_pem(private=False))
            return jwt.encode({"alg": "HS256", "kid": kid}, claims, OctKey.import_key(public))
        if self.lie == "forged":
            key = _rsa("forger")
        if self.lie == "unknown_key":
            key, kid = _rsa("forger"), "forger"
        head, body, sign = jwt.encode({"alg": algorithm, "kid": kid}, claims, key).split(".")
        if self.lie == "tampered":
            body = _part({**claims, "sub": "admin"})
        return f"{head}.{body}.{sign}"

    def key(self, algorithm: str) -> Key:
        """What signs."""
        return _rsa("honest" if self.kid == "first" else "newer") if algorithm == "RS256" else _elliptic()

    def shown(self) -> list[dict[str, Any]]:
        """All keys, as they are shown; among them some that are of no use."""
        kids = {"RS256": self.kid, "ES256": "elliptic"}
        found = [{**self.key(each).as_dict(private=False), "kid": kid} for each, kid in kids.items()]
        return [{"kty": "unheard-of", "kid": "x"}, {"kty": "RSA", "kid": self.kid, "use": "enc"}, *found]


def _part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class Provider:
    """All realms, over HTTP."""

    def __init__(self) -> None:
        self.realms: dict[str, Realm] = {}
        self.origin = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/control", self._control)
        app.router.add_get("/{realm}/.well-known/openid-configuration", self._describe)
        app.router.add_get("/{realm}/jwks", self._jwks)
        app.router.add_get("/{realm}/authorize", self._authorize)
        app.router.add_get("/{realm}/consent", self._consent)
        app.router.add_post("/{realm}/token", self._token)
        app.router.add_get("/{realm}/userinfo", self._userinfo)
        return app

    def _realm(self, request: web.Request) -> Realm:
        return self._named(request.match_info["realm"])

    def _named(self, name: str) -> Realm:
        base = f"{self.origin}/{name}"
        return self.realms.setdefault(name, Realm(base, base))

    async def _control(self, request: web.Request) -> web.Response:
        told = await request.json()
        realm = self._named(told.pop("realm"))
        if told.pop("turn_keys", False):
            realm.kid = secrets.token_hex(4)
        realm.told.update(told)
        refused, realm.refused = realm.refused, []
        return web.json_response({"refused": refused})

    async def _wrong(self, realm: Realm, where: str) -> web.Response | None:
        """What comes instead of an answer there."""
        kind, _, place = realm.lie.partition("@")
        if place != where:
            return None
        if kind == "html":
            return web.Response(text="<html><b id=fuzz>Welcome</b></html>", content_type="text/html")
        if kind == "slow":
            await asyncio.sleep(30)
        if kind == "huge":
            return web.json_response({"x": "x" * 400_000})
        if kind == "redirect":
            return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})
        return web.Response(status=int(kind) if kind.isdigit() else 500, text="Traceback (most recent call last)")

    async def _describe(self, request: web.Request) -> web.Response:
        realm = self._realm(request)
        return await self._wrong(realm, "description") or web.json_response(realm.description())

    async def _jwks(self, request: web.Request) -> web.Response:
        realm = self._realm(request)
        return await self._wrong(realm, "keys") or web.json_response({"keys": realm.shown()})

    async def _authorize(self, request: web.Request) -> web.Response:
        """Only what a careful client sends is taken; a return address that is not known is never sent to."""
        realm, asked = self._realm(request), dict(request.query)
        if asked.get("redirect_uri") not in realm.told["redirects"] or asked.get("client_id") != CLIENT:
            realm.refused.append("redirect_uri")
            return web.Response(status=400, text="redirect_uri_mismatch")
        fits = (
            asked.get("response_type") == "code"
            and {"openid", "email"} <= set(asked.get("scope", "").split())
            and asked.get("code_challenge_method") == "S256"
            and len(asked.get("code_challenge", "")) == 43
            and all(len(asked.get(name, "")) >= 16 for name in ("state", "nonce"))
        )
        if not fits:
            realm.refused.append("request")
            return _sent(asked, error="invalid_request")
        if realm.told["asks"]:
            to = html.escape(f"/{request.match_info['realm']}/consent?{urlencode(asked)}")
            hint = html.escape(asked.get("login_hint", ""))
            page = f"<h1>{hint}</h1><a href='{to}&allow=yes'>Allow</a> <a href='{to}&allow=no'>Deny</a>"
            return web.Response(text=page, content_type="text/html")
        return self._vouch(realm, asked)

    async def _consent(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        if asked.pop("allow") != "yes":
            return _sent(asked, error="access_denied")
        return self._vouch(self._realm(request), asked)

    def _vouch(self, realm: Realm, asked: Mapping[str, str]) -> web.Response:
        code = secrets.token_urlsafe(16)
        realm.codes[code] = asked
        return _sent(asked, code=code)

    async def _token(self, request: web.Request) -> web.Response:
        realm = self._realm(request)
        wrong = await self._wrong(realm, "token")
        if wrong is not None:
            return wrong
        form = dict(await request.post())
        asked = realm.codes.pop(str(form.get("code")), None)
        reason = _fault(request, form, asked, by_post=realm.told["by_post"])
        if reason or asked is None:
            realm.refused.append(reason)
            return web.json_response({"error": reason}, status=400)
        access = secrets.token_urlsafe(16)
        realm.access[access] = dict(realm.told["person"])
        return web.json_response({"id_token": realm.signed(asked), "access_token": access, "token_type": "Bearer"})

    async def _userinfo(self, request: web.Request) -> web.Response:
        realm = self._realm(request)
        person = realm.access.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if person is None:
            return web.Response(status=401)
        return web.json_response({**person, **({"sub": "somebody else"} if realm.lie == "other_person" else {})})


def _fault(request: web.Request, form: Mapping[str, Any], asked: Mapping[str, str] | None, *, by_post: bool) -> str:
    given = (form.get("client_id"), form.get("client_secret"))
    if not by_post:
        pair = base64.b64decode(request.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        given = tuple(unquote(each) for each in pair.split(":", 1))
    if given != (CLIENT, SECRET):
        return "invalid_client"
    if asked is None or form.get("grant_type") != "authorization_code":
        return "invalid_grant"
    digest = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    same = form.get("redirect_uri") == asked["redirect_uri"] and challenge == asked["code_challenge"]
    return "" if same else "invalid_grant"


def _sent(asked: Mapping[str, str], **back: str) -> web.Response:
    query = urlencode({**back, "state": asked.get("state", "")})
    return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}?{query}"})


async def main() -> None:
    provider = Provider()
    runner = web.AppRunner(provider.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    for which in ("honest", "forger", "newer"):
        _rsa(which)
    provider.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    print(provider.origin, flush=True)  # noqa: T201 - so it tells where it is
    await asyncio.to_thread(sys.stdin.read)  # until whoever started it goes


if __name__ == "__main__":
    asyncio.run(main())
