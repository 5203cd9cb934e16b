"""A Slack channel as a desk: the hub's hands there."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Literal

from hub.admin_bot.drawing import Templates
from hub.admin_bot.slack import blocks, files
from hub.admin_bot.slack.blocks import Words
from hub.admin_bot.slack.client import Client
from hub.admin_bot.slack.emoji import name_of
from hub.admin_bot.slack.format import fallback, pieces
from hub.admin_bot.slack.hearing import channel_of
from hub.admin_bot.slack.posts import Drawer
from hub.domain.ids import PostId, ThreadId
from hub.domain.models import Media
from hub.domain.ports import CardView, DeskPace, DeskShape, OutgoingMedia, Pace, QueueView, RelayView
from hub.domain.reply import Reply
from hub.domain.text import Text
from hub.errors import DeliveryError, HubError, TemporaryFailure, ThreadGone, Undeliverable
from hub.settings import SlackLimits

log = logging.getLogger(__name__)

BURST = 5
"""Posts that Slack takes at once in a channel."""
EDITS = 40
"""A minute. Slack takes 50 edits and more in a workspace, whatever is posted there."""
MARKS = {"delivered": "white_check_mark", "failed": "x", "uncertain": "thinking_face", "unsent": "see_no_evil"}
"""What became of an agent's message, as the app's reaction on it."""
_REMEMBERED = 10_000


class SlackDesk:
    """The desk in one channel. A message with replies is a thread, its first one the card; the channel is the home."""

    def __init__(self, client: Client, chat: str, templates: Templates, limits: SlackLimits) -> None:
        self.chat = chat
        self.pace = _pace(limits)
        self._team, self._channel = channel_of(chat)
        self._client = client
        self._templates = templates
        self._drawer = Drawer(templates)
        self._put: OrderedDict[PostId, set[str]] = OrderedDict()

    @property
    def account(self) -> str:
        """The app in its workspace."""
        return f"slack:{self._team}"

    @property
    def shape(self) -> DeskShape:
        """A thread for each conversation, which its card opens."""
        return DeskShape(thread_per="conversation", card_opens=True)

    def fits(self, view: RelayView) -> bool:
        """Whether it is one post: texts of one side in one piece, or one album."""
        return self._drawer.fits(view)

    def cost(self, view: RelayView) -> int:
        """Its texts and files, each counted."""
        return len(pieces(self._words(ThreadId(""), view))) + len(view.files)

    # -- threads -----------------------------------------------------------------------------------------------------

    async def open_thread(self, title: str, card: CardView) -> ThreadId:
        """Posts the card, which opens a thread."""
        return ThreadId(await self._post("", self._card(title, card)))

    async def reopen_thread(self, thread: ThreadId) -> None:
        """Threads are never closed on Slack."""

    async def rename_thread(self, thread: ThreadId, title: str) -> None:
        """The title stands on the card, and is drawn with it."""

    def _card(self, title: str, card: CardView) -> Words:
        text = self._drawer.card(card)
        row = blocks.card_row(card.conversation, card.contact, card.snooze)
        named = blocks.words(text, self._team, row, above=[blocks.header(title)])
        return Words(fallback(Text(f"{title} · {text.plain}")), named.blocks)

    # -- posts -------------------------------------------------------------------------------------------------------

    async def show(self, thread: ThreadId, view: RelayView) -> list[PostId]:
        """Posts it: texts, the first one with the buttons, then files. All of it, or none."""
        posts: list[PostId] = []
        try:
            for said in self._messages(thread, view):
                posts.append(await self._post(thread, said))  # noqa: PERF401 - what is posted is known when one fails
            for file in view.files:
                posts.append(await self._upload(thread, file))  # noqa: PERF401
        except DeliveryError:
            # It will be shown again, whole; what stands there already would stand there twice.
            await self._clear(posts)
            raise
        return posts

    def _words(self, thread: ThreadId, view: RelayView) -> Text:
        return self._drawer.words(view, self.link(thread, view.reply_to) if view.reply_to else "")

    def _messages(self, thread: ThreadId, view: RelayView) -> list[Words]:
        rows = blocks.actions(blocks.spell_row(view.conversation, view.contact, view.snooze)) if view.row else []
        return [
            blocks.words(part, self._team, *(() if place else rows))
            for place, part in enumerate(pieces(self._words(thread, view)))
        ]

    async def _post(self, thread: str, said: Words) -> PostId:
        """One message. One that Slack let fall out of its thread, for that is lost, is taken away."""
        answer = await self._client.call(
            self._team,
            lambda web: web.chat_postMessage(
                channel=self._channel,
                text=said.text,
                blocks=said.blocks,
                thread_ts=thread or None,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        if answer is None:
            raise Undeliverable("Slack posted nothing.")
        post, message = PostId(str(answer.get("ts", ""))), answer.get("message")
        landed = message.get("thread_ts", "") if isinstance(message, dict) else thread
        if thread and landed != thread:
            await self._clear([post])
            raise ThreadGone("Slack no longer has this thread.")
        return post

    async def _clear(self, posts: Sequence[PostId]) -> None:
        for post in posts:
            try:
                await self.delete(post)
            except DeliveryError as error:
                log.warning("a stray post stays in %s: %s", self.chat, error.text)

    async def redraw(
        self,
        thread: ThreadId,
        post: PostId,
        view: RelayView,
        media: bool,
    ) -> None:
        """Edits it: the card where the post is the thread's first. A file has no words to change."""
        if media or not post[:1].isdigit():
            return
        if str(post) == str(thread):
            if view.card is None:
                raise Undeliverable("A thread's first post is its card.")
            closed = "✅ " if view.card.conversation.state == "closed" else ""
            await self._update(post, self._card(f"{closed}{view.contact.name}", view.card))
            return
        said = self._messages(thread, view)
        await self._update(post, said[min(view.part, len(said) - 1)])

    async def _update(self, post: PostId, said: Words) -> None:
        await self._client.call(
            self._team,
            lambda web: web.chat_update(channel=self._channel, ts=post, text=said.text, blocks=said.blocks),
            repeatable=True,
        )

    async def say(self, thread: ThreadId, reply: Reply, reply_to: PostId | None = None) -> PostId:
        """Says it; a long one in several posts, of which the last has the buttons and is given."""
        posts = [
            await self._post(thread, said)
            for said in blocks.draw(self._templates, reply, self._team, thread=bool(thread))
        ]
        del reply_to  # A thread has no replies within; what it is about is said in words.
        return posts[-1]

    async def queue_card(self, post: PostId | None, view: QueueView) -> PostId:
        """Edits it, or posts it in the channel. Raises Gone where the post to edit is gone."""
        data = {"total": view.total, "shown": len(view.rows), "workspace": view.workspace}
        text = blocks.as_typed(self._templates.post("queue_card", data), thread=False)
        said = blocks.words(text, self._team, *blocks.actions(blocks.queue_rows(view)))
        if post is None:
            return await self._post("", said)
        await self._update(post, said)
        return post

    async def delete(self, post: PostId) -> None:
        """Takes a post away."""
        if not post[:1].isdigit():
            await self._client.call(
                self._team, lambda web: web.files_delete(file=post), repeatable=True, done=("file_not_found",)
            )
            return
        await self._client.call(
            self._team,
            lambda web: web.chat_delete(channel=self._channel, ts=post),
            repeatable=True,
            done=("message_not_found",),
        )

    async def clear(self, thread: ThreadId, posts: Sequence[PostId]) -> None:
        """Deletes what the app posted there; what people wrote is not an app's to delete."""
        for post in dict.fromkeys([*posts, PostId(thread)]):
            try:
                await self.delete(post)
            except TemporaryFailure:
                raise
            except DeliveryError as error:
                log.info("a post in a forgotten contact's thread stays: %s", error.text)

    # -- files -------------------------------------------------------------------------------------------------------

    async def _upload(self, thread: ThreadId, file: OutgoingMedia) -> PostId:
        """A file in the thread; its post is named by the file where Slack does not tell its message."""
        name = files.file_name(file.media)
        ticket = await self._client.ask(
            self._team, lambda web: web.files_getUploadURLExternal(filename=name, length=file.size)
        )
        id = str(ticket.get("file_id", ""))
        await self._send_bytes(str(ticket.get("upload_url", "")), file)
        answer = await self._client.call(
            self._team,
            lambda web: web.files_completeUploadExternal(
                files=[{"id": id, "title": name}], channel_id=self._channel, thread_ts=thread or None
            ),
        )
        stamp = files.shared(answer.get("files") if answer else None, self._channel)
        return PostId(stamp or await self._looked_up(id) or id)

    async def _send_bytes(self, url: str, file: OutgoingMedia) -> None:
        failure: list[HubError] = []

        async def content() -> AsyncIterator[bytes]:
            try:
                async for chunk in file.content():
                    yield chunk
            except HubError as error:
                failure.append(error)
                raise

        try:
            await self._client.upload(url, content(), file.size)
        except HubError:
            if failure:
                raise Undeliverable(f"The file cannot be read: {failure[0].text}") from failure[0]
            raise

    async def _looked_up(self, id: str) -> str:
        try:
            answer = await self._client.ask(self._team, lambda web: web.files_info(file=id))
        except DeliveryError:
            return ""
        return files.shared([answer.get("file")], self._channel)

    def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """An agent's file in chunks."""
        return self._client.fetch(self._team, media)

    # -- reactions ---------------------------------------------------------------------------------------------------

    async def react(self, post: PostId, emoji: str, *others: str) -> None:
        """Shows a contact's reactions as the app's. Raises Undeliverable for an emoji that Slack has no name for."""
        names = {name for name in map(name_of, (emoji, *others)) if name}
        marks = set(MARKS.values())
        await self._replace(post, names, lambda n: n not in marks)
        if emoji and not name_of(emoji):
            raise Undeliverable(f"Slack has no name for {emoji}, so it cannot be shown as a reaction.")

    async def mark(self, post: PostId, mark: Literal["delivered", "failed", "uncertain", "unsent"]) -> None:
        """Shows what became of an agent's message: see MARKS."""
        marks = set(MARKS.values())
        await self._replace(post, {MARKS[mark]}, lambda n: n in marks)

    async def _replace(self, post: PostId, wanted: set[str], ours: Callable[[str], bool]) -> None:
        """Has just the wanted ones of the app's reactions of a kind on the post."""
        if not post[:1].isdigit():
            return
        there = await self._reactions(post)
        for name in wanted - there:
            await self._client.call(
                self._team,
                lambda web, n=name: web.reactions_add(channel=self._channel, timestamp=post, name=n),  # type: ignore[misc]
                repeatable=True,
                done=("already_reacted",),
            )
            there.add(name)
        for name in [n for n in there if ours(n) and n not in wanted]:
            await self._client.call(
                self._team,
                lambda web, n=name: web.reactions_remove(channel=self._channel, timestamp=post, name=n),  # type: ignore[misc]
                repeatable=True,
                done=("no_reaction",),
            )
            there.discard(name)

    async def _reactions(self, post: PostId) -> set[str]:
        """The app's reactions on a post. Only posts older than this process may have some that it does not know of."""
        if post not in self._put:
            self._put[post] = await self._asked(post) if float(post) < self._client.started else set()
            while len(self._put) > _REMEMBERED:
                self._put.popitem(last=False)
        return self._put[post]

    async def _asked(self, post: PostId) -> set[str]:
        me = await self._client.me(self._team)
        answer = await self._client.ask(
            self._team, lambda web: web.reactions_get(channel=self._channel, timestamp=post, full=True)
        )
        message: Any = answer.get("message") or {}
        return {str(r["name"]) for r in message.get("reactions", ()) if me.user in r.get("users", ())}

    # -- the rest ----------------------------------------------------------------------------------------------------

    def link(self, thread: ThreadId, post: PostId | None) -> str:
        """An address that opens the thread at that post; of the workspace's own where it is known, without asking."""
        base = self._client.address_of(self._team)
        at = post or thread
        if not base:
            return f"https://app.slack.com/client/{self._team}/{self._channel}" + (
                f"/thread/{self._channel}-{thread or at}" if thread or at else ""
            )
        if not at:
            return f"{base}/archives/{self._channel}"
        inside = f"?thread_ts={thread}&cid={self._channel}" if thread and post and str(post) != str(thread) else ""
        return f"{base}/archives/{self._channel}/p{at.replace('.', '')}{inside}"


def _pace(limits: SlackLimits) -> DeskPace:
    """A limit of 0 is none."""
    a_minute, burst = limits.workspace_per_minute, limits.channel_per_second * BURST
    channel = Pace(burst, BURST * limits.window_scale) if burst > 0 else None
    account = Pace(a_minute, 60 * limits.window_scale) if a_minute > 0 else None
    edits = Pace(EDITS, 60 * limits.window_scale) if a_minute > 0 else None
    return DeskPace(per_account=account, per_desk=channel, edits=edits)
