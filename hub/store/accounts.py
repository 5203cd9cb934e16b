"""Users, their sessions, attempts and audit events, in the control database. The promises are unique indexes."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, PyMongoError

from hub.domain.accounts.models import Session, Trace, User
from hub.domain.ids import Identity, OrganizationId, UserId, new_id
from hub.domain.models import now
from hub.domain.ports import Clock
from hub.errors import NotFound, Taken, Unavailable
from hub.store import faults
from hub.store.driver import Client, Database, Doc
from hub.store.driver import Session as Dealings
from hub.store.faults import guarded

T = TypeVar("T")
TRIES = 100
"""How often a change is begun anew because another was quicker."""
SEEN_SECONDS = 60
_FIELDS = tuple(field.encode_name for field in msgspec.structs.fields(User) if field.name not in {"id", "version"})
_NOBODY = "There is no such user."
_TAKEN = {
    "email": "That e-mail address belongs to another user already.",
    "subjects": "That account at the provider belongs to another user already.",
    "identities": "That chat account belongs to another user already.",
}


class MongoUsers:
    """A `UserStore` on MongoDB. `clock`: windows and sessions end by it."""

    def __init__(self, client: Client, database: Database, clock: Clock = now) -> None:
        self._client = client
        self._users = database.users
        self._sessions = database.sessions
        self._attempts = database.attempts
        self._traces = database.traces
        self._clock = clock

    # -- users ---------------------------------------------------------------------------------------------------------

    async def add(self, user: User) -> None:
        """Keeps a new user. Raises Taken where the address, a subject or an identity is somebody's."""
        with guarded(), _promised():
            await self._users.insert_one({"_id": user.id, "version": user.version, **_fields(user)})

    async def user(self, id: UserId) -> User | None:
        """The user with that id."""
        return await self._find({"_id": id})

    async def by_email(self, email: str) -> User | None:
        """Whose address it is; in whatever case it is written."""
        return await self._find({"email": email.lower()}) if email else None

    async def by_subject(self, subject: str) -> User | None:
        """For whom a provider vouches so."""
        return await self._find({"subjects": subject})

    async def by_identity(self, identity: Identity) -> User | None:
        """Whose chat account it is."""
        return await self._find({"identities": identity})

    async def change(self, id: UserId, deed: Callable[[User], T]) -> T:
        """Loads, has `deed` change, and keeps if nobody changed it meanwhile; else anew. Raises NotFound, Taken."""
        for _ in range(TRIES):
            user = await self.user(id)
            if user is None:
                raise NotFound(_NOBODY)
            version = user.version
            outcome = deed(user)
            unchanged = {"_id": id, "version": {"$in": [version, None] if version == 0 else [version]}}
            with guarded(), _promised():
                result = await self._users.update_one(unchanged, _update(user, version + 1))
            if result.matched_count:
                return outcome
            await stand_back()
        raise Unavailable

    async def unite(self, keeps: UserId, goes: UserId, deed: Callable[[User, User], bool]) -> User:
        """Changes two users in one transaction; where `deed` says so, the second is forgotten, with its sessions."""
        for _ in range(TRIES):
            try:
                with guarded(), _promised():
                    return await self._united(keeps, goes, deed)
            except Unavailable as error:
                if error.__cause__ is None or not faults.transient(error.__cause__):
                    raise
            await stand_back()
        raise Unavailable

    async def _united(self, keeps: UserId, goes: UserId, deed: Callable[[User, User], bool]) -> User:
        async with self._transaction() as dealings:
            docs = [await self._users.find_one({"_id": id}, session=dealings) for id in (keeps, goes)]
            if docs[0] is None or docs[1] is None:
                raise NotFound(_NOBODY)
            first, second = user_from(docs[0]), user_from(docs[1])
            if deed(first, second):
                await self._users.delete_one({"_id": goes}, session=dealings)
                await self._sessions.delete_many({"user": goes}, session=dealings)
            else:
                await self._users.update_one({"_id": goes}, _update(second, second.version + 1), session=dealings)
            await self._users.update_one({"_id": keeps}, _update(first, first.version + 1), session=dealings)
        return first

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Dealings]:
        async with self._client.session() as dealings:
            await self._client.begin(dealings)
            try:
                yield dealings
            except BaseException:
                await dealings.abort_transaction()
                raise
            await _commit(dealings)

    async def drop(self, id: UserId) -> None:
        """Forgets a user, their sessions too; where there is none, it is done already."""
        with guarded():
            await self._users.delete_one({"_id": id})
            await self._sessions.delete_many({"user": id})

    async def clear(self, unproved: datetime, unconfirmed: datetime) -> tuple[int, int]:
        """Drops who signed up before `unproved`, never proved the address and is known by nothing else, and second
        factors shown before `unconfirmed` and never confirmed; how many of each.
        """
        nothing: Doc = {"$in": [None, [], {}, ""]}
        known_by = ("verified_at", "identities", "subjects", "workspaces", "organizations")
        forgotten = {"email": {"$gt": ""}, "created_at": {"$lt": unproved}, **dict.fromkeys(known_by, nothing)}
        gone = {"$unset": {"draft": ""}, "$inc": {"version": 1}}
        with guarded():
            users = await self._users.delete_many(forgotten)
            keys = await self._users.update_many({"draft.since": {"$lt": unconfirmed}}, gone)
        return users.deleted_count, keys.modified_count

    async def _find(self, where: Mapping[str, object]) -> User | None:
        with guarded():
            doc = await self._users.find_one(where)
        return user_from(doc) if doc else None

    # -- sessions ------------------------------------------------------------------------------------------------------

    async def open(self, session: Session) -> None:
        """Keeps a session until it ends."""
        with guarded():
            await self._sessions.insert_one(_document(session))

    async def session(self, id: str) -> Session | None:
        """The session, unless it has ended; notes that it was seen now, at most once a minute."""
        moment = self._clock()
        with guarded():
            doc = await self._sessions.find_one({"_id": id, "ends_at": {"$gt": moment}})
            if doc and doc["seen_at"] <= moment - timedelta(seconds=SEEN_SECONDS):
                await self._sessions.update_one({"_id": id}, {"$set": {"seen_at": moment}})
        return _session(doc) if doc else None

    async def sessions(self, user: UserId) -> list[Session]:
        """All of theirs, the newest first."""
        with guarded():
            found = self._sessions.find({"user": user, "ends_at": {"$gt": self._clock()}}, sort=[("created_at", -1)])
            docs = await found.to_list(None)
        return [_session(doc) for doc in docs]

    async def end(self, id: str) -> None:
        """Ends a session."""
        with guarded():
            await self._sessions.delete_one({"_id": id})

    async def end_all(self, user: UserId, but: str = "") -> int:
        """Ends all sessions of a user but that one; how many."""
        with guarded():
            result = await self._sessions.delete_many({"user": user, "_id": {"$ne": but}})
        return result.deleted_count

    async def end_vouched(self, organization: OrganizationId) -> int:
        """Ends all sessions for which that organization's provider vouched; how many."""
        if not organization:  # so is it written where nobody's did
            return 0
        with guarded():
            result = await self._sessions.delete_many({"organization": organization})
        return result.deleted_count

    # -- attempts ------------------------------------------------------------------------------------------------------

    async def count(self, key: str, seconds: float) -> int:
        """Counts an attempt; how many there were in the window that the first one opened, this one included."""
        moment = self._clock()
        is_open = {"$gt": ["$until", moment]}
        until = {"$cond": [is_open, "$until", moment + timedelta(seconds=seconds)]}
        update = [{"$set": {"count": {"$cond": [is_open, {"$add": ["$count", 1]}, 1]}, "until": until}}]
        with guarded():
            try:
                doc = await self._counted(key, update)
            except DuplicateKeyError:  # the first two came at the same moment
                doc = await self._counted(key, update)
        return int(doc["count"])

    async def _counted(self, key: str, update: list[Doc]) -> Doc:
        doc: Doc | None = await self._attempts.find_one_and_update(
            {"_id": _hash(key)}, update, upsert=True, return_document=ReturnDocument.AFTER
        )
        return doc or {"count": 1}

    async def attempts(self, key: str) -> int:
        """How many were counted in the window that is open; 0 where none is."""
        doc = await self._window(key)
        return int(doc["count"]) if doc else 0

    async def left(self, key: str) -> float:
        """Seconds until the window that is open closes; 0 where none is."""
        doc = await self._window(key)
        until: datetime = doc["until"] if doc else self._clock()
        return max(0.0, (until - self._clock()).total_seconds())

    async def take_back(self, key: str) -> None:
        """One attempt less in the window that is open: it was a right one."""
        with guarded():
            await self._attempts.update_one({"_id": _hash(key), "count": {"$gt": 0}}, {"$inc": {"count": -1}})

    async def forgive(self, key: str) -> None:
        """Counts anew."""
        with guarded():
            await self._attempts.delete_one({"_id": _hash(key)})

    async def _window(self, key: str) -> Doc | None:
        with guarded():
            doc: Doc | None = await self._attempts.find_one({"_id": _hash(key), "until": {"$gt": self._clock()}})
        return doc

    # -- audit events --------------------------------------------------------------------------------------------------

    async def note(self, trace: Trace) -> None:
        """Keeps an audit event for good."""
        with guarded():
            await self._traces.insert_one({"_id": new_id(), **_builtins(trace)})

    async def traces(self, user: UserId, limit: int = 50) -> list[Trace]:
        """The newest audit events that concern a user, the newest first."""
        with guarded():
            found = self._traces.find({"user": user}, {"_id": 0}, sort=[("at", -1), ("_id", -1)], limit=limit)
            docs = await found.to_list(None)
        return [msgspec.convert(doc, Trace) for doc in docs]


