"""Whatever a bot sends, the stand-in answers as the network would: a result or a refusal, never a fault of its own."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.sandbox.telegram import Bot, Limits, TelegramStandIn
from hub.sandbox.telegram.asks import Ask
from hub.sandbox.telegram.markdown import read_markdown, read_markdown_v2
from hub.sandbox.telegram.markup import read_html
from hub.sandbox.telegram.parameters import Parameter
from hub.sandbox.telegram.refusals import Refusal
from hub.sandbox.telegram.registry import METHODS
from hub.sandbox.telegram.text import finish, units

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**53) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MARKS = st.text(alphabet="*_~|`[]()>!\\\n<>/abi &;=\"'#x1t😀é.", max_size=40)
OBJECTS = st.sampled_from(
    [
        {"message_id": 3, "quote": "hi"},
        {"inline_keyboard": [[{"text": "x", "callback_data": "d"}]]},
        {"force_reply": True, "selective": True},
        {"type": "photo", "media": "attach://x"},
        {"type": "chat", "chat_id": "-1002000000001"},
        {"receiver_user_id": 5100000001},
        [{"type": "emoji", "emoji": "👍"}],
        [{"command": "take", "description": "d"}],
        [{"type": "bold", "offset": 0, "length": 1}],
        [{"text": "yes"}, "no"],
        [2, 3, "x"],
    ]
)
KNOWN = st.sampled_from(
    [-1002000000001, 5100000001, 7000000001, 1, 2, 3, 4, "3", "@desk_bot", "HTML", "MarkdownV2", "hi"]
)
VALUES = JSON | MARKS | OBJECTS | KNOWN


_LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "chat": st.sampled_from([-1002000000001, 5100000001]),
    "int": st.sampled_from([2, 3, 4, 5100000001]),
    "list": st.lists(OBJECTS | JSON, max_size=3) | OBJECTS,
    "object": OBJECTS | st.dictionaries(st.sampled_from(["message_id", "quote", "type", "chat_id"]), JSON, max_size=3),
}


def _fitting(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Mostly what gets past the first checks, so that the later ones are reached."""
    likely = _LIKELY.get(parameter.kind, MARKS)
    return st.one_of(likely, likely, likely, VALUES)


def _world() -> tuple[TelegramStandIn, Bot]:
    world = TelegramStandIn(Limits.off())
    bot, bob = world.add_bot("desk_bot"), world.add_user("Bob")
    forum = world.add_forum("Team", members=[bob], admins=[bot])
    topic = world.create_topic(bob, forum, "Ann")
    world.say(bob, forum, "hi there", thread=topic.id)
    world.call(bot, "sendMessage", {"chat_id": forum.id, "text": "card"})
    world.start(bob, bot)
    return world, bot


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.sampled_from(sorted(METHODS)))
def test_any_parameters_are_answered(data: st.DataObject, method: str) -> None:
    """Any values for any parameters bring a result that is JSON, or a Refusal that changed nothing in the chats."""
    import msgspec

    world, bot = _world()
    declared = METHODS[method].parameters
    raw = {one.name: data.draw(_fitting(one)) for one in declared if one.required or data.draw(st.booleans())}
    before = [len(chat.messages) for chat in world.chats.values()]
    refused = ""
    try:
        assert msgspec.json.encode(world.call(bot, method, raw))
    except Refusal as refusal:
        refused = refusal.description
    if refused:
        assert refused.startswith(("Bad Request: ", "Forbidden: ", "Conflict: "))
        assert before == [len(chat.messages) for chat in world.chats.values()]


@settings(max_examples=200, deadline=None)
@given(MARKS)
def test_any_markup_is_read_or_refused(source: str) -> None:
    """Markup of any kind becomes text with entities inside it, or is refused."""
    for reader in (read_html, read_markdown, read_markdown_v2):
        try:
            plain, entities = reader(source)
        except Refusal:
            continue
        done = finish(plain, entities)
        size = units(done.text)
        assert all(one.offset >= 0 and one.length > 0 and one.end <= size for one in done.entities)


def test_a_request_holds_what_its_handler_needs() -> None:
    """An Ask made by hand answers like one over HTTP."""
    world, bot = _world()
    assert Ask(world, bot, {"chat_id": -1002000000001}).chat().forum
