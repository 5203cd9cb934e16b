"""What is chosen in menus and filled in in dialogs, as apps are told of it."""

from __future__ import annotations

from typing import Any

from hub.sandbox.slack.accounts import Channel, Json, User
from hub.sandbox.slack.checking import interactive

_CHOSEN = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
}
_OPTIONS = frozenset({"static_select", "overflow", "radio_buttons"})
_MANY_OPTIONS = frozenset({"multi_static_select", "checkboxes"})


def chosen(element: Json, choice: Any) -> Json:
    """What an element tells of a choice. ValueError where there is no such option."""
    kind = element["type"]
    if kind in _OPTIONS:
        return {"selected_option": _option(element, str(choice))}
    if kind in _MANY_OPTIONS:
        return {"selected_options": [_option(element, str(each)) for each in choice]}
    value = [_id(each) for each in choice] if kind.startswith("multi_") else _id(choice)
    return {_CHOSEN.get(kind, "value"): value}


def _id(choice: Any) -> Any:
    return choice.id if isinstance(choice, User | Channel) else choice


def _option(element: Json, choice: str) -> Json:
    options = [*element.get("options", ()), *(o for g in element.get("option_groups", ()) for o in g["options"])]
    found: Json | None = next((o for o in options if choice in (o["text"]["text"], o.get("value"))), None)
    if found is None:
        raise ValueError(f"there is no option {choice!r}; there are: {[o['text']['text'] for o in options]}")
    return found


def names_of(element: Json) -> list[str]:
    """What it can be called by: what it shows, its action_id, its value."""
    shown = element.get("text") or element.get("placeholder") or {}
    names = [shown.get("text", "") if isinstance(shown, dict) else "", element.get("action_id"), element.get("value")]
    return [str(name) for name in names if name] or [element["type"]]


def filled(blocks: list[Json], given: Json) -> Json:
    """The state of a dialog: what was filled in, else what stood there."""
    values: Json = {}
    for block in blocks:
        for element in interactive([block]):
            if element["type"] in ("button", "overflow"):
                continue
            label = block.get("label", {}).get("text", "")
            named = next((n for n in (block["block_id"], element["action_id"], label) if n in given), None)
            told = chosen(element, given.pop(named)) if named is not None else _initial(element)
            values.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], **told}
            if block["type"] == "input" and not block.get("optional") and not any(told.values()):
                raise ValueError(f"{label or block['block_id']}: please complete this required field")
            _check_length(element, told, label)
    if given:
        raise ValueError(f"the dialog has no field {next(iter(given))!r}; it has: {list(values)}")
    return values


def _check_length(element: Json, told: Json, label: str) -> None:
    text, least, most = told.get("value"), element.get("min_length", 0), element.get("max_length", 3000)
    if element["type"] == "plain_text_input" and text and not least <= len(text) <= most:
        raise ValueError(f"{label}: {least} to {most} characters")


def _initial(element: Json) -> Json:
    kind = element["type"]
    told = chosen_name(kind)
    return {told: element.get(told.replace("selected_", "initial_").replace("value", "initial_value"))}


def chosen_name(kind: str) -> str:
    """What a choice in such an element is called."""
    if kind in _OPTIONS:
        return "selected_option"
    return "selected_options" if kind in _MANY_OPTIONS else _CHOSEN.get(kind, "value")
