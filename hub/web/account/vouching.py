"""Signing in with Google, or with an organization's own provider: the way there, and back.

The way there is never the answer to a form: browsers hold a form's redirects to our own pages, by our own policy.
To Google leads a link that is good in one browser alone; to an organization's provider, a page that goes on by itself.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web
from msgspec.structs import replace

from hub.domain.accounts.reception import Return, Waiting
from hub.errors import HubError
from hub.web.account import logos
from hub.web.account.cookies import Way, token_in
from hub.web.account.entering import asking
from hub.web.account.forms import EMAIL, Foreign
from hub.web.account.visit import GOOGLE, Visit

_LONGEST_CODE = 2000


async def to_google(visit: Visit) -> web.Response:
    """Sends the browser there, if it was a page of ours that led it here."""
    link = visit.asked("link")
    try:
        if not visit.jar.brings_proof(visit.request.query.get("mark", ""), GOOGLE, link):
            raise Foreign
        departure = await visit.reception.to_google(link, visit.jar.browser, visit.origin)
    except HubError as error:
        return visit.page("signin", {**await asking(visit, link), "values": {}}, error)
    visit.jar.keep_way(Way(link=link))
    return web.Response(status=303, headers={"Location": departure.url})


async def organization_page(visit: Visit) -> web.Response:
    """Asks for the work address."""
    return visit.page("sso", await asking(visit, visit.asked("link")))


async def to_organization(visit: Visit) -> web.Response:
    """A page that goes on to the provider of the address's organization."""
    form = await visit.form(EMAIL)
    link = token_in(form.hidden.get("link", ""))
    try:
        form.check()
        departure = await visit.reception.to_organization(form[EMAIL], link, visit.jar.browser, visit.origin)
    except HubError as error:
        return visit.page("sso", {**await asking(visit, link), "values": form.values}, error)
    visit.jar.keep_way(Way(link=link))
    host = urlsplit(departure.url).hostname or ""
    logo = await logos.path_of(visit.reception, departure.organization_id)
    return visit.page("leaving", {"url": departure.url, "provider": departure.provider, "host": host, "logo": logo})


async def come_back(visit: Visit) -> web.Response:
    """Uses what the provider sent the browser back with."""
    link = visit.way.link
    try:
        came = await visit.reception.come_back(_returned(visit), visit.browser, visit.origin)
    except HubError as error:
        return visit.page("returned", {"link": link}, error)
    if isinstance(came, Waiting):
        return await _wait(visit, came, link)
    return await visit.enter(came, link)


async def _wait(visit: Visit, waiting: Waiting, link: str) -> web.Response:
    """They sign in as they do, unless they are signed in already."""
    here = await visit.who()
    if here is not None and here[0].email == waiting.email:
        note = await visit.reception.tie_vouched(waiting.ticket, here[0].id, visit.jar.browser, visit.origin)
        return visit.go("", Way(note=note))
    note = (
        f"{waiting.email} has an account already: sign in to it as you do,"
        f" and {waiting.provider}'s sign-in is tied to it."
    )
    way = replace(Way(link=link), waiting=waiting.ticket, email=waiting.email, note=note)
    return visit.go(f"signin?link={link}" if link else "signin", way)


def _returned(visit: Visit) -> Return:
    query = visit.request.query
    code = query.get("code", "")
    return Return(
        place=visit.request.match_info["place"],
        state=visit.asked("state"),
        mark=visit.jar.browser,
        code=code if code.isprintable() and len(code) <= _LONGEST_CODE else "",
        error=query.get("error", "")[:100],
    )
