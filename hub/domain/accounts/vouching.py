"""Signing in by somebody else's word: Google's, or that of an organization's own provider, by OpenID Connect.

Google is the operator's choice and opens any account whose address it has verified. An organization's provider is an
admin's choice, who could have it say anything: it makes new accounts for addresses of its own domains, and opens those
that were tied to it by who owns them. It takes over none, and it opens none that is in another organization too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import msgspec

from hub.domain.accounts.fields import address
from hub.domain.accounts.forms import Departure, Entered, Unfit, Waiting
from hub.domain.accounts.joining import Joining
from hub.domain.accounts.models import Means, Organization, User
from hub.domain.accounts.sessions import Sessions, hashed
from hub.domain.accounts.surroundings import Surroundings
from hub.domain.accounts.throttling import Throttle
from hub.domain.accounts.tying import Tying
from hub.domain.accounts.vouched import Newcomer, fitting, foreign, gain, made, subject_of
from hub.domain.ids import OrganizationId, UserId
from hub.domain.ports.accounts import Asked, OrganizationStore, Provider, Vouched, Vouchers
from hub.errors import HubError, NotFound, Refused, Taken, Unavailable

GOOGLE = "google"
STATE_SECONDS = 600
WAITING_SECONDS = 600
BEGINS, BEGINS_SECONDS = 200, 300.0
"""How often one may set out from one place."""
_TRIES = 3
_LOST = "That sign-in was begun in another browser, too long ago, or is done already. Start again."
_NO_GOOGLE = "Signing in with Google is not set up here."
_NOBODY = "No organization signs in that way for this address. Sign in with your password, or ask your organization."
_NO_ADDRESS = "Fill in your work address, such as ann@example.com."
_TOO_LATE = "Tying your organization's sign-in took too long: use it again, then sign in within ten minutes."


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """With what a browser came back. `place`: the page, `google` or an organization's id; `mark`: what this browser
    alone has; `error`: the provider's word where it did not vouch.
    """

    place: str
    state: str
    mark: str
    code: str = ""
    error: str = ""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody set out with. Kept as a one-time token; `mark`: a hash."""

    place: str
    link: str
    mark: str
    nonce: str
    verifier: str


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's word: of whom, and with what they came. `identity`: the chat account that asked, or empty."""

    vouched: Vouched
    provider: Provider
    organization: Organization | None
    identity: str


