"""The asker's own account: who they are, the code at sign-in, where they are signed in, and leaving a chat. In private
only: an address, a key and codes are nobody else's to see.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Literal

import segno

from hub.admin_bot import lost_phone
from hub.admin_bot.arguments import Word
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.commands.people import sign_in_address, welcome
from hub.admin_bot.commands.workspaces import lines, mine, switches
from hub.admin_bot.greeting import sign_in_row
from hub.admin_bot.replies import Rows, grid
from hub.domain.accounts.browsers import browser_words
from hub.domain.accounts.models import Means, Session, User
from hub.domain.reply import Button, Reply, Value
from hub.domain.telling.wishes import words_of
from hub.domain.text import Text
from hub.errors import Ambiguous, NotFound, Refused

SECTION = "Account"
SHOWN = 10
_SHORT = 8
"""Signs of a sign-in's name that are shown, and that a button carries."""
_LEAST = 4
_MEANS: dict[Means, str] = {
    "password": "by password",
    "google": "by Google",
    "sso": "by your organization",
    "reset": "by a new password",
    "verify": "by mail",
    "chat": "by chat",
}


async def _me(call: Call) -> User | None:
    return await call.services.reception.whose(call.heard.asker.identity)


async def _somebody(call: Call) -> User:
    user = await _me(call)
    if user is None:
        raise NotFound("This chat account is signed in to nothing. /start begins.")
    return user


# -- who one is ------------------------------------------------------------------------------------------------------


@command(
    section=SECTION,
    permission="anyone",
    outside=True,
    private=True,
    scopes=["private"],
    usage="[name NAME | language LANGUAGE]",
)
async def me(call: Call, what: Literal["name", "language"] | None = None, words: Text | None = None) -> Reply:
    """Show your account and what is set up there; change your name."""
    user = await _me(call)
    if user is None:
        return await welcome(call)
    match what:
        case "name":
            return await _name(call, user, words)
        case "language":
            return await _language(call, user, words)
        case None:
            return await _profile(call, user)


async def _profile(call: Call, user: User) -> Reply:
    found, sessions = await mine(call, user), await call.services.reception.sessions(user.id)
    said: dict[str, Value] = {
        "name": user.name or call.heard.asker.name,
        "email": user.email,
        "language": user.language,
        "workspaces": lines(found),
        "second": user.second is not None,
        "recovery": len(user.second.recovery) if user.second else 0,
        "chats": [_chat(call, identity) for identity in user.identities],
        "ways": _ways(user),
        "sessions": len(sessions),
        **await _notices(call),
    }
    menu = (Button("Code at sign-in", "2fa"), Button("Sign-ins", "sessions"), Button("Log out here…", "logout"))
    told = ((Button("🔔 What you are told", "notify"),),) if said["told"] is not None else ()
    return Reply("me", said, rows=(*switches(found), menu, *told, *await _sign_in_rows(call, user)))


async def _notices(call: Call) -> dict[str, Value]:
    """What they are told in private of the workspace in use; None: they are in none."""
    if call.asker is None:
        return {"told": None, "quiet": "", "digest": ""}
    wanted = call.asker.notices
    told: list[Value] = [*words_of(wanted.off)]
    return {"told": told, "quiet": " to ".join(wanted.quiet or ()), "digest": wanted.digest}


async def _name(call: Call, user: User, words: Text | None) -> Reply:
    if words is None:
        return Reply("me_name", {"name": user.name}, ask="me name")
    renamed = await call.services.reception.rename(user.id, words.plain, call.heard.asker.identity)
    return Reply("me_named", {"name": renamed.name})


async def _language(call: Call, user: User, words: Text | None) -> Reply:
    if words is None:
        return Reply("me_language", {"language": user.language, "asked": True}, ask="me language")
    language = await call.services.reception.speak(user.id, words.plain)
    return Reply("me_language", {"language": language, "asked": False})


def _chat(call: Call, identity: str) -> Value:
    network, _, account = identity.partition(":")
    return {"network": network.title(), "account": account, "here": identity == call.heard.asker.identity}


def _ways(user: User) -> list[Value]:
    """How they can sign in by a browser."""
    by_mail: list[Value] = ["address and password"] if user.email and user.password else []
    return [*by_mail, *(subject.partition("|")[0] for subject in user.subjects)]


async def _sign_in_rows(call: Call, user: User) -> Rows:
    """Who has no address yet is led to where they get one."""
    return () if user.email else (sign_in_row(await sign_in_address(call)),)


# -- the code at sign-in ---------------------------------------------------------------------------------------------


async def _weigh_reset(call: Call, values: Mapping[str, object]) -> str:
    words = values.get("words")
    verb, _, name = words.plain.strip().partition(" ") if isinstance(words, Text) else ("", "", "")
    return await lost_phone.weigh(call, name.strip()) if verb.casefold() == "reset" else ""


