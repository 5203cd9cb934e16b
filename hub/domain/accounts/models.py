"""What the hub keeps of people and of their signing in. Secrets are kept sealed or as hashes, never as they are."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from hub.domain.ids import Identity, OrganizationId, UserId
from hub.domain.models import Facts, now

OrganizationRole = Literal["admin", "user_admin", "member"]
Means = Literal["password", "google", "sso", "reset", "verify", "chat"]
"""How somebody proved who they are."""


class SecondFactor(msgspec.Struct, kw_only=True):
    """An authenticator app. `seed`: sealed; `step`: the last one whose code was used; `recovery`: hashes of codes."""

    seed: str
    since: datetime
    step: int = 0
    recovery: list[str] = msgspec.field(default_factory=list)


class User(msgspec.Struct, kw_only=True):
    """A person, over all workspaces.

    Somebody may be a user by a chat account alone (a code or an invitation), and gain an e-mail address and a password
    later. `version` grows with each change.
    """

    id: UserId
    version: int = 0
    name: str = ""
    """What to call them: first and last name, or what their chat account is called."""
    first_name: str = ""
    last_name: str = ""
    username: str = ""
    email: str = ""
    """In lower case, unique; empty where they have none."""
    verified_at: datetime | None = None
    """When they proved that mail to the address reaches them; signing in waits for that."""
    password: str = ""
    """An Argon2id hash; empty: they sign in otherwise."""
    subjects: list[str] = msgspec.field(default_factory=list)
    """`issuer|subject` of each provider that vouched for them, unique."""
    second: SecondFactor | None = None
    draft: SecondFactor | None = None
    """An authenticator app that was shown and not yet confirmed by a code."""
    identities: list[Identity] = msgspec.field(default_factory=list)
    """Chat accounts that act as them, each unique."""
    workspaces: list[str] = msgspec.field(default_factory=list)
    """Where they are members; the first is the one in use."""
    organizations: dict[OrganizationId, OrganizationRole] = msgspec.field(default_factory=dict)
    language: str = ""
    created_at: datetime = msgspec.field(default_factory=now)


class SingleSignOn(msgspec.Struct, kw_only=True):
    """An organization's own provider of sign-ins. `secret`: sealed; `domains`: mail domains whose people it may vouch
    for, in lower case.
    """

    issuer: str
    client: str
    secret: str
    domains: list[str] = msgspec.field(default_factory=list)
    on: bool = True


class Organization(msgspec.Struct, kw_only=True):
    """A company that signed up. `version` grows with each change; who is in it stands with the users."""

    id: OrganizationId
    version: int = 0
    name: str = ""
    time_zone: str = "UTC"
    """What its new workspaces begin with."""
    logo: bytes = b""
    """A picture of at most 200 kB, PNG or JPEG."""
    needs_second: bool = False
    """Whoever signs in by a password must have a second factor."""
    sso: SingleSignOn | None = None
    created_at: datetime = msgspec.field(default_factory=now)


class Session(msgspec.Struct, kw_only=True):
    """A browser that is signed in. `id`: the hash of what its cookie holds."""

    id: str
    user: UserId
    means: Means
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    browser: str = ""
    """What the browser says it is, cut short."""
    organization: OrganizationId = OrganizationId("")
    """Whose provider vouched, where one did."""


class Trace(msgspec.Struct, kw_only=True):
    """An audit event: a sign-in, a failure, a change of what somebody may do, the use of a secret."""

    kind: str
    at: datetime
    user: UserId | None = None
    actor: UserId | None = None
    """Who did it, where that is somebody else."""
    origin: str = ""
    """The network address or chat identity it came from."""
    facts: Facts = msgspec.field(default_factory=dict)
