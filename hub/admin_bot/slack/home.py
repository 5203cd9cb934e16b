"""App Home: the agent's own inbox, with its filters."""

from __future__ import annotations

from typing import Any, get_args

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    DividerBlock,
    InteractiveElement,
    RichTextBlock,
)

from hub.admin_bot import drawing
from hub.admin_bot.overview import Overview, Whose
from hub.admin_bot.slack.blocks import PRESS, button, header, label
from hub.admin_bot.slack.format import joined, rich, styled
from hub.domain.ports import QueueRow
from hub.domain.reply import Button
from hub.domain.text import Text

FILTER = "home"
"""What the id of a filter's button begins with."""
_FILTERS: dict[Whose, str] = {"waiting": "Waiting longest", "mine": "Mine", "unassigned": "Nobody's"}


def home_view(overview: Overview | None, notice: str = "") -> dict[str, Any]:
    """The page; `notice`: said above the list."""
    blocks: list[Block] = [header("Inbox")]
    if notice.strip():
        blocks.append(_said(Text(notice)))
    if overview is None:
        hint = "You are in no workspace yet. Send /hub start CODE with the code of your invitation."
        return _view([*blocks, _said(Text(hint))])
    blocks += [_filters(overview.whose), _said(_summary(overview))]
    for place, row in enumerate(overview.rows):
        blocks += [DividerBlock(), _said(_row(row)), _buttons(row, place)]
    return _view(blocks, overview.whose)


def whose_of(action_id: str) -> Whose | None:
    """The filter whose button that is; None for other buttons."""
    kind, _, whose = action_id.partition(":")
    return next((w for w in get_args(Whose) if kind == FILTER and w == whose), None)


def shown(view: Any) -> Whose:
    """The filter that a page shows, for it to be shown again."""
    kept = view.get("private_metadata") if isinstance(view, dict) else ""
    return next((w for w in get_args(Whose) if w == kept), "waiting")


def _view(blocks: list[Block], whose: str = "") -> dict[str, Any]:
    return {"type": "home", "private_metadata": whose, "blocks": [b.to_dict() for b in blocks[:100]]}


def _said(text: Text) -> RichTextBlock:
    return RichTextBlock(elements=rich(text))


def _filters(whose: Whose) -> ActionsBlock:
    buttons: list[InteractiveElement] = [
        ButtonElement(
            text=label(f"✓ {name}" if each == whose else name),
            action_id=f"{FILTER}:{each}",
            style="primary" if each == whose else None,
        )
        for each, name in _FILTERS.items()
    ]
    return ActionsBlock(block_id="filters", elements=list(buttons))


def _summary(overview: Overview) -> Text:
    named = f" · {overview.workspace}" if overview.workspace else ""
    if not overview.total:
        return joined([Text("✅ "), styled("Nobody here", "bold"), Text(named)])
    more = f", the first {len(overview.rows)}" if overview.total > len(overview.rows) else ""
    return joined([styled(f"{_FILTERS[overview.whose]}: {overview.total}{more}", "bold"), Text(named)])


def _row(row: QueueRow) -> Text:
    waiting = f" · ⏳ {drawing.waited(row.waiting_since)}" if row.waiting_since else ""
    holder = f" · ✋ {row.assignee}" if row.assignee else ""
    title = joined([styled(row.name, "bold"), Text(f" #{row.number}{waiting}{holder}")])
    return joined([title, Text(row.text)], "\n") if row.text else title


def _buttons(row: QueueRow, place: int) -> ActionsBlock:
    look = Button("Open ▸", "" if row.url else f"show {row.number}", row.version, row.url)
    take = [] if row.assignee else [Button("✋ Take", f"take {row.number}", row.version)]
    elements: list[InteractiveElement] = [button(b, f"{place}.{column}") for column, b in enumerate([look, *take])]
    return ActionsBlock(block_id=f"{PRESS}{place}", elements=list(elements))
