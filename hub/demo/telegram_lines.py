"""What happens on Telegram, as lines of the transcript."""

from __future__ import annotations

from collections.abc import Iterator

from hub.demo.lines import Line, reacted, safe, short
from hub.sandbox.page.scene import Scene
from hub.sandbox.telegram.accounts import Account, Bot, Json


class TelegramLines:
    """Fulfils Teller."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._world = scene.world
        self._cursor = scene.world.changes.cursor
        self._known: dict[tuple[int, int, str], tuple[str, str]] = {}
        """Where each message stands and what it said last, so that a deleted one can still be named."""

    def news(self) -> Iterator[Line]:
        """See Teller."""
        for change in self._world.changes.after(self._cursor):
            self._cursor = change["cursor"]
            line = self._line(change)
            if line:
                yield line

    def _line(self, change: Json) -> Line | None:
        match change["kind"]:
            case "message" | "ephemeral":
                return self._said(change)
            case "edited" | "ephemeral_edited":
                return self._edited(change)
            case "deleted":
                gone = [self._kept(change, number) for number in change["message_ids"]]
                return gone[0][0], "taken away: " + " · ".join(f"“{short(text)}”" for _, text in gone)
            case "reaction":
                return self._reacted(change)
            case "tap_answered" if change["text"]:
                return "an alert" if change["alert"] else "a notice", change["text"]
        return None

    def _said(self, change: Json) -> Line | None:
        message = change["message"]
        if any(service in message for service in ("new_chat_members", "pinned_message", "forum_topic_edited")):
            return None
        if "forum_topic_created" in message:
            return "Support", f"a topic is opened: {message['forum_topic_created']['name']}"
        text = self._remember(change)
        who = message["from"]["first_name"]
        alone = f", only {message['receiver_user']['first_name']}" if message.get("receiver_user") else ""
        replied = message.get("reply_to_message") or {}
        quoted = f"(↩ “{short(_words(replied))}”) " if "forum_topic_created" not in replied and _words(replied) else ""
        return f"{self._where(change)}{alone}", f"{who}: {quoted}{text}{_buttons(message)}"

    def _edited(self, change: Json) -> Line | None:
        message, before = change["message"], self._known.get(self._key(change), ("", ""))
        text = self._remember(change)
        if text == before[1]:
            return None
        return self._where(change), f"{message['from']['first_name']} (edited): {text}"

    def _reacted(self, change: Json) -> tuple[str, str]:
        names = {str(a.id): a.name if isinstance(a, Bot) else a.first_name for a in self._accounts()}
        given = [f"{emoji} {names.get(who, '?')}" for who, emojis in change["reactions"].items() for emoji in emojis]
        where, text = self._kept(change, change["message_id"])
        return where, reacted(given, text)

    def _kept(self, change: Json, number: int) -> Line:
        return self._known.get((change["chat_id"], change["bot_id"] or 0, f"m{number}"), ("Support", ""))

    def _accounts(self) -> list[Account]:
        return [*self._world.users.values(), *self._world.bots.values()]

    def _key(self, change: Json) -> tuple[int, int, str]:
        message = change["message"]
        whisper = message.get("ephemeral_message_id")
        return change["chat_id"], change["bot_id"] or 0, f"w{whisper}" if whisper else f"m{message['message_id']}"

    def _remember(self, change: Json) -> str:
        text = _words(change["message"])
        self._known[self._key(change)] = (self._where(change), text)
        return text

    def _where(self, change: Json) -> str:
        scene = self._scene
        if change["bot_id"] is not None:
            person = self._world.users[change["chat_id"]].first_name
            return f"{person}'s phone" if change["bot_id"] == scene.shop_bot.id else f"{person} in private"
        topic = scene.group.topics.get(change["message"].get("message_thread_id", 0))
        return f"topic {topic.name}" if topic else "General"


def _words(message: Json) -> str:
    media = next((k for k in ("photo", "video", "document", "voice", "audio", "sticker") if k in message), "")
    words = safe(str(message.get("text") or message.get("caption") or ""))
    return f"[{media}] {words}".strip() if media else words


def _buttons(message: Json) -> str:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return "".join(f"  [{button['text']}]" for row in rows for button in row)
