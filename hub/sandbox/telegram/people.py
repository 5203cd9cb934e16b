"""What people do: write, send files, edit, react, tap. Bots are told as the real network tells them."""

from collections.abc import Sequence
from typing import TypedDict, Unpack

from hub.sandbox.telegram import files, updates
from hub.sandbox.telegram.accounts import Bot, Chat, Json, Stored, User
from hub.sandbox.telegram.text import TEXT_LIMIT, Entity, Formatted, finish, found_in, part, units
from hub.sandbox.telegram.world import CallbackTap, Post, World

Place = Chat | Bot
_DICE = "\U0001f3b2"


class How(TypedDict, total=False):
    """How something is said. `thread`: a topic's id; `reply_to`: a message's id; `quote`: a part of its text."""

    thread: int | None
    reply_to: int | None
    quote: str | None
    entities: list[Json] | None
    silent: bool
    as_chat: bool
    reply_to_whisper: int | None


class Sent(How, total=False):
    """How a file is sent, beside how a text is said. Files of one `album` label arrive as one album."""

    caption: str
    caption_entities: list[Json] | None
    file_name: str | None
    mime: str | None
    album: str | None
    size: int
    more: Json


def given_entities(given: list[Json] | None) -> list[Entity]:
    """Entities as a test or page writes them; text_link, bold and so on."""
    fixed = {"type", "offset", "length"}
    return [
        Entity(item["type"], item["offset"], item["length"], {k: v for k, v in item.items() if k not in fixed})
        for item in given or []
    ]


