"""What the network tells of people."""

from __future__ import annotations

from typing import Any

from hub.domain.incoming import Person

_NAMES = ("first_name", "last_name", "real_name", "display_name")


def person(user: Any) -> Person:
    """Who somebody is, as far as it is told."""
    user = user if isinstance(user, dict) else {}
    profile = _profile(user)
    said = {name: str(profile.get(name) or user.get(name) or "").strip() for name in _NAMES}
    first, last = said["first_name"], said["last_name"]
    if not first and not last:
        first, last = said["real_name"] or said["display_name"], ""
    language = str(user.get("locale") or "").partition("-")[0].lower()
    return Person(first_name=first, last_name=last, username=str(user.get("name") or ""), language=language)


def portrait(user: Any) -> str:
    """Where the picture is that somebody chose of themselves; empty: they chose none."""
    profile = _profile(user) if isinstance(user, dict) else {}
    url = profile.get("image_192")
    return url if isinstance(url, str) and profile.get("is_custom_image") is not False else ""


def _profile(user: dict[str, Any]) -> dict[str, Any]:
    found = user.get("profile")
    return found if isinstance(found, dict) else {}
