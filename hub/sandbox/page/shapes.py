"""What the page shows of Telegram, as JSON: chats, topics and messages, as one person sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from hub.sandbox.page.scene import Scene
from hub.sandbox.telegram.accounts import Account, Bot, Chat, Json, Stored, Topic, User

MOST_MESSAGES = 300
"""The latest of a place that are shown."""
_MEDIA = ("photo", "video", "animation", "voice", "audio", "video_note", "document", "sticker")


def desk(scene: Scene, agent: User, place: str) -> Json:
    """The agents' app at one place: a topic's number ("1": General), or "private": the chat with the hub's bot."""
    own = scene.world.private_chat(agent, scene.admin_bot)
    newest = {_thread_of(scene, m): m for m in scene.group.messages.values() if not m.service}
    topics = [_topic(t, newest.get(t.id)) for t in scene.group.topics.values()]
    return {
        "bots": [bot.username for bot in scene.world.bots.values()],
        "group": {"title": scene.group.title, "link": str(scene.group.id).removeprefix("-100")},
        "topics": [_topic(scene.group.general, newest.get(None)), *topics],
        "private": {"name": scene.admin_bot.name, "last": _last(next(reversed(own.messages.values()), None))},
        "place": _place(scene, agent, place),
    }


def contacts(scene: Scene) -> Iterator[tuple[Json, User]]:
    """Who writes on Telegram; `last`: the newest message on their phone, `answered`: it is the shop's."""
    for user in scene.contacts:
        last = next(reversed(scene.world.private_chat(user, scene.shop_bot).messages.values()), None)
        entry = contact("telegram", user.id, f"{user.first_name} {user.last_name}".strip())
        yield (
            entry | {"last": str(last.id) if last else "", "answered": last is not None and last.sender is not user},
            user,
        )


def contact(network: str, id: int | str, full: str) -> Json:
    """A contact as the page lists them; `key` names them among all."""
    return {"key": f"{network}:{id}", "network": network, "id": id, "name": full.split(maxsplit=1)[0], "full": full}


def phone(scene: Scene, person: User) -> Json:
    """A contact's phone, in the chat with the shop's bot."""
    chat = scene.world.private_chat(person, scene.shop_bot)
    return {
        "started": chat.started,
        "blocked": chat.blocked,
        "messages": _messages(scene, person, chat.messages.values()),
        "commands": _commands(scene.shop_bot, chat, person),
        "prompt": _prompt(scene, chat, person),
    }


def _place(scene: Scene, agent: User, place: str) -> Json:
    if place == "private":
        chat = scene.world.private_chat(agent, scene.admin_bot)
        found: Iterable[Stored] = chat.messages.values()
    else:
        chat = scene.group
        found = seen_in(scene, agent, topic_number(place))
    return {
        "key": place,
        "messages": _messages(scene, agent, found),
        "commands": _commands(scene.admin_bot, chat, agent),
        "prompt": _prompt(scene, chat, agent),
    }


def topic_number(place: str) -> int | None:
    """The thread of a place of the group; None for General. ValueError when it is no place."""
    if not (place.isascii() and place.isdigit()):
        raise ValueError("there is no such place")
    return None if place == "1" else int(place)


def seen_in(scene: Scene, agent: User, thread: int | None) -> list[Stored]:
    """What one person sees in a topic: what was said, and what was said to them alone, in order."""
    said = [m for m in scene.group.messages.values() if _thread_of(scene, m) == thread]
    alone = [m for m in scene.group.whispers.values() if m.receiver is agent and m.thread == thread]
    return sorted([*said, *alone], key=lambda m: (int(m.body["date"]), m.receiver is not None))


def _thread_of(scene: Scene, stored: Stored) -> int | None:
    return stored.thread if stored.thread in scene.group.topics else None


def _topic(topic: Topic, newest: Stored | None) -> Json:
    return {
        "key": str(topic.id),
        "name": topic.name,
        "closed": topic.closed,
        "color": f"#{topic.icon_color:06x}",
        "last": _last(newest),
    }


def _last(last: Stored | None) -> Json | None:
    if last is None:
        return None
    text = str(last.body.get("text") or last.body.get("caption") or _what(last.body) or "")
    bot = isinstance(last.sender, Bot)
    return {"id": last.id, "who": "" if bot else _name(last.sender), "text": text[:90], "at": last.body["date"]}


# -- messages ----------------------------------------------------------------------------------------------------------


def _messages(scene: Scene, reader: User, found: Iterable[Stored]) -> list[Json]:
    latest = list(found)[-MOST_MESSAGES:]
    return [message(scene, stored, reader) for stored in latest]


def message(scene: Scene, stored: Stored, reader: User) -> Json:
    """A message as the page draws it. Texts are plain, entities apart: nothing here is markup."""
    body = stored.body
    whisper = int(body.get("ephemeral_message_id", 0))
    shape: Json = {
        "key": f"w{whisper}" if whisper else f"m{stored.id}",
        "id": stored.id,
        "whisper": whisper,
        "from": {"id": stored.sender.id, "name": _name(stored.sender), "bot": isinstance(stored.sender, Bot)},
        "mine": stored.sender is reader,
        "at": body["date"],
    }
    if stored.service:
        return shape | {"service": _service(stored)}
    return shape | _content(body) | _around(scene, stored, reader)


