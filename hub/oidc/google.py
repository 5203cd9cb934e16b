"""Google, as the settings name it."""

from __future__ import annotations

from hub.domain.ports.accounts import Provider
from hub.settings import Settings


def google(settings: Settings) -> Provider | None:
    """Google as a provider, where the operator has set it up."""
    if not (settings.google_client_id and settings.google_client_secret):
        return None
    return Provider(
        name="Google",
        client=settings.google_client_id,
        secret=settings.google_client_secret,
        discovery=settings.google_discovery_url,
        trusted=True,
    )
