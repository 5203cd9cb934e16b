"""Dialogs and App Homes: views that apps open, change and publish, and what people see of them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from hub.sandbox.slack.accounts import Installation, Json, User
from hub.sandbox.slack.checking import check_view
from hub.sandbox.slack.founding import Founding
from hub.sandbox.slack.interactions import Trigger
from hub.sandbox.slack.refusals import Refusal

DEEPEST = 3
"""Dialogs on top of one another."""


@dataclass(eq=False)
class Shown:
    """A view that somebody has before them. `errors`: what the app found wrong, by block."""

    by: Installation
    user: User
    body: Json
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def id(self) -> str:
        """The view's id."""
        return str(self.body["id"])


class Dialogs(Founding):
    """A world in which apps show views."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.stacks: dict[str, list[Shown]] = {}
        """By user; the last one is on top."""
        self.homes: dict[tuple[str, str], Shown] = {}
        """By app and user."""

    # -- what apps do ------------------------------------------------------------------------------------------

    def open_view(self, trigger: Trigger, view: Any) -> Shown:
        """A dialog in place of all that are open. Raises Refusal."""
        shown = self._new(trigger.by, trigger.user, check_view(view, "modal"))
        if self.stacks.get(trigger.user.id) and trigger.view:
            return self._stack(shown)
        self.stacks[trigger.user.id] = [shown]
        return self._told(shown)

    def push_view(self, trigger: Trigger, view: Any) -> Shown:
        """A dialog on top of the one that the trigger came from. Raises Refusal."""
        if not any(shown.id == trigger.view for shown in self.stacks.get(trigger.user.id, [])):
            raise Refusal("not_found")
        return self._stack(self._new(trigger.by, trigger.user, check_view(view, "modal")))

    def _stack(self, shown: Shown) -> Shown:
        stack = self.stacks.setdefault(shown.user.id, [])
        if len(stack) >= DEEPEST:
            raise Refusal("push_limit_reached")
        if stack:
            shown.body["previous_view_id"], shown.body["root_view_id"] = stack[-1].id, stack[0].id
        stack.append(shown)
        return self._told(shown)

    def update_view(self, by: Installation, id: str, external: str, view: Any, hash: str) -> Shown:
        """Another body for a view that is still open. Raises Refusal."""
        every = [*self.homes.values(), *(shown for stack in self.stacks.values() for shown in stack)]
        mine = (s for s in every if s.by.app is by.app)
        shown = next((s for s in mine if (s.id == id if id else s.body["external_id"] == external)), None)
        if shown is None:
            raise Refusal("not_found")
        if hash and hash != shown.body["hash"]:
            raise Refusal("hash_conflict")
        self._renew(shown, check_view(view, shown.body["type"]))
        return self._told(shown)

    def publish_view(self, by: Installation, user: User, view: Any, hash: str) -> Shown:
        """A person's App Home. Raises Refusal."""
        if not by.app.home_tab:
            raise Refusal("not_enabled")
        body, known = check_view(view, "home"), self.homes.get((by.app.id, user.id))
        if known is None:
            known = self.homes[by.app.id, user.id] = self._new(by, user, body)
        elif hash and hash != known.body["hash"]:
            raise Refusal("hash_conflict")
        else:
            self._renew(known, body)
        return self._told(known)

    # -- what comes of a submission ----------------------------------------------------------------------------

    def submitted(self, shown: Shown, answer: Any) -> None:
        """Do what an app answers a submission with."""
        said = answer if isinstance(answer, dict) else {}
        action, stack = said.get("response_action", ""), self.stacks.get(shown.user.id, [])
        try:
            self._respond(shown, stack, action, said)
        except Refusal as refusal:
            shown.trouble = refusal.error
            self.alerts.append(f"a dialog was answered with {action or 'something'} that is refused: {refusal.error}")
        self.changes.add("modal", user=shown.user.id, app=shown.by.app.id, view=self.modal(shown.user))

    def _respond(self, shown: Shown, stack: list[Shown], action: str, said: Json) -> None:
        match action:
            case "":
                if shown in stack:
                    stack.remove(shown)
            case "clear":
                stack.clear()
            case "errors":
                self._wrong(shown, said.get("errors"))
            case "update":
                self._renew(shown, check_view(said.get("view"), "modal"))
            case "push":
                self._stack(self._new(shown.by, shown.user, check_view(said.get("view"), "modal")))
            case _:
                raise Refusal("invalid_response_action")

    def _wrong(self, shown: Shown, errors: Any) -> None:
        inputs = {b["block_id"] for b in shown.body["blocks"] if b["type"] == "input"}
        # Slack shows an error at an input only; others are dropped, and the dialog says that something went wrong.
        if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
            raise Refusal("invalid_errors")
        shown.errors = {name: str(text) for name, text in errors.items()}

    # -- what people see ---------------------------------------------------------------------------------------

    def modal(self, user: User) -> Json | None:
        """The dialog on top that a person has before them; `errors` by block, if the app found something wrong."""
        stack = self.stacks.get(user.id)
        if not stack:
            return None
        top = stack[-1]
        return top.body | {"errors": dict(top.errors), "trouble": top.trouble}

    def top(self, user: User) -> Shown:
        """The dialog on top. ValueError when none is open."""
        stack = self.stacks.get(user.id)
        if not stack:
            raise ValueError(f"{user.name} has no dialog open")
        return stack[-1]

    def _new(self, by: Installation, user: User, view: Json) -> Shown:
        id = self.id("V")
        body: Json = {"id": id, "team_id": by.team.id, "app_id": by.app.id, "bot_id": by.bot.bot_id}
        body |= {"app_installed_team_id": by.team.id, "previous_view_id": None, "root_view_id": id}
        shown = Shown(by, user, body)
        self._renew(shown, view)
        return shown

    def _renew(self, shown: Shown, view: Json) -> None:
        body: Json = {"callback_id": "", "private_metadata": "", "external_id": "", "title": _plain("View Title")}
        body |= {"submit": None, "close": None, "clear_on_close": False, "notify_on_close": False, **view}
        body["state"] = {"values": {}}
        body["hash"] = f"{int(self.now())}.{secrets.token_hex(4)}"
        shown.body |= body
        shown.errors, shown.trouble = {}, ""

    def _told(self, shown: Shown) -> Shown:
        kind = "modal" if shown.body["type"] == "modal" else "home"
        self.changes.add(kind, user=shown.user.id, app=shown.by.app.id, view=shown.body)
        return shown


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}
