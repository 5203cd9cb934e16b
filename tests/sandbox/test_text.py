"""What the network makes of texts: entities it finds, markup it reads, keyboards it keeps."""

from __future__ import annotations

from typing import Any

import pytest

from hub.sandbox.telegram import keyboards
from hub.sandbox.telegram.markdown import read_markdown, read_markdown_v2
from hub.sandbox.telegram.markup import read_html
from hub.sandbox.telegram.refusals import Refusal
from hub.sandbox.telegram.text import finish, found_in, part

FOUND = [
    ("see /close and /tag@desk_bot now", [("bot_command", "/close"), ("bot_command", "/tag@desk_bot")]),
    ("no/close 1/2 </b> /\u2060close", []),
    ("hi @bobby, a@b.com", [("mention", "@bobby"), ("email", "a@b.com")]),
    ("@\u2060bobby", []),
    ("https://x.org/a?b=1. www.shop.com!", [("url", "https://x.org/a?b=1"), ("url", "www.shop.com")]),
    ("😀 #topic 12#3 $USD", [("hashtag", "#topic"), ("cashtag", "$USD")]),
    ("call +49 170 1234567", [("phone_number", "+49 170 1234567")]),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_the_network_marks_commands_mentions_and_links(text: str, expected: list[tuple[str, str]]) -> None:
    """Commands and mentions become links wherever they stand, unless a word joiner breaks them."""
    found = sorted(found_in(text), key=lambda entity: entity.offset)
    assert [(entity.type, part(text, entity.offset, entity.length)) for entity in found] == expected


HTML = [
    ("<b>a<i>b</i></b>&amp;&lt;&#x41;&nbsp;", "ab&<A&nbsp;", [("bold", 0, 2), ("italic", 1, 1)]),
    ('<a href="http://x.org">😀</a>', "😀", [("text_link", 0, 2)]),
    ('<a href="tg://user?id=5">Bob</a>', "Bob", [("text_mention", 0, 3)]),
    ('<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
    ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
    ('<span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>', "st", [("spoiler", 0, 1), ("spoiler", 1, 1)]),
]


@pytest.mark.parametrize(("source", "text", "entities"), HTML)
def test_html_is_read_as_the_network_reads_it(source: str, text: str, entities: list[Any]) -> None:
    """Tags become entities in UTF-16 units; only four named references are known."""
    plain, found = read_html(source)
    assert plain == text
    assert sorted((e.type, e.offset, e.length) for e in found) == sorted(entities)


MARKDOWN = [
    ("*b _i_* __u__ ~s~ ||p||", "b i u s p", ["bold", "italic", "underline", "strikethrough", "spoiler"]),
    ("`a.b` \\. [t](http://x.org/\\))", "a.b . t", ["code", "text_link"]),
    ("```py\nx\n```", "x\n", ["pre"]),
    (">q\n>r\nplain", "q\nr\nplain", ["blockquote"]),
]


@pytest.mark.parametrize(("source", "text", "kinds"), MARKDOWN)
def test_markdown_v2_is_read_as_the_network_reads_it(source: str, text: str, kinds: list[str]) -> None:
    """Each mark becomes its entity, escapes vanish."""
    plain, found = read_markdown_v2(source)
    assert (plain, [entity.type for entity in found]) == (text, kinds)


def test_the_older_markdown_still_works() -> None:
    """Bold, italic, code and links, without nesting."""
    plain, found = read_markdown("*b* _i_ `c` [t](http://x.org) \\_")
    assert (plain, [entity.type for entity in found]) == ("b i c t _", ["bold", "italic", "code", "text_link"])


def test_texts_are_trimmed_and_entities_moved() -> None:
    """Leading blanks vanish, with the entities moved; nothing is found inside code."""
    plain, found = read_html("  <b>a</b> <code>/x</code> /y ")
    done = finish(plain, found)
    assert done.text == "a /x /y"
    assert [(e.type, e.offset) for e in done.entities] == [("bold", 0), ("code", 2), ("bot_command", 5)]


BAD_BUTTONS = [
    {"text": "x", "callback_data": "ä" * 33},
    {"text": "x", "url": "http://localhost/"},
    {"text": "x", "web_app": {"url": "https://x.org"}},
    {"text": 5},
    "x",
]


@pytest.mark.parametrize("button", BAD_BUTTONS)
def test_bad_buttons_are_refused(button: Any) -> None:
    """64 bytes of data, reachable links, web apps only in private."""
    with pytest.raises(Refusal):
        keyboards.read({"inline_keyboard": [[button]]}, private=False)


def test_keyboards_have_at_most_100_buttons_and_8_a_row() -> None:
    """More is refused; buttons without a text vanish."""
    one = {"text": "x", "callback_data": "d"}
    with pytest.raises(Refusal, match="too long"):
        keyboards.read({"inline_keyboard": [[one]] * 101}, private=False)
    with pytest.raises(Refusal, match="too long"):
        keyboards.read({"inline_keyboard": [[one] * 9]}, private=False)
    assert keyboards.read({"inline_keyboard": [[one | {"text": ""}]]}, private=False) is None
