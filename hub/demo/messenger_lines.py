"""What happens on Messenger, as lines of the transcript."""

from __future__ import annotations

from collections.abc import Iterator

from hub.demo.lines import Line, reacted, short
from hub.sandbox.messenger.accounts import Json
from hub.sandbox.page.scene import OnMessenger


class MessengerLines:
    """Fulfils Teller."""

    def __init__(self, messenger: OnMessenger) -> None:
        self._messenger = messenger
        self._cursor = messenger.world.changes.cursor
        self._known: dict[str, str] = {}
        """What each message says."""

    def news(self) -> Iterator[Line]:
        """See Teller."""
        for change in self._messenger.world.changes.after(self._cursor):
            self._cursor = change["cursor"]
            line = self._line(change)
            if line:
                yield f"{self._person(change)}'s Messenger", line

    def _line(self, change: Json) -> str:
        match change["kind"]:
            case "message" | "edited":
                message = change["message"]
                self._known[message["mid"]] = text = words(message)
                again = " (edited)" if change["kind"] == "edited" else ""
                return f"{self._author(change, message['from'])}{again}: {text}"
            case "deleted":
                return f"taken away: “{short(self._known.get(change['mid'], ''))}”"
            case "reaction":
                given = [f"{emoji} {self._author(change, who)}" for who, emoji in change["reactions"].items()]
                return reacted(given, self._known.get(change["mid"], ""))
        return ""

    def _person(self, change: Json) -> str:
        return self._messenger.world.people[change["person"]].first_name

    def _author(self, change: Json, who: str) -> str:
        return self._person(change) if who == "contact" else self._messenger.page.name


def words(message: Json) -> str:
    """What a message says, with its files before it."""
    files = "".join(f"[{each['type']}] " for each in message["attachments"])
    return f"{files}{message['text']}".strip()
