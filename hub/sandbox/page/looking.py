"""All that the page shows at a time: a contact's phone on their network, and the agents' desks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

import msgspec

from hub.sandbox.page import messenger_shapes, shapes, slack_shapes
from hub.sandbox.page.scene import Scene
from hub.sandbox.telegram.accounts import Json

_SPOTS = ("channel", "direct", "home")


class _Changes(Protocol):
    """What each world has of what happened in it."""

    cursor: int
    came: asyncio.Event


class Look(msgspec.Struct, frozen=True):
    """What is looked at. `phone`: a network and a person's id there. `agent`: by their id on Telegram, everywhere.

    `place`: in Telegram's group, see shapes.desk; `spot` and `thread`: in Slack, see slack_shapes.desk.
    """

    phone: str = ""
    agent: str = ""
    place: str = "1"
    spot: str = "channel"
    thread: str = ""


def state(scene: Scene, look: Look) -> Json:
    """What is seen. Whoever and whatever is not there gives way to the first."""
    seat = next((n for n, agent in enumerate(scene.agents) if str(agent.id) == look.agent), 0)
    agent, place = scene.agents[seat], look.place
    known = place in ("1", "private") or place in map(str, scene.group.topics)
    phones = list(_phones(scene))
    holder, phone = next((each for each in phones if each[0]["key"] == look.phone), phones[0])
    return {
        "cursor": cursor(scene),
        "contacts": [entry for entry, _ in phones],
        "shop": scene.shop_bot.name,
        "phone": {"key": holder["key"], "network": holder["network"], "person": holder["id"]} | phone(),
        "agents": [{"id": a.id, "name": a.first_name} for a in scene.agents],
        "agent": agent.id,
        **shapes.desk(scene, agent, place if known else "1"),
        "slack": _slack(scene, seat, look),
    }


def cursor(scene: Scene) -> int:
    """Grows with each change in any of the worlds."""
    return sum(changes.cursor for changes in _changes(scene))


def came(scene: Scene) -> list[asyncio.Event]:
    """Each is set at the next change in one of the worlds."""
    return [changes.came for changes in _changes(scene)]


def _changes(scene: Scene) -> Iterator[_Changes]:
    yield scene.world.changes
    if scene.slack is not None:
        yield scene.slack.world.changes
    if scene.messenger is not None:
        yield scene.messenger.world.changes


def file(scene: Scene, network: str, key: str) -> tuple[bytes, str]:
    """What somebody has sent: content and type. KeyError when there is no such file."""
    if network == "slack" and scene.slack is not None:
        found = scene.slack.world.files.by_id(key)
        return found.content, found.mimetype
    if network == "messenger" and scene.messenger is not None:
        kept = scene.messenger.world.files.by_key(key)
        return kept.content, kept.mime
    if network != "telegram":
        raise KeyError(network)
    shown = scene.world.files.by_key(key)
    return shown.content, shown.mime


def _slack(scene: Scene, seat: int, look: Look) -> Json | None:
    if scene.slack is None:
        return None
    spot = look.spot if look.spot in _SPOTS else _SPOTS[0]
    return slack_shapes.desk(scene.slack, scene.slack.agents[seat], spot, look.thread)


def _phones(scene: Scene) -> Iterator[tuple[Json, Callable[[], Json]]]:
    """The contacts of all networks, each with what draws their phone."""
    for entry, user in shapes.contacts(scene):
        yield entry, partial(shapes.phone, scene, user)
    if scene.slack is not None:
        for entry, member in slack_shapes.contacts(scene.slack):
            yield entry, partial(slack_shapes.phone, scene.slack, member)
    if scene.messenger is not None:
        for entry, person in messenger_shapes.contacts(scene.messenger):
            yield entry, partial(messenger_shapes.phone, scene.messenger, person)
