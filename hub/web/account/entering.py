"""Signing up: the form, the wait for the mail, and the mailed link."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from msgspec.structs import replace

from hub.domain.accounts import passwords
from hub.domain.accounts.reception import Application
from hub.errors import HubError
from hub.web.account import views
from hub.web.account.cookies import Way, token_in
from hub.web.account.forms import EMAIL, FIRST, LAST, PASSWORD, Form
from hub.web.account.visit import Visit


async def asking(visit: Visit, link: str) -> dict[str, Any]:
    """The link that somebody came by, and whom it ties; neither where it is not good any more."""
    found = await visit.reception.asking(link) if link else None
    spent = bool(link) and found is None
    return {
        "link": "" if spent else link,
        "asking": views.asking_words(found) if found else "",
        "spent": spent,
        "only": _only(visit),
        "google": visit.google_way("" if spent else link),
    }


def _only(visit: Visit) -> str:
    """Who may sign up, where that is not anyone."""
    wanted = visit.reception.policy.sign_up
    if wanted == "anyone":
        return ""
    if wanted == "invited":
        return "One can only sign up by invitation here: come by the link that you were given in your chat."
    return f"Sign up with your address at {' or '.join(wanted)}, or by the link that you were given in your chat."


async def sign_up_page(visit: Visit) -> web.Response:
    """The empty form; who is signed in already has nothing to do here."""
    link = visit.asked("link")
    if not link and await visit.who():
        return visit.go("")
    return visit.page("signup", await asking(visit, link))


async def sign_up(visit: Visit) -> web.Response:
    """Takes the application."""
    form = await visit.form(EMAIL, FIRST, LAST, PASSWORD)
    link = token_in(form.hidden.get("link", ""))
    try:
        form.check()
        pending = await visit.reception.sign_up(
            Application(
                email=form[EMAIL], first_name=form[FIRST], last_name=form[LAST], password=form[PASSWORD], link=link
            ),
            visit.origin,
        )
    except HubError as error:
        return visit.page("signup", await _again(visit, form, link), error)
    strength = await _strength(form)
    way = Way(ticket=pending.ticket, email=pending.email, strength=strength.score, strong=strength.words)
    return visit.go("check", way)


async def _again(visit: Visit, form: Form, link: str) -> dict[str, Any]:
    return {**await asking(visit, link), "values": form.shown(PASSWORD)}


async def _strength(form: Form) -> passwords.Strength:
    about = (form[EMAIL], form[FIRST], form[LAST])
    return await asyncio.to_thread(passwords.strength, form[PASSWORD], about)


# -- the wait for the mail --


async def check_page(visit: Visit) -> web.Response:
    """Says where the mail went, and what to do where it does not come."""
    return visit.page("check", _about(visit)) if visit.way.email else visit.go("signup")


async def check(visit: Visit) -> web.Response:
    """Mails again, or to another address."""
    form = await visit.form(EMAIL)
    if not visit.way.email:
        return visit.go("signup")
    try:
        form.check()
        if form.hidden.get("do") == "correct":
            return await _correct(visit, form[EMAIL])
        return await _resend(visit)
    except HubError as error:
        return visit.page("check", {**_about(visit), "values": form.values}, error)


async def _correct(visit: Visit, email: str) -> web.Response:
    pending = await visit.reception.correct(visit.way.ticket, email, visit.origin)
    note = f"The mail goes to {pending.email} now."
    return visit.go("check", replace(visit.way, ticket=pending.ticket, email=pending.email, note=note))


async def _resend(visit: Visit) -> web.Response:
    wait = await visit.reception.resend(visit.way.email, visit.origin, visit.way.ticket)
    note = f"The mail is on its way. If it does not come, another can be asked for in {views.span(wait)}."
    return visit.go("check", replace(visit.way, note=note))


def _about(visit: Visit) -> dict[str, Any]:
    return {"email": visit.way.email, "strength": visit.way.strength, "strong": visit.way.strong}


# -- the mailed link --


async def verify_page(visit: Visit) -> web.Response:
    """A button. The link alone does nothing, for there are programs that open every link of a mail."""
    return visit.page("verify", {"token": visit.asked("token")})


async def verify(visit: Visit) -> web.Response:
    """The address is theirs."""
    form = await visit.form()
    token = token_in(form.hidden.get("token", ""))
    try:
        form.check()
        entered = await visit.reception.verify(token, visit.browser, visit.origin)
    except HubError as error:
        return visit.page("verify", {"token": token}, error)
    return await visit.enter(entered, note=f"Welcome, {entered.user.first_name}. Your address is verified.")
