"""The audit: every change of the workspace itself stands in it, in words, by whom; what people just do does not."""

from __future__ import annotations

import pytest

from hub.domain.assigning import teams
from hub.domain.contacts import record
from hub.domain.conversations import Act
from hub.domain.ids import UserId
from hub.domain.models import Event, Member, Preferences, now
from hub.domain.ports import Tx
from hub.domain.telling import auditing, settings
from hub.store import MongoWorkspace
from tests.domain.telling.town import Town


@pytest.fixture
async def town(workspace: MongoWorkspace) -> Town:
    return await Town(workspace).found()


async def audit(town: Town, who: str | None = None, page: int = 1) -> list[str]:
    found, _ = await auditing.entries(town.workspace, UserId(who) if who else None, page)
    names = await auditing.names_of(town.workspace)
    return [auditing.words_of(event, names) for event in found]


async def do(town: Town, deed: object, who: str = "Ann") -> object:
    async def doing(tx: Tx) -> object:
        member = await tx.get(Member, who)
        assert member is not None
        return await deed(tx, Act(member=member, at=now()))  # type: ignore[operator]

    return await town.run(doing)


async def test_what_changes_the_workspace_stands_in_it(town: Town) -> None:
    """By words that a manager reads; the newest first, a page at a time, of one person or all."""
    await do(town, lambda tx, act: settings.change(tx, act, settings.BY_NAME["hold"], "5"))
    team = await do(town, lambda tx, act: teams.create(tx, act, "Sales"), "Bob")

    async def let_in(tx: Tx, act: Act) -> None:
        sales, cleo = await tx.get(type(team), team.id), await tx.get(Member, "Cleo")  # type: ignore[attr-defined]
        assert cleo is not None
        await teams.add(tx, act, sales, cleo)

    await do(town, let_in)
    assert await audit(town) == ["Team Sales: nobody → Cleo", "Team Sales: made", "Hold before sending: off → 5 s"]
    assert await audit(town, "Bob") == ["Team Sales: made"]
    assert await audit(town, page=2) == []


async def test_the_daily_work_does_not(town: Town) -> None:
    """Contacts' conversations have a timeline of their own; nor is it told when somebody comes and goes."""
    await town.write()
    await town.run(_passes)
    assert await audit(town) == []
    assert len(await town.all(Event)) > 1


async def _passes(tx: Tx) -> None:
    record(tx, "went_offline", now(), facts={"member": "Bob"})


async def test_an_event_of_a_kind_that_is_not_known_is_told_by_its_facts(town: Town) -> None:
    """What a newer part of the hub records is not left out."""

    async def deed(tx: Tx, act: Act) -> None:
        record(tx, "cap_changed", act.at, act=act, facts={"member": "Bob", "before": 0, "after": 5})
        record(tx, "export_begun", act.at, act=act, facts={"name": "contacts.csv"})

    await do(town, deed)
    assert await audit(town) == ["Export begun: contacts.csv", "Cap changed: Bob, 0 → 5"]


@pytest.mark.parametrize("setting", settings.SETTINGS, ids=lambda s: s.name)
def test_every_setting_takes_what_its_buttons_type(setting: settings.Setting) -> None:
    """What is offered is read; what is said of a value is never empty; no setting is at something that it cannot be."""
    preferences = Preferences(id="preferences")
    assert setting.said(preferences, [])
    for label, words in setting.kind.offered([]):
        assert label
        setting.put(preferences, setting.kind.read(words, []))
        assert setting.value(preferences) == setting.kind.read(words, [])
