"""Signing in: password, code, and the way back in for who forgot the password. Says the same whatever was wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from hub.domain.accounts import passwords as rules
from hub.domain.accounts.fields import address
from hub.domain.accounts.forms import Entered, Half, Unfit
from hub.domain.accounts.joining import Joining
from hub.domain.accounts.models import Means, User
from hub.domain.accounts.passwords import Passwords
from hub.domain.accounts.second_factor import SecondFactors
from hub.domain.accounts.sessions import Sessions, code_account
from hub.domain.accounts.surroundings import Surroundings
from hub.domain.accounts.throttling import Throttle
from hub.domain.accounts.tying import Tying
from hub.domain.ids import UserId
from hub.errors import NotFound, Refused

RESET_SECONDS = 3600
HALF_SECONDS = 600
ASKED, ASKED_SECONDS = 20, 900.0
"""How often a new password may be asked for from one place."""
_NO_FIT = "That address and password do not fit together."
_UNVERIFIED = "Verify your address first: we have sent you the mail again; look into the spam folder too."
_AGAIN = "That took too long; sign in again."
_USED = "That link is not good any more; ask for a new one."


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody filled in to sign in."""

    email: str
    password: str
    link: str = ""


@dataclass(frozen=True)
class Signing:
    """Lets people in who have an account."""

    around: Surroundings
    tying: Tying
    throttle: Throttle
    passwords: Passwords
    sessions: Sessions
    seconds: SecondFactors
    joining: Joining

    async def sign_in(self, form: SignIn, browser: str, origin: str) -> Entered | Half:
        """Looks at the password first, whoever it is: what is said after that, only its owner reads."""
        user = await self._fitting(form, origin)
        asking = await self.tying.asking(form.link)
        identity = asking.identity if asking else ""
        if user.verified_at is None:
            await self.joining.remind(user, identity)
            raise Refused(_UNVERIFIED)
        if rules.stale(user.password):
            await self._rehash(user.id, user.password, form.password)
        entered = await self._pass(user, "password", browser, origin, identity)
        if isinstance(entered, Entered):
            await self.tying.spend(form.link)
        return entered

    async def second(self, ticket: str, code: str, browser: str, origin: str) -> Entered:
        """Uses a code for what a ticket stands for."""
        data = await self.around.held("code", ticket)
        user = await self.around.users.user(UserId(data["user"])) if data else None
        if data is None or user is None or data["stamp"] != _stamp(user) or user.second is None:
            raise Refused(_AGAIN)
        try:
            await self.seconds.use(user.id, code, origin, code_account(user.id))
        except Refused:
            await self.around.note("sign_in_failed", user.id, origin, reason="code")
            raise
        await self.around.directory.spend_token("code", ticket)
        means: Means = "reset" if data["means"] == "reset" else "password"
        return await self.sessions.enter(user, means, browser, origin, data["identity"])

    async def forgot(self, email: str, origin: str) -> None:
        """All that depends on whose address it is happens beside the answer."""
        await self.throttle.place("forgot", origin, ASKED, ASKED_SECONDS)
        self.around.errands.begin(self._send_reset(address(email)))

    async def reset(self, token: str, password: str, browser: str, origin: str) -> Entered | Half:
        """A password that cannot be taken does not use up the link."""
        data = await self.around.held("reset", token)
        user = await self.around.users.user(UserId(data["user"])) if data else None
        if data is None or user is None or data["stamp"] != _stamp(user):
            raise Refused(_USED)
        about = (user.email, user.first_name, user.last_name, self.around.policy.brand)
        fault = await self.passwords.fault(password, about)
        if fault:
            raise Unfit({"password": fault})
        user = await self._changed(user.id, data["stamp"], await self.passwords.hash(password))
        await self.around.directory.spend_token("reset", token)
        await self.sessions.end_all(user.id, origin)
        await self.throttle.know(user.email, origin)
        await self.throttle.forgive(user.email, origin)
        await self.around.note("password_changed", user.id, origin, means="reset")
        self.around.errands.begin(self.around.warn("changed", user, url=self.around.page("forgot")))
        return await self._pass(user, "reset", browser, origin, "")

    async def _fitting(self, form: SignIn, origin: str) -> User:
        """Whose address and password they are. Raises Refused and TooMany, the same whether there is such a user."""
        email = address(form.email)
        account = email or form.email.strip().lower()
        await self.throttle.admit(account, origin)
        user = await self.around.users.by_email(email)
        fits = await self.passwords.fits(user.password if user else "", form.password)
        if user is None or not fits:
            reason = "password" if user else "address"
            await self.around.note("sign_in_failed", user.id if user else None, origin, reason=reason)
            raise Refused(_NO_FIT)
        await self.throttle.right(account, origin)
        return user

    async def _pass(self, user: User, means: Means, browser: str, origin: str, identity: str) -> Entered | Half:
        if user.second is None:
            return await self.sessions.enter(user, means, browser, origin, identity)
        data = {"user": user.id, "means": means, "identity": identity, "stamp": _stamp(user)}
        return Half(ticket=await self.around.directory.issue_token("code", data, HALF_SECONDS))

    async def _rehash(self, id: UserId, old: str, password: str) -> None:
        fresh = await self.passwords.hash(password)

        def keep(user: User) -> None:
            user.password = fresh if user.password == old else user.password

        await self.around.users.change(id, keep)

    async def _send_reset(self, email: str) -> None:
        user = await self.around.users.by_email(email)
        if user is None or user.verified_at is None:
            return
        data = {"user": user.id, "stamp": _stamp(user)}
        token = await self.around.directory.issue_token("reset", data, RESET_SECONDS)
        await self.around.write("reset", user, url=self.around.page("reset", token), lasts="one hour")

    async def _changed(self, id: UserId, stamp: str, hash: str) -> User:
        def keep(user: User) -> User:
            if _stamp(user) != stamp:
                raise Refused(_USED)
            user.password = hash
            return user

        try:
            return await self.around.users.change(id, keep)
        except NotFound as error:
            raise Refused(_USED) from error


def _stamp(user: User) -> str:
    """What changes when the address or password does: links and tickets given out before are void then."""
    return hashlib.sha256(f"{user.email}|{user.password}".encode()).hexdigest()[:32]
