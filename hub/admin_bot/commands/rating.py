"""Rating: whether contacts are asked what they think of closed conversations, in which words, and what they said."""

from __future__ import annotations

from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import ALL_SETTINGS, Rows, clipped, done
from hub.domain.models import Preferences
from hub.domain.preferences import preferences_of
from hub.domain.reply import Button, Reply, Value
from hub.domain.telling import rating as rules
from hub.domain.telling.phrases import phrase
from hub.domain.telling.settings import BY_NAME, change
from hub.domain.text import Text


@command(section="Settings", permission="manager", usage="[on | off | text WORDS | text -]")
async def rating(call: Call, words: Text | None = None) -> Reply:
    """Have contacts rate closed conversations by a button, and see what they said."""
    typed = words.plain.strip() if words else ""
    first, _, rest = typed.partition(" ")
    if not typed:
        return await _shown(call, await preferences_of(call.tx))
    if first.casefold() == "text":
        if not rest.strip():
            said = {"text": (await preferences_of(call.tx)).asking.text or phrase("ask", "")}
            return Reply("rating_text", {**said}, ask="rating text")
        changed = await rules.word(call.tx, call.act, "" if rest.strip() == "-" else rest)
    else:
        how = await change(call.tx, call.act, BY_NAME["rating"], typed)
        changed = how.before != how.now
    preferences = await preferences_of(call.tx)
    return await done(call, "rating_set", {**_how(preferences), "changed": changed})


def _how(preferences: Preferences) -> dict[str, Value]:
    return {"on": preferences.asking.on, "text": preferences.asking.text or phrase("ask", "")}


async def _shown(call: Call, preferences: Preferences) -> Reply:
    found = await rules.summary(call.tx)
    remarks: list[Value] = [
        {"number": c.number, "score": c.rating.score, "words": clipped(c.rating.comment, 80)}
        for c in found.remarks
        if c.rating is not None
    ]
    said: dict[str, Value] = {
        "counts": [*found.counts],
        "total": sum(found.counts),
        "mean": f"{found.mean:.1f}",
        "remarks": remarks,
    }
    switch = Button("Off", "rating off") if preferences.asking.on else Button("On", "rating on")
    rows: Rows = ((switch, Button("Other words…", "rating text")), ALL_SETTINGS)
    return Reply("rating", {**_how(preferences), **said}, rows=rows)


COMMANDS = (rating,)
