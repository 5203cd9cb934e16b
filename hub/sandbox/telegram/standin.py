"""The stand-in itself: the world, the answering of calls, what a test or page reads, and faults on demand."""

import logging
from collections.abc import Mapping
from typing import Any

import msgspec

from hub.sandbox.telegram.accounts import Bot, Chat, Json, Topic, User
from hub.sandbox.telegram.asks import Ask
from hub.sandbox.telegram.faults import Failure
from hub.sandbox.telegram.files import Upload
from hub.sandbox.telegram.groups import Groups
from hub.sandbox.telegram.parameters import read
from hub.sandbox.telegram.people import Place, reactions_of
from hub.sandbox.telegram.refusals import Refusal, bad, no_such_method, too_many
from hub.sandbox.telegram.registry import METHODS, Method
from hub.sandbox.telegram.world import Call, CallbackTap

_LOG = logging.getLogger(__name__)


class TelegramStandIn(Groups):
    """One in-memory world of the Bot API. Its methods change the world at once and queue the bots' updates.

    Give `Limits` to change or switch off the network's rates; serve it over HTTP with `serve`.
    """

    # -- what a test or page reads -----------------------------------------------------------------------------

    def history(self, chat: Chat, thread: int | None = None) -> list[Json]:
        """The messages of a chat, oldest first; of one topic if given. 1 is General alone."""
        kept = chat.messages.values()
        if thread is not None:
            wanted = None if thread == chat.general.id else thread
            return [self.render(stored) for stored in kept if stored.thread == wanted]
        return [self.render(stored) for stored in kept]

    def private(self, user: User, bot: Bot) -> list[Json]:
        """The messages of a person's chat with a bot, oldest first."""
        return self.history(self.private_chat(user, bot))

    def message(self, chat: Chat, message_id: int) -> Json:
        """One message. ValueError when it is not there."""
        return self.render(self.stored(chat, message_id))

    def topics(self, chat: Chat) -> list[Topic]:
        """The topics of a forum, without General."""
        return list(chat.topics.values())

    def reactions(self, chat: Chat, message_id: int) -> dict[str, list[str]]:
        """Emojis on a message by account id (as text)."""
        return reactions_of(self.stored(chat, message_id))

    def ephemeral(self, chat: Chat, receiver: User) -> list[Json]:
        """What only this person sees in a group, oldest first."""
        found = [stored for (user_id, _), stored in chat.whispers.items() if user_id == receiver.id]
        return [self.render(stored) for stored in found]

    def menus(self, bot: Bot) -> list[Json]:
        """The command menus a bot has set: scope, language_code, commands."""
        return [
            {"scope": msgspec.json.decode(scope), "language_code": language, "commands": menu}
            for (scope, language), menu in bot.commands.items()
        ]

    def prompt(self, chat: Chat, user: User) -> Json | None:
        """The forced reply or reply keyboard that this person's app shows now."""
        return self.prompts.get((chat.id, user.id)) or self.prompts.get((chat.id, 0))

    def tap(self, callback_query_id: str) -> CallbackTap:
        """A tap made earlier. KeyError when there was none of this id."""
        return self.taps[callback_query_id]

    @property
    def provoked_429(self) -> int:
        """How often a bot went over a limit; injected 429 do not count."""
        return self.meter.provoked

    def calls_of(self, method: str, chat: Chat | None = None) -> list[Call]:
        """The calls of one method so far, in one chat if given."""
        wanted = method.lower()
        chat_id = chat.id if chat is not None else None
        return [c for c in self.calls if c.method.lower() == wanted and chat_id in {None, c.chat_id}]

    # -- faults on demand --------------------------------------------------------------------------------------

    def fail(
        self, *, method: str | None = None, chat: Place | User | int | None = None, times: int = 1, **how: Any
    ) -> None:
        """Refuse the next matching calls before doing them. `how`: code, description, retry_after, migrate_to."""
        self.faults.fail(method, _chat_id(chat), times, Failure(**how))

    def drop_answer(self, *, method: str | None = None, chat: Place | User | int | None = None, times: int = 1) -> None:
        """Do the next matching calls, then close the connection without an answer."""
        self.faults.drop_answer(method, _chat_id(chat), times)

    def delay(self, seconds: float, *, method: str | None = None, times: int = 1) -> None:
        """Be slow for the next matching calls."""
        self.faults.delay(seconds, method, times)

    def hang(self, on: bool = True) -> None:
        """Accept calls and neither do nor answer them, until switched off."""
        self.faults.hang(on=on)

    def unreachable(self, on: bool = True) -> None:
        """Close every connection at once, doing nothing, until switched off."""
        self.faults.away = on

    def heal(self) -> None:
        """No faults any more."""
        self.faults.clear()

    def redeliver(self, bot: Bot, update_id: int) -> None:
        """Deliver an update once more, byte for byte. KeyError when there was none of this id."""
        bot.inbox.redeliver(update_id)

    def duplicate_updates(self, bot: Bot, times: int) -> None:
        """Deliver each of the next `times` updates twice."""
        bot.inbox.duplicates = times

    def reorder_updates(self, bot: Bot, n: int) -> None:
        """Hold the next `n` updates back until all are there, then deliver the last first. 0 lets them go."""
        bot.inbox.reorder = n
        if not n:
            bot.inbox.release()

    def raw_update(self, bot: Bot, update: Json | bytes) -> int:
        """Queue anything as it is, also what no network would send; returns its update_id."""
        return bot.inbox.push_raw(update)

    def updates_of(self, bot: Bot) -> list[Json]:
        """Every update made for a bot so far (those of valid JSON), as it was sent."""
        return [msgspec.json.decode(update.body) for update in bot.inbox.sent.values()]

    # -- answering ---------------------------------------------------------------------------------------------

    def call(self, bot: Bot, method: str, raw: Mapping[str, Any], uploads: Mapping[str, Upload] | None = None) -> Any:
        """Do what a bot asks; the result. Raises Refusal, having changed nothing."""
        known = self._method(method)
        values = read(known.parameters, raw)
        if values.get("business_connection_id"):
            raise bad("business connection not found")
        self._note_unknown(known, raw)
        chat_id, cost = chat_of(values), known.cost(values)
        wait = self.meter.wait(bot.id, chat_id, cost, topics=known.topics)
        if wait:
            raise too_many(wait)
        result = known.handle(Ask(self, bot, values, uploads or {}))
        self.meter.charge(bot.id, chat_id, cost, topics=known.topics)
        return result

    def _method(self, name: str) -> Method:
        known = METHODS.get(name.lower())
        if known is None:
            self.unimplemented.append(name)
            _LOG.warning("the Telegram stand-in has no method %r: answered 404, which clients misread", name)
            raise no_such_method()
        return known

    def _note_unknown(self, known: Method, raw: Mapping[str, Any]) -> None:
        unknown = raw.keys() - {parameter.name for parameter in known.parameters}
        self.unknown_parameters |= {f"{known.name}.{name}" for name in unknown}

    def record(self, bot: Bot, method: str, raw: Mapping[str, Any], refusal: Refusal | None, status: int = 200) -> None:
        """Note a call in `calls`; files' contents and tokens are never in it."""
        known = METHODS.get(method.lower())
        chat_id = chat_of(raw)
        try:
            cost = known.cost(read(known.parameters, raw)) if known is not None and refusal is None else 0
        except Refusal:
            cost = 0
        status = refusal.code if refusal is not None else status
        description = refusal.description if refusal is not None else ""
        name = known.name if known is not None else method
        self.calls.append(Call(self.clock(), bot.username, name, dict(raw), status, description, chat_id, cost))


def chat_of(values: Mapping[str, Any]) -> int | None:
    """The chat a call is about."""
    try:
        return int(values["chat_id"])
    except (KeyError, ValueError, TypeError):
        return None


def _chat_id(chat: Place | User | int | None) -> int | None:
    return chat if chat is None or isinstance(chat, int) else chat.id
