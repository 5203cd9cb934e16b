"""The world itself: who there is, which messages stand where, and which apps are told of what."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hub.sandbox.messenger.accounts import App, Json, Page, Person, Stored, Thread, Token, make_mid, make_token
from hub.sandbox.messenger.faults import Faults
from hub.sandbox.messenger.files import LINK_SECONDS, OUTLINE, File, Files, Upload
from hub.sandbox.messenger.limits import DAY, Limits, Meter

IN_STANDBY = frozenset({"messages", "message_echoes", "message_reads", "message_deliveries", "messaging_postbacks"})
"""What an app still hears while another one has the conversation, if it subscribed to standby."""


@dataclass(frozen=True)
class Call:
    """One request to the Graph API. `params` never hold a token; `status` 0 means no answer was given."""

    at: float
    page: str
    operation: str
    method: str
    params: Json
    status: int
    code: int = 0
    subcode: int = 0
    psid: str = ""


class Changes:
    """What happened, with a cursor, for pages that follow along. Old entries fall off the far end."""

    def __init__(self, keep: int = 10_000) -> None:
        self.cursor = 0
        self.came = asyncio.Event()
        self._entries: deque[Json] = deque(maxlen=keep)

    def add(self, kind: str, thread: Thread, **what: Any) -> None:
        """Note one change."""
        self.cursor += 1
        place = {"page": thread.page.id, "person": thread.person.id, "psid": thread.psid}
        self._entries.append({"cursor": self.cursor, "kind": kind, **place} | what)
        self.came.set()
        self.came = asyncio.Event()

    def after(self, cursor: int) -> list[Json]:
        """All that is newer than the cursor."""
        newer = itertools.takewhile(lambda entry: entry["cursor"] > cursor, reversed(self._entries))
        return list(newer)[::-1]


class World:
    """State and its plainest changes. MessengerStandIn adds what people and tests do."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.time,
        file_seconds: float = LINK_SECONDS,
    ) -> None:
        """`clock` gives seconds since 1970; `forward` moves the world ahead of it. Links hold for `file_seconds`."""
        self.faults = Faults()
        self.files = Files()
        self.meter = Meter(limits if limits is not None else Limits())
        self.changes = Changes()
        self.calls: list[Call] = []
        self.alerts: list[str] = []
        self.unimplemented: list[str] = []
        self.unknown_parameters: set[str] = set()
        self.apps: dict[str, App] = {}
        self.pages: dict[str, Page] = {}
        self.people: dict[str, Person] = {}
        self.base_url = ""
        """What the files' addresses begin with; set by whoever serves the stand-in."""
        self.string_timestamps = False
        """Writes times as strings, as the network now and then does."""
        self.on_app: Callable[[App], None] = lambda _: None
        """Called with each new app by whoever delivers its notices."""
        self._clock = clock
        self._ahead = 0.0
        self._file_seconds = file_seconds
        self._last_stamp = 0
        self._ids: Iterator[int] = itertools.count(1_000_000_000_000_001, 7)
        self._departed = asyncio.Event()
        self._outline = ""

    # -- time --------------------------------------------------------------------------------------------------

    def now(self) -> float:
        """The world's time in seconds since 1970."""
        return self._clock() + self._ahead

    def forward(self, seconds: float) -> None:
        """Let time pass: windows close, links and tokens expire."""
        self._ahead += seconds

    def stamp(self) -> int:
        """The world's time in milliseconds; each is later than the one before it."""
        self._last_stamp = max(self._last_stamp + 1, int(self.now() * 1000))
        return self._last_stamp

    # -- who there is ------------------------------------------------------------------------------------------

    def add_app(self, name: str = "Hub", *, human_agent: bool = False) -> App:
        """A new app of a developer's."""
        app = App(str(next(self._ids)), name, secrets.token_hex(16), human_agent)
        app.outbox.on_departure = self._note_departure
        self.apps[app.id] = app
        self.on_app(app)
        return app

    def add_page(self, name: str, app: App) -> Page:
        """A new page, with a token for an app. The app hears of nothing before it is subscribed."""
        page = Page(str(next(self._ids)), name)
        self.pages[page.id] = page
        self.grant(page, app)
        return page

    def grant(self, page: Page, app: App) -> Token:
        """One more token of a page, for the same or another app."""
        token = Token(make_token(), app, page)
        page.tokens.append(token)
        return token

    def add_person(self, first_name: str, last_name: str = "", *, hides: bool = False) -> Person:
        """A new person. `hides`: their name is refused to apps."""
        person = Person(str(next(self._ids)), first_name, last_name, hides)
        self.people[person.id] = person
        return person

    def token_of(self, text: str) -> Token | None:
        """The page's token with that text."""
        tokens = (token for page in self.pages.values() for token in page.tokens)
        return next((token for token in tokens if secrets.compare_digest(token.text.encode(), text.encode())), None)

    def thread(self, person: Person, page: Page) -> Thread:
        """The conversation of a person with a page, made when first needed."""
        found = next((thread for thread in page.threads.values() if thread.person is person), None)
        if found is None:
            found = Thread(page, person, str(next(self._ids)))
            page.threads[found.psid] = found
        return found

    def engaged(self, page: Page) -> int:
        """How many people were in touch with the page within a day."""
        since = self.now() - DAY
        return sum(1 for thread in page.threads.values() if thread.last_act is not None and thread.last_act >= since)

    # -- messages ----------------------------------------------------------------------------------------------

    def store(self, thread: Thread, stored: Stored) -> Stored:
        """Put a message into a thread; no app is told yet, only the pages that follow along."""
        thread.messages[stored.mid] = stored
        self.changes.add("message", thread, message=self.shown(thread, stored))
        return stored

    def message(self, thread: Thread, mid: str) -> Stored:
        """A message that stands in a thread. ValueError when there is none of this name."""
        if mid not in thread.messages:
            raise ValueError(f"there is no message {mid} in this thread")
        return thread.messages[mid]

    def new_message(self, author: str, body: Json, app_id: str = "") -> Stored:
        """A message about to stand somewhere."""
        return Stored(make_mid(), self.stamp(), "page" if author == "page" else "contact", body, app_id)

    def shown(self, thread: Thread, stored: Stored) -> Json:
        """A message as the person's phone shows it."""
        shape: Json = {"mid": stored.mid, "at": stored.at, "from": stored.author, "text": stored.body.get("text", "")}
        shape["attachments"] = [self._shown_attachment(a) for a in stored.body.get("attachments", [])]
        shape["quick_replies"] = self._open_replies(thread, stored)
        for name in ("reply_to", "buttons"):
            if name in stored.body:
                shape[name] = stored.body[name]
        return shape | {"app": stored.app_id, "edits": stored.edits, "reactions": dict(stored.reactions)}

    def _open_replies(self, thread: Thread, stored: Stored) -> list[str]:
        """Quick replies vanish with the next message."""
        newest = next(reversed(thread.messages.values()), stored)
        offered = stored.body.get("quick_replies", []) if newest is stored or stored.mid not in thread.messages else []
        return [reply.get("title") or reply["content_type"] for reply in offered]

    def _shown_attachment(self, attachment: Json) -> Json:
        if "file" not in attachment:
            return attachment
        file = self.files.by_key(attachment["file"])
        return {"type": attachment["type"], "file": file.key, "name": file.name, "mime": file.mime, "size": file.size}

    def attachment_event(self, attachment: Json) -> Json:
        """An attachment as an app is told of it: files under an address that expires."""
        if "file" not in attachment:
            return attachment
        file = self.files.by_key(attachment["file"])
        return {"type": attachment["type"], "payload": {"url": self.url(file), **attachment.get("payload", {})}}

    def url(self, file: File) -> str:
        """A signed address of a file, good for a while from now."""
        return self.base_url + self.files.path(file, self.now() + self._file_seconds)

    def portrait(self, person: Person) -> File:
        """What a profile shows: the person's picture, or an outline."""
        key = person.picture or self._outline
        if not key:
            key = self._outline = self.files.add("image", Upload(OUTLINE, "outline.png")).key
        return self.files.by_key(key)

    # -- who is told -------------------------------------------------------------------------------------------

    def event(self, thread: Thread, what: Json, at: int | None = None, *, by_page: bool = False) -> Json:
        """An event's frame: who, to whom, when."""
        sender, recipient = thread.psid, thread.page.id
        if by_page:
            sender, recipient = recipient, sender
        return {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": self._time(at)} | what

    def _time(self, at: int | None = None) -> int | str:
        stamp = at if at is not None else self.stamp()
        return str(stamp) if self.string_timestamps else stamp

    def emit(self, page: Page, field: str, event: Json, thread: Thread | None = None) -> None:
        """Tell each app that subscribed to this field; in standby where another one has the conversation."""
        for app_id, fields in list(page.subscriptions.items()):
            app = self.apps[app_id]
            if field not in fields or (app.hook is not None and field not in app.hook.fields):
                continue
            aside = thread is not None and thread.owner not in ("", app_id) and field in IN_STANDBY
            if not aside:
                self.tell(app, page, "messaging", event)
            elif "standby" in fields:
                self.tell(app, page, "standby", _without_payload(event))

    def tell(self, app: App, page: Page, key: str, event: Json) -> None:
        """Tell one app, whatever it subscribed to."""
        parties = (event.get(side, {}).get("id", "") for side in ("sender", "recipient"))
        lane = ":".join([page.id, *sorted(parties)])
        app.outbox.push(lane, {"id": page.id, "time": self._time(), key: [event]})

    # -- settling ----------------------------------------------------------------------------------------------

    def settled_now(self) -> bool:
        """Whether nothing waits for any app that has a webhook."""
        return not any(app.outbox.waiting for app in self.apps.values())

    async def settled(self, seconds: float = 10.0) -> None:
        """Wait until every notice was delivered, or given up. TimeoutError after `seconds`.

        What is held back for reordering or gathered is let go first.
        """
        for app in self.apps.values():
            app.outbox.release()
        async with asyncio.timeout(seconds):
            while not self.settled_now():
                await self._departed.wait()

    def _note_departure(self) -> None:
        self._departed.set()
        self._departed = asyncio.Event()


def _without_payload(event: Json) -> Json:
    """Only the app that made a button is told what it carries."""
    if "postback" not in event:
        return event
    return event | {"postback": {k: v for k, v in event["postback"].items() if k != "payload"}}
