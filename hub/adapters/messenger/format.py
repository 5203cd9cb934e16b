"""Text from the neutral form to the network's, which is plain words.

Some of Messenger's apps draw `*bold*`, `_italic_`, `~strike~` and `` `code` `` so, but the network promises it for no
page's message, and elsewhere the contact would read the stars. So formatting is left out and the words arrive as they
were written; only an address that stands behind other words is added to them, for without it the link were lost. What
contacts write is not read as markup either.
"""

from __future__ import annotations

from hub.domain.text import Span, Text

_LAST_BMP = "\uffff"


def measure(plain: str) -> int:
    """How long the network finds the words: in UTF-16 units."""
    return len(plain) if plain.isascii() else len(plain) + sum(map(_LAST_BMP.__lt__, plain))


def words(text: Text) -> str:
    """The words, with the addresses of links behind theirs."""
    links = [span for span in text.spans if _adds(span, text.plain)]
    plain = text.plain
    for span in sorted(links, key=lambda span: span.end, reverse=True):
        plain = f"{plain[: span.end]} ({span.value}){plain[span.end :]}"
    return plain


def _adds(span: Span, plain: str) -> bool:
    """Whether the address says more than the words do, and leads anywhere outside the network it comes from."""
    if span.kind != "link" or not span.value.startswith(("http://", "https://", "mailto:", "tel:")):
        return False
    if not 0 <= span.start < span.end <= len(plain):
        return False
    return _bare(span.value) != _bare(plain[span.start : span.end])


def _bare(address: str) -> str:
    return address.strip().removeprefix("mailto:").removeprefix("tel:").partition("://")[2].rstrip("/") or (
        address.strip().removeprefix("mailto:").removeprefix("tel:").rstrip("/")
    )
