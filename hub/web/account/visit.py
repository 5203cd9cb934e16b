"""One request to an account page: where it comes from, who asks, and how it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from msgspec.structs import replace

from hub.domain.accounts.models import Session, User
from hub.domain.accounts.reception import Entered, Half, Reception, Unfit
from hub.domain.accounts.tying import chat_words
from hub.errors import DeliveryError, HubError, TooMany, Unavailable
from hub.web.account import forms, views
from hub.web.account.cookies import Jar, Way, token_in
from hub.web.account.csrf import Seals
from hub.web.proxies import proxies_of

ROOT = "/account"
GOOGLE = "google"
_LONGEST_BROWSER = 300


class Visit:
    """A request, and what its answer is made of."""

    def __init__(self, request: web.Request, reception: Reception, seals: Seals) -> None:
        self.request = request
        self.reception = reception
        proxies = proxies_of(request)
        by_https = reception.policy.public_url.startswith("https://") or proxies.by_https(request)
        self.jar = Jar(request, seals, secure=by_https)
        self.way = self.jar.way()
        self.origin = proxies.origin(request)
        self.browser = request.headers.get("User-Agent", "").encode(errors="replace").decode()[:_LONGEST_BROWSER]

    # -- what came --

    def asked(self, name: str) -> str:
        """A token in the address; empty where there is none, or none of ours."""
        return token_in(self.request.query.get(name, ""))

    async def who(self) -> tuple[User, Session] | None:
        """Who is signed in."""
        return await self.reception.who(self.jar.session) if self.jar.session else None

    @property
    def google(self) -> bool:
        """Whether one can sign in with Google."""
        return self.reception.google

    def google_way(self, link: str) -> str:
        """Where a button leads that does; good in this browser alone. Empty: nowhere."""
        if not self.google:
            return ""
        query = {"mark": self.jar.proof(GOOGLE, link), **({"link": link} if link else {})}
        return f"{ROOT}/google?{urlencode(query)}"

    async def form(self, *fields: forms.Field) -> forms.Form:
        """What was handed in; `check` it before anything is done with it. Raises Unreadable."""
        given = await forms.read(self.request)
        return forms.sort(given, fields, genuine=self.jar.brings_mark(given.get("csrf", "")))

    # -- what goes --

    def page(self, template: str, data: Mapping[str, Any], error: HubError | None = None) -> web.Response:
        """A page. With an `error`: what was wrong stands beside its field, or above them."""
        faults = error.faults if isinstance(error, Unfit) else {}
        shown = {"values": {}, "brand": self.reception.policy.brand, "csrf": self.jar.form_mark, "note": self._noted()}
        alert = "" if error is None else "Please look at the marked fields." if faults else sentence(error)
        text = views.draw(template, {**shown, **data, "faults": faults, "alert": alert})
        answer = web.Response(text=text, content_type="text/html", status=status(error))
        if isinstance(error, TooMany):
            answer.headers["Retry-After"] = str(max(1, round(error.seconds)))
        elif isinstance(error, Unavailable):
            answer.headers["Retry-After"] = "5"
        return answer

    def go(self, page: str, way: Way | None = None) -> web.Response:
        """Leads to another of our pages: never anywhere else. With a `way`, that is how far they have come now."""
        if way is not None:
            self.jar.keep_way(way)
        return web.Response(status=303, headers={"Location": f"{ROOT}/{page}".rstrip("/")})

    async def enter(self, entered: Entered | Half, link: str = "", note: str = "") -> web.Response:
        """The browser is somebody's now, or nearly: a code is wanted first."""
        if isinstance(entered, Half):
            return self.go("code", Way(half=entered.ticket, link=link, note=note, waiting=self.way.waiting))
        if self.jar.session:
            await self.reception.leave(self.jar.session, self.origin)
        self.jar.sign_in(entered.token)
        told = (note, entered.welcome, _tied(entered, link), entered.remark, await self._vouched(entered.user))
        return self.go("invitation" if self.jar.invitation else "", Way(note=" ".join(filter(None, told))))

    async def _vouched(self, user: User) -> str:
        """Ties the organization's sign-in that waited for this one."""
        if not self.way.waiting:
            return ""
        return await self.reception.tie_vouched(self.way.waiting, user.id, self.jar.browser, self.origin)

    def _noted(self) -> str:
        if self.way.note:
            self.jar.keep_way(replace(self.way, note=""))
        return self.way.note


def _tied(entered: Entered, link: str) -> str:
    if entered.linked is not None:
        return f"{chat_words(entered.linked)} is yours here now. Go on in the chat; it greets you by name."
    if link and not entered.remark:
        return "The link from the chat was too old to tie that account. Write /start there for a new one."
    return ""


def status(error: HubError | None) -> int:
    """What an error means in HTTP."""
    if error is None:
        return 200
    kinds: tuple[tuple[type[HubError], int], ...] = (
        (TooMany, 429), (Unfit, 422), (forms.Unreadable, 400), (Unavailable, 503), (DeliveryError, 503)
    )  # fmt: skip
    return next((code for kind, code in kinds if isinstance(error, kind)), 403)


def sentence(error: HubError) -> str:
    """What to say of it."""
    if isinstance(error, TooMany) and error.seconds and not any(sign.isdigit() for sign in error.text):
        return f"{error.text} The next try is possible in {views.span(error.seconds)}."
    if isinstance(error, DeliveryError):
        return "The mail could not leave just now. Try again in a minute."
    return error.text
