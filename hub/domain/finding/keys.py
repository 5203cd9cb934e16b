"""The keys of the filter language: what each asks of a contact or conversation, and where an index helps with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from hub.domain.fields import places
from hub.domain.finding.conditions import (
    EVERYTHING,
    Case,
    Condition,
    Start,
    Wrong,
    in_states,
    one_of,
)
from hub.domain.finding.grammar import Term, Value
from hub.domain.finding.known import NOBODY, Known, guess, members_named, named
from hub.domain.finding.moments import Moment, moment
from hub.domain.finding.terms import NONE, SHORTEST_PHONE, beginning, digits_of
from hub.domain.finding.words import folded
from hub.domain.limits import hides
from hub.domain.models import Conversation
from hub.errors import Invalid

Key = Callable[[Known, Term], Condition]


def _plain(term: Term) -> Sequence[Value]:
    if term.sign != ":":
        raise Wrong(f"“{term.key}” is compared with a colon: {term.key}:{term.values[0].text}.", term.where)
    return term.values


# -- states ----------------------------------------------------------------------------------------------------------


def _waits(case: Case) -> bool:
    return case.conversation is not None and case.conversation.waiting_since is not None


WAITING = Condition(holds=_waits, choices=((Start("waiting"),),), conversation=True)
_BLOCKED = Condition(
    holds=lambda case: case.contact.block is not None,
    choices=((Start("contacts", ("blocked",)),),),
    contact=True,
    exact=True,
)
IS: Mapping[str, Condition] = {
    "open": in_states("open"),
    "snoozed": in_states("snoozed"),
    "closed": in_states("closed"),
    "waiting": WAITING,
    "blocked": _BLOCKED,
    "any": in_states("open", "snoozed", "closed"),
}


_LEFT_ALONE = Condition(holds=lambda case: case.conversation is None, conversation=True, says_state=True)
"""Of contacts: who have no conversation that is not closed."""


def _is(known: Known, term: Term) -> Condition:
    return one_of([_state(known, value) for value in _plain(term)])


def _state(known: Known, value: Value) -> Condition:
    wanted = value.text.casefold()
    if wanted not in IS:
        raise Wrong(f"“{value.text}” is no state.{guess(wanted, list(IS))}", value.where)
    if known.finds == "contacts" and wanted in ("closed", "any"):
        return _LEFT_ALONE if wanted == "closed" else EVERYTHING
    return IS[wanted]


# -- who and what ----------------------------------------------------------------------------------------------------


def _assignee(known: Known, term: Term) -> Condition:
    ids = [m.id if m else None for m in members_named(_plain(term), known)]
    return _owned(known, "assignee", "a", ids)


def _team(known: Known, term: Term) -> Condition:
    values = _plain(term)
    if [v.text.casefold() for v in values] in (["mine"], ["me"]):
        return _owned(known, "team", "t", sorted(known.own_teams))
    return _owned(known, "team", "t", [t.id if t else None for t in named(values, known.teams, "team")])


def _owned(known: Known, field: str, letter: str, ids: Sequence[str | None]) -> Condition:
    wanted, on = frozenset(ids), known.finds

    def holds(case: Case) -> bool:
        record = case.contact if on == "contacts" else case.conversation
        return getattr(record, field, None) in wanted

    start = Start(on, tuple(f"{letter}:{id or NONE}" for id in ids))
    mine = on == "contacts"
    return Condition(holds=holds, choices=((start,),), exact=True, contact=mine, conversation=not mine)


def _tag(known: Known, term: Term) -> Condition:
    ids = [t.id if t else NONE for t in named(_plain(term), known.tags, "tag")]
    return _of_contact(lambda case: any(i in (case.contact.tags or [NONE]) for i in ids), [f"g:{i}" for i in ids])


def _of_contact(holds: Callable[[Case], bool], terms: Sequence[str], *, exact: bool = True) -> Condition:
    return Condition(holds=holds, choices=((Start("contacts", tuple(terms)),),), exact=exact, contact=True)


def _channel(known: Known, term: Term) -> Condition:
    values = _plain(term)
    networks = sorted({c.network for c in known.channels})
    by_network = {*networks} & {v.text.casefold() for v in values}
    rest = [v for v in values if v.text.casefold() not in by_network]
    ids = {c.id for c in known.channels if c.network in by_network}
    ids |= {c.id for c in named(rest, known.channels, "channel", networks) if c is not None}
    terms = tuple(f"h:{id}" for id in sorted(ids))
    if known.finds == "contacts":
        return _of_contact(lambda case: any(r.channel in ids for r in case.contact.reaches), terms)
    return Condition(
        holds=lambda case: case.conversation is not None and case.conversation.channel in ids,
        choices=((Start("conversations", terms),),),
        exact=True,
        conversation=True,
    )


def _category(known: Known, term: Term) -> Condition:
    ids = [c.id if c else "" for c in named(_plain(term), known.categories, "category")]

    def holds(case: Case) -> bool:
        return case.conversation is not None and case.conversation.category in ids

    every = all(ids)
    start = Start("conversations", tuple(f"k:{id}" for id in ids))
    choices = ((start,),) if every and known.finds == "conversations" else ()
    return Condition(holds=holds, choices=choices, exact=bool(choices), says_state=True, conversation=True)


# -- who the contact is ----------------------------------------------------------------------------------------------


def _name(_: Known, term: Term) -> Condition:
    return one_of([_named_so(value) for value in _plain(term)])


def _named_so(value: Value) -> Condition:
    wanted = folded(value.text).lstrip("@").replace("_", " ").split()
    if not wanted:
        raise Wrong("There is no name.", value.where)

    def holds(case: Case) -> bool:
        contact = case.contact
        words = folded(f"{contact.first_name} {contact.last_name} {contact.username}").replace("_", " ").split()
        return all(any(word.startswith(part) for word in words) for part in wanted)

    choices = () if "_" in value.text else ((Start("contacts", between=beginning(f"n:{wanted[0]}")),),)
    return Condition(holds=holds, choices=choices, contact=True)


def _phone(known: Known, term: Term) -> Condition:
    return one_of([_phone_with(known, value) for value in _plain(term)])


def _phone_with(known: Known, value: Value) -> Condition:
    digits = digits_of(value.text).lstrip("0")
    if value.text.casefold() in NOBODY:
        return Condition(holds=lambda case: not case.contact.phone, contact=True)
    _not_hidden(known, "Telephone numbers", value)
    if len(digits) < SHORTEST_PHONE:
        raise Wrong(
            f"Write at least {SHORTEST_PHONE} digits of a telephone number, without a zero before.", value.where
        )
    return Condition(
        holds=lambda case: digits in digits_of(case.contact.phone),
        choices=((Start("contacts", between=beginning(f"p:{digits}")),),),
        contact=True,
    )


def _email(known: Known, term: Term) -> Condition:
    wanted = [folded(value.text) for value in _plain(term)]
    if {*wanted} <= NOBODY:
        return Condition(holds=lambda case: not case.contact.email, contact=True)
    _not_hidden(known, "E-mail addresses", term.values[0])
    return _of_contact(lambda case: folded(case.contact.email) in wanted, [f"m:{mail}" for mail in wanted])


def _not_hidden(known: Known, what: str, value: Value) -> None:
    if hides(known.member):
        raise Wrong(f"{what} are hidden from you, so you cannot look for them.", value.where)


def _country(_: Known, term: Term) -> Condition:
    values = _plain(term)
    if _asks_for_none(values):
        return Condition(holds=lambda case: not case.contact.country, contact=True)
    wanted = [_place(value, places.country) for value in values]
    return _of_contact(lambda case: case.contact.country.upper() in wanted, [f"c:{code}" for code in wanted])


def _language(_: Known, term: Term) -> Condition:
    values = _plain(term)
    if _asks_for_none(values):
        return Condition(holds=lambda case: not case.contact.language, contact=True)
    wanted = [_spoken(value) for value in values]
    return _of_contact(lambda case: case.contact.language.lower() in wanted, [f"l:{code}" for code in wanted])


def _asks_for_none(values: Sequence[Value]) -> bool:
    """Whether none is wanted; `no` is a country, and a language."""
    return {value.text.casefold() for value in values} <= NOBODY - {"no"}


def _spoken(value: Value) -> str:
    """A language's letters; what stands behind them, as in zh-hant, stays."""
    letters = value.text.lower().partition("-")[0]
    known = len(letters) in (2, 3) and places.language_name(letters) != letters
    return value.text.lower() if known else _place(value, places.language)


