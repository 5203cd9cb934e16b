"""Commands on snippets: saved replies with variables."""

from __future__ import annotations

import hashlib

from hub.admin_bot import replies
from hub.admin_bot.arguments import SnippetName, Word, matching, nearest, plainly
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.commands.snippet_changes import CHANGES
from hub.admin_bot.replies import about, clipped, done
from hub.domain import answers, snippet_variables, snippets
from hub.domain.answers import Written
from hub.domain.ids import PostId
from hub.domain.models import Field, Media, Member, Snippet
from hub.domain.preferences import seen_preferences
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Invalid, NotFound

SECTION = "Notes and replies"
LIKELIEST = 6
PAGE = 10


@command(
    section=SECTION,
    aliases=["s"],
    about="maybe",
    usage="[number] [NAME | words] | add NAME TEXT | mine NAME TEXT | change NAME TEXT | remove NAME"
    " | topic NAME TOPIC | file NAME",
)
async def snippet(call: Call, name: SnippetName | None = None, text: Text | None = None) -> Reply:
    """Send a saved reply, or list, find, add, change and remove them.

    Variables are contact (name, first_name, last_name, username, phone, email, country, language and custom fields),
    assignee, workspace, date and time.
    """
    if name is None:
        return await _list(call)
    verb, rest = plainly(name), text or Text()
    if verb in CHANGES:
        return await CHANGES[verb](call, rest)
    if verb == "page" and rest.plain.isdecimal():
        return await _list(call, int(rest.plain))
    return await _send(call, name, rest.plain)


# -- sending ---------------------------------------------------------------------------------------------------------


async def _send(call: Call, name: str, more: str) -> Reply:
    """Only the exact name, in the contact's own place, sends; everything else previews."""
    every = await _usable(call)
    exact = [s for s in every if plainly(s.name) == plainly(name) or s.id == name]
    if exact and more:
        raise Invalid(f"A snippet is sent as it is saved; “{clipped(more, 40)}” is too much. Nothing was sent.")
    found = exact or ([] if more else matching(name, [(s, [s.name]) for s in every]))
    found = found or snippets.holding(every, f"{name} {more}")
    if len(found) != 1:
        near = [] if more else nearest(name, [s.name for s in every])
        said = f"{name} {more}".strip()
        return _which(call, said, found or [s for s in every if s.name in near], several=bool(found))
    if call.about_contact is None:
        return _shown(found[0])
    why_not = await _why_not(call)
    if not exact or not call.here or call.pressed or why_not:
        return await _preview(call, found[0], why_not)
    return await send_now(call, found[0])


async def _usable(call: Call) -> list[Snippet]:
    return snippets.visible_to(await call.tx.items(Snippet), call.member.id)


async def _why_not(call: Call) -> str:
    """Why even an exact name only previews; empty: it may go."""
    conversation = call.conversation
    if conversation.state != "open":
        return f"#{conversation.number} is {conversation.state}."
    place = call.contact.place(call.desk.id) if call.desk else None
    if call.here and place is not None and place.left:
        return f"#{conversation.number} goes on at another desk."
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
    preferences = await seen_preferences(call.tx)
    members = await call.tx.items(Member)
    holder = next((m for m in members if m.id == call.conversation.assignee), call.member)
    setting = snippet_variables.Setting(
        workspace=preferences.name, zone=preferences.time_zone, at=call.act.at, fields=await call.tx.items(Field)
    )
    return snippets.render(snippet, snippet_variables.variables(call.contact, holder, setting))


def print_of(text: str) -> str:
    """What tells one text from another, in six signs: a button sends what it showed, or nothing."""
    return hashlib.blake2b(text.encode(), digest_size=3).hexdigest()


async def _preview(call: Call, snippet: Snippet, reason: str) -> Reply:
    text = await rendered(call, snippet)
    seen = f"{print_of(text + _names(snippet))}.{call.conversation.outgoing}"
    line = f"deliver {call.conversation.number} {snippet.id} {seen}"
    label = f"✉ Send to {clipped(call.contact.name, 20)}"
    button = Button(label, line, call.conversation.version, outward=True)
    data = {**about(call), "snippet": snippet.name, "text": text, "reason": reason, "files": _file_names(snippet)}
    return Reply("snippet_preview", data, rows=((button,),))


