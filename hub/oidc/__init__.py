"""OpenID Connect: asks Google, or an organization's own provider, who somebody is."""

from hub.oidc.client import OpenId
from hub.oidc.google import google

__all__ = ["OpenId", "google"]
