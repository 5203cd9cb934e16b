"""Slack's messages, built so that Slack's limits hold: words as rich text, buttons as actions."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

import msgspec
from jinja2 import TemplateError
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    HeaderBlock,
    InteractiveElement,
    Option,
    OverflowMenuElement,
    PlainTextObject,
    RichTextBlock,
    UserSelectElement,
)

from hub.admin_bot import drawing, registry
from hub.admin_bot.slack.format import clipped, fallback, pieces, read_markup, rich
from hub.admin_bot.slack.markup import THEIR_SLASH
from hub.domain.models import Contact, Conversation
from hub.domain.ports import QueueRow, QueueView
from hub.domain.reply import Button, Reply
from hub.domain.text import Span, Text
from hub.errors import Undeliverable

log = logging.getLogger(__name__)

MOST_ROWS = 40
"""Rows of buttons under a message; Slack takes 50 blocks in all."""
LABEL = 60
HEADER = 150
OPTION = 75
PRESS, OPEN, PICK = "do", "open", "pick"
"""What an action's id begins with: it means a line; it opens an address; it means a line and whoever was picked."""
ROW_ID, CARD_ID = "rows", "card"
_LINE = re.compile(r"(?<![\w/:.])/(?!hub\b)(?=[\w-]*[^\W\d_])([^\W_][\w-]*)(?![\w/-])")
"""A command of ours, known or not: an alias is one, and so is what somebody mistyped. `/hub` is Slack's own."""


class Words(msgspec.Struct, frozen=True):
    """One message of Slack's: blocks, and the fallback that stands for them."""

    text: str
    blocks: list[dict[str, Any]]


def label(words: str, limit: int = LABEL) -> PlainTextObject:
    """Plain words, in which no emoji's name is read."""
    return PlainTextObject(text=clipped(" ".join(words.split()), limit) or "…", emoji=False)


def words(text: Text, team: str, *below: Block, above: Sequence[Block] = ()) -> Words:
    """A message of one piece of text, between other blocks."""
    said = RichTextBlock(elements=rich(text, team)) if text.plain.strip() else None
    blocks = [*above, *([said] if said else []), *below]
    return Words(fallback(text), [b.to_dict() for b in blocks])


# -- replies ---------------------------------------------------------------------------------------------------------


def draw(templates: drawing.Templates, reply: Reply, team: str, *, thread: bool = False) -> list[Words]:
    """The reply in messages that fit; the last has its buttons. Raises Undeliverable where it cannot be drawn."""
    try:
        text = told(templates, reply, thread=thread)
        parts = pieces(text) if reply.template else [Text()]
        rows = actions(reply.rows)
        return [words(part, team, *(rows if place == len(parts) - 1 else ())) for place, part in enumerate(parts)]
    except (TemplateError, ValueError, SlackObjectFormationError) as error:
        log.exception("the reply %r cannot be drawn", reply.template)
        raise Undeliverable("Heard, but the hub could not show the answer; its log says why.") from error


def told(templates: drawing.Templates, reply: Reply, *, thread: bool) -> Text:
    """The reply's words. Commands are named as they are typed there: `!close` in a thread, else `/hub close`."""
    return as_typed(templates.render(reply.template, reply.data), thread=thread) if reply.template else Text()


def as_typed(markup: str, *, thread: bool) -> Text:
    """What was drawn, with every line of ours as it is typed there, and the slashes of people's words as they wrote
    them.
    """
    text, sign = read_markup(markup), "!" if thread else "/hub "
    places = [found.start() for found in _LINE.finditer(text.plain)]
    longer = len(sign) - 1

    def moved(place: int) -> int:
        return place + longer * sum(1 for p in places if p < place)

    spans = tuple(Span(moved(s.start), moved(s.end), s.kind, s.value) for s in text.spans)
    return Text(_LINE.sub(rf"{sign}\1", text.plain).replace(THEIR_SLASH, "/"), spans)


# -- buttons ---------------------------------------------------------------------------------------------------------


