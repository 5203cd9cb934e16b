"""People of a workspace by the bot: invited by mail, given roles and limits, parted from; each rule in its sentence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.domain.accounts.models import User
from hub.domain.accounts.reception import Reception
from hub.domain.ids import UserId, new_id
from hub.domain.models import Contact, Conversation, Event, Invitation, Member, now
from hub.domain.ports import Letter, Tx
from hub.domain.reply import Reply
from hub.errors import DeliveryError
from hub.store import Store
from tests.admin_bot.counter_desk import Shop, Who, button, buttons


class Box:
    """Mail that left; with `broken`, none leaves."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.broken = ""

    async def send(self, letter: Letter) -> None:
        if self.broken:
            raise DeliveryError(self.broken)
        self.letters.append(letter)

    def token(self) -> str:
        return self.letters[-1].data["url"].partition("token=")[2]


class Office:
    """A shop whose mail and private messages are collected."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.box = Box()
        self.told: list[tuple[str, Reply]] = []
        around = self.reception._around
        object.__setattr__(around, "mailer", self.box)
        object.__setattr__(around, "clock", lambda: shop.now)
        object.__setattr__(self.reception._premises, "tell", self._tell)

    async def _tell(self, user: User, reply: Reply) -> None:
        self.told.append((user.name, reply))

    @property
    def reception(self) -> Reception:
        return self.shop.counter._services.reception

    def who(self, name: str) -> Who:
        return self.shop.people[name]

    async def private(self, name: str, line: str) -> str:
        await self.shop.private(self.who(name), line)
        return " ".join(self.shop.said().split())

    async def member(self, name: str) -> Member | None:
        return await self.shop.workspace.get(Member, self.who(name).user)

    async def invited(self) -> dict[str, Invitation]:
        return {i.email: i for i in await self.shop.all(Invitation)}

    async def set(self, who: str, /, **fields: Any) -> None:
        async def deed(tx: Tx) -> None:
            member = await tx.get(Member, self.who(who).user)
            assert member is not None
            for field, value in fields.items():
                setattr(member, field, value)

        await self.shop.run(deed)


@pytest.fixture
async def office(counter_store: Store) -> AsyncIterator[Office]:
    shop = Shop(counter_store)
    await shop.set_up()
    made = Office(shop)
    await counter_store.users.forgive("mail|nora@acme.example")
    yield made
    await made.reception.idle()


async def account(store: Store, email: str, name: str = "Nora") -> User:
    """Somebody with a login."""
    user = User(id=UserId(new_id()), name=name, first_name=name, email=email, verified_at=now(), created_at=now())
    await store.users.add(user)
    return user


# -- inviting by mail --------------------------------------------------------------------------------------------------


async def test_an_invitation_by_mail(office: Office) -> None:
    """It is kept with role and limits, the mail says who invites where as what and for how long, and a second one to
    the same address renews the first.
    """
    said = await office.private("Olivia Orr", "/invite Nora@Acme.example agent own hid")
    assert "An invitation is on its way to nora@acme.example: an agent of" in said
    assert "(own contacts only, personal data hidden)" in said
    assert "It is good for 7 days" in said
    (kept,) = (await office.invited()).values()
    assert (kept.role, kept.limits, kept.sends) == ("agent", ["own", "hidden"], 1)
    letter = office.box.letters[-1]
    assert (letter.to, letter.template, letter.data["inviter"]) == ("nora@acme.example", "invited", "Olivia Orr")
    assert (letter.data["role"], letter.data["lasts"]) == ("an agent", "7 days")
    first = office.box.token()
    office.shop.later(seconds=61)
    said = await office.private("Olivia Orr", "/invite nora@acme.example manager")
    assert "links in earlier ones are void" in said
    (kept,) = (await office.invited()).values()
    assert (kept.role, kept.limits, kept.sends) == ("manager", [], 2)
    with pytest.raises(Exception, match="A later mail has replaced this link"):
        await office.reception.invitations.look(first)
    assert (await office.reception.invitations.look(office.box.token())).role == "manager"


async def test_what_is_wrong_with_an_invitation_is_said(office: Office) -> None:
    """In one sentence that says what would be right; nothing is kept and no mail leaves."""
    wrong = {
        "/invite bob@acme": "“bob@acme” is no e-mail address; write one such as bob@acme.example.",
        "/invite bob@acme agent": "“bob@acme” is no e-mail address; write one such as bob@acme.example.",
        "/invite x@acme.example boss": "“boss” should be owner, manager or agent: /invite x@acme.example agent.",
        "/invite x@acme.example agent tidy": "“tidy” is no limit; there are own, team, no_export, no_deletion, hidden.",
        "/invite x@acme.example manager own": "Limits are for agents; leave them out, or invite an agent.",
        "/invite boss": "“boss” is no e-mail address. Write one, or one of: agent, manager, owner, list, resend,",
        "/invite owner": "An owner is invited by mail alone",
        "/invite resend": "Whose? /invite resend bob@acme.example; /invite list shows who is invited.",
        "/invite withdraw zed": "Nobody is invited as “zed”. /invite list shows who is.",
    }
    for line, sentence in wrong.items():
        said = await office.private("Olivia Orr", line)
        if line == "/invite bob@acme":
            assert "As what is bob@acme invited?" in said
        else:
            assert sentence in said, line
    assert await office.invited() == {}
    assert office.box.letters == []


async def test_who_lets_in_whom(office: Office) -> None:
    """Owners anybody, managers agents, agents nobody, but for who has that office in the organization."""
    assert "You cannot let in a manager" in await office.private("Mia", "/invite a@acme.example manager")
    assert "You cannot let in an owner" in await office.private("Mia", "/invite a@acme.example owner")
    assert "on its way" in await office.private("Mia", "/invite a@acme.example agent")
    refusal = "/invite is for a manager of this workspace or a user admin of this organization; you are an agent."
    assert refusal in await office.private("Bob Bright", "/invite a@acme.example agent")
    bob = UserId(office.who("Bob Bright").user)
    await office.shop.store.users.change(bob, _make_user_admin)
    assert "on its way to b@acme.example: an owner" in await office.private(
        "Bob Bright", "/invite b@acme.example owner"
    )
    assert "You cannot let in an owner" in await office.private("Mia", "/invite resend b@acme.example")
    assert "You cannot let in an owner" in await office.private("Mia", "/invite withdraw b@acme.example")
    assert set(await office.invited()) == {"a@acme.example", "b@acme.example"}


def _make_user_admin(user: User) -> None:
    user.organizations = dict.fromkeys(user.organizations, "user_admin")


async def test_a_member_is_not_invited(office: Office) -> None:
    """Whose address it is, is said."""
    await office.shop.store.users.change(UserId(office.who("Zoe").user), _with_login)
    said = await office.private("Olivia Orr", "/invite ZOE@acme.example agent")
    assert "zoe@acme.example is an agent here already: Zoe." in said
    assert office.box.letters == []


def _with_login(user: User) -> None:
    user.email, user.verified_at = f"zoe{user.id}@acme.example", now()
    user.email = "zoe@acme.example"


async def test_sent_again_withdrawn_and_expired(office: Office) -> None:
    """By buttons: not before a minute is over; what has expired is said to have, and can be sent again."""
    shop, olivia = office.shop, office.who("Olivia Orr")
    await office.private("Olivia Orr", "/invite nora@acme.example agent")
    first = office.box.token()
    answer = await shop.private(olivia, "/invite list")
    assert "nora@acme.example, as an agent: good until" in " ".join(shop.said().split())
    await shop.press(olivia, button(answer, "Resend"), shop.own(olivia))
    assert "A mail to nora@acme.example left just now. Another can leave in 60 seconds." in shop.said()
    shop.later(days=7, minutes=1)
    with pytest.raises(Exception, match="good for 7 days, which are over"):
        await office.reception.invitations.look(first)
    answer = await shop.private(olivia, "/invite list")
    assert "expired, send it again" in shop.said()
    answer = await shop.press(olivia, button(answer, "Resend"), shop.own(olivia))
    assert "A new mail is on its way" in shop.said()
    assert len(office.box.letters) == 2
    await shop.press(olivia, button(answer, "Withdraw"), shop.own(olivia))
    assert "The invitation of nora@acme.example is withdrawn" in shop.said()
    with pytest.raises(Exception, match="accepted or withdrawn"):
        await office.reception.invitations.look(office.box.token())
    await shop.press(olivia, button(answer, "Withdraw"), shop.own(olivia))
    assert "That invitation is not waiting any more" in shop.said()


async def test_a_second_tap_mails_nothing(office: Office) -> None:
    """Pressed twice, an invitation leaves once; the second tap says so, and the way to send it again."""
    shop, olivia = office.shop, office.who("Olivia Orr")
    asked = await shop.private(olivia, "/invite nora@acme.example")
    await shop.press(olivia, button(asked, "As an agent"), shop.own(olivia))
    answer = await shop.press(olivia, button(asked, "As an agent"), shop.own(olivia))
    assert "is invited already: an agent of" in " ".join(shop.said().split())
    assert len(office.box.letters) == 1
    assert [b.label for b in buttons(answer)] == ["Resend", "Withdraw"]
    office.shop.later(minutes=2)
    await shop.press(olivia, button(asked, "As a manager"), shop.own(olivia))
    assert "A new mail is on its way" in shop.said(), "that is another invitation"


async def test_mail_that_cannot_leave(office: Office) -> None:
    """It is said with the server's words; the invitation stays and can be sent again at once."""
    shop, olivia = office.shop, office.who("Olivia Orr")
    office.box.broken = "The mail server said 451 greylisted."
    answer = await shop.private(olivia, "/invite nora@acme.example agent")
    assert "could not leave: The mail server said 451 greylisted." in shop.said()
    await shop.private(olivia, "/invite list")
    assert "the mail could not leave" in shop.said()
    office.box.broken = ""
    await shop.press(olivia, button(answer, "Resend"), shop.own(olivia))
    assert "A new mail is on its way" in shop.said()


