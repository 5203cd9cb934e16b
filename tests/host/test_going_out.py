"""What one message of an agent's becomes on the contact's phone, whatever it is made of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hub.domain import desks, unsending
from hub.domain.conversations import Act
from hub.domain.ids import ChannelId, ContactId, ConversationId, FileId, MessageId, UserId
from hub.domain.models import (
    Attachment,
    ChannelItem,
    Contact,
    Conversation,
    Link,
    Media,
    Member,
    Message,
    Reach,
    now,
    reach_key,
)
from hub.domain.ports import Query, Tx
from hub.domain.text import Text
from hub.domain.work import Send, SendEdit, Work, contact_lane
from hub.host.channels import Switchboard
from hub.host.delivery import Surroundings
from hub.host.hosted import Hosted
from hub.host.pacer import Pacer
from hub.store import MongoWorkspace, Store
from tests.adapters.telegram_wire import TelegramWire, telegram_wire
from tests.scene import until

CHANNEL, CONTACT = ChannelId("ch1"), ContactId("c1")
LANE = contact_lane(CONTACT, CHANNEL)


class Desk:
    """An agent who writes to one contact on a real channel; what they write leaves at once."""

    def __init__(self, workspace: MongoWorkspace, wire: TelegramWire, hosted: Hosted) -> None:
        self.workspace = workspace
        self.wire = wire
        self.hosted = hosted
        self.ada = Member(id=UserId("ada"), role="agent", name="Ada")

    async def meet(self, store: Store) -> None:
        """Makes the channel, the contact and their conversation."""
        token = store.vault.seal(self.wire.secret)
        channel = ChannelItem(id=CHANNEL, network="telegram", name="@shop", account="1", secret=token)
        channel.hook_secret = store.vault.seal("hook")
        reach = Reach(channel=CHANNEL, address=self.wire.address)
        contact = Contact(id=CONTACT, keys=[reach_key(CHANNEL, reach.address)], reaches=[reach], first_name="Ann")
        talk = Conversation(
            id=ConversationId("v1"),
            number=1,
            contact=CONTACT,
            live=CONTACT,
            state="open",
            channel=CHANNEL,
            opened_at=now(),
        )

        async def deed(tx: Tx) -> None:
            for record in (channel, contact, talk, self.ada):
                tx.add(record)

        await self.workspace.run(deed)
        await store.directory.claim_route("channel", "telegram:1", self.workspace.id, CHANNEL)

    async def keep(self, name: str) -> FileId:
        """A file in the file store."""

        async def content() -> AsyncIterator[bytes]:
            yield name.encode()

        return (await self.workspace.files.save(name, "", content(), 1000))[0]

    async def write(self, text: str, *attachments: Attachment) -> Message:
        """The agent answers; gives the message, once nothing is to be done any more."""
        message = Message(
            id=MessageId("m1"),
            contact=CONTACT,
            conversation=ConversationId("v1"),
            channel=CHANNEL,
            direction="out",
            state="queued",
            at=now(),
            text=Text(text),
            attachments=list(attachments),
        )

        async def deed(tx: Tx) -> None:
            tx.add(message)
            desks.enqueue(tx, LANE, Send(message=message.id))

        await self.workspace.run(deed)
        return await self.settled()

    async def rewrite(self, text: str) -> Message:
        """The agent's message says something else now."""

        async def deed(tx: Tx) -> None:
            message = await tx.get(Message, "m1")
            assert message is not None
            message.text = Text(text)
            desks.enqueue(tx, LANE, SendEdit(message=message.id))

        await self.workspace.run(deed)
        return await self.settled()

    async def unsend(self) -> str:
        """The agent takes it back."""

        async def deed(tx: Tx) -> str:
            message = await tx.get(Message, "m1")
            assert message is not None
            return await unsending.unsend(tx, Act(member=self.ada, at=now()), message, can_unsend=True)

        said = await self.workspace.run(deed)
        # What was to wait for long, and was called back, is not waited for.
        await self.hosted.channels_changed()
        await self.settled()
        return said

    async def settled(self) -> Message:
        """The message, once the lane is empty."""

        async def empty() -> bool:
            return not await self.workspace.query(Work, Query(where={"lane": LANE}))

        await until(empty, "the lane to be empty")
        message = await self.workspace.get(Message, "m1")
        assert message is not None
        return message


