"""Groups and forums: who comes, goes and leads, and what people do with topics."""

from collections.abc import Iterable

from hub.sandbox.telegram import updates
from hub.sandbox.telegram.accounts import BOT_RIGHTS, RIGHTS, Account, Bot, Chat, Json, Member, Topic, User
from hub.sandbox.telegram.people import People


class Groups(People):
    """The verbs of groups. Members given at the start were there before anybody listened: no bot is told of them."""

    def add_forum(self, title: str, members: Iterable[Account] = (), admins: Iterable[Account] = ()) -> Chat:
        """A supergroup with topics. Bots among the admins may manage topics, delete and pin messages."""
        return self._add(Chat(-next(self._supergroup_ids), "supergroup", title, forum=True), members, admins)

    def add_supergroup(self, title: str, members: Iterable[Account] = (), admins: Iterable[Account] = ()) -> Chat:
        """A supergroup without topics."""
        return self._add(Chat(-next(self._supergroup_ids), "supergroup", title), members, admins)

    def add_group(self, title: str, members: Iterable[Account] = (), admins: Iterable[Account] = ()) -> Chat:
        """A basic group."""
        return self._add(Chat(-next(self._group_ids), "group", title), members, admins)

    def _add(self, chat: Chat, members: Iterable[Account], admins: Iterable[Account]) -> Chat:
        for account in members:
            chat.members[account.id] = Member(account)
        for account in admins:
            chat.members[account.id] = Member(account, "administrator", _rights(account, None))
        first = next((m for m in chat.members.values() if m.leads() and isinstance(m.account, User)), None)
        if first is not None:
            first.status = "creator"
        self.chats[chat.id] = chat
        return chat

    def add_to_chat(
        self, chat: Chat, account: Account, admin: bool = False, rights: Iterable[str] | None = None
    ) -> None:
        """Bring somebody in, or change what they may do if they are there already."""
        old = chat.members.get(account.id) or Member(account, "left")
        new = Member(account, "administrator", _rights(account, rights)) if admin else Member(account)
        chat.members[account.id] = new
        self._tell_members(chat, old, new)
        if not old.present():
            self.announce(chat, self._actor(chat, account), {"new_chat_members": [account.as_json()]})

    def remove_from_chat(self, chat: Chat, account: Account, kicked: bool = True) -> None:
        """Remove somebody (or, kicked=False, let them leave)."""
        old = chat.members[account.id]
        new = Member(account, "kicked" if kicked else "left")
        actor = self._actor(chat, account) if kicked else account
        self.announce(chat, actor, {"left_chat_member": account.as_json()})
        chat.members[account.id] = new
        self._tell_members(chat, old, new)

    def _actor(self, chat: Chat, account: Account) -> Account:
        people = [m for m in chat.members.values() if isinstance(m.account, User) and m.present()]
        leading = [m.account for m in people if m.leads()] or [m.account for m in people]
        return leading[0] if leading else account

    def _tell_members(self, chat: Chat, old: Member, new: Member) -> None:
        actor = self._actor(chat, new.account)
        shape: Json = {"chat": chat.as_json(), "from": actor.as_json(), "date": int(self.clock())}
        shape |= {"old_chat_member": old.as_json(), "new_chat_member": new.as_json()}
        if isinstance(new.account, Bot):
            new.account.inbox.push("my_chat_member", shape, chat.id + updates.QUEUE_OF_OWN_MEMBERSHIP)
        for bot in chat.bots():
            if bot is not new.account and chat.members[bot.id].leads():
                bot.inbox.push("chat_member", shape, new.account.id + updates.QUEUE_OF_MEMBERS)

    def migrate(self, group: Chat) -> Chat:
        """Turn a basic group into a supergroup of a new id; the old id then errors."""
        chat = Chat(-next(self._supergroup_ids), "supergroup", group.title, members=dict(group.members))
        self.chats[chat.id] = chat
        actor = self._actor(group, next(iter(group.members.values())).account)
        self.announce(group, actor, {"migrate_to_chat_id": chat.id})
        group.migrated_to = chat.id
        self.announce(chat, actor, {"migrate_from_chat_id": group.id})
        return chat

    def delete_group(self, chat: Chat) -> None:
        """Delete a group for everybody; bots are told nothing, later calls get 403."""
        chat.gone = True

    def deactivate(self, user: User) -> None:
        """Delete a person's account."""
        user.deactivated = True

    def rename_chat(self, user: User, chat: Chat, title: str) -> Json:
        """Change the group's title."""
        chat.title = title
        return self.render(self.announce(chat, user, {"new_chat_title": title}))

    # -- topics ------------------------------------------------------------------------------------------------

    def create_topic(self, user: User, chat: Chat, name: str) -> Topic:
        """Open a topic."""
        return self.open_topic(chat, user, Topic(0, name))

    def close_topic(self, user: Account, chat: Chat, topic_id: int) -> None:
        """Close a topic; bots get the service message."""
        self.change_topic(user, chat, topic_id, {"forum_topic_closed": {}})

    def reopen_topic(self, user: Account, chat: Chat, topic_id: int) -> None:
        """Open a closed topic again."""
        self.change_topic(user, chat, topic_id, {"forum_topic_reopened": {}})

    def rename_topic(self, user: Account, chat: Chat, topic_id: int, name: str) -> None:
        """Give a topic another name."""
        self.change_topic(user, chat, topic_id, {"forum_topic_edited": {"name": name}})

    def change_topic(self, actor: Account, chat: Chat, topic_id: int, service: Json) -> None:
        """Apply what a topic's service message says, and post it there. 1 is the General topic."""
        topic = chat.general if topic_id == chat.general.id else chat.topics[topic_id]
        topic.closed = "forum_topic_closed" in service or (topic.closed and "forum_topic_reopened" not in service)
        topic.hidden = "general_forum_topic_hidden" in service or (
            topic.hidden and "general_forum_topic_unhidden" not in service
        )
        changed = service.get("forum_topic_edited", {})
        topic.name = changed.get("name", topic.name)
        topic.icon_custom_emoji_id = changed.get("icon_custom_emoji_id", topic.icon_custom_emoji_id)
        self.announce(chat, actor, service, None if topic is chat.general else topic.id)
        self.changes.add("topic", chat, topic=topic.as_json() | {"closed": topic.closed})

    def delete_topic(self, user: User, chat: Chat, topic_id: int) -> None:
        """Delete a topic with its messages. No bot is told."""
        if chat.member(user.id) is None or topic_id not in chat.topics:
            raise ValueError(f"there is no topic {topic_id} to delete for {user.first_name}")
        self.drop_topic(chat, topic_id)

    def lose_topics(self, chat: Chat) -> None:
        """Forget every topic, as very large forums do: the messages stay, the threads are not found any more."""
        chat.topics.clear()

    def pin(self, user: Account, chat: Chat, message_id: int) -> None:
        """Pin a message; bots get the service message in its thread."""
        stored = self.stored(chat, message_id)
        chat.pinned = [number for number in chat.pinned if number != message_id] + [message_id]
        self.announce(chat, user, {"pinned_message": message_id}, stored.thread)


def _rights(account: Account, rights: Iterable[str] | None) -> frozenset[str]:
    if rights is not None:
        return frozenset(rights)
    return BOT_RIGHTS if isinstance(account, Bot) else frozenset(RIGHTS)
