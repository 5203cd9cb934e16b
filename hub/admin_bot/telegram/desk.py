"""A Telegram group with topics as a desk: the hub's hands there."""

from __future__ import annotations

import contextlib
import logging
import unicodedata
from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal

import msgspec
from aiogram.methods import (
    CreateForumTopic,
    DeleteForumTopic,
    DeleteMessage,
    EditForumTopic,
    EditMessageCaption,
    EditMessageText,
    ReopenForumTopic,
    SendContact,
    SendLocation,
    SendMessage,
    SendVenue,
    SetMessageReaction,
    TelegramMethod,
)
from aiogram.types import InlineKeyboardMarkup, Message, ReactionTypeEmoji, ReplyParameters

from hub.admin_bot.drawing import Templates
from hub.admin_bot.telegram import files
from hub.admin_bot.telegram.client import Client
from hub.admin_bot.telegram.files import Streamed
from hub.admin_bot.telegram.format import CAPTION_LIMIT, clipped, pieces, shortened
from hub.admin_bot.telegram.keyboard import draw, keyboard, queue_rows, spell_row
from hub.admin_bot.telegram.markup import safe_words
from hub.admin_bot.telegram.posts import Drawer, Natives, Plan
from hub.domain.ids import PostId, ThreadId
from hub.domain.models import Media, SharedContact
from hub.domain.ports import CardView, DeskPace, DeskShape, OutgoingMedia, Pace, QueueView, RelayView
from hub.domain.reply import Reply
from hub.errors import DeliveryError, Gone, ThreadGone, Undeliverable
from hub.settings import Limits

log = logging.getLogger(__name__)

Planned = tuple[TelegramMethod[Any], list[Streamed]]
"""A call, and the files that it reads."""
TITLE_LIMIT = 128
_CALL_SECONDS = 30
_UPLOAD_SECONDS = 180
MARKS = {"delivered": "👌", "failed": "💔", "uncertain": "🤔", "unsent": "🙈"}
"""What became of an agent's message, as the bot's one reaction on it. Only Telegram's own list may be used, so: 👌 it
arrived; 💔 it did not; 🤔 nobody knows; 🙈 the contact no longer sees it.
"""
REACTIONS = frozenset(
    (  # noqa: SIM905 - quicker to compare with the list it was taken from
        "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 "
        "🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 "
        "🤷‍♀ 😡"
    ).split()
)
"""What bots may react with; Telegram refuses all others."""
_NO_PICTURE = ("PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED", "PHOTO_SAVE_FILE_INVALID")
_NOT_THERE = ("no caption in the message", "no text in the message", "can't be edited")


