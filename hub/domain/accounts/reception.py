"""The reception: signing up, in and out, chat accounts, the second factor. Pages and bots speak to this alone.

`origin`, wherever it is asked for, is where somebody comes from: the network address of a browser or a chat identity.
Who tries too often from one is slowed. `browser` is what a browser says it is.
"""

from __future__ import annotations

from hub.domain.accounts.forms import (
    Application,
    Asking,
    Entered,
    Faults,
    Half,
    Pending,
    Policy,
    Proposal,
    Unfit,
)
from hub.domain.accounts.joining import Joining
from hub.domain.accounts.models import Session, Trace, User
from hub.domain.accounts.passwords import Passwords
from hub.domain.accounts.second_factor import SecondFactors
from hub.domain.accounts.sessions import Sessions
from hub.domain.accounts.signing import SignIn, Signing
from hub.domain.accounts.surroundings import Enrol, Surroundings, nowhere
from hub.domain.accounts.throttling import Throttle
from hub.domain.accounts.tying import Tying
from hub.domain.ids import Identity, UserId
from hub.domain.ports.accounts import Greeter, Mailer, UserStore
from hub.domain.ports.directory import Clock, Directory, Vault

__all__ = [
    "Application",
    "Asking",
    "Entered",
    "Faults",
    "Half",
    "Pending",
    "Policy",
    "Proposal",
    "Reception",
    "Unfit",
]


