"""What a relay view becomes on Telegram: which posts, in which order, with which words.

The words come first, for a locked screen shows no more. Where a text stands beside files (a card or buttons over an
album, words too long for a caption, a kind that carries none), the text is the first post and the files are bare.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from hub.admin_bot.drawing import Templates, clock
from hub.admin_bot.telegram import files, markup
from hub.admin_bot.telegram.format import CAPTION_LIMIT, TEXT_LIMIT, escape, measured, pieces, units
from hub.domain.models import Attachment, Comment, Location, Media, MediaKind, Message, Poll, SharedContact
from hub.domain.ports import CardView, OutgoingMedia, RelayView

Natives = Location | SharedContact

_NAMES: dict[MediaKind, str] = {
    "image": "🖼 Photo",
    "video": "🎬 Video",
    "animation": "🎞 GIF",
    "voice": "🎤 Voice message",
    "audio": "🎵 Audio",
    "video_note": "⭕ Video message",
    "file": "📎 File",
    "sticker": "💟 Sticker",
}
_PLURALS: dict[MediaKind, str] = {
    "image": "photos",
    "video": "videos",
    "animation": "GIFs",
    "voice": "voice messages",
    "audio": "audio files",
    "video_note": "video messages",
    "file": "files",
    "sticker": "stickers",
}


class Plan(msgspec.Struct, kw_only=True):
    """The posts of a view: texts first, then what Telegram shows by itself, then files with their captions (HTML)."""

    texts: list[str] = msgspec.field(default_factory=list)
    natives: list[Natives] = msgspec.field(default_factory=list)
    groups: list[list[OutgoingMedia]] = msgspec.field(default_factory=list)
    captions: list[str] = msgspec.field(default_factory=list)
    """One a file, over all groups."""

    @property
    def cost(self) -> int:
        """How many posts it is; an album counts each of its files."""
        return len(self.texts) + len(self.natives) + sum(len(g) for g in self.groups)


class Drawer:
    """Draws relay views, by the templates of desk posts."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def plan(self, view: RelayView) -> Plan:
        """The posts that show the view."""
        groups = files.groups(view.files)
        natives = [a for m in view.messages for a in m.attachments if isinstance(a, Natives)]
        captions = self._captions(view, groups) if groups and not natives else None
        if captions is not None:
            return Plan(groups=groups, captions=captions)
        if natives and not groups and self._wordless(view):
            return Plan(natives=natives)
        texts = pieces(self.words(view, caption=False))
        return Plan(texts=texts, natives=natives, groups=groups, captions=[""] * len(view.files))

    def _captions(self, view: RelayView, groups: Sequence[Sequence[OutgoingMedia]]) -> list[str] | None:
        """The files' captions, where the files alone can carry all that must be said."""
        if len(groups) > 1 or any(f.media.kind in files.CAPTIONLESS for f in view.files):
            return None
        if len(view.files) > 1 and (view.row or view.card):
            return None
        if len(view.files) > 1 and len(view.messages) == len(view.files):
            captions = [self.words(_of_one(view, index), caption=True) for index in range(len(view.messages))]
        else:
            captions = [self.words(view, caption=True), *[""] * (len(view.files) - 1)]
        return captions if all(measured(c) <= CAPTION_LIMIT for c in captions) else None

    def _wordless(self, view: RelayView) -> bool:
        if view.row or view.card or view.heading or view.mention:
            return False
        return all(not m.text and all(isinstance(a, Natives) for a in m.attachments) for m in view.messages)

    def fits(self, view: RelayView) -> bool:
        """Whether the view is one post (an album counts as one); a message alone always may be shown."""
        messages = view.messages
        if len(messages) == 1:
            return True
        if messages[0].album:
            return len({m.album for m in messages}) == 1 and len(files.groups(view.files)) <= 1
        if any(m.attachments or m.album for m in messages) or len({_side(m) for m in messages}) > 1:
            return False
        if any(isinstance(m, Message) and m.reply_to for m in messages[1:]):
            return False
        return measured(self.words(view, caption=False)) <= TEXT_LIMIT

    def words(self, view: RelayView, *, caption: bool) -> str:
        """All that the view says, as HTML; `caption`: the files are seen just above, so they are not named."""
        parts: list[str] = [markup.italic(markup.safe_words(view.heading))] if view.heading else []
        parts += [p for p in _paragraphs(view.messages, caption=caption) if p]
        if not parts and not caption:
            parts.append(markup.small("(no words)"))
        if view.card:
            parts.append(self._card(view.card))
        ping = [self._ping(view)] if view.mention else []
        return "\n".join(["\n\n".join(parts), *ping]).strip()

    def _ping(self, view: RelayView) -> Markup:
        return self._templates.post("ping", {"identity": view.mention or "", "name": view.mention_name})

    def _card(self, card: CardView) -> Markup:
        fields = {name: getattr(card, name) for name in card.__struct_fields__}
        return self._templates.post("card", {**fields, "state": _state(card)})


