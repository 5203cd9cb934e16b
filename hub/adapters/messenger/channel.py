"""A Facebook page as a channel to contacts: what comes in is read raw, what goes out leaves by the Graph API."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Literal, TypeVar

import msgspec

from hub.adapters.messenger import files, parts, signature, translate
from hub.adapters.messenger.errors import delivery_error
from hub.adapters.messenger.graph import Graph, RefusedByGraph
from hub.adapters.messenger.sending import Frame, send_part
from hub.domain.ids import Address, ExternalId
from hub.domain.incoming import Incoming, Person
from hub.domain.models import Media
from hub.domain.pictures import gathered
from hub.domain.ports import Capabilities, Outgoing, Pace, Sent
from hub.errors import (
    Blocked,
    DeliveryError,
    Gone,
    TemporaryFailure,
    TooLarge,
    Uncertain,
    Undeliverable,
    WindowClosed,
)
from hub.settings import Settings

T = TypeVar("T")

FIELDS = (
    "messages",
    "message_echoes",
    "message_edits",
    "message_reactions",
    "message_reads",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_optins",
    "messaging_handovers",
    "messaging_policy_enforcement",
)
"""What a page is subscribed to. Receipts of delivery are left out: nobody looks at them, and each costs a call."""
DAY = 86400.0
PERSON_DAYS = 7
TEXTS_A_SECOND = 300
_ACTIONS = {"seen": "mark_seen", "typing": "typing_on", "idle": "typing_off"}
_NO_PERSON_WINDOW = (
    "The contact's last act is more than 24 hours ago. Messenger lets a person answer for seven days only where the app"
    " has the HUMAN_AGENT right and HUB_MESSENGER_HUMAN_AGENT says so; else the contact must write again first."
)


class PageSecret(msgspec.Struct, frozen=True):
    """What is kept of a connected page. `app_secret` is empty where the page belongs to the app of the settings."""

    page: str
    token: str
    app_secret: str = ""
    app: str = ""


class MessengerChannel:
    """One page. Fulfils Channel, Greets, Hooks, Signals, Profiles, Pictures and FetchesMedia."""

    def __init__(self, secret: PageSecret, hook_secret: str, settings: Settings, answer_seconds: float) -> None:
        """`hook_secret` is the verify token that stands on the app's webhook page."""
        self._page = secret.page
        self._app = secret.app
        self._shared = not secret.app_secret
        self._app_secret = secret.app_secret or settings.messenger_app_secret
        self._hook_secret = hook_secret
        self._secrets = (secret.token, self._app_secret)
        base, version = settings.messenger_api_url, settings.messenger_version
        self._graph = Graph(base, version, secret.token, self._app_secret, answer_seconds)
        self._hosts = files.hosts(base)
        self._capabilities = capabilities(human_agent=settings.messenger_human_agent)

    @property
    def capabilities(self) -> Capabilities:
        """What a page can send."""
        return self._capabilities

    # -- in ----------------------------------------------------------------------------------------------------------

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """The network signs the body with the app's secret."""
        signature.verify(headers, body, self._app_secret)

    def greet(self, query: Mapping[str, str], body: bytes) -> str | None:
        """The network asks once, when the address is entered on the app's webhook page."""
        del body  # It asks by GET.
        return signature.greet(query, self._hook_secret)

    def translate(self, payload: bytes) -> list[Incoming]:
        """Reads one body; what is in it for other pages is left to theirs."""
        return translate.translate(payload, self._page, self._app)

    def update_id(self, payload: bytes) -> str:
        """What a redelivery of it shares."""
        return translate.update_id(payload)

    async def hook(self, url: str) -> None:
        """Subscribes the app to the page's events, or ends that. Where the network calls is a matter of the app's, and
        is entered there; but a subscription ends by itself when calls fail for an hour, so it is renewed at each start.
        """
        edge = f"{self._page}/subscribed_apps"
        if url:
            await self._call(self._graph.post(edge, {"subscribed_fields": ",".join(FIELDS)}), repeatable=True)
        else:
            await self._call(self._graph.delete(edge), repeatable=True)

    def instructions(self, url: str) -> list[str]:
        """What is to be entered on the app's webhook page, where the page has an app of its own."""
        if self._shared or not url:
            return []
        return [
            (
                "At developers.facebook.com, in your app, open Messenger, then Messenger API Settings, then Webhooks:"
                f" enter the callback URL {url} and the verify token {self._hook_secret}, and press Verify and save."
            )
        ]

    # -- out ---------------------------------------------------------------------------------------------------------

    async def send(self, to: Address, message: Outgoing) -> Sent:
        """Sends the parts one after the other. What fails once something has arrived is Uncertain: the message is
        neither sent nor unsent, and doing it again would repeat what arrived.
        """
        if message.late and self._capabilities.person_window is None:
            raise WindowClosed(_NO_PERSON_WINDOW)
        planned = parts.parts_of(message)
        whose = parts.whose(planned)
        names: list[ExternalId] = []
        for part in planned:
            frame = Frame(self._page, to, "" if names else _answered(message.reply_to), message.late)
            try:
                names.append(ExternalId(await self._call(send_part(self._graph, frame, part))))
            except DeliveryError as error:
                if not names:
                    raise
                raise _partly(error, names, whose) from None
        return Sent(tuple(names), whose)

    async def signal(self, to: Address, what: Literal["seen", "typing", "idle"]) -> None:
        """A call of its own, as the network wants it."""
        body = {"recipient": {"id": to}, "sender_action": _ACTIONS[what]}
        await self._call(self._graph.post(f"{self._page}/messages", body), repeatable=True)

    async def profile(self, address: Address) -> Person:
        """The network refuses names of some contacts, and to some apps: then there is none."""
        try:
            answer = await self._call(self._graph.get(_node(address), fields="first_name,last_name"), repeatable=True)
        except (Blocked, Gone, WindowClosed):
            return Person()
        except Undeliverable as error:
            if type(error) is Undeliverable:
                return Person()
            raise
        first, last = answer.get("first_name"), answer.get("last_name")
        return Person(
            first_name=first if isinstance(first, str) else "", last_name=last if isinstance(last, str) else ""
        )

    # -- files -------------------------------------------------------------------------------------------------------

    async def picture(self, address: Address) -> bytes:
        """Its address stands in the profile and holds for a while only; it is fetched as files are, without token."""
        answer = await self._call(self._graph.get(_node(address), fields="profile_pic"), repeatable=True)
        url = answer.get("profile_pic")
        return await gathered(self.fetch(Media(kind="image", source=url))) if isinstance(url, str) and url else b""

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        """A contact's file in chunks; its address holds for a while only."""
        size = 0
        try:
            async for chunk in self._graph.stream(media.source, self._hosts):
                size += len(chunk)
                _check_size(size)
                yield chunk
        except DeliveryError:
            raise
        except RefusedByGraph as error:
            raise _not_fetched(error) from None
        except Exception as error:  # noqa: BLE001 - whatever a client raises on an odd address or answer
            raise self._meaning(error, repeatable=True) from None

    async def close(self) -> None:
        """Lets go of its connections."""
        await self._graph.close()

    # -- all calls ---------------------------------------------------------------------------------------------------

    async def _call(self, calling: Awaitable[T], *, repeatable: bool = False) -> T:
        """The one place through which calls leave. The client's own error stays behind: it may hold the token."""
        try:
            return await calling
        except DeliveryError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a client raises on odd answers
            raise self._meaning(error, repeatable=repeatable) from None

    def _meaning(self, error: Exception, *, repeatable: bool) -> DeliveryError:
        return delivery_error(error, self._secrets, repeatable=repeatable)


