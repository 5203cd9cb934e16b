"""What comes in requests to the Web API, and how it is answered."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from aiohttp import web

from hub.sandbox.slack.accounts import Json
from hub.sandbox.slack.refusals import Refusal


async def read_request(request: web.Request) -> tuple[str, Json]:
    """The token, and the arguments of query, form or JSON. Raises Refusal for a body that cannot be read."""
    fields: Json = dict(request.query)
    kind = request.content_type
    if kind == "application/json" and request.can_read_body:
        fields |= _object(await request.read())
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        fields |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        fields = {**_basic(given), **fields}
    token = str(fields.pop("token", "") or "")
    return (given if scheme == "Bearer" else token), fields


def _basic(given: str) -> Json:
    """An app's own id and secret."""
    try:
        id, _, secret = base64.b64decode(given).decode("latin-1").partition(":")
    except ValueError:
        raise Refusal("invalid_auth") from None
    return {"client_id": id, "client_secret": secret}


def _object(body: bytes) -> Json:
    try:
        value = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refusal("invalid_json") from None
    if not isinstance(value, dict):
        raise Refusal("json_not_object")
    return {name: given for name, given in value.items() if given is not None}


def as_json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return web.Response(
        body=msgspec.json.encode(value),
        status=status,
        headers=headers,
        content_type="application/json",
        charset="utf-8",
    )


def refused(refusal: Refusal) -> web.Response:
    """The answer to what is not done; without an error it is none of the Web API's."""
    if not refusal.error:
        page = "<html>Sorry, something went wrong.</html>"
        return web.Response(status=refusal.status, text=page, headers=refusal.headers, content_type="text/html")
    return as_json(refusal.as_json(), refusal.status, refusal.headers)