def _of_one(view: RelayView, index: int) -> RelayView:
    first = index == 0
    return RelayView(
        contact=view.contact,
        conversation=view.conversation,
        messages=view.messages[index : index + 1],
        heading=view.heading if first else "",
        mention=view.mention if first else None,
        mention_name=view.mention_name if first else "",
    )


def _side(message: Message | Comment) -> tuple[str, str | None]:
    """Whose words they are: what one post shows has one heading."""
    return message.direction if isinstance(message, Message) else "note", message.author


def _state(card: CardView) -> str:
    conversation = card.conversation
    if conversation.state == "open" and conversation.waiting_since:
        return f"🟡 waiting since {clock(conversation.waiting_since)}"
    if conversation.state == "snoozed" and conversation.snoozed_until:
        return f"💤 snoozed until {clock(conversation.snoozed_until)}"
    return {"open": "🟢 open", "snoozed": "💤 snoozed until they write", "closed": "✅ closed"}[conversation.state]


# -- the messages -------------------------------------------------------------------------------------------------


def _paragraphs(messages: Sequence[Message | Comment], *, caption: bool) -> list[str]:
    """One a message; an album's files are counted in one line, for they are seen beside it."""
    if caption or len(messages) < 2 or not messages[0].album:
        return [_paragraph(m, caption=caption) for m in messages]
    first, *others = messages
    own_words = [_paragraph(m, caption=True) for m in others if _said(m) or any(_lost(a) for a in m.attachments)]
    return [_paragraph(first, caption=True, also=_counted(messages)), *own_words]


def _lost(attachment: Attachment) -> bool:
    return isinstance(attachment, Media) and bool(attachment.problem)


def _counted(messages: Sequence[Message | Comment]) -> str:
    """How many files of which kind an album shows; those that cannot be had are told of one by one."""
    kinds = [a.kind for m in messages for a in m.attachments if isinstance(a, Media) and not a.problem]
    counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    return ", ".join(_NAMES[k] if n == 1 else f"{_NAMES[k][0]} {n} {_PLURALS[k]}" for k, n in counts.items())


def _paragraph(message: Message | Comment, *, caption: bool, also: str = "") -> str:
    said = _said(message)
    lines = [line for line in (said, also) if line]
    lines += [line for a in message.attachments if (line := _attachment(a, caption=caption))]
    if isinstance(message, Message):
        lines += _about(message)
    return _marked(message, lines)


def _said(message: Message | Comment) -> str:
    words = markup.safe_html(message.text)
    if isinstance(message, Comment):
        return str(words)
    gone = "deleted by the contact" if message.direction == "in" else "taken back"
    if message.deleted_at or message.state == "unsent":
        mark = markup.small(f"({gone})")
        return f"{markup.strike(words)} {mark}" if words else str(mark)
    edited = f" {markup.small('(edited)')}" if message.edited_at else ""
    return f"{words}{edited}".strip()


def _about(message: Message) -> list[str]:
    lines = []
    if message.quote:
        lines.append(f"↳ {markup.small('on:')} {markup.italic(markup.safe_words(message.quote[:300]))}")
    if message.forwarded_from:
        lines.append(str(markup.small(f"↪ forwarded from {markup.safe_words(message.forwarded_from)}")))
    return lines


def _marked(message: Message | Comment, lines: list[str]) -> str:
    """What is not the contact's own is marked so, at its very beginning."""
    if isinstance(message, Comment):
        return f"🗒 {markup.bold('Note')} {markup.small('(internal)')}: " + "\n".join(lines)
    return ("↩ " if message.direction == "out" and lines else "") + "\n".join(lines)


def _attachment(attachment: Attachment, *, caption: bool) -> str:
    match attachment:
        case Media():
            return _media(attachment) if attachment.problem or not caption else ""
        case SharedContact(name=name, phone=phone):
            return _safe(f"👤 {name} {phone}".strip())
        case Location(kind="venue", title=title, street=street):
            return _safe(f"📍 {title}, {street}".rstrip(", "))
        case Location(latitude=latitude, longitude=longitude):
            return _safe(f"📍 Location {latitude:.5f}, {longitude:.5f}")
        case Poll(question=question, options=options):
            return _safe("\n".join([f"📊 {question}", *(f"• {o}" for o in options)]))
        case _:
            words = _safe(attachment.title or attachment.url)
            return f"🔗 {markup.link(attachment.url, Markup(words))}"  # noqa: S704 - escaped by _safe


def _media(media: Media) -> str:
    name = f"📎 {media.name}" if media.name and media.kind in ("file", "audio") else _NAMES[media.kind]
    if units(name) > 120:
        name = name[:60] + "…" + name[-40:]
    return _safe(f"{name} — {media.problem}" if media.problem else name)


def _safe(words: str) -> str:
    return escape(markup.safe_words(words))
