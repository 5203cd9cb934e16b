"""The gate: what an agent writes in a conversation's place reaches the contact only if no rule says otherwise.

The rules are asked in order and the first that has an opinion wins. A new rule is one more entry in RULES.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from hub.domain import limits
from hub.domain.ids import ChannelId
from hub.domain.models import Contact, Conversation, Member, Post
from hub.domain.text import Text

PROMPT_LIFE = timedelta(minutes=2)
"""How long plain text is taken for the answer to a question of ours."""
PROMPT_MEMORY = timedelta(minutes=30)
"""How long after it plain text is held, for it may still be meant so."""

Kind = Literal["relay", "note", "command", "argument", "held", "told", "dropped"]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """All that the rules may look at. Facts only: gathering them is the caller's work."""

    at: datetime
    text: Text
    writer: Literal["person", "bot", "service", "anonymous", "outsider"] = "person"
    member: Member | None = None
    home: bool = False
    """Written at the desk's home, in no contact's place."""
    contact: Contact | None = None
    conversation: Conversation | None = None
    answers: Post | None = None
    """The post it is a reply to, if the hub knows it."""
    answers_unknown: bool = False
    """It is a reply to something the hub does not know."""
    prompt: Post | None = None
    """The latest question of ours to this agent in this place that still waits."""
    assignee: str = ""
    """The name of the conversation's assignee."""


class Verdict(msgspec.Struct, frozen=True):
    """What is to happen, and why, in words for the agent."""

    kind: Kind
    reason: str = ""


RELAY = Verdict("relay")
Rule = Callable[[Draft], Verdict | None]


def judge(draft: Draft) -> Verdict:
    """The verdict of the first rule that has one."""
    for rule in RULES:
        verdict = rule(draft)
        if verdict is not None:
            return verdict
    return RELAY


def opening(plain: str) -> str:
    """The text without leading spaces and invisible characters, its first signs in their plain form."""
    start = 0
    while start < len(plain) and _unseen(plain[start]):
        start += 1
    return _flat(plain[start : start + 4]) + plain[start + 4 :]


def _unseen(sign: str) -> bool:
    blanks = "\u3164\u115f\u1160\u2800\uffa0"
    return sign.isspace() or sign in blanks or unicodedata.category(sign) in ("Cf", "Cc", "Zs", "Zl", "Zp", "Mn")


def _flat(signs: str) -> str:
    """Look-alikes of slash and exclamation mark count as such; invisible signs between them do not count."""
    alike = {"\u2044": "/", "\u2215": "/", "\u29f8": "/", "\u2571": "/", "\uff0f": "/", "\ufe57": "!", "\uff01": "!"}
    return "".join(alike.get(s, s) for s in signs if not (_unseen(s) and not s.isspace()))


def is_note(plain: str) -> bool:
    """Whether it begins with `//`, however disguised."""
    return opening(plain).startswith("//")


def is_command(plain: str) -> bool:
    """Whether it begins with `/`, or with `!` and a letter or a digit, blanks between them or not."""
    begin = opening(plain)
    after = next((sign for sign in begin[1:] if not _unseen(sign)), "")
    return begin.startswith("/") or (begin.startswith("!") and after.isalnum())


def note_text(text: Text) -> Text:
    """The words of a note, without its mark."""
    if not is_note(text.plain):
        return text
    slashes = 0
    for place, sign in enumerate(text.plain):
        slashes += _flat(sign) == "/"
        if slashes == 2:
            rest = text.cut(place + 1, len(text.plain))
            spaces = len(rest.plain) - len(rest.plain.lstrip())
            return rest.cut(spaces, len(rest.plain))
    return text


def command_text(text: Text) -> Text:
    """The line of a command, without its mark."""
    for place, sign in enumerate(text.plain):
        if _flat(sign) in ("/", "!"):
            start = place + 1
            while start < len(text.plain) and _unseen(text.plain[start]) and not text.plain[start].isspace():
                start += 1
            return text.cut(start, len(text.plain))
    return text


def visible(word: str) -> str:
    """The word without invisible characters, such as phones and copied text bring along."""
    return "".join(sign for sign in word if not _unseen(sign))


