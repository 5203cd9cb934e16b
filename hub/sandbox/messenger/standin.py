"""The stand-in itself: what a test or page reads, the app's side of the dashboard, and faults on demand."""

from __future__ import annotations

import secrets
from typing import Any

import aiohttp

from hub.sandbox.messenger.accounts import ALL_FIELDS, App, Hook, Json, Page, Person, Token, TokenState, make_token
from hub.sandbox.messenger.faults import Failure
from hub.sandbox.messenger.notices import encode
from hub.sandbox.messenger.people import People
from hub.sandbox.messenger.world import Call

_HANDSHAKE_SECONDS = 5.0


class MessengerStandIn(People):
    """One in-memory world of Messenger. Its methods change the world at once and queue the apps' notices.

    Give `Limits` to change or switch off the network's rates; serve it over HTTP with `serve` or `mount`.
    """

    # -- what a test or page reads -----------------------------------------------------------------------------

    def phone(self, person: Person, page: Page) -> list[Json]:
        """The messages of a conversation as the person sees them, oldest first."""
        thread = self.thread(person, page)
        return [self.shown(thread, stored) for stored in thread.messages.values()]

    def psid(self, person: Person, page: Page) -> str:
        """The number by which the page knows the person."""
        return self.thread(person, page).psid

    def typing(self, person: Person, page: Page) -> bool:
        """Whether the person sees that the page types."""
        return self.thread(person, page).typing

    def seen(self, person: Person, page: Page) -> bool:
        """Whether the person sees that the page has seen all they wrote."""
        thread = self.thread(person, page)
        own = [stored.at for stored in thread.messages.values() if stored.author == "contact"]
        return bool(own) and thread.seen >= own[-1]

    def content(self, attachment: Json) -> bytes:
        """The content of a file that a phone shows."""
        return self.files.by_key(attachment["file"]).content

    def calls_of(self, operation: str, person: Person | None = None, page: Page | None = None) -> list[Call]:
        """The calls of one operation so far, of one conversation if given."""
        psid = self.thread(person, page).psid if person is not None and page is not None else None
        return [c for c in self.calls if c.operation == operation and psid in {None, c.psid}]

    def notices_of(self, app: App) -> list[bytes]:
        """Every body made for an app so far, as it was or will be posted; also while it has no webhook."""
        return [notice.body for notice in app.outbox.sent]

    @property
    def provoked_limits(self) -> int:
        """How often a page went over a limit; injected ones do not count."""
        return self.meter.provoked

    # -- the dashboard -----------------------------------------------------------------------------------------

    async def set_webhook(
        self, app: App, url: str, verify_token: str, fields: tuple[str, ...] = ALL_FIELDS, *, handshake: bool = True
    ) -> None:
        """Enter an app's callback address, as on its webhook page. ValueError where the handshake fails."""
        if handshake:
            await self._shake_hands(url, verify_token)
        app.hook = Hook(url, verify_token, frozenset(fields))

    async def _shake_hands(self, url: str, verify_token: str) -> None:
        challenge = str(secrets.randbelow(10**10))
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
        timeout = aiohttp.ClientTimeout(total=_HANDSHAKE_SECONDS)
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, params=query) as response:
                answered = response.status == 200 and await response.text() == challenge
        except (aiohttp.ClientError, TimeoutError):
            answered = False
        if not answered:
            raise ValueError(
                "The callback URL or verify token couldn't be validated. Please verify the provided information or try"
                " again later."
            )

    def subscribe(self, page: Page, app: App, fields: tuple[str, ...] = ALL_FIELDS) -> None:
        """Subscribe an app to a page's events, as by the Graph API or in the dashboard."""
        page.subscriptions[app.id] = frozenset(fields)

    def unsubscribe(self, page: Page, app: App) -> None:
        """End it; also what the network does after an hour of failures."""
        page.subscriptions.pop(app.id, None)

    def dashboard_test(self, app: App, page: Page, field: str = "messages") -> None:
        """Press the test button beside a field: an event of another shape, with made-up people."""
        value = {
            "sender": {"id": "12334"},
            "recipient": {"id": "23245"},
            "timestamp": str(self.stamp() // 1000),
            "message": {"mid": "test_message_id", "text": "test_message"},
        }
        entry = {"id": "0", "time": self.stamp() // 1000, "changes": [{"field": field, "value": value}]}
        app.outbox.push(page.id, entry)

    def spoil_token(self, page: Page, state: TokenState = "revoked", app: App | None = None) -> None:
        """Let a page's token be of no use any more: expired, password, revoked or removed."""
        self._token(page, app).state = state

    def renew_token(self, page: Page, app: App | None = None) -> str:
        """A new token in place of the old one."""
        token = self._token(page, app)
        token.text, token.state = make_token(), "valid"
        return token.text

    def limit_rights(self, page: Page, *scopes: str) -> None:
        """Let the page's token have these rights only."""
        self._token(page, None).scopes = scopes

    def _token(self, page: Page, app: App | None) -> Token:
        return next(token for token in page.tokens if app is None or token.app is app)

    # -- faults on demand --------------------------------------------------------------------------------------

    def fail(self, operation: str = "", *, psid: str = "", times: int = 1, **how: Any) -> None:
        """Refuse the next matching calls before doing them. `how`: code, subcode, message, status, retry_after.

        `operation`: messages, message_attachments, profile, me, app, debug_token, subscribed_apps, subscriptions,
        download; empty: any. `status` alone is a gateway's answer, `retry_after` alone a 613.
        """
        self.faults.fail(operation, psid, times, Failure(**how))

    def drop_answer(self, operation: str = "", *, psid: str = "", times: int = 1) -> None:
        """Do the next matching calls, then close the connection without an answer."""
        self.faults.drop_answer(operation, psid, times)

    def delay(self, seconds: float, operation: str = "", *, times: int = 1) -> None:
        """Be slow for the next matching calls."""
        self.faults.delay(seconds, operation, times)

    def hang(self, on: bool = True) -> None:
        """Accept calls and neither do nor answer them, until switched off."""
        self.faults.hang(on=on)

    def unreachable(self, on: bool = True) -> None:
        """Close every connection at once, doing nothing, until switched off."""
        self.faults.away = on

    def heal(self) -> None:
        """No faults any more."""
        self.faults.clear()

    def expire_files(self) -> None:
        """No file's address that was given out so far is good any more."""
        self.files.expire()

    def redeliver(self, app: App, number: int) -> None:
        """Deliver the n-th notice once more, byte for byte; the first is 1. KeyError when there was none."""
        app.outbox.again(number)

    def duplicate_notices(self, app: App, times: int) -> None:
        """Deliver each of the next `times` notices twice."""
        app.outbox.duplicates = times

    def reorder_notices(self, app: App, n: int) -> None:
        """Hold the next `n` notices back until all are there, then deliver the last first. 0 lets them go."""
        app.outbox.reorder = n
        if not n:
            app.outbox.release()

    def batch_notices(self, app: App, n: int) -> None:
        """Gather the next `n` events, and post them as one request of `n` entries. 0 lets them go."""
        app.outbox.batch = n
        if not n:
            app.outbox.release()

    def raw_event(self, app: App, page: Page, event: Json, key: str = "messaging") -> None:
        """Tell an app an event of any shape."""
        self.tell(app, page, key, event)

    def raw_body(self, app: App, body: Json | bytes, page_id: str = "") -> None:
        """Post a body as it is, signed; also what no network would send."""
        app.outbox.post("raw", page_id, body if isinstance(body, bytes) else encode(body))
