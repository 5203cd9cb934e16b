"""The workspace's tags: listed, and by managers named, coloured, given an emoji, removed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from hub.admin_bot import dispatch, replies
from hub.admin_bot.arguments import Words, did_you_mean, matching
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import Rows, clipped, done
from hub.domain.fields import tags as looks
from hub.domain.ids import short_id
from hub.domain.members import Permission
from hub.domain.models import Tag
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Ambiguous, Invalid, NotFound, Refused

PAGE = 12
LONGEST_DESCRIPTION = 120


@command(
    section="Settings",
    usage="[TAG | add NAME | color TAG COLOR | emoji TAG EMOJI | rename TAG NAME | describe TAG WORDS | remove TAG]",
)
async def tags(call: Call, words: Text | None = None) -> Reply:
    """List the tags; managers name, colour and remove them, and give them an emoji."""
    every = sorted(await call.tx.items(Tag), key=lambda t: t.name.casefold())
    line = Words(words or Text())
    first = line.peek()
    if not first or (first.isascii() and first.isdigit() and len(first) < 4):
        return _list(call, every, int(first or 1))
    verb = [v for v in _VERBS if v == first.casefold()]
    if not verb:
        return _card(call, _one(line, every))
    line.take()
    dispatch.need(call, f"tags {verb[0]}", "manager")
    return await _VERBS[verb[0]](call, line, every)


def _list(call: Call, every: Sequence[Tag], page: int) -> Reply:
    pages = max(1, -(-len(every) // PAGE))
    page = min(max(1, page), pages)
    here = every[(page - 1) * PAGE : page * PAGE]
    lines: list[Value] = [{"tag": looks.drawn(t), "description": t.description} for t in here]
    buttons = [Button(clipped(looks.drawn(t), 24), f"tags {t.id}") for t in here] if call.may("manager") else []
    data: dict[str, Value] = {"lines": lines, "total": len(every), "manager": call.may("manager")}
    back: Rows = (replies.ALL_SETTINGS,) if call.may("manager") else ()
    return Reply("tags", data, rows=(*replies.grid(buttons), *_pager(page, pages), *back))


def _pager(page: int, pages: int) -> Rows:
    if pages < 2:
        return ()
    back = [Button("◂", f"tags {page - 1}")] if page > 1 else []
    forth = [Button("▸", f"tags {page + 1}")] if page < pages else []
    return ((*back, Button(f"{page}/{pages}", f"tags {page}"), *forth),)


def _card(call: Call, tag: Tag) -> Reply:
    """One tag, and for managers what can be done with it."""
    colors = [Button(circle, f"tags color {tag.id} {name}") for name, (_, circle) in looks.COLORS.items()]
    more = [Button("Rename…", f"tags rename {tag.id}"), Button("Emoji…", f"tags emoji {tag.id}")]
    managing: Rows = (*replies.grid(colors, 5), (*more, Button("✕ Remove", f"tags remove {tag.id}")))
    data: dict[str, Value] = {"tag": looks.drawn(tag), "color": tag.color, "description": tag.description}
    return Reply("tag_card", data, rows=managing if call.may("manager") else ())


def _one(line: Words, every: Sequence[Tag]) -> Tag:
    """The tag whose name comes next, or begins so. Raises NotFound, Ambiguous."""
    word = line.take().removeprefix("#")
    found = [t for t in every if t.id == word] or matching(word, [(t, [t.name]) for t in every])
    if len(found) > 1:
        raise Ambiguous(f"“{word}” could be {' or '.join(t.name for t in found[:4])}: write more of it.")
    if not found:
        guess = did_you_mean(word, [t.name for t in every])
        raise NotFound(f"There is no tag “{clipped(word, 32)}”.{guess} /tags lists them.")
    return found[0]


async def _add(call: Call, line: Words, every: Sequence[Tag]) -> Reply:
    if not line.peek():
        return Reply("tags_ask", {"tag": "", "what": "add"}, ask="tags add ")
    name = looks.name_of(line.take_rest().plain)
    if any(t.name.casefold() == name.casefold() for t in every):
        raise Refused(f"There is a tag {name} already.")
    made = Tag(id=short_id(), name=name)
    call.tx.add(made)
    return _card(call, made)


async def _changed(call: Call, line: Words, every: Sequence[Tag], what: str) -> Reply:
    """Color, emoji, name or description: what is left of the line, or asked for."""
    if not line.peek():
        return _which(every, what)
    tag = _one(line, every)
    words = line.take_rest().plain
    if not words:
        return _card(call, tag) if what == "color" else _asked(tag, what)
    field, read = _READ[what]
    tag = await looks.change(call.tx, call.act, tag.id, **{field: read(words)})
    return await _done(call, tag, gone=False)


def _asked(tag: Tag, what: str) -> Reply:
    return Reply("tags_ask", {"tag": looks.drawn(tag), "what": what}, ask=f"tags {what} {tag.id} ")


def _which(every: Sequence[Tag], what: str) -> Reply:
    buttons = [Button(clipped(looks.drawn(t), 24), f"tags {what} {t.id}") for t in every[:24]]
    return Reply("tags_which", {"what": what, "offered": bool(buttons)}, rows=replies.grid(buttons))


async def _remove(call: Call, line: Words, every: Sequence[Tag]) -> Reply:
    if not line.peek():
        return _which(every, "remove")
    tag = _one(line, every)
    if line.peek():
        raise Invalid(f"One tag at a time: /tags remove {tag.name}.")
    return await _done(call, await looks.remove(call.tx, call.act, tag.id), gone=True)


async def _done(call: Call, tag: Tag, *, gone: bool) -> Reply:
    return await done(call, "tags_changed", {"tag": looks.drawn(tag), "description": tag.description, "gone": gone})


def _description(words: str) -> str:
    said = " ".join(words.split())
    if len(said) > LONGEST_DESCRIPTION:
        raise Invalid(f"A tag's description has at most {LONGEST_DESCRIPTION} characters.")
    return "" if said in ("-", "\u2013", "\u2014") else said


_READ: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "color": ("color", looks.color_of),
    "colour": ("color", looks.color_of),
    "emoji": ("emoji", looks.emoji_of),
    "rename": ("name", looks.name_of),
    "describe": ("description", _description),
}
_Verb = Callable[[Call, Words, Sequence[Tag]], Awaitable[Reply]]


def _changing(what: str) -> _Verb:
    return lambda call, line, every: _changed(call, line, every, what)


_VERBS: Mapping[str, _Verb] = {"add": _add, "remove": _remove, **{what: _changing(what) for what in _READ}}
PERMISSIONS: Mapping[str, tuple[Permission, ...]] = dict.fromkeys(
    (verb for verb in _VERBS if verb != "colour"), ("manager",)
)
"""What asks for more than the command; `colour` is `color` as others write it."""
COMMANDS = (tags,)
