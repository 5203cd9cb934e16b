"""The gate: what an agent writes in a conversation's place reaches the contact only if no rule says otherwise.

The rules are asked in order and the first that has an opinion wins. A new rule is one more entry in RULES.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from hub.domain import limits, mentions, reaching, salutation
from hub.domain.ids import Identity, TeamId
from hub.domain.models import Contact, Conversation, Member, Post, Team
from hub.domain.text import Text

PROMPT_LIFE = timedelta(minutes=2)
"""How long plain text is taken for the answer to a question of ours."""
PROMPT_MEMORY = timedelta(minutes=30)
"""How long after it plain text is held, for it may still be meant so."""
CALL_LIFE = timedelta(minutes=15)
"""How long plain text may be the answer to a note that called its writer."""

_NO_MEMBER = (
    "Not sent: you are not a member of this workspace, whose desk this is. If you work here, ask one of its owners for"
    " an invitation."
)
_NO_COMMAND = (
    "You are not a member of this workspace, whose desk this is, so commands do nothing for you here. If you work here,"
    " ask one of its owners for an invitation. A workspace of your own begins with /start in a private chat with me,"
    " and has its desk in another group."
)

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
    colleagues: tuple[Member, ...] = ()
    teams: tuple[Team, ...] = ()
    called: datetime | None = None
    """When a colleague's note called the writer here, where nothing was said to or by the contact since."""
    others: frozenset[str] = frozenset()
    """First names, for comparing, of those with whom the contact could be confused."""
    in_teams: frozenset[TeamId] = frozenset()
    """The teams that the writer is in."""
    elsewhere: str = ""
    """The desk where the conversation goes on, where it is written in the place that it left."""
    explicit: bool = False
    """In this workspace only what is said to be for the contact goes to them."""
    hubs: bool = False
    """It is a post of the hub, forwarded."""
    first_by: str = ""
    """The name of the colleague whose words are forwarded."""


class Verdict(msgspec.Struct, frozen=True):
    """What is to happen, and why, in words for the agent. `row`: the rule of the gate that says so, for counting."""

    kind: Kind
    reason: str = ""
    row: str = ""


RELAY = Verdict("relay")
Rule = Callable[[Draft], Verdict | None]


def judge(draft: Draft) -> Verdict:
    """The verdict of the first rule that has one."""
    return _first(draft, RULES)


def judge_reply(draft: Draft) -> Verdict:
    """The verdict on what a command says is for the contact: what would be a slip all the same is held."""
    return _first(draft, SLIPS)


def judge_edit(draft: Draft) -> Verdict:
    """The verdict on new words for what the contact has: a slip in them is none the less one. Who has the conversation
    now, and whether it is closed, does not matter, for it is the writer's own message.
    """
    return _first(draft, (_own_only, _hushed, _marked, _mentions, _greets))


def _first(draft: Draft, rules: Sequence[Rule]) -> Verdict:
    for rule in rules:
        verdict = rule(draft)
        if verdict is not None:
            return msgspec.structs.replace(verdict, row=rule.__name__.strip("_"))
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
    """Whether it begins with `/`, or with `!` and a letter, a digit or a note's mark, blanks between them or not."""
    begin = opening(plain)
    after = next((sign for sign in begin[1:] if not _unseen(sign)), "")
    noted = opening(begin.lstrip("!")).startswith("/")
    return begin.startswith("/") or (begin.startswith("!") and (after.isalnum() or noted))


def note_text(text: Text) -> Text:
    """The words of a note, without its mark: two slashes, or as many as stand together."""
    if not is_note(text.plain):
        return text
    end = _mark_end(text.plain)
    spaces = len(text.plain[end:]) - len(text.plain[end:].lstrip())
    return text.cut(end + spaces, len(text.plain))


def _mark_end(plain: str) -> int:
    """Where a note's mark is over."""
    slashes = 0
    for place, sign in enumerate(plain):
        if slashes > 1 and _flat(sign) != "/":
            return place
        slashes += _flat(sign) == "/"
    return len(plain)


def has_long_mark(plain: str) -> bool:
    """Whether a note begins with more slashes than it needs."""
    return is_note(plain) and _flat(plain[: _mark_end(plain)]).count("/") > 2


def command_text(text: Text) -> Text:
    """The line of a command, without its mark."""
    for place, sign in enumerate(text.plain):
        if _flat(sign) in ("/", "!"):
            start = place + 1
            while start < len(text.plain) and _unseen(text.plain[start]) and not text.plain[start].isspace():
                start += 1
            return text.cut(start, len(text.plain))
    return text


REPLY = ("reply", "r")
"""The verbs by which a command's words are for the contact."""


def reply_text(text: Text) -> Text:
    """The words of a line that is said to be for the contact; any other text as it is."""
    line = command_text(text) if is_command(text.plain) and not is_note(text.plain) else Text()
    verb, _, _ = line.plain.partition(" ")
    if visible(verb.partition("@")[0]).casefold() not in REPLY:
        return text
    start = len(verb) + len(line.plain[len(verb) :]) - len(line.plain[len(verb) :].lstrip())
    return line.cut(start, len(line.plain))


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
        return Verdict("told", _NO_COMMAND if is_command(draft.text.plain) else _NO_MEMBER)
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
    if draft.conversation is None or limits.within(draft.member, draft.conversation, draft.in_teams):
        return None
    if is_note(draft.text.plain):
        return Verdict("told", f"Not kept: {limits.not_yours(draft.member)}.")
    return None if is_command(draft.text.plain) else Verdict("held", limits.not_yours(draft.member))


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


