"""Reads one raw request body of the webhook. Pure, and imports no HTTP client.

A body may hold several pages' entries, and those several events. One that cannot be read does not take its
neighbours along: only where nothing can be read is the whole of it anomalous.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec

from hub.adapters.messenger import payload as wire
from hub.adapters.messenger.content import content_of, kinds_of
from hub.adapters.messenger.others import reason_for, unknown
from hub.domain.ids import Address, ExternalId
from hub.domain.incoming import (
    Deleted,
    Delivered,
    Echo,
    Edited,
    Ignored,
    Incoming,
    Postback,
    Reacted,
    Read,
    Referral,
    Said,
)
from hub.domain.text import Text
from hub.errors import Anomalous, Malformed

MARK = "is-messenger"
"""Rides along with everything the hub sends, and comes back in the echo, by which the hub knows its own words."""
NO_MESSAGE = "press:"
"""Begins the name of a pressed button that the network gave none."""

_ENVELOPE = msgspec.json.Decoder(wire.Envelope)
_ENTRY = msgspec.json.Decoder(wire.Entry)
_EVENT = msgspec.json.Decoder(wire.Event)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
_FIRST_MILLISECONDS = 10**11
"""Below this a stamp is in seconds: the network uses both."""
_EMOJIS = {
    "love": "❤",
    "like": "👍",
    "yes": "👍",
    "dislike": "👎",
    "no": "👎",
    "haha": "😆",
    "smile": "😆",
    "wow": "😮",
    "sad": "😢",
    "angry": "😠",
}
OTHER_REACTION = "❤"
"""For a reaction that is not told: the apps' own first choice."""


def translate(payload: bytes, page: str = "", app: str = "") -> list[Incoming]:
    """Reads one body. `page`: reads that page's entries only; `app`: whose echoes are the hub's own, where known.

    Raises Anomalous, and nothing else, for what the network would never send.
    """
    try:
        return _Reading(page, app).read(_envelope(payload))
    except (ValueError, RecursionError):
        # Deep inside, in a part that is read only when it is needed.
        raise Anomalous("This is no event of Messenger's: part of it cannot be read.") from None


def update_id(payload: bytes) -> str:
    """What a redelivery shares: the message's name, or who, what and when; of several events together, a digest."""
    try:
        keys = list(_keys(_envelope(payload)))
    except (Anomalous, ValueError, RecursionError):
        return ""
    alone = keys[0] if len(keys) == 1 else ""
    return alone if 0 < len(alone) <= 200 else _digest("\n".join(keys)) if keys else ""


def _keys(envelope: wire.Envelope) -> Iterator[str]:
    for raw in envelope.entry:
        entry = _ENTRY.decode(raw)
        for event in entry.messaging or []:
            yield _key(event)
        if not entry.messaging:
            yield _digest(bytes(raw).decode("utf-8", "replace"))


def _key(raw: msgspec.Raw) -> str:
    try:
        event = _EVENT.decode(raw)
    except msgspec.ValidationError:
        return _digest(bytes(raw).decode("utf-8", "replace"))
    if event.message is not None:
        return f"{'deleted' if event.message.is_deleted else 'message'}:{event.message.mid}"
    if event.postback is not None and event.postback.mid:
        return f"postback:{event.postback.mid}"
    return _digest(json.dumps(msgspec.to_builtins(event), sort_keys=True, ensure_ascii=True))


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


# -- reading ---------------------------------------------------------------------------------------------------------


def _envelope(payload: bytes) -> wire.Envelope:
    try:
        return _ENVELOPE.decode(payload)
    except (ValueError, RecursionError):
        # Also where only its shape is wrong: what comes after that place has not been looked at yet.
        return _mended_envelope(payload)


def _mended_envelope(payload: bytes) -> wire.Envelope:
    try:
        return _ENVELOPE.decode(mended(payload))
    except msgspec.ValidationError as error:
        found = anomalous(error)
        raise found if payload.lstrip().startswith(b"{") else Malformed(found.text) from None
    except RecursionError:
        raise Malformed("This is no event of Messenger's: it nests deeper than any message.") from None
    except UnicodeDecodeError:
        raise Malformed("This is no event of Messenger's: it is not written in UTF-8.") from None
    except ValueError:
        raise Malformed("This is no event of Messenger's: it is not valid JSON.") from None


def mended(payload: bytes) -> bytes:
    """Half characters, which a database could not keep, become U+FFFD. Numbers that JSON does not have stay wrong."""
    text = json.dumps(json.loads(payload.decode()), ensure_ascii=False)
    return _LONE_SURROGATE.sub("\ufffd", text).encode()


def anomalous(error: msgspec.ValidationError) -> Anomalous:
    """Says in one line what is wrong, and where."""
    what, _, where = str(error).replace("`", "").partition(" - at ")
    place = f" at {where.removeprefix('$.')}" if where else ""
    return Anomalous(f"This is no event of Messenger's: {what[:1].lower()}{what[1:]}{place}.")


