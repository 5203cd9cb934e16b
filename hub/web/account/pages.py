"""The account pages' routes, and what holds for all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from hub.domain.accounts.reception import Reception
from hub.errors import DeliveryError, HubError, Refused, Unavailable
from hub.web.account import entering, invitation, logos, own, returning, views, vouching
from hub.web.account.csrf import Seals
from hub.web.account.visit import ROOT, Visit

log = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self' data:; frame-ancestors 'none';"
        " base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""With every answer; the style sheet alone may be kept."""
_AWAY = "The hub cannot reach its database just now. Nothing is lost: open this page again in a minute."
PATIENCE = 3.0
"""Seconds that somebody waits to learn that the database is away."""
Ready = Callable[[], Awaitable[None]]
"""Raises Unavailable while the database is away."""
View = Callable[[Visit], Awaitable[web.Response]]
_PAGES: dict[str, tuple[View, View | None]] = {
    "": (own.own_page, None),
    "/signup": (entering.sign_up_page, entering.sign_up),
    "/check": (entering.check_page, entering.check),
    "/verify": (entering.verify_page, entering.verify),
    "/signin": (returning.sign_in_page, returning.sign_in),
    "/code": (returning.code_page, returning.code),
    "/forgot": (returning.forgot_page, returning.forgot),
    "/reset": (returning.reset_page, returning.reset),
    "/invitation": (invitation.page, invitation.answer),
    "/chat": (invitation.chat_page, None),
    "/sso": (vouching.organization_page, vouching.to_organization),
    "/google": (vouching.to_google, None),
    "/return/{place:[A-Za-z0-9_-]{1,60}}": (vouching.come_back, None),
}
"""What each shows, and what it does with its form."""
_DEEDS: dict[str, View] = {"/sessions": own.end, "/chats": own.part, "/signout": own.sign_out}
"""Forms of the page of who is signed in."""


class AccountPages:
    """The pages, as a part of the web application."""

    def __init__(self, reception: Reception, key: str, ready: Ready) -> None:
        """`key`: a secret that all processes of the installation share."""
        self._reception = reception
        self._ready = ready
        self._seals = Seals(key)

    def add_to(self, app: web.Application) -> None:
        """Adds them."""
        part = web.Application(middlewares=[self._middleware()])
        for path, (show, take) in _PAGES.items():
            part.router.add_get(path, self._handler(show))
            if take is not None:
                part.router.add_post(path, self._handler(take))
        for path, deed in _DEEDS.items():
            part.router.add_post(path, self._handler(deed))
        part.router.add_get("/style.css", _style)
        part.router.add_get("/logo/{id:[0-9a-z]{1,40}}", logos.showing(self._reception))
        app.add_subapp(ROOT, part)

    def _handler(self, view: View) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            visit = self._visit(request)
            try:
                await self._base()
                answer = await view(visit)
            except HubError as error:
                answer = _apology(visit, error)
            visit.jar.write(answer)
            return answer

        return handle

    async def _base(self) -> None:
        """Raises Unavailable, soon, while the database is away or hangs: nobody waits for a page that cannot come."""
        try:
            await asyncio.wait_for(self._ready(), PATIENCE)
        except TimeoutError as error:
            raise Unavailable from error

    def _middleware(self) -> Middleware:
        @web.middleware
        async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                answer = await handler(request)
            except web.HTTPException as refusal:
                answer = self._nowhere(request, refusal)
            except Exception:
                log.exception("An account page failed: %s", request.path)
                answer = self._broken(request)
            for name, value in HEADERS.items():
                answer.headers.setdefault(name, value)
            return answer

        return around

    def _nowhere(self, request: web.Request, refusal: web.HTTPException) -> web.StreamResponse:
        text = "There is no such page here." if refusal.status == 404 else "This page cannot be asked that way."
        answer = self._visit(request).page("message", {"title": "Nothing here", "text": text})
        answer.set_status(refusal.status)
        if "Allow" in refusal.headers:
            answer.headers["Allow"] = refusal.headers["Allow"]
        return answer

    def _broken(self, request: web.Request) -> web.StreamResponse:
        text = "Something went wrong in the hub; it is written down for whoever runs it. Try again in a minute."
        answer = self._visit(request).page("message", {"title": "That did not work", "text": text})
        answer.set_status(500)
        return answer

    def _visit(self, request: web.Request) -> Visit:
        return Visit(request, self._reception, self._seals)


def _apology(visit: Visit, error: HubError) -> web.Response:
    """A page for what no form can show."""
    if isinstance(error, Unavailable) and error.text == Unavailable().text:
        return visit.page("message", {"title": "Back in a moment", "text": ""}, Unavailable(_AWAY))
    if isinstance(error, Refused | Unavailable | DeliveryError):
        return visit.page("message", {"title": "That did not work", "text": ""}, error)
    log.error("An account page failed: %s", error.text)
    text = (
        "Something is not set up rightly here, and whoever runs this hub has to look at it. Nothing of yours is lost."
    )
    answer = visit.page("message", {"title": "That did not work", "text": text})
    answer.set_status(503)
    return answer


async def _style(_: web.Request) -> web.Response:
    content, _edition = views.style()
    return web.Response(
        body=content, content_type="text/css", charset="utf-8", headers={"Cache-Control": "public, max-age=86400"}
    )
