"""Formatting between code points and UTF-16 units."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.adapters.telegram.format import entities, measure, neutral
from hub.adapters.telegram.payload import Entity
from hub.domain.text import Span, Text, split

_WORDS = st.text(st.sampled_from("ab é\n👍👩\u200d漢"), min_size=1, max_size=40)
_KINDS = st.sampled_from(["bold", "italic", "underline", "strike", "spoiler", "code", "quote"])


@st.composite
def _texts(draw: st.DrawFn) -> Text:
    plain = draw(_WORDS)
    ends = st.tuples(st.integers(0, len(plain)), st.integers(0, len(plain))).filter(lambda pair: pair[0] < pair[1])
    spans = draw(st.lists(st.builds(lambda pair, kind: Span(pair[0], pair[1], kind), ends, _KINDS), max_size=5))
    return Text(plain, tuple(spans))


@given(_texts())
def test_there_and_back_is_the_same(text: Text) -> None:
    """What is sent and what is read of it agree on every span, whatever characters stand before it."""
    assert neutral(text.plain, entities(text)) == text


@given(_texts())
def test_entities_count_as_the_network_counts(text: Text) -> None:
    """Offsets are those of the words in UTF-16."""
    units = text.plain.encode("utf-16-le")
    for span, entity in zip(text.spans, entities(text), strict=True):
        covered = units[entity.offset * 2 : (entity.offset + entity.length) * 2].decode("utf-16-le")
        assert covered == text.plain[span.start : span.end]
    assert measure(text.plain) == len(units) // 2


@given(_texts(), st.integers(2, 30))
def test_parts_fit_and_lose_nothing(text: Text, limit: int) -> None:
    """Split text fits the network's limit in its own units, and no character is lost, doubled or halved."""
    parts = split(text, limit, measure)
    assert all(measure(part.plain) <= limit for part in parts)
    assert "".join(part.plain for part in parts) == text.plain


@given(st.integers(-5, 50), st.integers(-5, 50))
def test_entities_beside_the_words_do_no_harm(offset: int, length: int) -> None:
    """An entity that leaves the words, or cuts a character in two, is fitted to whole characters or left out."""
    text = neutral("a👍b👍c", [Entity("bold", offset, length)])
    assert all(0 <= span.start < span.end <= 5 for span in text.spans)


def test_only_what_is_ours_to_send_is_sent() -> None:
    """Mentions, commands, others' emojis and addresses that are no web addresses leave as plain words."""
    plain = "@bob /close 👍 here there"
    spans = (
        Span(0, 4, "mention"),
        Span(5, 11, "command"),
        Span(12, 13, "emoji", "5368"),
        Span(14, 18, "link", "javascript:alert(1)"),
        Span(19, 24, "link", "https://example.com"),
    )
    assert [(e.type, e.url) for e in entities(Text(plain, spans))] == [("text_link", "https://example.com")]
