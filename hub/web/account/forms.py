"""Reading a form: what is too large, of another kind or not text is refused before anybody looks at it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec
from aiohttp import ClientError, web
from aiohttp.http_exceptions import HttpProcessingError

from hub.domain.accounts.reception import Faults, Unfit
from hub.errors import Invalid, Refused

LARGEST_FORM = 16 * 1024
"""Bytes; the fullest form of ours has a tenth of it."""
_MOST_FIELDS = 20
_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Signs that make what follows them read the other way round: a name must not rewrite the sentence it stands in."""
_TYPE = "application/x-www-form-urlencoded"


class Unreadable(Invalid):
    """That is not a form of this page."""


class Foreign(Refused):
    """The page was open for long, or your browser keeps no cookies. Nothing was done; press the button once more."""


class Field(msgspec.Struct, frozen=True):
    """A field of a form. A `secret` one is never shown again and may hold any sign; nothing is taken off its ends."""

    name: str
    longest: int = 100
    secret: bool = False

    def clean(self, text: str) -> str:
        """The text as it is meant."""
        return text if self.secret else unicodedata.normalize("NFC", text).strip()

    def fault(self, text: str) -> str:
        """What would be right; empty if it is."""
        if len(text) > self.longest:
            return f"Write at most {self.longest} characters here."
        if not self.secret and any(unicodedata.category(sign) in {"Cc", "Cs"} or sign in _TURNING for sign in text):
            return "Write this with letters that can be seen; it holds signs that cannot."
        return ""


EMAIL = Field("email", 254)
FIRST, LAST = Field("first_name"), Field("last_name")
PASSWORD = Field("password", 256, secret=True)
CODE = Field("code", 40)


class Form(msgspec.Struct, frozen=True):
    """A form that was handed in. `genuine`: it was opened in the browser that hands it in."""

    values: dict[str, str]
    faults: Faults
    genuine: bool
    hidden: Mapping[str, str]
    """The fields that no person fills in."""

    def __getitem__(self, field: Field) -> str:
        """What was written into a field; empty where nothing was."""
        return self.values.get(field.name, "")

    def check(self) -> None:
        """Raises Foreign, or Unfit, before anything may be done with it."""
        if not self.genuine:
            raise Foreign
        if self.faults:
            raise Unfit(self.faults)

    def shown(self, *secret: Field) -> dict[str, str]:
        """What may be shown again."""
        return {name: value for name, value in self.values.items() if name not in {field.name for field in secret}}


def sort(given: Mapping[str, str], fields: tuple[Field, ...], *, genuine: bool) -> Form:
    """The form, from what was handed in."""
    values = {field.name: field.clean(given.get(field.name, "")) for field in fields}
    faults = {field.name: fault for field in fields if (fault := field.fault(values[field.name]))}
    return Form(values, faults, genuine, {name: text for name, text in given.items() if name not in values})


async def read(request: web.Request) -> dict[str, str]:
    """The fields of the form. Raises Unreadable with a sentence that says what would be right."""
    if request.content_type != _TYPE:
        raise Unreadable("That is not what this page's form sends. Open the page anew and fill it in there.")
    try:
        text = (await _body(request)).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Unreadable("That holds bytes that are no text. Open the page anew and fill it in there.") from None
    return dict(reversed(pairs))  # of a field given twice, the first counts


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.content.iter_chunked(LARGEST_FORM):
            body += chunk
            if len(body) > LARGEST_FORM:
                break
    except (ClientError, HttpProcessingError, OSError, web.RequestPayloadError):
        raise Unreadable("The form did not arrive whole. Send it once more.") from None
    if len(body) > LARGEST_FORM:
        raise Unreadable(f"That is too much for a form: at most {LARGEST_FORM // 1024} KB are read. Write less.")
    return bytes(body)
