"""What a workspace keeps, and the only way to change it.

Each interface says when it is called and what must not be done there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Literal, Protocol, TypeVar

import msgspec

from hub.domain.ids import FileId
from hub.domain.models import Record

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class Want(msgspec.Struct, frozen=True):
    """Records a deed will look up by a unique field (`id` too), and what follows from each one found.

    `new`: the deed adds a record with just these values where it finds none, and hardly ever finds one; so they may be
    taken for missing at first, and are looked for once the database has said that one was there.
    """

    kind: type[Record]
    field: str
    values: tuple[str, ...]
    then: Callable[[Record], Iterable[Want]] | None = None
    new: bool = False


EITHER = "either"
"""In `Query.where`, instead of a field: one at least of these further conditions is met."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Which records: `where` compares fields for equality, or with a Cond; `order` is a field, `-field` descending."""

    where: Mapping[str, object]
    order: str = ""
    limit: int = 0
    skip: int = 0


class Cond(msgspec.Struct, frozen=True):
    """A comparison other than equality. Of fields that are lists: `all` of the values are in it; one that is `within`
    two values, the second not included. `between` two values, neither of them included.
    """

    op: Literal["in", "gt", "gte", "lt", "lte", "ne", "prefix", "all", "within", "between"]
    value: object


class Reads(Protocol):
    """What can be read of a workspace; each method reads what is committed (in a deed: and what it changed so far,
    by `find` and `get`; `query` and `count` see the database only).
    """

    async def get(self, kind: type[R], id: str) -> R | None:
        """The record with that id."""

    async def find(self, kind: type[R], field: str, value: str) -> R | None:
        """The record with that value in a unique field (a list's element counts)."""

    async def query(self, kind: type[R], query: Query) -> list[R]:
        """The records that match."""

    async def count(self, kind: type[R], where: Mapping[str, object], limit: int = 0) -> int:
        """How many match; at most `limit` are counted where it is given."""

    async def items(self, kind: type[R]) -> list[R]:
        """All the catalog's items of a kind, from a snapshot at most a second old: for looking, not for changing."""


class Tx(Reads, Protocol):
    """A unit of work. Records it gave are changed by assigning to them; what changed is written when the deed ends.

    Inside a deed: nothing but this, for the database may run the deed twice.
    """

    def add(self, record: Record) -> None:
        """A new record."""

    def added(self, kind: type[R]) -> list[R]:
        """The records of a kind that this deed has added so far, in order."""

    def delete(self, record: Record) -> None:
        """Takes a record out."""

    async def increment(self, counter: str) -> int:
        """The next number of a counter; taken outside the transaction, so that gaps may occur."""


Deed = Callable[[Tx], Awaitable[T]]


class Files(Protocol):
    """A workspace's file store."""

    async def save(self, name: str, mime: str, chunks: AsyncIterator[bytes], limit: int) -> tuple[FileId, int]:
        """Keeps a stream; gives its id and size in bytes. Raises TooLarge past `limit`, keeping nothing.

        `name`: the id of the record that will name the file. One that no record names is swept away after a day.
        """

    def open(self, file: FileId) -> AsyncIterator[bytes]:
        """The file in chunks. Raises NotFound."""

    async def size(self, file: FileId) -> int:
        """Bytes. Raises NotFound."""

    async def drop(self, file: FileId) -> None:
        """Forgets a file, and whatever is left of a broken one; one that is gone already counts as done."""

    async def saved(self, after: FileId, before: FileId, limit: int) -> list[tuple[FileId, str]]:
        """Files between two ids, oldest first, each with its name. Ids are made by time."""

    async def scraps(self, after: FileId, before: FileId) -> list[FileId]:
        """What is left of files between two ids that were never whole, or are not any more."""


class Workspace(Reads, Protocol):
    """One workspace's database. Bound once: no method below it takes a workspace id."""

    id: str

    async def run(self, deed: Deed[T], wants: Sequence[Want] = ()) -> T:
        """The only way to write: runs the deed in one transaction, joined with others that wait; gives its value.

        `wants` is loaded in bulk beforehand. Raises what the deed raises (then nothing of it is written), and
        Unavailable where the database cannot be reached (then nothing is certain to be written).
        """

    async def about(self, kind: type[Record]) -> int:
        """About how many records there are of that kind and of those that are kept with it (notes with messages):
        what the database knows without counting, at once however many there are.
        """

    @property
    def files(self) -> Files:
        """Its file store."""
