"""Files: kept once, and given out under signed addresses that expire."""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import secrets
from base64 import b64decode
from dataclasses import dataclass
from urllib.parse import quote

from hub.sandbox.messenger.refusals import Refusal, bad

UPLOAD_LIMIT = 25 * 1024 * 1024
LINK_SECONDS = 86400.0
PREFIX = "/messenger-files"
TYPES = ("image", "audio", "video", "file")

OUTLINE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGM4AAAAwgDBUl5XUQAAAABJRU5ErkJggg==")
"""A PNG, which stands for the outline that the network shows of whoever has no picture."""
_NAMES = {
    "image": "image.jpg",
    "audio": "audioclip-1.mp4",
    "video": "video.mp4",
    "file": "file.bin",
    "sticker": "sticker.png",
}


@dataclass(frozen=True)
class Upload:
    """What somebody sends: content with its name and type, both guessed where empty; `size` 0 means as it is."""

    content: bytes
    name: str = ""
    mime: str = ""
    size: int = 0


@dataclass(frozen=True)
class File:
    """One kept file. `size` may be pretended larger than the content, to try the limits cheaply."""

    key: str
    type: str
    content: bytes
    name: str
    mime: str
    size: int
    attachment_id: str


class Files:
    """All files of a world."""

    def __init__(self) -> None:
        self._files: dict[str, File] = {}
        self._secret = secrets.token_bytes(16)

    def add(self, type_: str, upload: Upload) -> File:
        """Keep a file. Raises Refusal for an empty one, one too large, and one of another type than it is sent as."""
        size = upload.size or len(upload.content)
        name = upload.name or _NAMES[type_]
        mime = upload.mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        if not size:
            raise Refusal(100, 2018047)
        if size > UPLOAD_LIMIT:
            raise Refusal(100, 2018109)
        if type_ in ("image", "audio", "video") and not _fits(type_, mime):
            raise Refusal(100, 2018047)
        key = secrets.token_hex(12)
        file = File(key, type_, upload.content, name, mime, size, str(secrets.randbelow(9 * 10**15) + 10**15))
        self._files[key] = file
        return file

    def by_key(self, key: str) -> File:
        """The file of a key, as pages and tests see it. KeyError when there is none."""
        return self._files[key]

    def by_attachment(self, attachment_id: str) -> File:
        """A file that was uploaded to be used again. Raises Refusal."""
        found = next((file for file in self._files.values() if file.attachment_id == attachment_id), None)
        if found is None:
            raise bad("Invalid attachment id", 2018074)
        return found

    def path(self, file: File, until: float) -> str:
        """The signed path of a file, good until a moment of the world's clock."""
        expires = f"{int(until):x}"
        return f"{PREFIX}/{file.key}/{quote(file.name)}?oe={expires}&oh={self._signature(file.key, expires)}"

    def at(self, key: str, expires: str, signature: str, now: float) -> File | None:
        """The file of a signed path; None where the signature is wrong or has expired."""
        if key not in self._files or not hmac.compare_digest(signature, self._signature(key, expires)):
            return None
        return self._files[key] if int(expires, 16) >= now else None

    def expire(self) -> None:
        """No address given out so far is good any more."""
        self._secret = secrets.token_bytes(16)

    def _signature(self, key: str, expires: str) -> str:
        return hmac.new(self._secret, f"{key}|{expires}".encode(), hashlib.sha256).hexdigest()[:32]


def _fits(type_: str, mime: str) -> bool:
    """The network's own doubts: what is named a film is often sound, and the other way round."""
    family = mime.partition("/")[0]
    families = {"image": {"image"}, "audio": {"audio", "video"}, "video": {"video", "audio"}}
    return mime == "application/octet-stream" or family in families[type_]
