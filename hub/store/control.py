"""The control database: who is who, what is where. Its promises are unique indexes."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError, OperationFailure

from hub.domain.accounts.models import OrganizationRole
from hub.domain.ids import Identity, new_id
from hub.domain.models import now
from hub.domain.ports import Clock, GoneWorkspace, TokenPurpose, UserRecord, WorkspaceEntry
from hub.errors import NotFound, Refused
from hub.store.driver import Collection, Database, Doc
from hub.store.faults import guarded
from hub.store.layout import FILLED, VERSION

RouteKind = Literal["channel", "desk"]
ROUTE_SECONDS = 1.0
"""How long a channel's workspace is remembered: every webhook call asks."""
INDEXES: Mapping[str, tuple[IndexModel, ...]] = {
    "organizations": (),
    "users": (
        IndexModel([("identities", ASCENDING)], unique=True, partialFilterExpression={"identities": {"$exists": True}}),
        IndexModel([("email", ASCENDING)], unique=True, partialFilterExpression={"email": {"$exists": True}}),
        IndexModel([("subjects", ASCENDING)], unique=True, partialFilterExpression={"subjects": {"$exists": True}}),
    ),
    "sessions": (IndexModel([("user", ASCENDING)]), IndexModel([("ends_at", ASCENDING)], expireAfterSeconds=0)),
    "attempts": (IndexModel([("until", ASCENDING)], expireAfterSeconds=0),),
    "traces": (IndexModel([("user", ASCENDING), ("at", ASCENDING)]),),
    "tokens": (IndexModel([("expires", ASCENDING)], expireAfterSeconds=0),),
    "workspaces": (
        IndexModel([("organization", ASCENDING)]),
        IndexModel([("wake_at", ASCENDING)], partialFilterExpression={"wake_at": {"$exists": True}}),
        IndexModel([("ends_at", ASCENDING)], partialFilterExpression={"ends_at": {"$exists": True}}),
    ),
    "routes": (IndexModel([("target", ASCENDING)]),),
    "leases": (),
    "installations": (),
}
_LIVES: Doc = {"gone_at": None}
"""Of a workspace's entry: it was not closed for good."""
_EXISTS = 48
"""The server's code for a collection that somebody else has made meanwhile."""
_NEWER: Doc = {"version": {"$add": [{"$ifNull": ["$version", 0]}, 1]}}
_TAKEN: Mapping[RouteKind, str] = {
    "channel": "This account is connected to another workspace; disconnect it there first.",
    "desk": "This chat is the desk of another workspace; give that one another desk first.",
}