@pytest.fixture
async def desk(store: Store, workspace: MongoWorkspace) -> AsyncIterator[Desk]:
    """An agent, a contact, and the host's real lanes between them."""
    wire = await telegram_wire()

    async def opened(id: str) -> MongoWorkspace:
        del id
        return workspace

    async def never(*given: object) -> None:
        raise AssertionError(given)

    switchboard = Switchboard(store.directory, opened, store.vault, {"telegram": wire.connector})
    hosted = Hosted(
        Surroundings(workspace, switchboard, [], Pacer(), never, never),  # type: ignore[arg-type]
        polls=False,
    )
    made = Desk(workspace, wire, hosted)
    await made.meet(store)
    stop = workspace.on_commit(hosted.put)
    await hosted.start()
    yield made
    stop()
    await hosted.close()
    await switchboard.close()
    await wire.close()


async def test_words_of_several_files_are_said_once(desk: Desk) -> None:
    """A message of several files says its words under the first, once; they are changed there, and nothing else is."""
    files = [Media(kind="image", name=f"{n}.jpg", stored=await desk.keep(f"f{n}"), size=2) for n in range(3)]
    sent = await desk.write("see these", *files)
    assert desk.wire.seen() == ["see these", "photo", "photo"]
    changed = await desk.rewrite("look here")
    assert desk.wire.seen() == ["look here", "photo", "photo"]
    assert changed.externals == sent.externals
    await desk.unsend()
    assert desk.wire.seen() == []


async def test_long_words_of_several_files_are_changed(desk: Desk) -> None:
    """Words that stand after several files are changed there, also where they become more or fewer messages."""
    files = [Media(kind="image", name=f"{n}.jpg", stored=await desk.keep(f"f{n}"), size=2) for n in range(2)]
    await desk.write("old " * 500, *files)
    grown = await desk.rewrite("new " * 1500)
    assert [w.split()[0] for w in desk.wire.seen()] == ["photo", "photo", "new", "new"]
    assert len(grown.externals) == 4
    shrunk = await desk.rewrite("short")
    assert desk.wire.seen() == ["photo", "photo", "short"]
    assert shrunk.externals == grown.externals[:3]


async def test_what_follows_the_words_stays(desk: Desk) -> None:
    """A link after the words is no part of them: it stays where it is, through longer words and shorter ones."""
    await desk.write("words", Link(url="https://example.org/1", title="See"))
    grown = await desk.rewrite("long " * 1000)
    assert [w.split()[0] for w in desk.wire.seen()] == ["long", "See", "long"]
    shrunk = await desk.rewrite("short")
    assert desk.wire.seen() == ["short", "See\nhttps://example.org/1"]
    assert set(shrunk.externals) < set(grown.externals)


async def test_sent_again_after_a_part_arrived(desk: Desk) -> None:
    """What is called back while it waits to go again leaves nothing on the phone of what arrived before."""
    desk.wire.net.fail(method="sendMessage", code=400)
    media = Media(kind="image", name="a.jpg", stored=await desk.keep("a"), size=1)
    message = await desk.write("long " * 400, media)
    assert (message.state, desk.wire.seen()) == ("uncertain", ["photo"])

    async def again(tx: Tx) -> None:
        found = await tx.get(Message, message.id)
        assert found is not None
        found.state = "queued"
        desks.enqueue(tx, LANE, Send(message=message.id)).due = now() + timedelta(seconds=60)

    await desk.workspace.run(again)
    assert "what arrived of it before" in await desk.unsend()
    assert (await desk.settled()).state == "unsent"
    assert desk.wire.seen() == []
