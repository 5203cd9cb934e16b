"""The page of who is signed in: who they are here, in which chats and browsers, and the way out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from hub.domain.accounts.models import Session, User
from hub.domain.accounts.reception import Unfit
from hub.domain.ids import Identity
from hub.errors import HubError, NotFound
from hub.web.account.cookies import Way
from hub.web.account.forms import Field
from hub.web.account.visit import Visit

_SESSION, _CHAT = Field("session", 200), Field("chat", 200)
_OTHERS = "others"
Here = tuple[User, Session]


async def own_page(visit: Visit) -> web.Response:
    """Who they are here; who is not signed in is led back to what they have begun."""
    here = await visit.who()
    if here:
        return await _page(visit, here)
    step = _begun(visit)
    return visit.go(step) if step else _out(visit)


def _begun(visit: Visit) -> str:
    """The page where somebody goes on who has begun to sign in or up; empty: they have not."""
    if visit.way.half:
        return "code"
    if visit.jar.invitation:
        return "invitation"
    return "check" if visit.way.ticket else ""


async def end(visit: Visit) -> web.Response:
    """Ends a session of theirs, or all but this one."""
    form = await visit.form(_SESSION)

    async def deed(user: User, here: Session) -> str:
        wanted = form[_SESSION]
        if wanted == _OTHERS:
            await visit.reception.end_all(user.id, visit.origin, here.id)
            return "You are signed in nowhere else now."
        await visit.reception.end(user.id, wanted, visit.origin)
        return "That session is ended."

    return await _do(visit, form.check, deed)


async def part(visit: Visit) -> web.Response:
    """Parts a chat account from them."""
    form = await visit.form(_CHAT)

    async def deed(user: User, _: Session) -> str:
        chat = next((each for each in user.identities if each == form[_CHAT]), Identity(""))
        if chat:
            await visit.reception.untie(chat, visit.origin)
        return "That chat account is not yours here any more."

    return await _do(visit, form.check, deed)


async def sign_out(visit: Visit) -> web.Response:
    """The browser is nobody's any more."""
    form = await visit.form()
    here = await visit.who()
    if here is None:
        return _out(visit)
    try:
        form.check()
    except HubError as error:
        return await _page(visit, here, error)
    await visit.reception.leave(visit.jar.session, visit.origin)
    return _out(visit, "You are signed out.")


async def _do(visit: Visit, check: Callable[[], None], deed: Callable[[User, Session], Awaitable[str]]) -> web.Response:
    here = await visit.who()
    if here is None:
        return _out(visit)
    try:
        check()
        note = await deed(*here)
    except Unfit:  # no field that a person fills in
        return await _page(visit, here, NotFound())
    except HubError as error:
        return await _page(visit, here, error)
    return visit.go("", Way(note=note))


def _out(visit: Visit, note: str = "") -> web.Response:
    if visit.jar.session:
        visit.jar.sign_out()
    return visit.go("signin", Way(note=note))


async def _page(visit: Visit, here: Here, error: HubError | None = None) -> web.Response:
    user, session = here
    sessions = await visit.reception.sessions(user.id)
    wanting = await visit.reception.missing_second(user)
    return visit.page("own", {"user": user, "here": session.id, "sessions": sessions, "wanting": wanting}, error)
