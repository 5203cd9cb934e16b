"""Files: kept once, named differently for each bot, so that one bot's file_id is of no use to another."""

import base64
import hashlib
import mimetypes
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hub.sandbox.telegram.refusals import WRONG_FILE, Refusal, bad

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
MEDIA = ("photo", "video", "animation", "voice", "audio", "video_note", "document", "sticker")

PORTRAIT_SIDES = (160, 320, 640)
"""Pixels: the sizes in which the network keeps people's own pictures."""

# kind: default file name, default type, folder of the download path, first letters of the file_id, name in errors
_KINDS = {
    "photo": ("photo.jpg", "image/jpeg", "photos", "AgACAgI", "Photo"),
    "video": ("video.mp4", "video/mp4", "videos", "BAACAgI", "Video"),
    "animation": ("animation.mp4", "video/mp4", "animations", "CgACAgI", "Animation"),
    "voice": ("voice.oga", "audio/ogg", "voice", "AwACAgI", "VoiceNote"),
    "audio": ("audio.mp3", "audio/mpeg", "music", "CQACAgI", "Audio"),
    "video_note": ("video_note.mp4", "video/mp4", "video_notes", "DQACAgI", "VideoNote"),
    "document": ("file.bin", "application/octet-stream", "documents", "BQACAgI", "Document"),
    "sticker": ("sticker.webp", "image/webp", "stickers", "CAACAgI", "Sticker"),
}

Json = dict[str, Any]


@dataclass(frozen=True)
class File:
    """One uploaded file. `size` may be pretended larger than the content, to try the limits cheaply."""

    key: str
    kind: str
    content: bytes
    name: str
    mime: str
    size: int
    number: int

    @property
    def path(self) -> str:
        """Where it is downloaded from."""
        folder = _KINDS[self.kind][2]
        extension = self.name.rpartition(".")[2] if "." in self.name else "bin"
        return f"{folder}/file_{self.number}.{extension}"


@dataclass(frozen=True)
class Upload:
    """What somebody sends: content with its name and type, both guessed where empty; `size` 0 means as it is."""

    content: bytes
    name: str = ""
    mime: str = ""
    size: int = 0


class Files:
    """All files of a world."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}
        self._paths: dict[str, File] = {}

    def add(self, kind: str, upload: Upload) -> File:
        """Keep a file. Raises Refusal for an empty one and for a photo that is too large."""
        size = upload.size or len(upload.content)
        if not size:
            raise bad("File must be non-empty")
        if kind == "photo" and size > PHOTO_LIMIT:
            raise bad(f"file of size {size} bytes is too big for a photo; the maximum size is {PHOTO_LIMIT} bytes")
        number = len(self._files) + 1
        key = "AQAD" + base64.urlsafe_b64encode(hashlib.blake2b(str(number).encode(), digest_size=9).digest()).decode()
        name = upload.name or _KINDS[kind][0]
        mime = upload.mime or mimetypes.guess_type(name)[0] or _KINDS[kind][1]
        file = File(key, kind, upload.content, name, mime, size, number)
        self._files[key] = self._paths[file.path] = file
        return file

    def named(self, bot_id: int, file_id: str, kind: str | None = None) -> File:
        """The file of a bot's file_id. Raises Refusal when it is another bot's, unknown, or of another kind."""
        try:
            text = base64.urlsafe_b64decode(file_id[7:] + "=" * (-len(file_id[7:]) % 4)).decode()
            owner, _, key = text.partition("|")
            file = self._files[key]
        except (ValueError, KeyError):
            raise bad(WRONG_FILE) from None
        if owner != str(bot_id):
            raise bad(WRONG_FILE)
        if kind is not None and not _usable(file.kind, kind):
            raise bad(f"Can't use file of type {_KINDS[file.kind][4]} as {_KINDS[kind][4]}")
        return file

    def by_key(self, key: str) -> File:
        """The file of a neutral key (as pages and tests see it). KeyError when there is none."""
        return self._files[key]

    def at(self, path: str) -> File | None:
        """The file of a download path."""
        return self._paths.get(path)


def _usable(is_kind: str, as_kind: str) -> bool:
    return is_kind == as_kind or {is_kind, as_kind} <= {"document", "animation"}


def file_id(bot_id: int, key: str, kind: str) -> str:
    """The name of a file for one bot."""
    return _KINDS[kind][3] + base64.urlsafe_b64encode(f"{bot_id}|{key}".encode()).decode().rstrip("=")


def shape(file: File, more: Json | None = None) -> Json:
    """The message fields of a media file, with the neutral key as file_id. `more`: duration, title and so on."""
    given = {name: value for name, value in (more or {}).items() if value not in {None, "", 0}}
    base: Json = {"file_id": file.key, "file_unique_id": file.key, "file_size": file.size}
    if file.kind == "photo":
        return {"photo": _photo_sizes(base, file)}
    media = base | _defaults(file) | given
    fields: Json = {file.kind: media}
    if file.kind == "animation":
        fields["document"] = base | {"file_name": file.name, "mime_type": file.mime}
    return fields


def _photo_sizes(base: Json, file: File) -> list[Json]:
    width, height = _dimensions(file.content)
    small = max(width, height) / 90
    sizes = [base | {"file_unique_id": file.key[:-1] + "s", "width": int(width / small) or 1}]
    sizes[0] |= {"height": int(height / small) or 1, "file_size": min(file.size, 1024)}
    return [*sizes, base | {"width": width, "height": height}]


def portrait(files: Sequence[File]) -> list[Json]:
    """The PhotoSizes of somebody's own picture, of a file for each size, the neutral keys as file_ids."""
    return [
        {"file_id": f.key, "file_unique_id": f.key, "file_size": f.size, "width": side, "height": side}
        for f, side in zip(files, PORTRAIT_SIDES, strict=True)
    ]


def _defaults(file: File) -> Json:
    named: Json = {"mime_type": file.mime}
    if file.kind != "voice":
        named["file_name"] = file.name
    return {
        "video": named | {"width": 640, "height": 360, "duration": 1},
        "animation": named | {"width": 320, "height": 240, "duration": 1},
        "voice": named | {"duration": 1},
        "audio": named | {"duration": 1},
        "document": named,
        "video_note": {"length": 240, "duration": 1},
        "sticker": {
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": file.name.endswith(".tgs"),
            "is_video": file.name.endswith(".webm"),
        },
    }[file.kind]


def _dimensions(content: bytes) -> tuple[int, int]:
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) > 24:
        width, height = struct.unpack(">II", content[16:24])
        return max(width, 1), max(height, 1)
    return 800, 600


def for_bot(body: Json, bot_id: int) -> Json:
    """A copy of a message's fields in which files carry this bot's own file ids."""
    changed = dict(body)
    for kind in MEDIA:
        media = body.get(kind)
        if media is None:
            continue
        of_kind = "animation" if kind == "document" and "animation" in body else kind
        if isinstance(media, list):
            changed[kind] = [size | {"file_id": file_id(bot_id, size["file_id"], of_kind)} for size in media]
        else:
            changed[kind] = media | {"file_id": file_id(bot_id, media["file_id"], of_kind)}
    return changed


def wrong_address(address: str) -> Refusal:
    """What the network says to something that is neither a file_id nor an address it can fetch."""
    if address.startswith(("http://", "https://")):
        return bad("Failed to get HTTP URL content")
    return bad(WRONG_FILE)
