"""Who is who in the demo's world: a shop with two bots, two agents in a forum group, and the people who write to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.sandbox.telegram.accounts import Bot, Chat, User
from hub.sandbox.telegram.standin import TelegramStandIn


@dataclass
class Scene:
    """The world and the parts that its people have in it."""

    world: TelegramStandIn
    admin_bot: Bot
    shop_bot: Bot
    group: Chat
    agents: list[User]
    contacts: list[User] = field(default_factory=list)

    def person(self, name: str) -> User:
        """An agent or contact by first name. StopIteration when nobody is called so."""
        return next(user for user in [*self.agents, *self.contacts] if user.first_name == name)

    def new_contact(self, first_name: str, last_name: str = "") -> User:
        """Somebody who has never written to the shop."""
        user = self.world.add_user(first_name, last_name)
        self.contacts.append(user)
        return user

    def bot_called(self, username: str) -> Bot | None:
        """The bot that a link names."""
        return next((b for b in self.world.bots.values() if b.username.lower() == username.lower()), None)


def make_scene(world: TelegramStandIn) -> Scene:
    """A new scene: nobody has said anything yet, and the hub's own bot leads the group as an administrator."""
    admin_bot = world.add_bot("acme_desk_bot", "Acme Desk")
    shop_bot = world.add_bot("acme_shop_bot", "Acme Shop")
    olivia = world.add_user("Olivia", "Owner", "olivia")
    bob = world.add_user("Bob", "Baker", "bob")
    group = world.add_forum("Support", members=[bob], admins=[olivia, admin_bot])
    scene = Scene(world, admin_bot, shop_bot, group, [olivia, bob])
    scene.new_contact("Ann", "Lee")
    scene.new_contact("Tom", "Hill")
    return scene
