"""The file store holds what messages and notes name, and nothing else for long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hub.domain.ids import ChannelId, ContactId, ConversationId, FileId, MessageId, new_id
from hub.domain.models import Comment, Media, Message, now
from hub.domain.ports import Tx
from hub.errors import NotFound
from hub.host import cleaning
from hub.host.cleaning import Cleaner
from hub.host.endings import Endings
from hub.host.host import Host
from hub.store import MongoWorkspace, Store
from hub.store.leases import Leases
from tests.scene import until

A_MOMENT = timedelta(microseconds=1)


async def content() -> AsyncIterator[bytes]:
    yield b"x" * 300_000


async def save(workspace: MongoWorkspace, owner: str) -> FileId:
    """A file, as the hub keeps one of that message."""
    return (await workspace.files.save(owner, "", content(), 1_000_000))[0]


async def is_there(workspace: MongoWorkspace, file: FileId) -> bool:
    try:
        return await workspace.files.size(file) > 0
    except NotFound:
        return False


async def write(workspace: MongoWorkspace, record: Message | Comment, *files: FileId) -> None:
    """The message or note with those files."""
    record.attachments = [Media(kind="image", stored=f) for f in files]

    async def deed(tx: Tx) -> None:
        tx.add(record)

    await workspace.run(deed)


def message() -> Message:
    return Message(
        id=MessageId(new_id()),
        contact=ContactId("c"),
        conversation=ConversationId("v"),
        channel=ChannelId("ch"),
        direction="in",
        state="received",
        at=now(),
    )


def note() -> Comment:
    return Comment(id=MessageId(new_id()), contact=ContactId("c"), conversation=ConversationId("v"), at=now())


@pytest.fixture
def aged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day passes at once."""
    monkeypatch.setattr(cleaning, "AGE", A_MOMENT)


@pytest.mark.usefixtures("aged")
async def test_what_nobody_names_goes(store: Store, workspace: MongoWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of messages and notes stay; one whose record was never written, or names another by now, goes, and so do
    pieces of one that was never whole. However many there are.
    """
    monkeypatch.setattr(cleaning, "TOGETHER", 2)
    said, noted = message(), note()
    kept = [await save(workspace, said.id) for _ in range(3)]
    also = await save(workspace, noted.id)
    lost = [await save(workspace, said.id), await save(workspace, new_id()), await save(workspace, new_id())]
    broken = await save(workspace, said.id)
    await workspace._database["fs.files"].delete_one({"_id": broken})
    await write(workspace, said, *kept)
    await write(workspace, noted, also)
    await Cleaner(store.leases.acquire, 0).clean(workspace)
    assert [await is_there(workspace, f) for f in (*kept, also)] == [True] * 4
    assert [await is_there(workspace, f) for f in lost] == [False] * 3
    assert await workspace._database["fs.chunks"].count_documents({"files_id": broken}) == 0


async def test_what_is_new_stays(store: Store, workspace: MongoWorkspace) -> None:
    """For a day a file may wait for the record that names it, and pieces for the rest of them."""
    young, cut = await save(workspace, new_id()), await save(workspace, new_id())
    await workspace._database["fs.files"].delete_one({"_id": cut})
    await Cleaner(store.leases.acquire, 0).clean(workspace)
    assert await is_there(workspace, young)
    assert await workspace._database["fs.chunks"].count_documents({"files_id": cut}) > 0


@pytest.mark.usefixtures("aged")
async def test_files_are_kept_for_so_many_days(
    store: Store, workspace: MongoWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a limit files are kept for good. With one, older ones go, and their message says so and stays."""
    said = message()
    file = await save(workspace, said.id)
    await write(workspace, said, file)
    await Cleaner(store.leases.acquire, 0).clean(workspace)
    await Cleaner(store.leases.acquire, 30).clean(workspace)
    assert await is_there(workspace, file)
    monkeypatch.setattr(cleaning, "now", lambda: now() + timedelta(days=31))
    await Cleaner(store.leases.acquire, 30).clean(workspace)
    assert not await is_there(workspace, file)
    found = await workspace.get(Message, said.id)
    assert found is not None
    (media,) = found.attachments
    assert isinstance(media, Media)
    assert (media.stored, media.problem) == (None, "no longer kept by the hub, after 30 days")


@pytest.mark.usefixtures("aged")
async def test_a_host_cleans_in_its_slow_sweep(
    store: Store, workspace: MongoWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A running host looks through its workspaces by itself, unless another process does so already."""
    monkeypatch.setattr(cleaning, "FIRST", timedelta(0))
    file = await save(workspace, new_id())
    rival = Leases(store._control, "rival")
    assert await rival.acquire(f"clean:{workspace.id}", 60)
    monkeypatch.setattr(cleaning, "EVERY", timedelta(seconds=1))

    def nothing_to_host(_: object) -> object:
        raise AssertionError("there is nothing to be done")

    endings = Endings(store.directory, nothing_to_host, store.forget)  # type: ignore[arg-type]
    host = Host(store.leases, store.directory, nothing_to_host, polls=False, endings=endings)  # type: ignore[arg-type]
    looked = []

    async def opened(id: str) -> None:
        looked.append(id)
        host.observe(store.workspace(id))

    await host.start(opened)
    try:
        await until(lambda: looked, "the host to look at the workspace")
        assert await is_there(workspace, file)
        await rival.release(f"clean:{workspace.id}")
        await until(lambda: _gone(workspace, file), "the file to go")
    finally:
        await host.stop()


async def _gone(workspace: MongoWorkspace, file: FileId) -> bool:
    return not await is_there(workspace, file)
