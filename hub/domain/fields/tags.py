"""Tags of the catalog: how they look, and how they are named, coloured and taken away."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.models import Event, Facts, Tag
from hub.domain.ports import Tx
from hub.errors import Invalid, NotFound, Refused

LONGEST = 32
COLORS: Mapping[str, tuple[str, str]] = {
    "red": ("dd2e44", "🔴"),
    "orange": ("f4900c", "🟠"),
    "yellow": ("fdcb58", "🟡"),
    "green": ("78b159", "🟢"),
    "blue": ("55acee", "🔵"),
    "purple": ("aa8ed6", "🟣"),
    "brown": ("c1694f", "🟤"),
    "black": ("31373d", "⚫"),
    "white": ("e6e7e8", "⚪"),
}
"""By name: how a colour is kept, and what it is shown as where there is text only."""
_SEVERAL = re.compile(r"[\ufe0f\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\u20e3]")


def drawn(tag: Tag) -> str:
    """The tag as text: its emoji, else the circle nearest to its colour, and its name."""
    return f"{tag.emoji or circle(tag.color)} {tag.name}".strip()


def circle(color: str) -> str:
    """The circle whose colour is nearest; empty where there is no colour."""
    if not color:
        return ""
    return min(COLORS.values(), key=lambda known: _apart(known[0], color))[1]


def color_of(words: str) -> str:
    """Six hexadecimal digits of a colour's name or number; empty for none. Raises Invalid."""
    word = words.strip().casefold().removeprefix("#")
    if word in ("none", "-", "\u2013", "\u2014"):
        return ""
    if word in COLORS:
        return COLORS[word][0]
    if re.fullmatch(r"[0-9a-f]{3}", word):
        word = "".join(digit * 2 for digit in word)
    if not re.fullmatch(r"[0-9a-f]{6}", word):
        raise Invalid(f"“{words.strip()[:20]}” is no colour: write {', '.join(COLORS)}, or six digits such as ff8800.")
    return word


def emoji_of(words: str) -> str:
    """One emoji; empty for none. Raises Invalid."""
    sign = words.strip()
    if sign.casefold() in ("none", "-", "\u2013", "\u2014"):
        return ""
    bare = _SEVERAL.sub("", sign)
    if not bare or len(sign) > 12 or len(bare) > 4 or any(unicodedata.category(s) not in ("So", "Sk") for s in bare):
        raise Invalid(f"“{sign[:20]}” is no emoji: write one, such as ⭐.")
    return sign


def name_of(words: str) -> str:
    """A tag's name: one word. Raises Invalid."""
    name = words.strip().removeprefix("#")
    if not name or len(name) > LONGEST or len(name.split()) != 1 or not name[0].isalnum():
        raise Invalid(f"A tag's name is one word of at most {LONGEST} characters, a letter or a digit first.")
    return name


async def change(tx: Tx, act: Act, id: str, **changed: str) -> Tag:
    """Changes a tag's name, colour, emoji or description. Raises NotFound, and Refused where a name is taken."""
    tag = await tx.get(Tag, id)
    if tag is None:
        raise NotFound("That tag was removed meanwhile. /tags lists them.")
    wanted = changed.get("name", tag.name).casefold()
    if any(t.name.casefold() == wanted and t.id != id for t in await tx.items(Tag)):
        raise Refused(f"There is a tag {changed['name']} already.")
    before = _facts(tag)
    for name, value in changed.items():
        setattr(tag, name, value)
    record(tx, "tags_changed", act.at, act=act, facts={"tag": id, "gone": False, **before})
    return tag


async def remove(tx: Tx, act: Act, id: str) -> Tag:
    """Takes the tag off all contacts: it is no more, and is shown nowhere."""
    tag = await tx.get(Tag, id)
    if tag is None:
        raise NotFound("That tag was removed meanwhile. /tags lists them.")
    tx.delete(tag)
    record(tx, "tags_changed", act.at, act=act, facts={"tag": id, "gone": True, **_facts(tag)})
    return tag


async def put_back(tx: Tx, act: Act, event: Event) -> str:  # noqa: ARG001 - one signature for all that is undone
    """The tag is as it was; who had it has it again."""
    facts = {name: str(event.facts.get(name) or "") for name in ("name", "emoji", "color", "description")}
    tag = await tx.get(Tag, str(event.facts.get("tag")))
    if tag is None:
        tag = Tag(id=str(event.facts.get("tag")), name=facts["name"])
        tx.add(tag)
    for name, value in facts.items():
        setattr(tag, name, value)
    return f"The tag {drawn(tag)} is as before."


def _facts(tag: Tag) -> Facts:
    return {"name": tag.name, "emoji": tag.emoji, "color": tag.color, "description": tag.description}


def _apart(one: str, other: str) -> int:
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (0, 2, 4))
    return sum((a - b) ** 2 for a, b in pairs)
