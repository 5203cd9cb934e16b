"""Every command against everybody who could give it, at the real counter. What is expected stands here, by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.admin_bot import menus
from hub.admin_bot.registry import commands, shown
from hub.domain.accounts.models import OrganizationRole
from hub.domain.ids import UserId
from hub.domain.limits import LIMITS
from hub.domain.models import Member
from hub.domain.ports import Tx
from hub.domain.reply import Button
from hub.store import Store
from tests.admin_bot.counter_desk import Shop, Who

NOBODY, AGENT, LIMITED, MANAGER, OWNER = "Mallory", "Bob Bright", "Zoe", "Mia", "Olivia Orr"
USER_ADMIN, ADMIN = "Ursula", "Adam"
ADMIN_ONLY, OWNER_ONLY, EITHER, OFFICES = {ADMIN}, {OWNER}, {OWNER, ADMIN}, {USER_ADMIN, ADMIN}
ANYBODY = "help whoami start me 2fa sessions logout confirm cancel found"
AGENTS = (
    "assign take close summary reopen next show via note snippet deliver undo unsend inbox tag contact history merge"
    " reply alias snooze later postpone theirtime calloff timeline"
    " filter savefilter callfilter contacts find"
    " field fieldpage fields tags block unblock forget"
    " unite unmerge keep send resend fill more users workspace organization notify"
    " team busy online export exports picture"
)
MANAGERS = (
    "import imports"
    " cap disband invite role remove channel desk category failed settings audit hours greeting away rating"
)
OWNERS = "setup"
USER_ADMINS = "invite"
"""Besides."""
VERBS = {
    "workspace new": ADMIN_ONLY,
    "workspace rename": OWNER_ONLY,
    "workspace timezone": OWNER_ONLY,
    "workspace inactivity": OWNER_ONLY,
    "workspace delete": ADMIN_ONLY,
    "settings timezone": OWNER_ONLY,
    "settings inactivity": OWNER_ONLY,
    "workspace keep": EITHER,
    "organization name": ADMIN_ONLY,
    "organization timezone": ADMIN_ONLY,
    "organization code": ADMIN_ONLY,
    "organization logo": ADMIN_ONLY,
    "organization sso": ADMIN_ONLY,
    "organization people": OFFICES,
    "organization role": ADMIN_ONLY,
    "2fa reset": EITHER,
    **{f"fields {verb}": {MANAGER, OWNER} for verb in ("add", "rename", "options", "remove")},
    **{f"tags {verb}": {MANAGER, OWNER} for verb in ("add", "color", "emoji", "rename", "describe", "remove")},
    **{f"team {verb}": {MANAGER, OWNER} for verb in ("create", "add", "remove", "rename", "delete")},
}
"""What asks for more than its command."""
NO_DELETION = "unsend forget"
NO_EXPORT = "export exports"
NO_PERSONAL_DATA = "picture"

PEOPLE = {
    NOBODY: [ANYBODY],
    AGENT: [ANYBODY, AGENTS],
    LIMITED: [ANYBODY, AGENTS],
    MANAGER: [ANYBODY, AGENTS, MANAGERS],
    OWNER: [ANYBODY, AGENTS, MANAGERS, OWNERS],
    USER_ADMIN: [ANYBODY, AGENTS, USER_ADMINS],
    ADMIN: [ANYBODY, AGENTS, USER_ADMINS],
}
WELCOME = "Sign up, or sign in if you have an account"
"""What who is nobody is told instead: how to begin."""
REFUSALS = (
    "of this workspace; you are",
    "of this organization; you are",
    "2fa reset is for an owner of this workspace",
    "You are not a member",
    "which you may not",
    "which is hidden from you",
    "This button belongs to nothing any more",
)
"""What is said to who may not."""
COLUMNS = dict(
    zip(PEOPLE, ["nobody", "agent", "limited agent", "manager", "owner", "user admin", "admin"], strict=True)
)
EVERY = [c.name for c in commands()]
HIDDEN = [c.name for c in commands() if c.hidden]
ABOUT = {c.name for c in commands() if c.about == "conversation"}
WORDS = {
    "disband": "x",
    "fill": "x",
    "postpone": "x 2h",
    "theirtime": "x",
    "calloff": "x",
    "keep": "x",
    "send": "x",
    "resend": "x",
    "deliver": "x y",
    "unite": "1",
    "fieldpage": "1",
    "confirm": "x 123456",
    "cancel": "x",
}
"""Without which a command is not even looked at."""


def may(person: str, verb: str) -> bool:
    if verb in VERBS:
        return person in VERBS[verb]
    if person == LIMITED and verb in f"{NO_DELETION} {NO_EXPORT} {NO_PERSONAL_DATA}".split():
        return False
    return any(verb in group.split() for group in PEOPLE[person])


@dataclass
class Place:
    """A shop with somebody of every kind, and a conversation that is the limited agent's."""

    shop: Shop
    number: int

    async def said(self, person: str, verb: str, *, pressed: bool) -> str:
        who = self.shop.people[person]
        line = " ".join(filter(None, [verb, f"#{self.number}" if verb in ABOUT else "", WORDS.get(verb, "")]))
        before = len(self.shop.drawn)
        if pressed:
            await self.shop.press(who, Button("x", line), self.shop.own(who))
        else:
            await self.shop.private(who, f"/{line}")
        return " ".join(self.shop.drawn[before:])


