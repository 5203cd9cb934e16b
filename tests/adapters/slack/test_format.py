"""Words on their way to Slack and back: none is lost or doubled, and nothing that is written can act."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.adapters.slack import emoji
from hub.adapters.slack.format import body, escape, length, markup, measure, rich, same_in_markup, sendable
from hub.adapters.slack.parts import TEXT_LIMIT, TextPart, parts_of
from hub.adapters.slack.reading import Naming, mrkdwn, read, unescaped
from hub.adapters.slack.reading import rich as read_rich
from hub.domain.ports import Outgoing
from hub.domain.text import Span, SpanKind, Text

HERE = Naming()
KINDS: list[SpanKind] = ["bold", "italic", "strike", "code", "quote", "pre", "underline", "spoiler", "command"]
_SIGNS = st.characters(exclude_categories=["Cs"])
_WORDS = st.text(
    st.one_of(_SIGNS, st.sampled_from(list("*_~`<>&|@#!:\n \n  ab👍🏽")), st.sampled_from(["\u2028", "\r", "\x00"])),
    max_size=60,
)


@st.composite
def texts(draw: st.DrawFn) -> Text:
    """Any words, with formatting anywhere on them."""
    plain = draw(_WORDS)
    spans = []
    for _ in range(draw(st.integers(0, 5)) if plain else 0):
        start = draw(st.integers(0, len(plain) - 1))
        end = draw(st.integers(start + 1, len(plain)))
        kind = draw(st.sampled_from([*KINDS, "link", "mention"]))
        value = draw(st.sampled_from(["https://a.example/?x=1&y=<2>", "javascript:x", "https://a.example|b"]))
        spans.append(Span(start, end, kind, value if kind in ("link", "mention") else ""))
    return Text(plain, tuple(spans))


@settings(max_examples=200, deadline=None, database=None)
@given(_WORDS)
def test_exactly_three_signs_are_escaped(plain: str) -> None:
    """`&`, `<` and `>`, as the network asks, and the words come back as they were."""
    escaped = escape(plain)
    assert unescaped(escaped) == plain
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", escaped)


@settings(max_examples=300, deadline=None, database=None)
@given(texts())
def test_rich_text_says_exactly_the_words(text: Text) -> None:
    """Whatever the words hold, rich text gives them back: none is taken for markup, a mention or an emoji's name."""
    back = read_rich([{"type": "rich_text", "elements": rich(text)}], HERE)
    assert back.plain == (_told(text) or "…")


def _told(text: Text) -> str:
    """A quote or a block of code ends its line by itself, so that the text's own last line end says nothing more."""
    fit = sendable(text)
    ended = any(s.kind in ("quote", "pre") and s.end == len(fit.plain) - 1 for s in fit.spans)
    return fit.plain[:-1] if ended else fit.plain


def _style(text: Text, kind: SpanKind) -> set[int]:
    """The places where the words have that formatting, without spaces, on which it does not show."""
    return {
        place
        for s in text.spans
        if s.kind == kind
        for place in range(s.start, s.end)
        if not text.plain[place].isspace()
    }


@settings(max_examples=300, deadline=None, database=None)
@given(texts())
def test_rich_text_keeps_the_formatting(text: Text) -> None:
    """Bold, italic, strike, code, quotes and blocks of code arrive on the very same words."""
    fit = sendable(text)
    back = read_rich([{"type": "rich_text", "elements": rich(text)}], HERE)
    for kind in ("bold", "italic", "strike", "quote", "pre"):
        if kind in ("bold", "italic", "strike") and _style(fit, "pre"):
            continue
        assert _style(back, kind) == (_style(fit, kind) if fit.plain else set())


@settings(max_examples=300, deadline=None, database=None)
@given(texts())
def test_markup_never_calls_anybody(text: Text) -> None:
    """In markup nothing but a link's own brackets is a bracket: nobody is pinged, no channel is named."""
    written = markup(text)
    for inside in re.findall(r"<([^>]*)>", written):
        assert re.match(r"(?:https?://|mailto:|tel:)", inside, re.IGNORECASE)
    assert "<" not in re.sub(r"<[^<>]*>", "", written)


