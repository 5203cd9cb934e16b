"""Coming by an invitation: what it is to, signing up or in for it, accepting; and the way to the bot."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from msgspec.structs import replace

from hub.domain.accounts.models import User
from hub.domain.accounts.reception import Application
from hub.domain.invitations import A_ROLE, Invited
from hub.errors import HubError, Refused
from hub.web.account import logos
from hub.web.account.cookies import Way, token_in
from hub.web.account.forms import FIRST, LAST, PASSWORD, Form
from hub.web.account.visit import Visit


async def page(visit: Visit) -> web.Response:
    """Who invites into what. The link alone does nothing; the browser remembers it until it is dealt with."""
    asked = visit.asked("token")
    token = asked or visit.jar.invitation
    try:
        invited = await _look(visit, token)
    except Refused as error:
        led_here = token and not asked and await visit.who()
        return _past(visit, error) if led_here else _sorry(visit, error)
    visit.jar.keep_invitation(token)
    here = await visit.who()
    return await _shown(visit, invited, here[0] if here else None, token)


async def answer(visit: Visit) -> web.Response:
    """Accepts, for who is signed in rightly, or signs up first."""
    form = await visit.form(FIRST, LAST, PASSWORD)
    token = token_in(form.hidden.get("token", ""))
    try:
        invited = await _look(visit, token)
    except Refused as error:
        return _sorry(visit, error)
    here = await visit.who()
    user = here[0] if here else None
    try:
        form.check()
        if form.hidden.get("do") == "signup":
            user = await _sign_up(visit, form, token)
        if user is None:
            return visit.go("signin")
        return await _accept(visit, user, token)
    except HubError as error:
        return await _shown(visit, invited, user, token, error, form)


async def chat_page(visit: Visit) -> web.Response:
    """How the bot is opened so that it knows them."""
    here = await visit.who()
    if here is None:
        return visit.go("signin")
    return visit.page("chat", {"ways": await visit.reception.ways(here[0].id), "user": here[0]})


async def _look(visit: Visit, token: str) -> Invited:
    if not token:
        raise Refused("That link is not whole. Open it from the mail again, or copy all of it.")
    return await visit.reception.invitations.look(token)


async def _sign_up(visit: Visit, form: Form, token: str) -> User:
    application = Application(email="", first_name=form[FIRST], last_name=form[LAST], password=form[PASSWORD], link="")
    entered = await visit.reception.sign_up_invited(token, application, visit.browser, visit.origin)
    await visit.enter(entered)
    return entered.user


async def _accept(visit: Visit, user: User, token: str) -> web.Response:
    accepted = await visit.reception.invitations.accept(token, user, visit.origin)
    visit.jar.keep_invitation("")
    note = f"You are {A_ROLE[accepted.role]} of {accepted.workspace} now."
    if accepted.before:
        note += f" In your chat you use it instead of {accepted.before}: /workspace {accepted.before} goes back there."
    if user.identities:
        return visit.go("", Way(note=f"{note} Go on in your chat; the bot has told you there."))
    return visit.go("chat", Way(note=note))


async def _shown(
    visit: Visit,
    invited: Invited,
    user: User | None,
    token: str,
    error: HubError | None = None,
    form: Form | None = None,
) -> web.Response:
    if user is None:
        step = "known" if invited.known else "new"
    else:
        step = "accept" if user.email == invited.email and user.verified_at else "other"
    data: dict[str, Any] = {
        "invited": invited,
        "role": A_ROLE[invited.role],
        "logo": await logos.path_of(visit.reception, invited.organization_id),
        "step": step,
        "token": token,
        "user": user,
        "values": {"email": invited.email, **(form.shown(PASSWORD) if form else {})},
        "google": visit.google_way("") if step in {"known", "new"} else "",
    }
    return visit.page("invitation", data, error)


def _past(visit: Visit, error: Refused) -> web.Response:
    """Who came back to it by signing in is signed in all the same, and told what became of it meanwhile."""
    visit.jar.keep_invitation("")
    return visit.go("", replace(visit.way, note=f"{visit.way.note} {error.text}".strip()))


def _sorry(visit: Visit, error: Refused) -> web.Response:
    """Too old, used, withdrawn, or not whole: and what to do."""
    visit.jar.keep_invitation("")
    return visit.page("message", {"title": "This invitation cannot be used", "text": ""}, error)
