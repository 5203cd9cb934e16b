"""What a message of the Send API may hold: text, a file, a card of buttons, quick replies, and the limits of each."""

from __future__ import annotations

from typing import Any

from hub.sandbox.messenger.accounts import Json, Thread
from hub.sandbox.messenger.files import TYPES, File
from hub.sandbox.messenger.graph import Ask
from hub.sandbox.messenger.refusals import Refusal, bad

TEXT_LIMIT = 2000
METADATA_LIMIT = 1000
REPLIES, TITLE, PAYLOAD = 13, 20, 1000
BUTTONS, CARD_TEXT, ELEMENTS, ELEMENT_TEXT = 3, 640, 10, 80
_FIELDS = frozenset({"text", "attachment", "quick_replies", "metadata"})


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_message(ask: Ask, thread: Thread) -> Json:
    """The message's body as it is stored. Raises Refusal."""
    message = ask.object("message")
    if not message:
        raise Refusal(100, 2018034)
    unknown = message.keys() - _FIELDS
    if unknown:
        raise bad(f"Invalid keys {', '.join(sorted(unknown))!r} were found in param message.")
    if ("text" in message) == ("attachment" in message):
        raise Refusal(100, 2018034)
    body = {"text": _text(message["text"])} if "text" in message else _attachment(ask, message["attachment"])
    return body | _replies(message) | _metadata(message) | _reply_to(ask, thread)


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise bad("Param message[text] must be a string.")
    if not text.strip():
        raise Refusal(100, 2018034)
    if units(text) >= TEXT_LIMIT:
        raise bad(f"Length of param message[text] must be less than {TEXT_LIMIT}")
    return text


def _metadata(message: Json) -> Json:
    metadata = message.get("metadata")
    if metadata is None:
        return {}
    if not isinstance(metadata, str) or len(metadata) >= METADATA_LIMIT:
        raise bad(f"Length of param message[metadata] must be less than {METADATA_LIMIT}")
    return {"metadata": metadata}


def _reply_to(ask: Ask, thread: Thread) -> Json:
    reply_to = ask.object("reply_to")
    if reply_to is None:
        return {}
    mid = reply_to.get("mid")
    if not isinstance(mid, str) or mid not in thread.messages:
        raise bad("Param reply_to[mid] is no message of this conversation.", 2018333)
    return {"reply_to": mid}


# -- quick replies and buttons -------------------------------------------------------------------------------------


def _replies(message: Json) -> Json:
    replies = message.get("quick_replies")
    if replies is None:
        return {}
    if not isinstance(replies, list) or not 1 <= len(replies) <= REPLIES:
        raise bad(f"Param message[quick_replies] must have 1 to {REPLIES} elements.")
    for reply in replies:
        _check_reply(reply)
    return {"quick_replies": replies}


def _check_reply(reply: Any) -> None:
    if not isinstance(reply, dict) or reply.get("content_type") not in ("text", "user_phone_number", "user_email"):
        raise bad("Param message[quick_replies][content_type] must be one of {text, user_phone_number, user_email}")
    if reply["content_type"] == "text":
        _check_words(reply, "title", TITLE)
        _check_words(reply, "payload", PAYLOAD)


def _check_words(thing: Json, name: str, limit: int) -> None:
    words = thing.get(name)
    if not isinstance(words, str) or not words.strip() or units(words) > limit:
        raise bad(f"Param {name} must be a non-empty string of at most {limit} characters.")


def _buttons(buttons: Any) -> list[Json]:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS:
        raise bad(f"Param buttons must have 1 to {BUTTONS} elements.")
    for button in buttons:
        if not isinstance(button, dict) or button.get("type") not in ("postback", "web_url", "phone_number"):
            raise bad("Param button[type] must be one of {postback, web_url, phone_number}")
        _check_words(button, "title", TITLE)
        name = "url" if button["type"] == "web_url" else "payload"
        _check_words(button, name, PAYLOAD)
    return buttons


# -- attachments ---------------------------------------------------------------------------------------------------


def _attachment(ask: Ask, attachment: Any) -> Json:
    if not isinstance(attachment, dict) or not isinstance(attachment.get("payload"), dict):
        raise bad("Param message[attachment] must have a type and a payload.")
    if attachment.get("type") == "template":
        return _template(attachment)
    if attachment.get("type") not in TYPES:
        raise bad(f"Param attachment[type] must be one of {{{', '.join(TYPES)}, template}}")
    file = _file(ask, attachment["type"], attachment["payload"])
    body: Json = {"attachments": [{"type": attachment["type"], "file": file.key}]}
    reusable = attachment["payload"].get("is_reusable") in (True, "true")
    return body | ({"attachment_id": file.attachment_id} if reusable else {})


def _file(ask: Ask, type_: str, payload: Json) -> File:
    given: list[str] = [name for name in ("url", "attachment_id") if name in payload]
    given += ["filedata"] if "filedata" in ask.request.uploads else []
    if len(given) != 1:
        raise bad("An attachment is given by url, attachment_id, or filedata, and by one of them only.", 2018047)
    if given == ["attachment_id"]:
        file = ask.world.files.by_attachment(str(payload["attachment_id"]))
        if file.type != type_:
            raise Refusal(100, 2018047)
        return file
    upload = ask.request.uploads.get("filedata") or ask.request.uploads.get(str(payload.get("url")))
    if upload is None:
        raise bad("Failed to fetch the file from the url.", 2018008)
    return ask.world.files.add(type_, upload)


def _template(attachment: Json) -> Json:
    payload = attachment["payload"]
    kind = payload.get("template_type")
    if kind == "button":
        _check_words(payload, "text", CARD_TEXT)
        buttons = _buttons(payload.get("buttons"))
    elif kind == "generic":
        buttons = _elements(payload.get("elements"))
    else:
        raise bad("Param template_type must be one of {button, generic}")
    return {"text": payload.get("text", ""), "attachments": [attachment], "buttons": buttons}


def _elements(elements: Any) -> list[Json]:
    if not isinstance(elements, list) or not 1 <= len(elements) <= ELEMENTS:
        raise bad(f"Param elements must have 1 to {ELEMENTS} elements.")
    buttons: list[Json] = []
    for element in elements:
        if not isinstance(element, dict):
            raise bad("Param elements must hold objects.")
        _check_words(element, "title", ELEMENT_TEXT)
        buttons += _buttons(element["buttons"]) if "buttons" in element else []
    return buttons
