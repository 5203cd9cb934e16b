"""The inboxes: conversations by whose they are, by state, by saved filters; and what any filter finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.dispatch import veiled
from hub.admin_bot.hits import Asking, contacts_found, conversations_found, known_here, mistaken, spelled
from hub.admin_bot.replies import grid
from hub.domain.finding.grammar import Mistake
from hub.domain.finding.known import Known
from hub.domain.models import SavedFilter, Team
from hub.domain.names import did_you_mean, matching, plainly
from hub.domain.reply import Button, Reply
from hub.domain.text import Text
from hub.errors import Ambiguous, NotFound

T = TypeVar("T")
SECTION = "Inbox"
OFFERED = 6
WHOSE: Mapping[str, tuple[str, str]] = {
    "all": ("All", ""),
    "mine": ("Yours", "assignee:me"),
    "unassigned": ("Nobody's", "assignee:none"),
    "team": ("Your teams'", "team:mine"),
    "blocked": ("Blocked contacts", "is:blocked"),
}
STATES = ("open", "closed", "snoozed")
_USAGE = "[mine | unassigned | team NAME | blocked | all | INBOX] [open | closed | snoozed] [FILTER…]"


@command(section=SECTION, usage=_USAGE, outside=True, in_place=True)
async def inbox(call: Call, which: Text | None = None) -> Reply:
    """List conversations, with links."""
    typed = await spelled(call, which.plain) if which else ""
    names = await known_here(call, "conversations")
    words, page = _without_page(typed.split())
    title, line, parts = _read(words, names)
    asking = Asking(verb="inbox", title=title, line=line)
    text = " ".join([*parts, f"page:{page}"])
    try:
        found = contacts_found if words[:1] and parts == ["is:blocked"] else conversations_found
        _, reply = await found(call, asking, text)
    except Mistake as error:
        return mistaken(error, "inbox")
    more = () if typed else _others(names)
    return veiled(call, Reply(reply.template, reply.data, rows=(*reply.rows, *more))) or reply


def _without_page(words: list[str]) -> tuple[list[str], int]:
    """A number at the end, or `page:2`, is a page."""
    last = words[-1].removeprefix("page:") if words else ""
    if last.isascii() and last.isdigit() and len(last) < 5:
        return words[:-1], max(1, int(last))
    return words, 1


def _read(words: list[str], names: Known) -> tuple[str, str, list[str]]:
    """Title, line and filter of an inbox: whose, in which state, and what else is asked."""
    line, whose, text = list(words), *WHOSE["all"]
    state = "open"
    if words and not _is_term(words[0]):
        whose, text, words = _whose(words, names)
    if words and plainly(words[0]) in STATES:
        state, words = plainly(words[0]), words[1:]
    saved = text.startswith("inbox:")
    parts = [text] if text else []
    parts += [f"is:{state}"] if not saved and text != "is:blocked" else []
    title = whose if saved or text == "is:blocked" else f"{whose}, {state}"
    return " ".join(filter(None, (title, *words))), " ".join(line), [*parts, *words]


def _is_term(word: str) -> bool:
    return any(sign in word for sign in ":<>=≥≤()|") or word[0] in "-\u2013\u2014" or plainly(word) in STATES


def _whose(words: list[str], names: Known) -> tuple[str, str, list[str]]:
    """The inbox that the first word names, what it asks, and the words behind it."""
    word, rest = words[0], words[1:]
    if plainly(word) == "team" and rest and not _is_term(rest[0]):
        team = _one(rest[0], [(t, [t.name]) for t in names.teams], "team")
        return f"Team {team.name}", f"team:{team.id}", rest[1:]
    own = [f for f in names.filters if f.finds == "conversations"]
    named: list[tuple[SavedFilter | Team | str, list[str]]] = [(name, [name]) for name in WHOSE]
    named += [(f, [f.id, f.name, f.name.replace(" ", "_")]) for f in own] + [(t, [t.name]) for t in names.teams]
    found = _one(word, named, "inbox")
    if isinstance(found, SavedFilter):
        return found.name, f"inbox:{found.id}", rest
    if isinstance(found, Team):
        return f"Team {found.name}", f"team:{found.id}", rest
    return (*WHOSE[found], rest)


def _one(word: str, named: Sequence[tuple[T, Sequence[str]]], what: str) -> T:
    found = matching(word, named)
    if len(found) == 1:
        return found[0]
    labels = [names[-1] for item, names in named if not found or item in found]
    if found:
        raise Ambiguous(f"“{word}” could be {' or '.join(labels)}.")
    guess = did_you_mean(word, labels) or (f" There is {' or '.join(labels[:8])}." if labels else "")
    raise NotFound(f"There is no {what} “{word}”.{guess}")


def _others(names: Known) -> tuple[tuple[Button, ...], ...]:
    """Other inboxes by a tap: the asker's own first, then those that they saved or may use."""
    fixed = [Button("Mine", "inbox mine"), Button("Unassigned", "inbox unassigned"), Button("Closed", "inbox closed")]
    own = [f for f in names.filters if f.finds == "conversations"]
    saved = [Button(f.name[:20], f"inbox {f.id}") for f in sorted(own, key=lambda f: f.owner != names.member.id)]
    return grid([*fixed, *saved[:OFFERED]])


COMMANDS = (inbox,)
