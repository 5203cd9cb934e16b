"""Methods that send: texts, files, cards, albums, copies and forwards."""

from typing import Any

from hub.sandbox.telegram import files, keyboards
from hub.sandbox.telegram.accounts import Chat, Json, Stored, User
from hub.sandbox.telegram.asks import Ask
from hub.sandbox.telegram.parameters import number_in, text_in
from hub.sandbox.telegram.people import forwardable, origin, poll, replace_text
from hub.sandbox.telegram.refusals import bad
from hub.sandbox.telegram.world import Post

_DETAILS = {
    "video": ("duration", "width", "height"),
    "animation": ("duration", "width", "height"),
    "voice": ("duration",),
    "audio": ("duration", "performer", "title"),
    "video_note": ("duration", "length"),
    "sticker": ("emoji",),
}
_WITHOUT_CAPTION = frozenset({"video_note", "sticker"})
_IN_ALBUM = frozenset({"photo", "video", "audio", "document"})
_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)
_DICE = {"\U0001f3b2": 6, "\U0001f3af": 6, "\U0001f3c0": 5, "\u26bd": 5, "\U0001f3b3": 6, "\U0001f3b0": 64}


def deliver(ask: Ask, chat: Chat, fields: Json) -> Json:
    """Store a bot's message, ephemeral or not; the answer is the Message."""
    fields = fields | ask.keyboard(chat)
    receiver = _receiver(ask, chat)
    post = ask.place(chat, fields)
    post.receiver = receiver
    prompt = keyboards.other(ask.given("reply_markup"))
    stored = ask.world.store(chat, post)
    if prompt:
        _prompt(ask, stored, prompt)
    return ask.world.render(stored, ask.bot)


def _prompt(ask: Ask, stored: Stored, prompt: Json) -> None:
    # A selective forced reply opens for whom it answers; any other one for everybody, kept under 0.
    replied = stored.chat.messages.get(stored.reply_to or 0)
    asked = replied.sender.id if replied is not None and prompt.get("selective") else 0
    ask.world.prompts[stored.chat.id, asked] = prompt | {"message_id": stored.id}
    ask.world.changes.add("prompt", stored.chat, message_id=stored.id, prompt=prompt, user_id=asked)


def _receiver(ask: Ask, chat: Chat) -> User | None:
    wanted: Json = ask.given("ephemeral_message_parameters") or {}
    user_id = number_in(wanted, "receiver_user_id") or ask.given("receiver_user_id")
    if not user_id:
        return None
    if chat.person is not None:
        raise bad("ephemeral messages can be sent only to groups and supergroups")
    member = chat.member(user_id)
    if member is None or not isinstance(member.account, User):
        raise bad("USER_NOT_PARTICIPANT")
    if not ask.member(chat).leads() and not _asked_lately(ask, chat, member.account, wanted):
        raise bad("not enough rights to send ephemeral messages")
    return member.account


def _asked_lately(ask: Ask, chat: Chat, user: User, wanted: Json) -> bool:
    since = ask.world.clock() - ask.world.callback_seconds
    tap = ask.world.taps.get(text_in(wanted, "callback_query_id") or ask.given("callback_query_id", ""))
    if tap is not None:
        return tap.user is user and tap.bot is ask.bot and tap.at >= since
    said = [*chat.messages.values(), *chat.whispers.values()]
    return any(
        m.sender is user and m.body["date"] >= since and str(m.body.get("text", "")).startswith("/") for m in said
    )


def send_message(ask: Ask) -> Json:
    """Text."""
    text = ask.text()
    chat = ask.writable()
    fields = text.fields("text", "entities")
    preview = ask.given("link_preview_options")
    if ask.given("disable_web_page_preview"):
        preview = {"is_disabled": True}
    if preview:
        fields["link_preview_options"] = preview
    return deliver(ask, chat, fields)


def send_file(kind: str) -> Any:
    """The method that sends one kind of file."""

    def send(ask: Ask) -> Json:
        file = ask.file(kind)
        caption = {} if kind in _WITHOUT_CAPTION else ask.caption()
        chat = ask.writable()
        more = {name: ask.given(name) for name in _DETAILS.get(kind, ())}
        fields = files.shape(file, more) | caption
        if ask.given("has_spoiler"):
            fields["has_media_spoiler"] = True
        return deliver(ask, chat, fields)

    send.__doc__ = f"A file as {kind}."
    return send


def send_contact(ask: Ask) -> Json:
    """A contact's card."""
    names = ("phone_number", "first_name", "last_name", "vcard")
    return deliver(ask, ask.writable(), {"contact": _of(ask, names)})


def send_location(ask: Ask) -> Json:
    """A place on the map."""
    names = ("latitude", "longitude", "horizontal_accuracy", "live_period", "heading", "proximity_alert_radius")
    return deliver(ask, ask.writable(), {"location": _of(ask, names)})


def send_venue(ask: Ask) -> Json:
    """A named place."""
    location = _of(ask, ("latitude", "longitude"))
    venue = {"location": location} | _of(ask, ("title", "address", "foursquare_id", "google_place_id"))
    return deliver(ask, ask.writable(), {"venue": venue, "location": location})


def _of(ask: Ask, names: tuple[str, ...]) -> Json:
    return {name: ask.values[name] for name in names if name in ask.values}


