"""The second factor: codes of an authenticator app, each good once, and recovery codes. Pure: no store, no clock."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DRIFT = 1
"""How many steps an app's clock may be off."""
RECOVERY_CODES = 10
_DIGITS = 6
_ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
_GROUPS, _LETTERS = 3, 5


def new_seed() -> str:
    """The secret that app and hub share; in base 32, as it is typed."""
    return pyotp.random_base32()


def uri(seed: str, account: str, brand: str) -> str:
    """What the QR picture says to the app."""
    return pyotp.TOTP(seed).provisioning_uri(name=account, issuer_name=brand)


def step_of(seed: str, code: str, moment: datetime, last: int) -> int | None:
    """The step whose code it is, among those that are good now and later than the last one used; None: wrong."""
    typed = "".join(code.split())
    if len(typed) != _DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    totp = pyotp.TOTP(seed)
    present = int(moment.timestamp()) // STEP_SECONDS
    good = [
        step
        for step in range(present - DRIFT, present + DRIFT + 1)
        if hmac.compare_digest(totp.generate_otp(step), typed) and step > last
    ]
    return good[0] if good else None


def new_recovery() -> list[str]:
    """Recovery codes, to be shown once."""
    return ["-".join(_group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]


def hashed(code: str) -> str:
    """How a recovery code is kept: it is long and random, so that a plain hash cannot be turned back."""
    typed = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(typed.encode(errors="replace")).hexdigest()


def recovery_of(code: str, kept: Sequence[str]) -> str | None:
    """Which of the hashes that are kept is the code's; None: none."""
    wanted = hashed(code)
    return next((hash for hash in kept if hmac.compare_digest(hash, wanted)), None)


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))
