"""What contacts write cannot act on the desk, and markup survives measuring and splitting."""

from __future__ import annotations

import pytest

from hub.admin_bot.telegram import markup
from hub.admin_bot.telegram.format import measured, pieces, read_entities, read_html, shortened, to_html, units
from hub.domain.text import Span, Text
from hub.sandbox.telegram.text import found_in

HOSTILE = [
    "/close",
    "please /close now",
    "(/close)",
    "/close@desk_bot",
    "@bob",
    "hi @bob_the_agent!",
    ".@bob",
    "/\u202eclose",
    "/\rclose",
    "@\u200bbob",
    "a\u030a/close",
    "x\u200b/close",
    "</close>",
    "//close",
    "x:/close",
    "foo://close",
    "https://x.com,/close",
    "https://x.com/-/close",
    "\U0001f600/close",
    "\n/close\n@bob",
    "/1_a",
    "\ud83d/close",
    "!@bob",
]


def acts(words: str) -> list[str]:
    """What the network would link so that a tap or the post itself acts."""
    dropped = "\r\u030a\u0333\u033f" + "".join(map(chr, range(0x2028, 0x202F)))
    seen = "".join(s for s in words if s not in dropped)
    return [e.type for e in found_in(seen) if e.type in ("bot_command", "mention")]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_command_and_no_mention_survives(words: str) -> None:
    """Neither as it stands, nor after the signs that Telegram drops are dropped."""
    assert not acts(markup.safe_words(words))
    assert not acts(read_html(str(markup.safe_html(Text(words)))).plain)


@pytest.mark.parametrize("words", ["1/2 cup", "ann@example.com", "https://example.com/a/b?c=d", "и/или", "a / b @ c"])
def test_harmless_words_stay_as_they_are(words: str) -> None:
    """Addresses and fractions must stay good for copying."""
    assert markup.safe_words(words) == words


def test_a_command_split_over_spans_is_broken() -> None:
    """Tags vanish when Telegram reads them, so the words are broken before they are marked."""
    text = Text("/close", (Span(0, 1, "bold"), Span(1, 6, "italic")))
    assert to_html(markup.safe_text(text)) == "<b>/\u2060</b><i>close</i>"


def test_spans_keep_to_their_words() -> None:
    """A joiner put in before or inside a span moves its edges."""
    text = Text("/a bold @bob link", (Span(3, 7, "bold"), Span(8, 12, "italic"), Span(13, 17, "link", "https://x.y")))
    safe = markup.safe_text(text)
    assert [safe.plain[s.start : s.end] for s in safe.spans] == ["bold", "@\u2060bob", "link"]


@pytest.mark.parametrize("url", ["tg://user?id=5", "tg://resolve?domain=bob", "javascript:x", "", 'https://x"onclick='])
def test_links_that_could_act_are_words(url: str) -> None:
    """A contact's link to a user would ping; only web addresses stay links."""
    assert to_html(markup.safe_text(Text("hi", (Span(0, 2, "link", url),)))) == "hi"


def test_exactly_three_signs_are_escaped() -> None:
    """Markup in words is words."""
    assert str(markup.safe_html(Text("<b>&amp;\"'<"))) == "&lt;b&gt;&amp;amp;\"'&lt;"
    assert str(markup.bold("<i>")) == "<b>&lt;i&gt;</b>"


def test_html_is_read_as_it_was_written() -> None:
    """Overlapping, nested and touching spans, astral signs and all."""
    text = Text("ab😀cd<&>", (Span(0, 3, "bold"), Span(1, 2, "italic"), Span(3, 5, "link", "https://x.y/?a=1&b=2")))
    back = read_html(to_html(text))
    assert back.plain == text.plain
    assert set(back.spans) == set(text.spans)


def test_units_are_utf16() -> None:
    """Telegram counts UTF-16 units, after the markup is read."""
    assert units("a😀") == 3
    assert measured("<b>a😀</b>&amp;") == 4


def test_long_html_is_split_with_its_markup_whole() -> None:
    """Each part is valid alone, and no word is lost."""
    html = "<b>" + "word &amp; " * 900 + "</b>"
    parts = pieces(html)
    assert len(parts) > 1
    assert all(measured(p) <= 4096 and p.startswith("<b>") and p.endswith("</b>") for p in parts)
    assert "".join(read_html(p).plain for p in parts) == read_html(html).plain
    assert measured(shortened(html, 1024)) <= 1024


def test_entities_are_counted_in_utf16_units() -> None:
    """Telegram's offsets become code points; an entity past the end is left out."""

    class Bold:
        type = "bold"
        url = language = user = None

        def __init__(self, offset: int, length: int) -> None:
            self.offset, self.length = offset, length

    text = read_entities("😀ab", [Bold(2, 1), Bold(0, 2), Bold(9, 1), Bold(3, 50)])
    assert [(s.start, s.end) for s in text.spans] == [(1, 2), (0, 1), (2, 3)]


def test_a_mention_without_a_user_name_says_whose_account_it_is() -> None:
    """Who has no user name is mentioned by a name that leads to their account; the gate must know whose."""

    class Named:
        type, offset, length = "text_mention", 4, 3
        url = language = None

        class user:  # noqa: N801 - as the library names it
            id = 42

    (span,) = read_entities("ask Zed", [Named()]).spans
    assert (span.kind, span.value) == ("mention", "telegram:42")
