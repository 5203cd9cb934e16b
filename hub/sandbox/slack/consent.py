"""Installing by OAuth: the page on which a person agrees, and the code that they bring back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from hub.sandbox.slack.accounts import App, Installation, Team, User, words
from hub.sandbox.slack.pressing import Pressing
from hub.sandbox.slack.refusals import Refusal

CODE_SECONDS = 600.0


@dataclass(eq=False)
class Granted:
    """What a person agreed to. `redirect`: where they were sent with the code."""

    installation: Installation
    user: User
    redirect: str
    at: float
    used: bool = False


class Consent(Pressing):
    """A world in which people install apps."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.codes: dict[str, Granted] = {}
        self.tickets: dict[str, str] = {}
        """The app by ticket of a Socket Mode connection about to be made."""

    def agree(self, user: User, asked: dict[str, str]) -> str:
        """A person agrees to what the address of the page asks for; where they are sent. Raises ValueError."""
        app, redirect = self.asked_app(asked)
        installation = self.install(app, user.team, asked.get("scope", ""))
        code = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(32)}"
        self.codes[code] = Granted(installation, user, asked.get("redirect_uri", ""), self.now())
        return _with(redirect, {"code": code, "state": asked.get("state", "")})

    def decline(self, asked: dict[str, str]) -> str:
        """A person does not agree; where they are sent. Raises ValueError."""
        _, redirect = self.asked_app(asked)
        return _with(redirect, {"error": "access_denied", "state": asked.get("state", "")})

    def asked_app(self, asked: dict[str, str]) -> tuple[App, str]:
        """Which app, and where to send the person. ValueError in the page's words."""
        app = next((a for a in self.apps.values() if a.client_id == asked.get("client_id")), None)
        if app is None:
            raise ValueError("Invalid client_id parameter")
        known = app.redirect_urls
        redirect = asked.get("redirect_uri") or next(iter(known), "")
        if not redirect or not any(_under(redirect, each) for each in known):
            raise ValueError("redirect_uri did not match any configured URIs. Passed URI: " + redirect)
        wanted = words(asked.get("scope", ""))
        if not wanted <= app.scopes:
            raise ValueError("Invalid permissions requested: " + ", ".join(sorted(wanted - app.scopes)))
        return app, redirect

    def redeem(self, app: App, code: str, redirect: str) -> Granted:
        """What was agreed to, for its code. Raises Refusal."""
        granted = self.codes.get(code)
        if granted is None or granted.installation.app is not app or self.now() - granted.at > CODE_SECONDS:
            raise Refusal("invalid_code")
        if granted.used:
            raise Refusal("code_already_used")
        if granted.redirect != redirect:
            raise Refusal("bad_redirect_uri")
        granted.used = True
        return granted

    def socket_url(self, app: App) -> str:
        """An address for one Socket Mode connection."""
        ticket = secrets.token_urlsafe(24)
        self.tickets[ticket] = app.id
        base = "ws" + self.base_url.removeprefix("http")
        return f"{base}/slack-ws/link?{urlencode({'ticket': ticket, 'app_id': app.id})}"

    def teams_of(self, asked: dict[str, str]) -> list[Team]:
        """The workspaces that the page lets a person choose from."""
        return [team for team in self.teams.values() if asked.get("team", team.id) == team.id]


def _under(given: str, known: str) -> bool:
    """The network takes an address that is below a configured one."""
    one, other = urlsplit(given), urlsplit(known)
    if (one.scheme, one.netloc) != (other.scheme, other.netloc):
        return False
    return one.path == other.path or one.path.startswith(other.path.rstrip("/") + "/")


def _with(url: str, fields: dict[str, str]) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"