async def test_a_name_in_a_mail_is_no_link(office: Office) -> None:
    """What strangers are mailed holds no address that a member wrote into their name."""
    await office.set("Mia", name="Win at http://evil.example/x")
    await office.private("Mia", "/invite nora@acme.example agent")
    assert office.box.letters[-1].data["inviter"] == "A colleague"


async def test_strangers_are_not_flooded(office: Office) -> None:
    """Whoever asks for it: an address gets a few mails an hour."""
    for _ in range(6):
        await office.private("Olivia Orr", "/invite flood@acme.example agent")
    assert "got several mails from here" in await office.private("Mia", "/invite flood@acme.example agent")
    assert len(office.box.letters) == 6


# -- accepting ---------------------------------------------------------------------------------------------------------


async def test_who_accepts_is_a_member(office: Office) -> None:
    """With role and limits, once, and only whom the mail reached; it is in the audit, and told in their chat."""
    await office.private("Olivia Orr", "/invite nora@acme.example agent no-export")
    token, store = office.box.token(), office.shop.store
    nora = await store.users.by_email("nora@acme.example") or await account(store, "nora@acme.example")
    other = await account(store, f"{new_id()}@acme.example", "Otto")
    invitations = office.reception.invitations
    with pytest.raises(Exception, match="This invitation is for nora@acme"):
        await invitations.accept(token, other, "a test")
    accepted = await invitations.accept(token, nora, "a test")
    assert accepted.role == "agent"
    member = await office.shop.workspace.get(Member, nora.id)
    assert member is not None
    assert (member.role, member.limits) == ("agent", ["no_export"])
    user = await store.users.user(nora.id)
    assert user is not None
    assert user.workspaces[0] == office.shop.workspace.id
    assert await office.invited() == {}
    with pytest.raises(Exception, match="accepted or withdrawn"):
        await invitations.accept(token, nora, "a test")
    kinds = [t.kind for t in await office.reception.traces(nora.id)]
    assert "invitation_accepted" in kinds
    await office.reception.idle()
    assert [(name, reply.template) for name, reply in office.told] == [("Nora", "admitted")]


