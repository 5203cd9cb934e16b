"""Signing in: password, code, and the way back for who forgot the password."""

from __future__ import annotations

from aiohttp import web

from hub.errors import HubError
from hub.web.account.cookies import token_in
from hub.web.account.entering import asking
from hub.web.account.forms import CODE, EMAIL, PASSWORD
from hub.web.account.visit import Visit


async def sign_in_page(visit: Visit) -> web.Response:
    """The empty form; who is signed in already is asked again only where a chat account is to be tied."""
    link = visit.asked("link")
    signed_in = await visit.who()
    waits = visit.way.waiting
    if signed_in and not link and not waits:
        return visit.go("")
    email = visit.way.email if waits else signed_in[0].email if signed_in else ""
    values = {"email": email} if email else {}
    return visit.page("signin", {**await asking(visit, link), "values": values})


async def sign_in(visit: Visit) -> web.Response:
    """Address and password."""
    form = await visit.form(EMAIL, PASSWORD)
    link = token_in(form.hidden.get("link", ""))
    try:
        form.check()
        entered = await visit.reception.sign_in(form[EMAIL], form[PASSWORD], visit.browser, visit.origin, link)
    except HubError as error:
        return visit.page("signin", {**await asking(visit, link), "values": form.shown(PASSWORD)}, error)
    return await visit.enter(entered, link)


async def code_page(visit: Visit) -> web.Response:
    """Asks for the code, or for one of those kept for a lost phone."""
    if not visit.way.half:
        return visit.go("signin")
    return visit.page("code", {"recovery": visit.request.query.get("with", "") == "recovery"})


async def code(visit: Visit) -> web.Response:
    """The code."""
    form = await visit.form(CODE)
    way = visit.way
    if not way.half:
        return visit.go("signin")
    try:
        form.check()
        entered = await visit.reception.second(way.half, form[CODE], visit.browser, visit.origin)
    except HubError as error:
        return visit.page("code", {"recovery": form.hidden.get("with") == "recovery"}, error)
    return await visit.enter(entered, way.link)


async def forgot_page(visit: Visit) -> web.Response:
    """Asks for the address."""
    return visit.page("forgot", {"sent": ""})


async def forgot(visit: Visit) -> web.Response:
    """Says the same of every address."""
    form = await visit.form(EMAIL)
    try:
        form.check()
        await visit.reception.forgot(form[EMAIL], visit.origin)
    except HubError as error:
        return visit.page("forgot", {"sent": "", "values": form.values}, error)
    return visit.page("forgot", {"sent": form[EMAIL]})


async def reset_page(visit: Visit) -> web.Response:
    """Asks for the new password."""
    return visit.page("reset", {"token": visit.asked("token")})


async def reset(visit: Visit) -> web.Response:
    """The new password."""
    form = await visit.form(PASSWORD)
    token = token_in(form.hidden.get("token", ""))
    try:
        form.check()
        entered = await visit.reception.reset(token, form[PASSWORD], visit.browser, visit.origin)
    except HubError as error:
        return visit.page("reset", {"token": token}, error)
    return await visit.enter(
        entered, note="Your new password is set. Wherever else you were signed in, you are not now."
    )