class TelegramDesk:
    """The desk in one group. A topic is a thread; a message is a post; General is the home."""

    def __init__(self, client: Client, chat: str, limits: Limits, templates: Templates) -> None:
        self.chat = chat
        self._id = int(chat)
        self._client = client
        self._templates = templates
        self._drawer = Drawer(templates)
        self.pace = DeskPace(
            per_account=_pace(limits.per_second, limits.window_scale),
            per_desk=_pace(limits.group_per_minute, 60 * limits.window_scale),
            threads=_pace(limits.group_per_minute, 60 * limits.window_scale),
        )

    @property
    def account(self) -> str:
        """The bot that posts."""
        return self._client.account

    def fits(self, view: RelayView) -> bool:
        """Whether it is one post: texts of one side up to 4096 units with their card, or one album."""
        return self._drawer.fits(view)

    def cost(self, view: RelayView) -> int:
        """Its texts, natives and files, each counted."""
        return self._drawer.plan(view).cost

    # -- topics ----------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> DeskShape:
        """A topic per contact, whose first post carries the card."""
        return DeskShape()

    async def open_thread(self, title: str, card: CardView | None = None) -> ThreadId:
        """Opens a topic."""
        del card  # It comes with the first post.
        topic = await self._client.call(CreateForumTopic(chat_id=self._id, name=topic_name(title)))
        if topic is None:
            raise Undeliverable("Telegram opened no topic.")
        return ThreadId(str(topic.message_thread_id))

    async def reopen_thread(self, thread: ThreadId) -> None:
        """Opens a closed topic."""
        await self._client.call(ReopenForumTopic(chat_id=self._id, message_thread_id=int(thread)), repeatable=True)

    async def rename_thread(self, thread: ThreadId, title: str) -> None:
        """Changes a topic's name."""
        method = EditForumTopic(chat_id=self._id, message_thread_id=int(thread), name=topic_name(title))
        await self._client.call(method, repeatable=True)

    # -- posts -----------------------------------------------------------------------------------------------------

    async def show(self, thread: ThreadId, view: RelayView) -> list[PostId]:
        """Posts it: texts, then natives, then files. The first one carries card and buttons. All of it, or none."""
        try:
            return await self._show(thread, view)
        except Undeliverable as error:
            if not any(phrase in error.text for phrase in _NO_PICTURE):
                raise
        # Telegram cannot show every picture as one; as a file it takes them all.
        return await self._show(thread, msgspec.structs.replace(view, files=[files.as_file(f) for f in view.files]))

    async def _show(self, thread: ThreadId, view: RelayView) -> list[PostId]:
        plan = self._drawer.plan(view)
        dress = {
            "reply_parameters": _reply_to(view.reply_to),
            "reply_markup": keyboard(spell_row(view.conversation, view.contact, view.snooze)) if view.row else None,
        }
        posts: list[PostId] = []
        try:
            for method, streams in self._methods(thread, plan):
                posts += await self._posted(thread, method.model_copy(update={} if posts else dress), streams)
        except DeliveryError:
            # It will be shown again, whole; what stands there already would stand there twice.
            await self._clear(posts)
            raise
        return posts

    def _methods(self, thread: ThreadId, plan: Plan) -> list[Planned]:
        topic = _topic(thread)
        planned: list[Planned] = [
            (SendMessage(chat_id=self._id, message_thread_id=topic, text=text), []) for text in plan.texts
        ]
        planned += [(_native(self._id, topic, native), []) for native in plan.natives]
        captions = iter(plan.captions)
        for group in plan.groups:
            planned.append(self._group(topic, group, [next(captions) for _ in group]))
        return planned

    def _group(self, topic: int | None, group: Sequence[OutgoingMedia], words: Sequence[str]) -> Planned:
        streams = [files.Streamed(f) for f in group]
        if len(group) > 1:
            return files.album(self._id, topic, list(zip(streams, group, words, strict=True))), streams
        single = files.one(self._id, topic, files.shown_as(group[0]), streams[0])
        return single.model_copy(update={"caption": words[0]}) if words[0] else single, streams

    async def _posted(self, thread: ThreadId, method: TelegramMethod[Any], streams: Sequence[Streamed]) -> list[PostId]:
        """The posts of one call. One that Telegram let fall into General, for its topic is lost, is taken away."""
        try:
            answer = await self._client.call(method, seconds=_UPLOAD_SECONDS if streams else _CALL_SECONDS)
        except DeliveryError as error:
            unread = next((s.failure for s in streams if s.failure), None)
            if unread is not None:
                raise Undeliverable(f"The file cannot be read: {unread.text}") from error
            raise
        messages: list[Message] = answer if isinstance(answer, list) else [answer] if answer else []
        posts = [PostId(str(m.message_id)) for m in messages]
        if thread and any(str(m.message_thread_id) != thread for m in messages):
            await self._clear(posts)
            raise ThreadGone("Telegram no longer has this topic.")
        return posts

    async def _clear(self, posts: Sequence[PostId]) -> None:
        for post in posts:
            try:
                await self.delete(post)
            except DeliveryError as error:
                log.warning("a stray post stays in %s: %s", self.chat, error.text)

    async def redraw(
        self,
        thread: ThreadId,  # noqa: ARG002 - the interface's; a post's number is enough
        post: PostId,
        view: RelayView,
        media: bool,
    ) -> None:
        """Edits it. A bare file beside its text, and what Telegram draws by itself, have no words to change."""
        if media and view.part:
            return
        rows = keyboard(spell_row(view.conversation, view.contact, view.snooze)) if view.row else None
        methods = [self._caption(post, view, rows), self._text(post, view, rows)]
        for method in methods if media else reversed(methods):
            try:
                await self._client.call(method, repeatable=True)
            except Undeliverable as error:
                if isinstance(error, Gone) or not any(phrase in error.text for phrase in _NOT_THERE):
                    raise
            else:
                return

    def _caption(self, post: PostId, view: RelayView, rows: InlineKeyboardMarkup | None) -> TelegramMethod[Any]:
        words = shortened(self._drawer.words(view, caption=True), CAPTION_LIMIT)
        return EditMessageCaption(chat_id=self._id, message_id=int(post), caption=words, reply_markup=rows)

    def _text(self, post: PostId, view: RelayView, rows: InlineKeyboardMarkup | None) -> TelegramMethod[Any]:
        parts = pieces(self._drawer.words(view, caption=False))
        words = parts[min(view.part, len(parts) - 1)]
        return EditMessageText(chat_id=self._id, message_id=int(post), text=words, reply_markup=rows)

    async def say(self, thread: ThreadId, reply: Reply, reply_to: PostId | None = None) -> PostId:
        """Says it; a long one in several posts, of which the last has the buttons and is given."""
        parts, rows = draw(self._templates, reply)
        posts: list[PostId] = []
        for place, text in enumerate(parts):
            method = SendMessage(
                chat_id=self._id,
                message_thread_id=_topic(thread),
                text=text,
                reply_parameters=None if place else _reply_to(reply_to),
                reply_markup=rows if place == len(parts) - 1 else None,
            )
            posts += await self._posted(thread, method, [])
        return posts[-1]

    async def queue_card(self, post: PostId | None, view: QueueView) -> PostId:
        """Edits it, or posts it in General, silently. Raises Gone where the post to edit is gone."""
        data = {"total": view.total, "shown": len(view.rows), "workspace": view.workspace}
        text = self._templates.post("queue_card", data)
        rows = keyboard(queue_rows(view))
        if post is None:
            method = SendMessage(chat_id=self._id, text=text, reply_markup=rows, disable_notification=True)
            return (await self._posted(ThreadId(""), method, []))[0]
        edit = EditMessageText(chat_id=self._id, message_id=int(post), text=text, reply_markup=rows)
        try:
            await self._client.call(edit, repeatable=True)
        except Undeliverable as error:
            if "can't be edited" in error.text:
                raise Gone(error.text) from error
            raise
        return post

    async def delete(self, post: PostId) -> None:
        """Takes a post away."""
        await self._client.call(DeleteMessage(chat_id=self._id, message_id=int(post)), repeatable=True)

    async def clear(self, thread: ThreadId, posts: Sequence[PostId]) -> None:
        """Deletes the topic, and with it all that stands in it."""
        del posts
        with contextlib.suppress(ThreadGone, Gone):
            await self._client.call(DeleteForumTopic(chat_id=self._id, message_thread_id=int(thread)), repeatable=True)

    # -- reactions -------------------------------------------------------------------------------------------------

    async def react(self, post: PostId, emoji: str, *others: str) -> None:
        """Shows a contact's reaction as the bot's one. Raises Undeliverable for an emoji that bots may not use."""
        del others
        plain = emoji.replace("\ufe0f", "")
        if plain and plain not in REACTIONS:
            raise Undeliverable(f"Telegram lets bots show only some reactions, and {emoji} is none of them.")
        reaction = [ReactionTypeEmoji(emoji=plain)] if plain else []
        method = SetMessageReaction(chat_id=self._id, message_id=int(post), reaction=list(reaction))
        await self._client.call(method, repeatable=True)

    async def mark(self, post: PostId, mark: Literal["delivered", "failed", "uncertain", "unsent"]) -> None:
        """Shows what became of an agent's message: see MARKS."""
        await self.react(post, MARKS[mark])

    # -- the rest --------------------------------------------------------------------------------------------------

    def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """An agent's file in chunks."""
        return self._client.fetch(media)

    def link(self, thread: ThreadId, post: PostId | None) -> str:
        """An address that opens the topic at that post; empty for a chat that has no such addresses."""
        if not self.chat.startswith("-100"):
            return ""
        return "/".join(["https://t.me/c", self.chat.removeprefix("-100"), *(part for part in (thread, post) if part)])


