"""Makes Messenger channels: asks whose a token is, subscribes to the page, and says what is set up wrong there."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from hub.adapters.messenger.channel import MessengerChannel, PageSecret
from hub.adapters.messenger.checks import Suspect, app_of, problems_of
from hub.adapters.messenger.errors import delivery_error
from hub.adapters.messenger.graph import ANSWER_SECONDS, Graph
from hub.domain.ports import Account
from hub.errors import ChannelDead, Refused
from hub.settings import Settings

_WORD = re.compile(r"[!-~]{4,1000}")
_WHERE = (
    "The page's number and a token for it are on your app's page at developers.facebook.com, under Messenger, API"
    " Settings; the app secret is under App settings, Basic."
)


class MessengerConnector:
    """Fulfils Connector."""

    network = "messenger"
    guides = (
        "At developers.facebook.com, your app, “Messenger”, “API Settings”: the number beside your page's name.",
        "There as well: “Generate” beside your page, with pages_messaging and pages_manage_metadata granted.",
        "At developers.facebook.com, your app, “App settings”, “Basic”.",
    )

    def __init__(self, settings: Settings, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Uses the settings' address and version of the Graph API, and their app where a page names none.

        Waits `answer_seconds` for answers.
        """
        self._settings = settings
        self._answer_seconds = answer_seconds

    @property
    def usage(self) -> str:
        """The app secret may be left out where the settings name an app for all."""
        return f"PAGE_ID PAGE_TOKEN {'[APP_SECRET]' if self._settings.messenger_app_secret else 'APP_SECRET'}"

    async def examine(self, words: Sequence[str]) -> tuple[Account, str]:
        """Asks whose token it is, and subscribes. Raises Refused in one sentence, which never holds a secret."""
        page, token, app_secret = self._read(words)
        graph = self._graph(token, app_secret)
        try:
            name = await _page_name(graph, page)
            app = await app_of(graph)
            shared = len(words) == 2
            suspect = Suspect(page, token, app_secret, app, shared, self._settings.public_url)
            problems = await problems_of(graph, suspect)
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a client raises on odd answers
            raise _refused(error, (token, app_secret)) from None
        finally:
            await graph.close()
        kept = PageSecret(page, token, "" if shared else app_secret, app)
        return Account(id=page, name=name, problems=tuple(problems)), msgspec.json.encode(kept).decode()

    def connect(self, secret: str, hook_secret: str) -> MessengerChannel:
        """The channel for a kept secret."""
        kept = msgspec.json.decode(secret, type=PageSecret)
        return MessengerChannel(kept, hook_secret, self._settings, self._answer_seconds)

    def _read(self, words: Sequence[str]) -> tuple[str, str, str]:
        shared = self._settings.messenger_app_secret
        given = [*words, shared] if len(words) == 2 and shared else list(words)
        if len(given) != 3:
            raise Refused(f"Write {self.usage}, with spaces between. {_WHERE}")
        page, token, app_secret = given
        if not (page.isascii() and page.isdigit() and len(page) <= 30):
            raise Refused(f"The first word must be the page's number, which has digits only. {_WHERE}")
        if not _WORD.fullmatch(token) or not _WORD.fullmatch(app_secret):
            raise Refused(f"That is no page token, or no app secret. {_WHERE}")
        return page, token, app_secret

    def _graph(self, token: str, app_secret: str) -> Graph:
        settings = self._settings
        base, version = settings.messenger_api_url, settings.messenger_version
        return Graph(base, version, token, app_secret, self._answer_seconds)


async def _page_name(graph: Graph, page: str) -> str:
    answer = await graph.get("me", fields="id,name")
    id, name = str(answer.get("id", "")), str(answer.get("name") or "")
    if id != page:
        raise Refused(
            f"That token is for {name or 'another account'} ({id[:30]}), not for the page {page}. Generate one for the"
            " page on your app's page, under Messenger, API Settings."
        )
    return name or f"page {page}"


def _refused(error: Exception, secrets: tuple[str, str]) -> Refused:
    found = delivery_error(error, secrets, repeatable=True)
    why = found.text.partition("; it will")[0].partition("; connect the channel")[0].rstrip(".")
    if isinstance(found, ChannelDead):
        return Refused(f"{why.partition(', then connect')[0].replace(' any more', '')}. {_WHERE}")
    return Refused(f"{why}: send it again later, or have HUB_MESSENGER_API_URL and the network checked.")
