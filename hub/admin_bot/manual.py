"""What the help says beyond what commands declare: the first lines for each place, an example of every command, and how
a word finds what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from hub.admin_bot import registry
from hub.admin_bot.command import Command
from hub.domain.members import Permission
from hub.domain.names import plainly

Where = Literal["place", "home", "private", "nobody"]
"""Where help is asked for: in a contact's place, at the home of a desk, in private, or by who is in no workspace."""
Lines = Sequence[tuple[str, str]]
"""Lines as they are typed, each with what it does."""
_NEXT, _INBOX = ("/next", "who waits longest"), ("/inbox", "conversations, with links")
_FIND, _CONTACTS = ("/find refund", "what was said"), ("/contacts tom", "by part of a name or number")
_UNDO = ("/undo", "take back what you did last")
_BUSY = ("/busy 2h", "be given none for a while")
_SETTINGS = ("/settings", "how this workspace works")
_FAILED = ("/failed", "what did not arrive, and why")
FIRST: Mapping[Where, Lines] = {
    "place": (
        ("/take", "make it yours"),
        ("/assign bob", "give it to somebody"),
        ("/note call her", "keep a note; so does //"),
        ("/snippet hi", "send a saved reply"),
        ("/tag vip", "tag the contact"),
        ("/snooze 2h", "out of sight until then"),
        ("/close", "with category and summary"),
        ("/contact", "who they are"),
        ("/history", "what was before"),
        _UNDO,
        _NEXT,
    ),
    "home": (
        _NEXT,
        _INBOX,
        ("/inbox mine", "your own alone"),
        ("/filter waiting>2h", "those that fit"),
        _FIND,
        _CONTACTS,
        ("/take 123", "make one yours"),
        ("/close 123", "with category and summary"),
        ("/snippet", "the saved replies"),
        _BUSY,
        _UNDO,
        _FAILED,
        _SETTINGS,
    ),
    "private": (
        _NEXT,
        _INBOX,
        _FIND,
        _CONTACTS,
        ("/me", "your account"),
        ("/notify", "what you are told here"),
        _BUSY,
        ("/workspace", "your workspaces"),
        ("/setup", "what is left to set up"),
        ("/invite", "let a colleague in"),
        ("/channel", "what contacts write to"),
        _FAILED,
        _SETTINGS,
    ),
    "nobody": (
        ("/start", "sign up, or sign in"),
        ("/me", "your account"),
        ("/whoami", "who you are here"),
    ),
}
"""What is done most there; of it, everybody is shown what their role may do."""
EXAMPLES: Mapping[str, str] = {
    "assign": "/assign bob",
    "take": "/take",
    "next": "/next take",
    "close": "/close bil Refunded order 7",
    "reopen": "/reopen",
    "snooze": "/snooze fri 14",
    "via": "/via shop bot",
    "note": "/note bob please call her back",
    "reply": "/reply It is on its way.",
    "snippet": "/snippet hi",
    "alias": "/alias done = /tag resolved; /close Solved",
    "later": "/later tomorrow 9:00 Good morning!",
    "undo": "/undo",
    "unsend": "/unsend",
    "inbox": "/inbox mine snoozed",
    "filter": "/filter tag:vip assignee:none waiting>2h",
    "contacts": "/contacts tom",
    "find": "/find refund from:bob since:oct",
    "tag": "/tag vip -new",
    "contact": "/contact tom",
    "history": "/history",
    "timeline": "/timeline",
    "field": "/field city Berlin",
    "block": "/block 7d spam",
    "unblock": "/unblock",
    "forget": "/forget 123",
    "merge": "/merge #124",
    "unmerge": "/unmerge",
    "import": "/import go",
    "export": "/export contacts csv",
    "help": "/help close",
    "whoami": "/whoami",
    "start": "/start",
    "invite": "/invite ann@example.com agent",
    "users": "/users",
    "role": "/role bob manager",
    "remove": "/remove bob to ann",
    "team": "/team create Sales",
    "busy": "/busy 2h",
    "online": "/online",
    "cap": "/cap bob 5",
    "setup": "/setup channel",
    "me": "/me name Bob",
    "2fa": "/2fa",
    "sessions": "/sessions end all",
    "logout": "/logout",
    "notify": "/notify quiet 22:00 7:00",
    "workspace": "/workspace rename Support",
    "organization": "/organization people",
    "channel": "/channel connect",
    "desk": "/desk here",
    "category": "/category add Billing",
    "settings": "/settings waiting 30",
    "audit": "/audit bob",
    "hours": "/hours mon-fri 9-17:30",
    "greeting": "/greeting Hello, how can we help?",
    "away": "/away We are back at 9:00.",
    "rating": "/rating on",
    "fields": "/fields add text City",
    "tags": "/tags color vip red",
    "failed": "/failed retry all",
}
"""One line for each command, as it is typed in a contact's place."""
NUMBER = "123"
"""The number of a conversation in examples for elsewhere."""
_SHORTEST = 3
"""Letters of a word that is looked for among words."""
_MOST = 12
_HEAD = re.compile(r"(.{20,}?)[;:]")
_WORD = re.compile(r"[^\W_]+")


def example(command: Command, where: Where) -> str:
    """A line that can be typed there; empty: none is known."""
    line = EXAMPLES.get(command.name, "")
    if where == "place" or command.about != "conversation" or not line:
        return line
    verb, _, rest = line.partition(" ")
    return f"{verb} {NUMBER} {rest}".strip()


def brief(command: Command) -> str:
    """The beginning of what a command says of itself, where that is enough to tell it from others."""
    head = _HEAD.match(command.help)
    return (head[1] if head else command.help).rstrip(".")


def sections(those: Sequence[Command]) -> list[str]:
    """The sections of the help that these are in."""
    return list(dict.fromkeys(c.section for c in those))


def section(words: str, those: Sequence[Command]) -> str:
    """The section whose name begins so; empty: none."""
    wanted = plainly(words)
    return next((s for s in sections(those) if len(wanted) >= _SHORTEST and plainly(s).startswith(wanted)), "")


def named(word: str) -> Command | None:
    """The command of that name or alias."""
    return next((c for c in registry.shown() if word in (c.name, *c.aliases)), None)


def about(words: str, those: Sequence[Command]) -> list[Command]:
    """The commands whose name begins so; where that is not one alone, also those that say all the words."""
    wanted = [plainly(word) for word in words.split()]
    begun = [c for c in those if len(wanted) == 1 and c.name.startswith(wanted[0])]
    if len(begun) == 1:
        return begun
    saying = [c for c in those if c not in begun and _says(c, wanted)]
    return [*begun, *saying][:_MOST]


def _says(command: Command, wanted: Sequence[str]) -> bool:
    """Whether each word begins one of the command's own, in the singular too."""
    there = [w.casefold() for w in _WORD.findall(f"{command.help} {command.usage}")]
    return all(len(word) >= _SHORTEST and any(w.startswith(word.removesuffix("s")) for w in there) for word in wanted)


def asked_of(permissions: Sequence[Permission]) -> str:
    """Whom those permissions leave a command to, in words."""
    return ", and ".join(_WHO[each] for each in permissions)


_WHO: Mapping[Permission, str] = {
    "anyone": "anybody",
    "agent": "everybody in the workspace",
    "manager": "managers and owners",
    "owner": "owners",
    "user_admin": "user admins of the organization",
    "admin": "admins of the organization",
}
