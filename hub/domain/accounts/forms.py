"""What people hand in at the reception and what they are handed: plain values, and what may be wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from hub.domain.accounts.models import User
from hub.domain.ids import Identity, OrganizationId
from hub.errors import Invalid
from hub.settings import BRAND

Faults = dict[str, str]
"""For each field of a form that cannot stay so, a sentence that says what would be right."""


class Unfit(Invalid):
    """Something in the form cannot stay so."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        """`faults`: a sentence for each field, by its name."""
        super().__init__(" ".join(faults.values()))
        self.faults: Faults = dict(faults)


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator decided. `public_url`: where the pages are, without a slash at its end."""

    public_url: str
    sign_up: Literal["anyone", "invited"] | tuple[str, ...] = "anyone"
    """Who may sign up: anyone, only whose chat account is in a workspace already, or also these mail domains."""
    brand: str = BRAND


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody filled in to sign up. `link`: what `invite_in` gave, where they came by it."""

    email: str
    first_name: str
    last_name: str
    password: str
    link: str = ""


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-up that waits for its mail to be read. `ticket`: for `correct`, an hour, one use; kept by the page."""

    ticket: str
    email: str
    """As it was understood: in lower case."""


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is signed in. `token`: for the cookie of this browser alone; it is kept here as a hash only."""

    token: str
    user: User
    linked: Identity | None = None
    """The chat account that was tied to them by this."""
    remark: str = ""
    """A sentence why the chat account that asked could not be tied, and what to do; to be shown."""
    welcome: str = ""
    """A sentence for who is new here."""


class Half(msgspec.Struct, frozen=True, kw_only=True):
    """The password was right and a code is wanted. `ticket`: for `second`, ten minutes."""

    ticket: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A provider vouched for somebody whose address has an account already: they sign in to that one as they do, and
    then the provider's sign-in is tied to it. `ticket`: for `tie_vouched`, ten minutes, this browser alone.
    """

    ticket: str
    email: str
    provider: str
    """As people know it."""


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """What an admin gives for their organization's sign-in. `domains`: mail domains, as they were typed."""

    issuer: str
    client: str
    secret: str
    domains: tuple[str, ...]


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is sent to sign in. `provider`: as people know it; `organization_id`: whose own it is, or
    empty.
    """

    url: str
    provider: str
    organization_id: OrganizationId = OrganizationId("")


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """The chat account that a link ties to whoever signs in through it: to be shown to them before they do."""

    identity: Identity
    name: str
    username: str = ""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticator app to be set up. `uri`: for the QR picture (otpauth://…); `key`: the same to be typed."""

    uri: str
    key: str
