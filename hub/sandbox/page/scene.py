"""Who is who in the demo's world: a shop's agents and where their desks are, and the people who write to the shop."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.sandbox import messenger as messenger_network
from hub.sandbox import slack as slack_network
from hub.sandbox.messenger import MessengerStandIn
from hub.sandbox.messenger.accounts import Page, Person
from hub.sandbox.slack import SlackStandIn
from hub.sandbox.telegram.accounts import Bot, Chat, User
from hub.sandbox.telegram.standin import TelegramStandIn


@dataclass
class OnSlack:
    """Two Slack workspaces: the agents', with a desk and the hub's app; and one of customers, with the shop's app."""

    world: SlackStandIn
    team: slack_network.Team
    app: slack_network.App
    hub: slack_network.Installation
    """The hub's app in the agents' workspace: the desk."""
    desk: slack_network.Channel
    agents: list[slack_network.User]
    """The same people as the agents on Telegram, in the same order."""
    customers: slack_network.Team
    shop_app: slack_network.App
    shop: slack_network.Installation
    """The app that customers write to, in direct messages."""
    contacts: list[slack_network.User] = field(default_factory=list)

    def person(self, name: str) -> slack_network.User:
        """An agent or contact by first name. StopIteration when nobody is called so."""
        return next(user for user in [*self.agents, *self.contacts] if user.real_name.split()[0] == name)

    def new_contact(self, first_name: str, last_name: str = "") -> slack_network.User:
        """Somebody of the customers' workspace who has never written to the shop."""
        name = f"{first_name} {last_name}".strip()
        self.contacts.append(self.world.add_user(self.customers, name))
        return self.contacts[-1]


@dataclass
class OnMessenger:
    """The shop's page, and the people who write to it."""

    world: MessengerStandIn
    app: messenger_network.App
    page: Page
    contacts: list[Person] = field(default_factory=list)

    def person(self, name: str) -> Person:
        """A contact by first name. StopIteration when nobody is called so."""
        return next(person for person in self.contacts if person.first_name == name)

    def new_contact(self, first_name: str, last_name: str = "") -> Person:
        """Somebody who has never written to the page."""
        self.contacts.append(self.world.add_person(first_name, last_name))
        return self.contacts[-1]


@dataclass
class Scene:
    """The worlds and the parts that their people have in them. Telegram is always there, the others where founded."""

    world: TelegramStandIn
    admin_bot: Bot
    shop_bot: Bot
    group: Chat
    agents: list[User]
    contacts: list[User] = field(default_factory=list)
    slack: OnSlack | None = None
    messenger: OnMessenger | None = None

    def person(self, name: str) -> User:
        """An agent or contact on Telegram by first name. StopIteration when nobody is called so."""
        return next(user for user in [*self.agents, *self.contacts] if user.first_name == name)

    def new_contact(self, first_name: str, last_name: str = "") -> User:
        """Somebody who has never written to the shop."""
        user = self.world.add_user(first_name, last_name)
        self.contacts.append(user)
        return user

    def bot_called(self, username: str) -> Bot | None:
        """The bot that a link names."""
        return next((b for b in self.world.bots.values() if b.username.lower() == username.lower()), None)


def make_scene(
    telegram: TelegramStandIn, slack: SlackStandIn | None = None, messenger: MessengerStandIn | None = None
) -> Scene:
    """A new scene: nobody has said anything yet, and the hub's own bot leads the group as an administrator."""
    admin_bot = telegram.add_bot("acme_desk_bot", "Acme Desk")
    shop_bot = telegram.add_bot("acme_shop_bot", "Acme Shop")
    olivia = telegram.add_user("Olivia", "Owner", "olivia")
    bob = telegram.add_user("Bob", "Baker", "bob")
    group = telegram.add_forum("Support", members=[bob], admins=[olivia, admin_bot])
    scene = Scene(telegram, admin_bot, shop_bot, group, [olivia, bob])
    scene.new_contact("Ann", "Lee")
    scene.new_contact("Tom", "Hill")
    scene.slack = _on_slack(slack) if slack else None
    scene.messenger = _on_messenger(messenger) if messenger else None
    return scene


def _on_slack(world: SlackStandIn) -> OnSlack:
    team, customers = world.add_team("Acme"), world.add_team("Acme Friends")
    agents = [world.add_user(team, name, is_admin=name.startswith("Olivia")) for name in ("Olivia Owner", "Bob Baker")]
    app, shop_app = world.add_app("Acme Desk", commands=("/hub",)), world.add_app("Acme Shop")
    hub, shop = world.install(app, team), world.install(shop_app, customers)
    desk = world.add_channel(team, "support", [*agents, app])
    found = OnSlack(world, team, app, hub, desk, agents, customers, shop_app, shop)
    found.new_contact("Sam", "Stone")
    return found


def _on_messenger(world: MessengerStandIn) -> OnMessenger:
    app = world.add_app("Acme Desk")
    found = OnMessenger(world, app, world.add_page("Acme Shop", app))
    found.new_contact("Mia", "Moon")
    return found
