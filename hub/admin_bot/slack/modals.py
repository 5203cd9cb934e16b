"""Dialogs: a command's form, or the one question that a line still waits for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    RadioButtonsElement,
    RichTextBlock,
    StaticMultiSelectElement,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from hub.admin_bot.dispatch import fill
from hub.admin_bot.forms import Field, Form, filled
from hub.admin_bot.forms import Option as Choice
from hub.admin_bot.heard import Asker, Pressed, Spot, Wrote
from hub.admin_bot.slack.blocks import OPTION, label
from hub.admin_bot.slack.format import rich
from hub.domain.ids import PostId, ThreadId
from hub.domain.text import Text

CALLBACK = "form"
ANSWER = "answer"
TITLE = 24
METADATA = 3000
"""Characters that a dialog carries along."""
_FEW = 5
"""Up to so many options are seen at once; more are unfolded."""
_TEXT_LIMIT = 3000


class Kept(msgspec.Struct, frozen=True):
    """What a dialog carries along: where it was opened, and the form or the line that it completes."""

    chat: str
    thread: str
    post: str
    private: bool
    whispered: bool
    form: Form | None = None
    line: str = ""


def form_view(form: Form, heard: Wrote | Pressed) -> View | None:
    """The dialog of a form; None where it would be more than a dialog carries."""
    bare = msgspec.structs.replace(form, fields=tuple(msgspec.structs.replace(f, options=()) for f in form.fields))
    about = RichTextBlock(elements=rich(Text(form.about))) if form.about else None
    fields: list[Block] = [_input(f) for f in form.fields]
    return _view(form.title, [*([about] if about else []), *fields], _kept(heard, form=bare))


def ask_view(question: Text, line: str, heard: Wrote | Pressed) -> View | None:
    """The dialog of one question, whose answer completes the line."""
    box = PlainTextInputElement(action_id=ANSWER, multiline=True, max_length=_TEXT_LIMIT)
    field = InputBlock(block_id=ANSWER, label=label("Your answer"), element=box)
    return _view("Your answer", [RichTextBlock(elements=rich(question)), field], _kept(heard, line=line))


def _kept(heard: Wrote | Pressed, *, form: Form | None = None, line: str = "") -> str:
    spot = heard.spot
    answered = heard.post if isinstance(heard, Pressed) else heard.answers or ""
    kept = Kept(spot.chat, spot.thread, answered, spot.private, spot.whispered, form, line)
    return msgspec.json.encode(kept).decode()


def _view(title: str, blocks: Sequence[Block], kept: str) -> View | None:
    if len(kept) > METADATA:
        return None
    return View(
        type="modal",
        callback_id=CALLBACK,
        title=label(title, TITLE),
        submit=label("Do it", TITLE),
        close=label("Cancel", TITLE),
        private_metadata=kept,
        blocks=list(blocks),
    )


def _input(field: Field) -> InputBlock:
    return InputBlock(
        block_id=field.name, label=label(field.label), element=_element(field), optional=not field.required
    )


def _element(field: Field) -> InputInteractiveElement:
    options = [_option(o) for o in field.options]
    match field.kind:
        case "choice" if len(options) <= _FEW:
            return RadioButtonsElement(action_id=field.name, options=list(options))
        case "choice":
            return StaticSelectElement(action_id=field.name, options=list(options))
        case "choices":
            chosen = [_option(o) for o in field.options if o.value in field.chosen] or None
            kind = CheckboxesElement if len(options) <= _FEW else StaticMultiSelectElement
            return kind(action_id=field.name, options=list(options), initial_options=chosen)
        case _:
            multiline = field.kind == "text"
            return PlainTextInputElement(action_id=field.name, multiline=multiline, max_length=_TEXT_LIMIT)


def _option(choice: Choice) -> Option:
    return Option(text=label(choice.label, OPTION), value=choice.value[:OPTION])


# -- submitted -------------------------------------------------------------------------------------------------------


def submitted(view: Mapping[str, Any], update: str, asker: Asker, at: Any) -> Pressed | None:
    """What was filled in, as the line that it completes; None: this dialog is none of ours."""
    try:
        kept = msgspec.json.decode(str(view.get("private_metadata") or ""), type=Kept)
    except msgspec.DecodeError:
        return None
    values = _values(view)
    line = filled(kept.form, values) if kept.form else fill(kept.line, Text(" ".join(values.get(ANSWER, [])))).plain
    return Pressed(
        update=update,
        asker=asker,
        spot=Spot(
            network="slack",
            chat=kept.chat,
            private=kept.private,
            thread=ThreadId(kept.thread),
            whispered=kept.whispered,
        ),
        at=at,
        post=PostId(kept.post or "e"),
        line=line,
        version=kept.form.version if kept.form else 0,
    )


def _values(view: Mapping[str, Any]) -> dict[str, list[str]]:
    state = view.get("state")
    blocks = state.get("values") if isinstance(state, dict) else None
    found: dict[str, list[str]] = {}
    for block, inputs in blocks.items() if isinstance(blocks, dict) else ():
        for each in inputs.values() if isinstance(inputs, dict) else ():
            if isinstance(each, dict):
                found[block] = _said(each)
    return found


def _said(value: Mapping[str, Any]) -> list[str]:
    if isinstance(value.get("selected_option"), dict):
        return [str(value["selected_option"].get("value") or "")]
    if isinstance(value.get("selected_options"), list):
        return [str(o.get("value") or "") for o in value["selected_options"] if isinstance(o, dict)]
    said = value.get("value")
    return [said] if isinstance(said, str) and said.strip() else []


def last_field(view: Mapping[str, Any]) -> str:
    """The field under which a refusal is shown: the last that was asked for."""
    blocks = view.get("blocks")
    inputs = [b for b in blocks if isinstance(b, dict) and b.get("type") == "input"] if isinstance(blocks, list) else []
    return str(inputs[-1].get("block_id")) if inputs else ANSWER


def refusal(view: Mapping[str, Any], words: str) -> dict[str, Any]:
    """The dialog stays open and says why."""
    return json.loads(json.dumps({"response_action": "errors", "errors": {last_field(view): words[:2000] or "…"}}))  # type: ignore[no-any-return]
