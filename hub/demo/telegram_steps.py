"""What people do on Telegram, and what must then be seen there: on a contact's phone, or at the agents' desk."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.demo.stage import NotSo, Stage
from hub.demo.steps import heard_exactly, until_so
from hub.demo.transcript import Transcript
from hub.sandbox.page.shapes import message as as_shown
from hub.sandbox.page.shapes import seen_in
from hub.sandbox.telegram import Chat, Topic, User
from hub.sandbox.telegram.accounts import Json, Stored

PHONE, GENERAL, PRIVATE = "phone", "General", "private"
"""Where: a contact's chat with the shop, the desk's home, an agent's chat with the hub; else a contact's topic."""


# -- where things are -----------------------------------------------------------------------------------------


def topic_of(stage: Stage, name: str) -> Topic | None:
    """The topic of a contact."""
    return next((t for t in stage.world.topics(stage.scene.group) if name in t.name), None)


def chat_of(stage: Stage, who: User, where: str) -> Chat:
    """The chat in which somebody sees that place."""
    bots = {PHONE: stage.scene.shop_bot, PRIVATE: stage.scene.admin_bot}
    return stage.world.private_chat(who, bots[where]) if where in bots else stage.scene.group


def thread_of(stage: Stage, where: str) -> int | None:
    """The topic to write into; None for a place that has none. Raises NotSo where it is missing."""
    if where in (PHONE, PRIVATE, GENERAL):
        return None
    topic = topic_of(stage, where)
    if topic is None:
        raise NotSo(f"{where} has no topic in the group.")
    return topic.id


def seen(stage: Stage, who: User, where: str) -> list[Json]:
    """What somebody sees in a place, oldest first; in a group also what is for their eyes alone."""
    chat = chat_of(stage, who, where)
    if where in (PHONE, PRIVATE):
        found: list[Stored] = list(chat.messages.values())
    elif where != GENERAL and topic_of(stage, where) is None:
        return []
    else:
        found = seen_in(stage.scene, who, thread_of(stage, where))
    return [as_shown(stage.scene, stored, who) for stored in found]


def words(message: Json) -> str:
    """All that a message says, its buttons too."""
    labels = [button["text"] for row in message.get("buttons", []) for button in row]
    return "\n".join([str(message.get("text", "")), str(message.get("what", "")), *labels])


def latest(stage: Stage, who: User, where: str, pieces: tuple[str, ...]) -> Json | None:
    """The newest message there that says all the pieces."""
    found = [m for m in seen(stage, who, where) if all(p in words(m) for p in pieces)]
    return found[-1] if found else None


async def find(stage: Stage, who: User, where: str, piece: str) -> Json:
    """The newest message there that says it, as soon as there is one."""
    return await stage.until(lambda: latest(stage, who, where, (piece,)), f"{who.first_name} sees “{piece}” in {where}")


# -- what people do ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Writes:
    """Somebody writes, what stands between ** in bold; `answering` is a piece of the message that they reply to."""

    who: str
    where: str
    text: str
    answering: str = ""

    async def play(self, transcript: Transcript) -> None:
        """Writes it."""
        stage = transcript.stage
        who = stage.scene.person(self.who)
        replied = (await find(stage, who, self.where, self.answering))["id"] if self.answering else None
        chat = chat_of(stage, who, self.where)
        text, entities = marked(self.text)
        thread = thread_of(stage, self.where)
        stage.world.say(who, chat, text, thread=thread, reply_to=replied, entities=entities)
        transcript.catch_up()


@dataclass(frozen=True)
class SendsAlbum:
    """Somebody sends pictures as one album, the first with a caption."""

    who: str
    where: str
    caption: str
    count: int = 3

    async def play(self, transcript: Transcript) -> None:
        """Sends it."""
        stage = transcript.stage
        who = stage.scene.person(self.who)
        items = [{"kind": "photo", "data": picture(n), "file_name": f"{n}.png"} for n in range(self.count)]
        items[0]["caption"] = self.caption
        stage.world.send_album(who, chat_of(stage, who, self.where), items, thread_of(stage, self.where))


@dataclass(frozen=True)
class Edits:
    """Somebody changes what they wrote."""

    who: str
    where: str
    old: str
    new: str

    async def play(self, transcript: Transcript) -> None:
        """Edits it."""
        stage = transcript.stage
        who = stage.scene.person(self.who)
        message = await find(stage, who, self.where, self.old)
        stage.world.edit(who, chat_of(stage, who, self.where), message["id"], self.new)


@dataclass(frozen=True)
class Reacts:
    """Somebody puts an emoji on a message."""

    who: str
    where: str
    on: str
    emoji: str

    async def play(self, transcript: Transcript) -> None:
        """Reacts."""
        stage = transcript.stage
        who = stage.scene.person(self.who)
        message = await find(stage, who, self.where, self.on)
        stage.world.react(who, chat_of(stage, who, self.where), message["id"], self.emoji)


@dataclass(frozen=True)
class Presses:
    """Somebody presses a button, named by how its label begins, under the newest message that says `under`."""

    who: str
    where: str
    under: str
    label: str

    async def play(self, transcript: Transcript) -> None:
        """Presses it; the bot must answer."""
        stage = transcript.stage
        who, what = stage.scene.person(self.who), f"there is a button {self.label} under “{self.under}”"
        message, button = await stage.until(lambda: self._button(stage, who), what)
        chat = chat_of(stage, who, self.where)
        name = button.get("callback_data") or button["text"]
        if message["whisper"]:
            tap = stage.world.press_ephemeral(who, chat, message["whisper"], name)
        else:
            tap = stage.world.press(who, chat, message["id"], name)
        await stage.until(lambda: tap.answered, f"the button {self.label} is answered")

    def _button(self, stage: Stage, who: User) -> tuple[Json, Json] | None:
        message = latest(stage, who, self.where, (self.under, self.label))
        rows = message["buttons"] if message else []
        found = next((b for row in rows for b in row if b["text"].startswith(self.label)), None)
        return (message, found) if message and found else None


# -- what must be so ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sees:
    """Somebody sees a message, not their own, that says all the pieces, and none of `without`."""

    who: str
    where: str
    pieces: tuple[str, ...]
    so: str
    without: tuple[str, ...] = ()
    """What that very message must not say."""

    async def play(self, transcript: Transcript) -> None:
        """Waits for it."""
        stage = transcript.stage
        who = stage.scene.person(self.who)
        await until_so(transcript, lambda: self._found(stage, who), self.so, lambda: last_lines(stage, who, self.where))

    def _found(self, stage: Stage, who: User) -> bool:
        found = [m for m in seen(stage, who, self.where) if not m["mine"] and all(p in words(m) for p in self.pieces)]
        return bool(found) and not any(piece in words(found[-1]) for piece in self.without)


@dataclass(frozen=True)
class SeesStyled:
    """Somebody sees words in a style, such as bold, or text_link with the address that it leads to."""

    who: str
    where: str
    piece: str
    style: str
    so: str
    url: str = ""

    async def play(self, transcript: Transcript) -> None:
        """Waits for it."""
        stage = transcript.stage
        who = stage.scene.person(self.who)
        await until_so(transcript, lambda: self._found(stage, who), self.so, lambda: last_lines(stage, who, self.where))

    def _found(self, stage: Stage, who: User) -> bool:
        spans = [(m["text"], e) for m in seen(stage, who, self.where) for e in m.get("entities", ())]
        fitting = [(t, e) for t, e in spans if (e["type"], e.get("url", "")) == (self.style, self.url)]
        return any(covered(text, entity) == self.piece for text, entity in fitting)


@dataclass(frozen=True)
class SeesReaction:
    """A message carries an emoji that its reader did not put there."""

    who: str
    where: str
    on: str
    emoji: str
    so: str

    async def play(self, transcript: Transcript) -> None:
        """Waits for it."""
        stage = transcript.stage
        who = stage.scene.person(self.who)
        await until_so(transcript, lambda: self._found(stage, who), self.so, lambda: last_lines(stage, who, self.where))

    def _found(self, stage: Stage, who: User) -> bool:
        said = [m for m in seen(stage, who, self.where) if self.on in words(m)]
        return any(r["emoji"] == self.emoji and not r["mine"] for m in said for r in m.get("reactions", []))


@dataclass(frozen=True)
class SeesAlbum:
    """So many pictures stand together as one album."""

    who: str
    where: str
    count: int
    so: str

    async def play(self, transcript: Transcript) -> None:
        """Waits for it."""
        stage = transcript.stage
        who = stage.scene.person(self.who)
        await until_so(transcript, lambda: self._found(stage, who), self.so, lambda: last_lines(stage, who, self.where))

    def _found(self, stage: Stage, who: User) -> bool:
        albums = [m["album"] for m in seen(stage, who, self.where) if m.get("album") and m["media"]]
        return any(albums.count(album) == self.count for album in albums)


@dataclass(frozen=True)
class SeesNoMore:
    """What was said there is gone."""

    who: str
    where: str
    piece: str
    so: str

    async def play(self, transcript: Transcript) -> None:
        """Waits for it."""
        stage = transcript.stage
        who = stage.scene.person(self.who)
        gone: Callable[[], bool] = lambda: latest(stage, who, self.where, (self.piece,)) is None  # noqa: E731
        await until_so(transcript, gone, self.so, lambda: last_lines(stage, who, self.where))


@dataclass(frozen=True)
class HeardExactly:
    """All that a contact has on their phone, in order, and nothing else: what proves that no internal word got out."""

    who: str
    lines: tuple[str, ...]
    so: str
    where: str = field(default=PHONE)

    async def play(self, transcript: Transcript) -> None:
        """Waits until nothing is left to be done, and compares."""
        stage, who = transcript.stage, transcript.stage.scene.person(self.who)
        await heard_exactly(transcript, lambda: self._now(stage, who), self.lines, self.so)

    def _now(self, stage: Stage, who: User) -> list[str]:
        return [line(m) for m in seen(stage, who, self.where)]


def line(message: Json) -> str:
    """A message in one line: who, and what."""
    media = f"[{message['media']['kind']}] " if message.get("media") else ""
    return f"{message['from']['name']}: {media}{message.get('text', '')}".strip()


def last_lines(stage: Stage, who: User, where: str) -> str:
    """What stands there instead."""
    return "\n".join(line(m) for m in seen(stage, who, where)[-6:] if "text" in m)


def covered(text: str, entity: Json) -> str:
    """The words of an entity; the network counts in UTF-16."""
    units = text.encode("utf-16-le")[entity["offset"] * 2 :]
    return units[: entity["length"] * 2].decode("utf-16-le")


def marked(text: str) -> tuple[str, list[Json]]:
    """A text without its **, and what stood between them in bold."""
    plain, entities = "", list[Json]()
    for number, piece in enumerate(text.split("**")):
        if number % 2:
            start, length = (len(each.encode("utf-16-le")) // 2 for each in (plain, piece))
            entities.append({"type": "bold", "offset": start, "length": length})
        plain += piece
    return plain, entities


def picture(number: int) -> bytes:
    """A small PNG with a colour of its own."""
    colours = ((214, 93, 66), (66, 122, 214), (72, 168, 98), (196, 160, 48))
    header = struct.pack(">IIBBBBB", 72, 48, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(_rows(colours[number % 4]))), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _rows(colour: tuple[int, int, int]) -> bytes:
    return b"".join(b"\0" + bytes(min(255, part + row) for part in colour) * 72 for row in range(48))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
