"""Methods about the bot itself, its webhook and menus, about chats, members and files."""

import re
from urllib.parse import urlsplit

import msgspec

from hub.sandbox.telegram.accounts import Bot, Chat, Json, Member, Stored
from hub.sandbox.telegram.asks import Ask
from hub.sandbox.telegram.files import DOWNLOAD_LIMIT, file_id
from hub.sandbox.telegram.parameters import chat_in, text_in
from hub.sandbox.telegram.refusals import bad
from hub.sandbox.telegram.updates import DEFAULT_KINDS, KINDS, Webhook

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SECRET = re.compile(r"[A-Za-z0-9_-]*\Z")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}\Z")
_PORTS = frozenset({80, 88, 443, 8443})


def get_me(ask: Ask) -> Json:
    """Who the bot is."""
    return ask.bot.as_me()


# -- webhook -----------------------------------------------------------------------------------------------------


def allow(ask: Ask) -> None:
    """Apply allowed_updates: absent keeps what was, empty means the default."""
    given = ask.given("allowed_updates")
    if given is not None:
        ask.bot.inbox.allowed = (frozenset(given) & frozenset(KINDS)) or DEFAULT_KINDS


def set_webhook(ask: Ask) -> bool:
    """Have updates posted. Plain http is taken on loopback only, where the real server would want https."""
    url, secret = ask.given("url", ""), ask.given("secret_token", "")
    if not url:
        return delete_webhook(ask)
    _check_url(url)
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not _SECRET.match(secret):
        raise bad("secret token contains unallowed characters")
    connections = min(max(ask.given("max_connections", 40), 1), 100)
    allow(ask)
    _point(ask, Webhook(url, secret, connections, ask.given("ip_address", "")))
    return True


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        port = parts.port or 443
    except ValueError:
        raise bad("invalid webhook URL specified") from None
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise bad("invalid webhook URL specified")
    if parts.hostname in _LOOPBACK:
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in _PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def _point(ask: Ask, webhook: Webhook) -> None:
    if ask.given("drop_pending_updates"):
        ask.bot.inbox.clear()
    ask.bot.inbox.webhook = webhook
    ask.bot.inbox.on_webhook()
    ask.bot.inbox.on_departure()


def delete_webhook(ask: Ask) -> bool:
    """Have no updates posted any more; they wait."""
    _point(ask, Webhook())
    return True


def get_webhook_info(ask: Ask) -> Json:
    """Where updates go, how many wait, and what went wrong last."""
    inbox = ask.bot.inbox
    shape: Json = {"url": inbox.webhook.url, "has_custom_certificate": False}
    shape["pending_update_count"] = len(inbox.waiting)
    if inbox.webhook.url:
        shape |= {
            "max_connections": inbox.webhook.max_connections,
            "ip_address": inbox.webhook.ip_address or "127.0.0.1",
        }
    if inbox.webhook.last_error:
        shape |= {"last_error_date": inbox.webhook.last_error_at, "last_error_message": inbox.webhook.last_error}
    if inbox.allowed != DEFAULT_KINDS:
        shape["allowed_updates"] = sorted(inbox.allowed)
    return shape


# -- menus -------------------------------------------------------------------------------------------------------


def _menu(ask: Ask) -> tuple[str, str]:
    scope: Json = ask.given("scope") or {"type": "default"}
    kind = text_in(scope, "type")
    known = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
    if kind not in known | {"chat", "chat_administrators", "chat_member"}:
        raise bad("Can't parse BotCommandScope: Unsupported type specified")
    if kind not in known:
        if not scope.get("chat_id"):
            raise bad("Can't parse BotCommandScope: Empty chat_id specified")
        Ask(ask.world, ask.bot, {"chat_id": chat_in(scope, "chat_id")}).chat()
    language = ask.given("language_code", "")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("LANG_CODE_INVALID")
    return msgspec.json.encode(scope, order="sorted").decode(), language


def set_my_commands(ask: Ask) -> bool:
    """The menu of one scope and language."""
    menu = [_command(entry) for entry in ask.values["commands"]]
    if len(menu) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    key = _menu(ask)
    ask.bot.commands[key] = menu
    if not menu:
        del ask.bot.commands[key]
    return True


def _command(entry: object) -> Json:
    if not isinstance(entry, dict):
        raise bad("Can't parse BotCommand: expected an Object")
    name, description = text_in(entry, "command").removeprefix("/"), text_in(entry, "description")
    if not _COMMAND.match(name):
        raise bad("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:
        raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description} | ({"is_ephemeral": True} if entry.get("is_ephemeral") else {})


def get_my_commands(ask: Ask) -> list[Json]:
    """The menu of exactly this scope and language."""
    return ask.bot.commands.get(_menu(ask), [])


def delete_my_commands(ask: Ask) -> bool:
    """No menu for this scope and language."""
    ask.bot.commands.pop(_menu(ask), None)
    return True


def set_own_text(field: str) -> object:
    """The method that sets the bot's name, description or short description."""

    def setter(ask: Ask) -> bool:
        ask.bot.texts[field, ask.given("language_code", "")] = ask.given(field, "")
        if field == "name" and not ask.given("language_code"):
            ask.bot.name = ask.given(field) or ask.bot.username
        return True

    return setter


