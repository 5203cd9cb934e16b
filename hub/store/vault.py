"""Secrets at rest: sealed with the newest key, opened with whichever fits."""

from __future__ import annotations

import base64
import os
import re
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hub.errors import Misconfigured

KEY_FILE = "secret.key"
_SHORTEST = 32


class KeyVault:
    """A `Vault` over keys, newest first."""

    def __init__(self, keys: list[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])
        self._newest = keys[0]

    def seal(self, secret: str) -> str:
        """Encrypted with the newest key."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypted with whichever key fits. Raises Misconfigured where none does."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise Misconfigured(
                "A kept secret cannot be opened: HUB_SECRET_KEY must contain the key with which it was sealed."
            ) from error

    def derive(self, purpose: str) -> str:
        """A secret that all who share the newest key can make again without keeping it; 64 hexadecimal digits."""
        kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=f"hub {purpose}".encode())
        return kdf.derive(self._newest.encode()).hex()


def open_vault(secret_key: str, data_dir: Path) -> KeyVault:
    """The vault of an installation. `secret_key`: keys, newest first; empty: one made once in the data directory.

    A key in the data directory still opens what it sealed after HUB_SECRET_KEY is set.
    """
    given = [key for key in re.split(r"[\s,]+", secret_key) if key]
    if any(len(key) < _SHORTEST for key in given):
        raise Misconfigured(
            f"HUB_SECRET_KEY is too short: a key needs at least {_SHORTEST} characters, such as `openssl rand -hex 32`"
            " prints; several are separated by commas, the newest first."
        )
    kept = _kept(data_dir / KEY_FILE, make=not given)
    return KeyVault(given + kept)


def private_file(path: Path, text: str) -> str:
    """Makes a file that only its owner can read, unless it is there; gives what it holds; safe beside others."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.link(draft, path)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        draft.unlink()
    return text


def _kept(path: Path, *, make: bool) -> list[str]:
    if path.exists():
        return [path.read_text().strip()]
    return [private_file(path, secrets.token_hex(32))] if make else []


def _derived(key: str) -> bytes:
    raw = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"hub vault").derive(key.encode())
    return base64.urlsafe_b64encode(raw)
