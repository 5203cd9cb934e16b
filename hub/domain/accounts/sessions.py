"""Sessions of browsers: opened anew at each sign-in, listed, ended. A session's token is kept as a hash only."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from hub.domain.accounts.forms import Entered
from hub.domain.accounts.models import Means, Session, User
from hub.domain.accounts.surroundings import Surroundings, clean
from hub.domain.accounts.throttling import Throttle
from hub.domain.accounts.tying import Tied, Tying
from hub.domain.ids import Identity, OrganizationId, UserId
from hub.errors import NotFound

SESSION_DAYS = 30
VOUCHED_DAYS = 1
_NONE = OrganizationId("")


class Sessions:
    """Who is signed in where."""

    def __init__(self, around: Surroundings, tying: Tying, throttle: Throttle) -> None:
        self._around = around
        self._users = around.users
        self._tying = tying
        self._throttle = throttle

    async def enter(
        self,
        user: User,
        means: Means,
        browser: str,
        origin: str,
        identity: str,
        *,
        organization: OrganizationId = _NONE,
    ) -> Entered:
        """Signs somebody in who has proved who they are, and ties the chat account that asked, if any.

        `organization`: whose provider vouched, where one did; that is asked again every day.
        """
        tied = Tied(user=user)
        if identity:
            tied = await self._tying.tie(user, Identity(identity), origin, foretold=means == "verify")
        token = secrets.token_urlsafe(32)
        moment = self._around.clock()
        session = Session(
            id=hashed(token),
            user=tied.user.id,
            means=means,
            created_at=moment,
            seen_at=moment,
            ends_at=moment + timedelta(days=VOUCHED_DAYS if organization else SESSION_DAYS),
            browser=clean(browser),
            organization=organization,
        )
        await self._users.open(session)
        for account in (tied.user.email, code_account(tied.user.id)):
            await self._throttle.know(account, origin)
        await self._around.note("signed_in", tied.user.id, origin, means=means)
        return Entered(token=token, user=tied.user, linked=tied.linked, remark=tied.remark)

    async def who(self, token: str) -> tuple[User, Session] | None:
        """Whose cookie it is; None: nobody's, or not any more."""
        session = await self._users.session(hashed(token)) if token else None
        user = await self._users.user(session.user) if session else None
        if user is None or session is None or _beyond(session, user):
            return None
        return user, session

    async def leave(self, token: str, origin: str) -> None:
        """Signs this browser out; where nobody is signed in, it is done already."""
        session = await self._users.session(hashed(token))
        if session is not None:
            await self._end(session, origin)

    async def list(self, user: UserId) -> list[Session]:
        """Where they are signed in, the newest first."""
        return await self._users.sessions(user)

    async def end(self, user: UserId, session: str, origin: str) -> None:
        """Ends one of theirs. Raises NotFound for anybody else's."""
        found = next((one for one in await self._users.sessions(user) if one.id == session), None)
        if found is None:
            raise NotFound("That sign-in has ended already.")
        await self._end(found, origin)

    async def end_all(self, user: UserId, origin: str, but: str = "") -> int:
        """Ends all of theirs but that one; how many."""
        ended = await self._users.end_all(user, but)
        if ended:
            await self._around.note("session_ended", user, origin, sessions=str(ended))
        return ended

    async def _end(self, session: Session, origin: str) -> None:
        await self._users.end(session.id)
        await self._around.note("session_ended", session.user, origin, means=session.means)


def _beyond(session: Session, user: User) -> bool:
    """Whether an organization's provider vouched for somebody who is in another one too, of which it has no say."""
    return bool(session.organization and set(user.organizations) - {session.organization})


def hashed(token: str) -> str:
    """Tokens are long and random, so that a plain hash of one cannot be turned back."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def code_account(user: UserId) -> str:
    """Under what name a user's codes are counted at sign-in."""
    return f"code|{user}"
