"""Google's sign-in: whether it is set up, and would work."""

from __future__ import annotations

from hub.checkup.findings import Finding, Surroundings
from hub.errors import HubError
from hub.oidc import OpenId, google

_ABOUT = "Google sign-in"


async def google_sign_in(around: Surroundings) -> list[Finding]:
    """Whether its description and keys can be had; that it knows the client is seen with the first sign-in only."""
    settings = around.settings
    pair = (settings.google_client_id, settings.google_client_secret)
    if not any(pair):
        return [Finding("note", _ABOUT, "Off: HUB_GOOGLE_CLIENT_ID and HUB_GOOGLE_CLIENT_SECRET are not set.")]
    provider = google(settings)
    if provider is None:
        lacks = "HUB_GOOGLE_CLIENT_SECRET" if pair[0] else "HUB_GOOGLE_CLIENT_ID"
        return [Finding("wrong", _ABOUT, f"{lacks} is not set: the other is in vain without it.")]
    try:
        issuer = await OpenId(settings.custom_networks).check(provider)
    except HubError as error:
        return [Finding("wrong", _ABOUT, f"{error.text} Look at the network and HUB_GOOGLE_DISCOVERY_URL.")]
    back = f"{settings.public_url}/account/return/google"
    said = f"{issuer} answers. Its client must have {back} among its authorized redirect URIs."
    return [Finding("ok", _ABOUT, said)]
