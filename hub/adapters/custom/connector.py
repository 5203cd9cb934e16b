"""Makes custom channels: asks a customer's system who it is, which also shows that both sides sign alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from hub.adapters.custom.address import checked, host
from hub.adapters.custom.channel import CustomChannel, SystemSecret
from hub.adapters.custom.errors import delivery_error, sentence
from hub.adapters.custom.system import ANSWER_SECONDS, Garbled, RefusedBySystem, System
from hub.domain.ports import Account
from hub.errors import Refused
from hub.reach import out_of_reach
from hub.settings import Settings

_SECRET = re.compile(r"[!-~]{16,200}")
_LONGEST = 100
_PONG = 'a ping with 200 and {"ok": true, "name": "…", "id": "…"}'
_PUBLIC = (
    "The system can only call a hub that has an address: set HUB_PUBLIC_URL to it and start the hub again, or nothing"
    " will arrive."
)


class CustomConnector:
    """Fulfils Connector."""

    network = "custom"
    guides = (
        "The address at which your own system hears what your team answers, with https.",
        "16 to 200 signs that your system knows too, so that each believes the other; openssl rand -hex 32 makes one.",
    )

    def __init__(self, settings: Settings, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Waits `answer_seconds` for answers."""
        self._public_url = settings.public_url
        self._networks = settings.custom_networks
        self._answer_seconds = answer_seconds

    @property
    def usage(self) -> str:
        """The address that the hub calls, and the secret that both sides sign with."""
        return "URL SECRET"

    async def examine(self, words: Sequence[str]) -> tuple[Account, str]:
        """Pings the system. Raises Refused in one sentence, which never holds the secret or the address."""
        kept = self._read(words)
        system = System(kept.url, kept.secret, self._answer_seconds, self._networks)
        try:
            pong = await system.post({"type": "ping"})
        except Exception as error:  # noqa: BLE001 - whatever a client raises on odd answers
            raise _refused(error, kept.secret) from None
        finally:
            await system.close()
        problems = () if self._public_url else (_PUBLIC,)
        id, name = _introduced(pong)
        # The host is part of it, for systems name themselves, and two may do so alike.
        account = Account(id=f"{id}@{host(kept.url)}", name=name, problems=problems)
        return account, msgspec.json.encode(kept).decode()

    def connect(self, secret: str, hook_secret: str) -> CustomChannel:
        """The channel for a kept secret; calls in both directions are signed with the system's own."""
        del hook_secret
        kept = msgspec.json.decode(secret, type=SystemSecret)
        return CustomChannel(kept, self._answer_seconds, self._networks)

    def _read(self, words: Sequence[str]) -> SystemSecret:
        if len(words) != 2:
            raise Refused(f"Write {self.usage}, with a space between: where your system is called, and a secret.")
        url, secret = checked(words[0]), words[1]
        if not _SECRET.fullmatch(secret):
            raise Refused(
                "The second word must be a secret of 16 to 200 letters, digits or signs, without accents; one is made"
                " by: openssl rand -hex 32."
            )
        return SystemSecret(url, secret)


def _introduced(pong: dict[str, object]) -> tuple[str, str]:
    id, name = pong.get("id"), pong.get("name")
    named = isinstance(id, str | int) and not isinstance(id, bool) and isinstance(name, str)
    if pong.get("ok") is not True or not named or not _one_line(id) or not _one_line(name):
        raise Refused(f"The system answers, but not as it should: it must answer {_PONG}.")
    return _one_line(id), _one_line(name)


def _one_line(value: object) -> str:
    return " ".join(str(value).encode("utf-8", "replace").decode().split())[:_LONGEST]


def _refused(error: Exception, secret: str) -> Refused:
    if isinstance(error, Garbled):
        return Refused(f"What answers there is no JSON object: your system must answer {_PONG}.")
    if isinstance(error, RefusedBySystem):
        return _refused_by_it(error, secret)
    if out_of_reach(error):
        return Refused(
            "This hub does not call that address, for it leads into a private network: give one that is on the public"
            " internet, or ask the hub's operator to allow yours by HUB_CUSTOM_NETWORKS."
        )
    why = delivery_error(error, secret, repeatable=True).text.partition("; it will")[0]
    return Refused(f"{why}: see whether it runs and can be reached from here, then send it again.")


def _refused_by_it(error: RefusedBySystem, secret: str) -> Refused:
    if error.status in (401, 403):
        return Refused("The system does not accept the signature: it must know the same secret, and the right time.")
    if error.status in (404, 405):
        return Refused(f"Nothing takes calls at that address ({error.status}): your system must answer {_PONG}.")
    if error.status in range(300, 400):
        return Refused("That address leads elsewhere: give the one that it leads to.")
    return Refused(f"The system answers a ping with {error.status}: {sentence(error.message, secret)}")
