"""Commands on snippets: saved replies with variables."""

from __future__ import annotations

import hashlib
import re

from hub.admin_bot import replies
from hub.admin_bot.arguments import SnippetName, Word, matching, nearest, plainly
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import about, clipped, done
from hub.domain import answers, contacts, snippets
from hub.domain.answers import Written
from hub.domain.ids import PostId, short_id
from hub.domain.models import Facts, Member, Preferences, Snippet
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Invalid, NotFound, Refused

SECTION = "Notes and replies"
LIKELIEST = 6
_NAME = re.compile(r"[^\W\d_][\w-]{0,31}")
_VARIABLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


@command(
    section=SECTION,
    aliases=["s"],
    about="maybe",
    usage="[number] [NAME] | add NAME TEXT | change NAME TEXT | remove NAME",
)
async def snippet(call: Call, name: SnippetName | None = None, text: Text | None = None) -> Reply:
    """Send a saved reply, or list, add, change and remove them."""
    if name is None:
        return await _list(call)
    if plainly(name) in _CHANGES:
        return await _CHANGES[plainly(name)](call, text or Text())
    if text is not None:
        raise Invalid(f"A snippet is sent as it is saved; “{clipped(text.plain, 40)}” is too much. Nothing was sent.")
    return await _send(call, name)


# -- sending ---------------------------------------------------------------------------------------------------------


async def _send(call: Call, name: str) -> Reply:
    """Only the exact name, in the contact's own place, sends; everything else previews."""
    every = await call.tx.items(Snippet)
    exact = [s for s in every if plainly(s.name) == plainly(name) or s.id == name]
    found = exact or matching(name, [(s, [s.name]) for s in every])
    if len(found) != 1:
        near = nearest(name, [s.name for s in every])
        return _which(call, name, found or [s for s in every if s.name in near], several=bool(found))
    if call.about_contact is None:
        return await _shown(call, found[0])
    why_not = await _why_not(call)
    if not exact or not call.here or call.pressed or why_not:
        return await _preview(call, found[0], why_not)
    return await send_now(call, found[0])


async def _why_not(call: Call) -> str:
    """Why even an exact name only previews; empty: it may go."""
    conversation = call.conversation
    if conversation.state != "open":
        return f"#{conversation.number} is {conversation.state}."
    if conversation.assignee in (None, call.member.id):
        return ""
    holder = next((m.name for m in await call.tx.items(Member) if m.id == conversation.assignee), "Somebody else")
    return f"{holder} has this conversation."


def _which(call: Call, name: str, near: list[Snippet], *, several: bool) -> Reply:
    said: list[Value] = [s.name for s in near[:LIKELIEST]]
    data: dict[str, Value] = {"said": name, "near": said, "several": several}
    return Reply("snippet_which", data, rows=replies.grid(_buttons(call, near[:LIKELIEST])))


async def rendered(call: Call, snippet: Snippet) -> str:
    """The reply, with what is known of the contact filled in."""
    preferences = await call.tx.get(Preferences, "preferences")
    members = await call.tx.items(Member)
    holder = next((m for m in members if m.id == call.conversation.assignee), call.member)
    known = snippets.variables(call.contact, holder, preferences.name if preferences else "")
    return snippets.render(snippet, known)


def print_of(text: str) -> str:
    """What tells one text from another, in six signs: a button sends what it showed, or nothing."""
    return hashlib.blake2b(text.encode(), digest_size=3).hexdigest()


async def _preview(call: Call, snippet: Snippet, reason: str) -> Reply:
    text = await rendered(call, snippet)
    line = f"deliver {call.conversation.number} {snippet.id} {print_of(text)}"
    label = f"✉ Send to {clipped(call.contact.name, 20)}"
    button = Button(label, line, call.conversation.version, outward=True)
    data = {**about(call), "snippet": snippet.name, "text": text, "reason": reason}
    return Reply("snippet_preview", data, rows=((button,),))


async def send_now(call: Call, snippet: Snippet) -> Reply:
    """Sends it to the contact; what came with it is told, with one Undo."""
    text = await rendered(call, snippet)
    kept = await call.tx.get(Snippet, snippet.id)
    if kept is not None:
        kept.uses += 1
    written = Written(post=PostId(""), text=Text(text))
    claimed = call.conversation.assignee is None
    await answers.reply(call.tx, call.act, call.contact, call.conversation, written, seen=False)
    return await done(call, "snippet_sent", {**about(call), "snippet": snippet.name, "claimed": claimed})


