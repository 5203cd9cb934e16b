"""Takes a request's body out of what it comes in, down to the JSON that says what happened.

Slack posts events as JSON, and what people press as JSON within a form; a socket hands both over in an envelope.
"""

from __future__ import annotations

import json
import re
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from hub.adapters.slack.payload import Kind
from hub.errors import Anomalous, Malformed

T = TypeVar("T")

_FORM = re.compile(rb"[A-Za-z_]{1,40}=")
_MOST_FIELDS = 100
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_KIND = msgspec.json.Decoder(Kind)


class Opened(msgspec.Struct, frozen=True):
    """A payload: its kind in the network's words, and its JSON; of a form that holds none it is empty."""

    kind: str
    json: bytes = b""


def opened(body: bytes) -> Opened:
    """The payload in it. Raises Anomalous where the network would send no such body, Malformed where nobody would."""
    inside = body.strip()
    if _FORM.match(inside):
        fields = _form(inside)
        if "payload" not in fields:
            return Opened(_of_form(fields))
        inside = fields["payload"].encode().strip()
    kind = _kind(inside)
    if kind.envelope_id is not None and bytes(kind.payload) not in (b"", b"null"):
        inside = bytes(kind.payload)
        kind = decoded(_KIND, inside)
    if kind.command is not None and not kind.type:
        return Opened("command")
    if not kind.type:
        raise Anomalous("This is nothing of Slack's: it does not say of what type it is.")
    return Opened(kind.type, inside)


def _kind(payload: bytes) -> Kind:
    try:
        return decoded(_KIND, payload)
    except Anomalous as error:
        raise error if payload.startswith(b"{") else Malformed(error.text) from None


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise Malformed("This is nothing of Slack's: the form cannot be read.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed("This is nothing of Slack's: the form says the same thing twice.")
    return fields


def _of_form(fields: dict[str, str]) -> str:
    if "command" in fields:
        return "command"
    if fields.get("ssl_check") == "1":
        return "ssl_check"
    raise Malformed("This is nothing of Slack's: the form holds neither a payload nor a command.")


def decoded(decoder: msgspec.json.Decoder[T], payload: bytes) -> T:
    """Reads JSON. Raises Anomalous with one line that says what is wrong, and where."""
    try:
        return decoder.decode(payload)
    except (ValueError, RecursionError):
        # Also where only its shape is wrong: what comes after that place has not been looked at yet.
        return _decoded_mended(decoder, payload)


def _decoded_mended(decoder: msgspec.json.Decoder[T], payload: bytes) -> T:
    try:
        return decoder.decode(_mended(payload))
    except msgspec.ValidationError as error:
        raise anomalous(error) from None
    except RecursionError:
        raise Malformed("This is nothing of Slack's: it nests deeper than any message.") from None
    except UnicodeDecodeError:
        raise Malformed("This is nothing of Slack's: it is not written in UTF-8.") from None
    except ValueError:
        raise Malformed("This is nothing of Slack's: it is not valid JSON.") from None


def _mended(payload: bytes) -> bytes:
    """Half characters, which a database could not keep, become U+FFFD. Numbers that JSON does not have stay wrong."""
    text = json.dumps(json.loads(payload.decode()), ensure_ascii=False)
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def anomalous(error: msgspec.ValidationError) -> Anomalous:
    """Says in one line what is wrong, and where."""
    what, _, where = str(error).replace("`", "").partition(" - at ")
    place = f" at {where.removeprefix('$.')}" if where else ""
    return Anomalous(f"This is nothing of Slack's: {what[:1].lower()}{what[1:]}{place}.")
