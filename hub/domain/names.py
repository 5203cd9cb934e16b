"""Things found by their names as people type them: without case, by the beginning of a word, with a guess at slips."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MARKS = ",.;:!?"
_SOMEBODY = frozenset(("me", "nobody", "none", "everyone", "all"))
"""What means somebody, or nobody, where a person can be named."""


def is_word(name: str) -> bool:
    """Whether commands take it for something else than a person's name."""
    return plainly(name.strip()) in _SOMEBODY


def has_letters(name: str) -> bool:
    """Whether there is a letter or a digit in it: signs alone, such as `-`, mean something in commands."""
    return any(sign.isalnum() for sign in name)


def plainly(word: str) -> str:
    """A word for comparing: no case, no marks that a phone puts behind it."""
    return word.casefold().rstrip(_MARKS)


def matching(word: str, named: Sequence[tuple[T, Sequence[str]]]) -> list[T]:
    """What the word means: what is called exactly so, else what has a name or a word of a name that begins so."""
    wanted = plainly(word)
    exact = [item for item, names in named if wanted in [plainly(n) for n in names]]
    if exact or not wanted:
        return exact
    return [item for item, names in named if any(plainly(n).startswith(wanted) for n in names)]


def nearest(word: str, names: Sequence[str], most: int = 3) -> list[str]:
    """Names that the word may have been meant for, likeliest first."""
    known = {plainly(n): n for n in names}
    return [known[k] for k in difflib.get_close_matches(plainly(word), list(known), n=most, cutoff=0.55)]


def did_you_mean(word: str, names: Sequence[str]) -> str:
    """` Did you mean …?`, or nothing."""
    near = nearest(word, names)
    return f" Did you mean {' or '.join(near)}?" if near else ""


def one_slip(word: str, name: str) -> bool:
    """Whether one slip of a finger makes one of the other: a sign too many, too few, another, or two in wrong order."""
    if len(word) > len(name):
        word, name = name, word
    same = next((i for i, (a, b) in enumerate(zip(word, name, strict=False)) if a != b), len(word))
    here, there = word[same:], name[same:]
    if len(here) < len(there):
        return here == there[1:]
    turned = here[:2] == there[1::-1] and here[2:] == there[2:]
    return bool(here) and (here[1:] == there[1:] or turned)