class People(World):
    """The verbs of people. A verb that the person's app would not offer raises ValueError with the reason."""

    # -- places ------------------------------------------------------------------------------------------------

    def place_of(self, user: User, place: Place) -> Chat:
        """The chat in which this person would write. A Bot stands for the private chat with it."""
        if isinstance(place, Bot):
            return self.private_chat(user, place)
        if place.migrated_to is not None:
            raise ValueError(f"this group became the supergroup {place.migrated_to}")
        if place.person is not user and place.member(user.id) is None:
            raise ValueError(f"{user.first_name} is not a member of this chat")
        return place

    def stored(self, chat: Chat, message_id: int) -> Stored:
        """A message that stands in a chat. ValueError when there is none of this id."""
        if message_id not in chat.messages:
            raise ValueError(f"there is no message {message_id} in this chat")
        return chat.messages[message_id]

    # -- writing -----------------------------------------------------------------------------------------------

    def say(self, user: User, place: Place, text: str, **how: Unpack[How]) -> Json:
        """Write a text; returns the Message. At most 4096 units, as the apps split longer ones."""
        formatted = finish(text, given_entities(how.get("entities")))
        if not formatted.text or units(formatted.text) > TEXT_LIMIT:
            raise ValueError(f"a text has 1 to {TEXT_LIMIT} characters")
        return self._speak(user, place, formatted.fields("text", "entities"), how)

    def start(self, user: User, bot: Bot, payload: str = "") -> Json:
        """Open the bot with its Start button, or with a link that carries a payload."""
        return self.say(user, bot, f"/start {payload}".strip())

    def send_media(self, user: User, place: Place, kind: str, data: bytes, **how: Unpack[Sent]) -> Json:
        """Send a photo, video, animation, voice, audio, video_note, document or sticker."""
        upload = files.Upload(data, how.get("file_name") or "", how.get("mime") or "", how.get("size", 0))
        fields = files.shape(self.files.add(kind, upload), how.get("more"))
        caption = finish(how.get("caption", ""), given_entities(how.get("caption_entities")))
        fields |= caption.fields("caption", "caption_entities")
        album = how.get("album")
        if album:
            fields["media_group_id"] = self.album_id(album)
        return self._speak(user, place, fields, how)

    def add_picture(self, user: User, data: bytes) -> None:
        """Choose a new picture of oneself; the network keeps it in three sizes, and those of before too."""
        sizes = [self.files.add("photo", files.Upload(data)) for _ in files.PORTRAIT_SIDES]
        user.pictures.insert(0, files.portrait(sizes))

    def hide_pictures(self, user: User, *, hidden: bool = True) -> None:
        """Let nobody but contacts see one's pictures; a bot is none."""
        user.hides_pictures = hidden

    def album_id(self, label: str) -> str:
        """The network's number of an album."""
        return self.albums.setdefault(label, str(13_000_000_000_000_001 + len(self.albums)))

    def send_album(self, user: User, place: Place, items: Sequence[Json], thread: int | None = None) -> list[Json]:
        """Send 2 to 10 files as one album: each item has `kind`, `data` and perhaps `caption`, `file_name`, `mime`."""
        label = f"album {self.changes.cursor}"
        return [
            self.send_media(
                user,
                place,
                item["kind"],
                item["data"],
                album=label,
                thread=thread,
                caption=item.get("caption", ""),
                file_name=item.get("file_name"),
                mime=item.get("mime"),
            )
            for item in items
        ]

    def send_contact(self, user: User, place: Place, phone: str, first_name: str, **how: Unpack[How]) -> Json:
        """Share a contact's card."""
        return self._speak(user, place, {"contact": {"phone_number": phone, "first_name": first_name}}, how)

    def send_location(self, user: User, place: Place, latitude: float, longitude: float, **how: Unpack[How]) -> Json:
        """Share a place on the map."""
        return self._speak(user, place, {"location": {"latitude": latitude, "longitude": longitude}}, how)

    def send_venue(
        self,
        user: User,
        place: Place,
        title: str,
        address: str,
        at: tuple[float, float] = (52.5, 13.4),
        **how: Unpack[How],
    ) -> Json:
        """Share a named place; the network repeats its location beside the venue."""
        location = {"latitude": at[0], "longitude": at[1]}
        venue = {"location": location, "title": title, "address": address}
        return self._speak(user, place, {"venue": venue, "location": location}, how)

    def send_poll(self, user: User, place: Place, question: str, options: Sequence[str], **how: Unpack[How]) -> Json:
        """Ask a poll."""
        return self._speak(user, place, {"poll": poll(str(self.changes.cursor + 1), question, options)}, how)

    def send_dice(self, user: User, place: Place, value: int = 4, **how: Unpack[How]) -> Json:
        """Throw the dice."""
        return self._speak(user, place, {"dice": {"emoji": _DICE, "value": value}}, how)

    def forward(self, user: User, source: Place, message_id: int, to: Place, thread: int | None = None) -> Json:
        """Forward a message to another chat."""
        stored = self.stored(self.place_of(user, source), message_id)
        chat = self.place_of(user, to)
        post = Post(user, forwardable(stored), thread, origin=origin(stored))
        return self._deliver(chat, post)

    def _speak(self, user: User, place: Place, fields: Json, how: How) -> Json:
        chat = self.place_of(user, place)
        if chat.person is not None and chat.blocked:
            self.unblock(user, chat.bots()[0])
        replied = self.stored(chat, how.get("reply_to") or 0) if how.get("reply_to") else None
        thread = how.get("thread") or (replied.thread if replied is not None else None)
        self._writable(user, chat, thread)
        quote = _quote(replied, how.get("quote"))
        post = Post(user, fields, thread, replied.id if replied else None, quote, as_chat=how.get("as_chat", False))
        post.receiver = self._whisperer(user, chat, str(fields.get("text", "")), how)
        return self._deliver(chat, post)

    def _writable(self, user: User, chat: Chat, thread: int | None) -> None:
        if not chat.forum:
            return
        topic = chat.topics.get(thread) if thread is not None else chat.general
        if topic is None:
            raise ValueError(f"there is no topic {thread} in this chat")
        if topic.closed and not chat.members[user.id].may("can_manage_topics"):
            raise ValueError("this topic is closed")

    def _deliver(self, chat: Chat, post: Post) -> Json:
        if chat.person is not None:
            chat.started = True
        stored = self.store(chat, post)
        self.prompts.pop((chat.id, post.sender.id), None)
        if post.receiver is not None:
            self._tell_whisper(chat, stored)
        else:
            self.tell(stored)
        return self.render(stored)

    # -- ephemeral commands ------------------------------------------------------------------------------------

    def _whisperer(self, user: User, chat: Chat, text: str, how: How) -> User | None:
        whispers = self._whisper_to(chat, text) is not None or how.get("reply_to_whisper")
        return user if chat.person is None and whispers else None

    def _whisper_to(self, chat: Chat, text: str) -> Bot | None:
        command = next((e for e in found_in(text) if e.type == "bot_command" and e.offset == 0), None)
        name, _, named = part(text, 1, command.length - 1).partition("@") if command else ("", "", "")
        for bot in chat.bots():
            menu = [entry for entries in bot.commands.values() for entry in entries]
            marked = any(entry["command"] == name and entry.get("is_ephemeral") for entry in menu)
            if marked and named.lower() in {"", bot.username.lower()}:
                return bot
        return None

    def _tell_whisper(self, chat: Chat, stored: Stored) -> None:
        target = self._whisper_to(chat, str(stored.body.get("text", "")))
        for bot in chat.bots():
            if target in {None, bot}:
                bot.inbox.push("message", self.render(stored, bot), chat.id)

    # -- changing ----------------------------------------------------------------------------------------------

    def edit(
        self, user: User, place: Place, message_id: int, text: str | None = None, caption: str | None = None
    ) -> Json:
        """Change the text or caption of a message of one's own."""
        stored = self.stored(self.place_of(user, place), message_id)
        if stored.sender is not user:
            raise ValueError("people can edit only their own messages")
        replace_text(stored.body, finish(text or caption or "", []), "text" if text is not None else "caption")
        stored.body["edit_date"] = int(self.clock())
        self.changes.add("edited", stored.chat, message=self.render(stored))
        self.tell(stored, "edited_message")
        return self.render(stored)

    def delete(self, user: User, place: Place, message_id: int) -> None:
        """Delete a message; the network tells no bot."""
        chat = self.place_of(user, place)
        del chat.messages[self.stored(chat, message_id).id]
        self.changes.add("deleted", chat, message_ids=[message_id])

    def react(self, user: User, place: Place, message_id: int, emoji: str | None) -> None:
        """Set, change or (None) take back one's reaction."""
        stored = self.stored(self.place_of(user, place), message_id)
        old = stored.reactions.get(user.id, [])
        new = [emoji] if emoji else []
        self.note_reaction(stored, user.id, new)
        if old != new:
            self.push_reaction(stored, user, old, new)

    def note_reaction(self, stored: Stored, account_id: int, emojis: list[str]) -> None:
        """Keep an account's reactions on a message."""
        stored.reactions[account_id] = emojis
        if not emojis:
            del stored.reactions[account_id]
        self.changes.add("reaction", stored.chat, message_id=stored.id, reactions=reactions_of(stored))

    # -- buttons -----------------------------------------------------------------------------------------------

    def press(self, user: User, place: Place, message_id: int, label_or_data: str) -> CallbackTap:
        """Tap a button, named by its label or its data. ValueError when the message has no such button."""
        chat = self.place_of(user, place)
        return self._press(user, self.stored(chat, message_id), label_or_data)

    def press_ephemeral(self, user: User, chat: Chat, ephemeral_message_id: int, label_or_data: str) -> CallbackTap:
        """Tap a button under a message that only this person sees."""
        return self._press(user, chat.whispers[user.id, ephemeral_message_id], label_or_data)

    def _press(self, user: User, stored: Stored, label_or_data: str) -> CallbackTap:
        button = _button(stored.body.get("reply_markup"), label_or_data)
        bot = stored.sender
        if not isinstance(bot, Bot):
            raise TypeError("only a bot's message has buttons")
        data, number = button.get("callback_data", ""), str(4_000_000_000_000_000 + len(self.taps) + 1)
        tap = CallbackTap(number, bot, user, data, self.clock(), url=button.get("url", ""))
        if data:
            self.taps[tap.id] = tap
            self._push_tap(tap, stored)
        return tap

    def _push_tap(self, tap: CallbackTap, stored: Stored) -> None:
        shape = {
            "id": tap.id,
            "from": tap.user.as_json(),
            "message": self.render(stored, tap.bot),
            "chat_instance": str(9_000_000_000_000_000 + abs(stored.chat.id)),
            "data": tap.data,
        }
        tap.bot.inbox.push("callback_query", shape, tap.user.id + updates.QUEUE_OF_TAPS)

    # -- blocking ----------------------------------------------------------------------------------------------

    def block(self, user: User, bot: Bot) -> None:
        """Block a bot; it is told once."""
        self._set_blocked(user, bot, blocked=True)

    def unblock(self, user: User, bot: Bot) -> None:
        """Unblock a bot; it is told once."""
        self._set_blocked(user, bot, blocked=False)

    def _set_blocked(self, user: User, bot: Bot, *, blocked: bool) -> None:
        chat = self.private_chat(user, bot)
        if chat.blocked == blocked:
            return
        chat.blocked, chat.started = blocked, True
        status = {True: {"status": "kicked", "user": bot.as_json(), "until_date": 0}}
        member = {"status": "member", "user": bot.as_json()}
        shape = {"chat": chat.as_json(), "from": user.as_json(), "date": int(self.clock())}
        shape["old_chat_member"] = status.get(not blocked, member)
        shape["new_chat_member"] = status.get(blocked, member)
        bot.inbox.push("my_chat_member", shape, chat.id + updates.QUEUE_OF_OWN_MEMBERSHIP)


