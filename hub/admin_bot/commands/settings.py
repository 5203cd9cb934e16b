"""The workspace's settings by name or by buttons, and the audit of what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.admin_bot import dispatch
from hub.admin_bot.arguments import Words, did_you_mean, matching, one_member
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import Rows, clipped, done, grid
from hub.domain.members import Permission
from hub.domain.models import Event, Member, Preferences, Team
from hub.domain.reply import Button, Reply, Value
from hub.domain.telling import auditing
from hub.domain.telling.settings import BY_NAME, GROUPS, SETTINGS, Setting, change, current
from hub.domain.text import Text
from hub.errors import NotFound

SECTION = "Workspace"
LONGEST = 120
PERMISSIONS: Mapping[str, tuple[Permission, ...]] = {each.name: ("owner",) for each in SETTINGS if each.owner}
"""What a setting asks for, where it is more than the command's own."""
ELSEWHERE = (
    Button("🕘 Hours", "hours"),
    Button("👋 Greeting", "greeting"),
    Button("🌙 Away text", "away"),
    Button("★ Rating", "rating"),
    Button("🗂 Categories", "category"),
)
"""What has a command of its own."""


@command(section=SECTION, permission="manager", usage="[NAME [VALUE]]")
async def settings(call: Call, words: Text | None = None) -> Reply:
    """Show the workspace's settings, and change them."""
    name, _, rest = (" ".join(words.plain.split()) if words else "").partition(" ")
    preferences, teams = await current(call.tx), await call.tx.items(Team)
    if not name:
        return _overview(preferences, teams)
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


def _overview(preferences: Preferences, teams: Sequence[Team]) -> Reply:
    groups: list[Value] = [
        {"label": label, "lines": [_line(s, preferences, teams) for s in SETTINGS if s.group == group]}
        for group, label in GROUPS.items()
    ]
    buttons = [Button(f"{label} ▾", f"settings {group}") for group, label in GROUPS.items()]
    return Reply("settings", {"name": preferences.name, "groups": groups}, rows=(*grid(buttons, 2), *grid(ELSEWHERE)))


def _group(group: str, preferences: Preferences, teams: Sequence[Team]) -> Reply:
    those = [s for s in SETTINGS if s.group == group]
    label = next(words for key, words in GROUPS.items() if key == group)
    lines: list[Value] = [{"label": label, "lines": [_line(s, preferences, teams) for s in those]}]
    buttons = [Button(f"{clipped(s.label, 30)} ▾", f"settings {s.name}") for s in those]
    rows = (*grid(buttons, 2), (Button("◂ All settings", "settings"),))
    return Reply("settings", {"name": preferences.name, "groups": lines}, rows=rows)


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


# -- the audit -------------------------------------------------------------------------------------------------------


@command(section=SECTION, permission="manager", usage="[NAME] [page]")
async def audit(call: Call, words: Text | None = None) -> Reply:
    """Show who changed what about the workspace, the newest first."""
    who, page = await _whose(call, words)
    found, more = await auditing.entries(call.tx, who.id if who else None, page)
    names = await auditing.names_of(call.tx)
    said: dict[str, Value] = {
        "lines": [_entry(event, names) for event in found],
        "who": who.name if who else "",
        "page": page,
    }
    return Reply("audit", said, rows=_turning(who, page, more))


def _entry(event: Event, names: auditing.Names) -> Value:
    words = clipped(auditing.words_of(event, names), LONGEST)
    return {"at": event.at.isoformat(), "who": names.get(event.actor, "The hub"), "words": words}


async def _whose(call: Call, words: Text | None) -> tuple[Member | None, int]:
    typed = Words(words or Text())
    name = typed.peek()
    who = None
    if name and not name.isdigit():
        who = one_member(typed.take(), await call.tx.items(Member))
    page = typed.peek()
    return who, max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 5 else 1


def _turning(who: Member | None, page: int, more: bool) -> Rows:
    line = f"audit {who.id} " if who else "audit "
    back = [Button("◂ Newer", f"{line}{page - 1}")] if page > 1 else []
    further = [Button("Older ▸", f"{line}{page + 1}")] if more else []
    return ((*back, *further),) if back or further else ()


COMMANDS = (settings, audit)
