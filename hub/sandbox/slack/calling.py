"""One call of the Web API from its token to its answer: who asks, whether they may, whether it is too much."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from hub.sandbox.slack.accounts import App, Installation, Json
from hub.sandbox.slack.asks import Ask
from hub.sandbox.slack.refusals import Refusal, missing_scope
from hub.sandbox.slack.registry import METHODS, Method
from hub.sandbox.slack.standin import SlackStandIn

_LOG = logging.getLogger(__name__)
CHARSET = "missing_charset"


@dataclass
class Answer:
    """What a call is answered with."""

    body: Json
    headers: dict[str, str]


def call(world: SlackStandIn, method: str, token: str, fields: Json) -> Answer:
    """Do what an app asks. Raises Refusal, having changed nothing."""
    known = METHODS.get(method)
    if known is None:
        world.unimplemented.append(method)
        _LOG.warning("the Slack stand-in has no method %r", method)
        raise Refusal("unknown_method", req_method=method)
    ask = Ask(world, method, fields)
    _identify(world, known, ask, token)
    if known.scope and known.scope not in ask.me.scopes:
        raise missing_scope(known.scope, ask.me.scopes)
    unknown = fields.keys() - known.known
    world.unknown_parameters |= {f"{method}.{name}" for name in unknown}
    key, channel = token, str(fields.get("channel", "")) if known.by_channel else ""
    windows = world.meter.check(key, method, max(known.tier, 0), channel)
    body: Json = {"ok": True, **known.handle(ask)}
    world.meter.charge(windows)
    if ask.warnings:
        metadata = {"warnings": ask.warnings, **body.get("response_metadata", {})}
        body |= {"warning": ",".join(ask.warnings), "response_metadata": metadata}
    return Answer(body, _headers(ask.by, known))


def caller(world: SlackStandIn, token: str) -> tuple[App | None, Installation | None]:
    """Whose token that is: an app's own, or that of its bot in a workspace."""
    app = next((app for app in world.apps.values() if token and app.app_token == token), None)
    return app, world.installation(token) if app is None else None


def _identify(world: SlackStandIn, known: Method, ask: Ask, token: str) -> None:
    if known.caller == "none":
        return
    if not token:
        raise Refusal("not_authed")
    app, by = caller(world, token)
    if app is None and by is None:
        raise Refusal("invalid_auth")
    if by is not None and (by.gone or token in by.ended):
        raise Refusal(by.ended.get(token) or by.gone)
    if (app is not None and known.caller == "bot") or (by is not None and known.caller == "app"):
        raise Refusal("not_allowed_token_type")
    ask.app, ask.by = app, by


def _headers(by: Installation | None, known: Method) -> dict[str, str]:
    if by is None:
        return {}
    return {"X-OAuth-Scopes": ",".join(sorted(by.scopes)), "X-Accepted-OAuth-Scopes": known.scope}
