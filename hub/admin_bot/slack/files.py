"""Files on their way to a desk and from it: what they are, their names, and where Slack put them."""

from __future__ import annotations

import mimetypes
import unicodedata
from collections.abc import Mapping
from typing import Any

from hub.admin_bot.slack.shapes import Payload, as_dicts
from hub.domain.models import Attachment, Link, Media, MediaKind

_NAMES: dict[MediaKind, str] = {
    "image": "photo.jpg",
    "video": "video.mp4",
    "animation": "animation.mp4",
    "voice": "voice.ogg",
    "audio": "audio.mp3",
    "video_note": "video.mp4",
    "file": "file",
    "sticker": "sticker.webp",
}


def file_name(media: Media) -> str:
    """The contact's name for the file, without signs that no name should have; never empty."""
    name = "".join(" " if unicodedata.category(s)[0] == "C" or s in '"\\/<>' else s for s in media.name).strip(" .")
    if name:
        return name[-120:]
    guessed = mimetypes.guess_extension(media.mime) if media.mime else None
    return _NAMES[media.kind].partition(".")[0] + guessed if guessed else _NAMES[media.kind]


def shared(files: Any, channel: str) -> str:
    """The stamp of the message by which a file was shared in the channel; empty where it is not told."""
    for file in files if isinstance(files, list) else []:
        shares = file.get("shares") if isinstance(file, dict) else None
        for kind in shares.values() if isinstance(shares, dict) else ():
            for each in kind.get(channel, ()) if isinstance(kind, dict) else ():
                return str(each.get("ts", ""))
    return ""


def posted(message: Payload) -> tuple[Attachment, ...]:
    """The message's files; a file's source is Slack's id of it."""
    return tuple(f for f in (_file(each) for each in as_dicts(message.get("files"))) if f is not None)


def _file(file: Payload) -> Attachment | None:
    id, mode = str(file.get("id") or ""), file.get("mode")
    name = str(file.get("name") or file.get("title") or "")
    if not id or mode == "tombstone":
        return None
    if mode == "external" or file.get("is_external"):
        return Link(url=str(file.get("external_url") or file.get("url_private") or ""), title=name)
    size = file.get("size")
    return Media(
        kind=_kind(file),
        source=id,
        name=name,
        mime=str(file.get("mimetype") or ""),
        size=size if isinstance(size, int) and not isinstance(size, bool) else None,
    )


def _kind(file: Payload) -> MediaKind:
    match file.get("subtype"):
        case "slack_audio":
            return "voice"
        case "slack_video":
            return "video"
    mime = str(file.get("mimetype") or "")
    if mime == "image/gif":
        return "animation"
    family: Mapping[str, MediaKind] = {"image": "image", "video": "video", "audio": "audio"}
    return "file" if mime == "image/svg+xml" else family.get(mime.partition("/")[0], "file")