def _hubs_post(draft: Draft) -> Verdict | None:
    """Row 6, forwarded: a post of the hub's has the card, the bell or a note in it, often of another contact."""
    if not draft.hubs:
        return None
    return Verdict("note", "Kept as a note, not sent: it is a post of mine, which says more than contacts may see.")


def _colleagues_words(draft: Draft) -> Verdict | None:
    """Row 7, forwarded: what a colleague wrote, they may have written for colleagues."""
    return Verdict("held", f"{draft.first_by} wrote it, perhaps for colleagues") if draft.first_by else None


def _marked(draft: Draft) -> Verdict | None:
    """Row 4, as people write it where the mark is another one."""
    return Verdict("held", "it begins like a note") if _LIKE_A_NOTE.match(visible(draft.text.plain[:40])) else None


_LIKE_A_NOTE = re.compile(r"\W*(internal)?note[:\uff1a]", re.IGNORECASE)


def _explicit(draft: Draft) -> Verdict | None:
    """Row 11: where contacts are only told what is said to be for them, the rest is a note, and needs no holding."""
    return Verdict("note") if draft.explicit and not _answers_contact(draft) else None


def _answers_contact(draft: Draft) -> bool:
    return draft.answers is not None and draft.answers.role == "relay"


def _mentions(draft: Draft) -> Verdict | None:
    """Row 7: who mentions a colleague speaks to the colleague."""
    others = [m for m in draft.colleagues if draft.member is None or m.id != draft.member.id]
    contact = draft.contact
    theirs = f"@{contact.username}".casefold() if contact else ""
    accounts = [i for m in draft.colleagues if m not in others for i in m.identities]
    found = mentions.read(draft.text, others, draft.teams, [*accounts, *_accounts(draft)])
    words = [w for w in found.words if w.casefold() != theirs]
    return Verdict("held", f"it mentions {words[0]}") if words else None


def _accounts(draft: Draft) -> list[Identity]:
    """The accounts that it mentions and that are the contact's own."""
    ends = tuple(f":{r.address}" for r in draft.contact.reaches) if draft.contact else ()
    return [Identity(s.value) for s in draft.text.spans if s.kind == "mention" and s.value.endswith(ends)]


def _called(draft: Draft) -> Verdict | None:
    """Row 8: the answer to a note is a note, also where it is typed without answering the note's post."""
    if draft.called is None or _answers_contact(draft) or draft.at - draft.called > CALL_LIFE:
        return None
    return Verdict("held", "a colleague's note called you here, so this may be its answer")


def _greets(draft: Draft) -> Verdict | None:
    """Row 10: a greeting by another name was likely meant for another conversation."""
    contact, greeted = draft.contact, salutation.greeted(draft.text.plain)
    if contact is None or greeted is None or (greeted.titled and not contact.last_name):
        return None
    own = salutation.names_in(contact.first_name, contact.last_name, contact.username, contact.email.partition("@")[0])
    mine = salutation.names_in(draft.member.name) if draft.member else frozenset()
    name = salutation.stranger(greeted, own, draft.others - own - mine)
    if not name or _said_by_contact(name, draft) or salutation.plain(name) in mine:
        return None
    return Verdict("held", f"it greets {name}, and this is {contact.name}")


def _said_by_contact(name: str, draft: Draft) -> bool:
    """Whether the contact has just called themselves so."""
    said = draft.conversation.last_text if draft.conversation else ""
    return salutation.plain(name) in salutation.names_in(said)


def _moved(draft: Draft) -> Verdict | None:
    """Row 9a: written in the place that the conversation left."""
    open_ = draft.conversation is not None and draft.conversation.state != "closed"
    return (
        Verdict("held", f"this conversation goes on at the desk {draft.elsewhere}")
        if draft.elsewhere and open_
        else None
    )


def _not_now(draft: Draft) -> Verdict | None:
    """Row 9: somebody else's, snoozed, closed, or out of reach."""
    contact, conversation = draft.contact, draft.conversation
    if contact is None:
        return Verdict("told", "Not sent: this topic belongs to no contact.")
    if contact.block is not None and contact.block.holds(draft.at):
        return Verdict("held", reaching.blocked_here(contact))
    if conversation is None or conversation.state == "closed":
        return Verdict("held", "this conversation is closed")
    if conversation.state == "snoozed":
        return Verdict("held", "this conversation is snoozed")
    if conversation.assignee and draft.member and conversation.assignee != draft.member.id:
        namesake = ", by another account than the one you write from" if draft.assignee == draft.member.name else ""
        return Verdict("held", f"{draft.assignee or 'somebody else'} has this conversation{namesake}")
    reason = reaching.unreachable(contact, conversation.channel, draft.at)
    return Verdict("held", reason) if reason else None


def _hushed(draft: Draft) -> Verdict | None:
    """Row 9, of words that the contact has already: whom we blocked hears nothing more."""
    contact = draft.contact
    hushed = contact is not None and contact.block is not None and contact.block.holds(draft.at)
    return Verdict("held", reaching.blocked_here(contact)) if contact is not None and hushed else None


RULES: tuple[Rule, ...] = (
    _not_for_contacts,
    _may_answer,
    _argument,
    _own_only,
    _note,
    _command,
    _answers_internal,
    _hubs_post,
    _explicit,
    _late_argument,
    _marked,
    _colleagues_words,
    _mentions,
    _called,
    _moved,
    _not_now,
    _greets,
)
SLIPS: tuple[Rule, ...] = (_marked, _mentions, _moved, _not_now, _greets)
"""The rules that hold also for what a command says is for the contact."""
