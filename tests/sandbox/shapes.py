"""Check what the stand-in says against a table of the Bot API's types: required fields, known fields, their types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_PLAIN: dict[str, Any] = {"int": int, "str": str, "bool": bool, "float": (int, float), "int|str": (int, str)}
_VARIANTS = {
    "MessageOrigin": lambda _: "MessageOriginUser",
    "ReactionType": lambda _: "ReactionTypeEmoji",
    "MaybeInaccessibleMessage": lambda value: "Message" if value.get("date") else "InaccessibleMessage",
    "ChatMember": lambda value: {
        "creator": "ChatMemberOwner",
        "administrator": "ChatMemberAdministrator",
        "member": "ChatMemberMember",
        "left": "ChatMemberLeft",
        "kicked": "ChatMemberBanned",
    }[value["status"]],
}
# Newer than the table.
_LATER = {
    ("ChatMemberAdministrator", "can_send_welcome_messages"),
    ("Message", "ephemeral_message_id"),
    ("Message", "receiver_user"),
    ("BotCommand", "is_ephemeral"),
}


def _table() -> dict[str, dict[str, tuple[str, bool]]]:
    types: dict[str, dict[str, tuple[str, bool]]] = {}
    for line in (Path(__file__).parent / "facts.txt").read_text("utf-8").splitlines()[1:]:
        name, *fields = line.split()
        types[name] = {}
        for one in fields:
            field, _, kind = one.partition(":")
            types[name][field.rstrip("!")] = (kind, field.endswith("!"))
    return types


_TYPES = _table()


def check(kind: str, value: Any, path: str = "") -> None:
    """Raises AssertionError that names the field that is wrong."""
    if kind.endswith("[]"):
        assert isinstance(value, list), f"{path} is no list"
        for number, item in enumerate(value):
            check(kind[:-2], item, f"{path}[{number}]")
    elif kind in _PLAIN:
        assert isinstance(value, _PLAIN[kind]), f"{path}: {value!r} is no {kind}"
        assert kind == "bool" or not isinstance(value, bool), f"{path}: {value!r} is no {kind}"
    else:
        _check_object(_VARIANTS[kind](value) if kind in _VARIANTS else kind, value, path or kind)


def _check_object(kind: str, value: Any, path: str) -> None:
    fields = _TYPES[kind]
    missing = [name for name, (_, required) in fields.items() if required and name not in value]
    assert not missing, f"{path} lacks {missing}"
    for name, item in value.items():
        if (kind, name) in _LATER and name not in fields:
            continue
        assert name in fields, f"{path} has no field {name}"
        check(fields[name][0], item, f"{path}.{name}")
