"""What a relay view says on Slack, as neutral text; and the card that opens a thread."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from hub.admin_bot.drawing import Templates
from hub.admin_bot.slack.blocks import as_typed
from hub.admin_bot.slack.format import PIECE, harmless, joined, read_markup, styled, units
from hub.admin_bot.slack.markup import clock
from hub.domain.models import Attachment, Comment, Location, Media, MediaKind, Message, Poll, SharedContact
from hub.domain.ports import CardView, RelayView
from hub.domain.text import Text

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


class Drawer:
    """Draws relay views, by the templates of desk posts."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def words(self, view: RelayView, answered: str = "") -> Text:
        """All that the view says; `answered`: the address of the post that it replies to."""
        parts = [styled(view.heading, "italic")] if view.heading else []
        parts += [p for p in (paragraph(m) for m in view.messages) if p]
        if answered:
            parts.append(joined([Text("↳ "), styled("in answer to this", "link", answered)]))
        if view.mention:
            parts.append(self._ping(view))
        return joined(parts, "\n\n") if parts else styled("(no words)", "italic")

    def _ping(self, view: RelayView) -> Text:
        data = {"identity": view.mention or "", "name": view.mention_name}
        return read_markup(self._templates.post("ping", data))

    def card(self, card: CardView) -> Text:
        """Who the contact is and how things stand."""
        fields = {field: getattr(card, field) for field in card.__struct_fields__}
        return as_typed(self._templates.post("root_card", {**fields, "state": state(card)}), thread=True)

    def fits(self, view: RelayView) -> bool:
        """Whether the view is one post (an album's files stand below it); one message alone always may be shown."""
        messages = view.messages
        if len(messages) == 1:
            return True
        if messages[0].album:
            return len({m.album for m in messages}) == 1
        if any(m.attachments or m.album for m in messages) or len({_side(m) for m in messages}) > 1:
            return False
        if any(isinstance(m, Message) and m.reply_to for m in messages[1:]):
            return False
        return units(self.words(view).plain) <= PIECE


def _side(message: Message | Comment) -> tuple[str, str | None]:
    """Whose words they are: what one post shows has one heading."""
    return message.direction if isinstance(message, Message) else "note", message.author


def state(card: CardView) -> str:
    """How things stand, in a word or two."""
    conversation = card.conversation
    if conversation.state == "open" and conversation.waiting_since:
        return Markup("🟡 waiting since ") + clock(conversation.waiting_since)
    if conversation.state == "snoozed" and conversation.snoozed_until:
        return Markup("💤 snoozed until ") + clock(conversation.snoozed_until)
    return {"open": "🟢 open", "snoozed": "💤 snoozed until they write", "closed": "✅ closed"}[conversation.state]


# -- one message --------------------------------------------------------------------------------------------------


def paragraph(message: Message | Comment) -> Text:
    """A message's words, its attachments and what is to be known about it."""
    said = _said(message)
    lines = [said] if said else []
    lines += [attachment(a) for a in message.attachments]
    if isinstance(message, Message):
        lines += _about(message)
    return _marked(message, lines)


def _said(message: Message | Comment) -> Text:
    words = harmless(message.text)
    if isinstance(message, Comment):
        return words
    if message.deleted_at or message.state == "unsent":
        gone = "deleted by the contact" if message.direction == "in" else "taken back"
        mark = styled(f"({gone})", "italic")
        return joined([styled(words, "strike"), mark], " ") if words else mark
    return joined([words, styled("(edited)", "italic")], " ") if message.edited_at else words


def _about(message: Message) -> list[Text]:
    lines = []
    if message.quote:
        lines.append(joined([Text("↳ on: "), styled(message.quote[:300], "italic")]))
    if message.forwarded_from:
        lines.append(styled(f"↪ forwarded from {message.forwarded_from}", "italic"))
    return lines


def _marked(message: Message | Comment, lines: Sequence[Text]) -> Text:
    """What is not the contact's own is marked so, at its very beginning."""
    said = joined(lines, "\n")
    if isinstance(message, Comment):
        return joined([Text("🗒 "), styled("Note", "bold"), Text(" "), styled("(internal)", "italic"), Text(": "), said])
    return joined([Text("↩ "), said]) if message.direction == "out" and said else said


def attachment(each: Attachment) -> Text:
    """A line for an attachment."""
    match each:
        case Media():
            return Text(_media(each))
        case SharedContact(name=name, phone=phone):
            return Text(f"👤 {name} {phone}".strip())
        case Location(kind="venue", title=title, street=street):
            return Text(f"📍 {title}, {street}".rstrip(", "))
        case Location(latitude=latitude, longitude=longitude):
            where = f"{latitude:.5f},{longitude:.5f}"
            return joined([Text("📍 "), styled(f"Location {where}", "link", f"https://www.google.com/maps?q={where}")])
        case Poll(question=question, options=options):
            return Text("\n".join([f"📊 {question}", *(f"• {o}" for o in options)]))
        case _:
            return joined([Text("🔗 "), harmless(styled(each.title or each.url, "link", each.url))])


def _media(media: Media) -> str:
    name = f"📎 {media.name}" if media.name and media.kind in ("file", "audio") else _NAMES[media.kind]
    if len(name) > 120:
        name = name[:60] + "…" + name[-40:]
    return f"{name} — {media.problem}" if media.problem else name
