"""A reception on the real database, with a clock that a test moves, and mail and greetings that are collected."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime, timedelta

from hub.domain.accounts.models import User
from hub.domain.accounts.reception import Application, Entered, Half, Pending, Policy, Reception
from hub.domain.ids import Identity, UserId
from hub.domain.models import now
from hub.domain.ports import Letter
from hub.errors import DeliveryError, HubError
from hub.store import Store
from hub.store.accounts import MongoUsers
from hub.store.control import MongoDirectory

PASSWORD = "correct horse 7"
HOME, ELSEWHERE = "203.0.113.7", "198.51.100.9"


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Box:
    """Mail that left."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.broken: DeliveryError | None = None

    async def send(self, letter: Letter) -> None:
        if self.broken:
            raise self.broken
        self.letters.append(letter)

    def templates(self, to: str = "") -> list[str]:
        return [letter.template for letter in self.letters if not to or letter.to == to]

    def token(self, template: str, which: int = -1) -> str:
        """What the link in the newest such letter carries."""
        url = [letter.data["url"] for letter in self.letters if letter.template == template][which]
        return url.partition("token=")[2]


class Greetings:
    """Who was greeted in which chat."""

    def __init__(self) -> None:
        self.heard: list[tuple[Identity, str]] = []

    async def signed_in(self, identity: Identity, user: User) -> None:
        self.heard.append((identity, user.name))


class House:
    """A reception with all around it, and the steps that many tests begin with."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.hands = Hands()
        self.users = MongoUsers(store._client, store._control, self.hands)
        self.directory = MongoDirectory(store._control, store._lay_out, store._drop, self.hands)
        self.box = Box()
        self.greetings = Greetings()
        self.reception = self.with_policy(Policy(public_url="https://hub.example.com"))

    def with_policy(self, policy: Policy) -> Reception:
        return Reception(self.users, self.directory, self.store.vault, self.box, self.greetings, self.hands, policy)

    async def apply(self, email: str = "ann@example.com", **fields: str) -> Pending:
        form = {"first_name": "Ann", "last_name": "Lee", "password": PASSWORD, **fields}
        return await self.reception.sign_up(Application(email=email, **form), HOME)

    async def join(self, email: str = "ann@example.com", **fields: str) -> Entered:
        """Somebody who signed up and read the mail."""
        await self.apply(email, **fields)
        entered = await self.reception.verify(self.box.token("verify"), "Firefox", HOME)
        await self.reception.idle()
        return entered

    async def enter(self, email: str = "ann@example.com", password: str = PASSWORD, origin: str = HOME) -> Entered:
        entered = await self.reception.sign_in(email, password, "Firefox", origin)
        assert isinstance(entered, Entered)
        return entered

    async def half(self, origin: str = HOME) -> Half:
        half = await self.reception.sign_in("ann@example.com", PASSWORD, "Firefox", origin)
        assert isinstance(half, Half)
        return half

    async def kinds(self, user: UserId) -> list[str]:
        """The audit events of a user, the oldest first."""
        return [trace.kind for trace in reversed(await self.reception.traces(user))]

    async def agent(self, identity: str, workspace: str = "w1") -> UserId:
        """Somebody who came into a workspace by a chat account alone."""
        record = await self.directory.ensure_user(Identity(identity), "annie", "annie")
        if workspace:
            await self.directory.join(record.id, workspace)
        return UserId(record.id)


async def said(deed: Awaitable[object]) -> tuple[type, str]:
    """What came of it, as the person sees it."""
    try:
        outcome = await deed
    except HubError as error:
        return type(error), error.text
    return type(outcome), ""


async def failed(house: House, times: int, origin: str, email: str = "ann@example.com") -> list[type]:
    """What came of so many wrong passwords, one right after the other."""
    return [(await said(house.reception.sign_in(email, "wrong one", "x", origin)))[0] for _ in range(times)]