async def _commit(dealings: Dealings) -> None:
    """An answer that was lost is asked for again: the server knows whether it had committed."""
    for _ in range(2):
        try:
            await dealings.commit_transaction()
        except PyMongoError as error:
            if not faults.unknown(error):
                raise
        else:
            return
    await dealings.commit_transaction()


async def stand_back() -> None:
    """Waits a moment before a change is begun anew."""
    await asyncio.sleep(random.uniform(0.001, 0.01))  # noqa: S311 - spreads rivals, hides nothing


@contextmanager
def _promised() -> Iterator[None]:
    """Inside, a promise that stands against a write is told as what is taken."""
    try:
        yield
    except DuplicateKeyError as error:
        found = (error.details or {}).get("keyPattern", {})
        raise Taken(next((text for field, text in _TAKEN.items() if field in found), "")) from error


def _builtins(record: msgspec.Struct) -> Doc:
    doc: Doc = msgspec.to_builtins(record, builtin_types=(datetime,))
    return doc


def _document(session: Session) -> Doc:
    doc = _builtins(session)
    doc["_id"] = doc.pop("id")
    return doc


def _session(doc: Mapping[str, Any]) -> Session:
    return msgspec.convert({**doc, "id": doc["_id"]}, Session)


def _fields(user: User) -> Doc:
    """What is empty is left out: the unique indexes would count two users without an address as the same."""
    doc = _builtins(user)
    return {field: doc[field] for field in _FIELDS if doc.get(field)}


def user_from(doc: Mapping[str, Any]) -> User:
    """The user that a document keeps."""
    return msgspec.convert({**doc, "id": doc["_id"]}, User)


def _update(user: User, version: int) -> Doc:
    """Fields that a newer hub wrote are left alone."""
    kept = _fields(user)
    gone = {field: "" for field in _FIELDS if field not in kept}
    return {"$set": {**kept, "version": version}, **({"$unset": gone} if gone else {})}


def _hash(key: str) -> str:
    """Keys hold what people typed: of any length, and nothing that need be readable."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
