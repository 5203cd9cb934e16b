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
    """Where the logo is, if there is one."""
    return f"/account/logo/{organization}"


async def path_of(reception: Reception, organization: OrganizationId) -> str:
    """Where it is; empty: the organization has none."""
    has_one = organization and picture_kind(await reception.logo(organization)) is not None
    return path(organization) if has_one else ""


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
