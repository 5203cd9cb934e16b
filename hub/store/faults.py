"""What the database's errors mean to the hub, said in one place: nothing above the store sees one of PyMongo's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bson.errors import BSONError
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from hub.errors import HubError, Misconfigured, Unavailable, Unstorable

_DUPLICATE = 11000
_AWAY = frozenset({
    6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,  # shutting down, stepping down, unreachable
    43, 237, 11601,  # interrupted
    50, 64, 112, 133, 134, 202, 246, 251, 317, 358, 20,  # timed out, conflicted for long, no snapshot to read from
})  # fmt: skip
_NO_ENTRY = frozenset({13, 18, 8000})
_NO_ROOM = frozenset({14031, 12501})
TRANSIENT = "TransientTransactionError"
UNKNOWN = "UnknownTransactionCommitResult"


def duplicate(error: BaseException) -> bool:
    """Whether a promise (a unique index) stood against the write."""
    return _DUPLICATE in _codes(error)


def transient(error: BaseException) -> bool:
    """Whether the same transaction, started afresh, may well succeed."""
    return isinstance(error, PyMongoError) and error.has_error_label(TRANSIENT)


def conflict(error: BaseException) -> bool:
    """Whether it is transient and the server itself said so: another stood in the way, or it was too much at once."""
    return isinstance(error, OperationFailure) and transient(error)


def unknown(error: BaseException) -> bool:
    """Whether a commit was sent and its answer lost: the commit must be repeated, not the transaction."""
    return isinstance(error, PyMongoError) and error.has_error_label(UNKNOWN)


def translated(error: Exception) -> HubError:
    """The hub's own error for one of the database's; what is wrong with the data itself becomes Unstorable."""
    if isinstance(error, HubError):
        return error
    codes = _codes(error)
    if codes & _NO_ENTRY:
        return Misconfigured("The database refuses the user or password in HUB_MONGO_URL.")
    if codes & _NO_ROOM:
        return Unavailable("The database has no room left on its disk.")
    if isinstance(error, ConnectionFailure | ExecutionTimeout | InvalidOperation) or codes & _AWAY:
        return Unavailable()
    if transient(error) or unknown(error) or isinstance(error, WriteConcernError):
        return Unavailable()
    return Unstorable(f"It cannot be kept as it is ({_reason(error)}).")


@contextmanager
def guarded() -> Iterator[None]:
    """Inside, the database's errors become the hub's."""
    try:
        yield
    except (PyMongoError, BSONError) as error:
        raise translated(error) from error


def _codes(error: BaseException) -> set[int]:
    if isinstance(error, BulkWriteError):
        return {int(found.get("code", 0)) for found in error.details.get("writeErrors", ())}
    return {error.code} if isinstance(error, OperationFailure) and error.code is not None else set()


def _reason(error: Exception) -> str:
    """Why, without the data: a server's text may quote it."""
    if duplicate(error):
        return "something the same is kept already"
    codes = ", ".join(str(code) for code in sorted(_codes(error)))
    return f"{type(error).__name__} {codes}".strip()