def _place(value: Value, read: Callable[[str], str]) -> str:
    try:
        return read(value.text.replace("_", " "))
    except Invalid as error:
        raise Wrong(error.text, value.where) from None


# -- when ------------------------------------------------------------------------------------------------------------


def _waiting(known: Known, term: Term) -> Condition:
    first = term.values[0].text.casefold()
    if term.sign == ":" and first in ("yes", *NOBODY):
        return WAITING if first == "yes" else Condition(holds=lambda case: not _waits(case), conversation=True)
    if term.sign == ":":
        raise Wrong(f"Write waiting>{term.values[0].text} for those who have waited longer.", term.where)
    return moment(known, term, Moment(_conversation("waiting_since"), (Start("waiting"),), conversation=True))


def _conversation(field: str) -> Callable[[Case], datetime | None]:
    def of(case: Case) -> datetime | None:
        return getattr(case.conversation, field) if case.conversation is not None else None

    return of


def _seen(case: Case) -> datetime | None:
    return max((r.last_in for r in case.contact.reaches if r.last_in), default=None)


def _when(of: Moment) -> Key:
    return lambda known, term: moment(known, term, of)


# -- numbers and words -----------------------------------------------------------------------------------------------


def _number(_: Known, term: Term) -> Condition:
    wanted = {int(v.text.lstrip("#")) for v in _plain(term) if v.text.lstrip("#").isdecimal()}
    if not wanted:
        raise Wrong("A conversation's number is made of digits, such as number:123.", term.where)

    def holds(case: Case) -> bool:
        return case.conversation is not None and case.conversation.number in wanted

    start = Start("numbers", tuple(str(number) for number in wanted))
    return Condition(holds=holds, choices=((start,),), conversation=True, says_state=True)


