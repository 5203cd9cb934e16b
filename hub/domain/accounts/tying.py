"""Chat accounts and users: one-time links that tie them, and parting them again."""

from __future__ import annotations

import msgspec

from hub.domain.accounts.forms import Asking
from hub.domain.accounts.models import User
from hub.domain.accounts.surroundings import NOBODY, Surroundings
from hub.domain.ids import Identity, UserId
from hub.errors import NotFound, Refused, Taken

LINK_SECONDS = 15 * 60
_TRIES = 3
_BOTH = (
    "That chat account and this sign-in are each in workspaces already, and cannot become one. Have this sign-in"
    " invited into the chat account's workspaces, or sign up with another address by a new link from that chat."
)
_OTHERS = (
    "That chat account belongs to another sign-in, with workspaces."
    " Sign in with that one, or send /logout in that chat first and ask for a new link there."
)
_LAST = (
    "This chat account is your only way in. Sign up with an e-mail address first:"
    " /start gives you a link for that; then it can be parted."
)
_BUSY = "The chat account could not be tied just now; ask for a new link in that chat."


class Tied(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is after a chat account was tied to them, or why it was not."""

    user: User
    linked: Identity | None = None
    remark: str = ""


class Tying:
    """Ties chat accounts to users."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._users = around.users

    async def invite(self, identity: Identity, name: str, username: str) -> str:
        """A one-time link for a chat account."""
        data = {"identity": identity, "name": name, "username": username, "login": await self._login(identity)}
        return await self._around.directory.issue_token("link", data, LINK_SECONDS)

    async def asking(self, link: str) -> Asking | None:
        """Which chat account a link ties; it stays good until it is spent, or the chat account was tied otherwise."""
        data = await self._around.held("link", link)
        if data is None or data["login"] != await self._login(Identity(data["identity"])):
            return None
        return Asking(identity=Identity(data["identity"]), name=data["name"], username=data["username"])

    async def _login(self, identity: Identity) -> str:
        """To which login the chat account belongs now."""
        user = await self._users.by_identity(identity)
        return user.email if user else ""

    async def spend(self, link: str) -> None:
        """The link has tied what it was for."""
        if link:
            await self._around.directory.spend_token("link", link)

    async def member(self, identity: Identity) -> bool:
        """Whether somebody let the chat account into a workspace already."""
        user = await self._users.by_identity(identity)
        return user is not None and bool(user.workspaces)

    async def tie(self, user: User, identity: Identity, origin: str, *, foretold: bool = False) -> Tied:
        """Ties a chat account to a user, who may become the one it was before, with the workspaces. Never refuses.

        `foretold`: they came by a mail that named the chat account, so that no other need tell them of it.
        """
        foretold = foretold or identity in user.identities
        for _ in range(_TRIES):
            try:
                tied = await self._tie(user, identity)
            except (Taken, NotFound):  # somebody tied or parted one of them at the same moment
                continue
            except Refused as error:
                return Tied(user=user, remark=error.text)
            await self._around.enrol(tied, NOBODY)
            await self._around.note("tied", tied.id, origin, identity=identity)
            self._around.errands.begin(self._around.greeter.signed_in(identity, tied))
            if not foretold:
                self._warn(tied, identity)
            return Tied(user=tied, linked=identity)
        return Tied(user=user, remark=_BUSY)

    def _warn(self, user: User, identity: Identity) -> None:
        """Mails them which chat account acts as them from now on: whoever else tied it, they hear of it."""
        if user.email and user.verified_at:
            said = {"chat": chat_words(identity), "account": self._around.page("signin")}
            self._around.errands.begin(self._around.warn("tied", user, url=self._around.page("forgot"), **said))

    async def _tie(self, user: User, identity: Identity) -> User:
        holder = await self._users.by_identity(identity)
        if holder is None:
            return await self._users.change(user.id, lambda found: _gain(found, identity))
        if holder.id == user.id:
            return holder
        if holder.workspaces:
            return await self._users.unite(holder.id, user.id, _absorb)
        return await self._users.unite(user.id, holder.id, lambda keeps, goes: _move(keeps, goes, identity))

    async def tie_by(self, token: str, identity: Identity, origin: str) -> bool:
        """Ties a chat account by what a page gave its user. False: the token is not good. Raises Refused.

        Never one that is somebody's: whoever sends others such a token must not get what is theirs.
        """
        data = await self._around.held("tie", token)
        user = await self._users.user(UserId(data["user"])) if data else None
        if user is None:
            return False
        holder = await self._users.by_identity(identity)
        if holder is not None and holder.id != user.id and (holder.email or holder.subjects or holder.workspaces):
            raise Refused(_OTHERS if holder.email or holder.subjects else _BOTH)
        tied = await self.tie(user, identity, origin)
        if tied.linked is None:
            raise Refused(tied.remark)
        await self._around.directory.spend_token("tie", token)
        return True

    async def untie(self, identity: Identity, origin: str) -> None:
        """Parts a chat account from its user. Raises Refused where it is their last way in, NotFound."""
        user = await self._users.by_identity(identity)
        if user is None:
            raise NotFound("This chat account is signed in to nothing.")
        _part(user, identity)
        # First there, so that what is broken off in between takes rights away, and can be asked for again.
        await self._around.enrol(user, identity)
        await self._users.change(user.id, lambda found: _part(found, identity))
        await self._around.enrol(user, NOBODY)
        await self._around.note("untied", user.id, origin, identity=identity)

    async def whose(self, identity: Identity) -> User | None:
        """The user whose chat account it is."""
        return await self._users.by_identity(identity)


def chat_words(identity: Identity) -> str:
    """What a chat account is called where nobody said its name: the network, and who one is there."""
    network, _, account = identity.partition(":")
    return f"{network.title()} account {account}"


def _gain(user: User, identity: Identity) -> User:
    if identity not in user.identities:
        user.identities.append(identity)
    return user


def _absorb(keeps: User, goes: User) -> bool:
    """Who is in workspaces by a chat account gains the login of who is in none; all of it, for that one is dropped."""
    if keeps.email or keeps.subjects:
        raise Refused(_OTHERS)
    if goes.workspaces:
        raise Refused(_BOTH)
    keeps.email, keeps.verified_at, keeps.password = goes.email, goes.verified_at, goes.password
    keeps.name, keeps.first_name, keeps.last_name = goes.name or keeps.name, goes.first_name, goes.last_name
    keeps.subjects, keeps.language = goes.subjects, goes.language or keeps.language
    keeps.identities = [*keeps.identities, *goes.identities]
    keeps.organizations = {**goes.organizations, **keeps.organizations}
    keeps.second = goes.second or keeps.second
    return True


def _move(keeps: User, goes: User, identity: Identity) -> bool:
    """The chat account moves; who is left without any way in is dropped."""
    if goes.workspaces or identity not in goes.identities:
        raise NotFound  # it changed a moment ago: look again
    goes.identities.remove(identity)
    _gain(keeps, identity)
    keeps.username = keeps.username or goes.username
    return not (goes.email or goes.subjects or goes.identities)


def _part(user: User, identity: Identity) -> UserId:
    if identity not in user.identities:
        raise NotFound("This chat account is signed in to nothing.")
    others = [found for found in user.identities if found != identity]
    by_mail = bool(user.email and user.verified_at and user.password)
    if not (others or user.subjects or by_mail):
        raise Refused(_LAST)
    user.identities = others
    return user.id
