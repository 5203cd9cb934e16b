"""The reception: signing up, in and out, chat accounts, the second factor. Pages and bots speak to this alone.

`origin`, wherever it is asked for, is where somebody comes from: the network address of a browser or a chat identity.
Who tries too often from one is slowed. `browser` is what a browser says it is.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from hub.domain.accounts import naming
from hub.domain.accounts.demanding import Demands
from hub.domain.accounts.forms import (
    Application,
    Asking,
    Departure,
    Entered,
    Faults,
    Half,
    Pending,
    Policy,
    Proposal,
    Trust,
    Unfit,
    Waiting,
)
from hub.domain.accounts.joining import Joining
from hub.domain.accounts.models import OrganizationRole, Session, SingleSignOn, Trace, User
from hub.domain.accounts.passwords import Passwords
from hub.domain.accounts.second_factor import SecondFactors
from hub.domain.accounts.sessions import Sessions
from hub.domain.accounts.signing import SignIn, Signing
from hub.domain.accounts.stepping import StepUp
from hub.domain.accounts.surroundings import Enrol, Surroundings, nowhere
from hub.domain.accounts.throttling import Throttle
from hub.domain.accounts.trusting import Trusting
from hub.domain.accounts.tying import Tying
from hub.domain.accounts.vouching import Outside, Return, Vouching
from hub.domain.ids import Identity, OrganizationId, UserId
from hub.domain.invitations import Invitations, Premises, Way
from hub.domain.ports.accounts import Greeter, Mailer, OrganizationStore, UserStore
from hub.domain.ports.directory import Clock, Directory, Vault
from hub.domain.reply import Reply
from hub.errors import Refused

__all__ = [
    "Application",
    "Asking",
    "Departure",
    "Entered",
    "Faults",
    "Half",
    "Outside",
    "Pending",
    "Policy",
    "Proposal",
    "Reception",
    "Return",
    "Trust",
    "Unfit",
    "Waiting",
]


TIE_SECONDS = 3600.0
_NOT_HERE = "Signing in that way is not set up here."


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
        premises: Premises | None = None,
        outside: Outside | None = None,
        organizations: OrganizationStore | None = None,
    ) -> None:
        """`outside`: the providers that vouch for people; None: nobody does."""
        self.policy = policy
        self._around = Surroundings(users, directory, vault, mailer, greeter, clock, policy, enrol)
        throttle, passwords = Throttle(users), Passwords()
        self._premises = premises or Premises()
        self.invitations = Invitations(self._around, self._premises)
        self._tying = Tying(self._around)
        self._sessions = Sessions(self._around, self._tying, throttle)
        self._seconds = SecondFactors(self._around, throttle)
        self._step_up = StepUp(self._around, self._seconds)
        self._demands = Demands(organizations)
        self._organizations = organizations
        self._joining = Joining(self._around, self._tying, throttle, passwords, self._sessions)
        self._signing = Signing(
            self._around, self._tying, throttle, passwords, self._sessions, self._seconds, self._joining
        )
        parts = (self._around, self._tying, throttle, self._sessions, self._joining)
        self._vouching = Vouching(*parts, outside) if outside else None
        self._trusting = Trusting(self._around, outside.organizations, outside.vouchers) if outside else None

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

    async def sign_up_invited(self, token: str, application: Application, browser: str, origin: str) -> Entered:
        """Signs up whom an invitation's link reached: at the invited address, which the link proves, and at once.

        Raises Unfit (fields first_name, last_name, password), Refused, TooMany.
        """
        invited = await self.invitations.look(token)
        return await self._joining.come(replace(application, email=invited.email), browser, origin)

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

    # -- by a provider's word ------------------------------------------------------------------------------------------

    @property
    def google(self) -> bool:
        """Whether one can sign in with Google here."""
        return self._vouching is not None and self._vouching.google

    async def to_google(self, link: str, mark: str, origin: str) -> Departure:
        """Where to send the browser. `mark`: what this browser alone has. Raises Refused, Unavailable, TooMany."""
        return await self._vouches.to_google(link, mark, origin)

    async def to_organization(self, email: str, link: str, mark: str, origin: str) -> Departure:
        """Where to send the browser of who has that address. Raises Unfit (field email), Unavailable, TooMany."""
        return await self._vouches.to_organization(email, link, mark, origin)

    async def come_back(self, back: Return, browser: str, origin: str) -> Entered | Waiting:
        """What came of it; no code is asked for. Raises Refused, NotGenuine, Unavailable, each with one sentence."""
        return await self._vouches.come_back(back, browser, origin)

    async def tie_vouched(self, ticket: str, user: UserId, mark: str, origin: str) -> str:
        """After whoever waited has signed in in this browser; a sentence of what came of it."""
        return await self._vouches.tie(ticket, user, mark, origin)

    def return_address(self, organization: OrganizationId) -> str:
        """The address that an organization's provider must be told to send people back to (redirect URI)."""
        return self._around.page(f"return/{organization}")

    async def set_sso(self, organization: OrganizationId, trust: Trust, by: UserId, origin: str) -> SingleSignOn:
        """Keeps an organization's provider, switched on, once its description was fetched and fits.

        Whether `by` may is for the caller to know (an admin of the organization). Raises Unfit (fields client, secret,
        domains), Invalid (the issuer is no address), Taken (another organization has the domain), Unavailable,
        NotGenuine, NotFound: each text can be shown.
        """
        return await self._trusts.keep(organization, trust, by, origin)

    async def switch_sso(self, organization: OrganizationId, on: bool, by: UserId, origin: str) -> int:
        """Switches it on or off; off ends its sessions, and gives how many. Raises Refused where none is set, Unfit."""
        return await self._trusts.switch(organization, on, by, origin)

    @property
    def _vouches(self) -> Vouching:
        if self._vouching is None:
            raise Refused(_NOT_HERE)
        return self._vouching

    @property
    def _trusts(self) -> Trusting:
        if self._trusting is None:
            raise Refused(_NOT_HERE)
        return self._trusting

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

    async def ways(self, user: UserId) -> tuple[Way, ...]:
        """How a user opens the bot so that the chat account they do it with is theirs: each way once, for an hour."""
        token = await self._around.directory.issue_token("tie", {"user": user}, TIE_SECONDS)
        return tuple(self._premises.ways(token))

    async def tie_by(self, token: str, identity: Identity, origin: str) -> bool:
        """Ties a chat account by what a page gave its user, who is greeted there. False: the token is not good.

        Raises Refused where the chat account is somebody's.
        """
        return await self._tying.tie_by(token, identity, origin)

    async def untie(self, identity: Identity, origin: str) -> None:
        """Parts a chat account from its user. Raises Refused where it is their last way in, NotFound."""
        user = await self._tying.whose(identity)
        await self._tying.untie(identity, origin)
        if user is not None:
            await self._step_up.end(user, identity)

    # -- the second factor ---------------------------------------------------------------------------------------------

    async def propose(self, user: UserId) -> Proposal:
        """An authenticator app to be confirmed within an hour. Raises Refused where there is one, NotFound."""
        return await self._seconds.propose(user)

    async def confirm(self, user: UserId, code: str, origin: str) -> list[str]:
        """From now on a code is wanted. Gives ten recovery codes: shown once. Raises Refused, TooMany, NotFound."""
        return await self._seconds.confirm(user, code, origin)

    async def drop_second(self, user: UserId, code: str, origin: str) -> None:
        """No code is wanted any more; needs one. Raises Refused, also where an organization of theirs demands a second
        factor, TooMany, NotFound.
        """
        wanting = await self.second_kept_by(user)
        if wanting:
            raise Refused(f"{wanting} wants a code of everybody who signs in by a password, so it stays on.")
        await self._seconds.drop(user, code, origin)

    async def second_kept_by(self, user: UserId) -> str:
        """The name of an organization of theirs for which they keep their second factor; empty: they may drop it."""
        found = await self.user(user)
        return await self._demands.of(found) if found is not None and found.second is not None else ""

    async def fresh(self, user: UserId, code: str, origin: str) -> None:
        """Before something dangerous: uses up a code of those who have a second factor. Raises Refused, TooMany."""
        await self._seconds.fresh(user, code, origin)

    async def code_wanted(self, identity: Identity) -> bool:
        """Whether something dangerous, asked for by that chat account, must wait for a code of now."""
        return await self._step_up.wanted(identity)

    async def code_asked(self, identity: Identity) -> None:
        """A code was asked for, in private."""
        await self._step_up.asked(identity)

    async def code_asked_no_more(self, identity: Identity) -> None:
        """It need not be answered."""
        await self._step_up.asked_no_more(identity)

    async def code_awaited(self, identity: Identity) -> bool:
        """Whether one was asked for in the last two minutes, and did not come."""
        return await self._step_up.awaited(identity)

    async def prove(self, identity: Identity, code: str) -> None:
        """Uses up a code; none is wanted of that chat account for five minutes then. Raises Refused, TooMany."""
        await self._step_up.prove(identity, code)

    async def reset_second(
        self, of: UserId, by: UserId, origin: str, fault: Callable[[User], str] = lambda _: ""
    ) -> User:
        """For who lost the phone, who is told by mail. `fault`: why `by` may not, seen from whom it is done to.

        Raises Refused with that, or where there is no second factor, NotFound.
        """
        return await self._seconds.reset(of, by, origin, fault)

    async def missing_second(self, user: User, organization: OrganizationId | None = None) -> str:
        """The name of an organization that demands a second factor of them, which they have not; empty: none does.

        `organization`: that one alone.
        """
        return await self._demands.unmet(user, organization)

    # -- who one is ----------------------------------------------------------------------------------------------------

    async def rename(self, user: UserId, name: str, origin: str) -> User:
        """What somebody is called from now on, in all their workspaces. Raises Invalid."""
        return await naming.rename(self._around, user, name, origin)

    async def speak(self, user: UserId, language: str) -> str:
        """Keeps the language that somebody would rather read; gives it as it is kept. Raises Invalid."""
        return await naming.speak(self._around, user, language)

    async def give_role(
        self, organization: OrganizationId, to: UserId, by: UserId, role: OrganizationRole, origin: str
    ) -> OrganizationRole:
        """What somebody may do in an organization from now on; gives what it was. Raises NotAllowed, Refused."""
        return await naming.give_role(self._around, organization, (by, to), role, origin)

    async def logo(self, organization: OrganizationId) -> bytes:
        """An organization's picture, PNG or JPEG; empty where it has none, or there is no such organization."""
        found = await self._organizations.organization(organization) if self._organizations else None
        return found.logo if found else b""

    # -- what happened -------------------------------------------------------------------------------------------------

    async def note(self, kind: str, user: UserId | None, origin: str, by: UserId, **facts: str) -> None:
        """Keeps an audit event: somebody changed what somebody may do."""
        await self._around.note(kind, user, origin, by=by, **facts)

    def tell(self, user: User, reply: Reply) -> None:
        """Has something said in one of somebody's chats, in private, beside the answer."""
        self._around.errands.begin(self._premises.tell(user, reply))

    async def user(self, id: UserId) -> User | None:
        """The user with that id."""
        return await self._around.users.user(id)

    async def traces(self, user: UserId, limit: int = 50) -> list[Trace]:
        """The newest audit events that concern a user, the newest first."""
        return await self._around.users.traces(user, limit)

    async def idle(self) -> None:
        """Returns when what was begun in the background (mail) is done: before the program ends, and in tests."""
        await self._around.errands.idle()