def _source(_: Known, term: Term) -> Condition:
    wanted = {value.text.casefold() for value in _plain(term)}
    for value in term.values:
        if value.text.casefold() not in SOURCES:
            raise Wrong(
                f"Nothing opens conversations that is called “{value.text}”.{guess(value.text, SOURCES)}", value.where
            )

    def holds(case: Case) -> bool:
        return isinstance(case.conversation, Conversation) and case.conversation.opened_source in wanted

    return Condition(holds=holds, conversation=True)


SOURCES = ("contact", "user", "api", "workflow")
"""What opens conversations."""
WORDS: Mapping[str, Condition | Key] = {
    "all": EVERYTHING,
    "mine": _assignee,
    "unassigned": _assignee,
    **dict.fromkeys(("open", "snoozed", "closed", "waiting", "blocked"), _is),
}
"""Words that stand alone."""


def word(known: Known, term: Term) -> Condition:
    """A word alone: one of those above, else part of a contact's name, number or address."""
    value = term.values[0]
    plain = value.text.casefold().rstrip(".,;!?")
    found = WORDS.get(plain)
    if isinstance(found, Condition):
        return found
    if found is _is:
        return _state(known, Value(plain, value.where))
    if found is not None:
        return _owned(known, "assignee", "a", [known.member.id if plain == "mine" else None])
    if "@" in value.text[1:] and not hides(known.member):
        return _email(known, term)
    digits = digits_of(value.text).lstrip("0")
    if len(digits) >= SHORTEST_PHONE and not value.text.strip("+0123456789()/.-") and not hides(known.member):
        return _phone_with(known, value)
    return _named_so(value)


CLOSED = Moment(_conversation("closed_at"), day="d:", of="conversations", says_state=True, conversation=True)
KEYS: Mapping[str, Key] = {
    "is": _is,
    "assignee": _assignee,
    "team": _team,
    "tag": _tag,
    "channel": _channel,
    "category": _category,
    "name": _name,
    "phone": _phone,
    "email": _email,
    "country": _country,
    "language": _language,
    "waiting": _waiting,
    "opened": _when(Moment(_conversation("opened_at"), conversation=True)),
    "closed": _when(CLOSED),
    "last": _when(Moment(_conversation("last_at"), conversation=True)),
    "seen": _when(Moment(_seen, day="d:", of="contacts", contact=True)),
    "created": _when(Moment(lambda case: case.contact.created_at, contact=True)),
    "number": _number,
    "source": _source,
}
ALIASES: Mapping[str, str] = {"state": "is", "status": "is", "tags": "tag", "mail": "email", "lang": "language"}