def _content(body: Json) -> Json:
    caption = "text" not in body
    text = str(body.get("caption" if caption else "text", ""))
    entities = body.get("caption_entities" if caption else "entities", [])
    return {
        "text": text,
        "entities": entities,
        "caption": caption,
        "media": _media(body),
        "what": "" if text or _media(body) else _what(body),
        "album": body.get("media_group_id", ""),
        "edited": "edit_date" in body and not body.get("edit_hide"),
        "forwarded": _origin(body.get("forward_origin")),
        "buttons": body.get("reply_markup", {}).get("inline_keyboard", []),
    }


def _around(scene: Scene, stored: Stored, reader: User) -> Json:
    replied = stored.chat.messages.get(stored.reply_to or 0)
    names = {account.id: _name(account) for account in _accounts(scene)}
    quote = str((stored.body.get("quote") or {}).get("text", ""))
    return {
        "reply": _answered(replied, quote) if replied is not None and replied.id != stored.thread else None,
        "reactions": [
            {"emoji": emoji, "by": names.get(who, "?"), "mine": who == reader.id}
            for who, emojis in stored.reactions.items()
            for emoji in emojis
        ],
        "pinned": stored.id in stored.chat.pinned,
    }


def _answered(replied: Stored, quote: str) -> Json:
    text = quote or str(replied.body.get("text") or replied.body.get("caption") or _what(replied.body))
    return {"key": f"m{replied.id}", "name": _name(replied.sender), "text": text[:120]}


def _accounts(scene: Scene) -> Iterator[Account]:
    yield from scene.world.users.values()
    yield from scene.world.bots.values()


def _name(account: Account) -> str:
    return account.name if isinstance(account, Bot) else account.first_name


def _media(body: Json) -> Json | None:
    kind = next((k for k in _MEDIA if k in body), None)
    if kind is None:
        return None
    found = body[kind][-1] if kind == "photo" else body[kind]
    name = str(found.get("file_name", "")) or kind.replace("_", " ")
    return {"kind": kind, "file": f"telegram/{found['file_id']}", "name": name, "size": found.get("file_size", 0)}


def _what(body: Json) -> str:
    """In words, what has neither text nor a picture to show."""
    if "venue" in body:
        return f"📍 {body['venue']['title']}, {body['venue']['address']}"
    if "location" in body:
        return f"📍 {body['location']['latitude']:.4f}, {body['location']['longitude']:.4f}"
    if "contact" in body:
        return f"👤 {body['contact']['first_name']} {body['contact']['phone_number']}"
    if "poll" in body:
        return f"📊 {body['poll']['question']} ({', '.join(o['text'] for o in body['poll']['options'])})"
    if "dice" in body:
        return f"{body['dice']['emoji']} {body['dice']['value']}"
    kind = next((k for k in _MEDIA if k in body), "")
    return kind.replace("_", " ").capitalize()


def _origin(origin: Json | None) -> str:
    if origin is None:
        return ""
    sender = origin.get("sender_user", {})
    return str(sender.get("first_name") or origin.get("sender_user_name") or "somebody")


def _service(stored: Stored) -> str:
    body, who = stored.body, _name(stored.sender)
    if "forum_topic_created" in body:
        return f"{who} opened the topic “{body['forum_topic_created']['name']}”"
    if "forum_topic_edited" in body:
        name = body["forum_topic_edited"].get("name")
        return f"{who} renamed the topic to “{name}”" if name else f"{who} changed the topic's icon"
    if "new_chat_members" in body:
        return ", ".join(m["first_name"] for m in body["new_chat_members"]) + " joined"
    known = {
        "forum_topic_closed": f"{who} closed the topic",
        "forum_topic_reopened": f"{who} reopened the topic",
        "left_chat_member": f"{body.get('left_chat_member', {}).get('first_name', who)} left",
        "pinned_message": f"{who} pinned a message",
        "new_chat_title": f"{who} renamed the group to “{body.get('new_chat_title')}”",
    }
    return next((said for field, said in known.items() if field in body), "Something changed")


# -- what the app offers beside the messages ----------------------------------------------------------------------


def _prompt(scene: Scene, chat: Chat, reader: User) -> Json | None:
    """The question that the person's app has opened for them to answer."""
    prompts = scene.world.prompts
    found = prompts.get((chat.id, reader.id)) or prompts.get((chat.id, 0))
    if not found or not found.get("force_reply"):
        return None
    asked = chat.messages.get(found["message_id"])
    if asked is None:
        return None
    return {
        "id": asked.id,
        "hint": found.get("input_field_placeholder", ""),
        "thread": _place_of(chat, asked),
        "to": _answered(asked, ""),
    }


def _place_of(chat: Chat, stored: Stored) -> str:
    return "private" if chat.person is not None else str(stored.thread or 1)


def _commands(bot: Bot, chat: Chat, reader: User) -> list[Json]:
    """The bot's menu here: that of the narrowest scope that has one."""
    menus = {scope: menu for (scope, language), menu in bot.commands.items() if language in {"", reader.language_code}}
    for wanted in _scopes(chat, reader):
        for scope, menu in menus.items():
            if msgspec.json.decode(scope) == wanted:
                return [{"command": c["command"], "description": c["description"]} for c in menu]
    return []


def _scopes(chat: Chat, reader: User) -> Iterator[Json]:
    if chat.person is None:
        yield {"type": "chat_member", "chat_id": chat.id, "user_id": reader.id}
        yield {"type": "chat_administrators", "chat_id": chat.id}
    yield {"type": "chat", "chat_id": chat.id}
    yield {"type": "all_private_chats"} if chat.person is not None else {"type": "all_group_chats"}
    yield {"type": "default"}
