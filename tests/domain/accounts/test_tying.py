"""Chat accounts and users become one, and part again."""

from __future__ import annotations

import asyncio

import pytest

from hub.domain.accounts.models import User
from hub.domain.accounts.reception import Entered
from hub.domain.ids import Identity, UserId
from hub.errors import NotFound, Refused
from tests.domain.accounts.house import HOME, PASSWORD, House

pytestmark = pytest.mark.usefixtures("cheap_hashes")

CHAT, OTHER = Identity("net|1"), Identity("net|2")


async def link(house: House, identity: Identity = CHAT) -> str:
    return await house.reception.invite_in(identity, "annie", "annie99")


async def come_by(house: House, by: str, email: str = "ann@example.com") -> Entered:
    entered = await house.reception.sign_in(email, PASSWORD, "x", HOME, by)
    assert isinstance(entered, Entered)
    await house.reception.idle()
    return entered


async def test_the_page_can_say_whom_a_link_ties(house: House) -> None:
    """Before somebody signs in by a link they see which chat account it ties; looking does not use it up."""
    by = await link(house)
    for _ in range(2):
        asking = await house.reception.asking(by)
        assert asking is not None
        assert (asking.identity, asking.name, asking.username) == (CHAT, "annie", "annie99")
    for odd in ("", "made-up", "\ud800"):
        assert await house.reception.asking(odd) is None
    house.hands.forward(15 * 60)
    assert await house.reception.asking(by) is None


async def test_nobodys_chat_account_is_tied(house: House) -> None:
    """Who signs in by the link of a chat account that is nobody's has it from then on, and is greeted by name there."""
    ann = (await house.join()).user
    entered = await come_by(house, await link(house))
    assert (entered.user.id, entered.linked, entered.remark) == (ann.id, CHAT, "")
    assert house.greetings.heard == [(CHAT, "Ann Lee")]
    whose = await house.reception.whose(CHAT)
    assert whose is not None
    assert whose.id == ann.id
    assert "tied" in await house.kinds(ann.id)


async def test_who_has_a_new_chat_account_is_mailed(house: House) -> None:
    """Whoever tied it, its user reads of it, with the way to end it; not once more when they come by it again, and not
    where the mail that they came by named it already.
    """
    await house.join()
    await come_by(house, await link(house, Identity("net:1")))
    (letter,) = [one for one in house.box.letters if one.template == "tied"]
    assert (letter.to, letter.data["chat"]) == ("ann@example.com", "Net account 1")
    assert letter.data["account"] == "https://hub.example.com/account/signin"
    await come_by(house, await link(house, Identity("net:1")))
    way = await house.directory.issue_token("tie", {"user": (await house.enter()).user.id}, 60)
    assert await house.reception.tie_by(way, Identity("net:2"), HOME)
    await house.join("bob@example.com", link=await link(house, Identity("net:3")))
    await house.reception.idle()
    assert [one.data["chat"] for one in house.box.letters if one.template == "tied"] == [
        "Net account 1",
        "Net account 2",
    ]


async def test_a_user_may_have_several_chat_accounts(house: House) -> None:
    """Chat accounts of several networks are one user."""
    ann = (await house.join()).user
    for identity in (CHAT, OTHER):
        await come_by(house, await link(house, identity))
    found = await house.users.user(ann.id)
    assert found is not None
    assert found.identities == [CHAT, OTHER]


async def test_who_has_workspaces_by_a_chat_account_gains_a_login(house: House) -> None:
    """Somebody who came by a code or invitation signs up by the link: same user, same workspaces, now with a login."""
    agent = await house.agent(CHAT)
    await house.apply(link=await link(house))
    house.hands.forward(3600)  # the mail may be read when the link itself is too old
    entered = await house.reception.verify(house.box.token("verify"), "x", HOME)
    await house.reception.idle()
    assert (entered.user.id, entered.linked) == (agent, CHAT)
    assert (entered.user.email, entered.user.name, entered.user.workspaces) == ("ann@example.com", "Ann Lee", ["w1"])
    assert await house.store._control.users.count_documents({}) == 1
    assert (await house.enter()).user.id == agent
    assert await house.reception.who(entered.token) is not None
    assert house.greetings.heard == [(CHAT, "Ann Lee")]


async def test_a_login_without_workspaces_goes_to_the_one_with(house: House) -> None:
    """The same for who has an account already, with what it has: second chat account and all."""
    agent = await house.agent(CHAT)
    former = (await house.join()).user
    await come_by(house, await link(house, OTHER))
    entered = await come_by(house, await link(house))
    assert (entered.user.id, entered.user.identities, entered.user.workspaces) == (agent, [CHAT, OTHER], ["w1"])
    assert await house.users.user(former.id) is None


