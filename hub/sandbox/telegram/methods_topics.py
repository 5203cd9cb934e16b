"""Methods about forum topics."""

from hub.sandbox.telegram.accounts import ICON_COLORS, Chat, Json, Topic
from hub.sandbox.telegram.asks import Ask
from hub.sandbox.telegram.refusals import bad

NAME_LIMIT = 128
# The free icons: what getForumTopicIconStickers offers; made-up numbers of the network's length.
ICONS = {
    "5434144690511290129": "📰",
    "5312536423851630001": "💡",
    "5312016608254762256": "⚡️",
    "5377544228505134960": "🎙",
    "5418085807791545980": "🔝",
    "5370870893004203704": "🗣",
    "5420216386448270341": "🆒",
    "5379748062124056162": "❗️",
    "5373251851074415873": "📝",
    "5433614043006903194": "📆",
    "5357315181649076022": "📁",
    "5309965701241379366": "🔎",
    "5237699328843200968": "✅",
    "5408906741125490282": "💬",
}
_MANAGE = ("can_manage_topics", "manage topics")


def _name(ask: Ask) -> str:
    # The network cuts a name that is too long; it does not refuse it.
    name = " ".join(str(ask.given("name", "")).split())[:NAME_LIMIT]
    if not name:
        raise bad("Title must be non-empty")
    return name


def _icon(ask: Ask) -> str:
    icon = ask.given("icon_custom_emoji_id", "")
    if icon and icon not in ICONS:
        raise bad("DOCUMENT_INVALID")
    return str(icon)


def create_forum_topic(ask: Ask) -> Json:
    """A new topic; its service message comes to this bot too."""
    name, icon = _name(ask), _icon(ask)
    color = ask.given("icon_color", ICON_COLORS[0])
    if color not in ICON_COLORS:
        raise bad("Wrong icon color specified")
    chat = ask.forum("can_manage_topics", "create a topic")
    return ask.world.open_topic(chat, ask.bot, Topic(0, name, color, icon)).as_json()


def _managed(ask: Ask) -> tuple[Chat, Topic]:
    """A topic the bot may change: with the right, or because it made it."""
    chat = ask.forum()
    if ask.values["message_thread_id"] == chat.general.id:
        raise bad("TOPIC_ID_INVALID")
    topic = ask.topic(chat)
    if topic.creator_id != ask.bot.id:
        ask.need(chat, *_MANAGE)
    return chat, topic


def edit_forum_topic(ask: Ask) -> bool:
    """Another name or icon."""
    chat, topic = _managed(ask)
    changed: Json = {}
    if "name" in ask.values and _name(ask) != topic.name:
        changed["name"] = _name(ask)
    if "icon_custom_emoji_id" in ask.values and _icon(ask) != topic.icon_custom_emoji_id:
        changed["icon_custom_emoji_id"] = _icon(ask)
    if not changed:
        raise bad("TOPIC_NOT_MODIFIED")
    ask.world.change_topic(ask.bot, chat, topic.id, {"forum_topic_edited": changed})
    return True


def _toggle(ask: Ask, chat: Chat, topic: Topic, *, closed: bool) -> bool:
    if topic.closed == closed:
        raise bad("TOPIC_NOT_MODIFIED")
    ask.world.change_topic(ask.bot, chat, topic.id, {"forum_topic_closed" if closed else "forum_topic_reopened": {}})
    return True


def close_forum_topic(ask: Ask) -> bool:
    """Close a topic."""
    return _toggle(ask, *_managed(ask), closed=True)


def reopen_forum_topic(ask: Ask) -> bool:
    """Open a closed topic again."""
    return _toggle(ask, *_managed(ask), closed=False)


def delete_forum_topic(ask: Ask) -> bool:
    """Delete a topic with all in it."""
    chat, topic = _managed(ask)
    if topic.creator_id != ask.bot.id:
        ask.need(chat, "can_delete_messages", "delete a topic")
    ask.world.drop_topic(chat, topic.id)
    return True


def _general(ask: Ask) -> tuple[Chat, Topic]:
    chat = ask.forum(*_MANAGE)
    return chat, chat.general


def edit_general(ask: Ask) -> bool:
    """Another name for General."""
    chat, topic = _general(ask)
    name = _name(ask)
    if name == topic.name:
        raise bad("TOPIC_NOT_MODIFIED")
    ask.world.change_topic(ask.bot, chat, topic.id, {"forum_topic_edited": {"name": name}})
    return True


def close_general(ask: Ask) -> bool:
    """Close General."""
    return _toggle(ask, *_general(ask), closed=True)


def reopen_general(ask: Ask) -> bool:
    """Open General again; it is shown again too."""
    return _toggle(ask, *_general(ask), closed=False)


def hide_general(ask: Ask) -> bool:
    """Hide General."""
    return _hide(ask, hidden=True)


def unhide_general(ask: Ask) -> bool:
    """Show General again."""
    return _hide(ask, hidden=False)


def _hide(ask: Ask, *, hidden: bool) -> bool:
    chat, topic = _general(ask)
    if topic.hidden == hidden:
        raise bad("TOPIC_NOT_MODIFIED")
    name = "general_forum_topic_hidden" if hidden else "general_forum_topic_unhidden"
    ask.world.change_topic(ask.bot, chat, topic.id, {name: {}})
    return True


def icon_stickers(_: Ask) -> list[Json]:
    """The icons a topic may have."""
    return [
        {
            "file_id": f"AAMCAgI{number}",
            "file_unique_id": f"AQAD{number}",
            "type": "custom_emoji",
            "width": 512,
            "height": 512,
            "is_animated": True,
            "is_video": False,
            "emoji": emoji,
            "set_name": "Topics",
            "custom_emoji_id": number,
        }
        for number, emoji in ICONS.items()
    ]
