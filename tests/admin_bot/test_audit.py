"""What leaves an audit event: each change of what somebody may do, and each use of a secret, by a line."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.domain.accounts.models import Organization, Trace, User
from hub.domain.models import now
from hub.store.embedded import Embedded
from tests.admin_bot.counter_desk import TOKEN
from tests.admin_bot.office import Office, standing_office
from tests.admin_bot.test_lost_phone import home, said, stand


@pytest.fixture
async def office(mongod: Embedded) -> AsyncIterator[Office]:
    async with standing_office("telegram", mongod.url) as made:
        ann, id = await made.user("Ann"), await home(made)
        await made.store.organizations.add(Organization(id=id, name="Acme"))
        await stand(made, "Ann", "admin")
        await made.store.users.change(ann.id, _with_address)
        yield made


def _with_address(user: User) -> None:
    user.email, user.verified_at = "ann@shop.example", now()


async def events(office: Office, who: str) -> list[Trace]:
    return list(reversed(await office.reception.traces((await office.user(who)).id)))


async def test_what_changes_who_may_do_what_is_recorded(office: Office) -> None:
    """Who did it, to whom, where it came from and in which workspace; the secrets themselves are not in it."""
    link = (await said(office, "Ann", "invite agent")).partition("desk.example/start/")[2].split()[0]
    await said(office, "Eve", f"start {link}")
    for line in (
        f"channel connect telegram {TOKEN}",
        "channel disconnect @shop_bot",
        "role Eve manager",
        "role Eve agent own",
        "remove Eve now",
        "organization code on",
        "organization code off",
        "organization name Acme and Sons",
        "workspace rename Our shop",
        "invite zoe@shop.example agent",
        "2fa",
        "2fa 000000",
    ):
        await said(office, "Ann", line)
    mine, theirs = await events(office, "Ann"), await events(office, "Eve")
    kinds = [trace.kind for trace in mine]
    assert kinds[0] == "link_given"
    assert {
        "channel_connected", "channel_disconnected", "code_needed", "code_left_free", "organization_renamed",
        "workspace_renamed",
    } <= set(kinds)  # fmt: skip
    assert [t.kind for t in theirs] == ["admitted", "role_changed", "role_changed", "member_removed"]
    ann = (await office.user("Ann")).id
    of_nobody = office.store.users._traces.find({"user": None, "actor": ann})
    assert [t["kind"] for t in await of_nobody.to_list(None)] == ["invited"]
    assert {t.actor for t in theirs} == {ann}
    assert all(t.origin == office.hands.identity("Ann") for t in mine)
    assert {t.facts.get("workspace", office.workspace.id) for t in [*mine, *theirs]} == {office.workspace.id}
    for secret in (TOKEN, link):
        assert secret not in str([*mine, *theirs])