async def test_a_chat_account_without_workspaces_moves(house: House) -> None:
    """An empty user that the chat made is dropped, and its chat account is the one's who signed in."""
    empty = await house.agent(CHAT, workspace="")
    ann = (await house.join()).user
    await house.directory.join(ann.id, "w7")
    entered = await come_by(house, await link(house))
    assert (entered.user.id, entered.user.identities, entered.user.workspaces) == (ann.id, [CHAT], ["w7"])
    assert await house.users.user(empty) is None


async def test_a_chat_account_leaves_a_login_without_dropping_it(house: House) -> None:
    """A chat account that moves from somebody who has an address leaves them their login."""
    ann = (await house.join()).user
    await come_by(house, await link(house))
    bob = (await house.join("bob@example.com")).user
    entered = await come_by(house, await link(house), "bob@example.com")
    assert (entered.user.id, entered.linked) == (bob.id, CHAT)
    left = (await house.enter()).user
    assert (left.id, left.identities) == (ann.id, [])


async def test_two_with_workspaces_stay_two(house: House) -> None:
    """Where both are in workspaces they are signed in, nothing moves, and a sentence says what to do."""
    agent = await house.agent(CHAT)
    ann = (await house.join()).user
    await house.directory.join(ann.id, "w7")
    entered = await come_by(house, await link(house))
    assert (entered.user.id, entered.linked) == (ann.id, None)
    assert "invited into" in entered.remark
    assert house.greetings.heard == []
    for id, workspace in ((agent, "w1"), (ann.id, "w7")):
        found = await house.users.user(id)
        assert found is not None
        assert found.workspaces == [workspace]


async def test_a_login_with_workspaces_is_not_taken_over(house: House) -> None:
    """A chat account of somebody with an address and workspaces is not absorbed by another sign-in."""
    await house.agent(CHAT)
    await house.apply(link=await link(house))
    ann = await house.reception.verify(house.box.token("verify"), "x", HOME)
    bob = (await house.join("bob@example.com")).user
    entered = await come_by(house, await link(house), "bob@example.com")
    assert (entered.user.id, entered.linked) == (bob.id, None)
    assert "/logout" in entered.remark
    assert await house.users.user(ann.user.id) is not None


async def test_a_link_ties_once(house: House) -> None:
    """After it has tied, the link does nothing more, nor does another of the same chat account from before."""
    await house.join()
    await house.join("bob@example.com")
    one, two = await link(house), await link(house)
    await come_by(house, one)
    for by in (one, two):
        assert await house.reception.asking(by) is None
        assert (await come_by(house, by, "bob@example.com")).linked is None
    whose = await house.reception.whose(CHAT)
    assert whose is not None
    assert whose.email == "ann@example.com"


async def test_a_link_survives_a_wrong_password(house: House) -> None:
    """A wrong password does not use up the link."""
    await house.join()
    by = await link(house)
    with pytest.raises(Refused):
        await house.reception.sign_in("ann@example.com", "wrong one", "x", HOME, by)
    assert (await come_by(house, by)).linked == CHAT


async def test_two_who_sign_in_by_one_link_at_once(house: House) -> None:
    """The chat account is one's in the end, whoever was quicker, and the other is signed in too."""
    await house.join()
    await house.join("bob@example.com")
    by = await link(house)
    await asyncio.gather(come_by(house, by), come_by(house, by, "bob@example.com"))
    found = await house.store._control.users.find({"identities": CHAT}).to_list(None)
    assert len(found) == 1


async def test_parting_leaves_a_way_in(house: House) -> None:
    """A chat account can be parted from who has another way in, and not where it is the last."""
    await house.agent(CHAT)
    with pytest.raises(Refused, match="only way in"):
        await house.reception.untie(CHAT, CHAT)
    with pytest.raises(NotFound):
        await house.reception.untie(OTHER, OTHER)
    await house.apply(link=await link(house))
    entered = await house.reception.verify(house.box.token("verify"), "x", HOME)
    await house.reception.untie(CHAT, CHAT)
    assert await house.reception.whose(CHAT) is None
    again = (await house.enter()).user
    assert (again.id, again.workspaces) == (entered.user.id, ["w1"])
    assert "untied" in await house.kinds(again.id)


async def test_the_other_chat_account_is_a_way_in_too(house: House) -> None:
    """Of two chat accounts one may go."""
    user = await house.agent(CHAT)

    def gain(found: User) -> None:
        found.identities.append(OTHER)

    await house.users.change(user, gain)
    await house.reception.untie(OTHER, OTHER)
    with pytest.raises(Refused):
        await house.reception.untie(CHAT, CHAT)


async def test_somebody_with_an_address_keeps_their_name(house: House) -> None:
    """What the chat calls somebody does not replace the name they signed up with."""
    await house.agent(CHAT)
    await house.apply(link=await link(house))
    await house.reception.verify(house.box.token("verify"), "x", HOME)
    record = await house.directory.ensure_user(CHAT, "annie", "annie99")
    found = await house.users.user(UserId(record.id))
    assert found is not None
    assert (found.name, found.username) == ("Ann Lee", "annie99")
