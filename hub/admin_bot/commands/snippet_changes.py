"""Changing snippets: what is saved, for whom, under which topic, with which files."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from hub.admin_bot.arguments import nearest, plainly
from hub.admin_bot.call import Call
from hub.admin_bot.heard import Wrote
from hub.admin_bot.replies import clipped, done
from hub.domain import contacts, snippets
from hub.domain.catalog import SnippetFile
from hub.domain.ids import DeskId, UserId, short_id
from hub.domain.models import Attachment, Facts, Field, Media, Snippet
from hub.domain.reply import Reply, Value
from hub.domain.text import Text
from hub.errors import Invalid, NotAllowed, NotFound, Refused

TOPIC = 32
_NAME = re.compile(r"[^\W\d_][\w-]{0,31}")
_VARIABLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "})


def _named(text: Text) -> tuple[str, str]:
    """The snippet's name, and the words for it. A phone's curly quotes inside variables are made straight."""
    name, _, words = text.plain.strip().partition(" ") if " " in text.plain.strip() else (text.plain.strip(), "", "")
    first, newline, rest = name.partition("\n")
    words = f"{rest}{newline and ' ' if rest and words else ''}{words}" if newline else words
    return first, _VARIABLE.sub(lambda m: m[0].translate(_STRAIGHT), words.strip())


def _same(one: str, other: str) -> bool:
    return plainly(one) == plainly(other)


async def _existing(call: Call, name: str) -> Snippet:
    """One that the asker sees by that name. Raises NotFound, NotAllowed."""
    every = snippets.visible_to(await call.tx.items(Snippet), call.member.id)
    known = next((s for s in every if _same(s.name, name)), None)
    found = await call.tx.get(Snippet, known.id) if known else None
    if found is None:
        near = nearest(name, [s.name for s in every])
        guess = f" Did you mean {' or '.join(near)}?" if near else " /snippet lists them."
        raise NotFound(f"There is no snippet “{clipped(name, 40)}”.{guess}" if name else "Which snippet?" + guess)
    if found.owner not in (None, call.member.id):
        raise NotAllowed(f"The snippet {found.name} is somebody else's own.")
    return found


async def _add(call: Call, text: Text) -> Reply:
    return await _made(call, text, None)


async def _mine(call: Call, text: Text) -> Reply:
    return await _made(call, text, call.member.id)


async def _made(call: Call, text: Text, owner: UserId | None) -> Reply:
    name, words = _named(text)
    verb = "add" if owner is None else "mine"
    if not name:
        raise Invalid(f"A snippet needs a name and a text: /snippet {verb} hi Hello {{{{ contact.first_name }}}}!")
    if not _NAME.fullmatch(name) or plainly(name) in CHANGES or plainly(name) == "page":
        raise Invalid(f"“{clipped(name, 40)}” cannot be a snippet's name: one word, a letter first, such as hi.")
    if any(_same(s.name, name) and s.owner == owner for s in await call.tx.items(Snippet)):
        raise Refused(f"There is a snippet {name} already: /snippet change {name} TEXT.")
    files = _files(call)
    if not words and not files:
        return Reply("snippet_what", {"snippet": name}, ask=f"snippet {verb} {name} ")
    await _check(call, words, files)
    made = Snippet(id=short_id(), name=name, text=words, owner=owner, files=files)
    call.tx.add(made)
    return await _changed(call, made, None, "added")


async def _change(call: Call, text: Text) -> Reply:
    name, words = _named(text)
    found = await _existing(call, name)
    if not words:
        return Reply("snippet_what", {"snippet": found.name}, ask=f"snippet change {found.name} ")
    await _check(call, words, found.files)
    before = msgspec.structs.replace(found)
    found.text = words
    return await _changed(call, found, before, "changed")


async def _remove(call: Call, text: Text) -> Reply:
    found = await _existing(call, _named(text)[0])
    call.tx.delete(found)
    return await _changed(call, found, found, "removed")


async def _topic(call: Call, text: Text) -> Reply:
    """Puts a snippet under a topic, or with `-` under none."""
    name, words = _named(text)
    found = await _existing(call, name)
    if not words:
        raise Invalid(f"Under which topic? Write /snippet topic {found.name} Shipping, or - for none.")
    before = msgspec.structs.replace(found)
    found.topic = "" if words in ("-", "\u2013", "\u2014") else clipped(words, TOPIC)
    return await _changed(call, found, before, "changed")


async def _file(call: Call, text: Text) -> Reply:
    """Has the files under which it is written go with a snippet, or with `off` none."""
    name, words = _named(text)
    found, files = await _existing(call, name), _files(call)
    before = msgspec.structs.replace(found, files=list(found.files))
    if not files and plainly(words) != "off":
        raise Invalid(f"Post the file with /snippet file {found.name} as its caption; off takes them away.")
    found.files = [*found.files, *files][: snippets.FILES] if files else []
    await _check(call, found.text, found.files)
    return await _changed(call, found, before, "changed")


async def _check(call: Call, words: str, files: Sequence[SnippetFile]) -> None:
    snippets.check(words, [f.id for f in await call.tx.items(Field)], files=bool(files))


def _files(call: Call) -> list[SnippetFile]:
    """The files that were posted with the line."""
    posted = call.heard.attachments if isinstance(call.heard, Wrote) else ()
    if posted and call.desk is None:
        raise Refused("Post the file on the desk: from there it is fetched when the snippet is sent.")
    return [_kept(each, call.desk.id) for each in posted if call.desk]


def _kept(attachment: Attachment, desk: DeskId) -> SnippetFile:
    if not isinstance(attachment, Media) or attachment.kind in ("sticker", "video_note"):
        raise Invalid(f"A {attachment.kind.replace('_', ' ')} cannot go with a snippet; pictures and files can.")
    return SnippetFile(
        source=attachment.source,
        desk=desk,
        kind=attachment.kind,
        name=attachment.name,
        mime=attachment.mime,
        size=attachment.size,
    )


async def _changed(call: Call, snippet: Snippet, before: Snippet | None, what: str) -> Reply:
    whole = msgspec.json.encode(before).decode() if before else None
    facts: Facts = {
        "snippet": snippet.id,
        "name": snippet.name,
        "before": before.text if before else None,
        "whole": whole,
    }
    contacts.record(call.tx, "snippet_changed", call.act.at, act=call.act, facts=facts)
    files: list[Value] = [f.name or f.kind for f in snippet.files]
    data: dict[str, Value] = {"snippet": snippet.name, "text": snippet.text, "what": what, "topic": snippet.topic}
    return await done(call, "snippet_changed", {**data, "files": files, "own": snippet.owner is not None})


CHANGES: Mapping[str, Callable[[Call, Text], Awaitable[Reply]]] = {
    "add": _add,
    "mine": _mine,
    "change": _change,
    "remove": _remove,
    "topic": _topic,
    "file": _file,
}
"""By verb, what changes snippets."""