def _pace(count: int, seconds: float) -> Pace | None:
    return Pace(count, seconds) if count > 0 else None


def _topic(thread: ThreadId) -> int | None:
    return int(thread) if thread else None


def _reply_to(post: PostId | None) -> ReplyParameters | None:
    return ReplyParameters(message_id=int(post), allow_sending_without_reply=True) if post else None


def topic_name(title: str) -> str:
    """A topic's name as Telegram takes it: never empty, at most 128 units, with nothing in it that could act."""
    name = safe_words(" ".join(title.split()))
    if not any(unicodedata.category(s)[0] in "LNPS" and s not in "\u3164\u2800\u115f\u1160\uffa0" for s in name):
        name = "Unknown"
    return clipped(name, TITLE_LIMIT)


def _native(chat: int, topic: int | None, native: Natives) -> TelegramMethod[Message]:
    if isinstance(native, SharedContact):
        name, phone = clipped(native.name, 60) or "?", clipped(native.phone, 40) or "?"
        return SendContact(chat_id=chat, message_thread_id=topic, phone_number=phone, first_name=name)
    lat, lon = native.latitude, native.longitude
    if native.kind == "venue":
        title, street = clipped(native.title, 120) or "?", clipped(native.street, 250) or "?"
        return SendVenue(
            chat_id=chat, message_thread_id=topic, latitude=lat, longitude=lon, title=title, address=street
        )
    return SendLocation(chat_id=chat, message_thread_id=topic, latitude=lat, longitude=lon)
