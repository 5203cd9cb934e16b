"""What each way of failing means to the middle. The one place where Slack's words are read."""

from __future__ import annotations

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError

from hub.adapters.slack.parts import TOO_LARGE
from hub.errors import (
    Blocked,
    ChannelDead,
    DeliveryError,
    Gone,
    TemporaryFailure,
    TooLarge,
    Uncertain,
    Undeliverable,
)

_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL, SlackRequestError)
_NOBODY_THERE = "Slack could not be reached; it will be tried again."
_ANSWER_LOST = "Slack's answer was lost: the message may have arrived, or not."
_REPEATED = "Slack's answer was lost; it will be tried again."
_TROUBLE = "Slack has trouble of its own; it will be tried again."
_FOREIGN = "What answers at HUB_SLACK_API_URL is not Slack's Web API; it will be tried again."
_DEAD = "Slack does not accept this app's token any more; install the app again and connect the channel again."
_NO_ACCOUNT = "The contact's Slack account is gone or switched off."
_MUST_WRITE = "Slack does not let the app write to this contact; they must write to it first."
_GONE_MESSAGE = "That message is not there any more on Slack."
_TOO_LONG = "Slack finds the message too long; send it in several."
_RULE = "A rule of that Slack workspace or channel keeps the app from writing there; its administrators can change it."

Meaning = tuple[type[DeliveryError], str]

_MEANINGS: dict[str, Meaning] = {
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"), (ChannelDead, _DEAD)
    ),
    **dict.fromkeys(
        ("user_removed_from_team", "team_disabled", "app_not_installed", "not_allowed_token_type"), (ChannelDead, _DEAD)
    ),
    "team_access_not_granted": (ChannelDead, "The app may not act in this Slack workspace any more; install it again."),
    "channel_not_found": (Gone, "Slack does not show this chat to the app any more; the contact must write first."),
    "user_not_found": (Gone, _NO_ACCOUNT),
    "users_not_found": (Gone, _NO_ACCOUNT),
    "user_disabled": (Gone, _NO_ACCOUNT),
    "user_not_visible": (Blocked, _MUST_WRITE),
    "cannot_dm_bot": (Blocked, _MUST_WRITE),
    "not_allowed": (Blocked, _MUST_WRITE),
    "is_archived": (Undeliverable, "The Slack channel in which the contact wrote is archived."),
    "not_in_channel": (
        Undeliverable,
        "The app is not in the Slack channel in which the contact wrote: invite it there.",
    ),
    "messages_tab_disabled": (
        Undeliverable,
        "The app takes no messages: on its page at Slack, under App Home, switch on the Messages Tab.",
    ),
    "ekm_access_denied": (Undeliverable, "The Slack workspace's administrators have suspended messages."),
    "slack_connect_file_upload_sharing_blocked": (Undeliverable, "The other workspace takes no files from outside."),
    "slack_connect_file_link_sharing_blocked": (Undeliverable, "The other workspace takes no files from outside."),
    "msg_too_long": (Undeliverable, _TOO_LONG),
    "msg_blocks_too_long": (Undeliverable, _TOO_LONG),
    "no_text": (Undeliverable, "There is nothing to send: the message is empty."),
    "message_not_found": (Undeliverable, _GONE_MESSAGE),
    "cant_update_message": (Undeliverable, "Slack does not let the app change that message."),
    "edit_window_closed": (Undeliverable, "It is too late to change that message on Slack."),
    "cant_delete_message": (Undeliverable, "Slack does not let the app take that message back."),
    "invalid_name": (Undeliverable, "Slack has no such reaction; choose another emoji."),
    "too_many_emoji": (Undeliverable, "There are too many different reactions on that message."),
    "too_many_reactions": (Undeliverable, "There are too many reactions on that message."),
    "file_not_found": (Gone, "Slack does not have the file any more."),
    "file_deleted": (Gone, "Slack does not have the file any more."),
    "file_too_large": (TooLarge, TOO_LARGE),
    "file_upload_size_restricted": (TooLarge, "The workspace takes no files so large."),
    "storage_limit_reached": (Undeliverable, "The Slack workspace has no room for files."),
    "file_uploads_disabled": (Undeliverable, "The Slack workspace takes no files."),
    "file_uploads_except_images_disabled": (Undeliverable, "The Slack workspace takes no files but pictures."),
    **dict.fromkeys(
        ("service_unavailable", "request_timeout", "team_added_to_org", "org_login_required", "accesslimited"),
        (TemporaryFailure, _TROUBLE),
    ),
}
_LIMITS = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_HALF_DONE = frozenset({"fatal_error", "internal_error"})
"""After these, says the network, part of it may have been done."""
_LEAST_WAIT = 1.0


