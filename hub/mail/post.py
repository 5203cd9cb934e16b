"""Sends mail: by the SMTP server of the settings, or into a folder of the data directory."""

from __future__ import annotations

import asyncio
import logging
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from hub.domain.ids import new_id
from hub.domain.ports import Letter
from hub.errors import TemporaryFailure, Undeliverable
from hub.mail.writing import Writer
from hub.settings import Settings

log = logging.getLogger(__name__)

SECONDS = 10.0
"""For each step that the server is asked for."""
PAUSE = 1.0
"""Seconds before the one further try."""
_FOR_GOOD = 500
"""From this answer on the server says that trying again would be in vain."""


class Post:
    """Fulfils Mailer."""

    def __init__(self, settings: Settings) -> None:
        self._server = settings.smtp_url
        self._folder = settings.data_dir / "mail"
        self._writer = Writer(settings.sender)

    async def send(self, letter: Letter) -> None:
        """Raises TemporaryFailure or Undeliverable; never says what the mail holds."""
        mail = self._writer.write(letter)
        if not self._server:
            file = await asyncio.to_thread(_put, self._folder, mail)
            log.info("a mail (%s) was not sent, for HUB_SMTP_URL is not set: it is in %s", letter.template, file)
            return
        try:
            await self._hand_over(mail)
        except TemporaryFailure as error:
            log.warning("a mail (%s) could not be sent: %s; tried once more", letter.template, error.text)
            await asyncio.sleep(PAUSE)
            await self._hand_over(mail)

    async def _hand_over(self, mail: EmailMessage) -> None:
        try:
            await aiosmtplib.send(mail, **_how(self._server))
        except aiosmtplib.SMTPRecipientsRefused as error:
            said = error.recipients[0] if error.recipients else error
            raise _failure(said) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise _failure(error) from None


async def trouble(settings: Settings) -> str:
    """What is wrong with the server of the settings, in a sentence; empty where it answers and lets us in."""
    client = aiosmtplib.SMTP(**_how(settings.smtp_url))
    try:
        async with client:
            await client.noop()
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return _failure(error).text
    return ""


def _how(url: str) -> dict[str, Any]:
    """How the server is spoken to: smtps:// encrypts from the start; smtp:// does where the server offers it, or as
    `?starttls=yes` or `no` says.
    """
    parts = urlsplit(url)
    starttls = parse_qs(parts.query).get("starttls", [""])[0]
    login = {"username": unquote(parts.username or ""), "password": unquote(parts.password or "")}
    return {
        "hostname": parts.hostname,
        "port": parts.port or (465 if parts.scheme == "smtps" else 587),
        "use_tls": parts.scheme == "smtps",
        "start_tls": {"yes": True, "no": False}.get(starttls),
        "timeout": SECONDS,
        **(login if parts.username else {}),
    }


def _failure(error: object) -> TemporaryFailure | Undeliverable:
    """The server's own words, which hold no secret of ours."""
    code, words = getattr(error, "code", 0), str(getattr(error, "message", "") or type(error).__name__)
    said = f"The mail server said {code} {words}" if code else f"The mail server cannot be reached ({words})"
    kind = Undeliverable if isinstance(code, int) and code >= _FOR_GOOD else TemporaryFailure
    return kind(f"{said.rstrip('.')}.")


def _put(folder: Path, mail: EmailMessage) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{new_id()}.eml"
    file.touch(mode=0o600)
    file.write_bytes(mail.as_bytes())
    return file
