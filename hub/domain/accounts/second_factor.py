"""The second factor of a user: set up, asked for, taken off. Each code is good once, also when it is tried twice at the
same moment: what is used up is kept in the same change that looks at it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from hub.domain.accounts import codes
from hub.domain.accounts.forms import Proposal
from hub.domain.accounts.models import SecondFactor, User
from hub.domain.accounts.surroundings import Surroundings
from hub.domain.accounts.throttling import Throttle
from hub.domain.ids import UserId
from hub.errors import NotFound, Refused

PROPOSAL_SECONDS = 3600
STRANGERS = 10
"""Codes that are let in from where somebody never signed in: three in a million are right at any moment."""
_WRONG = "That code is not right, or was used already; type the one that the app shows now."
_NONE = "Signing in with a code is off already."
_ON = "Signing in with a code is on already; switch it off with a code first."
_NOT_SHOWN = "Ask for the picture first; it can be confirmed for an hour."


class SecondFactors:
    """Authenticator apps and recovery codes."""

    def __init__(self, around: Surroundings, throttle: Throttle) -> None:
        self._around = around
        self._users = around.users
        self._throttle = throttle

    async def propose(self, user: UserId) -> Proposal:
        """A new seed, to be confirmed."""
        seed = codes.new_seed()
        draft = SecondFactor(seed=self._around.vault.seal(seed), since=self._around.clock())

        def keep(found: User) -> str:
            if found.second is not None:
                raise Refused(_ON)
            found.draft = draft
            return found.email or found.name or found.username

        account = await self._users.change(user, keep)
        return Proposal(uri=codes.uri(seed, account, self._around.policy.brand), key=seed)

    async def confirm(self, user: UserId, code: str, origin: str) -> list[str]:
        """The app shows the right codes: from now on they are asked for."""
        recovery = codes.new_recovery()
        moment = self._around.clock()
        await self._throttle.admit(_steps(user), origin)
        found = await self._users.change(user, lambda found: self._confirmed(found, code, moment, recovery))
        await self._throttle.right(_steps(user), origin)
        await self._around.note("second_on", user, origin)
        self._tell(found, "on")
        return recovery

    def _confirmed(self, user: User, code: str, moment: datetime, recovery: list[str]) -> User:
        draft = user.draft
        if user.second is not None:
            raise Refused(_ON)
        if draft is None or draft.since + timedelta(seconds=PROPOSAL_SECONDS) <= moment:
            raise Refused(_NOT_SHOWN)
        step = codes.step_of(self._around.vault.open(draft.seed), code, moment, draft.step)
        if step is None:
            raise Refused(_WRONG)
        hashes = [codes.hashed(one) for one in recovery]
        user.second = SecondFactor(seed=draft.seed, since=moment, step=step, recovery=hashes)
        user.draft = None
        return user

    async def drop(self, user: UserId, code: str, origin: str) -> None:
        """Takes it off, by a code."""
        await self.use(user, code, origin, _steps(user))

        def off(found: User) -> User:
            found.second = None
            return found

        found = await self._users.change(user, off)
        await self._around.note("second_off", user, origin)
        self._tell(found, "off")

    async def fresh(self, user: UserId, code: str, origin: str) -> None:
        """Wants a code of those who have a second factor."""
        found = await self._users.user(user)
        if found is None:
            raise NotFound("There is no such user.")
        if found.second is not None:
            await self.use(user, code, origin, _steps(user))

    async def reset(self, of: UserId, by: UserId, origin: str, fault: Callable[[User], str]) -> User:
        """Takes it off without a code, for who lost the phone, unless something speaks against it."""

        def off(found: User) -> User:
            why_not = fault(found)
            if why_not:
                raise Refused(why_not)
            if found.second is None:
                raise Refused(_NONE)
            found.second = found.draft = None
            return found

        found = await self._users.change(of, off)
        await self._around.note("second_reset", of, origin, by=by)
        self._tell(found, "reset")
        return found

    async def use(self, user: UserId, code: str, origin: str, account: str) -> None:
        """Uses up a code, or a recovery code. `account`: under what name its tries are counted."""
        await self._throttle.admit(account, origin, STRANGERS)
        moment = self._around.clock()
        try:
            found, left = await self._users.change(user, lambda found: (found, self._used(found, code, moment)))
        except Refused:
            await self._around.note("code_refused", user, origin)
            raise
        await self._throttle.right(account, origin)
        if left is not None:
            await self._around.note("recovery_used", user, origin, left=str(left))
            self._tell(found, "recovery", left=str(left))

    def _tell(self, user: User, what: str, left: str = "") -> None:
        """Mails them what became of their second factor: whoever else did it, they hear of it."""
        if user.email and user.verified_at:
            url = self._around.page("forgot")
            self._around.errands.begin(self._around.warn("second", user, what=what, left=left, url=url))

    def _used(self, user: User, code: str, moment: datetime) -> int | None:
        """How many recovery codes are left, where one was used."""
        second = user.second
        if second is None:
            raise Refused(_NONE)
        step = codes.step_of(self._around.vault.open(second.seed), code, moment, second.step)
        if step is not None:
            second.step = step
            return None
        hash = codes.recovery_of(code, second.recovery)
        if hash is None:
            raise Refused(_WRONG)
        second.recovery.remove(hash)
        return len(second.recovery)


def _steps(user: UserId) -> str:
    """Not under the name that sign-ins are counted by: strangers who try there do not slow who is signed in."""
    return f"steps|{user}"
