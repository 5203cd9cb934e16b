"""Files: where they are put, what is told of them, who may have them."""

from __future__ import annotations

import hashlib
import mimetypes
import secrets
from dataclasses import dataclass, field
from typing import Any

PREFIX = "/slack-files"
UPLOAD_PREFIX = "/slack-upload"
AVATAR_PREFIX = "/slack-avatars"
_SIDES = (24, 32, 48, 72, 192, 512)
"""Pixels: the sizes in which people's pictures are given."""
_GRAVATAR = (
    "https://secure.gravatar.com/avatar/{}.jpg?s={}&d=https%3A%2F%2Fa.slack-edge.com%2Favatars%2Fava_0001-{}.png"
)
"""Where Slack leads for whoever chose no picture."""
LIMIT = 1024 * 1024 * 1024
_PRETTY = {"jpg": "JPEG", "png": "PNG", "pdf": "PDF", "txt": "Plain Text", "mp4": "MPEG 4 Video", "gif": "GIF"}

Json = dict[str, Any]


@dataclass(eq=False)
class File:
    """A file. `size` may be pretended; `shares`: the stamps of its messages by channel."""

    id: str
    name: str
    title: str
    mimetype: str
    content: bytes
    user: str
    team: str
    created: int
    size: int = 0
    by_bot: bool = False
    subtype: str = ""
    """slack_audio and slack_video: what people record within Slack."""
    deleted: bool = False
    public: dict[str, list[str]] = field(default_factory=dict)
    private: dict[str, list[str]] = field(default_factory=dict)

    @property
    def extension(self) -> str:
        """The name's end, as Slack calls the kind."""
        end = self.name.rpartition(".")[2].lower() if "." in self.name else ""
        return {"jpeg": "jpg", "txt": "text", "": "binary"}.get(end, end)

    @property
    def channels(self) -> set[str]:
        """Where it was shared."""
        return {*self.public, *self.private}

    def share(self, channel: str, ts: str, *, public: bool) -> None:
        """It stands in a message."""
        (self.public if public else self.private).setdefault(channel, []).append(ts)

    def as_json(self, base_url: str) -> Json:
        """As files.info and messages tell it."""
        if self.deleted:
            return {"id": self.id, "mode": "tombstone"}
        url = f"{base_url}{PREFIX}/{self.team}-{self.id}"
        shape: Json = {"id": self.id, "created": self.created, "timestamp": self.created, "name": self.name}
        shape |= {"title": self.title or self.name, "mimetype": self.mimetype, "filetype": self.extension}
        shape |= {"pretty_type": _PRETTY.get(self.extension, self.extension.upper()), "user": self.user}
        shape |= {"user_team": self.team, "editable": False, "size": self.size, "mode": "hosted"}
        shape |= {"is_external": False, "external_type": "", "is_public": bool(self.public)}
        shape |= {"public_url_shared": False, "display_as_bot": False, "username": ""}
        shape |= {"url_private": f"{url}/{self.name}", "url_private_download": f"{url}/download/{self.name}"}
        shape |= {"permalink": f"{url}/{self.name}", "has_rich_preview": False, "file_access": "visible"}
        if self.subtype:
            shape |= {"subtype": self.subtype, "media_display_type": "audio" if "audio" in self.subtype else "video"}
        return shape

    def told(self, base_url: str) -> Json:
        """The same with its messages, as files.info gives it."""
        if self.deleted:
            return self.as_json(base_url)
        kinds = (("public", self.public), ("private", self.private))
        shares = {kind: {c: [{"ts": ts} for ts in ts_list] for c, ts_list in at.items()} for kind, at in kinds if at}
        where = {"channels": [*self.public], "groups": [c for c in self.private if c[0] in "CG"]}
        return self.as_json(base_url) | where | {"ims": [c for c in self.private if c[0] == "D"], "shares": shares}


@dataclass(eq=False)
class Slot:
    """Where a file is to be put that was announced."""

    file: File
    announced: int
    installation: Any
    filled: bool = False


class Files:
    """All files of a world."""

    def __init__(self) -> None:
        self.all: dict[str, File] = {}
        self.slots: dict[str, Slot] = {}
        self.avatars: dict[str, bytes] = {}

    def add(self, file: File) -> File:
        """Keep a file."""
        file.size = file.size or len(file.content)
        self.all[file.id] = file
        return file

    def by_id(self, id: str) -> File:
        """A file. KeyError when there is none of this id."""
        return self.all[id]

    def add_avatar(self, content: bytes) -> str:
        """Keep somebody's picture; gives its name."""
        name = secrets.token_hex(10)
        self.avatars[name] = content
        return name

    def announce(self, slot: Slot) -> str:
        """The path to which the file is to be posted."""
        key = secrets.token_urlsafe(24)
        self.slots[key] = slot
        return f"{UPLOAD_PREFIX}/{key}"

    def waiting(self, id: str) -> Slot | None:
        """The place of a file that is not yet completed."""
        return next((slot for slot in self.slots.values() if slot.file.id == id), None)


def portrait(avatar: str, user: str, base_url: str) -> dict[str, Any]:
    """What a profile says of somebody's picture; they are open to everybody."""
    if not avatar:
        name = hashlib.md5(user.encode(), usedforsecurity=False).hexdigest()
        addresses = {f"image_{side}": _GRAVATAR.format(name, side, side) for side in _SIDES}
        return addresses | {"avatar_hash": f"g{name[:11]}"}
    url = f"{base_url}{AVATAR_PREFIX}/{avatar}"
    told: dict[str, Any] = {f"image_{side}": f"{url}_{side}.png" for side in _SIDES}
    return told | {"avatar_hash": avatar[:12], "image_original": f"{url}_original.png", "is_custom_image": True}


def mime_of(name: str) -> str:
    """What a name says of the content."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
