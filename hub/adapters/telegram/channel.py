"""A Telegram bot as a channel to contacts. Outgoing calls go through python-telegram-bot; what comes in is read raw."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx
import msgspec
from telegram import Bot, PhotoSize, ReactionTypeEmoji
from telegram.error import TelegramError

from hub.adapters.telegram import parts, polling, translate
from hub.adapters.telegram.errors import delivery_error, words_of
from hub.adapters.telegram.format import measure
from hub.adapters.telegram.sending import library_entities, send_part
from hub.adapters.telegram.transport import RefusedByNetwork, Transport
from hub.domain.ids import Address, ExternalId
from hub.domain.incoming import Incoming
from hub.domain.models import Media
from hub.domain.pictures import WIDE_ENOUGH, gathered
from hub.domain.ports import Capabilities, Outgoing, Pace, Sent
from hub.domain.text import Text
from hub.errors import DeliveryError, Gone, NotGenuine, TemporaryFailure, TooLarge, Uncertain, Undeliverable
from hub.settings import Limits

T = TypeVar("T")

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "message_reaction")
"""Asked for by name: reactions are not sent otherwise."""
WEBHOOK_CONNECTIONS = 100
BURST = 5
"""The network counts a chat's messages over a few seconds: so many seconds' worth may go at once."""
_ALREADY = ("message is not modified",)
_GONE_ALREADY = ("message to delete not found", "message_id_invalid")


class TelegramChannel:
    """One bot. Fulfils Channel, Polls, Hooks, Edits, Deletes, Reacts, Asks, Pictures and FetchesMedia."""

    def __init__(self, bot: Bot, transport: Transport, hook_secret: str, limits: Limits) -> None:
        """`transport` is the one that the bot was made with; it is closed with the channel."""
        self._bot = bot
        self._transport = transport
        self._hook_secret = hook_secret
        self._capabilities = capabilities(limits)

    @property
    def capabilities(self) -> Capabilities:
        """What a bot can send."""
        return self._capabilities

    # -- in ----------------------------------------------------------------------------------------------------------

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """The network repeats the secret that it was given with the hook's address."""
        del body  # It is not signed.
        given = headers.get(SECRET_HEADER, "").encode("utf-8", "surrogatepass")
        if not self._hook_secret or not hmac.compare_digest(given, self._hook_secret.encode()):
            raise NotGenuine

    def translate(self, payload: bytes) -> list[Incoming]:
        """Reads one update."""
        return translate.translate(payload)

    def update_id(self, payload: bytes) -> str:
        """The update's number."""
        return translate.update_id(payload)

    async def poll(self, offset: int, wait: float) -> list[tuple[int, bytes]]:
        """Asks for updates past the library, whose types refuse a whole batch for one odd update in it."""
        asked = {
            "offset": offset,
            "timeout": int(wait),
            "limit": 100,
            "allowed_updates": msgspec.json.encode(ALLOWED_UPDATES).decode(),
        }
        url = f"{self._bot.base_url}/getUpdates?{urlencode(asked)}"
        _, answer = await self._call(self._transport.do_request(url, "POST", read_timeout=wait + 10), repeatable=True)
        return polling.updates_in(answer, offset)

    async def hook(self, url: str) -> None:
        """Tells the network where to call, and with which secret."""
        if not url:
            await self._call(self._bot.delete_webhook(), repeatable=True)
            return
        asking = self._bot.set_webhook(
            url,
            secret_token=self._hook_secret,
            allowed_updates=list(ALLOWED_UPDATES),
            max_connections=WEBHOOK_CONNECTIONS,
        )
        await self._call(asking, repeatable=True)

    # -- out ---------------------------------------------------------------------------------------------------------

    async def send(self, to: Address, message: Outgoing) -> Sent:
        """Sends the parts one after the other. What fails once something has arrived is Uncertain: the message is
        neither sent nor unsent, and doing it again would repeat what arrived.
        """
        chat, planned = _chat(to), parts.parts_of(message)
        whose = parts.whose(planned)
        numbers: list[int] = []
        reply_to = _number(to, message.reply_to)
        for part in planned:
            try:
                numbers += await self._call(send_part(self._bot, chat, part, None if numbers else reply_to))
            except DeliveryError as error:
                if not numbers:
                    raise
                raise _partly(error, _names(to, numbers), whose) from None
        return Sent(tuple(_names(to, numbers)), whose)

    async def edit(self, to: Address, externals: Sequence[ExternalId], text: Text, caption: bool) -> Sent:
        """Changes words where they stand. A text that became longer goes on in further messages, which are the last
        thing to be done, for only they could not be done again.
        """
        if caption and len(externals) == 1:
            await self._recaption(to, externals[0], text)
            return Sent(tuple(externals))
        file, worded = list(externals[:1] if caption else ()), list(externals[1:] if caption else externals)
        planned = parts.texts(text)
        if not planned:
            raise Undeliverable("A message cannot become empty: take it back with /unsend.")
        for external, part in zip(worded, planned, strict=False):
            await self._reword(to, external, part.text)
        await self._take_surplus(to, worded[len(planned) :])
        more = await self._add(to, planned, len(worded))
        return Sent((*file, *worded[: len(planned)], *more))

    async def _take_surplus(self, to: Address, surplus: Sequence[ExternalId]) -> None:
        try:
            await self.delete(to, surplus)
        except Undeliverable as error:
            if type(error) is not Undeliverable:
                raise
            raise Undeliverable(f"its beginning was changed, but its end cannot be taken back: {error.text}") from None

    async def _add(self, to: Address, planned: Sequence[parts.TextPart], start: int) -> list[ExternalId]:
        names: list[ExternalId] = []
        for part in planned[start:]:
            try:
                (number,) = await self._call(send_part(self._bot, _chat(to), part, None))
            except DeliveryError as error:
                if not names:
                    raise
                raise _partly(error, names, parts.whose(planned), start) from None
            names.append(ExternalId(f"{to}:{number}"))
        return names

    async def _reword(self, to: Address, external: ExternalId, text: Text) -> None:
        frame: dict[str, Any] = {"chat_id": _chat(to), "message_id": _known_number(to, external)}
        changing = self._bot.edit_message_text(text=text.plain, entities=library_entities(text), **frame)
        await self._done(changing, _ALREADY)

    async def _recaption(self, to: Address, external: ExternalId, text: Text) -> None:
        if measure(text.plain) > parts.CAPTION_LIMIT:
            raise Undeliverable(f"Telegram holds {parts.CAPTION_LIMIT} characters under a file; the change is longer.")
        frame: dict[str, Any] = {"chat_id": _chat(to), "message_id": _known_number(to, external)}
        entities = library_entities(text)
        changing = self._bot.edit_message_caption(caption=text.plain, caption_entities=entities, **frame)
        await self._done(changing, _ALREADY)

    async def delete(self, to: Address, externals: Sequence[ExternalId]) -> None:
        """Takes messages back, one by one, so that it is known which could not be."""
        for external in externals:
            number = _known_number(to, external)
            await self._done(self._bot.delete_message(_chat(to), number), _GONE_ALREADY)

    async def react(self, to: Address, external: ExternalId, emoji: str) -> None:
        """The network's own emojis have no variation selector, and it refuses those that have."""
        reactions = [ReactionTypeEmoji(emoji.replace("\ufe0f", ""))] if emoji else []
        number = _known_number(to, external)
        await self._done(self._bot.set_message_reaction(_chat(to), number, reactions), ())

    async def heard_press(self, press: ExternalId) -> None:
        """Ends the spinning of the button that was pressed."""
        await self._call(self._bot.answer_callback_query(press.rpartition(":")[2]), repeatable=True)

    # -- files -------------------------------------------------------------------------------------------------------

    async def picture(self, address: Address) -> bytes:
        """The newest of the contact's pictures, in one of its sizes."""
        asking = self._bot.get_user_profile_photos(_chat(address), limit=1)
        found = await self._call(asking, repeatable=True)
        size = _fitting([size for sizes in found.photos[:1] for size in sizes])
        return await gathered(self.fetch(Media(kind="image", source=size.file_id))) if size else b""

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """A contact's file in chunks."""
        url = await self._link(media)
        try:
            async for chunk in self._transport.stream(url):
                yield chunk
        except RefusedByNetwork as error:
            gone = Gone("Telegram does not have the file any more.") if error.code == 404 else None
            raise gone or _not_fetched(error, self._bot.token) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
            raise TemporaryFailure("Telegram broke off while it gave the file; it will be tried again.") from None

    async def _link(self, media: Media) -> str:
        try:
            file = await self._bot.get_file(media.source.partition("|")[0])
        except Exception as error:  # noqa: BLE001 - the library raises what its types raise on odd answers
            raise _not_fetched(error, self._bot.token) from None
        if not file.file_path:
            raise Gone("Telegram does not have the file any more.")
        address = urlsplit(file.file_path)
        return urlunsplit(address._replace(path=quote(address.path, safe="/:%")))

    async def close(self) -> None:
        """Lets go of its connections."""
        await self._transport.shutdown()

    # -- all calls ---------------------------------------------------------------------------------------------------

    async def _call(self, calling: Awaitable[T], *, repeatable: bool = False) -> T:
        """The one place through which calls leave. The library's own error stays behind: it may hold the token."""
        try:
            return await calling
        except DeliveryError:
            raise
        except Exception as error:  # noqa: BLE001 - the library raises what its types raise on odd answers
            raise delivery_error(error, self._bot.token, repeatable=repeatable) from None

    async def _done(self, calling: Awaitable[object], already: Sequence[str]) -> None:
        """A call that is the same when repeated, and done where the network says one of `already`."""
        try:
            await calling
        except TelegramError as error:
            if not any(words in words_of(error) for words in already):
                raise delivery_error(error, self._bot.token, repeatable=True) from None
        except Exception as error:  # noqa: BLE001 - the library raises what its types raise on odd answers
            raise delivery_error(error, self._bot.token, repeatable=True) from None


