"""The audit: who changed what about the workspace itself, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hub.domain.contacts import WORKSPACE
from hub.domain.ids import UserId
from hub.domain.models import Event, Facts, Member
from hub.domain.ports import Query, Reads

PAGE = 10
Names = Mapping[str, str]
"""What people are called, by their ids."""


async def entries(reads: Reads, who: UserId | None, page: int) -> tuple[list[Event], bool]:
    """A page of what was changed, the newest first; and whether there is more."""
    where: dict[str, object] = {"conversation": WORKSPACE}
    if who is not None:
        where["actor"] = who
    query = Query(where=where, order="-id", skip=(page - 1) * PAGE, limit=PAGE + 1)
    found = await reads.query(Event, query)
    return found[:PAGE], len(found) > PAGE


async def names_of(reads: Reads) -> Names:
    """What everybody here is called."""
    return {member.id: member.name for member in await reads.items(Member)}


def words_of(event: Event, names: Names) -> str:
    """What was changed: `Closing note: optional → both`."""
    known = _WORDS.get(event.kind)
    return known(event.facts, names) if known else _anything(event.kind, event.facts, names)


def _undone(facts: Facts, _: Names) -> str:
    return f"Undo: {_readable(str(facts.get('kind', '')))}"


def _setting(facts: Facts, _: Names) -> str:
    return f"{facts.get('label')}: {facts.get('said_before')} → {facts.get('said')}"


def _hours(facts: Facts, _: Names) -> str:
    return f"Business hours: {facts.get('said')}"


def _greeting(facts: Facts, _: Names) -> str:
    what = "Away text" if facts.get("when") == "away" else "Greeting"
    return f"{what}: {facts.get('after') or 'none any more'}"


def _role(facts: Facts, names: Names) -> str:
    limits = facts.get("limits")
    added = f" ({', '.join(limits)})" if isinstance(limits, list) and limits else ""
    who = names.get(str(facts.get("member")), "somebody who left")
    return f"Role of {who}: {facts.get('before')} → {facts.get('after')}{added}"


def _removed(facts: Facts, _: Names) -> str:
    return f"Removed from the workspace: {facts.get('name')}"


def _category(facts: Facts, _: Names) -> str:
    return f"Category {facts.get('name')}: {'added' if facts.get('added') else 'removed'}"


def _snippet(facts: Facts, _: Names) -> str:
    return f"Snippet {facts.get('name')}: {'added' if facts.get('before') is None else 'changed or removed'}"


def _anything(kind: str, facts: Facts, names: Names) -> str:
    """An event of which nothing else is known than its facts."""
    who = names.get(str(facts.get("member") or ""), "")
    what = ", ".join(filter(None, (who, str(facts.get("name") or ""))))
    before, after = facts.get("before"), facts.get("after")
    plain = before != after and all(isinstance(each, (str, int)) for each in (before, after))
    return f"{_readable(kind)}{': ' if what else ''}{what}{f', {before} → {after}' if plain else ''}"


def _team(facts: Facts, names: Names) -> str:
    was, name = facts.get("name_before"), facts.get("name")
    before, now = _people(facts.get("members_before"), names), _people(facts.get("members"), names)
    if not was:
        return f"Team {name}: made"
    if was != name:
        return f"Team {was}: renamed to {name}"
    return f"Team {name}: {before} → {now}"


def _people(ids: object, names: Names) -> str:
    members = [names.get(str(each), "somebody who left") for each in ids] if isinstance(ids, list) else []
    return ", ".join(members) or "nobody"


def _gone(facts: Facts, _: Names) -> str:
    return f"Tag {facts.get('name')}: {'removed' if facts.get('gone') else 'changed'}"


def _imported(facts: Facts, _: Names) -> str:
    counts = f"{facts.get('made')} new, {facts.get('changed')} changed, {facts.get('refused')} refused"
    return f"Imported {facts.get('name')}: {counts}"


def _exported(facts: Facts, _: Names) -> str:
    return f"Exported {facts.get('name')}"


def _readable(kind: str) -> str:
    return kind.replace("_", " ").capitalize()


_WORDS: Mapping[str, Callable[[Facts, Names], str]] = {
    "setting_changed": _setting,
    "renamed": _setting,
    "question_changed": _setting,
    "hours_changed": _hours,
    "greeting_changed": _greeting,
    "role_changed": _role,
    "member_removed": _removed,
    "category_changed": _category,
    "snippet_changed": _snippet,
    "team_changed": _team,
    "tags_changed": _gone,
    "undone": _undone,
    "import_done": _imported,
    "exported": _exported,
}
