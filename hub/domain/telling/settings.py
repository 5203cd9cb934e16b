"""The workspace's settings, by name: each is a field of its preferences, with the values it takes. One way to change
them all, which leaves an event and can be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.models import Event, Facts, Preferences, Team
from hub.domain.organizations import LONGEST_INACTIVITY, SHORTEST_INACTIVITY
from hub.domain.ports import Reads, Tx
from hub.domain.preferences import preferences_of
from hub.domain.telling.values import YEAR, Amount, Kind, OfTeam, Options, Switch, Value, Zone
from hub.errors import Refused

Group = Literal["conversations", "assignment", "closing", "workspace"]
GROUPS: dict[Group, str] = {
    "conversations": "Conversations",
    "assignment": "Assignment by rule",
    "closing": "Closing",
    "workspace": "The workspace",
}


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One setting. `path`: the field, or `part.field`; `owner`: only owners change it."""

    name: str
    label: str
    group: Group
    path: str
    kind: Kind
    owner: bool = False

    def value(self, preferences: Preferences) -> Value:
        """What it is."""
        found: object = preferences
        for part in self.path.split("."):
            found = getattr(found, part)
        return found if isinstance(found, (str, int)) else None

    def put(self, preferences: Preferences, value: Value) -> None:
        """Makes it that."""
        whole, _, part = self.path.partition(".")
        now = replace(getattr(preferences, whole), **{part: value}) if part else value
        setattr(preferences, whole, now)

    def said(self, preferences: Preferences, teams: Sequence[Team]) -> str:
        """What it is, in words."""
        return self.kind.said(self.value(preferences), teams)


_NOTE = {"off": "none is asked for", "optional": "optional", "category": "category required", "both": "both required"}
_MODE = {"direct": "goes to the contact", "explicit": "stays a note"}
_RULE = {"off": "by hand", "turn": "in turn", "least": "to who has the fewest"}
SETTINGS: tuple[Setting, ...] = (
    Setting(name="mode", label="Plain text", group="conversations", path="mode", kind=Options(_MODE)),
    Setting(
        name="hold",
        label="Hold before sending",
        group="conversations",
        path="hold",
        kind=Amount(30, (0, 5, 10, 30), "off", "s"),
    ),
    Setting(
        name="waiting",
        label="Too long a wait",
        group="conversations",
        path="waiting_minutes",
        kind=Amount(YEAR, (0, 15, 30, 60, 240), "off", "min"),
    ),
    Setting(name="rule", label="Given", group="assignment", path="assigning.rule", kind=Options(_RULE)),
    Setting(name="among", label="Among", group="assignment", path="assigning.team", kind=OfTeam("everybody")),
    Setting(
        name="cap",
        label="Most open per person",
        group="assignment",
        path="assigning.cap",
        kind=Amount(1000, (0, 5, 10, 20), "no end"),
    ),
    Setting(
        name="offline", label="Also to who is offline", group="assignment", path="assigning.offline_too", kind=Switch()
    ),
    Setting(
        name="handover",
        label="Handed over when going offline",
        group="assignment",
        path="assigning.hand_over",
        kind=Switch(),
    ),
    Setting(
        name="return",
        label="Returned without an answer after",
        group="assignment",
        path="assigning.back_minutes",
        kind=Amount(YEAR, (0, 15, 30, 60), "never", "min"),
    ),
    Setting(
        name="returnto", label="Returned to", group="assignment", path="assigning.back_team", kind=OfTeam("nobody")
    ),
    Setting(name="note", label="Closing note", group="closing", path="closing_note", kind=Options(_NOTE)),
    Setting(
        name="afterus",
        label="Closed when the contact is silent for",
        group="closing",
        path="closing.after_us",
        kind=Amount(YEAR, (0, 1440, 4320, 10080), "never", "min"),
    ),
    Setting(
        name="afterthem",
        label="Closed when we are silent for",
        group="closing",
        path="closing.after_them",
        kind=Amount(YEAR, (0, 10080, 20160, 43200), "never", "min"),
    ),
    Setting(
        name="keep", label="Assignee stays after closing", group="closing", path="closing.keep_assignee", kind=Switch()
    ),
    Setting(
        name="rating", label="Contacts rate closed conversations", group="closing", path="asking.on", kind=Switch()
    ),
    Setting(name="timezone", label="Time zone", group="workspace", path="time_zone", kind=Zone(), owner=True),
    Setting(
        name="inactivity",
        label="Away after",
        group="workspace",
        path="inactivity",
        kind=Amount(LONGEST_INACTIVITY, (5, 15, 30, 60), unit="min", least=SHORTEST_INACTIVITY),
        owner=True,
    ),
)
BY_NAME = {each.name: each for each in SETTINGS}


class Changed(msgspec.Struct, frozen=True):
    """How a setting was and is, in words."""

    before: str
    now: str


async def change(tx: Tx, act: Act, setting: Setting, words: str) -> Changed:
    """Gives a setting the value that was typed; the same again leaves no event. Raises Invalid."""
    preferences, teams = await preferences_of(tx), await tx.items(Team)
    value, before = setting.kind.read(words, teams), setting.value(preferences)
    changed = Changed(setting.kind.said(before, teams), setting.kind.said(value, teams))
    if value != before:
        setting.put(preferences, value)
        facts: Facts = {"setting": setting.name, "label": setting.label, "before": before, "after": value}
        said: Facts = {"said_before": changed.before, "said": changed.now}
        record(tx, "setting_changed", act.at, act=act, facts={**facts, **said})
    return changed


async def rename(tx: Tx, act: Act, name: str) -> None:
    """Calls the workspace something else; its name stands in the directory as well, so it is no setting like others."""
    preferences = await preferences_of(tx)
    facts: Facts = {"setting": "", "label": "Name", "said_before": preferences.name, "said": name}
    if preferences.name != name:
        record(tx, "renamed", act.at, act=act, facts=facts)
        preferences.name = name


async def take_back(tx: Tx, act: Act, event: Event) -> str:  # noqa: ARG001 - the shape of all of them
    """Undo: the setting is as it was. Raises Refused where somebody has changed it since."""
    setting, preferences = BY_NAME[str(event.facts.get("setting"))], await preferences_of(tx)
    if setting.value(preferences) != event.facts.get("after"):
        raise Refused(f"{setting.label} was changed again since; nothing was changed.")
    before = event.facts.get("before")
    setting.put(preferences, before if not isinstance(before, (list, float)) else None)
    return f"{setting.label}: {event.facts.get('said_before')} again."


async def current(reads: Reads) -> Preferences:
    """The settings as they are, for looking."""
    return await reads.get(Preferences, "preferences") or Preferences(id="preferences")