# -- roles -------------------------------------------------------------------------------------------------------------


async def test_roles_and_limits_by_line_and_by_button(office: Office) -> None:
    """Typed, or by the buttons of /users; told to whom it concerns, and kept in the audit."""
    shop, olivia = office.shop, office.who("Olivia Orr")
    said = await office.private("Olivia Orr", "/role bob bright manager")
    assert "Bob Bright is a manager now" in said
    answer = await shop.private(olivia, "/users")
    assert "Bob Bright, manager" in shop.said()
    answer = await shop.press(olivia, button(answer, "Bob Bright"), shop.own(olivia))
    answer = await shop.press(olivia, button(answer, "Make agent"), shop.own(olivia))
    answer = await shop.press(olivia, button(answer, "☐ own contacts only"), shop.own(olivia))
    answer = await shop.press(olivia, button(answer, "☐ personal data hidden"), shop.own(olivia))
    assert "Bob Bright is an agent now: own contacts only, personal data hidden." in shop.said()
    await shop.press(olivia, button(answer, "☑ own contacts only"), shop.own(olivia))
    bob = await office.member("Bob Bright")
    assert bob is not None
    assert (bob.role, bob.limits) == ("agent", ["hidden"])
    await office.reception.idle()
    assert [reply.data["role"] for name, reply in office.told] == ["a manager", *["an agent"] * 4]
    assert len([e for e in await shop.all(Event) if e.kind == "role_changed"]) == 5
    assert [t.kind for t in await office.reception.traces(bob.id)].count("role_changed") == 5