async def send_now(call: Call, snippet: Snippet) -> Reply:
    """Sends it to the contact; what came with it is told, with one Undo."""
    text = await rendered(call, snippet)
    kept = await call.tx.get(Snippet, snippet.id)
    if kept is not None:
        kept.uses += 1
    files = [
        Media(kind=f.kind, source=f.source, name=f.name, mime=f.mime, size=f.size, desk=f.desk) for f in snippet.files
    ]
    written = Written(post=PostId(""), text=Text(text), attachments=tuple(files))
    claimed = call.conversation.assignee is None
    await answers.reply(call.tx, call.act, call.contact, call.conversation, written, seen=False)
    hold = await answers.hold(call.tx, call.contact, call.conversation)
    data = {**about(call), "snippet": snippet.name, "claimed": claimed, "seconds": hold.seconds}
    return await done(call, "snippet_sent", data)


def _file_names(snippet: Snippet) -> list[Value]:
    return [f.name or f.kind for f in snippet.files]


def _names(snippet: Snippet) -> str:
    """What tells its files from others, for a button that sends what it showed."""
    return "".join(f"\n{f.source}" for f in snippet.files)


@command(section=SECTION, about="conversation", usage="NUMBER NAME PRINT", hidden=True)
async def deliver(call: Call, snippet: Word, shown: Word) -> Reply:
    """Send a snippet as it was previewed."""
    found = next((s for s in await _usable(call) if s.id == snippet), None)
    if found is None:
        raise NotFound("That snippet is gone. Nothing was sent.")
    words, _, answered = shown.partition(".")
    if print_of(await rendered(call, found) + _names(found)) != words:
        return await _preview(call, found, "It says something else now than you saw.")
    if answered and answered != str(call.conversation.outgoing):
        # A second tap on the same button is no second wish.
        return await _preview(call, found, f"{call.contact.name} was answered since you saw it.")
    return await send_now(call, found)


# -- the list --------------------------------------------------------------------------------------------------------


async def _list(call: Call, page: int = 1) -> Reply:
    """The most used first; each page has the buttons of its six likeliest."""
    every = await _usable(call)
    pages = max(1, -(-len(every) // PAGE))
    page = min(max(1, page), pages)
    here = every[(page - 1) * PAGE : page * PAGE]
    lines: list[Value] = [_line(s) for s in here]
    buttons = _buttons(call, here if pages > 1 else here[:LIKELIEST])
    name = call.about_contact.name if call.about_contact else ""
    return Reply("snippets", {"lines": lines, "name": name}, rows=(*replies.grid(buttons), *_pager(call, page, pages)))


def _line(snippet: Snippet) -> dict[str, Value]:
    more = [w for w in (snippet.topic, "yours" if snippet.owner else "", "📎" if snippet.files else "") if w]
    return {"name": snippet.name, "text": clipped(snippet.text, 60), "more": ", ".join(more)}


def _pager(call: Call, page: int, pages: int) -> replies.Rows:
    if pages < 2:
        return ()
    number = f"{call.about_conversation.number} " if call.about_conversation else ""
    turns = [("◂", page - 1)] * (page > 1) + [(f"{page}/{pages}", page)] + [("▸", page + 1)] * (page < pages)
    return (tuple(Button(label, f"snippet {number}page {to}") for label, to in turns),)


def _buttons(call: Call, some: list[Snippet]) -> list[Button]:
    """They preview: the text is to be seen before it goes."""
    conversation = call.about_conversation
    number, version = (f"{conversation.number} ", conversation.version) if conversation else ("", 0)
    return [Button(clipped(s.name, 20), f"snippet {number}{s.id}", version) for s in some]


async def buttons(call: Call) -> list[Button]:
    """The likeliest snippets."""
    return _buttons(call, (await _usable(call))[:LIKELIEST])


def _shown(snippet: Snippet) -> Reply:
    return Reply("snippet_text", {"snippet": snippet.name, "text": snippet.text, "files": _file_names(snippet)})


COMMANDS = (snippet, deliver)
