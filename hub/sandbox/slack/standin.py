"""The stand-in itself: the world, what a test or page reads, and faults on demand."""

from __future__ import annotations

from typing import Any

import msgspec

from hub.sandbox.slack.accounts import App, Channel, Installation, Json
from hub.sandbox.slack.consent import Consent
from hub.sandbox.slack.faults import Failure
from hub.sandbox.slack.files import File
from hub.sandbox.slack.interactions import Reply
from hub.sandbox.slack.refusals import Refusal
from hub.sandbox.slack.world import Call


class SlackStandIn(Consent):
    """One in-memory world of Slack. Its methods change the world at once and queue what apps are told.

    Give `Limits` to change or switch off the network's rates; serve it over HTTP with `serve`.
    """

    # -- what a test or page reads -----------------------------------------------------------------------------

    @property
    def provoked_429(self) -> int:
        """How often an app went over a limit; injected ones do not count."""
        return self.meter.provoked

    def calls_of(self, method: str, channel: Channel | None = None) -> list[Call]:
        """The calls of one method so far, in one channel if given."""
        wanted = channel.id if channel is not None else None
        return [c for c in self.calls if c.method == method and wanted in {None, c.channel}]

    def notices_of(self, app: App) -> list[bytes]:
        """All that was ever made to tell an app, as it is posted."""
        return [notice.body for notice in app.outbox.sent.values()]

    def events_of(self, app: App, type: str = "") -> list[Json]:
        """The events' envelopes made for an app so far; of one type of event if given."""
        made = [n.body for n in app.outbox.sent.values() if n.kind == "events_api" and n.payload is not None]
        bodies: list[Json] = [msgspec.json.decode(body) for body in made]
        return [b for b in bodies if not type or b.get("event", {}).get("type") == type]

    def content(self, file: str) -> bytes:
        """A file's content by its id."""
        return self.files.by_id(file).content

    # -- an app's settings page --------------------------------------------------------------------------------

    async def set_request_url(self, app: App, url: str, *, handshake: bool = True) -> None:
        """Set where events, interactions and commands go. ValueError where the address does not take our challenge."""
        if handshake and url and self.on_handshake is not None:
            await self.on_handshake(app, url)
        app.request_url, app.socket_mode = url, False

    # -- faults on demand --------------------------------------------------------------------------------------

    def fail(self, method: str = "", *, channel: Channel | str | None = None, times: int = 1, **how: Any) -> None:
        """Refuse the next matching calls before doing them. `how`: error, status, retry_after.

        `status` alone: an answer that is none of the Web API's; retry_after alone: 429.
        """
        self.faults.fail(method, _id(channel), times, Failure(**how))

    def drop_answer(self, method: str = "", *, channel: Channel | str | None = None, times: int = 1) -> None:
        """Do the next matching calls, then close the connection without an answer."""
        self.faults.drop_answer(method, _id(channel), times)

    def delay(self, seconds: float, method: str = "", *, times: int = 1) -> None:
        """Be slow for the next matching calls."""
        self.faults.delay(seconds, method, times)

    def hang(self, on: bool = True) -> None:
        """Accept calls and neither do nor answer them, until switched off."""
        self.faults.hang(on=on)

    def unreachable(self, on: bool = True) -> None:
        """Close every connection at once, doing nothing, until switched off."""
        self.faults.away = on

    def heal(self) -> None:
        """No faults any more."""
        self.faults.clear()

    def redeliver(self, app: App, event_id: str) -> None:
        """Deliver an event once more, byte for byte. KeyError when there was none of this id."""
        app.outbox.redeliver(event_id)

    def duplicate(self, app: App, times: int = 1) -> None:
        """Deliver each of the next `times` events twice."""
        app.outbox.duplicates = times

    def reorder(self, app: App, n: int) -> None:
        """Hold the next `n` events back until all are there, then deliver the last first. 0 lets them go."""
        app.outbox.reorder = n
        if not n:
            app.outbox.release()

    def disconnect(self, app: App, reason: str = "refresh_requested") -> None:
        """End an app's Socket Mode connections: refresh_requested, warning, link_disabled; empty: without a word."""
        self.on_disconnect(app, reason)

    def spoil_token(self, installation: Installation, error: str = "invalid_auth") -> None:
        """Refuse a bot's token from now on, without telling the app: token_revoked, account_inactive, invalid_auth."""
        self._end(installation, error)

    def limit_scopes(self, installation: Installation, *scopes: str) -> None:
        """Leave an installation these rights only."""
        installation.scopes = set(scopes)

    # -- files -------------------------------------------------------------------------------------------------

    def file_for(self, by: Installation, id: str) -> File:
        """A file that an app may see: its own, or one shared where it is. Raises Refusal."""
        file = self.files.all.get(id)
        if file is None:
            raise Refusal("file_not_found")
        channels = [self.channels[c] for c in file.channels if by.team in self.channels[c].teams]
        near = any(c.kind == "channel" or by.bot.id in c.members for c in channels)
        if file.user != by.bot.id and not near:
            raise Refusal("file_not_found")
        return file

    def delete_file(self, file: File) -> None:
        """Take a file away; messages that had nothing else go too, the others keep a tombstone of it."""
        for channel_id in file.channels:
            channel = self.channels[channel_id]
            for stored in [s for s in channel.messages.values() if file.id in s.files]:
                before = self.views(channel, stored)
                file.deleted = True
                alone = all(self.files.by_id(f).deleted for f in stored.files)
                if alone and not stored.text and not stored.fields.get("blocks"):
                    self.remove(channel, stored)
                else:
                    self._changed(channel, stored, before)
        file.deleted = True

    # -- answers to interactions -------------------------------------------------------------------------------

    def respond(self, key: str, message: Json) -> None:
        """An app answers an interaction at its address. Raises Refusal."""
        reply = self.reply_at(key)
        if message.get("delete_original"):
            self._respond_delete(reply)
        elif message.get("replace_original") and reply.stored is not None:
            self._respond_replace(reply, message)
        else:
            self.say_reply(reply.by, reply.user, reply.channel, message)

    def _respond_replace(self, reply: Reply, message: Json) -> None:
        stored, channel = reply.stored, reply.channel
        assert stored is not None  # noqa: S101 - only where there is one
        fields = {"blocks": None, **self.bot_fields(reply.by, message)}
        if reply.whispered:
            stored.fields = {name: value for name, value in fields.items() if value is not None}
            shown = self.shown(channel, stored)
            self.changes.add("ephemeral", channel.id, user=reply.user.id, message=shown)
        elif stored.ts in channel.messages:
            self.rewrite(channel, stored, fields, reply.by.bot)

    def _respond_delete(self, reply: Reply) -> None:
        stored, channel = reply.stored, reply.channel
        if stored is None:
            return
        if reply.whispered:
            channel.whispers.pop((reply.user.id, stored.ts), None)
            self.changes.add("ephemeral_removed", channel.id, user=reply.user.id, ts=stored.ts)
        elif stored.ts in channel.messages:
            self.remove(channel, stored)


def _id(channel: Channel | str | None) -> str:
    return channel.id if isinstance(channel, Channel) else channel or ""
