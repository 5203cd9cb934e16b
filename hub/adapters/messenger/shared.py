"""One app at Messenger that serves many pages: all their events come in at one door, and are told apart here."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from hub.adapters.messenger import signature
from hub.adapters.messenger.translate import anomalous, mended
from hub.errors import Malformed
from hub.settings import Settings


class _Envelope(msgspec.Struct):
    object: str
    entry: list[msgspec.Raw]


class _Entry(msgspec.Struct):
    id: str | int | None = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_ENTRY = msgspec.json.Decoder(_Entry)


class MessengerApp:
    """The app of the settings. Fulfils SharedApp and Greets."""

    network = "messenger"

    def __init__(self, settings: Settings) -> None:
        """Takes nothing for genuine where the settings name no app secret."""
        self._app_secret = settings.messenger_app_secret
        self._verify_token = settings.messenger_verify_token

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """The network signs the body with the app's secret."""
        signature.verify(headers, body, self._app_secret)

    def greet(self, query: Mapping[str, str], body: bytes) -> str | None:
        """The network asks once, when the address is entered on the app's webhook page."""
        del body  # It asks by GET.
        return signature.greet(query, self._verify_token)

    def split(self, body: bytes) -> list[tuple[str, bytes]]:
        """A body for each page, its entries as they came and in their order. One of no page is for nobody."""
        try:
            envelope = _read(body)
            pages: dict[str, list[bytes]] = {}
            for raw in envelope.entry:
                pages.setdefault(_page(raw), []).append(bytes(raw))
        except msgspec.ValidationError as error:
            raise anomalous(error) from None
        except (ValueError, RecursionError):
            raise Malformed("This is no event of Messenger's: it cannot be read.") from None
        start = b'{"object":' + json.dumps(envelope.object).encode() + b',"entry":['
        return [(page, start + b",".join(entries) + b"]}") for page, entries in pages.items()]


def _read(body: bytes) -> _Envelope:
    if not body.lstrip().startswith(b"{"):
        raise Malformed("This is no event of Messenger's: it is no object of JSON.")
    try:
        return _ENVELOPE.decode(body)
    except (ValueError, RecursionError):
        # Also where only its shape is wrong: what comes after that place has not been looked at yet.
        return _ENVELOPE.decode(mended(body))


def _page(raw: msgspec.Raw) -> str:
    try:
        id = _ENTRY.decode(raw).id
    except msgspec.ValidationError:
        return ""
    return "" if id is None else str(id)
