"""An app in one Slack workspace as a channel to contacts: what comes in is read raw, what goes out leaves by the Web
API.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from hub.adapters.slack import emoji as emojis
from hub.adapters.slack import parts, profiles, reading, signature, translate
from hub.adapters.slack.errors import RefusedFile, code_of, delivery_error
from hub.adapters.slack.format import body
from hub.adapters.slack.ids import Message, address, message_of, user_of
from hub.adapters.slack.pieces import joined, styled
from hub.adapters.slack.sending import Place, send_part
from hub.adapters.slack.web import NotAllowedThere, SignInPage, Web
from hub.domain.ids import Address, ExternalId
from hub.domain.incoming import Incoming, Person
from hub.domain.models import Media
from hub.domain.pictures import gathered
from hub.domain.ports import Capabilities, Outgoing, Pace, Sent
from hub.domain.text import Text, merged, nameless
from hub.errors import Blocked, DeliveryError, Gone, TooLarge, Uncertain, Undeliverable
from hub.settings import Settings, SlackLimits

T = TypeVar("T")

BURST = 5
"""The network wants one message a second in a channel, and lets a few go at once."""
FETCH_LIMIT = 1024 * 1024 * 1024
EVENTS = (
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "reaction_removed",
    "tokens_revoked",
)
_SHUT_OUT = (
    "Slack does not show the app the channel in which the contact wrote any more: have the app invited there again, or"
    " have the contact write in private."
)
_NO_MESSAGE = "That is no message that can be found on Slack."
_NO_RIGHT = "Slack shows its sign-in page in the file's place: the app lacks the right files:read."
_GONE_FILE = "Slack does not have the file any more."


class SlackSecret(msgspec.Struct, frozen=True):
    """What is kept of a connected app. `signing_secret` is empty where the app is that of the settings."""

    team: str
    token: str
    user: str
    bot: str = ""
    name: str = ""
    signing_secret: str = ""
    app_token: str = ""

    @property
    def own(self) -> translate.Own:
        """How the app is called in its workspace."""
        return translate.Own(self.user, self.bot, self.name)


class SlackChannel:
    """One app in one workspace. Fulfils Channel, Greets, Instructs, Edits, Deletes, Reacts, Profiles, Names, Pictures,
    FetchesMedia.
    """

    def __init__(
        self,
        secret: SlackSecret,
        settings: Settings,
        answer_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock`: the present, in seconds, by which a call's age is known."""
        self._secret = secret
        self._signing_secret = secret.signing_secret or settings.slack_signing_secret
        self._capabilities = capabilities(settings.slack_limits)
        self._clock = clock
        self._web = Web(settings.slack_api_url, secret.token, answer_seconds)
        self._direct: dict[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What an app can send."""
        return self._capabilities

    # -- in ----------------------------------------------------------------------------------------------------------

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """The network signs the body and the time with the app's signing secret."""
        signature.verify(headers, body, self._signing_secret, self._clock())

    def greet(self, query: Mapping[str, str], body: bytes) -> str | None:
        """The network asks when the address is entered on the app's page."""
        return signature.greet(query, body)

    def instructions(self, url: str) -> list[str]:
        """Where the network calls is entered by hand; an app of the settings has it from its manifest."""
        if not self._secret.signing_secret:
            return []
        if not url:
            return ["On the app's page at Slack, under Socket Mode, switch it on: this hub has no public address."]
        return [
            f"On the app's page at Slack, under Event Subscriptions, switch events on and enter {url} as Request URL.",
            f"There, under Subscribe to bot events, add {', '.join(EVENTS)}, and save.",
            f"Under Interactivity & Shortcuts, switch it on and enter {url} as Request URL too.",
        ]

    def translate(self, payload: bytes) -> list[Incoming]:
        """Reads one event, or what somebody pressed."""
        return translate.translate(payload, self._secret.own)

    def update_id(self, payload: bytes) -> str:
        """The event's id."""
        return translate.update_id(payload)

    # -- out ---------------------------------------------------------------------------------------------------------

    async def send(self, to: Address, message: Outgoing) -> Sent:
        """Sends the parts one after the other. What fails once something has arrived is Uncertain: the message is
        neither sent nor unsent, and doing it again would repeat what arrived.
        """
        planned = parts.parts_of(message)
        place = await self._place(to, message_of(message.reply_to))
        try:
            names = await self._in_turn(place, planned)
        except Gone:
            # A channel that shuts us out takes nobody away: its people can still be written to in private.
            if place.direct:
                raise
            raise Undeliverable(_SHUT_OUT) from None
        return Sent(tuple(names), tuple(part.place for part in planned))

    async def _in_turn(self, place: Place, planned: Sequence[parts.Part]) -> list[ExternalId]:
        names: list[ExternalId] = []
        for part in planned:
            try:
                names.append(await self._call(send_part(self._web, place, part)))
            except DeliveryError as error:
                if not names:
                    raise
                raise _partly(error, names, [part.place for part in planned]) from None
        return names

    async def _place(self, to: Address, answered: Message | None) -> Place:
        """Where the message stands that is answered: in its thread, or in one that the answer begins in a channel."""
        user = user_of(to)
        if user is None:
            raise Gone("This is no address of a Slack contact.")
        if answered is None:
            return Place(await self._chat(user))
        return Place(answered.channel, answered.thread or ("" if answered.direct else answered.stamp))

    async def _chat(self, user: str) -> str:
        """The contact's private chat with the app."""
        if user not in self._direct:
            answer = await self._call(self._web.client.conversations_open(users=[user]), repeatable=True)
            channel: Any = answer.get("channel")
            self._direct[user] = str(channel["id"]) if isinstance(channel, dict) and channel.get("id") else user
        return self._direct[user]

    async def edit(self, to: Address, externals: Sequence[ExternalId], text: Text, caption: bool) -> Sent:
        """Changes words where they stand. A text that became longer goes on in further messages, which are the last
        thing to be done, for only they could not be done again.
        """
        if caption and len(externals) == 1:
            await self._recaption(externals[0], text)
            return Sent(tuple(externals))
        file, worded = list(externals[:1] if caption else ()), list(externals[1:] if caption else externals)
        planned = parts.texts(text)
        if not planned:
            raise Undeliverable("A message cannot become empty: take it back with /unsend.")
        for external, part in zip(worded, planned, strict=False):
            # Left out, the blocks of before might stay.
            await self._reword(external, {"blocks": [], **part.fields()})
        await self.delete(to, worded[len(planned) :])
        first = message_of(externals[0]) if externals else None
        place = Place(first.channel, first.thread) if first else await self._place(to, None)
        more = await self._in_turn(place, planned[len(worded) :])
        return Sent((*file, *worded[: len(planned)], *more))

    async def _recaption(self, external: ExternalId, text: Text) -> None:
        if not parts.fits(text):
            raise Undeliverable(f"Slack holds {parts.TEXT_LIMIT} characters above a file; the change is longer.")
        await self._reword(external, body(text))

    async def _reword(self, external: ExternalId, fields: dict[str, Any]) -> None:
        message = _stamped(external)
        calling = self._web.client.chat_update(channel=message.channel, ts=message.stamp, **fields)
        await self._call(calling, repeatable=True)

    async def delete(self, to: Address, externals: Sequence[ExternalId]) -> None:
        """Takes messages back, one by one, so that it is known which could not be."""
        del to
        for external in externals:
            message = message_of(external)
            if message is not None and message.file:
                await self._done(self._web.client.files_delete(file=message.file), ("file_not_found", "file_deleted"))
                continue
            found = _stamped(external)
            calling = self._web.client.chat_delete(channel=found.channel, ts=found.stamp)
            await self._done(calling, ("message_not_found",))

    async def react(self, to: Address, external: ExternalId, emoji: str) -> None:
        """The network keeps all reactions of ours beside one another, so the ones before are taken away."""
        del to
        message, name = _stamped(external), emojis.name_of(emoji) if emoji else ""
        at = {"channel": message.channel, "timestamp": message.stamp}
        if emoji and not name:
            raise Undeliverable("Slack has no such reaction; choose another emoji.")
        if name:
            await self._done(self._web.client.reactions_add(name=name, **at), ("already_reacted",))
        answer = await self._call(self._web.client.reactions_get(full=True, **at), repeatable=True)
        for other in _reactions(answer.get("message"), self._secret.user):
            if other != name:
                await self._done(self._web.client.reactions_remove(name=other, **at), ("no_reaction",))

    async def profile(self, address: Address) -> Person:
        """Of people of other workspaces the network tells little, or nothing."""
        if user_of(address) is None:
            raise Gone("This is no address of a Slack contact.")
        try:
            return profiles.person(await self._user(address))
        except (Blocked, Gone):
            return Person()

    async def _user(self, address: Address) -> Any:
        """What the network tells of somebody."""
        user = user_of(address)
        if user is None:
            raise Gone("This is no address of a Slack contact.")
        calling = self._web.client.users_info(user=user, include_locale=True)
        return (await self._call(calling, repeatable=True)).get("user")

    async def named(self, text: Text) -> Text:
        """Whom the network does not tell of keeps the id."""
        spans = nameless(text)
        called = {value: await self._called(value) for value in dict.fromkeys(span.value for span in spans)}
        pieces: list[Text] = []
        end = 0
        for span in spans:
            name = called[span.value]
            words = styled(f"@{name}", "mention", span.value) if name else text.cut(span.start, span.end)
            pieces += [text.cut(end, span.start), words]
            end = span.end
        whole = joined([*pieces, text.cut(end, len(text.plain))])
        return Text(whole.plain, merged(whole.spans))

    async def _called(self, mention: str) -> str:
        found = await self.profile(address(self._secret.team, reading.user_of(mention)))
        return " ".join(filter(None, (found.first_name, found.last_name)))

    # -- files -------------------------------------------------------------------------------------------------------

    async def picture(self, address: Address) -> bytes:
        """The picture that somebody chose for themselves: the network's own ones and Gravatar's tell nothing."""
        url = profiles.portrait(await self._user(address))
        if not self._web.keeps(url):
            return b""
        try:
            return await gathered(self._web.stream(url, page=False, public=True))
        except DeliveryError:
            raise
        except (NotAllowedThere, SignInPage):
            return b""
        except Exception as error:  # noqa: BLE001 - whatever a client raises on an odd address or answer
            raise delivery_error(error, repeatable=True) from None

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """A contact's file in chunks. Of one from another workspace the address must be asked for first."""
        url, _, id = media.source.rpartition("|")
        size, page = 0, media.mime == "text/html"
        try:
            if not url:
                url, page = await self._address(id)
            async for chunk in self._web.stream(url, page=page):
                size += len(chunk)
                _check_size(size)
                yield chunk
        except DeliveryError:
            raise
        except (SignInPage, RefusedFile) as error:
            raise await self._why_not(id, error) from None
        except NotAllowedThere:
            raise Gone("The file's address does not lead to Slack, so it is not fetched.") from None
        except Exception as error:  # noqa: BLE001 - whatever a client raises on an odd address or answer
            raise delivery_error(error, repeatable=True) from None

    async def _address(self, id: str) -> tuple[str, bool]:
        answer = await self._call(self._web.client.files_info(file=id), repeatable=True)
        file: Any = answer.get("file")
        file = file if isinstance(file, dict) else {}
        url = file.get("url_private_download") or file.get("url_private")
        if not isinstance(url, str) or not url or file.get("mode") in ("tombstone", "hidden_by_limit", "external"):
            raise Gone(_GONE_FILE)
        return url, file.get("mimetype") == "text/html"

    async def _why_not(self, id: str, error: SignInPage | RefusedFile) -> DeliveryError:
        """Where the files are, the network does not say why it gives none; asked about the file, it does."""
        if isinstance(error, RefusedFile) and (error.status >= 500 or error.status == 429):
            return delivery_error(error, repeatable=True)
        try:
            await self._address(id)
        except DeliveryError as reason:
            return reason
        return Gone(_NO_RIGHT if isinstance(error, SignInPage) else _GONE_FILE)

    async def close(self) -> None:
        """Lets go of its connections."""
        await self._web.close()

    # -- all calls ---------------------------------------------------------------------------------------------------

    async def _call(self, calling: Awaitable[T], *, repeatable: bool = False) -> T:
        """The one place through which calls leave. The library's own error stays behind: it may hold a secret."""
        try:
            return await calling
        except DeliveryError:
            raise
        except Exception as error:  # noqa: BLE001 - the library raises what its parts raise on odd answers
            raise delivery_error(error, repeatable=repeatable) from None

    async def _done(self, calling: Awaitable[object], already: Collection[str]) -> None:
        """A call that is the same when repeated, and done where the network says one of `already`."""
        try:
            await calling
        except Exception as error:  # noqa: BLE001 - the library raises what its parts raise on odd answers
            if code_of(error) not in already:
                raise delivery_error(error, repeatable=True) from None


def capabilities(limits: SlackLimits) -> Capabilities:
    """What an app can send, at the rates of the settings; a rate of 0 is none."""
    a_minute, burst = limits.workspace_per_minute, limits.channel_per_second * BURST
    return Capabilities(
        text_limit=parts.TEXT_LIMIT,
        caption_limit=parts.CAPTION_LIMIT,
        media=dict.fromkeys(
            ("image", "video", "animation", "voice", "audio", "video_note", "file", "sticker"), parts.UPLOAD_LIMIT
        ),
        can_unsend=True,
        needs_reply_to=True,
        choices=parts.CHOICES_LIMIT,
        pictures=True,
        per_account=Pace(a_minute, 60 * limits.window_scale) if a_minute > 0 else None,
        per_chat=Pace(burst, BURST * limits.window_scale) if burst > 0 else None,
    )


def _check_size(size: int) -> None:
    if size > FETCH_LIMIT:
        raise TooLarge("The file is larger than the 1 GB that Slack takes.")


def _stamped(external: ExternalId) -> Message:
    message = message_of(external)
    if message is None or not message.stamp:
        raise Undeliverable(_NO_MESSAGE)
    return message


def _reactions(message: Any, user: str) -> list[str]:
    """The names of the user's reactions on a message."""
    every = message.get("reactions") if isinstance(message, dict) else None
    found = (each for each in every if isinstance(each, dict)) if isinstance(every, list) else ()
    return [str(each.get("name")) for each in found if user in (each.get("users") or ())]


def _partly(error: DeliveryError, arrived: Sequence[ExternalId], whose: Sequence[int]) -> Uncertain:
    unsure = "the next one may have, and the rest did not" if isinstance(error, Uncertain) else "the rest did not"
    return Uncertain(f"{len(arrived)} of {len(whose)} parts arrived, {unsure}: {error.text}", arrived, whose)