async def test_all_limits_fit_on_a_button(office: Office) -> None:
    """A line of every limit but one is no longer than a network carries."""
    shop, olivia = office.shop, office.who("Olivia Orr")
    answer = await shop.private(olivia, "/role zoe agent own team no_export no_deletion hidden")
    for label in ("own contacts only", "personal data hidden"):
        answer = await shop.press(olivia, button(answer, f"☑ {label}"), shop.own(olivia))
        answer = await shop.press(olivia, button(answer, f"☐ {label}"), shop.own(olivia))
    zoe = await office.member("Zoe")
    assert zoe is not None
    assert zoe.limits == ["own", "team", "no_export", "no_deletion", "hidden"]


RULES = [
    ("Olivia Orr", "/role olivia agent", "You are the only owner here, and nobody changes their own role or limits"),
    ("Olivia Orr", "/remove olivia", "You are the only owner here, and nobody removes themselves"),
    ("Olivia Orr", "/remove olivia now", "You are the only owner here, and nobody removes themselves"),
    ("Mia", "/role mia owner", "Nobody changes their own role or limits: ask another owner or a manager."),
    ("Mia", "/role olivia agent", "Only an owner changes what Olivia Orr may, who is an owner."),
    ("Mia", "/remove olivia now", "Only an owner removes Olivia Orr, who is an owner."),
    ("Mia", "/role bob manager", "Only an owner makes somebody manager; you set the limits of agents."),
    ("Bob Bright", "/role zoe agent own", "/role is for a manager of this workspace; you are an agent."),
    ("Bob Bright", "/remove zoe now", "/remove is for a manager of this workspace; you are an agent."),
    ("Olivia Orr", "/role mia manager own", "Limits are for agents"),
    ("Olivia Orr", "/role zed agent", "Nobody here is called “zed”."),
    ("Olivia Orr", "/role zoe boss", "“boss” should be owner, manager or agent."),
    ("Olivia Orr", "/role zoe agent tidy", "“tidy” is no limit"),
    ("Olivia Orr", "/remove zoe to", "To whom? Write a colleague's name: /remove Zoe to Ann."),
    ("Olivia Orr", "/remove zoe to zoe", "Their conversations can go to somebody else only"),
    ("Olivia Orr", "/remove zoe please", "“please” should be to or now."),
]


async def test_what_nobody_may(office: Office) -> None:
    """Each rule in its sentence, and nothing is changed by any of them."""
    before = [(m.id, m.role, m.limits, m.identities) for m in await office.shop.all(Member)]
    for who, line, sentence in RULES:
        assert sentence in await office.private(who, line), line
    assert [(m.id, m.role, m.limits, m.identities) for m in await office.shop.all(Member)] == before
    await office.set("Mia", role="owner")
    assert "Nobody changes their own role or limits: ask another owner" in await office.private(
        "Mia", "/role mia agent"
    )


# -- parting -----------------------------------------------------------------------------------------------------------


