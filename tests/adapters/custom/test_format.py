"""Formatting as Markdown: what a system draws from it is what was written."""

from __future__ import annotations

import pytest

from hub.adapters.custom.format import markdown
from hub.domain.text import Span, SpanKind, Text


def spans(*given: tuple[int, int, SpanKind] | tuple[int, int, SpanKind, str]) -> tuple[Span, ...]:
    return tuple(Span(*each) for each in given)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (Text("plain"), "plain"),
        (Text(""), ""),
        (Text("a\n\nb"), "a\n\nb"),
        (
            Text("snake_case _it_ *b* [x](y) `c` <i> & ~s~ \\"),
            r"snake_case \_it\_ \*b\* \[x\](y) \`c\` \<i\> \& \~s\~ \\",
        ),
        (Text("# a\n- b\n1. c\n 2) d\n3 e\n> f\n+1"), "\\# a\n\\- b\n1\\. c\n 2\\) d\n3 e\n\\> f\n\\+1"),
        (Text("a bold b", spans((2, 6, "bold"))), "a **bold** b"),
        (Text("a bold b", spans((1, 7, "bold"))), "a **bold** b"),
        (Text("both", spans((0, 4, "italic"), (0, 4, "bold"))), "***both***"),
        (Text("one\ntwo", spans((0, 7, "strike"))), "~~one~~\n~~two~~"),
        (Text("abcdef", spans((0, 4, "bold"), (2, 6, "italic"))), "**ab*cd***ef"),
        (Text("see *it*", spans((4, 8, "link", "https://a.de/(x)"))), r"see [\*it\*](<https://a.de/(x)>)"),
        (Text("see", spans((0, 3, "link", "javascript:x"))), "see"),
        (Text("x*y`z", spans((0, 5, "code"))), "``x*y`z``"),
        (Text("`z", spans((0, 2, "code"))), "`` `z ``"),
        (Text("a*b", spans((0, 3, "code"), (0, 3, "bold"))), "**`a*b`**"),
        (Text("a\nx*y\n```\nb", spans((2, 9, "pre", "py"))), "a\n````py\nx*y\n```\n````\nb"),
        (Text("q1\nq2\nno", spans((0, 5, "quote"))), "> q1\n> q2\n\nno"),
        (Text("x", spans((0, 1, "spoiler"), (0, 1, "mention"))), "x"),
    ],
)
def test_writes_markdown(text: Text, written: str) -> None:
    """Formatting is written out, words are never read as formatting, and what Markdown lacks is left out."""
    assert markdown(text) == written