def _number(stamp: wire.Stamp) -> float | None:
    """What a stamp says; None where it says nothing."""
    if stamp is None or stamp == "":
        return None
    try:
        return float(stamp)
    except (ValueError, OverflowError):
        raise Anomalous(f"This is no event of Messenger's: {str(stamp)[:25]!r} is no time.") from None


def _moment(*stamps: wire.Stamp) -> datetime:
    """The first of them that says a time."""
    number = next((n for n in map(_number, stamps) if n is not None), None)
    if number is None:
        raise Anomalous("This is no event of Messenger's: it does not say when it happened.")
    seconds = number / 1000 if number >= _FIRST_MILLISECONDS else number
    if not 0 < seconds < _LATEST:
        raise Anomalous(f"This is no event of Messenger's: nothing happens at {str(number)[:25]}.")
    return datetime.fromtimestamp(round(seconds * 1000) / 1000, UTC)


class _Reading:
    """One body being read: what was found, and what was wrong."""

    def __init__(self, page: str, app: str) -> None:
        self._page = page
        self._app = app
        self._found: list[Incoming] = []
        self._wrong: list[str] = []

    def read(self, envelope: wire.Envelope) -> list[Incoming]:
        if envelope.object != "page":
            return [Ignored(reason=f"events of {envelope.object[:40]!r}; contacts write to a page")]
        for raw in envelope.entry:
            self._try(lambda raw=raw: self._entry(raw))  # type: ignore[misc]
        if not self._found:
            raise Anomalous(self._wrong[0] if self._wrong else "This is no event of Messenger's: nothing is in it.")
        return [*self._found, *(Ignored(reason=f"beside the others: {text}") for text in self._wrong)]

    def _try(self, read: Callable[[], list[Incoming]]) -> None:
        try:
            self._found += read()
        except Anomalous as error:
            self._wrong.append(error.text)
        except msgspec.ValidationError as error:
            self._wrong.append(anomalous(error).text)

    def _entry(self, raw: msgspec.Raw) -> list[Incoming]:
        entry = _ENTRY.decode(raw)
        if self._page and entry.id is not None and str(entry.id) != self._page:
            return [Ignored(reason="it is for another page")]
        for event in entry.messaging or []:
            self._try(lambda event=event: self._event(event, entry))  # type: ignore[misc]
        found: list[Incoming] = [_changed(change) for change in entry.changes or []]
        if entry.standby:
            found.append(Ignored(reason="another app answers this contact now (standby)"))
        if not found and not entry.messaging:
            found.append(_odd_entry(raw))
        return found

    def _event(self, raw: msgspec.Raw, entry: wire.Entry) -> list[Incoming]:
        event = _EVENT.decode(raw)
        event.timestamp = entry.time if event.timestamp in (None, "") else event.timestamp
        for kind, read in _KINDS.items():
            if getattr(event, kind) is not None:
                return self._message(event) if kind == "message" else read(event)
        return [unknown(raw)]

    def _message(self, event: wire.Event) -> list[Incoming]:
        message = event.message
        if message is not None and message.is_echo:
            return [self._echo(event, message)]
        return _said(event)

    def _echo(self, event: wire.Event, message: wire.Message) -> Incoming:
        at = _moment(event.timestamp)
        ours = message.metadata == MARK or bool(self._app and str(message.app_id or "") == self._app)
        text, attachments = content_of(message)
        if ours or not str(event.recipient or ""):
            return Ignored(reason="the hub's own message" if ours else "an answer to somebody who is no contact yet")
        if not text and not attachments:
            return Ignored(reason=_without_content(message))
        address, external = Address(str(event.recipient)), ExternalId(message.mid)
        return Echo(address=address, at=at, external_id=external, text=text, attachments=attachments)


def _changed(change: wire.Change) -> Incoming:
    field = (change.field or "?")[:40]
    if field.startswith(("messag", "standby")):
        return Ignored(reason=f"a test from the app's dashboard ({field})")
    return Ignored(reason=f"a change of the page itself ({field})")


def _odd_entry(raw: msgspec.Raw) -> Incoming:
    names = [name for name in msgspec.json.decode(raw, type=dict[str, msgspec.Raw]) if name not in {"id", "time"}]
    names = [name for name in names if name not in {"messaging", "standby", "changes"}]
    if not names:
        raise Anomalous("This is no event of Messenger's: an entry holds nothing.")
    return Ignored(reason=reason_for(names[0][:40]))


# -- events ----------------------------------------------------------------------------------------------------------


def _sender(event: wire.Event) -> Address | None:
    """None where it does not say who: a plugin's visitor, or the network itself."""
    return Address(str(event.sender)) if event.sender is not None and str(event.sender) else None


def _nobody(event: wire.Event, what: str) -> list[Incoming]:
    if event.sender is not None and event.sender.user_ref is not None:
        return [Ignored(reason=f"{what} by a visitor of a plugin who is no contact yet")]
    return [Ignored(reason=f"{what} that does not say who it is from")]