async def test_a_colleague_is_removed(office: Office) -> None:
    """By a button that says what becomes of their conversations; they go to whom was named, each with its event, and
    what the one who is gone writes reaches nobody.
    """
    shop, olivia, bob = office.shop, office.who("Olivia Orr"), office.who("Bob Bright")
    topic = await shop.arrive("Ann")
    await topic.say(bob, "/take")
    await topic.say(bob, "I have it")
    sent = len(await shop.out())
    answer = await shop.private(olivia, "/remove bob bright")
    assert "1 open conversation would go back to the queue. Nothing has changed yet." in " ".join(shop.said().split())
    answer = await shop.press(olivia, button(answer, "To Zoe"), shop.own(olivia))
    assert "1 open conversation would go to Zoe" in " ".join(shop.said().split())
    assert await office.member("Bob Bright") is not None
    await shop.press(olivia, button(answer, "Zoe takes over"), shop.own(olivia))
    assert "Bob Bright is no member of" in shop.said()
    await shop.press(olivia, button(answer, "Zoe takes over"), shop.own(olivia))
    assert shop.said() == "Whoever is meant is no member here any more. Nothing was changed by this."
    zoe = office.who("Zoe").user
    assert (await topic.conversation()).assignee == zoe
    assert (await topic.person()).assignee == zoe
    handed = [e for e in await shop.all(Event) if e.kind == "assigned"][-1]
    assert (handed.actor, handed.facts["before"], handed.facts["after"]) == (olivia.user, bob.user, zoe)
    assert await office.member("Bob Bright") is None
    user = await shop.store.users.user(UserId(bob.user))
    assert user is not None
    assert shop.workspace.id not in user.workspaces
    await office.reception.idle()
    assert ("Bob Bright", "removed_you") in [(name, reply.template) for name, reply in office.told]
    for words in ("Me again", "/take", "//note"):
        await topic.say(bob, words)
        assert "you are not a member of this workspace" in shop.said().lower(), words
    assert len(await shop.out()) == sent


async def test_back_to_the_queue_and_nothing_to_undo(office: Office) -> None:
    """Without an heir they wait for whoever takes them; undoing a handing over gives nothing to who is gone."""
    shop, mia, bob = office.shop, office.who("Mia"), office.who("Bob Bright")
    topic = await shop.arrive("Ann")
    await topic.say(bob, "/take")
    await shop.private(mia, "/remove bob now")
    assert "1 open conversation went back to the queue" in " ".join(shop.said().split())
    assert (await topic.conversation()).assignee is None
    await shop.private(mia, "/undo")
    assert (await topic.conversation()).assignee is None


async def test_many_conversations_are_handed_over(office: Office) -> None:
    """More than one deed carries, and contacts who have no open conversation."""
    shop, bob = office.shop, office.who("Bob Bright")
    topic = await shop.arrive("Ann")
    template = await topic.conversation()

    async def deed(tx: Tx) -> None:
        for number in range(120):
            contact = Contact(id=new_id(), first_name=f"C{number}", assignee=bob.user)  # type: ignore[arg-type]
            tx.add(contact)
            if number % 2:
                conversation = Conversation(
                    id=new_id(),  # type: ignore[arg-type]
                    number=1000 + number,
                    contact=contact.id,
                    live=contact.id,
                    state="open",
                    channel=template.channel,
                    opened_at=now(),
                    assignee=bob.user,  # type: ignore[arg-type]
                )
                tx.add(conversation)

    await shop.run(deed)
    await shop.private(office.who("Olivia Orr"), "/remove bob now mia")
    assert "60 open conversations went to Mia" in " ".join(shop.said().split())
    assert await shop.all(Contact, assignee=bob.user) == []
    assert await shop.all(Conversation, assignee=bob.user) == []


async def test_two_owners_do_not_lower_each_other(office: Office) -> None:
    """At once: one is left."""
    import asyncio

    await office.set("Mia", role="owner")
    await asyncio.gather(
        office.shop.private(office.who("Mia"), "/role olivia agent"),
        office.shop.private(office.who("Olivia Orr"), "/role mia agent"),
    )
    roles = {m.name: m.role for m in await office.shop.all(Member)}
    assert sorted([roles["Mia"], roles["Olivia Orr"]]) == ["agent", "owner"]


async def test_users_are_listed_for_all(office: Office) -> None:
    """Roles and networks for every member; addresses for who manages, in private; buttons for whom one may change."""
    await office.shop.store.users.change(UserId(office.who("Olivia Orr").user), _with_mail)
    said = await office.private("Bob Bright", "/users")
    assert "Olivia Orr, owner · Telegram" in said
    assert "orr@" not in said
    assert "orr@" in await office.private("Mia", "/users")
    await office.shop.say(office.who("Mia"), "/users")
    assert "orr@" not in office.shop.said()
    assert [b.label for b in buttons(await office.shop.private(office.who("Bob Bright"), "/users"))] == []
    shown = buttons(await office.shop.private(office.who("Mia"), "/users"))
    assert [b.label for b in shown] == ["Bob Bright ▾", "Zoe ▾"]


def _with_mail(user: User) -> None:
    user.email, user.verified_at = f"orr@{user.id}.example", now()