def capabilities(limits: Limits) -> Capabilities:
    """What any bot can send, at the rates of the settings; a rate of 0 or less is none."""
    second = 1.0 * limits.window_scale
    bot, chat = limits.per_second, limits.chat_per_second
    return Capabilities(
        text_limit=parts.TEXT_LIMIT,
        caption_limit=parts.CAPTION_LIMIT,
        media=dict.fromkeys(
            ("image", "video", "animation", "voice", "audio", "video_note", "file", "sticker"), parts.UPLOAD_LIMIT
        ),
        album_limit=parts.ALBUM_LIMIT,
        choices=parts.CHOICES_LIMIT,
        pictures=True,
        can_unsend=True,
        per_account=Pace(bot, second) if bot > 0 else None,
        per_chat=Pace(chat * BURST, second * BURST) if chat > 0 else None,
    )


def _fitting(sizes: Sequence[PhotoSize]) -> PhotoSize | None:
    """The smallest that is wide enough, else the widest."""
    wide = [size for size in sizes if size.width >= WIDE_ENOUGH]
    return min(wide, key=lambda s: s.width) if wide else max(sizes, key=lambda s: s.width, default=None)


def _chat(to: Address) -> int:
    try:
        return int(to)
    except ValueError:
        raise Gone("This is no address of a Telegram contact.") from None


