"""Tells what happens in the stand-in's world as chat lines, and keeps count of what was checked."""

from __future__ import annotations

import textwrap

from hub.demo.stage import Stage
from hub.sandbox.telegram.accounts import Account, Bot, Json

WIDTH = 110
_MARGIN = " " * 4


class Transcript:
    """Follows the world's changes. What was not said since the last line is said at the next `catch_up`."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.checks = 0
        self._cursor = stage.world.changes.cursor
        self._known: dict[tuple[int, int, str], str] = {}
        """What each message said last, by its place, so that a deleted one can still be named."""

    def title(self, words: str) -> None:
        """Begins a scene."""
        self.catch_up()
        _print(f"\n── {words} " + "─" * max(4, WIDTH - len(words) - 4))

    def passed(self, check: str) -> None:
        """A check that held."""
        self.catch_up()
        self.checks += 1
        _print(f"{_MARGIN}✓ {check}")

    def catch_up(self) -> None:
        """Tells what has happened since."""
        for change in self.stage.world.changes.after(self._cursor):
            self._cursor = change["cursor"]
            line = self._line(change)
            if line:
                _tell(*line)

    def _line(self, change: Json) -> tuple[str, str] | None:
        match change["kind"]:
            case "message" | "ephemeral":
                return self._said(change)
            case "edited" | "ephemeral_edited":
                return self._edited(change)
            case "deleted":
                gone = [f"“{_short(self._text_of(change, number))}”" for number in change["message_ids"]]
                return self._where(change, None), "taken away: " + " · ".join(gone)
            case "reaction":
                return self._reacted(change)
            case "tap_answered" if change["text"]:
                return "an alert" if change["alert"] else "a notice", change["text"]
        return None

    def _said(self, change: Json) -> tuple[str, str] | None:
        message = change["message"]
        if any(service in message for service in ("new_chat_members", "pinned_message", "forum_topic_edited")):
            return None
        if "forum_topic_created" in message:
            return "Support", f"a topic is opened: {message['forum_topic_created']['name']}"
        text = self._remember(change)
        who = message["from"]["first_name"]
        alone = f", to {message['receiver_user']['first_name']} alone" if message.get("receiver_user") else ""
        replied = message.get("reply_to_message") or {}
        quoted = f"(↩ “{_short(_words(replied))}”) " if "forum_topic_created" not in replied and _words(replied) else ""
        return f"{self._where(change, message)}{alone}", f"{who}: {quoted}{text}{_buttons(message)}"

    def _edited(self, change: Json) -> tuple[str, str] | None:
        message, before = change["message"], self._known.get(self._key(change))
        text = self._remember(change)
        if text == before:
            return None
        return self._where(change, message), f"{message['from']['first_name']} (edited): {text}"

    def _reacted(self, change: Json) -> tuple[str, str]:
        names = {str(a.id): a.name if isinstance(a, Bot) else a.first_name for a in self._accounts()}
        given = [f"{emoji} {names.get(who, '?')}" for who, emojis in change["reactions"].items() for emoji in emojis]
        text = _short(self._text_of(change, change["message_id"]))
        return self._where(change, None), f"{', '.join(given) or 'no reaction'} on “{text}”"

    def _text_of(self, change: Json, number: int) -> str:
        return self._known.get((change["chat_id"], change["bot_id"] or 0, f"m{number}"), "")

    def _accounts(self) -> list[Account]:
        return [*self.stage.world.users.values(), *self.stage.world.bots.values()]

    def _key(self, change: Json) -> tuple[int, int, str]:
        message = change["message"]
        whisper = message.get("ephemeral_message_id")
        return change["chat_id"], change["bot_id"] or 0, f"w{whisper}" if whisper else f"m{message['message_id']}"

    def _remember(self, change: Json) -> str:
        text = _words(change["message"])
        self._known[self._key(change)] = text
        return text

    def _where(self, change: Json, message: Json | None) -> str:
        scene = self.stage.scene
        if change["bot_id"] is not None:
            person = self.stage.world.users[change["chat_id"]].first_name
            return f"{person}'s phone" if change["bot_id"] == scene.shop_bot.id else f"{person} in private"
        thread = (message or {}).get("message_thread_id")
        topic = scene.group.topics.get(thread) if thread else None
        return f"topic {topic.name}" if topic else "General" if message else "Support"


def _words(message: Json) -> str:
    media = next((k for k in ("photo", "video", "document", "voice", "audio", "sticker") if k in message), "")
    words = str(message.get("text") or message.get("caption") or "")
    return f"[{media}] {words}".strip() if media else words


def _buttons(message: Json) -> str:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return "".join(f"  [{button['text']}]" for row in rows for button in row)


def _short(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) <= 40 else first[:39] + "…"


def _tell(where: str, words: str) -> None:
    lines = [piece for line in words.split("\n") for piece in textwrap.wrap(line, WIDTH - 26) or [""]]
    for number, line in enumerate(lines):
        _print(f"{where[:24] if not number else '':>24}  {line}")


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the transcript is what the tour is for