class Proved(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a provider vouched, and who is to sign in once before that counts."""

    subject: str
    email: str
    organization: str
    mark: str


@dataclass(frozen=True)
class Outside:
    """The providers. `google`: where the operator has set it up."""

    organizations: OrganizationStore
    vouchers: Vouchers
    google: Provider | None = None


class Vouching:
    """Sends people to providers, and lets them in when they come back."""

    def __init__(
        self,
        around: Surroundings,
        tying: Tying,
        throttle: Throttle,
        sessions: Sessions,
        joining: Joining,
        outside: Outside,
    ) -> None:
        self._around = around
        self._users = around.users
        self._tying = tying
        self._throttle = throttle
        self._sessions = sessions
        self._joining = joining
        self._outside = outside

    @property
    def google(self) -> bool:
        """Whether Google is among them."""
        return self._outside.google is not None

    # -- setting out ---------------------------------------------------------------------------------------------------

    async def to_google(self, link: str, mark: str, origin: str) -> Departure:
        """Where to send the browser."""
        provider, _ = await self._provider(GOOGLE)
        return await self._begin(GOOGLE, provider, Setting(**_fresh(GOOGLE, link, mark)), origin)

    async def to_organization(self, email: str, link: str, mark: str, origin: str) -> Departure:
        """Where to send the browser, for who has that address; says the same whether anybody has it."""
        wanted = address(email)
        if not wanted:
            raise Unfit({"email": _NO_ADDRESS})
        await self._throttle.place("vouch", origin, BEGINS, BEGINS_SECONDS)
        found = await self._outside.organizations.vouching_for(wanted.rpartition("@")[2])
        if not found:
            raise Unfit({"email": _NOBODY})
        place = found[0].id
        provider, _ = await self._provider(place)
        return await self._begin(place, provider, Setting(**_fresh(place, link, mark)), origin, wanted)

    async def _begin(self, place: str, provider: Provider, setting: Setting, origin: str, hint: str = "") -> Departure:
        await self._throttle.place("depart", origin, BEGINS, BEGINS_SECONDS)
        state = await self._around.directory.issue_token("vouch", msgspec.to_builtins(setting), STATE_SECONDS)
        asked = self._asked(setting, state, hint)
        try:
            url = await self._outside.vouchers.begin(provider, asked)
        except HubError as error:
            await self._failed(None, origin, place, error.text)
            raise
        return Departure(
            url=url, provider=provider.name, organization_id=OrganizationId("" if place == GOOGLE else place)
        )

    def _asked(self, setting: Setting, state: str, hint: str = "") -> Asked:
        back = self._around.page(f"return/{setting.place}")
        return Asked(back=back, state=state, nonce=setting.nonce, verifier=setting.verifier, hint=hint)

    async def _provider(self, place: str) -> tuple[Provider, Organization | None]:
        """Who vouches there. Raises Refused where nobody does, or does any more."""
        if place == GOOGLE:
            if self._outside.google is None:
                raise Refused(_NO_GOOGLE)
            return self._outside.google, None
        organization = await self._outside.organizations.organization(OrganizationId(place))
        sso = organization.sso if organization else None
        if organization is None or sso is None or not sso.on:
            raise Refused("Your organization's sign-in is switched off. Sign in with your password.")
        secret = self._around.vault.open(sso.secret)
        name = organization.name or "Your organization"
        return Provider(name=name, issuer=sso.issuer, client=sso.client, secret=secret), organization

    # -- coming back ---------------------------------------------------------------------------------------------------

    async def come_back(self, back: Return, browser: str, origin: str) -> Entered | Waiting:
        """Uses what the browser brought back: the state is good once, there and for this browser alone."""
        setting = await self._setting(back)
        if setting is None:
            await self._failed(None, origin, back.place, _LOST)
            raise Refused(_LOST)
        known = None
        try:
            word = await self._word(back, setting)
            known = await self._users.by_subject(subject_of(word.vouched))
            for_whom = await self._patiently(word)
        except HubError as error:
            await self._failed(known.id if known else None, origin, back.place, error.text)
            raise
        if isinstance(for_whom, str):
            return await self._waits(word, for_whom, back, origin)
        entered = await self._enter(for_whom, word, browser, origin)
        await self._tying.spend(setting.link)
        return entered

    async def _word(self, back: Return, setting: Setting) -> Word:
        provider, organization = await self._provider(back.place)
        vouched = await self._vouched(provider, back, setting)
        asking = await self._tying.asking(setting.link)
        identity = asking.identity if asking else ""
        return Word(vouched=vouched, provider=provider, organization=organization, identity=identity)

    async def _setting(self, back: Return) -> Setting | None:
        data = await self._around.directory.use_token("vouch", back.state) if back.state else None
        try:
            setting = msgspec.convert(data, Setting)
        except msgspec.ValidationError:  # nothing, or what waits for a sign-in
            return None
        return setting if (setting.place, setting.mark) == (back.place, hashed(back.mark)) else None

    async def _vouched(self, provider: Provider, back: Return, setting: Setting) -> Vouched:
        if back.error == "access_denied":
            raise Refused(f"{provider.name} was not allowed to tell who you are. Nothing has changed.")
        if back.error or not back.code:
            raise Refused(f"{provider.name} did not sign you in. Try again, or sign in another way.")
        return await self._outside.vouchers.finish(provider, self._asked(setting, back.state), back.code)

    async def _enter(self, whom: Newcomer, word: Word, browser: str, origin: str) -> Entered:
        means: Means = "sso" if word.organization else "google"
        for kind in whom.traces:
            await self._around.note(kind, whom.user.id, origin, means=means)
        place = word.organization.id if word.organization else OrganizationId("")
        entered = await self._sessions.enter(whom.user, means, browser, origin, word.identity, organization=place)
        return msgspec.structs.replace(entered, welcome=whom.welcome)

    async def _failed(self, user: UserId | None, origin: str, place: str, reason: str) -> None:
        means = GOOGLE if place == GOOGLE else "sso"
        await self._around.note("sign_in_failed", user, origin, means=means, place=place[:40], reason=reason)

    # -- whose account it is -------------------------------------------------------------------------------------------

    async def _patiently(self, word: Word) -> Newcomer | str:
        """Who enters, or the address of the account that waits for its owner to sign in."""
        for _ in range(_TRIES):
            try:
                return await self._whose(word)
            except (Taken, NotFound):  # somebody signed up or was tied at the same moment
                continue
        raise Unavailable("That could not be done just now; try again.")

    async def _whose(self, word: Word) -> Newcomer | str:
        vouched, organization = word.vouched, word.organization
        known = await self._users.by_subject(subject_of(vouched))
        if known is not None:
            return await self._known(known, organization)
        email = fitting(vouched, word.provider, organization)
        user = await self._users.by_email(email)
        if user is None:
            return await self._new(word, email)
        if organization is not None and user.verified_at is not None:
            return email
        moment = self._around.clock()
        return await self._users.change(user.id, lambda found: gain(found, vouched, email, organization, moment))

    async def _known(self, user: User, organization: Organization | None) -> Newcomer:
        if organization is None:
            return Newcomer(user=user)
        if foreign(user, organization):
            raise Refused(
                f"Your account is in other organizations too, so {organization.name or 'one organization'}'s sign-in"
                " does not open it. Sign in with your password; “Forgotten password” gives you one."
            )

        def keep(found: User) -> User:
            found.organizations.setdefault(organization.id, "member")
            return found

        return Newcomer(user=await self._users.change(user.id, keep))

    async def _new(self, word: Word, email: str) -> Newcomer:
        if word.organization is None:
            fault = await self._joining.vouched_fault(email, word.identity)
            if fault:
                raise Refused(fault)
        newcomer = made(word.vouched, email, word.organization, self._around.clock())
        await self._users.add(newcomer.user)
        return newcomer

    # -- what waits until its owner has signed in ----------------------------------------------------------------------

    async def _waits(self, word: Word, email: str, back: Return, origin: str) -> Waiting:
        subject = subject_of(word.vouched)
        proved = Proved(subject=subject, email=email, organization=back.place, mark=hashed(back.mark))
        ticket = await self._around.directory.issue_token("vouch", msgspec.to_builtins(proved), WAITING_SECONDS)
        user = await self._users.by_email(email)
        await self._around.note("subject_waits", user.id if user else None, origin, organization=back.place)
        return Waiting(ticket=ticket, email=email, provider=word.provider.name)

    async def tie(self, ticket: str, id: UserId, mark: str, origin: str) -> str:
        """Ties what was proved to who has signed in; a sentence of what came of it. Refuses nobody."""
        proved = await self._proved(ticket, mark)
        if proved is None:
            return _TOO_LATE
        try:
            provider, organization = await self._provider(proved.organization)
            await self._users.change(id, lambda found: _tied(found, proved, organization))
        except Refused as error:
            return error.text
        await self._around.note("subject_tied", id, origin, means="sso", organization=proved.organization)
        return f"{provider.name}'s sign-in opens this account from now on."

    async def _proved(self, ticket: str, mark: str) -> Proved | None:
        data = await self._around.directory.use_token("vouch", ticket) if ticket else None
        try:
            proved = msgspec.convert(data, Proved)
        except msgspec.ValidationError:
            return None
        return proved if proved.mark == hashed(mark) else None


def _tied(user: User, proved: Proved, organization: Organization | None) -> None:
    if organization is None:
        raise Refused(_TOO_LATE)
    name = organization.name or "Your organization"
    if user.email != proved.email or user.verified_at is None:
        raise Refused(f"{name}'s sign-in is for {proved.email}, and is not tied to this account.")
    if foreign(user, organization):
        raise Refused(f"Your account is in other organizations too, so {name}'s sign-in is not tied to it.")
    if proved.subject not in user.subjects:
        user.subjects.append(proved.subject)
    user.organizations.setdefault(organization.id, "member")


def _fresh(place: str, link: str, mark: str) -> dict[str, str]:
    return {
        "place": place,
        "link": link,
        "mark": hashed(mark),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
    }
