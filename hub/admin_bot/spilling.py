"""Secrets that were written where others read: a token, or a code that was awaited in private."""

from __future__ import annotations

import re

from hub.admin_bot import stepping
from hub.admin_bot.call import Services
from hub.admin_bot.heard import Wrote
from hub.domain.reply import Reply

_TOKEN = re.compile(
    r"\b[0-9]{6,12}:[A-Za-z0-9_-]{30,}|\bx(?:ox[a-z]|app)-[A-Za-z0-9-]{20,}|\bEAA[A-Za-z0-9]{40,}(?![A-Za-z0-9])"
)
"""A token, as each network writes its own: of a bot, an app, a page."""

_FOR_RELAY = re.compile(r"\bdesk\s+relay\b", re.IGNORECASE)


def has_token(plain: str) -> bool:
    """Whether a token is among the words."""
    return bool(_TOKEN.search(plain))


def compromised(plain: str) -> Reply:
    """What to say of a token that all there could read, and where a new one is to be sent."""
    line = "desk relay" if _FOR_RELAY.search(plain) else "channel connect"
    return Reply("token_in_group", {"line": line}, lasting=True)


async def spilt(services: Services, heard: Wrote) -> Reply | None:
    """What to say where it is a secret that all there could read."""
    if heard.spot.alone:
        return None
    if has_token(heard.text.plain):
        return compromised(heard.text.plain)
    if stepping.like_a_code(heard.text.plain) and await services.reception.code_awaited(heard.asker.identity):
        return Reply("code_in_group")
    return None
