"""The dialogs of what is told by itself: notices, settings, the audit, hours, greetings and ratings."""

from __future__ import annotations

from hub.domain.models import Greeting, Member, Preferences
from tests.admin_bot.dialog_table import SLIPS, pressed, typed
from tests.admin_bot.office import Talk

SLIPS.update(
    {
        "notify": (
            "notify quiet 22",
            "Write from when to when, such as /notify quiet 22:00 7:00, or /notify quiet off.",
        ),
        "settings": ("settings holt 5", "There is no setting “holt”. Did you mean hold? /settings lists them."),
        "hours": ("hours mon-fri", "Write days and times, such as /hours mon-fri 9-17:30 or /hours sat closed."),
        "greeting": ("greeting Shpo bot: Hello!", "No channel is called “Shpo bot”. Did you mean Shop bot?"),
        "away": ("away Hello {{ contact.first_name }}!", "Nobody reads it before it goes out, so each variable needs"),
        "rating": ("rating maybe", "“maybe” should be on or off."),
        "audit": ("audit Bobb", "Nobody here is called “Bobb”. Did you mean Bob?"),
    }
)


async def member(talk: Talk, name: str = "Ann") -> Member:
    return next(m for m in await talk.office.workspace.items(Member) if m.name == name)


@typed("notify")
async def _notify(talk: Talk) -> None:
    told = await talk.plain("notify mentioned off")
    assert "☐ mentioned: when a colleague mentions you" in "".join(told.alone)
    assert told.all == []
    assert (await member(talk)).notices.off == ("mentioned", "unassigned")
    told = await talk.plain("notify quiet 10pm - 7")
    assert "Not from 22:00 to 7:00" in told.words
    told = await talk.plain("notify digest 9")
    assert "All together, once a day at 9:00." in told.words
    told = await talk.plain("notify timezone tokyo")
    assert "(Asia/Tokyo)" in told.words
    for line in ("mentioned on", "quiet off", "digest off", "timezone off"):
        await talk.plain(f"notify {line}")
    assert (await member(talk)).notices == Member(id=(await member(talk)).id, role="owner", name="").notices


@pressed("notify")
async def _press_notify(talk: Talk) -> None:
    await talk.plain("notify")
    await talk.press("☐ Unassigned")
    assert (await member(talk)).notices.off == ()
    await talk.press("☑ Unassigned")
    await talk.press("Quiet 22:00 to 7:00")
    assert (await member(talk)).notices.quiet == ("22:00", "7:00")
    await talk.press("No quiet hours")
    assert (await member(talk)).notices.quiet is None


# -- settings and the audit ------------------------------------------------------------------------------------------


async def preferences(talk: Talk) -> Preferences:
    return (await talk.office.workspace.items(Preferences))[0]


@typed("settings")
async def _settings(talk: Talk) -> None:
    told = await talk.plain("settings")
    assert "Conversations: plain text goes to the contact, hold before sending off" in "".join(told.alone)
    assert told.all == []
    assert "Too long a wait: off (waiting)" in (await talk.plain("settings conversations")).words
    told = await talk.plain("settings waiting 2h")
    assert "Too long a wait: 2 h · It was: off" in told.words
    assert (await preferences(talk)).waiting_minutes == 120
    assert "Too long a wait: 2 h, as it was." in (await talk.plain("settings wait 120")).words
    assert "“soon” should be 0 to" in (await talk.plain("settings waiting soon")).words
    assert "should be direct or explicit" in (await talk.plain("settings mode silent")).words
    assert "There is no team “Sales”" in (await talk.plain("settings among Sales")).words
    await talk.plain("undo")
    assert (await preferences(talk)).waiting_minutes == 0


@pressed("settings")
async def _press_settings(talk: Talk) -> None:
    await talk.plain("settings")
    await talk.press("Conversations ▾")
    await talk.press("Hold before sending ▾")
    told = await talk.press("10 s")
    assert "Hold before sending: 10 s · It was: off" in told.words
    assert (await preferences(talk)).hold == 10
    await talk.press("↩ Undo")
    assert (await preferences(talk)).hold == 0
    await talk.plain("settings")
    await talk.press("🕘 Hours")
    assert "Conversations: plain text" in (await talk.press("◂ All settings")).words


@typed("audit")
async def _audit(talk: Talk) -> None:
    await talk.plain("settings handover on")
    await talk.plain("undo")
    told = await talk.plain("audit ann")
    assert "What Ann changed" in "".join(told.alone)
    assert "Ann: Handed over when going offline: off → on" in told.words
    assert "Ann: Undo: Setting changed" in told.words
    assert told.all == []
    assert "Nothing" in (await talk.plain("audit bob")).words
    told = await talk.plain("audit Held")
    assert "Held before sending, the last 7 days: " in "".join(told.alone)
    assert told.all == []