@pytest.fixture(scope="module")
async def place(counter_store: Store) -> Place:
    shop = Shop(counter_store)
    await shop.set_up()
    for index, (name, role) in enumerate({USER_ADMIN: "user_admin", ADMIN: "admin"}.items()):
        await _officer(shop, shop.somebody(name, 200 + index), role)  # type: ignore[arg-type]

    async def limit(tx: Tx) -> None:
        member = await tx.get(Member, shop.people[LIMITED].user)
        assert member is not None
        member.limits = [*LIMITS]

    await shop.run(limit)
    # The owner is who began the organization, too; here, somebody else has that office.
    owner = UserId(shop.people[OWNER].user)
    await shop.store.users.change(owner, lambda u: u.organizations.update(dict.fromkeys(u.organizations, "member")))
    topic = await shop.arrive("Ann")
    await topic.say(shop.people[AGENT], "/assign zoe")
    return Place(shop, (await topic.conversation()).number)


async def _officer(shop: Shop, who: Who, role: OrganizationRole) -> None:
    """An agent of the workspace with an office in its organization."""
    await shop.let_in_one(who)
    user = await shop.store.users.user(UserId(who.user))
    assert user is not None
    await shop.store.users.change(user.id, lambda u: u.organizations.update(dict.fromkeys(u.organizations, role)))


@pytest.mark.parametrize("person", PEOPLE)
async def test_every_command_against_every_role(place: Place, person: str) -> None:
    """Typed, and pressed where only buttons give it: who may not is told who may, in a sentence; who may is told
    anything but that. Of those who may least, everything is pressed as well.
    """
    typed, buttons = [*(c.name for c in shown()), *VERBS], EVERY if person in {NOBODY, LIMITED} else HIDDEN
    for verb, pressed in [*((verb, False) for verb in typed), *((verb, True) for verb in buttons)]:
        said = await place.said(person, verb, pressed=pressed)
        led = verb not in ANYBODY.split() and WELCOME in said
        refused = led or any(sentence in said for sentence in REFUSALS)
        assert refused is not may(person, verb), (verb, pressed, said)


def test_every_command_is_somebodys() -> None:
    """A new verb is not done before it stands here who may give it."""
    named = [verb for group in (ANYBODY, AGENTS, MANAGERS, OWNERS) for verb in group.split()]
    assert sorted(named) == sorted(EVERY)


def test_the_page_is_fresh() -> None:
    """docs/permissions.md is what the commands say; `hub.admin_bot.menus.write_permissions` makes it."""
    page = Path(__file__).parents[2] / "docs" / "permissions.md"
    assert page.read_text(encoding="utf-8") == menus.permissions_markdown()


def test_the_page_says_what_is_expected_here() -> None:
    """Each cell of its table."""
    page = (Path(__file__).parents[2] / "docs" / "permissions.md").read_text(encoding="utf-8")
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in page.splitlines() if "| `/" in line]
    head = next(line for line in page.splitlines() if line.startswith("| command"))
    columns = [cell.strip() for cell in head.strip("|").split("|")]
    assert {row[0].removeprefix("/") for row in rows} == {*(c.name for c in shown()), *VERBS}
    for row in rows:
        for person, column in COLUMNS.items():
            allowed = row[columns.index(column)] != "no"
            assert allowed is may(person, row[0].removeprefix("/")), (row[0], column)