def get_own_text(field: str) -> object:
    """The method that gives it back."""

    def getter(ask: Ask) -> Json:
        default = ask.bot.name if field == "name" else ""
        return {field: ask.bot.texts.get((field, ask.given("language_code", "")), default)}

    return getter


# -- chats and members -------------------------------------------------------------------------------------------


def get_chat(ask: Ask) -> Json:
    """ChatFullInfo."""
    chat = ask.chat()
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    shape = chat.as_json() | {"accent_color_id": 0, "max_reaction_count": 11}
    shape["accepted_gift_types"] = dict.fromkeys(gifts, False)
    if chat.person is None:
        shape["permissions"] = _permissions(chat)
    pinned = chat.messages.get(chat.pinned[-1]) if chat.pinned else None
    if pinned is not None:
        shape["pinned_message"] = ask.world.render(pinned, ask.bot)
    return shape


def _permissions(chat: Chat) -> Json:
    names = [
        "messages",
        "audios",
        "documents",
        "photos",
        "videos",
        "video_notes",
        "voice_notes",
        "polls",
        "other_messages",
    ]
    allowed: Json = {f"can_send_{name}": True for name in names}
    allowed |= {"can_add_web_page_previews": True, "can_change_info": False, "can_invite_users": True}
    return allowed | {"can_pin_messages": False} | ({"can_manage_topics": False} if chat.forum else {})


def get_chat_member(ask: Ask) -> Json:
    """How an account stands in a chat."""
    chat = ask.chat()
    user_id = ask.values["user_id"]
    if chat.person is not None:
        account = next((one for one in (chat.person, ask.bot) if one.id == user_id), None)
        if account is None:
            raise bad("PARTICIPANT_ID_INVALID")
        return Member(account).as_json()
    member = chat.members.get(user_id)
    if member is not None:
        return member.as_json()
    user = ask.world.users.get(user_id)
    if user is None:
        raise bad("PARTICIPANT_ID_INVALID")
    return Member(user, "left").as_json()


def get_chat_administrators(ask: Ask) -> list[Json]:
    """The owner and the administrators; of the bots only this one."""
    chat = ask.chat()
    if chat.person is not None:
        raise bad("there are no administrators in the private chat")
    leading = [member for member in chat.members.values() if member.leads()]
    return [m.as_json() for m in leading if not isinstance(m.account, Bot) or m.account is ask.bot]


def get_chat_member_count(ask: Ask) -> int:
    """How many are here."""
    chat = ask.chat()
    return 2 if chat.person is not None else sum(member.present() for member in chat.members.values())


def leave_chat(ask: Ask) -> bool:
    """Leave a group."""
    chat = ask.chat()
    if chat.person is not None:
        raise bad("chat member status can't be changed in private chats")
    ask.world.remove_from_chat(chat, ask.bot, kicked=False)
    return True


def set_chat_title(ask: Ask) -> bool:
    """Another title for a group."""
    chat = ask.chat()
    ask.need(chat, "can_change_info", "change chat title")
    title = str(ask.values["title"]).strip()[:128]
    if title == chat.title:
        return True
    chat.title = title
    ask.world.announce(chat, ask.bot, {"new_chat_title": title})
    return True


def get_user_profile_photos(ask: Ask) -> Json:
    """A person's pictures, newest first; of one who hides them there are none."""
    user = ask.world.users.get(ask.values["user_id"])
    if user is None or not ask.world.acquainted(user, ask.bot):
        raise bad("user not found")
    offset, limit = ask.given("offset", 0), min(max(ask.given("limit", 100), 1), 100)
    if offset < 0:
        raise bad("Parameter offset must be non-negative")
    every = [] if user.hides_pictures or user.deactivated else user.pictures
    photos = [[_size(size, ask.bot) for size in sizes] for sizes in every[offset : offset + limit]]
    return {"total_count": len(every), "photos": photos}


def _size(size: Json, bot: Bot) -> Json:
    return size | {"file_id": file_id(bot.id, size["file_id"], "photo")}


# -- files -------------------------------------------------------------------------------------------------------


def get_file(ask: Ask) -> Json:
    """Where to download a file of at most 20 MB."""
    given = ask.values["file_id"]
    try:
        file = ask.world.files.named(ask.bot.id, given)
    except Exception as refusal:
        raise bad("wrong file_id or the file is temporarily unavailable") from refusal
    if file.size > DOWNLOAD_LIMIT:
        raise bad("file is too big")
    shape: Json = {"file_id": given, "file_unique_id": file.key, "file_size": file.size}
    return shape | {"file_path": file.path}


def stop_poll(ask: Ask) -> Json:
    """Close the bot's own poll; the answer is the Poll."""
    stored: Stored = ask.message(ask.chat(), "message with poll to stop")
    if stored.sender is not ask.bot or "poll" not in stored.body:
        raise bad("message with poll to stop not found" if "poll" not in stored.body else "message can't be edited")
    stored.body["poll"] = stored.body["poll"] | {"is_closed": True}
    return dict(stored.body["poll"])