class Reception:
    """All that somebody may do before and while being signed in. Says the same of addresses it knows and does not."""

    def __init__(  # noqa: PLR0913 - each is a port of its own
        self,
        users: UserStore,
        directory: Directory,
        vault: Vault,
        mailer: Mailer,
        greeter: Greeter,
        clock: Clock,
        policy: Policy,
        *,
        enrol: Enrol = nowhere,
    ) -> None:
        self.policy = policy
        self._around = Surroundings(users, directory, vault, mailer, greeter, clock, policy, enrol)
        throttle, passwords = Throttle(users), Passwords()
        self._tying = Tying(self._around)
        self._sessions = Sessions(self._around, self._tying, throttle)
        self._seconds = SecondFactors(self._around, throttle)
        self._joining = Joining(self._around, self._tying, throttle, passwords, self._sessions)
        self._signing = Signing(
            self._around, self._tying, throttle, passwords, self._sessions, self._seconds, self._joining
        )

    # -- signing up ----------------------------------------------------------------------------------------------------

    async def sign_up(self, application: Application, origin: str) -> Pending:
        """Takes an application and mails `verify`; to somebody who has an account already, `known` instead.

        Raises Unfit (fields email, first_name, last_name, password), TooMany, Refused where no mail can leave.
        """
        return await self._joining.sign_up(application, origin)

    async def resend(self, email: str, origin: str, ticket: str = "") -> float:
        """Mails `verify` again, if it is time; gives the seconds until the next may be asked for. Raises TooMany.

        `ticket`: of the Pending, so that what goes out is what was filled in on this page, not what somebody else
        filled in for the same address.
        """
        return await self._joining.resend(email, origin, ticket)

    async def correct(self, ticket: str, email: str, origin: str) -> Pending:
        """Another address for a sign-up. Raises Unfit (field email), Refused where the ticket is too old, TooMany."""
        return await self._joining.correct(ticket, email, origin)

    async def verify(self, token: str, browser: str, origin: str) -> Entered:
        """Uses what was mailed: the address is theirs, and they are signed in. Raises Refused, TooMany."""
        return await self._joining.verify(token, browser, origin)

    # -- signing in ----------------------------------------------------------------------------------------------------

    async def sign_in(self, email: str, password: str, browser: str, origin: str, link: str = "") -> Entered | Half:
        """Raises Refused, with one sentence whatever was wrong; TooMany, with the `seconds` to wait."""
        form = SignIn(email=email, password=password, link=link)
        return await self._signing.sign_in(form, browser, origin)

    async def second(self, ticket: str, code: str, browser: str, origin: str) -> Entered:
        """The other half: six digits from the app, or a recovery code. Raises Refused, TooMany."""
        return await self._signing.second(ticket, code, browser, origin)

    async def forgot(self, email: str, origin: str) -> None:
        """Mails `reset` where there is a verified user. Raises TooMany (by origin alone)."""
        await self._signing.forgot(email, origin)

    async def reset(self, token: str, password: str, browser: str, origin: str) -> Entered | Half:
        """A new password; all sessions end. Raises Unfit (field password; the link stays good), Refused, TooMany."""
        return await self._signing.reset(token, password, browser, origin)

    # -- sessions ------------------------------------------------------------------------------------------------------

    async def who(self, token: str) -> tuple[User, Session] | None:
        """Whose cookie it is; None: nobody's, or not any more."""
        return await self._sessions.who(token)

    async def leave(self, token: str, origin: str) -> None:
        """Signs this browser out; pages do it too with the cookie that was there before somebody signed in."""
        await self._sessions.leave(token, origin)

    async def sessions(self, user: UserId) -> list[Session]:
        """Where they are signed in, the newest first."""
        return await self._sessions.list(user)

    async def end(self, user: UserId, session: str, origin: str) -> None:
        """Ends one of theirs, by the id of a Session. Raises NotFound."""
        await self._sessions.end(user, session, origin)

    async def end_all(self, user: UserId, origin: str, but: str = "") -> int:
        """Ends all of theirs but the one with that id; how many."""
        return await self._sessions.end_all(user, origin, but)

    # -- chat accounts -------------------------------------------------------------------------------------------------

    async def whose(self, identity: Identity) -> User | None:
        """The user whose chat account it is."""
        return await self._tying.whose(identity)

    async def invite_in(self, identity: Identity, name: str, username: str) -> str:
        """A one-time link (15 minutes) that ties the chat account to whoever signs in or up by it.

        For a private chat only: pages carry it as `link`, and show whom `asking` names.
        """
        return await self._tying.invite(identity, name, username)

    async def asking(self, link: str) -> Asking | None:
        """Which chat account a link ties, without using it; None: not good any more."""
        return await self._tying.asking(link)

    async def untie(self, identity: Identity, origin: str) -> None:
        """Parts a chat account from its user. Raises Refused where it is their last way in, NotFound."""
        await self._tying.untie(identity, origin)

    # -- the second factor ---------------------------------------------------------------------------------------------

    async def propose(self, user: UserId) -> Proposal:
        """An authenticator app to be confirmed within an hour. Raises Refused where there is one, NotFound."""
        return await self._seconds.propose(user)

    async def confirm(self, user: UserId, code: str, origin: str) -> list[str]:
        """From now on a code is wanted. Gives ten recovery codes: shown once. Raises Refused, TooMany, NotFound."""
        return await self._seconds.confirm(user, code, origin)

    async def drop_second(self, user: UserId, code: str, origin: str) -> None:
        """No code is wanted any more; needs one. Raises Refused, TooMany, NotFound."""
        await self._seconds.drop(user, code, origin)

    async def fresh(self, user: UserId, code: str, origin: str) -> None:
        """Before something dangerous: uses up a code of those who have a second factor. Raises Refused, TooMany."""
        await self._seconds.fresh(user, code, origin)

    async def reset_second(self, of: UserId, by: UserId, origin: str) -> None:
        """For who lost the phone. Whether `by` may is for the caller to know. Raises NotFound."""
        await self._seconds.reset(of, by, origin)

    # -- what happened -------------------------------------------------------------------------------------------------

    async def traces(self, user: UserId, limit: int = 50) -> list[Trace]:
        """The newest audit events that concern a user, the newest first."""
        return await self._around.users.traces(user, limit)

    async def idle(self) -> None:
        """Returns when what was begun in the background (mail) is done: before the program ends, and in tests."""
        await self._around.errands.idle()
