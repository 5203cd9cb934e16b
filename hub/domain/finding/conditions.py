"""What a filter asks, ready to be asked of records, and where in the indexes those that could fit are found.

`holds` is the truth. What the indexes give (`choices`) only leaves out what cannot fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import msgspec

from hub.domain.finding.grammar import Span
from hub.domain.models import Contact, Conversation, ConversationState

Finds = Literal["conversations", "contacts"]
STATES: tuple[ConversationState, ...] = get_args(ConversationState)
ANY = frozenset(STATES)


class Case(msgspec.Struct, frozen=True):
    """What is asked about. Of a contact, the conversation is the one not closed, if any."""

    contact: Contact
    conversation: Conversation | None


class Start(msgspec.Struct, frozen=True):
    """Where an index is entered: at any of these terms, or at those between two (the second not included).

    Of conversations the terms are written without their state; numbers are terms as well here.
    """

    of: Literal["contacts", "conversations", "waiting", "numbers"]
    terms: tuple[str, ...] = ()
    between: tuple[str, str] | None = None


Cover = tuple[Start, ...]
"""Starts that together lead to all that fits."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """A condition.

    `choices`: covers, each of which is enough, the likeliest narrow one first. `states`: those that conversations can
    be in that fit; `says_state`: the filter named them; `only_states`: and asks nothing else. `exact`: all that the
    only choice leads to, in these states, fits. `contact`, `conversation`: whether it looks at them.
    """

    holds: Callable[[Case], bool]
    choices: tuple[Cover, ...] = ()
    states: frozenset[ConversationState] = ANY
    says_state: bool = False
    only_states: bool = False
    exact: bool = False
    contact: bool = False
    conversation: bool = False


EVERYTHING = Condition(holds=lambda _: True, only_states=True, exact=True)


def in_states(*states: ConversationState) -> Condition:
    """Conversations in one of these states."""

    def holds(case: Case) -> bool:
        return case.conversation is not None and case.conversation.state in states

    return Condition(
        holds=holds, states=frozenset(states), says_state=True, only_states=True, exact=True, conversation=True
    )


def every(parts: Sequence[Condition]) -> Condition:
    """All of them hold."""
    if len(parts) == 1:
        return parts[0]
    others = [p for p in parts if not p.only_states]
    tests = tuple(p.holds for p in sorted(parts, key=lambda p: p.contact or p.conversation))
    states = ANY
    for part in parts:
        states &= part.states
    return _joined(
        parts,
        holds=lambda case: all(test(case) for test in tests),
        choices=tuple(cover for p in parts for cover in p.choices),
        states=states,
        exact=len(others) <= 1 and all(p.exact for p in parts),
    )


def either(parts: Sequence[Condition]) -> Condition:
    """One of them holds."""
    tests = tuple(p.holds for p in parts)
    covered = bool(parts) and all(p.choices for p in parts)
    states: frozenset[ConversationState] = frozenset()
    for part in parts:
        states |= part.states
    return _joined(
        parts,
        holds=lambda case: any(test(case) for test in tests),
        choices=(tuple(start for p in parts for start in p.choices[0]),) if covered else (),
        states=states,
        exact=bool(parts) and all(p.only_states for p in parts),
    )


def one_of(parts: Sequence[Condition]) -> Condition:
    """One of them holds; one alone is itself."""
    return parts[0] if len(parts) == 1 else either(parts)


def turned(part: Condition) -> Condition:
    """It does not hold."""
    states = ANY - part.states if part.only_states else ANY
    return _joined(
        [part],
        holds=lambda case: not part.holds(case),
        choices=(),
        states=states,
        exact=part.only_states and part.conversation,
    )


def _joined(
    parts: Sequence[Condition],
    *,
    holds: Callable[[Case], bool],
    choices: tuple[Cover, ...],
    states: frozenset[ConversationState],
    exact: bool,
) -> Condition:
    return Condition(
        holds=holds,
        choices=choices,
        states=states,
        exact=exact,
        says_state=any(p.says_state for p in parts),
        only_states=all(p.only_states for p in parts),
        contact=any(p.contact for p in parts),
        conversation=any(p.conversation for p in parts),
    )


class Wrong(Exception):
    """A term cannot be asked; the filter in which it stands says where. Never leaves this package."""

    def __init__(self, text: str, where: Span) -> None:
        super().__init__(text)
        self.text, self.where = text, where
