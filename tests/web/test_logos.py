"""An organization's logo on the pages: a picture and nothing else, for whoever knows where it is."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession

from hub.domain.accounts.models import Organization
from hub.domain.ids import OrganizationId
from hub.web.account.logos import path
from tests.web.lobby import Lobby

PNG, JPEG = b"\x89PNG\r\n\x1a\n" + b"a picture", b"\xff\xd8\xff\xe0" + b"a picture"


async def kept(lobby: Lobby, name: str, logo: bytes) -> OrganizationId:
    """An organization with that logo."""
    organization = Organization(id=OrganizationId(name), name=name, logo=logo)
    await lobby.store.organizations.add(organization)
    return organization.id


@pytest.mark.parametrize(("name", "logo", "kind"), [("png1", PNG, "image/png"), ("jpeg1", JPEG, "image/jpeg")])
async def test_a_logo_is_shown_as_the_picture_it_is(lobby: Lobby, name: str, logo: bytes, kind: str) -> None:
    """With its type by its content, and rules that let nothing in it act."""
    id = await kept(lobby, name, logo)
    async with ClientSession() as http, http.get(lobby.url + path(id)) as answer:
        assert (answer.status, answer.content_type, await answer.read()) == (200, kind, logo)
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("logo", [b"", b"<svg onload='alert(1)'/>", b"GIF89a"])
async def test_what_is_no_picture_is_not_served(lobby: Lobby, logo: bytes) -> None:
    """Whatever a database may hold; nor is there anything where there is no such organization."""
    id = await kept(lobby, f"odd{len(logo)}", logo)
    async with ClientSession() as http:
        for where in (path(id), path(OrganizationId("nobody")), "/account/logo/..%2Fx"):
            async with http.get(lobby.url + where) as answer:
                assert answer.status == 404, where
                assert "onload" not in await answer.text()