@command(section=SECTION, about="conversation", usage="NUMBER NAME PRINT", hidden=True)
async def deliver(call: Call, snippet: Word, shown: Word) -> Reply:
    """Send a snippet as it was previewed."""
    found = next((s for s in await call.tx.items(Snippet) if s.id == snippet), None)
    if found is None:
        raise NotFound("That snippet is gone. Nothing was sent.")
    if print_of(await rendered(call, found)) != shown:
        return await _preview(call, found, "It says something else now than you saw.")
    return await send_now(call, found)


# -- the list --------------------------------------------------------------------------------------------------------


async def _list(call: Call) -> Reply:
    every = sorted(await call.tx.items(Snippet), key=lambda s: (-s.uses, s.name.casefold()))
    lines: list[Value] = [{"name": s.name, "text": clipped(s.text, 60)} for s in every]
    rows = replies.grid(_buttons(call, every[:LIKELIEST]))
    name = call.about_contact.name if call.about_contact else ""
    return Reply("snippets", {"lines": lines, "name": name}, rows=rows)


def _buttons(call: Call, some: list[Snippet]) -> list[Button]:
    """They preview: the text is to be seen before it goes."""
    conversation = call.about_conversation
    number, version = (f"{conversation.number} ", conversation.version) if conversation else ("", 0)
    return [Button(clipped(s.name, 20), f"snippet {number}{s.id}", version) for s in some]


async def buttons(call: Call) -> list[Button]:
    """The likeliest snippets."""
    every = sorted(await call.tx.items(Snippet), key=lambda s: (-s.uses, s.name.casefold()))
    return _buttons(call, every[:LIKELIEST])


async def _shown(call: Call, snippet: Snippet) -> Reply:  # noqa: ARG001 - like the others
    return Reply("snippet_text", {"snippet": snippet.name, "text": snippet.text})


# -- changing them ---------------------------------------------------------------------------------------------------


def _named(text: Text) -> tuple[str, str]:
    """The snippet's name, and the words for it. A phone's curly quotes inside variables are made straight."""
    name, _, words = text.plain.strip().partition(" ") if " " in text.plain.strip() else (text.plain.strip(), "", "")
    first, newline, rest = name.partition("\n")
    words = f"{rest}{newline and ' ' if rest and words else ''}{words}" if newline else words
    return first, _VARIABLE.sub(lambda m: m[0].translate(_STRAIGHT), words.strip())


def _find(every: list[Snippet], name: str) -> Snippet | None:
    return next((s for s in every if plainly(s.name) == plainly(name)), None)


async def _existing(call: Call, name: str) -> Snippet:
    every = await call.tx.items(Snippet)
    known = _find(every, name)
    found = await call.tx.get(Snippet, known.id) if known else None
    if found is None:
        near = nearest(name, [s.name for s in every])
        guess = f" Did you mean {' or '.join(near)}?" if near else " /snippet lists them."
        raise NotFound(f"There is no snippet “{clipped(name, 40)}”.{guess}" if name else "Which snippet?" + guess)
    return found


async def _add(call: Call, text: Text) -> Reply:
    name, words = _named(text)
    if not name:
        raise Invalid("A snippet needs a name and a text: /snippet add hi Hello {{ contact.first_name }}!")
    if not _NAME.fullmatch(name) or plainly(name) in _CHANGES:
        raise Invalid(f"“{clipped(name, 40)}” cannot be a snippet's name: one word, a letter first, such as hi.")
    if _find(await call.tx.items(Snippet), name) is not None:
        raise Refused(f"There is a snippet {name} already: /snippet change {name} TEXT.")
    if not words:
        return Reply("snippet_what", {"snippet": name}, ask=f"snippet add {name} ")
    snippets.check(words)
    made = Snippet(id=short_id(), name=name, text=words)
    call.tx.add(made)
    return await _changed(call, made, None, "added")


async def _change(call: Call, text: Text) -> Reply:
    name, words = _named(text)
    found = await _existing(call, name)
    if not words:
        return Reply("snippet_what", {"snippet": found.name}, ask=f"snippet change {found.name} ")
    snippets.check(words)
    before, found.text = found.text, words
    return await _changed(call, found, before, "changed")


async def _remove(call: Call, text: Text) -> Reply:
    found = await _existing(call, _named(text)[0])
    call.tx.delete(found)
    return await _changed(call, found, found.text, "removed")


async def _changed(call: Call, snippet: Snippet, before: str | None, what: str) -> Reply:
    facts: Facts = {"snippet": snippet.id, "name": snippet.name, "before": before}
    contacts.record(call.tx, "snippet_changed", call.act.at, act=call.act, facts=facts)
    return await done(call, "snippet_changed", {"snippet": snippet.name, "text": snippet.text, "what": what})


_CHANGES = {"add": _add, "change": _change, "remove": _remove}

COMMANDS = (snippet, deliver)