def _not_for_contacts(draft: Draft) -> Verdict | None:
    """Row 1: service messages, bots, and what is written at the desk's home."""
    if draft.writer in ("bot", "service"):
        return Verdict("dropped", "not written by a person")
    if draft.home and not is_command(draft.text.plain):
        return (
            Verdict("argument") if _answers_prompt(draft) else Verdict("dropped", "nothing from here reaches a contact")
        )
    return None


def _may_answer(draft: Draft) -> Verdict | None:
    """Row 2: only members of the workspace, under their own name."""
    if draft.writer == "anonymous":
        return Verdict("told", "Not sent: you write as the group. Turn off “Remain anonymous” to answer contacts.")
    if draft.writer == "outsider":
        return Verdict("told", "Not sent: only people of this organization answer contacts here.")
    if draft.member is None:
        return Verdict("told", "Not sent: you are not a member of this workspace. Ask an owner for an invitation link.")
    return None


def _argument(draft: Draft) -> Verdict | None:
    """Row 3: the answer to a question of ours."""
    return Verdict("argument") if _answers_prompt(draft) and not is_command(draft.text.plain) else None


def _late_argument(draft: Draft) -> Verdict | None:
    """Row 3, late: what may be meant for a question of ours that waited too long is no reply to the contact."""
    waits = draft.prompt is not None and draft.at - draft.prompt.at < PROMPT_MEMORY
    if not waits or draft.answers is not None:
        return None
    return Verdict("held", "a question of mine still waited here, so this may be its answer")


def _answers_prompt(draft: Draft) -> bool:
    if draft.answers is not None:
        mine = draft.member is not None and draft.answers.author == draft.member.id
        return draft.answers.role == "prompt" and mine
    fresh = draft.prompt is not None and draft.at - draft.prompt.at < PROMPT_LIFE
    return fresh and not draft.answers_unknown


def _own_only(draft: Draft) -> Verdict | None:
    """Row 3a: who works on their own contacts only neither answers nor notes anything on others'."""
    if draft.conversation is None or limits.within(draft.member, draft.conversation):
        return None
    if is_note(draft.text.plain):
        return Verdict("told", f"Not kept: {limits.NOT_YOURS}.")
    return None if is_command(draft.text.plain) else Verdict("held", limits.NOT_YOURS)


def _note(draft: Draft) -> Verdict | None:
    """Row 4: what begins with `//`."""
    return Verdict("note") if is_note(draft.text.plain) else None


def _command(draft: Draft) -> Verdict | None:
    """Row 5: what begins with a slash never goes out, known command or not."""
    return Verdict("command") if is_command(draft.text.plain) else None


def _answers_internal(draft: Draft) -> Verdict | None:
    """Row 6: the answer to a note, or to a post of the hub that does not show the contact's words, is a note."""
    if draft.answers is not None and draft.answers.role not in ("relay", "reply", "place"):
        return Verdict("note")
    return Verdict("note") if draft.answers_unknown else None


def _not_now(draft: Draft) -> Verdict | None:
    """Row 9: somebody else's, snoozed, closed, or out of reach."""
    contact, conversation = draft.contact, draft.conversation
    if contact is None:
        return Verdict("told", "Not sent: this topic belongs to no contact.")
    if conversation is None or conversation.state == "closed":
        return Verdict("held", "this conversation is closed")
    if conversation.state == "snoozed":
        return Verdict("held", "this conversation is snoozed")
    if conversation.assignee and draft.member and conversation.assignee != draft.member.id:
        namesake = ", by another account than the one you write from" if draft.assignee == draft.member.name else ""
        return Verdict("held", f"{draft.assignee or 'somebody else'} has this conversation{namesake}")
    reason = unreachable(contact, conversation.channel, draft.at)
    return Verdict("held", reason) if reason else None


def unreachable(contact: Contact, channel: ChannelId, at: datetime) -> str:
    """Why the contact cannot be answered there now, since when, and what would change it; empty where they can."""
    reach = contact.reach(channel)
    if reach is None or reach.state != "active":
        return f"{contact.name} has blocked us and must write first"
    if reach.window(at) != "shut":
        return ""
    since = f"{reach.closes:%a %d %b %H:%M} UTC" if reach.closes else "a while ago"
    return f"the network let us answer {contact.name} until {since}; they must write again first"


RULES: tuple[Rule, ...] = (
    _not_for_contacts,
    _may_answer,
    _argument,
    _own_only,
    _note,
    _command,
    _answers_internal,
    _late_argument,
    _not_now,
)
