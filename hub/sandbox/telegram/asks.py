"""One request of a bot, with the checks that all methods share: access, threads, replies, texts, files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.sandbox.telegram import keyboards
from hub.sandbox.telegram.accounts import GENERAL, Bot, Chat, Json, Member, Stored, Topic, User
from hub.sandbox.telegram.files import File, Upload, wrong_address
from hub.sandbox.telegram.groups import Groups
from hub.sandbox.telegram.markdown import read_markdown, read_markdown_v2
from hub.sandbox.telegram.markup import read_html
from hub.sandbox.telegram.parameters import chat_in, number_in, text_in
from hub.sandbox.telegram.people import origin
from hub.sandbox.telegram.refusals import bad, forbidden, migrated
from hub.sandbox.telegram.text import CAPTION_LIMIT, TEXT_LIMIT, Formatted, finish, from_parameter, units
from hub.sandbox.telegram.world import Post

_READERS = {"html": read_html, "markdown": read_markdown, "markdownv2": read_markdown_v2}


@dataclass
class Ask:
    """A bot's request: its typed values and its uploads by part name."""

    world: Groups
    bot: Bot
    values: Json
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def given(self, name: str, default: Any = None) -> Any:
        """A parameter's value, or the default."""
        return self.values.get(name, default)

    # -- where -------------------------------------------------------------------------------------------------

    def chat(self, name: str = "chat_id") -> Chat:
        """The chat of a parameter, if this bot may use it now. Raises Refusal."""
        chat_id = self.values[name]
        if isinstance(chat_id, str):
            chat_id = self._id_of(chat_id)
        if chat_id > 0:
            return self._private(chat_id)
        chat = self.world.chats.get(chat_id)
        if chat is None or self.bot.id not in chat.members:
            raise bad("chat not found")
        self._in_group(chat, chat.members[self.bot.id])
        return chat

    def _id_of(self, name: str) -> int:
        everyone: list[Any] = [*self.world.chats.values(), *self.world.bots.values()]
        for one in everyone:
            if one.username and one.username.lower() == name[1:].lower():
                return int(one.id)
        raise bad("chat not found")

    def _private(self, account_id: int) -> Chat:
        if account_id in self.world.bots:
            raise forbidden("bot can't send messages to bots")
        user = self.world.users.get(account_id)
        chat = self.world.privates.get((self.bot.id, account_id))
        if user is None or (chat is None and not self._meets(user)):
            raise bad("chat not found")
        if user.deactivated:
            raise forbidden("user is deactivated")
        if chat is None or not chat.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def _meets(self, user: User) -> bool:
        return any(chat.member(user.id) and chat.member(self.bot.id) for chat in self.world.chats.values())

    def _in_group(self, chat: Chat, member: Member) -> None:
        if chat.migrated_to is not None:
            raise migrated(chat.migrated_to)
        if chat.gone:
            raise forbidden("the group chat was deleted")
        if member.status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.kind} chat")
        if not member.present():
            raise forbidden(f"bot is not a member of the {chat.kind} chat")

    def writable(self) -> Chat:
        """The chat to send to: also not blocked by its person."""
        chat = self.chat()
        if chat.blocked:
            raise forbidden("bot was blocked by the user")
        return chat

    def forum(self, right: str | None = None, doing: str = "") -> Chat:
        """A forum, and the right to do this in it."""
        chat = self.chat()
        if not chat.forum:
            raise bad("the chat is not a forum")
        if right is not None:
            self.need(chat, right, doing)
        return chat

    def member(self, chat: Chat) -> Member:
        """The bot's own standing in a group."""
        return chat.members[self.bot.id]

    def need(self, chat: Chat, right: str, doing: str) -> None:
        """Raises Refusal unless the bot holds the right; in a private chat it may do all."""
        if chat.person is None and not self.member(chat).may(right):
            raise bad(f"not enough rights to {doing}")

    def topic(self, chat: Chat) -> Topic:
        """The forum topic asked for."""
        topic = chat.topics.get(self.values["message_thread_id"])
        if topic is None:
            raise bad("message thread not found")
        return topic

    def thread(self, chat: Chat, replied: Stored | None = None) -> int | None:
        """The topic to send into. General is where no thread is given; naming it is refused, as the network does."""
        number = self.given("message_thread_id", 0)
        if not chat.forum:
            if number and chat.person is not None:
                raise bad("message thread not found")
            return None
        if number == GENERAL or (number > 0 and number not in chat.topics):
            raise bad("message thread not found")
        if number <= 0 and replied is not None and replied.thread in chat.topics:
            number = replied.thread or 0
        topic = chat.topics[number] if number > 0 else chat.general
        if topic.closed and not self.member(chat).may("can_manage_topics"):
            raise bad("TOPIC_CLOSED")
        return number if number > 0 else None

    # -- which message -----------------------------------------------------------------------------------------

    def message(self, chat: Chat, what: str, name: str = "message_id") -> Stored:
        """The message asked for; `what` is how the network calls it ("message to edit")."""
        stored = chat.messages.get(self.given(name, 0))
        if stored is None:
            raise bad(f"{what} not found")
        return stored

    def reply(self, chat: Chat) -> Stored | None:
        """The message to answer, or None. Raises Refusal when it is gone and must not be."""
        wanted = self._reply_parameters()
        number = number_in(wanted, "message_id")
        if not number:
            return None
        source = self._reply_chat(chat, wanted)
        stored = source.messages.get(number)
        lenient = wanted.get("allow_sending_without_reply") and source is chat
        if stored is None and not lenient:
            raise bad("message to be replied not found")
        return stored

    def _reply_chat(self, chat: Chat, wanted: Json) -> Chat:
        other = chat_in(wanted, "chat_id")
        if other in {0, chat.id}:
            return chat
        return Ask(self.world, self.bot, {"chat_id": other}).chat()

    def _reply_parameters(self) -> Json:
        given: Json = self.given("reply_parameters") or {}
        if given:
            if "message_id" not in given and "ephemeral_message_id" not in given:
                raise bad('Can\'t find field "message_id"')
            return given
        lenient = self.given("allow_sending_without_reply", False)
        return {"message_id": self.given("reply_to_message_id", 0), "allow_sending_without_reply": lenient}

    def _quote(self, replied: Stored | None) -> Json | None:
        wanted = self._reply_parameters()
        if replied is None or not wanted.get("quote"):
            return None
        entities = wanted.get("quote_entities")
        quote = self.formatted_from(text_in(wanted, "quote"), text_in(wanted, "quote_parse_mode"), entities).text
        whole = str(replied.body.get("text") or replied.body.get("caption") or "")
        if quote not in whole:
            raise bad("QUOTE_TEXT_INVALID")
        return {"text": quote, "position": units(whole[: whole.index(quote)])}

    def place(self, chat: Chat, fields: Json) -> Post:
        """A message of this bot with `fields`, in the asked topic, as the asked reply."""
        replied = self.reply(chat)
        thread = self.thread(chat, replied if replied is not None and replied.chat is chat else None)
        fields = dict(fields)
        if replied is not None and (replied.chat is not chat or (replied.thread != thread and thread is not None)):
            fields["external_reply"] = self._external(replied, chat)
        quote = self._quote(replied)
        if self.given("protect_content"):
            fields["has_protected_content"] = True
        here = replied is not None and "external_reply" not in fields
        return Post(self.bot, fields, thread, replied.id if here and replied else None, quote)

    def _external(self, replied: Stored, chat: Chat) -> Json:
        shape: Json = {"origin": origin(replied)}
        if replied.chat.person is None:
            shape |= {"chat": replied.chat.as_json(), "message_id": replied.id}
        return shape | ({"message_id": replied.id} if replied.chat is chat else {})

    # -- what --------------------------------------------------------------------------------------------------

    def formatted_from(self, text: str, parse_mode: str | None, entities: Any) -> Formatted:
        """Text with entities, from markup or from a list of them. Raises Refusal."""
        mode = (parse_mode or "none").lower()
        if mode == "none":
            return finish(text, from_parameter(text, entities))
        if mode not in _READERS:
            raise bad("Unsupported parse_mode")
        plain, found = _READERS[mode](text)
        return finish(plain, found)

    def text(self) -> Formatted:
        """The `text` parameter, 1-4096 units once its entities are parsed."""
        formatted = self.formatted_from(self.values["text"], self.given("parse_mode"), self.given("entities"))
        if not formatted.text:
            raise bad("text must be non-empty")
        if units(formatted.text) > TEXT_LIMIT:
            raise bad("message is too long")
        return formatted

    def caption(self, source: Json | None = None) -> Json:
        """The message fields of a caption, of this request or of one item of an album."""
        given = self.values if source is None else source
        formatted = self.formatted_from(
            text_in(given, "caption"), text_in(given, "parse_mode"), given.get("caption_entities")
        )
        if units(formatted.text) > CAPTION_LIMIT:
            raise bad("message caption is too long")
        fields = formatted.fields("caption", "caption_entities")
        if given.get("show_caption_above_media") is True and formatted.text:
            fields["show_caption_above_media"] = True
        return fields

    def keyboard(self, chat: Chat, *, inline_only: bool = False) -> Json:
        """The message field of an inline keyboard, if there is one."""
        markup = keyboards.read(self.given("reply_markup"), private=chat.person is not None, inline_only=inline_only)
        return {"reply_markup": markup} if markup is not None else {}

    def file(self, kind: str, given: str | None = None, part: str | None = None) -> File:
        """A file given as an upload, as attach://part, or as this bot's file_id. Raises Refusal."""
        value = given if given is not None else str(self.values[part or kind])
        upload = self.uploads.get(value.removeprefix("attach://")) if value.startswith("attach://") else None
        if upload is not None:
            return self.world.files.add(kind, upload)
        if value.startswith(("attach://", "http://", "https://")):
            raise wrong_address(value)
        return self.world.files.named(self.bot.id, value, kind)
