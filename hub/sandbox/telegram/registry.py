"""Every method the stand-in has: its parameters as data, what it costs, and what does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub.sandbox.telegram import methods_account as account
from hub.sandbox.telegram import methods_edit as edit
from hub.sandbox.telegram import methods_send as send
from hub.sandbox.telegram import methods_topics as topics
from hub.sandbox.telegram.asks import Ask
from hub.sandbox.telegram.parameters import Parameter, declare

Handler = Callable[[Ask], Any]

_PLACE = "chat_id:chat! message_thread_id:int direct_messages_topic_id:int business_connection_id "
_SENT = (
    "disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id "
    "suggested_post_parameters:object reply_parameters:object reply_to_message_id:int "
    "allow_sending_without_reply:bool "
)
_WHISPER = "ephemeral_message_parameters:object receiver_user_id:int callback_query_id "
_KEYS = "reply_markup:object "
_SEND = _PLACE + _SENT + _WHISPER + _KEYS
_CAPTION = "caption parse_mode caption_entities:list show_caption_above_media:bool "
_WHICH = "business_connection_id chat_id:chat message_id:int inline_message_id reply_markup:object "
_WHISPERED = "chat_id:chat! receiver_user_id:int! ephemeral_message_id:int! reply_markup:object "
_TEXT = "text! parse_mode entities:list link_preview_options:object disable_web_page_preview:bool "
_TOPIC = "chat_id:chat! message_thread_id:int! "
_FROM = "from_chat_id:chat! video_start_timestamp:int "


@dataclass(frozen=True)
class Method:
    """One method. `cost`: units of the rate limits; `topics`: topics it creates."""

    name: str
    parameters: tuple[Parameter, ...]
    handle: Handler
    cost: Callable[[dict[str, Any]], int]
    topics: int = 0


METHODS: dict[str, Method] = {}


def _one(_: dict[str, Any]) -> int:
    return 1


def _free(_: dict[str, Any]) -> int:
    return 0


def _add(name: str, line: str, handle: Any, cost: Callable[[dict[str, Any]], int] = _free, new_topics: int = 0) -> None:
    METHODS[name.lower()] = Method(name, declare(line), handle, cost, new_topics)


def _file(kind: str, line: str) -> None:
    name = "send" + "".join(word.capitalize() for word in kind.split("_"))
    _add(name, f"{_SEND} {kind}:file! thumbnail:file {line}", send.send_file(kind), _one)


# -- sending -----------------------------------------------------------------------------------------------------

_add("sendMessage", _SEND + _TEXT, send.send_message, _one)
_file("photo", _CAPTION + "has_spoiler:bool")
_file(
    "video",
    _CAPTION + "duration:int width:int height:int cover:file start_timestamp:int has_spoiler:bool "
    "supports_streaming:bool",
)
_file("animation", _CAPTION + "duration:int width:int height:int has_spoiler:bool")
_file("voice", _CAPTION + "duration:int")
_file("audio", _CAPTION + "duration:int performer title")
_file("video_note", "duration:int length:int")
_file("document", _CAPTION + "disable_content_type_detection:bool")
_file("sticker", "emoji")
_add("sendContact", _SEND + "phone_number! first_name! last_name vcard", send.send_contact, _one)
_add(
    "sendLocation",
    _SEND + "latitude:float! longitude:float! horizontal_accuracy:float live_period:int heading:int "
    "proximity_alert_radius:int",
    send.send_location,
    _one,
)
_add(
    "sendVenue",
    _SEND + "latitude:float! longitude:float! title! address! foursquare_id foursquare_type "
    "google_place_id google_place_type",
    send.send_venue,
    _one,
)
# Polls, dice and albums cannot be ephemeral: there such a parameter is unknown and, as in reality, ignored.
_add(
    "sendPoll",
    _PLACE + _SENT + _KEYS + "question!(300) options:list! question_parse_mode question_entities:list "
    "is_anonymous:bool type allows_multiple_answers:bool allows_revoting:bool correct_option_id:int "
    "correct_option_ids:list explanation explanation_parse_mode explanation_entities:list open_period:int "
    "close_date:int is_closed:bool",
    send.send_poll,
    _one,
)
_add("sendDice", _PLACE + _SENT + _KEYS + "emoji", send.send_dice, _one)
_add("sendMediaGroup", _PLACE + _SENT + "media:list!", send.send_media_group, send.album_size)
_add("sendChatAction", _PLACE + "action!", send.send_chat_action)
_add("copyMessage", _PLACE + _SENT + _KEYS + _FROM + _CAPTION + "message_id:int!", send.copy_message, _one)
_add("forwardMessage", _PLACE + _SENT + _FROM + "message_id:int!", send.forward_message, _one)
_add(
    "copyMessages",
    _PLACE + _SENT + _FROM + "message_ids:ints! remove_caption:bool",
    send.copy_messages,
    send.count_of_messages,
)
_add("forwardMessages", _PLACE + _SENT + _FROM + "message_ids:ints!", send.forward_messages, send.count_of_messages)

# -- editing, deleting, reacting, pinning --------------------------------------------------------------------------

_add("editMessageText", _WHICH + _TEXT, edit.edit_message_text, _one)
_add("editMessageCaption", _WHICH + _CAPTION, edit.edit_message_caption, _one)
_add("editMessageMedia", _WHICH + "media:object!", edit.edit_message_media, _one)
_add("editMessageReplyMarkup", _WHICH, edit.edit_message_reply_markup, _one)
_add("editEphemeralMessageText", _WHISPERED + _TEXT, edit.edit_ephemeral_text, _one)
_add("editEphemeralMessageCaption", _WHISPERED + _CAPTION, edit.edit_ephemeral_caption, _one)
_add("editEphemeralMessageMedia", _WHISPERED + "media:object!", edit.edit_ephemeral_media, _one)
_add("editEphemeralMessageReplyMarkup", _WHISPERED, edit.edit_ephemeral_markup, _one)
_add("deleteEphemeralMessage", _WHISPERED, edit.delete_ephemeral)
_add("deleteMessage", "chat_id:chat! message_id:int!", edit.delete_message)
_add("deleteMessages", "chat_id:chat! message_ids:ints!", edit.delete_messages)
_add("setMessageReaction", "chat_id:chat! message_id:int! reaction:list is_big:bool", edit.set_message_reaction)
_add("answerCallbackQuery", "callback_query_id! text show_alert:bool url cache_time:int", edit.answer_callback_query)
_add(
    "pinChatMessage",
    "business_connection_id chat_id:chat! message_id:int! disable_notification:bool",
    edit.pin_chat_message,
)
_add("unpinChatMessage", "business_connection_id chat_id:chat! message_id:int", edit.unpin_chat_message)
_add("unpinAllChatMessages", "chat_id:chat!", edit.unpin_all)
_add("unpinAllForumTopicMessages", _TOPIC, edit.unpin_all_in_topic)
_add("unpinAllGeneralForumTopicMessages", "chat_id:chat!", edit.unpin_all_in_general)
_add("stopPoll", "business_connection_id chat_id:chat! message_id:int! reply_markup:object", account.stop_poll)

# -- topics ----------------------------------------------------------------------------------------------------

_add(
    "createForumTopic",
    "chat_id:chat! name! icon_color:int icon_custom_emoji_id",
    topics.create_forum_topic,
    new_topics=1,
)
_add("editForumTopic", _TOPIC + "name icon_custom_emoji_id", topics.edit_forum_topic)
_add("closeForumTopic", _TOPIC, topics.close_forum_topic)
_add("reopenForumTopic", _TOPIC, topics.reopen_forum_topic)
_add("deleteForumTopic", _TOPIC, topics.delete_forum_topic)
_add("editGeneralForumTopic", "chat_id:chat! name!", topics.edit_general)
_add("closeGeneralForumTopic", "chat_id:chat!", topics.close_general)
_add("reopenGeneralForumTopic", "chat_id:chat!", topics.reopen_general)
_add("hideGeneralForumTopic", "chat_id:chat!", topics.hide_general)
_add("unhideGeneralForumTopic", "chat_id:chat!", topics.unhide_general)
_add("getForumTopicIconStickers", "", topics.icon_stickers)

# -- the bot, chats, files -------------------------------------------------------------------------------------

_add("getMe", "", account.get_me)
_add(
    "setWebhook",
    "url certificate:file ip_address max_connections:int allowed_updates:strings drop_pending_updates:bool "
    "secret_token",
    account.set_webhook,
)
_add("deleteWebhook", "drop_pending_updates:bool", account.delete_webhook)
_add("getWebhookInfo", "", account.get_webhook_info)
_add("setMyCommands", "commands:list! scope:object language_code", account.set_my_commands)
_add("getMyCommands", "scope:object language_code", account.get_my_commands)
_add("deleteMyCommands", "scope:object language_code", account.delete_my_commands)
for _field, _longest in (("name", 64), ("description", 512), ("short_description", 120)):
    _title = "".join(word.capitalize() for word in _field.split("_"))
    _add(f"setMy{_title}", f"{_field}:str({_longest}) language_code", account.set_own_text(_field))
    _add(f"getMy{_title}", "language_code", account.get_own_text(_field))
_add("getChat", "chat_id:chat!", account.get_chat)
_add("getChatMember", "chat_id:chat! user_id:int!", account.get_chat_member)
_add("getChatAdministrators", "chat_id:chat! return_bots:bool", account.get_chat_administrators)
_add("getChatMemberCount", "chat_id:chat!", account.get_chat_member_count)
_add("setChatTitle", "chat_id:chat! title!", account.set_chat_title)
_add("leaveChat", "chat_id:chat!", account.leave_chat)
_add("getUserProfilePhotos", "user_id:int! offset:int limit:int", account.get_user_profile_photos)
_add("getFile", "file_id!", account.get_file)

# Fetching waits, so the server does it; it is declared here like the others.
GET_UPDATES = declare("offset:int limit:int timeout:int allowed_updates:strings")