def capabilities(*, human_agent: bool) -> Capabilities:
    """What any page can send. `human_agent`: the app was given the right to answer for seven days."""
    return Capabilities(
        text_limit=parts.TEXT_LIMIT,
        caption_limit=0,
        media=dict.fromkeys(
            ("image", "video", "animation", "voice", "audio", "video_note", "file", "sticker"), parts.UPLOAD_LIMIT
        ),
        can_unsend=False,
        choices=parts.CHOICES_LIMIT,
        pictures=True,
        reply_window=DAY,
        person_window=PERSON_DAYS * DAY if human_agent else None,
        per_account=Pace(TEXTS_A_SECOND, 1.0),
    )


def _answered(external: ExternalId | None) -> str:
    """The message's name; a button that the network gave no name cannot be answered."""
    return "" if external is None or external.startswith(translate.NO_MESSAGE) else external


def _node(address: Address) -> str:
    """An address is a number; anything else must not become another path."""
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,100}", address):
        raise Gone("This is no address of a Messenger contact.")
    return address


def _partly(error: DeliveryError, arrived: Sequence[ExternalId], whose: Sequence[int]) -> Uncertain:
    unsure = "the next one may have, and the rest did not" if isinstance(error, Uncertain) else "the rest did not"
    return Uncertain(f"{len(arrived)} of {len(whose)} parts arrived, {unsure}: {error.text}", arrived, whose)


def _check_size(size: int) -> None:
    if size > files.FETCH_LIMIT:
        raise TooLarge(f"The file is larger than the {files.FETCH_LIMIT >> 20} MB that the hub fetches.")


def _not_fetched(error: RefusedByGraph) -> DeliveryError:
    if error.status in (429, 500, 502, 503, 504):
        return TemporaryFailure("Messenger could not give the file just now; it will be tried again.")
    return Gone("Messenger does not give the file any more: its address has expired.")
