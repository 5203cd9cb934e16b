"""The Send API: who may send what to whom, and when. Refuses in the network's own codes, having changed nothing."""

from __future__ import annotations

from hub.sandbox.messenger.accounts import Json, Page, Thread
from hub.sandbox.messenger.content import check_message
from hub.sandbox.messenger.files import TYPES, Upload
from hub.sandbox.messenger.graph import Ask
from hub.sandbox.messenger.limits import DAY
from hub.sandbox.messenger.refusals import Refusal, bad

PERSON_WINDOW = 7 * DAY
_TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY")
_DEAD_TAGS = ("CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE")
"""Refused since 27 April 2026."""
_ACTIONS = ("typing_on", "typing_off", "mark_seen")
_FIELDS = frozenset({"recipient", "message", "messaging_type", "tag", "sender_action", "reply_to", "notification_type"})
_MORE_FIELDS = frozenset({"persona_id", "thread_control", "filedata"})


async def messages(ask: Ask) -> Json:
    """POST /{page}/messages."""
    if ask.request.method != "POST":
        raise bad("Param recipient is required.")
    page = ask.page()
    ask.needs("pages_messaging")
    ask.world.unknown_parameters |= {f"messages.{name}" for name in ask.fields.keys() - _FIELDS - _MORE_FIELDS}
    thread = _recipient(ask, page)
    if "sender_action" in ask.fields:
        return _act(ask, thread)
    body = check_message(ask, thread)
    _check_right(ask, thread)
    return _deliver(ask, thread, body)


def _recipient(ask: Ask, page: Page) -> Thread:
    recipient = ask.object("recipient")
    if not recipient or not isinstance(recipient.get("id"), str) or not recipient["id"]:
        raise bad("Param recipient must be non-empty.")
    thread = page.threads.get(recipient["id"])
    if thread is None or thread.person.gone:
        raise Refusal(100, 2018001)
    return thread


def _act(ask: Ask, thread: Thread) -> Json:
    action = str(ask.fields["sender_action"]).lower()
    if "message" in ask.fields:
        raise bad("Cannot send both message and state at the same time.", 2018002)
    if action not in _ACTIONS:
        raise bad(f"Param sender_action must be one of {{{', '.join(_ACTIONS)}}}")
    _check_reachable(ask, thread)
    _check_window(ask, thread, DAY)
    if action == "mark_seen":
        thread.seen = ask.world.stamp()
    else:
        thread.typing = action == "typing_on"
    ask.world.changes.add("signal", thread, action=action)
    return {"recipient_id": thread.psid}


# -- by which right ------------------------------------------------------------------------------------------------


def _check_right(ask: Ask, thread: Thread) -> None:
    kind, tag = ask.fields.get("messaging_type"), ask.fields.get("tag")
    if kind not in _TYPES:
        raise bad(f"Param messaging_type must be one of {{{', '.join(_TYPES)}}}")
    if kind == "UTILITY":
        raise bad("A utility message needs an approved template.")
    if (tag is None) == (kind == "MESSAGE_TAG"):
        raise bad("Param tag is required with MESSAGE_TAG, and with nothing else.")
    if tag in _DEAD_TAGS:
        raise Refusal(100, 1893061)
    if tag not in (None, "HUMAN_AGENT"):
        raise bad("Param tag must be one of {HUMAN_AGENT}")
    if tag and not ask.token().app.human_agent:
        raise Refusal(10, 0, "(#10) To use the HUMAN_AGENT tag, your app must be approved for the Human Agent feature.")
    _check_reachable(ask, thread)
    _check_window(ask, thread, PERSON_WINDOW if tag else DAY)


def _check_reachable(ask: Ask, thread: Thread) -> None:
    if thread.page.restricted:
        raise Refusal(10, 1893063)
    if thread.blocked:
        raise Refusal(551, 1545041)
    if thread.muted:
        raise Refusal(10, 2018108)
    if thread.owner not in ("", ask.token().app.id):
        raise Refusal(10, 2018300)


def _check_window(ask: Ask, thread: Thread, seconds: float) -> None:
    if thread.last_act is None or ask.world.now() - thread.last_act > seconds:
        raise Refusal(10, 2018278)


# -- doing it ------------------------------------------------------------------------------------------------------


def _deliver(ask: Ask, thread: Thread, body: Json) -> Json:
    world, token = ask.world, ask.token()
    files = [attachment for attachment in body.get("attachments", []) if "file" in attachment]
    world.meter.charge(thread.page.id, "media" if files else "texts", world.engaged(thread.page))
    stored = world.store(thread, world.new_message("page", body, token.app.id))
    thread.typing = False
    world.echo(thread, stored)
    if thread.online:
        world.delivered(thread, [stored.mid])
    answer = {"recipient_id": thread.psid, "message_id": stored.mid}
    return answer | ({"attachment_id": body["attachment_id"]} if "attachment_id" in body else {})


async def message_attachments(ask: Ask) -> Json:
    """POST /{page}/message_attachments: keeps a file to be sent again and again."""
    ask.page()
    ask.needs("pages_messaging")
    message = ask.object("message") or {}
    attachment = message.get("attachment")
    if not isinstance(attachment, dict) or attachment.get("type") not in TYPES:
        raise bad("Param message must have an attachment.")
    upload = _given(ask, attachment)
    return {"attachment_id": ask.world.files.add(attachment["type"], upload).attachment_id}


def _given(ask: Ask, attachment: Json) -> Upload:
    payload = attachment.get("payload") or {}
    upload = ask.request.uploads.get("filedata") or ask.request.uploads.get(str(payload.get("url", "")))
    if upload is None:
        raise Refusal(100, 2018047)
    return upload
