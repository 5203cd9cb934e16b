"""Replies as Telegram's messages: HTML in parts that fit, and buttons as an inline keyboard."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from jinja2 import TemplateError

from hub.admin_bot import drawing
from hub.admin_bot.telegram.format import clipped, pieces
from hub.domain.models import Contact, Conversation
from hub.domain.ports import QueueRow, QueueView
from hub.domain.reply import Button, Reply
from hub.errors import Undeliverable

log = logging.getLogger(__name__)

_LABEL_LIMIT = 60
UNFOLD = "⋯"
"""The button that unfolds more; only posts that show a contact's words carry it."""
WAYS = "⇄"
"""The button that chooses by which of several channels the contact is answered."""


def draw(templates: drawing.Templates, reply: Reply) -> tuple[list[str], InlineKeyboardMarkup | None]:
    """The words in parts that fit, and the buttons for the last. Raises Undeliverable where it cannot be drawn."""
    try:
        words = templates.render(reply.template, reply.data) if reply.template else ""
        return pieces(words), keyboard(reply.rows)
    except (TemplateError, ValueError) as error:
        log.exception("the reply %r cannot be drawn", reply.template)
        raise Undeliverable("Heard, but the hub could not show the answer; its log says why.") from error


def keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    """The rows as Telegram takes them; None for none."""
    laid = [[_button(b) for b in row] for row in drawing.layout(rows)]
    return InlineKeyboardMarkup(inline_keyboard=laid) if laid else None


def _button(button: Button) -> InlineKeyboardButton:
    label = clipped(button.label, _LABEL_LIMIT) or "…"
    if button.url:
        return InlineKeyboardButton(text=label, url=button.url)
    return InlineKeyboardButton(text=label, callback_data=drawing.encode(button))


def spell_row(conversation: Conversation, contact: Contact, snooze: Button | None) -> list[list[Button]]:
    """The buttons under the first message of an unanswered spell; `snooze` is one of them."""
    number, version = conversation.number, conversation.version
    take = [] if conversation.assignee else [Button("✋ Take", f"take {number}", version)]
    close = Button("✅ Close ▾", f"close {number}", version)
    ways = [Button(WAYS, f"via {number}", version)] if len(contact.reaches) > 1 else []
    return [[*take, close, *([snooze] if snooze else []), *ways, Button(UNFOLD, f"more {number}", version)]]


def queue_rows(view: QueueView) -> list[list[Button]]:
    """A row for each who waits: to open the conversation, and to take it."""
    return [_queue_row(row) for row in view.rows]


def _queue_row(row: QueueRow) -> list[Button]:
    waiting = f" · {drawing.waited(row.waiting_since)}" if row.waiting_since else ""
    holder = f"✋{row.assignee} · " if row.assignee else ""
    label = f"{holder}{clipped(row.name, 20)} #{row.number}{waiting} · {clipped(' '.join(row.text.split()), 24)} ▸"
    look = Button(label, "" if row.url else f"show {row.number}", row.version, row.url)
    return [look] if row.assignee else [look, Button("✋", f"take {row.number}", row.version)]
