"""What happens to messages, whoever does it: posted, changed, taken away, reacted to; and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.sandbox.slack.accounts import SLACKBOT, Channel, Installation, Json, Stored, User
from hub.sandbox.slack.checking import check_message
from hub.sandbox.slack.files import File
from hub.sandbox.slack.interactions import Interactions, Knock
from hub.sandbox.slack.refusals import Refusal
from hub.sandbox.slack.text import mentioned

TOMBSTONE = "This message was deleted."


@dataclass
class Post:
    """A message about to stand in a channel. `thread`: the stamp of the one it replies to."""

    user: User
    fields: Json
    thread: str = ""
    broadcast: bool = False
    files: Sequence[File] = ()


class Posts(Interactions):
    """A world in which messages come, change and go, and apps are told."""

    def put(self, channel: Channel, post: Post) -> Stored:
        """Post a message. Raises Refusal where its thread is not there."""
        thread = self._thread_for(channel, post.thread)
        stored = Stored(self.stamp(), post.user.id, post.user.team.id, dict(post.fields), thread)
        if post.files:
            stored.files = [file.id for file in post.files]
            for file in post.files:
                file.share(channel.id, stored.ts, public=channel.kind == "channel")
        elif post.broadcast and thread:
            stored.subtype = "thread_broadcast"
        self.store(channel, stored)
        self.announce_message(channel, stored)
        self._tell_mentioned(channel, stored)
        return stored

    def whisper(self, channel: Channel, post: Post, reader: User) -> Stored:
        """Show a message to one person alone."""
        stored = Stored(self.stamp(), post.user.id, post.user.team.id, dict(post.fields), post.thread)
        channel.whispers[reader.id, stored.ts] = stored
        self.changes.add("ephemeral", channel.id, user=reader.id, message=self.shown(channel, stored))
        return stored

    def rewrite(self, channel: Channel, stored: Stored, fields: Json, editor: User | None = None) -> None:
        """Put other words in place of a message's. `editor`: who is said to have edited it, if anybody."""
        before = self.views(channel, stored)
        stored.fields |= fields
        for emptied in [name for name, value in fields.items() if value is None]:
            del stored.fields[emptied]
        if editor is not None:
            stored.edited = {"user": editor.id, "ts": self.stamp()}
        self._changed(channel, stored, before)

    def remove(self, channel: Channel, stored: Stored) -> None:
        """Take a message away. One that has replies leaves a tombstone."""
        before = self.views(channel, stored)
        for file_id in stored.files:
            self.files.by_id(file_id).deleted = True
        if any(ts in channel.messages for ts in stored.replies):
            stored.user, stored.subtype, stored.files = SLACKBOT, "tombstone", []
            stored.fields = {"text": TOMBSTONE, "hidden": True}
            self._changed(channel, stored, before)
            return
        del channel.messages[stored.ts]
        root = channel.messages.get(stored.thread_ts)
        if root is not None and stored.ts in root.replies:
            root.replies.remove(stored.ts)
        self.changes.add("removed", channel.id, ts=stored.ts)
        self.announce_removal(channel, stored.ts, before)

    def set_reaction(self, channel: Channel, stored: Stored, user: User, name: str, *, on: bool) -> None:
        """React, or take a reaction back. Raises Refusal where it is so already."""
        users = stored.reactions.setdefault(name, [])
        if (user.id in users) == on:
            self._tidy(stored, name)
            raise Refusal("already_reacted" if on else "no_reaction")
        (users.append if on else users.remove)(user.id)
        self._tidy(stored, name)
        self.changes.add("reactions", channel.id, ts=stored.ts, reactions=dict(stored.reactions))
        item = {"type": "message", "channel": channel.id, "ts": stored.ts}
        event = {"type": "reaction_added" if on else "reaction_removed", "user": user.id, "reaction": name}
        self.announce({**event, "item": item, "item_user": stored.user, "event_ts": self.stamp()}, channel)

    def _tidy(self, stored: Stored, name: str) -> None:
        if not stored.reactions[name]:
            del stored.reactions[name]

    def _changed(self, channel: Channel, stored: Stored, before: dict[str, Json]) -> None:
        self.changes.add("message", channel.id, message=self.shown(channel, stored))
        self.announce_change(channel, stored, before)

    def _thread_for(self, channel: Channel, thread: str) -> str:
        """The thread that a post stands in. Raises Refusal."""
        root = channel.messages.get(thread)
        if not thread or (root is not None and root.root):
            return thread
        # A reply's own stamp is a bug of the caller's: the network files such posts where nobody looks for them.
        if root is not None or not self.loose_threads:
            raise Refusal("thread_not_found")
        return ""

    def _tell_mentioned(self, channel: Channel, stored: Stored) -> None:
        if channel.kind == "im":
            return
        for id in dict.fromkeys(mentioned(stored.text)):
            bot = self.users.get(id)
            if bot is None or not bot.is_bot or id == stored.user:
                continue
            self.announce_mention(channel, stored, self.apps[bot.app_id].installations[bot.team.id])

    # -- answers to interactions -------------------------------------------------------------------------------

    def answered_command(self, knock: Knock, channel: Channel, answer: Any) -> None:
        """What an app answers a command with in place: words, or a message as JSON."""
        message = {"text": answer} if isinstance(answer, str) else answer
        if isinstance(message, dict) and (message.get("text") or message.get("blocks")):
            self.say_reply(knock.by, knock.user, channel, message)

    def say_reply(self, by: Installation, user: User, channel: Channel, message: Json) -> Stored:
        """An app's answer: to one person alone, or in the channel for all. Raises Refusal."""
        post = Post(by.bot, self.bot_fields(by, message), str(message.get("thread_ts") or ""))
        if message.get("response_type") == "in_channel":
            return self.put(channel, post)
        return self.whisper(channel, post, user)

    def bot_fields(self, by: Installation, message: Json) -> Json:
        """What an app's message has besides its author and time. Raises Refusal."""
        fields: Json = {"text": str(message.get("text") or ""), "bot_id": by.bot.bot_id, "app_id": by.app.id}
        if message.get("blocks"):
            fields["blocks"] = check_message(message["blocks"])
        if message.get("attachments"):
            fields["attachments"] = message["attachments"]
        if not fields["text"] and not (fields.get("blocks") or fields.get("attachments")):
            raise Refusal("no_text")
        profile = {"id": by.bot.bot_id, "app_id": by.app.id, "user_id": by.bot.id, "name": by.app.name}
        return fields | {"bot_profile": profile | {"deleted": False, "team_id": by.team.id, "icons": {}}}
