"""Files on their way to a desk: their names, and where Slack put them."""

from __future__ import annotations

import mimetypes
import unicodedata
from typing import Any

from hub.domain.models import Media, MediaKind

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