def _number(to: Address, external: ExternalId | None) -> int | None:
    """The message's number in the contact's chat; None for what is no message there, such as a pressed button."""
    chat, _, number = (external or "").rpartition(":")
    return int(number) if chat == to and number.isascii() and number.isdigit() else None


def _known_number(to: Address, external: ExternalId) -> int:
    number = _number(to, external)
    if number is None:
        raise Undeliverable("That is no message in the contact's chat.")
    return number


def _names(to: Address, numbers: Sequence[int]) -> list[ExternalId]:
    return [ExternalId(f"{to}:{number}") for number in numbers]


def _partly(error: DeliveryError, arrived: Sequence[ExternalId], whose: Sequence[int], before: int = 0) -> Uncertain:
    unsure = "the next one may have, and the rest did not" if isinstance(error, Uncertain) else "the rest did not"
    return Uncertain(f"{before + len(arrived)} of {len(whose)} parts arrived, {unsure}: {error.text}", arrived, whose)


def _not_fetched(error: Exception, token: str) -> DeliveryError:
    found = delivery_error(error, token, repeatable=True)
    if isinstance(found, TooLarge):
        return TooLarge("The file is larger than the 20 MB a bot may fetch.")
    if type(found) is Undeliverable:
        return Gone("Telegram does not have the file any more.")
    return found
