"""What the hub has no use for, told in words: the reasons for ignoring an event of the network's."""

from __future__ import annotations

import msgspec

from hub.domain.incoming import Ignored, Incoming
from hub.errors import Anomalous

_FRAME = frozenset({"sender", "recipient", "timestamp", "prior_message", "is_echo", "hop_context"})
_REASONS = {
    "pass_thread_control": "another app handed this conversation over",
    "take_thread_control": "an app took this conversation over",
    "request_thread_control": "another app asks for this conversation",
    "release_thread_control": "an app let go of this conversation",
    "app_roles": "the apps of the page were given other parts",
    "policy_enforcement": "the network acted on its policy against the page",
    "policy-enforcement": "the network acted on its policy against the page",
    "account_linking": "the contact linked or unlinked an account elsewhere",
    "account_link": "the contact linked or unlinked an account elsewhere",
    "response_feedback": "the contact rated an automatic answer",
    "messaging_feedback": "the contact answered a survey of the network's",
    "order": "an order in the network's own shop",
    "send_cart": "a cart in the network's own shop",
    "checkout_update": "a payment's question",
    "payment": "a payment",
    "game_play": "a game was played",
    "call": "a call",
    "calls": "a call",
    "typing": "the contact types",
    "conversation_started": "a conversation was begun",
    "group_feed": "something in a group",
    "messaging_customer_information": "a form that the contact filled in for the network",
    "inthread_lead_form_submit": "a form that the contact filled in for the network",
    "in_thread_lead_form_submit": "a form that the contact filled in for the network",
    "business_login": "the contact signed in to a business",
    "template_status_update": "a template's approval changed",
}


def unknown(raw: msgspec.Raw) -> Incoming:
    """Why an event of none of the kinds that are read is ignored. Raises Anomalous where it is of no kind at all."""
    fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    names = [name for name, value in fields.items() if name not in _FRAME and bytes(value) != b"null"]
    if not names:
        raise Anomalous("This is no event of Messenger's: it does not say what happened.")
    name = next((name for name in names if name in _REASONS), names[0])
    reason = reason_for(name[:40])
    if name.startswith("policy"):
        reason += _policy(fields[name])
    return Ignored(reason=reason)


def reason_for(name: str) -> str:
    """The reason for a kind of event, by the network's name for it."""
    return _REASONS.get(name) or f"a kind of event that the hub does not know ({name})"


class _Policy(msgspec.Struct):
    action: str | None = None
    reason: str | None = None


def _policy(raw: msgspec.Raw) -> str:
    try:
        policy = msgspec.json.decode(raw, type=_Policy)
    except msgspec.ValidationError:
        return ""
    said = ": ".join(filter(None, (policy.action, policy.reason)))
    return f" ({' '.join(said.split())[:200]})" if said else ""