async def lay_out(database: Database, indexes: Mapping[str, tuple[IndexModel, ...]]) -> None:
    """Creates the collections and indexes that are missing; harmless when repeated."""
    there = set(await database.list_collection_names())
    made = [
        database[name].create_indexes(list(wanted)) if wanted else _create(database, name)
        for name, wanted in indexes.items()
        if wanted or name not in there
    ]
    # All are waited for, also where one fails: whoever repeats this must not meet what is still under way.
    for outcome in await asyncio.gather(*made, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _create(database: Database, name: str) -> None:
    try:
        await database.create_collection(name, check_exists=False)
    except OperationFailure as error:
        if error.code != _EXISTS:
            raise


class MongoDirectory:
    """A `Directory` on MongoDB."""

    def __init__(
        self,
        database: Database,
        lay_out_workspace: Callable[[str], Awaitable[None]],
        drop_workspace: Callable[[str], Awaitable[None]],
        clock: Clock = now,
    ) -> None:
        """`lay_out_workspace` makes (or brings up to date) the database of the workspace with that id; `drop_workspace`
        deletes it; `clock`: tokens expire by it.
        """
        self._database = database
        self._clock = clock
        self._lay_out = lay_out_workspace
        self._drop = drop_workspace
        self._channels: dict[str, tuple[float, str]] = {}

    # -- workspaces ----------------------------------------------------------------------------------------------------

    async def create_workspace(self, organization: str, name: str, id: str = "") -> WorkspaceEntry:
        """A new workspace with its database; listed when all of it is there. The same `id` again gives the same one."""
        with guarded():
            doc = await self._database.workspaces.find_one({"_id": id}) if id else None
        if doc is not None and doc.get("gone_at"):
            raise Refused("That workspace was deleted.")
        if doc is not None:
            return _entry(doc)
        id = id or new_id()
        entry = WorkspaceEntry(id=id, organization=organization or id, name=name)
        doc = {"organization": entry.organization, "name": name, "cluster": "", "layout": VERSION, "filled": FILLED}
        with guarded():
            await self._lay_out(entry.id)
            if not organization:
                known = {"name": name, "created_at": self._clock()}
                await self._ensure(self._database.organizations, entry.organization, known)
            await self._ensure(self._database.workspaces, entry.id, doc)
        return entry

    async def _ensure(self, collection: Collection, id: str, doc: Doc) -> None:
        await collection.update_one({"_id": id}, {"$setOnInsert": doc}, upsert=True)

    async def workspace(self, id: str) -> WorkspaceEntry | None:
        """The entry with that id; None too where it is gone."""
        with guarded():
            doc = await self._database.workspaces.find_one({"_id": id, **_LIVES})
        return _entry(doc) if doc else None

    async def workspaces(self) -> list[WorkspaceEntry]:
        """All of them, in the order of their making."""
        with guarded():
            docs = await self._database.workspaces.find(_LIVES, sort=[("_id", 1)]).to_list(None)
        return [_entry(doc) for doc in docs]

    async def workspaces_of(self, organization: str) -> list[WorkspaceEntry]:
        """All of an organization's, in the order of their making."""
        with guarded():
            found = self._database.workspaces.find({"organization": organization, **_LIVES}, sort=[("_id", 1)])
            docs = await found.to_list(None)
        return [_entry(doc) for doc in docs]

    async def end_workspace(self, id: str, at: datetime | None) -> None:
        """Notes when it is to be deleted for good; None: it stays. Raises NotFound."""
        update = {"$set": {"ends_at": at}} if at else {"$unset": {"ends_at": ""}}
        with guarded():
            result = await self._database.workspaces.update_one({"_id": id, **_LIVES}, update)
        if not result.matched_count:
            raise NotFound("There is no such workspace.")

    async def ending(self, by: datetime) -> list[WorkspaceEntry]:
        """Those that end by then and are still there."""
        with guarded():
            docs = await self._database.workspaces.find({"ends_at": {"$lte": by}, **_LIVES}).to_list(None)
        return [_entry(doc) for doc in docs]

    async def close_workspace(self, id: str, by: datetime) -> bool:
        """It is there for nobody any more, unless it was kept meanwhile (False); its database stays for the moment."""
        gone = {"$set": {"gone_at": by}, "$unset": {"wake_at": ""}}
        with guarded():
            await self._database.workspaces.update_one({"_id": id, "ends_at": {"$lte": by}, **_LIVES}, gone)
            closed = await self._database.workspaces.find_one({"_id": id, "gone_at": {"$exists": True}}, {"_id": 1})
        if closed is not None:
            await self._part(id)
        return closed is not None

    async def gone(self) -> list[GoneWorkspace]:
        """Those that are closed; a while after they are dropped they are listed no more."""
        with guarded():
            docs = await self._database.workspaces.find({"gone_at": {"$exists": True}}).to_list(None)
        return [GoneWorkspace(id=d["_id"], since=d["gone_at"], dropped=d.get("dropped", False)) for d in docs]

    async def drop_workspace(self, id: str, *, forget: bool = True) -> None:
        """Deletes it for good. Its entry goes last, so that what was broken off is found and done again; unless it is
        to be forgotten only later, so that all processes hear of it.
        """
        await self._part(id)
        with guarded():
            await self._drop(id)
            if forget:
                await self._database.leases.delete_many({"_id": {"$in": [f"host:{id}", f"clean:{id}"]}})
                await self._database.workspaces.delete_one({"_id": id})
            else:
                await self._database.workspaces.update_one({"_id": id}, {"$set": {"dropped": True}})

    async def _part(self, id: str) -> None:
        """Nothing leads to it, and nobody is in it."""
        with guarded():
            await self._database.routes.delete_many({"workspace": id})
            self._channels.clear()
            users = await self._database.users.find({"workspaces": id}, {"_id": 1}).to_list(None)
        for user in users:
            await self.leave(user["_id"], id)

    async def rename_workspace(self, id: str, name: str) -> None:
        """Gives it another name. Raises NotFound."""
        with guarded():
            result = await self._database.workspaces.update_one({"_id": id, **_LIVES}, {"$set": {"name": name}})
        if not result.matched_count:
            raise NotFound("There is no such workspace.")

    async def make_ready(self, id: str) -> None:
        """Brings a workspace's indexes up to date before its first use. Raises NotFound."""
        with guarded():
            doc = await self._database.workspaces.find_one({"_id": id, **_LIVES}, {"layout": 1})
            if doc is None:
                raise NotFound("There is no such workspace.")
            if doc.get("layout", 0) < VERSION:
                await self._lay_out(id)
                await self._database.workspaces.update_one({"_id": id}, {"$set": {"layout": VERSION}})

    # -- users ---------------------------------------------------------------------------------------------------------

    async def user_by_identity(self, identity: Identity) -> UserRecord | None:
        """Whose chat account this is."""
        with guarded():
            doc = await self._database.users.find_one({"identities": identity})
        return _user(doc) if doc else None

    async def user(self, id: str) -> UserRecord | None:
        """The user with that id."""
        with guarded():
            doc = await self._database.users.find_one({"_id": id})
        return _user(doc) if doc else None

    async def ensure_user(self, identity: Identity, name: str, username: str) -> UserRecord:
        """Whose chat account this is; a new user where it is nobody's yet. Keeps the username fresh, and the name of
        who has told none: by signing up, or afterwards.
        """
        fresh = {"name": name, "username": username}
        with guarded():
            doc = await self._refresh(identity, fresh)
            if doc is None:
                try:
                    doc = {"_id": new_id(), "identities": [identity], "workspaces": [], "created_at": self._clock()}
                    doc |= fresh
                    await self._database.users.insert_one(doc)
                except DuplicateKeyError:  # made a moment ago by somebody else
                    doc = await self._refresh(identity, fresh)
        if doc is None:
            raise NotFound("There is no such user any more.")
        return _user(doc)

    async def join(self, user: str, workspace: str, role: OrganizationRole = "member") -> None:
        """Notes that the user is in the workspace, and makes it the one in use. Raises NotFound."""
        entry = await self.workspace(workspace)
        organization = f"organizations.{entry.organization if entry else workspace}"
        joined = {
            "workspaces": {"$concatArrays": [[workspace], _without(workspace)]},
            organization: {"$ifNull": [f"${organization}", role]},
            **_NEWER,
        }
        update = [{"$set": joined}]
        with guarded():
            result = await self._database.users.update_one({"_id": user}, update)
        if not result.matched_count:
            raise NotFound("There is no such user.")

    async def use(self, user: str, workspace: str) -> None:
        """Makes a workspace of the user's the one in use. Raises NotFound where they are not in it."""
        first = [{"$set": {"workspaces": {"$concatArrays": [[workspace], _without(workspace)]}, **_NEWER}}]
        with guarded():
            result = await self._database.users.update_one({"_id": user, "workspaces": workspace}, first)
        if not result.matched_count:
            raise NotFound("You are not in that workspace any more.")

    async def leave(self, user: str, workspace: str) -> None:
        """Notes that the user is in the workspace no more; in its organization neither, where that was the last one of
        it and they are a plain member there.
        """
        with guarded():
            doc = await self._database.workspaces.find_one({"_id": workspace}, {"organization": 1})
        organization = doc["organization"] if doc else workspace
        kin = [each.id for each in await self.workspaces_of(organization)]
        left = [{"$set": {"workspaces": _without(workspace), **_NEWER}}]
        parted = {f"organizations.{organization}": "member", "workspaces": {"$nin": kin}}
        with guarded():
            await self._database.users.update_one({"_id": user, "workspaces": workspace}, left)
            await self._database.users.update_one(
                {"_id": user, **parted}, {"$unset": {f"organizations.{organization}": ""}, "$inc": {"version": 1}}
            )

    async def _refresh(self, identity: Identity, fresh: Doc) -> Doc | None:
        """The version stays: whoever changes the user meanwhile need not begin anew for a name."""
        named = {"$or": [{"$gt": ["$email", None]}, {"$gt": ["$first_name", ""]}]}
        literal = {field: {"$literal": text} for field, text in fresh.items()}
        update = [{"$set": {**literal, "name": {"$cond": [named, "$name", literal["name"]]}}}]
        doc: Doc | None = await self._database.users.find_one_and_update(
            {"identities": identity}, update, return_document=ReturnDocument.AFTER
        )
        return doc

    # -- one-time tokens -----------------------------------------------------------------------------------------------

    async def issue_token(self, purpose: TokenPurpose, data: Mapping[str, str], seconds: float) -> str:
        """A one-time token; kept as a hash only."""
        token = secrets.token_urlsafe(24)
        expires = self._clock() + timedelta(seconds=seconds)
        with guarded():
            await self._database.tokens.insert_one(
                {"_id": _hash(token), "purpose": purpose, "data": dict(data), "expires": expires}
            )
        return token

    async def use_token(self, purpose: TokenPurpose, token: str, by: str = "") -> dict[str, str] | None:
        """What the token stands for, used up by this, or with `by` held for that one until it is spent; None: not good.

        `once`, in what a held one stands for, is an id that is the same each time.
        """
        fresh = {"$gt": self._clock()}
        wanted = {"_id": _hash(token), "purpose": purpose, "expires": fresh, "by": {"$in": [None, by]}}
        hold = [{"$set": {"by": by, "data": {"$mergeObjects": [{"once": new_id()}, "$data"]}}}]
        with guarded():
            if by:
                after = ReturnDocument.AFTER
                doc = await self._database.tokens.find_one_and_update(wanted, hold, return_document=after)
            else:
                doc = await self._database.tokens.find_one_and_delete(wanted)
        return dict(doc["data"]) if doc else None

    async def see_token(self, purpose: TokenPurpose, token: str) -> dict[str, str] | None:
        """What the token stands for, looked at alone; None: not good, or held for somebody already."""
        wanted = {"_id": _hash(token), "purpose": purpose, "expires": {"$gt": self._clock()}, "by": None}
        with guarded():
            doc = await self._database.tokens.find_one(wanted)
        return dict(doc["data"]) if doc else None

    async def spend_token(self, purpose: TokenPurpose, token: str) -> None:
        """What the token was for is done: it is used up."""
        with guarded():
            await self._database.tokens.delete_one({"_id": _hash(token), "purpose": purpose})

    # -- routes --------------------------------------------------------------------------------------------------------

    async def claim_route(self, kind: RouteKind, account: str, workspace: str, target: str) -> None:
        """One network account or desk chat serves one workspace. Raises Refused where another has it."""
        key = {"_id": _route(kind, account), "workspace": workspace}
        made = {"$set": {"target": target}, "$setOnInsert": {"kind": kind, "account": account}}
        with guarded():
            try:
                await self._database.routes.update_one(key, made, upsert=True)
            except DuplicateKeyError as error:
                raise Refused(_TAKEN[kind]) from error
        self._channels.clear()

    async def release_route(self, kind: RouteKind, account: str, workspace: str) -> None:
        """Lets go of it; one that another workspace has stays."""
        with guarded():
            await self._database.routes.delete_one({"_id": _route(kind, account), "workspace": workspace})
        self._channels.clear()

    async def route(self, kind: RouteKind, account: str) -> tuple[str, str] | None:
        """The workspace and its target (a channel's or a desk's id)."""
        with guarded():
            doc = await self._database.routes.find_one({"_id": _route(kind, account)})
        return (doc["workspace"], doc["target"]) if doc else None

    async def channel_workspace(self, channel: str) -> str | None:
        """Which workspace a channel id belongs to; remembered for a second."""
        until, workspace = self._channels.get(channel, (0.0, ""))
        if until > time.monotonic():
            return workspace
        with guarded():
            doc = await self._database.routes.find_one({"target": channel, "kind": "channel"})
        if doc is None:
            self._channels.pop(channel, None)
            return None
        self._channels[channel] = (time.monotonic() + ROUTE_SECONDS, doc["workspace"])
        return str(doc["workspace"])


def _without(workspace: str) -> Doc:
    """The user's workspaces but that one."""
    return {"$filter": {"input": {"$ifNull": ["$workspaces", []]}, "cond": {"$ne": ["$$this", workspace]}}}


def _entry(doc: Mapping[str, Any]) -> WorkspaceEntry:
    return WorkspaceEntry(id=doc["_id"], organization=doc["organization"], name=doc["name"], ends_at=doc.get("ends_at"))


def _user(doc: Mapping[str, Any]) -> UserRecord:
    return UserRecord(
        id=doc["_id"],
        name=doc.get("name", ""),
        username=doc.get("username", ""),
        identities=list(doc.get("identities", ())),
        workspaces=list(doc.get("workspaces", ())),
    )


def _hash(token: str) -> str:
    """Tokens are long and random, so that a plain hash of one cannot be turned back."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _route(kind: RouteKind, account: str) -> str:
    return f"{kind}|{account}"