@settings(max_examples=300, deadline=None, database=None)
@given(texts())
def test_what_markup_cannot_say_goes_as_rich_text(text: Text) -> None:
    """However a message goes out, whoever reads it reads the same words, also back through the hub."""
    fields = body(text)
    back = read(fields["text"], fields.get("blocks"), HERE)
    want = sendable(text).plain
    if want.strip():
        assert back.plain == _told(text)
    if same_in_markup(text):
        assert mrkdwn(markup(text), HERE).plain == want


@settings(max_examples=300, deadline=None, database=None)
@given(texts(), st.integers(1, 300))
def test_splits_without_losing_words(text: Text, times: int) -> None:
    """Every part fits, and together they say it all, in order, with their formatting."""
    long = Text(text.plain * times, text.spans)
    if not long.plain.strip():
        return
    parts = [part for part in parts_of(Outgoing(text=long)) if isinstance(part, TextPart)]
    together = "".join(part.text.plain for part in parts)
    assert "".join(together.split()) == "".join(long.plain.split())
    for part in parts:
        assert part.text.plain.strip()
        assert length(part.fields()["text"]) <= TEXT_LIMIT
        read_rich([{"type": "rich_text", "elements": rich(part.text)}], HERE)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (Text("a < b & c > d"), "a &lt; b &amp; c &gt; d"),
        (Text("so bold", (Span(3, 7, "bold"),)), "so *bold*"),
        (Text("so bold", (Span(2, 7, "bold"),)), "so *bold*"),
        (Text("unbold", (Span(2, 6, "bold"),)), "unbold"),
        (Text("ab", (Span(0, 2, "bold"), Span(0, 2, "italic"))), "*_ab_*"),
        (Text("x = 1", (Span(0, 5, "code"),)), "`x = 1`"),
        (Text("say\nthis\nend", (Span(4, 8, "quote"),)), "say\n&gt; this\nend".replace("&gt;", ">")),
        (
            Text("see here", (Span(4, 8, "link", "https://a.example/?a=1&b=2"),)),
            "see <https://a.example/?a=1&amp;b=2|here>",
        ),
        (Text("see here", (Span(4, 8, "link", "javascript:alert(1)"),)), "see here"),
        (Text("@Tom", (Span(0, 4, "mention", "slack://user?team=T1&id=U1"),)), "@Tom"),
        (Text("<!channel> <@U1>"), "&lt;!channel&gt; &lt;@U1&gt;"),
    ],
)
def test_markup(text: Text, written: str) -> None:
    """As the network documents it."""
    assert markup(text) == written


def test_plain_words_go_without_blocks() -> None:
    """Blocks only where they are needed: every client shows plain words well."""
    assert body(Text("Hello, Ann & Bob")) == {"text": "Hello, Ann &amp; Bob"}
    for marked in ("2 * 3 * 4", "a_b_c", ":wave:", "> said", "`x`"):
        assert "blocks" in body(Text(marked))


def test_measures_as_the_network_does() -> None:
    """In UTF-16 units, escaped."""
    assert measure("a&b") == len("a&amp;b")
    assert measure("👍") == 2


@settings(max_examples=300, deadline=None, database=None)
@given(st.text(max_size=40))
def test_names_of_emojis(name: str) -> None:
    """Any name is an emoji or none; any reaction is something that other networks can show."""
    sign = emoji.sign_of(name)
    sign.encode()
    assert emoji.reaction_of(name)
    emoji.sign_of_code(name).encode()
    emoji.name_of(name).encode()


@pytest.mark.parametrize("sign", ["👍", "❤", "❤️", "🎉", "👍🏽", "🇩🇪", "🏳️‍🌈", "1⃣", "🚚", "🤷‍♀️", "🦞"])
def test_an_emoji_has_a_name_that_leads_back(sign: str) -> None:
    """What an agent reacts with is what the contact sees."""
    name = emoji.name_of(sign)
    assert name
    assert emoji.reaction_of(name) == re.sub("[\U0001f3fb-\U0001f3ff\ufe0f]", "", sign)


@pytest.mark.parametrize(
    ("name", "sign"),
    [("+1::skin-tone-3", "👍🏼"), ("thumbsup", "👍"), ("flag-ch", "🇨🇭"), ("partyparrot", ""), ("+1::skin-tone-9", "")],
)
def test_an_emoji_by_its_name(name: str, sign: str) -> None:
    """The network's names, its skin tones and flags; a workspace's own emoji is nobody else's."""
    assert emoji.sign_of(name) == sign
