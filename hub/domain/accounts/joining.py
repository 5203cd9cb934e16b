"""Signing up, until the mail is read. What somebody filled in travels with the mail they get: who reads it has the
account with that password, whatever others filled in for the same address meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from hub.domain.accounts.fields import address, name, name_fault
from hub.domain.accounts.forms import Application, Entered, Faults, Pending, Unfit
from hub.domain.accounts.models import User
from hub.domain.accounts.passwords import Passwords
from hub.domain.accounts.sessions import Sessions
from hub.domain.accounts.surroundings import Surroundings, invited_key
from hub.domain.accounts.throttling import Throttle
from hub.domain.accounts.tying import Tying, chat_words
from hub.domain.ids import Identity, UserId, new_id
from hub.errors import DeliveryError, NotFound, Refused, Taken, Undeliverable

SIGN_UPS, SIGN_UPS_SECONDS = 20, 3600.0
RESENDS = 60
"""How often, in an hour, mail may be asked for again from one place."""
RESEND_SECONDS = 60.0
VERIFY_SECONDS = 24 * 3600
TICKET_SECONDS = 3600
_NO_MAIL = "The mail could not be sent just now; try again in a minute."
_NO_SUCH_BOX = "No mail can be delivered to that address; correct it."
_NO_ADDRESS = "Fill in an e-mail address such as ann@example.com."
_USED = "That link is not good any more. Sign in, or sign up again to get another mail."
_VERIFIED = "That address is verified already; sign in."
_TOO_OLD = "That sign-up is too old to be corrected; sign up again."


class Draft(msgspec.Struct, kw_only=True):
    """What somebody filled in. `password`: its hash; `identity`: the chat account that asked, or empty."""

    email: str
    first_name: str
    last_name: str
    password: str
    identity: str = ""


@dataclass(frozen=True)
class Joining:
    """Takes applications, and whoever proves that mail reaches them."""

    around: Surroundings
    tying: Tying
    throttle: Throttle
    passwords: Passwords
    sessions: Sessions

    async def sign_up(self, application: Application, origin: str) -> Pending:
        """Takes an application; does the same work whoever has the address."""
        asking = await self.tying.asking(application.link)
        draft = Draft(
            email=address(application.email),
            first_name=name(application.first_name),
            last_name=name(application.last_name),
            password="",
            identity=asking.identity if asking else "",
        )
        faults = await self._faults(application, draft)
        if faults:
            raise Unfit(faults)
        await self.throttle.place("sign_up", origin, SIGN_UPS, SIGN_UPS_SECONDS)
        draft.password = await self.passwords.hash(application.password)
        return await self._take(draft, origin)

    async def resend(self, email: str, origin: str, ticket: str) -> float:
        """Has the mail sent again beside the answer, if it is time; the seconds until it is."""
        await self.throttle.place("resend", origin, RESENDS, 3600)
        email = address(email)
        key = f"resend|{email}"
        if await self.around.users.count(key, RESEND_SECONDS) == 1:
            self.around.errands.begin(self._again(email, ticket))
        return await self.around.users.left(key)

    async def correct(self, ticket: str, email: str, origin: str) -> Pending:
        """Another address for what the ticket stands for; the mistyped one is let go."""
        await self.throttle.place("sign_up", origin, SIGN_UPS, SIGN_UPS_SECONDS)
        draft = await self._drafted(ticket)
        if draft is None:
            raise Refused(_TOO_OLD)
        former, draft.email = draft.email, address(email)
        fault = await self._address_fault(draft)
        if fault:
            raise Unfit({"email": fault})
        await self._move(former, draft)
        pending = await self._take(draft, origin)
        await self.around.directory.spend_token("pending", ticket)
        return pending

    async def verify(self, token: str, browser: str, origin: str) -> Entered:
        """Uses what was mailed."""
        data = await self.around.directory.use_token("verify", token)
        if data is None:
            raise Refused(_USED)
        draft = msgspec.convert(data, Draft)
        try:
            user = await self.around.users.change(UserId(data["user"]), lambda found: self._verified(found, draft))
        except NotFound as error:
            raise Refused(_USED) from error
        await self.around.note("verified", user.id, origin)
        return await self.sessions.enter(user, "verify", browser, origin, draft.identity)

    async def come(self, application: Application, browser: str, origin: str) -> Entered:
        """Signs somebody up whose address is proven already. Raises Unfit, Refused where it has an account, TooMany."""
        draft = Draft(
            email=application.email,
            first_name=name(application.first_name),
            last_name=name(application.last_name),
            password="",
        )
        faults = await self._faults(application, draft, proven=True)
        if faults:
            raise Unfit(faults)
        await self.throttle.place("sign_up", origin, SIGN_UPS, SIGN_UPS_SECONDS)
        draft.password = await self.passwords.hash(application.password)
        kept = await self._kept(draft)
        user = await self.around.users.change(kept.id, lambda found: self._verified(found, draft))
        await self.around.note("verified", user.id, origin, means="invitation")
        return await self.sessions.enter(user, "verify", browser, origin, "")

    async def remind(self, user: User, identity: str) -> None:
        """For who gave the right password before verifying: the mail goes out again, if it is time."""
        if await self.around.users.count(f"resend|{user.email}", RESEND_SECONDS) == 1:
            self.around.errands.begin(self._send_verify(user, _draft(user, identity)))

    # -- what may be filled in -----------------------------------------------------------------------------------------

    async def _faults(self, application: Application, draft: Draft, *, proven: bool = False) -> Faults:
        about = (draft.email, draft.first_name, draft.last_name, self.around.policy.brand)
        faults = {
            "email": "" if proven else await self._address_fault(draft),
            "first_name": name_fault(application.first_name, "first name"),
            "last_name": name_fault(application.last_name, "last name"),
            "password": await self.passwords.fault(application.password, about),
        }
        return {field: fault for field, fault in faults.items() if fault}

    async def vouched_fault(self, email: str, identity: str) -> str:
        """A sentence why somebody may not sign up by a provider's word for the address, or nothing."""
        draft = Draft(email=email, first_name="", last_name="", password="", identity=identity)
        return await self._address_fault(draft)

    async def _address_fault(self, draft: Draft) -> str:
        wanted = self.around.policy.sign_up
        if not draft.email:
            return _NO_ADDRESS
        if wanted == "anyone" or (wanted != "invited" and draft.email.rpartition("@")[2] in wanted):
            return ""
        if draft.identity and await self.tying.member(Identity(draft.identity)):
            return ""
        if await self.around.users.attempts(invited_key(draft.email)):
            return ""
        if wanted == "invited":
            return "One can only sign up by invitation here; ask whoever runs this hub."
        return f"One can only sign up with an address at {' or '.join(wanted)} here."

    # -- what is kept --------------------------------------------------------------------------------------------------

    async def _take(self, draft: Draft, origin: str) -> Pending:
        user = await self._kept(draft)
        known = user.verified_at is not None
        await self.around.note("sign_up_known" if known else "signed_up", user.id, origin)
        ticket = await self.around.directory.issue_token("pending", msgspec.to_builtins(draft), TICKET_SECONDS)
        await self.around.users.count(f"resend|{draft.email}", RESEND_SECONDS)
        try:
            await (self._send_known(user) if known else self._send_verify(user, draft))
        except Undeliverable as error:
            raise Unfit({"email": _NO_SUCH_BOX}) from error
        except DeliveryError as error:
            raise Refused(_NO_MAIL) from error
        return Pending(ticket=ticket, email=draft.email)

    async def _kept(self, draft: Draft) -> User:
        """Who has the address: somebody new, somebody who had not verified it, or who had (then nothing changes)."""
        user = await self.around.users.by_email(draft.email)
        if user is None:
            user = _filled(User(id=UserId(new_id()), email=draft.email, created_at=self.around.clock()), draft)
            try:
                await self.around.users.add(user)
            except Taken:  # by somebody at the same moment
                return await self._kept(draft)
            return user
        # Costs what keeping somebody new does, also where nothing changes: the time it takes must not tell them apart.
        return await self.around.users.change(
            user.id, lambda found: found if found.verified_at else self._anew(found, draft)
        )

    def _anew(self, user: User, draft: Draft) -> User:
        """Signed up once more: whoever never verifies is forgotten some days later, so they begin now."""
        user.created_at = self.around.clock()
        return _filled(user, draft)

    async def _move(self, former: str, draft: Draft) -> None:
        """Lets go of the mistyped address, unless somebody verified it, or signed up with it, meanwhile."""
        user = await self.around.users.by_email(former)
        if user is None or user.verified_at or user.password != draft.password:
            return

        def correct(found: User) -> None:
            if not found.verified_at:
                found.email = draft.email

        try:
            await self.around.users.change(user.id, correct)
        except (Taken, NotFound):
            return

    def _verified(self, user: User, draft: Draft) -> User:
        if user.verified_at is not None:
            raise Refused(_VERIFIED)
        if user.email != draft.email:
            raise Refused(_USED)
        user.verified_at = self.around.clock()
        return _filled(user, draft)

    # -- mail ----------------------------------------------------------------------------------------------------------

    async def _again(self, email: str, ticket: str) -> None:
        user = await self.around.users.by_email(email)
        if user is None or user.verified_at:
            return
        draft = await self._drafted(ticket)
        await self._send_verify(user, draft if draft and draft.email == email else _draft(user))

    async def _send_verify(self, user: User, draft: Draft) -> None:
        data = {**msgspec.to_builtins(draft), "user": user.id}
        token = await self.around.directory.issue_token("verify", data, VERIFY_SECONDS)
        url = self.around.page("verify", token)
        chat = chat_words(Identity(draft.identity)) if draft.identity else ""
        # Who asked from somebody else's chat must be seen by whose address it is, before they press anything.
        await self.around.write("verify", user, url=url, lasts="24 hours", chat=chat)

    async def _send_known(self, user: User) -> None:
        await self.around.write("known", user, url=self.around.page("signin"))

    async def _drafted(self, ticket: str) -> Draft | None:
        data = await self.around.held("pending", ticket)
        if data is None:
            return None
        return msgspec.convert(data, Draft)


def _filled(user: User, draft: Draft) -> User:
    user.first_name, user.last_name = draft.first_name, draft.last_name
    user.name = f"{draft.first_name} {draft.last_name}"
    user.password = draft.password
    return user


def _draft(user: User, identity: str = "") -> Draft:
    return Draft(
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        password=user.password,
        identity=identity,
    )
