"""Passwords, codes and fields: the pure parts."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from hub.domain.accounts import codes
from hub.domain.accounts.fields import address, name_fault
from hub.domain.accounts.passwords import _NOBODYS, LONGEST, Passwords, stale, strength
from hub.domain.models import now


@pytest.mark.usefixtures("true_hashes")
async def test_passwords_are_argon2id() -> None:
    """A hash is Argon2id with a salt of its own; what does not fit, or has no hash, does not fit."""
    passwords = Passwords()
    one, two = await passwords.hash("sécret word"), await passwords.hash("sécret word")
    assert one.startswith("$argon2id$v=19$m=32768,t=3,p=1$")
    assert one != two
    assert await passwords.fits(one, "se\u0301cret word")
    assert not await passwords.fits(one, "secret word")
    assert not await passwords.fits("", "nobody's")
    assert not stale(_NOBODYS)
    assert not await passwords.fits("odd", "x")
    assert not await passwords.fits(await passwords.hash("x" * LONGEST), "x" * (LONGEST + 1))
    assert stale("$argon2id$v=19$m=1024,t=1,p=1$c29tZXNhbHQ$c29tZWhhc2g")
    assert not stale(one)
    await passwords.hash("\ud800 odd")


@pytest.mark.parametrize(
    ("password", "right"),
    [
        ("12345", "at least 6"),
        ("x" * 201, "up to 200"),
        ("123456", "first that others would try"),
        ("Password", "first that others would try"),
        ("qwerty", "first that others would try"),
        ("ann@example.com", "first that others would try"),
        ("kfj39s", ""),
        ("correct horse 7", ""),
        ("      x", ""),
    ],
)
async def test_which_passwords_are_taken(password: str, right: str) -> None:
    """Six characters are enough, but not the commonest nor one's own address."""
    fault = await Passwords().fault(password, ("ann@example.com", "Ann", "Lee"))
    assert right in fault
    assert bool(fault) == bool(right)


def test_strength_has_words() -> None:
    """Strength goes from 0 to 4, with a word and advice; also of what is very long or empty."""
    assert (strength("123456").score, strength("123456").words) == (0, "very weak")
    assert strength("123456").advice
    strong = strength("correct horse battery staple 7")
    assert (strong.score, strong.words, strong.common) == (4, "strong", False)
    assert strength("").score == 0
    assert strength("ab1" * 60).score >= 0


def test_a_code_is_good_one_step_either_way() -> None:
    """The codes of the step before, this one and the next are good, spaces or not; others are not."""
    seed, moment = codes.new_seed(), now()
    totp, step = pyotp.TOTP(seed), int(moment.timestamp()) // 30
    for drift in (-1, 0, 1):
        code = totp.generate_otp(step + drift)
        assert codes.step_of(seed, f" {code[:3]} {code[3:]} ", moment, 0) == step + drift
    for drift in (-2, 2):
        assert codes.step_of(seed, totp.generate_otp(step + drift), moment, 0) is None
    assert codes.step_of(seed, totp.at(moment), moment + timedelta(minutes=5), 0) is None
    for odd in ("", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "\ud800" * 6):
        assert codes.step_of(seed, odd, moment, 0) is None


def test_a_step_is_good_once() -> None:
    """The code of a step that was used, or of one before it, is not good any more."""
    seed, moment = codes.new_seed(), now()
    totp, step = pyotp.TOTP(seed), int(moment.timestamp()) // 30
    assert codes.step_of(seed, totp.generate_otp(step), moment, step) is None
    assert codes.step_of(seed, totp.generate_otp(step - 1), moment, step) is None
    assert codes.step_of(seed, totp.generate_otp(step + 1), moment, step) == step + 1


def test_recovery_codes_are_long_and_all_different() -> None:
    """Ten of 75 bits each; found by its hash however it is typed."""
    made = codes.new_recovery()
    assert len(set(made)) == 10
    assert all(len(code.replace("-", "")) == 15 for code in made)
    kept = [codes.hashed(code) for code in made]
    assert not set(kept) & set(made)
    assert codes.recovery_of(made[3].upper().replace("-", " "), kept) == kept[3]
    assert codes.recovery_of("", kept) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ann.Lee@Example.COM ", "ann.lee@example.com"),
        ("ann@bücher.de", "ann@xn--bcher-kva.de"),
        ("ann", ""),
        ("ann@", ""),
        ("ann@example.com\nBcc: x@example.com", ""),
        ("a" * 400 + "@example.com", ""),
        ("\ud800@example.com", ""),
        ("", ""),
    ],
)
def test_addresses(typed: str, kept: str) -> None:
    """An address is kept in lower case; what is none is empty."""
    assert address(typed) == kept


@pytest.mark.parametrize(
    "odd",
    ["", " ", "x" * 61, "http://evil.example", "www.evil.example", "<b>", "a\u202eb", "\ud800", "-", "me", "Nobody "],
)
def test_names_hold_no_links(odd: str) -> None:
    """A name is there, is short, cannot carry a link or markup into a mail, and is no word that commands take for
    somebody else.
    """
    assert name_fault(odd, "first name")


@pytest.mark.parametrize("name", ["Ann", "Seán Ó Briain", "李", "O'Neill-Smith", "  Ann   Marie "])
def test_names_are_as_people_have_them(name: str) -> None:
    """Names of all scripts are taken."""
    assert not name_fault(name, "first name")