class Garbled(Exception):
    """The network answered with success and something that cannot be read: what was asked for may have been done."""


class RefusedFile(Exception):
    """Where files are, the network answered with no success. `status` is HTTP's."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


def code_of(error: Exception) -> str:
    """The network's word for a refusal; empty where it said none."""
    data = getattr(error.response, "data", None) if isinstance(error, SlackApiError) else None
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) else ""


def delivery_error(error: Exception, *, repeatable: bool = False) -> DeliveryError:
    """The error to raise instead, which holds no secret. `repeatable`: doing it twice is the same as doing it once."""
    if isinstance(error, SlackApiError):
        code = code_of(error)
        return (
            _refused(code, error.response, repeatable=repeatable) if code else _stranger(error, repeatable=repeatable)
        )
    if isinstance(error, RefusedFile):
        return _of_status(error.status, repeatable=True)
    if isinstance(error, _NOT_SENT):
        return TemporaryFailure(_NOBODY_THERE)
    # Whatever else happens, happens after the request was sent, or while its answer was read.
    return _lost(repeatable=repeatable)


def _lost(*, repeatable: bool) -> DeliveryError:
    return TemporaryFailure(_REPEATED) if repeatable else Uncertain(_ANSWER_LOST)


def _refused(code: str, response: Any, *, repeatable: bool) -> DeliveryError:
    if code in _LIMITS:
        return _limited(response)
    if code in _HALF_DONE:
        return TemporaryFailure(_TROUBLE) if repeatable else Uncertain(_ANSWER_LOST)
    if code == "missing_scope":
        return Undeliverable(_missing(response))
    if code.startswith("restricted_action"):
        return Undeliverable(_RULE)
    kind, text = _MEANINGS.get(code, (Undeliverable, ""))
    return kind(text or f"Slack refused it: {_word(code)}.")


def _missing(response: Any) -> str:
    needed = response.data.get("needed")
    right = f" {_word(needed)}" if isinstance(needed, str) and needed else ""
    return f"The app lacks the right{right} on Slack: add it on the app's page and install the app again."


def _word(code: str) -> str:
    return "".join(sign for sign in code[:60] if sign.isalnum() or sign in "_:,-")


def _limited(response: Any) -> TemporaryFailure:
    asked = str((getattr(response, "headers", None) or {}).get("Retry-After", ""))
    seconds = max(float(asked), _LEAST_WAIT) if asked.isascii() and asked.isdigit() and len(asked) < 6 else _LEAST_WAIT
    return TemporaryFailure(f"Slack asks to wait {seconds:g} seconds.", retry_after=seconds, limited=True)


def _stranger(error: SlackApiError, *, repeatable: bool) -> DeliveryError:
    """An answer that is none of the Web API's."""
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    if status == 429:
        return _limited(response)
    return _of_status(status if isinstance(status, int) else 0, repeatable=repeatable)


def _of_status(status: int, *, repeatable: bool) -> DeliveryError:
    """504 says that a gateway passed the request on and got no answer in time: nobody knows. The others say that it
    was not served, and holding those for uncertain would leave agents to repeat whatever met a short outage.
    """
    if status == 413:
        return TooLarge(TOO_LARGE)
    if status == 504 or status < 400:
        return _lost(repeatable=repeatable)
    return TemporaryFailure(_TROUBLE if status >= 500 else _FOREIGN)
