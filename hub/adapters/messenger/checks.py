"""What is set up wrong around a page that can be connected all the same, each with how to mend it."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hub.adapters.messenger.channel import FIELDS
from hub.adapters.messenger.errors import delivery_error
from hub.adapters.messenger.graph import Graph, RefusedByGraph

_NEEDED = ("pages_messaging", "pages_manage_metadata")
_PUBLIC = (
    "Messenger can only call a hub that has a public address: set HUB_PUBLIC_URL to it and start the hub again, or"
    " nothing will arrive."
)
_CALL = "The settings' app must call"
SHARED_HOOK = "/hooks/messenger"
"""The path at which an app that serves many pages is heard."""
_ONE_ADDRESS = (
    "An app calls one address only: enter this channel's there unless it is the same, and serve several pages of one"
    f" app through {SHARED_HOOK}."
)


class Suspect(msgspec.Struct, frozen=True):
    """A page to look at. `app`: its token's app, empty where the network did not say; `shared`: it is the settings'."""

    page: str
    token: str
    app_secret: str
    app: str
    shared: bool
    public_url: str

    @property
    def app_token(self) -> str:
        """The app's own token."""
        return f"{self.app}|{self.app_secret}"


async def app_of(graph: Graph) -> str:
    """The app that the token is for; empty where the network does not say."""
    answer = await _asked(graph.get("app", fields="id"))
    return str(answer.get("id", "")) if answer else ""


async def problems_of(graph: Graph, suspect: Suspect) -> list[str]:
    """All that is wrong. Subscribes the app to the page on the way, for only that shows whether it may."""
    problems = [] if suspect.public_url else [_PUBLIC]
    if suspect.app:
        problems += await _token(graph, suspect)
        problems += await _webhook(graph, suspect)
    problems += await _subscribed(graph, suspect)
    return problems + await _other_apps(graph, suspect)


# -- the token -------------------------------------------------------------------------------------------------------


async def _token(graph: Graph, suspect: Suspect) -> list[str]:
    """What the token lacks, as far as the network tells."""
    asking = graph.get("debug_token", input_token=suspect.token, access_token=suspect.app_token)
    about = (await _asked(asking) or {}).get("data")
    if not isinstance(about, dict):
        return []
    return [*_missing(about.get("scopes")), *_expiry(about.get("expires_at"))]


def _missing(scopes: object) -> list[str]:
    if not isinstance(scopes, list):
        return []
    return [
        f"The token lacks the right {name}: grant it when you generate the token, then connect the page again."
        for name in _NEEDED
        if name not in scopes
    ]


def _expiry(at: object) -> list[str]:
    if not isinstance(at, int) or not 0 < at < 2**33:
        return []
    when = f"{datetime.fromtimestamp(at, UTC):%d %B %Y}"
    return [f"The token expires on {when}. One generated for the page by a long-lived user token does not expire."]


# -- the app's webhook -----------------------------------------------------------------------------------------------


async def _webhook(graph: Graph, suspect: Suspect) -> list[str]:
    """An app calls one address only, whatever the number of its pages."""
    answer = await _asked(graph.get(f"{suspect.app}/subscriptions", access_token=suspect.app_token))
    if answer is None:
        return []
    hook = next((each for each in _listed(answer) if each.get("object") == "page"), {})
    url = str(hook.get("callback_url") or "")
    told = _address(suspect, url)
    return told + (_fields_missing(hook) if url else [])


def _address(suspect: Suspect, url: str) -> list[str]:
    right = suspect.public_url + SHARED_HOOK
    if suspect.shared and url != right:
        return [f"{_CALL} {right}: enter that on its webhook page, with HUB_MESSENGER_VERIFY_TOKEN's verify token."]
    if suspect.shared or not url:
        return []
    host = urlsplit(url).hostname
    return [f"The app's webhook page names an address at {host} now. {_ONE_ADDRESS}"]


def _fields_missing(hook: dict[str, Any]) -> list[str]:
    given = hook.get("fields")
    names = {str(each.get("name")) if isinstance(each, dict) else str(each) for each in given or []}
    missing = [name for name in FIELDS if name not in names]
    if not given or not missing:
        return []
    return [f"The app's webhook page does not subscribe to {', '.join(missing)}; tick them there."]


# -- the page --------------------------------------------------------------------------------------------------------


async def _subscribed(graph: Graph, suspect: Suspect) -> list[str]:
    try:
        await graph.post(f"{suspect.page}/subscribed_apps", {"subscribed_fields": ",".join(FIELDS)})
    except RefusedByGraph as error:
        why = delivery_error(error, (suspect.token, suspect.app_secret), repeatable=True).text
        return [f"The app could not be subscribed to the page's messages, so none will arrive: {why}"]
    return []


async def _other_apps(graph: Graph, suspect: Suspect) -> list[str]:
    """Another app that answers would talk across the agents."""
    answer = await _asked(graph.get(f"{suspect.page}/subscribed_apps", fields="id,name,subscribed_fields"))
    others = [each for each in _listed(answer) if suspect.app and str(each.get("id", "")) != suspect.app]
    names = [str(each.get("name") or each.get("id")) for each in others if "messages" in _fields(each)]
    if not names:
        return []
    told = f"This page's messages also go to {', '.join(names[:5])}; if it answers too, contacts get two answers."
    return [f"{told} Remove it in the page's settings, or make the hub's app the default one (Conversation Routing)."]


def _listed(answer: dict[str, Any] | None) -> list[dict[str, Any]]:
    found = answer.get("data") if answer else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _fields(app: dict[str, Any]) -> Sequence[object]:
    fields = app.get("subscribed_fields")
    return fields if isinstance(fields, list) else ()


async def _asked(asking: Awaitable[dict[str, Any]]) -> dict[str, Any] | None:
    """The answer to what is good to know but may be refused."""
    try:
        return await asking
    except RefusedByGraph:
        return None
