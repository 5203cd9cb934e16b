"""How the hub reads raw webhook payloads, for `hub inspect`: needs no database, no network and no client library."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Iterator

import msgspec

from hub.domain.incoming import Echo, Edited, Incoming, Reacted, Said
from hub.errors import Anomalous, Invalid

NETWORKS = {
    "telegram": "hub.adapters.telegram.translate",
    "messenger": "hub.adapters.messenger.translate",
    "slack": "hub.adapters.slack.translate",
    "custom": "hub.adapters.custom.translate",
}
"""Which module's `translate` reads a network's payloads; imported only when asked for."""

_MARKS = (b'"update_id"', b'"entry"', b'"api_app_id"', b'"at"')
"""What payloads of a line each have in it: a field that each of the network's payloads has."""
_LONGEST = 5_000
"""Lines of one payload that is written over several; then it is given up, so that the next ones are read."""
_FIRST = ("type", "address", "external_id", "at", "person", "text", "spans", "attachments")


def inspect(network: str, lines: Iterable[bytes]) -> Iterator[str]:
    """One JSON object, without its newline, for each thing that the payloads say; each as soon as it is read.

    `lines`: an open file, or lines from anywhere; a payload a line, or written over several lines. Raises Invalid for
    a network that is not known. When all is read, raises Anomalous with one line if any payload was not what the
    network sends; those beside it have been given all the same.
    """
    translate = _translator(network)
    problems: list[str] = []
    found = 0
    for number, payload in _payloads(lines):
        found += 1
        try:
            yield from [shown(incoming) for incoming in translate(payload)]
        except Anomalous as error:
            problems.append(f"Line {number}: {error.text}")
    if not found:
        raise Anomalous("There is no payload to read: give one JSON object, or one a line.")
    if problems:
        more = f" (And {len(problems) - 1} more like it.)" if len(problems) > 1 else ""
        raise Anomalous(problems[0] + more)


def _translator(network: str) -> Callable[[bytes], list[Incoming]]:
    if network not in NETWORKS:
        raise Invalid(f"hub inspect reads the payloads of {', '.join(NETWORKS)}; {network!r} is none of them.")
    translate: Callable[[bytes], list[Incoming]] = importlib.import_module(NETWORKS[network]).translate
    return translate


def shown(incoming: Incoming) -> str:
    """The line that `hub inspect` prints: text as plain words, formatting beside it as `spans`, `at` in ISO 8601."""
    fields: dict[str, object] = msgspec.to_builtins(incoming)
    if not fields.get("person"):
        fields.pop("person", None)
    if isinstance(incoming, Reacted):
        fields["emojis"] = list(incoming.emojis)
    if isinstance(incoming, (Said, Edited, Echo)):
        fields |= _content(incoming)
    order = [name for name in _FIRST if name in fields]
    return json.dumps({name: fields[name] for name in dict.fromkeys([*order, *fields])}, ensure_ascii=False)


def _content(incoming: Said | Edited | Echo) -> dict[str, object]:
    """Always shown, also where there is nothing in it; formatting only where there is some."""
    spans = {"spans": msgspec.to_builtins(incoming.text.spans)} if incoming.text.spans else {}
    attachments = [_attachment(msgspec.to_builtins(attachment)) for attachment in incoming.attachments]
    return {"text": incoming.text.plain, **spans, "attachments": attachments}


def _attachment(fields: dict[str, object]) -> dict[str, object]:
    """`kind` first; where it is left out as the only one possible, the store's own tag is the same word."""
    rest = {name: value for name, value in fields.items() if name not in {"type", "kind"}}
    return {"kind": fields.get("kind", fields["type"]), **rest}


# -- finding the payloads --------------------------------------------------------------------------------------------


def _payloads(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each payload with the number of its first line."""
    begun = 0
    gathered: list[bytes] = []
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not text.strip():
            continue
        if gathered and _starts_anew(text):
            yield begun, b"".join(gathered)
            gathered = []
        begun = begun if gathered else number
        gathered.append(text)
        if (len(gathered) == 1 and not _goes_on(text)) or _whole(gathered):
            yield begun, b"".join(gathered)
            gathered = []
    if gathered:
        yield begun, b"".join(gathered)


def _goes_on(line: bytes) -> bool:
    """Whether a payload's first line asks for more: it opens something and is not complete in itself."""
    return line.lstrip()[:1] in b"{[" and not _is_json(line)


def _starts_anew(line: bytes) -> bool:
    """Whether a line is a payload of its own, so that what came before it was never finished."""
    return line[:1] == b"{" and any(mark in line for mark in _MARKS) and _is_json(line)


def _whole(gathered: list[bytes]) -> bool:
    if len(gathered) >= _LONGEST:
        return True
    return gathered[-1].strip() in {b"}", b"]"} and _is_json(b"".join(gathered))


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
