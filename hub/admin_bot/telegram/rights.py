"""What the admin bot needs in a group, read from what Telegram says of the group and of the bot there.

Plain JSON and no library, so that `hub check` may use it without loading any.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WHERE = "in the group's settings, Administrators"
_NEEDED = (
    ("can_manage_topics", "Manage topics", "open contacts' topics"),
    ("can_delete_messages", "Delete messages", "take away a token that somebody posts"),
)


def problems(chat: Mapping[str, Any], bot: Mapping[str, Any], *, sees_all: bool) -> list[str]:
    """What keeps the admin bot from working in the group, each with how to mend it.

    `chat` and `bot` are getChat's and getChatMember's answers; `sees_all`: the bot's privacy mode is off.
    """
    if bot.get("status") in ("left", "kicked"):
        return ["The admin bot is not in the group any more: add it again, as an administrator."]
    return [*_topics(chat), *_standing(chat, bot, sees_all=sees_all)]


def _topics(chat: Mapping[str, Any]) -> list[str]:
    if chat.get("is_forum"):
        return []
    return ["Topics are switched off, so contacts have no place: switch them on in the group's settings, Topics."]


def _standing(chat: Mapping[str, Any], bot: Mapping[str, Any], *, sees_all: bool) -> list[str]:
    if bot.get("status") == "creator":
        return []
    if bot.get("status") == "administrator":
        lacks = [(label, what) for right, label, what in _NEEDED if not bot.get(right)]
        return [f"The admin bot may not {what}: switch on “{label}” for it {_WHERE}." for label, what in lacks]
    effects = ["opens no topics"]
    if not sees_all:
        effects.append("does not see what your team writes (privacy mode)")
    if not _may_post(chat, bot):
        effects.append("may not even post")
    rights = " and ".join(f"“{label}”" for _, label, _ in _NEEDED)
    return [f"The admin bot is no administrator, so it {_listed(effects)}: make it one, with {rights}, {_WHERE}."]


def _may_post(chat: Mapping[str, Any], bot: Mapping[str, Any]) -> bool:
    """Whether one who is no administrator may post: by a restriction of their own, else by what all may do."""
    limits = bot if bot.get("status") == "restricted" else chat.get("permissions") or {}
    return limits.get("can_send_messages") is not False


def _listed(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
