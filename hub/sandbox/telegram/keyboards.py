"""reply_markup: what the network takes, drops and refuses."""

import re
from typing import Any

from hub.sandbox.telegram.refusals import bad

MOST_BUTTONS = 100
MOST_IN_A_ROW = 8
DATA_BYTES = 64
_INLINE_KINDS = (
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "login_url",
    "web_app",
    "copy_text",
)
_REPLY_KINDS = ("keyboard", "remove_keyboard", "force_reply")
_HOST = re.compile(r"(?:https?|tg|ton)://([^/?#\s:]+)", re.IGNORECASE)

Json = dict[str, Any]


def read(markup: Any, *, private: bool, inline_only: bool = False) -> Json | None:
    """The inline keyboard to show, or None for none (other markups leave no trace in a message). Raises Refusal."""
    if markup is None or markup == {}:
        return None
    if not isinstance(markup, dict):
        raise bad("Object expected as reply markup")
    if "inline_keyboard" in markup:
        return _inline(markup["inline_keyboard"], private=private)
    if inline_only:
        raise bad("inline keyboard expected")
    if not any(kind in markup for kind in _REPLY_KINDS):
        raise bad("can't parse reply keyboard markup JSON object")
    return None


def other(markup: Any) -> Json:
    """A forced reply or reply keyboard, which the person's app shows but no message carries."""
    if isinstance(markup, dict) and any(kind in markup for kind in _REPLY_KINDS):
        return markup
    return {}


def _inline(rows: Any, *, private: bool) -> Json | None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('Field "inline_keyboard" must be an Array of Arrays')
    kept = [[button for button in map(_shape, row) if button["text"]] for row in rows]
    kept = [row for row in kept if row]
    if sum(map(len, kept)) > MOST_BUTTONS or any(len(row) > MOST_IN_A_ROW for row in kept):
        raise bad("reply markup is too long")
    for button in (button for row in kept for button in row):
        _check(button, private=private)
    return {"inline_keyboard": kept} if kept else None


def _shape(button: Any) -> Json:
    reason = "Can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad(reason + "InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise bad(reason + 'Can\'t find field "text"')
    if button.get("url"):
        kinds = ["url"]
    elif button.get("callback_data"):
        kinds = ["callback_data"]
    else:
        kinds = [kind for kind in _INLINE_KINDS if kind in button][:1]
    if not kinds:
        raise bad(reason + "Text buttons are unallowed in the inline keyboard")
    names = ["text", *kinds, "style", "icon_custom_emoji_id"]
    return {name: button[name] for name in names if button.get(name) is not None}


def _check(button: Json, *, private: bool) -> None:
    if len(str(button.get("callback_data", "")).encode()) > DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    if "web_app" in button and not private:
        raise bad("BUTTON_TYPE_INVALID")
    url = button.get("url")
    if url is not None:
        host = _HOST.match(url) or _HOST.match(f"http://{url}")
        scheme_free = not re.match(r"tg:|ton:", str(url))
        if host is None or (scheme_free and "." not in host.group(1)):
            raise bad(f"Inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
