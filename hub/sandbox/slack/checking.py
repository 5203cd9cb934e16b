"""Whether blocks and views are what Slack takes: its documented limits, and the SDK's own models."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, Option
from slack_sdk.models.views import View

from hub.sandbox.slack.accounts import Json, words
from hub.sandbox.slack.refusals import Refusal, invalid

MOST_BLOCKS, MOST_VIEW_BLOCKS = 50, 100
MOST_CHARACTERS = 13_200
"""Of all texts in a message's blocks together."""
_KINDS = words(
    "actions alert call carousel card context context_actions divider file header image input markdown plan"
    " rich_text section table task_card video container"
)
_IN_VIEWS_ONLY = frozenset({"input"})
_TEXTS = {"section": 3000, "header": 150}
_ELEMENTS = {"actions": 25, "context": 10}
_INTERACTIVE = words(
    "button overflow static_select external_select users_select conversations_select channels_select"
    " multi_static_select multi_users_select multi_conversations_select multi_channels_select"
    " multi_external_select datepicker timepicker datetimepicker radio_buttons checkboxes plain_text_input"
    " rich_text_input email_text_input url_text_input number_input file_input workflow_button"
)
_VIEW_LABEL = 24
_METADATA = 3000
_CALLBACK = 255
_LABEL = 2000


def check_message(blocks: Any) -> list[Json]:
    """A message's blocks with ids for those that had none. Raises Refusal."""
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    if len(blocks) > MOST_BLOCKS:
        raise _wrong(f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]")
    checked = _safely(blocks, view=False)
    if sum(len(text) for text in texts(blocks)) > MOST_CHARACTERS:
        raise Refusal("msg_blocks_too_long")
    return checked


def check_view(view: Any, kind: str) -> Json:
    """A view of that kind, modal or home. Raises Refusal."""
    if not isinstance(view, dict):
        raise invalid("must provide an object [json-pointer:/view]")
    if view.get("type") != kind:
        raise invalid(f"must be {kind!r} [json-pointer:/view/type]")
    blocks = view.get("blocks")
    if not isinstance(blocks, list) or not 0 < len(blocks) <= MOST_VIEW_BLOCKS:
        raise invalid(f"must be a list of 1 to {MOST_VIEW_BLOCKS} items [json-pointer:/view/blocks]")
    try:
        _check_frame(view, kind)
        return view | {"blocks": _safely(blocks, view=True)}
    except Refusal as refusal:
        raise invalid(*_told(refusal)) from None


def _check_frame(view: Json, kind: str) -> None:
    for name in ("title", "submit", "close") if kind == "modal" else ():
        given = view.get(name)
        if given is None and name != "title":
            continue
        if not isinstance(given, dict) or given.get("type") != "plain_text" or not given.get("text"):
            raise invalid(f"must be a plain_text object [json-pointer:/view/{name}]")
        if len(given["text"]) > _VIEW_LABEL:
            raise invalid(f"must be less than 25 characters [json-pointer:/view/{name}/text]")
    for name, most in (("private_metadata", _METADATA), ("callback_id", _CALLBACK)):
        if len(str(view.get(name) or "")) > most:
            raise invalid(f"must be less than {most + 1} characters [json-pointer:/view/{name}]")
    inputs = any(isinstance(b, dict) and b.get("type") == "input" for b in view["blocks"])
    if kind == "modal" and inputs and not view.get("submit"):
        raise invalid("`submit` is required when an `input` is within `blocks` [json-pointer:/view/submit]")
    # The blocks are checked apart, where what is wrong can be told better.
    _model(lambda: View(**{**view, "blocks": [{"type": "divider"}]}).to_dict(), "/view")


def _safely(blocks: list[Any], *, view: bool) -> list[Json]:
    """Blocks that are put together in a way that nothing here expects are wrong, too."""
    try:
        return _check(blocks, view=view)
    except (TypeError, AttributeError, KeyError, ValueError):
        raise _wrong("failed to match all allowed schemas [json-pointer:/blocks]") from None


def _check(blocks: list[Any], *, view: bool) -> list[Json]:
    ids = [b["block_id"] for b in blocks if isinstance(b, dict) and b.get("block_id")]
    if len(ids) != len(set(ids)):
        raise _wrong("block_id must be unique [json-pointer:/blocks]")
    return [_checked(block, place, view=view) for place, block in enumerate(blocks)]