def poll(poll_id: str, question: str, options: Sequence[str]) -> Json:
    """The Bot API's Poll, nobody having voted."""
    return {
        "id": str(5_000_000_000_000_000 + int(poll_id)),
        "question": question,
        "options": [
            {"persistent_id": str(number), "text": text, "voter_count": 0} for number, text in enumerate(options, 1)
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
        "members_only": False,
    }


def origin(stored: Stored) -> Json:
    """Where a forwarded message came from, with the first origin kept through further forwards."""
    kept = stored.body.get("forward_origin")
    if isinstance(kept, dict):
        return kept
    date, sender = stored.body["date"], stored.sender
    if "sender_chat" in stored.body:
        return {"type": "chat", "date": date, "sender_chat": stored.body["sender_chat"]}
    if isinstance(sender, User) and sender.hides_forwards:
        name = f"{sender.first_name} {sender.last_name}".strip()
        return {"type": "hidden_user", "date": date, "sender_user_name": name}
    return {"type": "user", "date": date, "sender_user": sender.as_json()}


_NOT_CARRIED = frozenset(
    {
        "message_id",
        "date",
        "chat",
        "from",
        "sender_chat",
        "message_thread_id",
        "is_topic_message",
        "edit_date",
        "quote",
        "external_reply",
        "forward_origin",
        "reply_markup",
        "media_group_id",
        "has_protected_content",
        "ephemeral_message_id",
        "receiver_user",
    }
)


def forwardable(stored: Stored) -> Json:
    """The content of a message, without what belongs to its place."""
    return {name: value for name, value in stored.body.items() if name not in _NOT_CARRIED}


def reactions_of(stored: Stored) -> dict[str, list[str]]:
    """The reactions on a message, by account id (as text, for JSON)."""
    return {str(account): list(emojis) for account, emojis in stored.reactions.items()}


def replace_text(body: Json, formatted: Formatted, field: str) -> None:
    """Put a new text or caption into a message's body."""
    entities = "entities" if field == "text" else "caption_entities"
    body.pop(field, None)
    body.pop(entities, None)
    body |= formatted.fields(field, entities)


def _quote(replied: Stored | None, quote: str | None) -> Json | None:
    if replied is None or not quote:
        return None
    whole = str(replied.body.get("text") or replied.body.get("caption") or "")
    if quote not in whole:
        raise ValueError("a quote is a part of the message that is answered")
    return {"text": quote, "position": units(whole[: whole.index(quote)]), "is_manual": True}


def _button(markup: Json | None, label_or_data: str) -> Json:
    buttons: list[Json] = [button for row in (markup or {}).get("inline_keyboard", []) for button in row]
    for name in ("text", "callback_data", "url"):
        for button in buttons:
            if button.get(name) == label_or_data:
                return button
    labels = ", ".join(repr(button["text"]) for button in buttons) or "none"
    raise ValueError(f"there is no button {label_or_data!r}; there are: {labels}")
