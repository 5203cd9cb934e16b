"""The system's names as the hub keeps them: a bar means something in the hub's own, so it is written otherwise."""

from __future__ import annotations

from hub.domain.ids import ExternalId


def kept(name: str | int) -> ExternalId:
    """The hub's name for what the system calls `name`."""
    return ExternalId(str(name).replace("%", "%25").replace("|", "%7C"))


def given(external: str) -> str:
    """What the system called it."""
    return external.replace("%7C", "|").replace("%25", "%")
