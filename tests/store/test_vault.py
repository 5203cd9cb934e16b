"""The vault: secrets at rest are sealed, and keys can be changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.errors import Misconfigured
from hub.store.vault import open_vault

OLD, NEW = "o" * 32, "n" * 32


def test_keys_rotate(tmp_path: Path) -> None:
    """The newest key seals, older ones still open; a secret that is sealed again needs the old key no more."""
    sealed = open_vault(OLD, tmp_path).seal("123456:token")
    both = open_vault(f"{NEW}, {OLD}", tmp_path)
    assert "token" not in sealed
    assert both.open(sealed) == "123456:token"
    assert open_vault(NEW, tmp_path).open(both.seal(both.open(sealed))) == "123456:token"
    with pytest.raises(Misconfigured, match="HUB_SECRET_KEY"):
        open_vault(NEW, tmp_path).open(sealed)


def test_a_key_is_made_once(tmp_path: Path) -> None:
    """Without a key one is made, for its owner's eyes only, and kept; it opens also after a key is set."""
    sealed = open_vault("", tmp_path).seal("s")
    [kept] = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert open_vault("", tmp_path).open(sealed) == "s"
    assert open_vault(NEW, tmp_path).open(sealed) == "s"


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    """A key too short to be one is refused with what would be right, and without saying it."""
    with pytest.raises(Misconfigured, match="openssl rand") as error:
        open_vault("hunter2", tmp_path)
    assert "hunter2" not in error.value.text
