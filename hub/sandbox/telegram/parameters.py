"""Parameters declared as data: one mechanism reads, types and refuses them for every method.

A declaration is a line of words `name:kind`, kind being int, float, bool, str, chat, list, ints, strings, object or
file (the default is str). `!` marks a required one, `(64)` a greatest length. What a form sends as text is typed here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from hub.sandbox.telegram.refusals import bad

_DECLARATION = re.compile(r"(\w+)(?::(\w+))?(!)?(?:\((\d+)\))?")
_TRUE = frozenset({"true", "yes", "1"})

# What the network calls a required parameter that is missing; the others are `parameter "name" is required`.
_MISSING = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "Message identifier is not specified",
    "message_ids": "Message identifiers are not specified",
    "user_id": "Invalid user_id specified",
    "receiver_user_id": "Invalid receiver_user_id specified",
    "message_thread_id": "Invalid message_thread_id specified",
    "file_id": "file_id not specified",
    "photo": "There is no photo in the request",
    "video": "There is no video in the request",
    "animation": "There is no animation in the request",
    "audio": "There is no audio in the request",
    "voice": "There is no voice in the request",
    "video_note": "There is no video note in the request",
    "document": "There is no document in the request",
    "sticker": "There is no sticker in the request",
    "latitude": "latitude is empty",
    "longitude": "longitude is empty",
    "action": "Wrong parameter action in request",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
}


@dataclass(frozen=True)
class Parameter:
    """One declared parameter."""

    name: str
    kind: str = "str"
    required: bool = False
    longest: int = 0


def declare(line: str) -> tuple[Parameter, ...]:
    """Parameters from their line."""
    return tuple(
        Parameter(name, kind or "str", bool(required), int(longest or 0))
        for name, kind, required, longest in _DECLARATION.findall(line)
    )


def read(declared: tuple[Parameter, ...], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values of what was given. Raises Refusal for a missing or malformed one."""
    values = {parameter.name: _read(parameter, raw.get(parameter.name)) for parameter in declared}
    return {name: value for name, value in values.items() if value is not None}


def _read(parameter: Parameter, given: Any) -> Any:
    if given is None or given == "":
        if parameter.required:
            raise bad(_MISSING.get(parameter.name, f'parameter "{parameter.name}" is required'))
        return None
    try:
        value = _READERS[parameter.kind](given)
    except (ValueError, TypeError, OverflowError, msgspec.DecodeError):
        raise bad(_malformed(parameter)) from None
    if parameter.longest and isinstance(value, str) and len(value) > parameter.longest:
        raise bad(f'parameter "{parameter.name}" is too long')
    return value


def _malformed(parameter: Parameter) -> str:
    if parameter.kind in {"list", "ints", "strings", "object"}:
        return f"Can't parse {parameter.name.replace('_', ' ')} JSON object"
    return (
        _MISSING.get(parameter.name, f"Invalid {parameter.name} specified")
        if parameter.kind != "chat"
        else ("chat not found")
    )


def _int(given: Any) -> int:
    if isinstance(given, bool):
        raise TypeError
    return int(given)


def _bool(given: Any) -> bool:
    return given if isinstance(given, bool) else str(given).strip().lower() in _TRUE


def _str(given: Any) -> str:
    if isinstance(given, (dict, list, bool)):
        raise TypeError
    return str(given)


def _chat(given: Any) -> int | str:
    return given if isinstance(given, str) and given.startswith("@") else _int(given)


def _json(kind: type) -> Callable[[Any], Any]:
    def reader(given: Any) -> Any:
        value = msgspec.json.decode(given) if isinstance(given, (str, bytes)) else given
        if not isinstance(value, kind):
            raise TypeError
        return value

    return reader


def _list_of(item: Callable[[Any], Any]) -> Callable[[Any], Any]:
    as_list = _json(list)
    return lambda given: [item(one) for one in as_list(given)]


_READERS: dict[str, Callable[[Any], Any]] = {
    "int": _int,
    "float": float,
    "bool": _bool,
    "str": _str,
    "chat": _chat,
    "list": _json(list),
    "object": _json(dict),
    "ints": _list_of(_int),
    "strings": _list_of(_str),
    "file": _str,
}


def text_in(item: Mapping[str, Any], name: str) -> str:
    """A text field of an object that a caller sent, empty where absent. Raises Refusal for another type."""
    value = item.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (str, int, float))):
        raise bad(f'Field "{name}" must be of type String')
    return "" if value is None else str(value)


def number_in(item: Mapping[str, Any], name: str) -> int:
    """A whole number in an object that a caller sent, 0 where absent. Raises Refusal for another type."""
    try:
        return _int(item.get(name) or 0)
    except (ValueError, TypeError, OverflowError):
        raise bad(f'Field "{name}" must be of type Number') from None


def chat_in(item: Mapping[str, Any], name: str) -> int | str:
    """A chat's id or @name in an object that a caller sent. Raises Refusal for another type."""
    given = item.get(name)
    return given if isinstance(given, str) and given.startswith("@") else number_in(item, name)
