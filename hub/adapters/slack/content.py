"""What a message carries beside its frame: its words and its attachments, in the middle's terms."""

from __future__ import annotations

import msgspec

from hub.adapters.slack import reading
from hub.adapters.slack.payload import File, Message, Shared
from hub.adapters.slack.pieces import joined, stripped, styled
from hub.adapters.slack.reading import Naming
from hub.domain.models import Attachment, Link, Media, MediaKind
from hub.domain.text import Text

_PICTURES = frozenset({"image/jpeg", "image/png", "image/webp", "image/bmp", "image/heic", "image/heif"})
_DOCUMENTS = frozenset({"quip", "canvas", "list"})
"""Modes of what looks like a file and is a page of Slack's."""
_GONE = {
    "tombstone": "The file was deleted on Slack.",
    "hidden_by_limit": "Slack hides the file: the workspace's plan does not show files so old.",
}


class Content(msgspec.Struct, frozen=True):
    """Words, attachments, and whose words they are where the message forwards another's."""

    text: Text
    attachments: tuple[Attachment, ...]
    forwarded_from: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.attachments)


def content_of(message: Message, naming: Naming, own_user: str) -> Content:
    """Without the mention by which the app was called, where the message begins with it and says more."""
    text = reading.read(message.text or "", message.blocks, naming)
    text = _without_call(stripped(text), own_user)
    forwarded = [each for each in message.attachments or [] if each.is_share or each.is_msg_unfurl]
    files = [*(message.files or []), *(file for each in forwarded for file in each.files or [])]
    attachments = tuple(_attachment(file) for file in files)
    if not forwarded:
        return Content(text, attachments)
    words = [found for found in (_forwarded(each, naming) for each in forwarded) if found]
    if not text:
        return Content(joined(words, "\n\n"), attachments, forwarded[0].author_name or "somebody")
    return Content(joined([text, *(styled(each, "quote") for each in words)], "\n"), attachments)


def _without_call(text: Text, own_user: str) -> Text:
    call = next((s for s in text.spans if s.kind == "mention" and s.start == 0), None)
    if call is None or not own_user or reading.user_of(call.value) != own_user:
        return text
    rest = text.plain[call.end :]
    words = rest.lstrip(" \t\n,:")
    return text.cut(len(text.plain) - len(words), len(text.plain)) if words else text


def _forwarded(shared: Shared, naming: Naming) -> Text:
    """Of the message that is forwarded. Its blocks stand each in a frame of their own."""
    framed = shared.message_blocks if isinstance(shared.message_blocks, list) else []
    inner = [each.get("message") for each in framed if isinstance(each, dict)]
    blocks = [b for each in inner if isinstance(each, dict) for b in _list(each.get("blocks"))]
    return stripped(reading.read(shared.text or shared.fallback or "", blocks, naming))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


# -- files -----------------------------------------------------------------------------------------------------------


def _attachment(file: File) -> Attachment:
    name = file.name or file.title or ""
    if file.is_external or file.mode in ("external", "email") or file.mode in _DOCUMENTS:
        url = (file.url_private if file.is_external or file.mode == "external" else None) or file.permalink or ""
        if url.startswith(("https://", "http://")):
            return Link(url=url, title=file.title or name)
    problem = _GONE.get(file.mode or "", "")
    return Media(
        kind=kind_of(file.mimetype or "", file.subtype or ""),
        source="" if problem else _source(file),
        name=name,
        mime=file.mimetype or "",
        size=file.size,
        problem=problem,
    )


def _source(file: File) -> str:
    """The address, where it is told, and the id, which is the same for the same file."""
    url = file.url_private_download or file.url_private or ""
    return f"{url}|{file.id or ''}" if url else file.id or ""


def kind_of(mime: str, subtype: str) -> MediaKind:
    """What a file is, by its type; `subtype` tells what was recorded in Slack itself."""
    if subtype == "slack_audio":
        return "voice"
    if mime == "image/gif":
        return "animation"
    if mime in _PICTURES:
        return "image"
    family = mime.partition("/")[0]
    if subtype == "slack_video" or family == "video":
        return "video"
    return "audio" if family == "audio" else "file"