def actions(rows: Sequence[Sequence[Button]]) -> list[ActionsBlock]:
    """A block for each row of buttons."""
    laid = drawing.layout(rows)[:MOST_ROWS]
    return [
        ActionsBlock(
            block_id=f"{ROW_ID}{place}",
            elements=[button(b, f"{place}.{column}") for column, b in enumerate(row)],
        )
        for place, row in enumerate(laid)
    ]


def button(each: Button, place: str) -> ButtonElement:
    """A button; `place` tells it from the others of its message."""
    if each.url:
        return ButtonElement(text=label(each.label), action_id=f"{OPEN}:{place}", url=each.url)
    return ButtonElement(text=label(each.label), action_id=f"{PRESS}:{place}", value=drawing.encode(each))


def spell_row(conversation: Conversation, contact: Contact, snooze: Button | None) -> list[list[Button]]:
    """The buttons under the first message of an unanswered spell; `snooze` is one of them."""
    number, version = conversation.number, conversation.version
    take = [] if conversation.assignee else [Button("✋ Take", f"take {number}", version)]
    close = Button("✅ Close…", f"close {number}", version)
    asleep = [snooze] if snooze else []
    return [[*take, close, *asleep, *_ways(conversation, contact), Button("⋯", f"more {number}", version)]]


def _ways(conversation: Conversation, contact: Contact) -> list[Button]:
    """Chooses by which of several channels the contact is answered."""
    button = Button("⇄ Channel…", f"via {conversation.number}", conversation.version)
    return [button] if len(contact.reaches) > 1 else []


def card_row(conversation: Conversation, contact: Contact, snooze: Button | None = None) -> ActionsBlock:
    """What can be done from a conversation's card: the usual as buttons, the colleague by name, the rest in a menu."""
    number, version = conversation.number, conversation.version
    elements: list[InteractiveElement] = [
        button(b, f"card.{place}") for place, b in enumerate(_card_buttons(conversation, contact, snooze))
    ]
    elements.append(
        UserSelectElement(
            action_id=f"{PICK}:{drawing.encode(Button('', f'assign {number}', version))}",
            placeholder="Assign to…",
        )
    )
    options = [
        Option(text=label(name, OPTION), value=drawing.encode(Button("", f"{verb} {number}", version)))
        for name, verb in _MENU
        if _known(verb)
    ]
    elements.append(OverflowMenuElement(action_id=f"{PRESS}:card.menu", options=options))
    return ActionsBlock(block_id=CARD_ID, elements=list(elements))


_MENU = (("Tag…", "tag"), ("Saved replies…", "snippet"), ("Who is it?", "contact"), ("What was before", "history"))


def _card_buttons(conversation: Conversation, contact: Contact, snooze: Button | None) -> list[Button]:
    number, version = conversation.number, conversation.version
    if conversation.state == "closed":
        return [Button("🟢 Reopen", f"reopen {number}", version)]
    take = [] if conversation.assignee else [Button("✋ Take", f"take {number}", version)]
    asleep = [snooze] if snooze else []
    return [*take, Button("✅ Close…", f"close {number}", version), *_ways(conversation, contact), *asleep]


def _known(verb: str) -> bool:
    return any(c.name == verb for c in registry.commands())


def queue_rows(view: QueueView) -> list[list[Button]]:
    """A row for each who waits: to open the conversation, and to take it."""
    return [_queue_row(row) for row in view.rows]


def _queue_row(row: QueueRow) -> list[Button]:
    waiting = f" · {drawing.waited(row.waiting_since)}" if row.waiting_since else ""
    holder = f"✋{row.assignee} · " if row.assignee else ""
    said = f"{holder}{clipped(row.name, 20)} #{row.number}{waiting} · {clipped(' '.join(row.text.split()), 24)} ▸"
    look = Button(said, "" if row.url else f"show {row.number}", row.version, row.url)
    return [look] if row.assignee else [look, Button("✋", f"take {row.number}", row.version)]


def header(title: str) -> HeaderBlock:
    """A title."""
    return HeaderBlock(text=label(title, HEADER))
