"""What Slack refuses, in the hub's errors: the one place where its words are understood."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientConnectorError, ClientError, ConnectionTimeoutError
from slack_sdk.errors import SlackApiError, SlackClientError, SlackRequestError

from hub.errors import (
    ChannelDead,
    DeliveryError,
    Gone,
    TemporaryFailure,
    ThreadGone,
    TooLarge,
    Uncertain,
    Undeliverable,
)

DEAD = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "user_removed_from_team",
        "team_disabled",
        "app_missing_action_url",
    }
)
_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_BUSY = frozenset({"service_unavailable", "request_timeout", "team_added_to_org", "accesslimited", "unknown_error"})
_HALF_DONE = frozenset({"fatal_error", "internal_error"})
_GONE = frozenset(
    {
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "file_not_found",
        "file_deleted",
        "user_not_found",
        "users_not_found",
        "user_disabled",
        "cannot_dm_bot",
    }
)
_TOO_LARGE = frozenset({"msg_too_long", "msg_blocks_too_long", "file_too_large", "file_upload_size_restricted"})
_MEND = {
    "not_in_channel": "The app is not in the desk's channel: invite it there.",
    "is_archived": "The desk's channel is archived: unarchive it, or make another one the desk.",
    "missing_scope": "The app lacks a right: install it anew from its manifest (hub slack-manifest).",
    "team_access_not_granted": "The app is not allowed in this workspace any more: install it again.",
    "restricted_action": "A rule of this workspace keeps the app from posting here; its administrators can change it.",
    "ekm_access_denied": "The workspace's administrators have suspended posting.",
    "org_login_required": "The workspace is being moved; try again later.",
    "storage_limit_reached": "The workspace has no room for files.",
}
"""Somebody has to mend these on Slack; until then everything waits, and nothing is lost."""
_NOT_THERE = "Slack no longer shows this channel to the app: invite it there again, or make another channel the desk."


def code_of(error: SlackApiError) -> str:
    """Slack's word for what is wrong; empty where the answer was none."""
    data = getattr(error.response, "data", None)
    if data is None and isinstance(error.response, dict):
        data = error.response
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def translated(error: Exception, *, repeatable: bool = False) -> DeliveryError:
    """The error the host decides by. `repeatable`: doing it twice does no harm, so a lost answer is tried again."""
    if isinstance(error, SlackApiError):
        code = code_of(error)
        return _refused(code, error.response, repeatable=repeatable) if code else _unread(error, repeatable=repeatable)
    if isinstance(error, (ClientConnectorError, ConnectionTimeoutError)):  # it never left
        return TemporaryFailure("Slack cannot be reached.")
    if isinstance(error, SlackRequestError):
        return Undeliverable("Slack cannot be asked that.")
    lost = isinstance(error, (ClientError, TimeoutError, OSError, SlackClientError))
    said = "The connection to Slack was lost" if lost else "Slack's answer could not be read"
    return _lost(said, repeatable=repeatable)


def _lost(said: str, *, repeatable: bool) -> DeliveryError:
    return TemporaryFailure(f"{said}.") if repeatable else Uncertain(f"{said}: it may have been posted, or not.")


def _unread(error: SlackApiError, *, repeatable: bool) -> DeliveryError:
    """An answer that is no answer of the Web API."""
    status = getattr(error.response, "status_code", None) or getattr(error.response, "status", 0)
    if status == 429:
        return _limited(error.response)
    # 504 says that it was passed on and not answered in time: nobody knows what became of it.
    if isinstance(status, int) and status >= 500 and status != 504:
        return TemporaryFailure(f"Slack could not take it just now ({status}).")
    return _lost("Slack's answer could not be read", repeatable=repeatable)


def _limited(response: Any) -> TemporaryFailure:
    headers = getattr(response, "headers", None) or {}
    asked = str(headers.get("Retry-After", headers.get("retry-after", "")))
    return TemporaryFailure("Slack asked to wait.", float(asked) if asked.isdigit() else None, limited=True)


def _refused(code: str, response: Any, *, repeatable: bool) -> DeliveryError:  # noqa: PLR0911 - a table
    if code in _LIMITED:
        return _limited(response)
    if code in DEAD:
        return ChannelDead(f"Slack refuses the app's token ({code}): install the app in the workspace again.")
    if code in ("thread_not_found", "invalid_thread_ts"):
        return ThreadGone("Slack no longer has this thread.")
    if code in _GONE:
        return Gone(f"Slack says: {code}.")
    if code == "channel_not_found":
        return Gone(_NOT_THERE)
    if code in _MEND or code.startswith("restricted_action"):
        return TemporaryFailure(_MEND.get(code, _MEND["restricted_action"]))
    if code in _TOO_LARGE:
        return TooLarge(f"Slack says: {code}.")
    if code in _HALF_DONE and not repeatable:
        return Uncertain(f"Slack failed within ({code}): it may have been posted, or not.")
    if code in _BUSY or code in _HALF_DONE:
        return TemporaryFailure(f"Slack could not take it just now ({code}).")
    return Undeliverable(f"Slack says: {code}.")
