"""Passwords: which may be taken, how strong they are, and their hashes (Argon2id). The costly parts run in a thread."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Sequence

import msgspec
from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn  # type: ignore[import-untyped]

SHORTEST = 6
LONGEST = 200
COMMONEST = 10_000
"""What is guessed in fewer tries is refused: the common passwords, however they are spelled."""
AT_ONCE = 2
"""Hashes made at the same moment: each takes 32 MiB and a core."""
_MEASURED = 72
"""The strength of longer ones is that of their beginning: measuring takes ever longer."""
_WORDS = ("very weak", "weak", "fair", "good", "strong")
_hasher = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1, type=Type.ID)
_NOBODYS = "$argon2id$v=19$m=32768,t=3,p=1$//7Dgnoi3P4m/4TpQzQhtw$8GqEOSZqtPeol2m9Gc4g6si477j3Qp93FhgNtfvp6U4"
"""Compared with where there is no hash, and so made with the same effort: written down, for making it takes a while."""


class Strength(msgspec.Struct, frozen=True, kw_only=True):
    """How hard a password is to guess. `score`: 0 to 4; `advice`: a sentence, or nothing."""

    score: int
    words: str
    advice: str = ""
    common: bool = False


class Passwords:
    """Makes and compares hashes, a few at once."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """An Argon2id hash, with a salt of its own."""
        async with self._turn:
            return await asyncio.to_thread(_hasher.hash, _bytes(password))

    async def fits(self, hash: str, password: str) -> bool:
        """Whether it is the password; takes as long where there is no hash or the password is far too long."""
        async with self._turn:
            right = await asyncio.to_thread(_verify, hash or _NOBODYS, _bytes(password[: LONGEST + 1]))
        return right and bool(hash) and len(password) <= LONGEST

    async def fault(self, password: str, about: Sequence[str]) -> str:
        """A sentence why it cannot be taken, or nothing. `about`: what strangers know of its owner."""
        if len(password) < SHORTEST:
            return f"A password needs at least {SHORTEST} characters."
        if len(password) > LONGEST:
            return f"A password can have up to {LONGEST} characters."
        async with self._turn:
            found = await asyncio.to_thread(strength, password, about)
        if not found.common:
            return ""
        return f"That password is {found.words}: it is among the first that others would try. Take another one."


def stale(hash: str) -> bool:
    """Whether a hash was made with less effort than is usual now."""
    return _hasher.check_needs_rehash(hash)


def strength(password: str, about: Sequence[str] = ()) -> Strength:
    """How strong a password is, in words; takes some milliseconds."""
    known = [part for text in about for part in (text, *text.replace("@", " ").replace(".", " ").split()) if part]
    found = zxcvbn(password[:_MEASURED] or " ", user_inputs=known)
    feedback = found["feedback"]
    advice = " ".join(text for text in (feedback["warning"], *feedback["suggestions"][:1]) if text)
    score = int(found["score"])
    return Strength(score=score, words=_WORDS[score], advice=advice, common=found["guesses"] < COMMONEST)


def _verify(hash: str, password: bytes) -> bool:
    try:
        return _hasher.verify(hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    """The same characters, typed on whatever keyboard, are the same password."""
    return unicodedata.normalize("NFKC", password).encode(errors="surrogatepass")