def _said(event: wire.Event) -> list[Incoming]:
    message, address = event.message, _sender(event)
    if message is None or address is None:
        return _nobody(event, "a message")
    at, external = _moment(event.timestamp), ExternalId(message.mid)
    if message.is_deleted:
        return [Deleted(address=address, at=at, external_id=external)]
    if message.quick_reply is not None:
        payload, title = message.quick_reply.payload or "", message.text or ""
        pressed = Postback(address=address, at=at, external_id=external, payload=payload, title=title)
        return [pressed, *_came_by(event, message.referral)]
    return [_words(message, address, at), *_came_by(event, message.referral)]


def _words(message: wire.Message, address: Address, at: datetime) -> Incoming:
    text, attachments = content_of(message)
    if not text and not attachments:
        return Ignored(reason=_without_content(message))
    return Said(
        address=address,
        at=at,
        external_id=ExternalId(message.mid),
        text=text,
        attachments=attachments,
        reply_to=ExternalId(message.reply_to.mid) if message.reply_to and message.reply_to.mid else None,
        start=(message.referral.ref or "") if message.referral else "",
    )


def _without_content(message: wire.Message) -> str:
    if message.is_unsupported or "unsupported" in kinds_of(message):
        return "a kind of message that the network does not show to apps"
    kinds = kinds_of(message)
    return f"a message with nothing that can be read ({', '.join(kinds[:5])})" if kinds else "a message without content"


def _edited(event: wire.Event) -> list[Incoming]:
    edit, address = event.message_edit, _sender(event)
    if edit is None or address is None:
        return _nobody(event, "a changed message")
    at, external = _moment(event.timestamp), ExternalId(edit.mid)
    if edit.text is None:
        return [Ignored(reason="a changed message without its words")]
    return [Edited(address=address, at=at, external_id=external, text=Text(edit.text))]


def _reacted(event: wire.Event) -> list[Incoming]:
    reaction, address = event.reaction, _sender(event)
    if reaction is None or address is None:
        return _nobody(event, "a reaction")
    if reaction.action not in ("react", "unreact"):
        return [Ignored(reason=f"a reaction that was neither put nor taken away ({reaction.action[:40]})")]
    emoji = reaction.emoji or _EMOJIS.get(reaction.reaction or "", OTHER_REACTION)
    emojis = (emoji,) if reaction.action == "react" else ()
    return [Reacted(address=address, at=_moment(event.timestamp), external_id=ExternalId(reaction.mid), emojis=emojis)]


def _pressed(event: wire.Event) -> list[Incoming]:
    press, address = event.postback, _sender(event)
    if press is None or address is None:
        return _nobody(event, "a pressed button")
    at, payload = _moment(event.timestamp), press.payload or ""
    name = press.mid or NO_MESSAGE + _digest(f"{address}|{at.timestamp()}|{payload}")
    pressed = Postback(address=address, at=at, external_id=ExternalId(name), payload=payload, title=press.title or "")
    return [pressed, *_came_by(event, press.referral)]


def _delivered(event: wire.Event) -> list[Incoming]:
    receipt, address = event.delivery, _sender(event)
    if receipt is None or address is None:
        return _nobody(event, "a receipt of delivery")
    return [Delivered(address=address, at=_moment(receipt.watermark, event.timestamp))]


def _read_receipt(event: wire.Event) -> list[Incoming]:
    receipt, address = event.read, _sender(event)
    if receipt is None or address is None:
        return _nobody(event, "a receipt of reading")
    return [Read(address=address, at=_moment(receipt.watermark, event.timestamp))]


def _referred(event: wire.Event) -> list[Incoming]:
    return _came_by(event, event.referral) if _sender(event) else _nobody(event, "a referral")


def _came_by(event: wire.Event, referral: wire.Referral | None) -> list[Incoming]:
    address = _sender(event)
    if referral is None or address is None:
        return []
    return [Referral(address=address, at=_moment(event.timestamp), source=_source(referral))]


def _source(referral: wire.Referral) -> str:
    """What brought the contact, in as many words as the network has: the kind, then the link's own parameter."""
    title = referral.ads_context_data.ad_title if referral.ads_context_data else None
    number = f"ad {referral.ad_id}" if referral.ad_id is not None and not title else ""
    named = " ".join(filter(None, (referral.ref, title, number)))
    return " ".join(filter(None, (referral.source or referral.type, named))) or (referral.referer_uri or "")


def _opted_in(event: wire.Event) -> list[Incoming]:
    optin, address = event.optin, _sender(event)
    if optin is None or address is None:
        return _nobody(event, "a consent")
    source = " ".join(filter(None, ("opt-in", optin.ref or optin.title or optin.type)))
    return [Referral(address=address, at=_moment(event.timestamp), source=source)]


_KINDS: dict[str, Callable[[wire.Event], list[Incoming]]] = {
    "message": _said,
    "message_edit": _edited,
    "reaction": _reacted,
    "postback": _pressed,
    "delivery": _delivered,
    "read": _read_receipt,
    "optin": _opted_in,
    "referral": _referred,
}
