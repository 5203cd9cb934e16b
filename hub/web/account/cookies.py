"""What a browser is given to keep: who it is, whether somebody is signed in, and how far they have come."""

from __future__ import annotations

import base64
import binascii
import re
import secrets

import msgspec
from aiohttp import web

from hub.web.account.csrf import Seals

SESSION, BROWSER, WAY, INVITATION = "hub_session", "hub_browser", "hub_way", "hub_invitation"
SESSION_SECONDS = 30 * 86400
"""The longest that a browser keeps its session's cookie; the hub may end the session long before."""
WAY_SECONDS = 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")


def token_in(text: str) -> str:
    """The text, if it may be a token of ours; empty if not. What comes from outside is looked at no further."""
    return text if _TOKEN.fullmatch(text) else ""


class Way(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far somebody has come, from page to page. Kept by the browser; whoever else changes it, loses it.

    `ticket`, `email`: of a sign-up that waits for its mail; `strength` (0 to 4) and `strong` (in words): of its
    password; `half`: a sign-in that waits for its code; `note`: a sentence for the next page; `waiting`: an
    organization's sign-in that waits for that of the account with the address.
    """

    ticket: str = ""
    email: str = ""
    strength: int = -1
    strong: str = ""
    half: str = ""
    link: str = ""
    note: str = ""
    waiting: str = ""


class Jar:
    """The cookies of one request, and those that its answer will set."""

    def __init__(self, request: web.Request, seals: Seals, *, secure: bool) -> None:
        """`secure`: served by https, where cookies go no other way and to no other host."""
        self._given = request.cookies
        self._seals = seals
        self._secure = secure
        self._set: dict[str, tuple[str, int]] = {}
        self.session = token_in(self._read(SESSION))
        self.browser = token_in(self._read(BROWSER))
        self.invitation = token_in(self._read(INVITATION))
        """The token of the invitation that they came by, to which they come back once they have signed in."""
        self.known = bool(self.browser)
        """Whether the browser gave back what it was given."""
        if not self.known:
            self.browser = secrets.token_urlsafe(24)
            self._set[BROWSER] = (self.browser, SESSION_SECONDS)

    @property
    def form_mark(self) -> str:
        """What every form of this browser must bring along; another one once somebody has signed in or out."""
        return self._seals.mark("form", self.browser, self.session)

    def brings_mark(self, given: str) -> bool:
        """Whether a form was opened in this browser."""
        return self.known and self._seals.fits(given, "form", self.browser, self.session)

    def proof(self, purpose: str, *parts: str) -> str:
        """What a link of ours brings along that does something, and that nobody else can lead this browser to."""
        return self._seals.mark(purpose, self.browser, self.session, *parts)

    def brings_proof(self, given: str, purpose: str, *parts: str) -> bool:
        """Whether a link stood on a page in this browser."""
        return self.known and self._seals.fits(given, purpose, self.browser, self.session, *parts)

    def way(self) -> Way:
        """How far they have come; the start where the cookie is none of ours."""
        mark, _, packed = self._read(WAY).partition(".")
        if not self._seals.fits(mark, "way", self.browser, packed):
            return Way()
        try:
            return msgspec.json.decode(base64.urlsafe_b64decode(packed), type=Way)
        except (binascii.Error, msgspec.DecodeError, ValueError):  # an older hub wrote it
            return Way()

    def keep_way(self, way: Way) -> None:
        """Notes how far they have come; forgets it at the start."""
        if way == Way():
            self._set[WAY] = ("", 0)
            return
        packed = base64.urlsafe_b64encode(msgspec.json.encode(way)).decode()
        mark = self._seals.mark("way", self.browser, packed)
        self._set[WAY] = (f"{mark}.{packed}", WAY_SECONDS)

    def keep_invitation(self, token: str) -> None:
        """They came by an invitation; empty: it is dealt with."""
        if token != self.invitation:
            self.invitation = token
            self._set[INVITATION] = (token, WAY_SECONDS if token else 0)

    def sign_in(self, token: str) -> None:
        """The browser is somebody's from now on; what it was before must not serve any more."""
        self.session = token
        self._set[SESSION] = (token, SESSION_SECONDS)

    def sign_out(self) -> None:
        """It is nobody's any more."""
        self.session = ""
        self._set[SESSION] = ("", 0)

    def write(self, answer: web.StreamResponse) -> None:
        """Sets what is to be set."""
        for name, (value, seconds) in self._set.items():
            answer.set_cookie(
                self._name(name), value, max_age=seconds, path="/", httponly=True, secure=self._secure, samesite="Lax"
            )

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self._secure else name

    def _read(self, name: str) -> str:
        return self._given.get(self._name(name), "")
