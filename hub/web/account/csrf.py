"""What proves that a form was opened in the browser that hands it in, and that a value was put into it by us."""

from __future__ import annotations

import hashlib
import hmac


class Seals:
    """Makes and checks the proofs. `key`: the same for all processes of an installation, and secret."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def mark(self, purpose: str, *parts: str) -> str:
        """64 hexadecimal digits that nobody without the key can make; others for each purpose and each of the parts."""
        told = [part.encode(errors="replace") for part in (purpose, *parts)]
        whole = b"".join(len(part).to_bytes(4) + part for part in told)  # so that no two lists read the same
        return hmac.new(self._key, whole, hashlib.sha256).hexdigest()

    def fits(self, given: str, purpose: str, *parts: str) -> bool:
        """Whether that is the mark; takes as long for every wrong one."""
        return hmac.compare_digest(given.encode(errors="replace"), self.mark(purpose, *parts).encode())
