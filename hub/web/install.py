"""The two pages on the way to an installed Slack app: one that sends people there, and one to which they come back."""

from __future__ import annotations

import hashlib
import hmac
import html
from typing import Protocol

from aiohttp import web

from hub.errors import HubError, Refused, Unavailable
from hub.web.proxies import proxies_of

COOKIE = "hub_install"
COOKIE_SECONDS = 900
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem;
color-scheme:light dark}}</style><h1>{title}</h1><p>{text}</p></html>"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}


class Installer(Protocol):
    """Who knows how the app is installed."""

    async def begin(self) -> tuple[str, str]:
        """Where to send who wants to install the app, and the state that must come back. Raises Refused."""

    async def finish(self, code: str, state: str) -> str:
        """Keeps the installation; gives the name of where it is. Raises Refused."""


class InstallPages:
    """The routes."""

    def __init__(self, installer: Installer) -> None:
        self._installer = installer

    def add_to(self, app: web.Application) -> None:
        """Adds them."""
        app.router.add_get("/slack/install", self._begin)
        app.router.add_get("/slack/oauth", self._finish)

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        try:
            url, state = await self._installer.begin()
        except HubError as error:
            return _page("This cannot be done here", error.text, _status(error))
        answer = web.Response(status=302, headers={"Location": url, "Referrer-Policy": "no-referrer"})
        secure = proxies_of(request).by_https(request)
        answer.set_cookie(
            COOKIE, _mark(state), max_age=COOKIE_SECONDS, httponly=True, secure=secure, samesite="Lax", path="/slack"
        )
        return answer

    async def _finish(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if query.get("error"):
            return _page(
                "Nothing was installed", "You did not agree on Slack's page. You can start again any time.", 400
            )
        try:
            state, code = query.get("state", ""), query.get("code", "")
            if not hmac.compare_digest(_mark(state), request.cookies.get(COOKIE, "")) or not code:
                raise Refused("This page was not opened from here, or too long ago. Start again at /slack/install.")
            name = await self._installer.finish(code, state)
        except HubError as error:
            return _page("Nothing was installed", error.text, _status(error))
        text = (
            f"The app is in {name} now. In Slack, write it a direct message, or type /hub help;"
            " invite it to a channel and type /hub desk here to make that your desk."
        )
        answer = _page("Installed", text, 200)
        answer.del_cookie(COOKIE, path="/slack")
        return answer


def _mark(state: str) -> str:
    """What the browser keeps of the state: proof that it began here, and nothing to begin with elsewhere."""
    return hashlib.sha256(state.encode(errors="replace")).hexdigest()


def _status(error: HubError) -> int:
    return 503 if isinstance(error, Unavailable) else 400


def _page(title: str, text: str, status: int) -> web.Response:
    body = _PAGE.format(title=html.escape(title), text=html.escape(text))
    return web.Response(text=body, content_type="text/html", status=status, headers=_HEADERS)