def _checked(block: Any, place: int, *, view: bool) -> Json:
    where = f"/blocks/{place}"
    if not isinstance(block, dict) or block.get("type") not in _KINDS:
        kind = block.get("type") if isinstance(block, dict) else None
        raise _wrong(f"unsupported type: {kind} [json-pointer:{where}/type]")
    if block["type"] in _IN_VIEWS_ONLY and not view:
        raise _wrong(f"unsupported type: {block['type']} [json-pointer:{where}/type]")
    if len(str(block.get("block_id") or "")) > _CALLBACK:
        raise _wrong(f"must be less than 256 characters [json-pointer:{where}/block_id]")
    _check_texts(block, where)
    _check_elements(block, where)
    _model(lambda: _parsed(block), where)
    return block if block.get("block_id") else block | {"block_id": secrets.token_urlsafe(4)}


def _parsed(block: Json) -> None:
    parsed = Block.parse(block)
    if parsed is not None:
        parsed.to_dict()


def _check_texts(block: Json, where: str) -> None:
    most = _TEXTS.get(block["type"])
    if most and "text" in block:
        check_text(block["text"], most, f"{where}/text")
    for number, given in enumerate(block.get("fields") or ()):
        check_text(given, _LABEL, f"{where}/fields/{number}")
    if block["type"] == "section" and not (block.get("text") or block.get("fields")):
        raise _wrong(f"missing required field: text [json-pointer:{where}]")
    if block["type"] == "rich_text" and not isinstance(block.get("elements"), list):
        raise _wrong(f"missing required field: elements [json-pointer:{where}]")


def check_text(given: Any, most: int, where: str) -> None:
    """A text object. Raises Refusal."""
    if not isinstance(given, dict) or given.get("type") not in ("plain_text", "mrkdwn"):
        raise _wrong(f"must be a text object [json-pointer:{where}]")
    text = given.get("text")
    if not isinstance(text, str) or not text:
        raise _wrong(f"must be more than 0 characters [json-pointer:{where}/text]")
    if len(text) > most:
        raise _wrong(f"must be less than {most + 1} characters [json-pointer:{where}/text]")


def _check_elements(block: Json, where: str) -> None:
    elements = block.get("elements") if block["type"] in _ELEMENTS else None
    if elements is not None:
        most = _ELEMENTS[block["type"]]
        if not isinstance(elements, list) or not 0 < len(elements) <= most:
            raise _wrong(f"must have 1 to {most} items [json-pointer:{where}/elements]")
    actions = list(interactive([block]))
    ids = [a["action_id"] for a in actions if a.get("action_id")]
    if len(ids) != len(set(ids)):
        raise _wrong(f"action_id must be unique within a block [json-pointer:{where}]")
    for action in actions:
        _check_action(action, where)
        if not action.get("action_id"):
            action["action_id"] = secrets.token_urlsafe(4)


def _check_action(action: Json, where: str) -> None:
    if action["type"] == "button":
        check_text(action.get("text"), 75, f"{where}/elements/text")
        if action.get("style") not in (None, "primary", "danger"):
            raise _wrong(f"must be a valid enum value [json-pointer:{where}/elements/style]")
    if len(str(action.get("value") or "")) > _LABEL:
        raise _wrong(f"must be less than 2001 characters [json-pointer:{where}/elements/value]")
    options = action.get("options")
    most = 5 if action["type"] == "overflow" else 100
    if options is None and action["type"] not in ("overflow", "radio_buttons", "checkboxes"):
        return
    if not isinstance(options, list) or not 0 < len(options) <= most:
        raise _wrong(f"must have 1 to {most} items [json-pointer:{where}/elements/options]")
    for option in options:
        check_text(option.get("text") if isinstance(option, dict) else None, 75, f"{where}/elements/options/text")
        _model(lambda option=option: Option(**option).to_dict(), where)


def _model(make: Any, where: str) -> None:
    """What the SDK's model of it refuses, Slack refuses."""
    try:
        make()
    except SlackObjectFormationError as error:
        raise _wrong(f"{error} [json-pointer:{where}]") from None
    except (TypeError, AttributeError, KeyError, ValueError):
        raise _wrong(f"failed to match all allowed schemas [json-pointer:{where}]") from None


def _wrong(message: str) -> Refusal:
    return invalid(message, error="invalid_blocks")


def _told(refusal: Refusal) -> list[str]:
    messages: list[str] = refusal.besides["response_metadata"]["messages"]
    return [message.removeprefix("[ERROR] ") for message in messages]


def texts(value: Any) -> Iterator[str]:
    """Every word that is shown, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "text" and isinstance(inner, str):
                yield inner
            elif isinstance(inner, dict | list):
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def interactive(blocks: Any) -> Iterator[Json]:
    """What can be pressed, chosen or filled in."""
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, dict):
            continue
        candidates = [*(block.get("elements") or ()), block.get("accessory"), block.get("element")]
        for each in candidates:
            if isinstance(each, dict) and each.get("type") in _INTERACTIVE:
                yield each
