"""The contact whom a line names in front, by id or by name, for commands that are about no conversation of theirs."""

from __future__ import annotations

from collections.abc import Sequence

from hub.admin_bot import contact_cards
from hub.admin_bot.arguments import BadArgument, Choice, Words
from hub.admin_bot.call import Call
from hub.admin_bot.command import Command
from hub.admin_bot.contact_cards import Known
from hub.admin_bot.replies import clipped, fits
from hub.domain.fields.places import phone_shown
from hub.domain.ids import is_id
from hub.domain.reply import Button
from hub.errors import NotFound

LONGEST = 4
"""Words of a name."""
OFFERED = 6
LONGEST_REACH = 24


async def find(call: Call, command: Command, words: Words) -> bool:
    """Finds whom the words begin with and reads these; in a contact's place by id alone. Raises BadArgument where that
    could be several, NotFound where nobody has that id any more.
    """
    typed = words.rest().plain.split()[:LONGEST]
    if not typed or (call.about_conversation is not None and not is_id(typed[0])):
        return False
    for count in (1,) if is_id(typed[0]) else range(len(typed), 0, -1):
        found = await contact_cards.named(call, " ".join(typed[:count]))
        if found:
            _take(call, command, words, (count, found))
            return True
    if is_id(typed[0]):  # never whoever's place it is instead
        raise NotFound("That contact is forgotten already. Nothing was changed.")
    return False


def _take(call: Call, command: Command, words: Words, read: tuple[int, Sequence[Known]]) -> None:
    count, found = read
    said = " ".join([words.take() for _ in range(count)])
    if len(found) > 1:
        rest = "" if command.free_text else words.rest().plain
        choices = [Choice(label(known), _value(command, known, rest)) for known in found[:OFFERED]]
        raise BadArgument(f"“{clipped(said, 40)}” could be {len(found)} contacts. Which one?", said, choices)
    call.about_contact, call.about_conversation = found[0]
    words.begin()


def _value(command: Command, known: Known, rest: str) -> str:
    """The contact's id with what follows, where a button has room for it."""
    whole = f"{known[0].id} {rest}".strip()
    return whole if fits(Button("", f"{command.name} {whole}")) else known[0].id


def label(known: Known) -> str:
    """What tells namesakes apart comes behind the name: their conversation, else how they are reached."""
    person, newest = known
    reached = (phone_shown(person.phone), person.email)
    more = f"#{newest.number}" if newest else next((r for r in reached if 0 < len(r) <= LONGEST_REACH), "")
    return f"{clipped(person.name, 24)} {more}".strip()
