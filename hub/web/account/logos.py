"""The logos of organizations, for the pages that are theirs: invitations and their own sign-in."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from hub.domain.accounts.reception import Reception
from hub.domain.ids import OrganizationId
from hub.domain.organizations import picture_kind
from hub.errors import Unavailable

_HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
}
"""What somebody has sent is never more than a picture."""


def path(organization: OrganizationId) -> str:
    """Where the logo is, for a page of ours; there may be none there."""
    return f"/account/logo/{organization}"


def showing(reception: Reception) -> Handler:
    """Serves them."""

    async def show(request: web.Request) -> web.Response:
        try:
            content = await reception.logo(OrganizationId(request.match_info["id"]))
        except Unavailable as error:
            return web.Response(status=503, text=error.text, headers={"Retry-After": "1"})
        kind = picture_kind(content)
        if kind is None:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type=kind, headers=_HEADERS)

    return show
