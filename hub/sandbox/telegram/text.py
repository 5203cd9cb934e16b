"""Text as the network keeps it: trimmed, measured in UTF-16 units, with what it finds in it by itself."""

import re
from dataclasses import dataclass, field
from typing import Any

from hub.sandbox.telegram.refusals import bad

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_BLOCKS = frozenset({"pre", "code"})
_FIXED = frozenset({"pre", "code", "text_link", "text_mention", "custom_emoji"})
_FOUND_BY_NETWORK = frozenset(
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"}
)
KINDS = (
    _FIXED
    | _FOUND_BY_NETWORK
    | {
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "date_time",
    }
)

_FINDERS = (
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("mention", re.compile(r"(?<![\w/@])@[A-Za-z0-9_]{3,32}(?!\w)")),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,10}(?!\w)")),
    ("url", re.compile(r"(?<![\w@])(?:https?|ftp|tg|ton)://[^\s<>\"«»]+[^\s<>\"«».,:;!?)\]']")),
    (
        "url",
        re.compile(
            r"(?<![\w@./-])(?:[A-Za-z0-9-]+\.)+(?:com|org|net|io|me|de|ru|uk|info|app|dev|eu|fr|it|es|co|ai|example)"
            r"(?![\w-]|\.\w)(?:[/?#](?:[^\s<>\"]*[^\s<>\".,:;!?)\]'])?)?"
        ),
    ),
    ("phone_number", re.compile(r"(?<![\w+])\+\d[\d ()-]{7,17}\d(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}(?![\w#])")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])")),
)


def units(text: str) -> int:
    """Length in UTF-16 units, the network's measure."""
    return len(text) + sum(character > "\uffff" for character in text)


def part(text: str, offset: int, length: int) -> str:
    """The piece of `text` at an offset and of a length in UTF-16 units."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")


@dataclass(frozen=True)
class Entity:
    """One marked stretch of text; `more` holds url, user, language, custom_emoji_id."""

    type: str
    offset: int
    length: int
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The first unit after it."""
        return self.offset + self.length

    def as_json(self) -> dict[str, Any]:
        """The Bot API's MessageEntity."""
        return {"offset": self.offset, "length": self.length, "type": self.type, **self.more}


@dataclass(frozen=True)
class Formatted:
    """Text with its entities, as it stands in a message."""

    text: str
    entities: tuple[Entity, ...] = ()

    def fields(self, text_field: str, entities_field: str) -> dict[str, Any]:
        """The two fields of a Message."""
        shape: dict[str, Any] = {text_field: self.text} if self.text else {}
        if self.entities:
            shape[entities_field] = [entity.as_json() for entity in self.entities]
        return shape


def found_in(text: str) -> list[Entity]:
    """Commands, mentions, links and so on, as the network marks them whoever wrote the text."""
    wide = units(text) != len(text)
    taken: list[Entity] = []
    for kind, pattern in _FINDERS:
        for match in pattern.finditer(text):
            start = units(text[: match.start()]) if wide else match.start()
            entity = Entity(kind, start, units(match.group()))
            if not any(_cross(entity, other) for other in taken):
                taken.append(entity)
    return taken


def finish(text: str, entities: list[Entity]) -> Formatted:
    """What the network makes of a text: trimmed, its own finds added, sorted."""
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    trimmed, kept = _trim(text.replace("\r\n", "\n"), entities)
    own = [e for e in found_in(trimmed) if not any(_clash(e, other) for other in kept)]
    return Formatted(trimmed, tuple(sorted([*kept, *own], key=lambda e: (e.offset, -e.length, e.type))))


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    lead = units(text[: len(text) - len(text.lstrip())])
    trimmed = text.strip()
    size = units(trimmed)
    moved = [
        Entity(e.type, max(e.offset - lead, 0), min(e.end - lead, size) - max(e.offset - lead, 0), e.more)
        for e in entities
    ]
    return trimmed, [entity for entity in moved if entity.length > 0]


def _cross(one: Entity, other: Entity) -> bool:
    return one.offset < other.end and other.offset < one.end


def _clash(found: Entity, given: Entity) -> bool:
    return (given.type in _FIXED or given.type in _FOUND_BY_NETWORK) and _cross(found, given)


def from_parameter(text: str, given: Any) -> list[Entity]:
    """The `entities` a caller gave. Raises Refusal when they are malformed or do not fit the text."""
    if not isinstance(given, list):
        return []
    entities = [_entity(item) for item in given]
    size = units(text)
    for entity in entities:
        if entity.offset < 0 or entity.length < 0:
            raise bad("ENTITY_BOUNDS_INVALID")
        if entity.end > size:
            raise bad(
                f"entity beginning at UTF-16 offset {entity.offset} ends after the end of the text at UTF-16 "
                f"offset {entity.end}"
            )
    kept = [entity for entity in entities if entity.type not in _FOUND_BY_NETWORK and entity.length]
    return [e for e in kept if not any(o.type in _BLOCKS and o is not e and _cross(o, e) for o in kept)]


def _entity(item: Any) -> Entity:
    if not isinstance(item, dict):
        raise bad("Can't parse MessageEntity: expected an Object")
    for name in ("offset", "length"):
        if not isinstance(item.get(name), int):
            raise bad(f"Can't parse MessageEntity: Can't find field \"{name}\"")
    kind = str(item.get("type", ""))
    if kind not in KINDS:
        raise bad("Can't parse MessageEntity: Unsupported type specified")
    more = {name: item[name] for name in ("url", "user", "language", "custom_emoji_id") if item.get(name)}
    return Entity(kind, item["offset"], item["length"], more)