@command(
    section=SECTION,
    permission="anyone",
    outside=True,
    private=True,
    scopes=["private"],
    name="2fa",
    usage="[CODE | off CODE | reset NAME]",
    fresh=("reset",),
    weigh=_weigh_reset,
)
async def second_factor(call: Call, words: Text | None = None) -> Reply:
    """Have a code of an authenticator app asked for when you sign in with your password, or no more."""
    user, reception = await _me(call), call.services.reception
    if user is None:
        return await welcome(call)
    origin, typed = call.heard.asker.identity, words.plain.split() if words else []
    if typed and typed[0].casefold() == "reset":
        return await lost_phone.reset(call, " ".join(typed[1:]))
    if typed and typed[0].casefold() == "off":
        if not (typed[1:] or await reception.second_kept_by(user.id)):
            raise Refused("Send me the code that the app shows now with it: /2fa off 123456.")
        await reception.drop_second(user.id, "".join(typed[1:]), origin)
        return Reply("second_off")
    if typed:
        codes: list[Value] = [*await reception.confirm(user.id, "".join(typed), origin)]
        return Reply("second_on", {"codes": codes, "kept_by": await reception.second_kept_by(user.id)})
    return await _second_state(call, user)


async def _second_state(call: Call, user: User) -> Reply:
    if user.second is not None:
        kept_by = await call.services.reception.second_kept_by(user.id)
        state: dict[str, Value] = {"since": user.second.since.isoformat(), "recovery": len(user.second.recovery)}
        return Reply("second_state", {**state, "kept_by": kept_by})
    proposal = await call.services.reception.propose(user.id)
    said: dict[str, Value] = {"key": proposal.key, "uri": proposal.uri, "email": user.email}
    return Reply("second_proposed", said, picture=_qr(proposal.uri))


def _qr(words: str) -> bytes:
    """A picture of the words, for a phone's camera."""
    picture = io.BytesIO()
    segno.make_qr(words, error="m").save(picture, kind="png", scale=8, border=4)
    return picture.getvalue()


# -- where one is signed in ------------------------------------------------------------------------------------------


@command(
    section=SECTION,
    permission="anyone",
    outside=True,
    private=True,
    scopes=["private"],
    usage="[end NAME | end all]",
)
async def sessions(call: Call, do: Literal["end"] | None = None, which: Word | None = None) -> Reply:
    """List the browsers where you are signed in, and end sign-ins."""
    user = await _somebody(call)
    if do is None:
        return await _session_list(call, user)
    if which is None:
        raise Refused("Which one? /sessions lists them; /sessions end all ends all of them.")
    return await _ended(call, user, which)


async def _session_list(call: Call, user: User) -> Reply:
    found = await call.services.reception.sessions(user.id)
    shown = found[:SHOWN]
    buttons = [_end(place, session) for place, session in enumerate(shown, 1)]
    rows = grid(buttons, 1) + (((Button("End all", "sessions end all"),),) if len(found) > 1 else ())
    said: list[Value] = [_session(session) for session in shown]
    return Reply("sessions", {"sessions": said, "more": len(found) - len(shown)}, rows=rows)


def _end(place: int, session: Session) -> Button:
    return Button(f"End {place}: {_browser(session)}", f"sessions end {session.id[:_SHORT]}")


async def _ended(call: Call, user: User, which: str) -> Reply:
    reception, origin = call.services.reception, call.heard.asker.identity
    if which.casefold() == "all":
        count = await reception.end_all(user.id, origin)
        return Reply("session_ended", {"count": count, "browser": ""})
    found = [s for s in await reception.sessions(user.id) if s.id.startswith(which.casefold())]
    if len(which) < _LEAST or not found:
        raise NotFound(f"No sign-in of yours is called “{which[:20]}”; perhaps it has ended. /sessions lists them.")
    if len(found) > 1:
        raise Ambiguous("That could be several of your sign-ins: write a little more of its name.")
    await reception.end(user.id, found[0].id, origin)
    return Reply("session_ended", {"count": 1, "browser": _browser(found[0])})


def _session(session: Session) -> Value:
    means, seen = _MEANS[session.means], session.seen_at.isoformat()
    return {"id": session.id[:_SHORT], "browser": _browser(session), "means": means, "seen": seen}


def _browser(session: Session) -> str:
    return browser_words(session.browser)


# -- leaving a chat --------------------------------------------------------------------------------------------------


@command(section=SECTION, permission="anyone", outside=True, private=True, scopes=["private"], usage="")
async def logout(call: Call, now: Literal["now"] | None = None) -> Reply:
    """Part this chat account from you; your account stays, and /start ties it again."""
    user = await _somebody(call)
    if now is None:
        return Reply("logout_sure", {"email": user.email}, rows=((Button("Log out here", "logout now"),),))
    await call.services.reception.untie(call.heard.asker.identity, call.heard.asker.identity)
    return Reply("logged_out", {"email": user.email})


COMMANDS = (me, second_factor, sessions, logout)
