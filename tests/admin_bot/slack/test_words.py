"""Words between the neutral form and Slack's, both ways, and what contacts' words may never do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.admin_bot.drawing import Templates
from hub.admin_bot.slack import blocks, emoji
from hub.admin_bot.slack.format import (
    FALLBACK,
    PIECE,
    escape,
    fallback,
    harmless,
    joined,
    pieces,
    read_markup,
    rich,
    styled,
    units,
)
from hub.admin_bot.slack.markup import MACROS
from hub.admin_bot.slack.reading import Naming, mrkdwn, read
from hub.domain.reply import Reply, Value
from hub.domain.text import Span, Text

NAMING = Naming(lambda user: {"U1": "Ann"}.get(user, user), lambda user: f"slack:T1:{user}")
WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}]}


def said(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words} | ({"style": style} if style else {})


def back(text: Text) -> Text:
    """What would be read of what is written."""
    return read({"blocks": [{"type": "rich_text", "elements": rich(text, "T1")}]}, NAMING)


# -- read ------------------------------------------------------------------------------------------------------------


def test_rich_text_is_what_was_typed() -> None:
    """Styles, links, people and emoji; signs that look like marks are just signs."""
    message = section(
        said("Dear "),
        {"type": "user", "user_id": "U1"},
        said(", *no* "),
        said("bold", bold=True, italic=True),
        {"type": "link", "url": "https://a.example/?x=1&y", "text": "here"},
        {"type": "emoji", "name": "thumbsup", "unicode": "1f44d-1f3fb"},
        {"type": "emoji", "name": "our_logo"},
    )
    text = read(message, NAMING)
    assert text.plain == "Dear @Ann, *no* boldhere👍🏻:our_logo:"
    assert {(text.plain[s.start : s.end], s.kind, s.value) for s in text.spans} == {
        ("@Ann", "mention", "slack:T1:U1"),
        ("bold", "bold", ""),
        ("bold", "italic", ""),
        ("here", "link", "https://a.example/?x=1&y"),
    }


def test_lists_quotes_and_code_keep_their_lines() -> None:
    """Each begins a line of its own."""
    item = {"type": "rich_text_section", "elements": [said("one")]}
    elements = [
        {"type": "rich_text_section", "elements": [said("see:\n")]},
        {"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [item, item]},
        {"type": "rich_text_quote", "elements": [said("quoted")]},
        {"type": "rich_text_preformatted", "elements": [said("x = 1")]},
    ]
    text = read({"blocks": [{"type": "rich_text", "elements": elements}]}, NAMING)
    assert text.plain == "see:\n3. one\n4. one\nquoted\nx = 1"
    assert [(text.plain[s.start : s.end], s.kind) for s in text.spans] == [("quoted", "quote"), ("x = 1", "pre")]


@pytest.mark.parametrize(
    ("raw", "plain", "spans"),
    [
        ("a *b _c_* d", "a b c d", [Span(2, 5, "bold"), Span(4, 5, "italic")]),
        ("~x~ `*y*` ```z\n```", "x *y* z", [Span(0, 1, "strike"), Span(2, 5, "code"), Span(6, 7, "pre")]),
        ("2*3*4 snake_case_word", "2*3*4 snake_case_word", []),
        (
            "<https://a.example|A &amp; B> <https://b.example>",
            "A & B https://b.example",
            [Span(0, 5, "link", "https://a.example")],
        ),
        (
            "<@U1> <#C1|general> <!here> <!subteam^S1|@team>",
            "@Ann #general @here @team",
            [Span(0, 4, "mention", "slack:T1:U1")],
        ),
        ("&lt;b&gt; &amp;amp; :tada: :nope:", "<b> &amp; 🎉 :nope:", []),
        ("&gt; said\nanswer", "said\nanswer", [Span(0, 4, "quote")]),
    ],
)
def test_mrkdwn(raw: str, plain: str, spans: list[Span]) -> None:
    """Where there is no rich text."""
    text = mrkdwn(raw, NAMING)
    assert (text.plain, list(text.spans)) == (plain, spans)


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda c: (
            st.lists(c, max_size=3)
            | st.dictionaries(st.sampled_from(["type", "elements", "text", "style", "user_id", "url"]), c, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_whatever_comes_is_read(value: Any) -> None:
    """Odd blocks are no fault."""
    read({"text": "words", "blocks": value}, NAMING)
    read({"blocks": [{"type": "rich_text", "elements": value}]}, NAMING)


@given(WORDS)
def test_any_mrkdwn_is_read(raw: str) -> None:
    """Unbalanced marks and brackets stay words."""
    assert mrkdwn(raw, NAMING).plain is not None
    mrkdwn("*_~`<>&" + raw * 3 + "`_~*", NAMING)


# -- written ---------------------------------------------------------------------------------------------------------


@given(
    WORDS.filter(str.strip),
    st.sampled_from(["bold", "italic", "strike", "code"]),
    st.integers(0, 20),
    st.integers(1, 30),
)
def test_words_come_back_as_they_were(plain: str, kind: Any, start: int, length: int) -> None:
    """Rich text carries words and formatting without loss."""
    end = min(start + length, len(plain))
    text = Text(plain, (Span(start, end, kind),) if start < end else ())
    read_back = back(text)
    assert read_back.plain == plain
    if start < end and "http" not in plain:
        assert read_back.spans == text.spans


def test_nothing_in_a_contacts_words_can_act() -> None:
    """No ping, no link under another's name, no markup: in rich text words are words, and the fallback is escaped."""
    words = "<!channel> <@U1> <https://evil.example|bank> *x* & </b>"
    text = harmless(Text(words, (Span(0, 10, "mention", "slack:T1:U1"), Span(0, 5, "link", "javascript:alert(1)"))))
    elements = rich(text, "T1")
    kinds = {e["type"] for part in elements for e in part["elements"]}
    assert kinds <= {"text", "link"}
    assert all(e["url"] == e["text"] for p in elements for e in p["elements"] if e["type"] == "link")
    assert fallback(text) == escape(words)
    assert "<" not in fallback(text)
    assert back(text).plain == words


