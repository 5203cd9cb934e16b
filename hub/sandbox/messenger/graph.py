"""The Graph API: which path means what, whose token it is, and the faults on the way."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from hub.sandbox.messenger.accounts import App, Json, Page, Token
from hub.sandbox.messenger.files import Upload
from hub.sandbox.messenger.refusals import Refusal, bad, no_such
from hub.sandbox.messenger.standin import MessengerStandIn

OLDEST, NEWEST = (21, 0), (26, 0)
"""Versions that the network serves; v20.0 ended on 24 September 2026."""
_VERSION = re.compile(r"v([0-9]{1,3})\.([0-9]{1,3})")
_STATES = {"expired": 463, "password": 460, "revoked": 467, "removed": 458}


@dataclass
class Request:
    """What came in one request: the path's words, fields of query and body, files by part name."""

    method: str
    path: tuple[str, ...]
    fields: Json = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    token: str = ""


@dataclass
class Ask:
    """A request with whom it is from, and the fields that are left."""

    world: MessengerStandIn
    request: Request
    principal: Token | App | None

    @property
    def fields(self) -> Json:
        """Fields of query and body, without those of the token."""
        return self.request.fields

    def token(self) -> Token:
        """The page's token. Raises Refusal where it is another kind of token."""
        if not isinstance(self.principal, Token):
            raise Refusal(190, 0, "A page access token is required to request this resource.")
        return self.principal

    def page(self) -> Page:
        """The page that the path names, which must be the token's. Raises Refusal."""
        token, named = self.token(), self.request.path[0]
        if named not in ("me", token.page.id):
            raise no_such(named, self.request.method)
        return token.page

    def needs(self, scope: str) -> None:
        """Raises Refusal where the token lacks a right."""
        if scope not in self.token().scopes:
            raise Refusal(200, 0, f"(#200) Requires {scope} permission to manage the object")

    def object(self, name: str) -> Json | None:
        """A field that is an object, or JSON of one. Raises Refusal for anything else."""
        value = self.fields.get(name)
        if isinstance(value, str):
            value = _parsed(name, value)
        if value is not None and not isinstance(value, dict):
            raise bad(f"Param {name} must be an object.")
        return value


def _parsed(name: str, text: str) -> Any:
    try:
        return json.loads(text.replace("'", '"') if text.startswith("{'") else text)
    except ValueError:
        raise bad(f"Param {name} must be valid JSON.") from None


Operation = Callable[[Ask], Awaitable[Json]]


def check_version(version: str) -> None:
    """Raises Refusal for a version that is over, or that never was."""
    found = _VERSION.fullmatch(version)
    number = (int(found[1]), int(found[2])) if found else (0, 0)
    if found is None or number > NEWEST or number[1]:
        raise Refusal(2500, 0, f"Unknown path components: /{version}")
    if number < OLDEST:
        raise Refusal(2635)


def identify(world: MessengerStandIn, request: Request) -> Token | App:
    """Whose token it is, and whether it is good. Raises Refusal."""
    if not request.token:
        raise Refusal(104)
    app = world.apps.get(request.token.partition("|")[0])
    if app is not None and "|" in request.token:
        if not hmac.compare_digest(app.token.encode(), request.token.encode()):
            raise Refusal(190, 0, "Invalid OAuth access token signature.")
        return app
    token = world.token_of(request.token)
    if token is None:
        raise Refusal(190, 0, f"Malformed access token {request.token}")
    state = "expired" if token.expires_at and token.expires_at <= world.now() else token.state
    if state != "valid":
        raise Refusal(190, _STATES[state])
    _check_proof(token, request)
    return token


def _check_proof(token: Token, request: Request) -> None:
    proof = request.fields.pop("appsecret_proof", None)
    right = hmac.new(token.app.secret.encode(), token.text.encode(), hashlib.sha256).hexdigest()
    if proof is not None and not hmac.compare_digest(str(proof).encode(), right.encode()):
        raise Refusal(100, 0, "Invalid appsecret_proof provided in the API argument")
