"""What people do with messages: they write, change, take away, react, and send files."""

from __future__ import annotations

import uuid
from typing import Any

from hub.sandbox.slack.accounts import App, Channel, Json, Stored, User
from hub.sandbox.slack.dialogs import Dialogs
from hub.sandbox.slack.files import File, mime_of
from hub.sandbox.slack.posts import Post
from hub.sandbox.slack.refusals import Refusal
from hub.sandbox.slack.text import typed

Where = Channel | App
"""A channel, or an app: the direct messages with its bot."""


class People(Dialogs):
    """The verbs of people. A wrong use (not in the channel, no such message) raises ValueError with the reason."""

    def say(
        self, user: User, where: Where, text: str, *, thread: str = "", broadcast: bool = False, **raw: Any
    ) -> Json:
        """Write a message; the message. `thread`: the stamp of the one to answer. `raw` fields stand as they are."""
        channel = self.place(user, where)
        post = Post(user, self._typed(text) | raw, thread, broadcast)
        return self.shown(channel, self._posted(channel, post))

    def mention(self, user: User, channel: Channel, app: App, text: str, *, thread: str = "") -> Json:
        """Write to an app in a channel, by its name: it is told twice, by two events."""
        team = next((t for t in channel.teams if t.id in app.installations), user.team)
        return self.say(user, channel, f"<@{self.app_for(app, team).bot.id}> {text}", thread=thread)

    def upload(
        self, user: User, where: Where, data: bytes, name: str, *, text: str = "", thread: str = "", **traits: Any
    ) -> Json:
        """Send a file; the message. `traits`: title, mimetype, size (pretended), subtype (slack_audio, slack_video)."""
        return self.upload_many(user, where, [{"data": data, "name": name, **traits}], text=text, thread=thread)

    def upload_many(self, user: User, where: Where, items: list[Json], *, text: str = "", thread: str = "") -> Json:
        """Send files in one message; each item: data, name and traits."""
        channel = self.place(user, where)
        files = [self._file(user, **item) for item in items]
        return self.shown(channel, self._posted(channel, Post(user, self._typed(text), thread, files=files)))

    def set_picture(self, user: User, data: bytes) -> None:
        """Choose a picture of oneself."""
        user.avatar = self.files.add_avatar(data)

    def edit(self, user: User, where: Where, ts: str, text: str) -> Json:
        """Change one's own message."""
        channel = self.place(user, where)
        stored = self._own(user, channel, ts)
        words = self._typed(text)
        words.pop("client_msg_id", None)
        self.rewrite(channel, stored, {"blocks": None, **words}, user)
        return self.shown(channel, stored)

    def delete(self, user: User, where: Where, ts: str) -> None:
        """Take one's own message away; an administrator anybody's."""
        channel = self.place(user, where)
        self.remove(channel, self.message(channel, ts) if user.is_admin else self._own(user, channel, ts))

    def unfurl(self, where: Channel, ts: str, url: str, title: str = "") -> None:
        """Slack shows a preview of an address: a change of the message that nobody made."""
        stored = self.message(where, ts)
        preview = {"from_url": url, "title": title or url, "id": 1, "fallback": title or url}
        self.rewrite(where, stored, {"attachments": [preview]})

    def react(self, user: User, where: Where, ts: str, name: str) -> None:
        """React, by the emoji's name."""
        self._reaction(user, where, ts, name, on=True)

    def unreact(self, user: User, where: Where, ts: str, name: str) -> None:
        """Take a reaction back."""
        self._reaction(user, where, ts, name, on=False)

    def _reaction(self, user: User, where: Where, ts: str, name: str, *, on: bool) -> None:
        channel = self.place(user, where)
        try:
            self.set_reaction(channel, self.message(channel, ts), user, name.strip(":"), on=on)
        except Refusal as refusal:
            raise ValueError(refusal.error) from None

    def deactivate(self, user: User) -> None:
        """Somebody leaves the workspace."""
        user.deleted = True

    # -- looking -----------------------------------------------------------------------------------------------

    def history(self, where: Channel) -> list[Json]:
        """What stands in a channel itself, oldest first; replies only where they were sent there too."""
        return [self.shown(where, s) for s in where.ordered(lambda s: s.root or s.subtype == "thread_broadcast")]

    def thread(self, where: Channel, ts: str) -> list[Json]:
        """A thread, with the message that opened it."""
        return [self.shown(where, s) for s in where.ordered(lambda s: ts in (s.ts, s.thread_ts))]

    def private(self, user: User, app: App) -> list[Json]:
        """The direct messages of a person and an app, oldest first, those in threads included."""
        channel = self.place(user, app)
        return [self.shown(channel, stored) for stored in channel.ordered()]

    def ephemerals(self, user: User, where: Channel | None = None) -> list[Json]:
        """What only this person sees, oldest first; with its `channel`."""
        channels = [where] if where is not None else list(self.channels.values())
        found = [(c, s) for c in channels for (id, _), s in c.whispers.items() if id == user.id]
        ordered = sorted(found, key=lambda pair: pair[1].ts)
        return [self.shown(c, s) | {"channel": c.id, "is_ephemeral": True} for c, s in ordered]

    def home(self, user: User, app: App) -> Json | None:
        """The App Home as the app published it for this person."""
        shown = self.homes.get((app.id, user.id))
        return shown.body if shown is not None else None

    def reactions(self, where: Channel, ts: str) -> dict[str, list[str]]:
        """Users by emoji's name."""
        return {name: list(users) for name, users in self.message(where, ts).reactions.items()}

    # -- where, and what ---------------------------------------------------------------------------------------

    def place(self, user: User, where: Where) -> Channel:
        """Where a person writes. ValueError when they cannot."""
        if user.deleted:
            raise ValueError(f"{user.name} is no longer a member")
        if isinstance(where, App):
            return self.direct(self.app_for(where, user.team), user)
        if user.id not in where.members:
            raise ValueError(f"{user.name} is not in {where.name or where.id}")
        if where.archived:
            raise ValueError(f"{where.name} is archived")
        return where

    def _posted(self, channel: Channel, post: Post) -> Stored:
        try:
            return self.put(channel, post)
        except Refusal as refusal:
            raise ValueError(refusal.error) from None

    def _typed(self, text: str) -> Json:
        source, blocks = typed(text)
        for number, block in enumerate(blocks):
            block["block_id"] = f"b{uuid.uuid4().hex[:4]}{number}"
        fields: Json = {"client_msg_id": str(uuid.uuid4())} if text else {}
        return fields | {"text": source} | ({"blocks": blocks} if blocks else {})

    def _own(self, user: User, channel: Channel, ts: str) -> Stored:
        stored = self.message(channel, ts)
        if stored.user != user.id:
            raise ValueError(f"the message {ts} is somebody else's")
        return stored

    def _file(self, user: User, data: bytes, name: str, **traits: Any) -> File:
        title, mimetype = traits.pop("title", ""), traits.pop("mimetype", "") or mime_of(name)
        parts = (self.id("F"), name, title, mimetype, data, user.id, user.team.id, int(self.now()))
        return self.files.add(File(*parts, **traits))