def test_a_colleague_is_mentioned_in_their_own_workspace_only() -> None:
    """Elsewhere the name stands in bold."""
    text = styled("@Ann", "mention", "slack:T1:U1")
    assert rich(text, "T1")[0]["elements"] == [{"type": "user", "user_id": "U1"}]
    assert rich(text, "T2")[0]["elements"] == [said("@Ann", bold=True)]


def test_quotes_and_code_are_blocks() -> None:
    """Each is an element of its own, without the empty line that would stand between."""
    text = joined([Text("a\n"), styled("b", "quote"), Text("\nc\n"), styled("d", "pre")])
    assert [e["type"] for e in rich(text)] == [
        "rich_text_section",
        "rich_text_quote",
        "rich_text_section",
        "rich_text_preformatted",
    ]


@pytest.mark.parametrize("words", ["&" * 10_000, "😀" * 10_000, "שלום עולם " * 1000, "word " * 2000])
def test_long_texts_are_split_and_nothing_is_lost(words: str) -> None:
    """Each part fits into a post, and so does its escaped fallback."""
    parts = pieces(Text(words, (Span(0, len(words), "bold"),)))
    assert "".join(p.plain for p in parts) == words
    assert all(units(p.plain) <= PIECE and len(fallback(p)) <= FALLBACK for p in parts)
    assert all(p.spans for p in parts)


@given(WORDS, WORDS)
def test_templates_are_read_back(words: str, name: str) -> None:
    """What a template draws with its macros is that text."""
    drawn = MACROS["bold"](words) + " " + MACROS["code"](name) + MACROS["link"]("https://a.example/?b=<c>&d", name)
    assert read_markup(drawn).plain == f"{words} {name}{name}"


# -- emoji -----------------------------------------------------------------------------------------------------------


def test_emoji_by_name() -> None:
    """Both ways, with variants and skin tones; a workspace's own has no sign."""
    for sign in ("👍", "❤", "🎉", "🔥", "👀", "🤷‍♂", "❤‍🔥"):
        assert emoji.sign_of(emoji.name_of(sign)) == sign
    assert emoji.name_of("❤️") == "heart"
    assert emoji.name_of("👍🏽") == "+1"
    assert emoji.sign_of("wave::skin-tone-4") == "👋"
    assert (emoji.sign_of("our_logo"), emoji.name_of("🇪🇺")) == ("", "")


BRIEF: dict[str, Value] = {"name": "/take Ann", "number": 1, "state": "open", "waiting": "", "assignee": ""}


@pytest.mark.parametrize("thread", [True, False])
def test_what_people_wrote_is_shown_as_they_wrote_it(thread: bool) -> None:
    """Only our own commands are named as they are typed on Slack: a contact's `/close` stays what it is."""
    wrote = "how do I /close 1/2 of it, </take>?"
    said = blocks.told(Templates("slack"), Reply("brief", {**BRIEF, "text": wrote}), thread=thread).plain
    assert wrote in said
    assert "/take Ann" in said


@pytest.mark.parametrize(("thread", "sign"), [(True, "!"), (False, "/hub ")])
def test_an_unknown_command_is_named_as_it_was_typed(thread: bool, sign: str) -> None:
    """Where there is no such command, it is named with the mark that it has on Slack."""
    reply = Reply("unknown_command", {"verb": "clsoe", "near": ["/close"], "name": ""})
    said = blocks.told(Templates("slack"), reply, thread=thread).plain
    assert f"there is no command {sign}clsoe. Did you mean {sign}close?" in said
