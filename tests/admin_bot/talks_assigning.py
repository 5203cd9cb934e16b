"""The dialogs of teams, and of who is there."""

from __future__ import annotations

from hub.domain.models import Member, Team
from tests.admin_bot.dialog_table import FREE, SLIPS, WORDS_ONLY, pressed, typed
from tests.admin_bot.office import Talk

WORDS_ONLY.update(["cap"])
SLIPS.update(
    {
        "team": ("team add Slaes Bob", "There is no team “Slaes”. There is none yet: /team create Sales."),
        "busy": ("busy fax", "“fax” is no moment that I know. Write it as 2h, tomorrow 9:00, fri 14:00 or 24 nov."),
        "online": ("online maybe", "I do not know what to do with “maybe”."),
        "cap": ("cap Bobb 5", "Nobody here is called “Bobb”. Did you mean Bob?"),
    }
)
assert not FREE & SLIPS.keys()


async def no_team(talk: Talk, name: str) -> None:
    """Takes the team away again: the dialogs share their workspace."""
    await talk.plain(f"team delete {name}")
    told = await talk.press(f"Delete {name}")
    assert f"The team {name} is gone" in told.words
    assert await talk.office.workspace.items(Team) == []


@typed("team")
async def _team(talk: Talk) -> None:
    told = await talk.plain("team create Sales")
    assert "The team Sales is there now" in "".join(told.alone)
    assert told.all == []
    assert "Bob is in Sales now" in (await talk.plain("team add sales Bob")).words
    assert "Sales: Bob · 0 open" in (await talk.plain("team")).words
    told = await talk.line("assign sales")
    assert f"#{talk.number} with {talk.name} is in Sales's inbox now" in "".join(told.alone)
    assert "Sales: 1 open in its inbox" in (await talk.plain("team sal", who="Bob")).words
    assert "is called Big Sales now" in (await talk.plain("team rename sales Big Sales")).words
    assert "Bob is out of Big Sales now" in (await talk.plain("team remove Big Sales Bob")).words
    assert "is for a manager of this workspace" in (await talk.plain("team delete Big", who="Bob")).words
    await talk.line("assign -")
    await no_team(talk, "Big Sales")


@pressed("team")
async def _team_pressed(talk: Talk) -> None:
    await talk.plain("team create Sales")
    await talk.plain("team")
    await talk.press("Sales ▾")
    told = await talk.press("☐ Bob")
    assert "Bob is in Sales now" in told.words
    await talk.press("☑ Bob")
    await talk.press("↩ Undo")
    (team,) = await talk.office.workspace.items(Team)
    assert [m.name for m in await talk.office.workspace.items(Member) if m.id in team.members] == ["Bob"]
    await talk.line("assign")
    told = await talk.press("👥 Sales")
    assert "is in Sales's inbox now" in told.words
    await talk.line("assign -")
    await no_team(talk, "Sales")


@pressed("disband")
async def _disband(talk: Talk) -> None:
    await talk.plain("team create Sales")
    await talk.line("assign sales")
    await talk.plain("team sales")
    told = await talk.press("Delete Sales…")
    assert "1 open conversation leaves its inbox" in told.words
    told = await talk.press("Delete Sales")
    assert "The team Sales is gone; 1 open conversation left its inbox" in told.words
    assert (await talk.conversation()).team is None


@typed("busy")
async def _busy(talk: Talk) -> None:
    told = await talk.plain("busy 1h")
    assert "You are busy until" in "".join(told.alone)
    assert told.all == []
    assert "⛔ Ann" in (await talk.plain("busy")).words
    assert "You are back" in (await talk.plain("busy off")).words
    assert "🟢 Ann" in (await talk.plain("busy")).words


@pressed("busy")
async def _busy_pressed(talk: Talk) -> None:
    await talk.plain("busy")
    told = await talk.press("⛔ 2 h")
    assert "You are busy until" in told.words
    await talk.press("🟢 I am back")


@typed("online")
async def _online(talk: Talk) -> None:
    await talk.plain("busy 2h")
    told = await talk.plain("online")
    assert "You are back: you can be given conversations again" in "".join(told.alone)
    assert told.all == []
    assert "You are here" in (await talk.plain("online")).words


@pressed("online")
async def _online_pressed(talk: Talk) -> None:
    await talk.plain("busy 2h")
    told = await talk.press("🟢 I am back")
    assert "You are back" in told.words


@typed("cap")
async def _cap(talk: Talk) -> None:
    assert "“some” should be a number from 1 to 1000, or off." in (await talk.plain("cap Bob some")).words
    told = await talk.plain("cap Bob 5")
    assert "Bob is given conversations by rule until 5 are open" in "".join(told.alone)
    assert told.all == []
    assert "Bob: 5" in (await talk.plain("cap")).words
    assert "as many as everybody" in (await talk.plain("cap bob off")).words
