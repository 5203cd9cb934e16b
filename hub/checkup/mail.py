"""Mail: whether it can leave."""

from __future__ import annotations

from urllib.parse import urlsplit

from hub.checkup.findings import Finding, Surroundings
from hub.mail import trouble


async def mail(around: Surroundings) -> list[Finding]:
    """The server is spoken to as for a mail, and none is sent."""
    settings = around.settings
    if not settings.smtp_url:
        where = settings.data_dir / "mail"
        said = f"HUB_SMTP_URL is not set: mails are not sent but put into {where}, where nobody signing up sees them."
        return [Finding("note", "mail", said)]
    host = urlsplit(settings.smtp_url).hostname
    wrong = await trouble(settings)
    if wrong:
        return [Finding("wrong", "mail", f"{wrong} Look at HUB_SMTP_URL ({host}).")]
    return [Finding("ok", "mail", f"{host} takes mail; it comes from {settings.sender}.")]
