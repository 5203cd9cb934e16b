"""The workspace's settings by name or by buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.admin_bot import dispatch
from hub.admin_bot.arguments import did_you_mean, matching
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import ALL_SETTINGS, Rows, clipped, done, grid
from hub.domain.members import Permission
from hub.domain.models import Category, Field, Greeting, Preferences, Tag, Team
from hub.domain.ports import Reads
from hub.domain.reply import Button, Reply, Value
from hub.domain.telling import week
from hub.domain.telling.settings import BY_NAME, GROUPS, SETTINGS, Group, Setting, change, current
from hub.domain.text import Text
from hub.errors import NotFound

SECTION = "Settings"
PERMISSIONS: Mapping[str, tuple[Permission, ...]] = {each.name: ("owner",) for each in SETTINGS if each.owner}
"""What a setting asks for, where it is more than the command's own."""
ELSEWHERE = (
    Button("🕘 Hours", "hours"),
    Button("👋 Greeting", "greeting"),
    Button("🌙 Away text", "away"),
    Button("★ Rating", "rating"),
    Button("🗂 Categories", "category"),
    Button("🏷 Tags", "tags"),
    Button("🧾 Fields", "fields"),
)
"""What has a command of its own."""
IN_SHORT: Mapping[Group, Sequence[str]] = {
    "conversations": ("mode", "hold"),
    "assignment": ("rule", "cap"),
    "closing": ("note",),
    "workspace": ("timezone", "inactivity"),
}
"""The settings whose values stand for their group where all groups are shown."""
VALUE = 40


@command(section=SECTION, permission="manager", usage="[NAME [VALUE]]")
async def settings(call: Call, words: Text | None = None) -> Reply:
    """Show the workspace's settings, and change them."""
    name, _, rest = (" ".join(words.plain.split()) if words else "").partition(" ")
    preferences, teams = await current(call.tx), await call.tx.items(Team)
    if not name:
        return await _overview(call.tx, preferences, teams)
    if name.casefold() in GROUPS and not rest:
        return _group(name.casefold(), preferences, teams)
    setting = _named(name)
    dispatch.need(call, f"settings {setting.name}", *PERMISSIONS.get(setting.name, ("manager",)))
    if not rest:
        return _asked(setting, preferences, teams)
    changed = await change(call.tx, call.act, setting, rest)
    said: dict[str, Value] = {"label": setting.label, "before": changed.before, "now": changed.now}
    return await done(call, "setting_changed", said, (_more(setting),))


def _named(name: str) -> Setting:
    found = matching(name, [(s, [s.name]) for s in SETTINGS])
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(f"“{clipped(name, 20)}” could be {' or '.join(s.name for s in found)}: write more of it.")
    guess = did_you_mean(name, list(BY_NAME))
    raise NotFound(f"There is no setting “{clipped(name, 20)}”.{guess} /settings lists them.")


async def _overview(reads: Reads, preferences: Preferences, teams: Sequence[Team]) -> Reply:
    """Every section with what it is set to in short, and a button that opens it."""
    sections: list[Value] = [
        {"label": label, "value": _in_short(group, preferences, teams)} for group, label in GROUPS.items()
    ]
    sections += [{"label": label, "value": value} for label, value in (await _elsewhere(reads, preferences)).items()]
    buttons = [Button(f"{label} ▾", f"settings {group}") for group, label in GROUPS.items()]
    data: dict[str, Value] = {"name": preferences.name, "sections": sections}
    return Reply("settings", data, rows=(*grid(buttons, 2), *grid(ELSEWHERE, 4)))


def _in_short(group: Group, preferences: Preferences, teams: Sequence[Team]) -> str:
    shown = (BY_NAME[name] for name in IN_SHORT[group])
    return ", ".join(f"{s.label.lower()} {s.said(preferences, teams)}" for s in shown)


async def _elsewhere(reads: Reads, preferences: Preferences) -> dict[str, str]:
    """What has a command of its own, and what it is set to in short."""
    open_at = ", ".join(f"{days} {spans}" for days, spans in week.said(preferences.hours.week))
    texts = [g.when for g in await reads.items(Greeting)]
    categories = sorted(c.name for c in await reads.items(Category))
    return {
        "Hours": clipped(open_at, VALUE) if preferences.hours.week else "always open",
        "Greeting": _counted(texts.count("greeting"), "text"),
        "Away text": _counted(texts.count("away"), "text"),
        "Rating": "on" if preferences.asking.on else "off",
        "Categories": clipped(", ".join(categories), VALUE) or "none",
        "Tags": _counted(len(await reads.items(Tag)), "tag"),
        "Fields": _counted(len(await reads.items(Field)), "field"),
    }


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else "none"


def _group(group: str, preferences: Preferences, teams: Sequence[Team]) -> Reply:
    those = [s for s in SETTINGS if s.group == group]
    label = next(words for key, words in GROUPS.items() if key == group)
    lines = [_line(s, preferences, teams) for s in those]
    buttons = [Button(f"{clipped(s.label, 30)} ▾", f"settings {s.name}") for s in those]
    return Reply("settings_group", {"label": label, "lines": lines}, rows=(*grid(buttons, 2), ALL_SETTINGS))


def _line(setting: Setting, preferences: Preferences, teams: Sequence[Team]) -> Value:
    return {"name": setting.name, "label": setting.label, "value": setting.said(preferences, teams)}


def _asked(setting: Setting, preferences: Preferences, teams: Sequence[Team]) -> Reply:
    now = setting.said(preferences, teams)
    typed = [(label, f"settings {setting.name} {words}") for label, words in setting.kind.offered(teams)]
    said: dict[str, Value] = {"label": setting.label, "name": setting.name, "value": now, "offered": bool(typed)}
    rows: Rows = (*grid([Button(label, line) for label, line in typed], 3), (_more(setting),))
    return Reply("setting", said, rows=rows)


def _more(setting: Setting) -> Button:
    return Button(f"◂ {GROUPS[setting.group]}", f"settings {setting.group}")


COMMANDS = (settings,)