@pressed("audit")
async def _press_audit(talk: Talk) -> None:
    for hold in range(1, 12):
        await talk.plain(f"settings hold {hold}")
    await talk.plain("audit")
    assert "What was changed, page 2" in (await talk.press("Older ▸")).words
    assert "page" not in (await talk.press("◂ Newer")).words
    assert "Held before sending, the last" in (await talk.press("✋ Held before sending")).words
    assert "What was changed" in (await talk.press("◂ The audit")).words
    await talk.plain("settings hold off")


# -- business hours --------------------------------------------------------------------------------------------------


@typed("hours")
async def _hours(talk: Talk) -> None:
    told = await talk.plain("hours mon-fri 9-17:30, sat 10am - 2pm")
    assert "Mon-Fri 9:00-17:30\nSat 10:00-14:00\nSun closed" in "".join(told.alone)
    assert told.all == []
    await talk.plain("hours holiday 25 Dec")
    told = await talk.plain("hours holiday 2026-12-24")
    assert "Holidays: 25 Dec, 24 Dec 2026" in told.words
    assert "6 Jan is no holiday" in (await talk.plain("hours holiday remove 6 jan")).words
    await talk.plain("hours sat closed")
    assert "Sat-Sun closed" in (await talk.plain("hours")).words
    await talk.plain("undo")
    assert "Sat 10:00-14:00" in (await talk.plain("hours")).words
    told = await talk.plain("hours always")
    assert "Always open but for holidays." in told.words
    for day in ("25 Dec", "2026-12-24"):
        await talk.plain(f"hours holiday remove {day}")
    assert (await preferences(talk)).hours == Preferences(id="").hours


@pressed("hours")
async def _press_hours(talk: Talk) -> None:
    await talk.plain("hours")
    await talk.press("Mon-sat 8-20")
    assert list((await preferences(talk)).hours.week) == [0, 1, 2, 3, 4, 5]
    await talk.press("↩ Undo")
    assert (await preferences(talk)).hours.week == {}


# -- greeting and away text ------------------------------------------------------------------------------------------


async def texts(talk: Talk) -> dict[tuple[str, str, str], str]:
    return {(g.when, g.channel or "", g.language): g.text for g in await talk.office.workspace.items(Greeting)}


@typed("greeting")
async def _greeting(talk: Talk) -> None:
    told = await talk.plain("greeting Hello: nice to meet you!")
    assert "Greeting for all others:" in "".join(told.alone)
    assert told.all == []
    await talk.plain("greeting de: Hallo {{ contact.first_name | default('du') }}!")
    await talk.plain("greeting Shop bot de: Moin!")
    assert "“xx” is no language that I know" in (await talk.plain("greeting xx: Hallo!")).words
    assert await texts(talk) == {
        ("greeting", "", ""): "Hello: nice to meet you!",
        ("greeting", "", "de"): "Hallo {{ contact.first_name | default('du') }}!",
        ("greeting", "shop", "de"): "Moin!",
    }
    await talk.plain("undo")
    for scope in ("off", "off de"):
        await talk.plain(f"greeting {scope}")
    assert await texts(talk) == {}
    assert "There is no greeting for all others" in (await talk.plain("greeting off")).words


@typed("away")
async def _away(talk: Talk) -> None:
    told = await talk.plain("away We sleep.")
    assert "There are no business hours yet, so it is never said" in "".join(told.alone)
    assert "We sleep." in (await talk.plain("away")).words
    await talk.plain("away off")
    assert await texts(talk) == {}


@pressed("greeting")
async def _press_greeting(talk: Talk) -> None:
    await talk.plain("greeting shop de: Moin!")
    await talk.plain("greeting")
    await talk.press("Off: Shop bot, German")
    assert await texts(talk) == {}
    await talk.press("↩ Undo")
    assert await texts(talk) == {("greeting", "shop", "de"): "Moin!"}
    await talk.plain("greeting off shop de")


@pressed("away")
async def _press_away(talk: Talk) -> None:
    await talk.plain("away We sleep.")
    await talk.press("↩ Undo")
    assert await texts(talk) == {}


# -- rating ----------------------------------------------------------------------------------------------------------


@typed("rating")
async def _rating(talk: Talk) -> None:
    told = await talk.plain("rating on")
    assert "Contacts are asked, a minute after closing" in "".join(told.alone)
    assert told.all == []
    assert "“Happy?”" in (await talk.plain("rating text Happy?")).words
    assert "Nobody has rated" in (await talk.plain("rating")).words
    await talk.plain("undo")
    assert (await preferences(talk)).asking.text == ""
    assert "Contacts are not asked" in (await talk.plain("rating off")).words


@pressed("rating")
async def _press_rating(talk: Talk) -> None:
    await talk.plain("rating")
    await talk.press("On")
    assert (await preferences(talk)).asking.on
    await talk.press("↩ Undo")
    assert not (await preferences(talk)).asking.on
