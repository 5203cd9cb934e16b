"""What people do with what apps show: press, choose, type commands, use shortcuts, fill in dialogs, open Homes."""

from __future__ import annotations

import re
from typing import Any

from hub.sandbox.slack.accounts import App, Channel, Installation, Json, Stored, User
from hub.sandbox.slack.checking import interactive
from hub.sandbox.slack.choices import chosen, filled, names_of
from hub.sandbox.slack.dialogs import Shown
from hub.sandbox.slack.interactions import Knock, Place
from hub.sandbox.slack.people import People, Where
from hub.sandbox.slack.text import escaped

_ADDRESS = re.compile(r"https?://[^\s<>\0\1]+")


class Pressing(People):
    """The verbs of people that apps answer. Each gives a Knock, whose `answer()` waits for the app."""

    def press(self, user: User, where: Where, ts: str, label: str) -> Knock:
        """Press a button of a message, by its label, action_id or value; also of one that only this person sees."""
        place = self._at(user, self.place(user, where), ts)
        return self._act(user, place, self._found(place, label, button=True), {})

    def choose(self, user: User, where: Where, ts: str, action: str, choice: Any) -> Knock:
        """Choose in a menu of a message: an option by label or value, a user, a channel.

        `action`: its action_id or placeholder; empty where there is only one.
        """
        place = self._at(user, self.place(user, where), ts)
        element = self._found(place, action, button=False)
        return self._act(user, place, element, chosen(element[1], choice))

    def press_view(self, user: User, app: App, label: str, choice: Any = None) -> Knock:
        """Press a button, or choose in a menu, of the open dialog, else of the App Home."""
        shown = self._view(user, app)
        place = Place(view=dict(shown.body), besides={"container": {"type": "view", "view_id": shown.id}})
        element = self._found(place, label, button=choice is None)
        return self._act(user, place, element, {} if choice is None else chosen(element[1], choice))

    def slash(self, user: User, where: Where, command: str, text: str = "", *, thread: str = "") -> Knock:
        """Type a slash command. ValueError in threads, where Slack takes none, and for other workspaces' people."""
        if thread:
            raise ValueError(f"{command} is not supported in threads. Sorry!")
        channel = self.place(user, where)
        mine = [i for app in self.apps.values() for i in app.installations.values() if i.team is user.team]
        by = next((i for i in mine if command in i.app.commands and not i.gone and "commands" in i.scopes), None)
        if by is None:
            raise ValueError(f"{command} is not a valid command in {user.team.name}")
        return self.command(by, user, channel, command, self._command_text(by.app, text))

    def shortcut(self, user: User, where: Where | None, ts: str, callback_id: str, *, app: App | None = None) -> Knock:
        """Use an app's shortcut on a message; a global one where no message is given."""
        by, entry = self._shortcut(user, callback_id, app)
        if where is None:
            told = {"callback_id": entry, "action_ts": self.stamp()}
            return self.interact(by, user, "shortcut", Place(besides=told))
        channel = self.place(user, where)
        stored = self.message(channel, ts)
        besides: Json = {"callback_id": entry, "message_ts": ts, "action_ts": self.stamp()}
        besides["message"] = self.shown(channel, stored, by.team)
        return self.interact(by, user, "message_action", Place(channel, stored, besides=besides))

    # -- dialogs -----------------------------------------------------------------------------------------------

    def submit(self, user: User, values: Json | None = None) -> Knock:
        """Send the dialog on top. `values`: what is filled in, by block_id (or by action_id, or the input's label).

        ValueError where something is left out that must be there.
        """
        shown = self.top(user)
        if not shown.body.get("submit"):
            raise ValueError("this dialog has nothing to send: it has no submit button")
        shown.body["state"] = {"values": filled(shown.body["blocks"], dict(values or {}))}
        shown.errors = {}
        place = Place(view=dict(shown.body), besides={"response_urls": []})
        return self.interact(shown.by, user, "view_submission", place, then=lambda a: self.submitted(shown, a))

    def close_modal(self, user: User, *, clear: bool = False) -> Knock | None:
        """Close the dialog on top, or all; the app is told if it asked to be."""
        shown = self.top(user)
        stack = self.stacks[user.id]
        stack.clear() if clear else stack.pop()
        self.changes.add("modal", user=user.id, app=shown.by.app.id, view=self.modal(user))
        if not shown.body.get("notify_on_close"):
            return None
        return self.interact(shown.by, user, "view_closed", Place(view=dict(shown.body), besides={"is_cleared": clear}))

    def open_home(self, user: User, app: App, *, tab: str = "home") -> None:
        """Look at an app's Home, or at its messages (tab `messages`)."""
        by = self.app_for(app, user.team)
        if not self.subscribed(by, "app_home_opened"):
            return
        channel = self.direct(by, user)
        event: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": tab}
        home = self.home(user, app)
        if home is not None and tab == "home":
            event["view"] = home
        self.tell(by, event | {"event_ts": self.stamp()})

    # -- which -------------------------------------------------------------------------------------------------

    def _at(self, user: User, channel: Channel, ts: str) -> Place:
        whispered = (user.id, ts) in channel.whispers
        stored = channel.whispers[user.id, ts] if whispered else self.message(channel, ts)
        container: Json = {"type": "message", "message_ts": ts, "channel_id": channel.id, "is_ephemeral": whispered}
        if stored.thread_ts:
            container["thread_ts"] = stored.thread_ts
        besides: Json = {"container": container, "state": {"values": {}}}
        if not whispered:
            besides["message"] = self.shown(channel, stored)
        return Place(channel, stored, whispered, besides=besides)

    def _view(self, user: User, app: App) -> Shown:
        stack = self.stacks.get(user.id)
        shown = stack[-1] if stack and stack[-1].by.app is app else self.homes.get((app.id, user.id))
        if shown is None:
            raise ValueError(f"{app.name} shows nothing to {user.name}")
        return shown

    def _found(self, place: Place, label: str, *, button: bool) -> tuple[str, Json]:
        """A block's id and what was pressed in it."""
        blocks = place.view["blocks"] if place.view else place.stored.fields.get("blocks", []) if place.stored else []
        every = [(str(b.get("block_id")), e) for b in blocks for e in interactive([b]) if b.get("type") != "input"]
        fitting = [(id, e) for id, e in every if (e["type"] == "button") == button]
        if not label and len(fitting) == 1:
            return fitting[0]
        for id, element in fitting:
            if label in names_of(element):
                return id, element
        names = [names_of(element)[0] for _, element in fitting]
        raise ValueError(f"there is no {'button' if button else 'menu'} {label!r}; there are: {names}")

    def _act(self, user: User, place: Place, found: tuple[str, Json], choice: Json) -> Knock:
        block_id, element = found
        if place.view is not None:
            by = next(s.by for s in self._open(user) if s.id == place.view["id"])
        else:
            by = self._author(place.stored)
        kept: Json = {k: element[k] for k in ("type", "action_id", "value", "style", "text") if k in element}
        place.besides["actions"] = [kept | {"block_id": block_id, "action_ts": self.stamp()} | choice]
        return self.interact(by, user, "block_actions", place)

    def _open(self, user: User) -> list[Shown]:
        mine = [shown for (_, id), shown in self.homes.items() if id == user.id]
        return [*self.stacks.get(user.id, []), *mine]

    def _author(self, stored: Stored | None) -> Installation:
        if stored is None:
            raise ValueError("there is no message")
        return self.author_of(stored)

    def _shortcut(self, user: User, callback_id: str, app: App | None) -> tuple[Installation, str]:
        installed = [i for a in self.apps.values() for i in a.installations.values() if i.team is user.team]
        for by in installed:
            for entry in by.app.shortcuts if app in (None, by.app) and not by.gone else ():
                if callback_id in (entry.callback_id, entry.name):
                    return by, entry.callback_id
        raise ValueError(f"no app in {user.team.name} has a shortcut {callback_id!r}")

    def _command_text(self, app: App, text: str) -> str:
        """With should_escape, people that were picked come as ids, and addresses in brackets; else as typed."""
        if not app.should_escape:
            return text
        parts = text
        for user in self.users.values():
            parts = parts.replace(f"<@{user.id}>", f"\0@{user.id}|{user.name}\1")
        parts = _ADDRESS.sub("\0\\g<0>\1", parts)
        return escaped(parts).replace("\0", "<").replace("\1", ">")