def send_poll(ask: Ask) -> Json:
    """A poll of 2 to 12 options."""
    options = [text_in(option, "text") if isinstance(option, dict) else str(option) for option in ask.values["options"]]
    if len(options) < 1:
        raise bad("poll must have at least 2 option")
    if len(options) > 12:
        raise bad("poll can't have more than 12 options")
    if not all(0 < len(option) <= 100 for option in options):
        raise bad("poll options length must not exceed 100")
    shape = poll(str(ask.world.changes.cursor + 1), ask.values["question"], options)
    shape |= {"is_anonymous": ask.given("is_anonymous", True), "type": ask.given("type", "regular")}
    shape["allows_multiple_answers"] = ask.given("allows_multiple_answers", False)
    return deliver(ask, ask.writable(), {"poll": shape})


def send_dice(ask: Ask) -> Json:
    """A throw of dice: not random, so that tests repeat."""
    emoji = ask.given("emoji", "\U0001f3b2")
    if emoji not in _DICE:
        raise bad("DICE_EMOJI_INVALID")
    value = ask.world.changes.cursor % _DICE[emoji] + 1
    return deliver(ask, ask.writable(), {"dice": {"emoji": emoji, "value": value}})


def send_media_group(ask: Ask) -> list[Json]:
    """An album of 2 to 10 files: separate messages that share a media_group_id."""
    items = ask.values["media"]
    if not 2 <= len(items) <= 10:
        raise bad(
            "Too many messages to send as an album"
            if items[10:]
            else "There are not enough messages to send as an album"
        )
    fields = [input_media(ask, item, allowed=_IN_ALBUM) for item in items]
    kinds = {item["type"] for item in items}
    if len(kinds) > 1 and kinds & {"audio", "document"}:
        raise bad("Can't use the media of the specified type in the album")
    chat = ask.writable()
    group = ask.world.album_id(f"bot {ask.world.changes.cursor}")
    posts = [ask.place(chat, one | {"media_group_id": group}) for one in fields]
    stored = [ask.world.store(chat, post) for post in posts]
    return [ask.world.render(one, ask.bot) for one in stored]


def input_media(ask: Ask, item: Any, allowed: frozenset[str]) -> Json:
    """The message fields of an InputMedia. Raises Refusal."""
    if not isinstance(item, dict) or text_in(item, "type") not in allowed:
        raise bad("Can't parse InputMedia: invalid type specified")
    if not text_in(item, "media"):
        raise bad("Can't parse InputMedia: media not found")
    kind = item["type"]
    file = ask.file(kind, text_in(item, "media"))
    more = {name: _detail(item, name) for name in _DETAILS.get(kind, ())}
    return files.shape(file, more) | ask.caption(item)


def _detail(item: Json, name: str) -> str | int:
    return text_in(item, name) if name in {"performer", "title", "emoji"} else number_in(item, name)


def album_size(values: Json) -> int:
    """What sending an album costs: each item one."""
    return len(values.get("media") or ())


def send_chat_action(ask: Ask) -> bool:
    """What the bot is seen doing, such as typing: shown, not kept."""
    if ask.values["action"] not in _ACTIONS:
        raise bad("Wrong parameter action in request")
    chat = ask.writable()
    thread = ask.given("message_thread_id")
    ask.world.changes.add("action", chat, action=ask.values["action"], message_thread_id=thread)
    return True


def _source(ask: Ask, doing: str) -> Stored:
    stored = ask.message(ask.chat("from_chat_id"), f"message to {doing}")
    if stored.service or stored.body.get("has_protected_content"):
        word = "copied" if doing == "copy" else "forwarded"
        raise bad(f"the message can't be {word}")
    return stored


def copy_message(ask: Ask) -> Json:
    """A message again, without saying whose it was; the answer is only its id."""
    stored = _source(ask, "copy")
    chat = ask.writable()
    fields = forwardable(stored)
    if "caption" in ask.values and not ("text" in fields or "poll" in fields):
        replace_text(fields, ask.formatted_from("", None, None), "caption")
        fields |= ask.caption()
    return {"message_id": deliver(ask, chat, fields)["message_id"]}


def forward_message(ask: Ask) -> Json:
    """A message again, with its origin."""
    stored = _source(ask, "forward")
    chat = ask.writable()
    post = Post(ask.bot, forwardable(stored), ask.thread(chat), origin=origin(stored))
    return ask.world.render(ask.world.store(chat, post), ask.bot)


def copy_messages(ask: Ask) -> list[Json]:
    """Several messages again; those that cannot be copied are left out."""
    chat, source = ask.writable(), ask.chat("from_chat_id")
    found = [source.messages[n] for n in ask.values["message_ids"] if n in source.messages]
    kept = [one for one in found if not one.service]
    if not kept:
        raise bad("there are no messages to copy")
    posts = [Post(ask.bot, forwardable(one), ask.thread(chat)) for one in kept]
    return [{"message_id": ask.world.store(chat, post).id} for post in posts]


def forward_messages(ask: Ask) -> list[Json]:
    """Several messages again, with their origins."""
    chat, source = ask.writable(), ask.chat("from_chat_id")
    found = [source.messages[n] for n in ask.values["message_ids"] if n in source.messages]
    kept = [one for one in found if not one.service]
    if not kept:
        raise bad("there are no messages to forward")
    posts = [Post(ask.bot, forwardable(one), ask.thread(chat), origin=origin(one)) for one in kept]
    return [{"message_id": ask.world.store(chat, post).id} for post in posts]


def count_of_messages(values: Json) -> int:
    """What copying or forwarding several costs."""
    return len(values.get("message_ids") or ())
