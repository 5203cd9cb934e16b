"""A workspace with some thousands of records, shared by a module's tests."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.domain.models import Tag
from hub.settings import Settings
from hub.store import Store, open_store
from hub.store.embedded import Embedded
from hub.store.workspace import MongoWorkspace
from tests.domain.finding.many import CATALOG, CONTACTS, Watched, contact, conversation, said, write


@pytest.fixture(scope="module")
async def store(mongod: Embedded) -> AsyncIterator[Store]:
    with tempfile.TemporaryDirectory(prefix="hub-finding-") as folder:
        settings = Settings(data_dir=Path(folder), mongo_url=mongod.url, port=0)
        opened = await open_store(settings, prefix="finding_")
        yield opened
        await opened.close()


@pytest.fixture(scope="module")
async def full(store: Store) -> MongoWorkspace:
    """A workspace with thousands of contacts, conversations and messages."""
    entry = await store.directory.create_workspace("", "Full")
    workspace = store.workspace(entry.id)
    await workspace.items(Tag)
    people = [contact(n) for n in range(CONTACTS)]
    talks = [conversation(n, c) for n, c in enumerate(people)]
    old = [conversation(n, c, number=CONTACTS + n + 1, closed=True) for n, c in enumerate(people)]
    words = [said(n, talk) for n, talk in enumerate([*talks, *old])]
    await write(workspace, [*CATALOG, *people, *talks, *old, *words])
    workspace._catalog.forget()
    return workspace


@pytest.fixture
def watched(full: MongoWorkspace) -> Watched:
    return Watched(full)
