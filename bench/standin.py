"""The stand-in of Telegram in a process of its own, which tells when each message of the bench stood on the desk."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

import msgspec

from bench.talk import answer_lines, say
from bench.updates import MARK
from hub.sandbox.telegram import Limits, TelegramStandIn, serve


class Stage(msgspec.Struct, frozen=True):
    """Where the stand-in is, the admin bot's token, and the chat of the group that is to be the desk."""

    url: str
    token: str
    chat: str


class Seen(msgspec.Struct, frozen=True):
    """What stands on the desk: by a message's mark, when it first did and in which topics; how many topics by name."""

    at: dict[str, float]
    threads: dict[str, list[str]]
    topics: dict[str, int]


def _seen(world: TelegramStandIn, since: float) -> Seen:
    at: dict[str, float] = {}
    threads: dict[str, list[str]] = defaultdict(list)
    for call in world.calls:
        if call.at >= since and call.status == 200 and call.method.startswith("send"):
            for mark in MARK.findall(str(call.params.get("text", ""))):
                at.setdefault(mark, call.at)
                threads[mark].append(str(call.params.get("message_thread_id", "")))
    groups = [chat for chat in world.chats.values() if chat.topics]
    return Seen(at, threads, Counter(topic.name for group in groups for topic in world.topics(group)))


async def _main() -> None:
    world = TelegramStandIn(Limits.off())
    bot, owner = world.add_bot("desk_bot", "Desk", privacy=False), world.add_user("Olivia")
    forum = world.add_forum("Bench", members=[owner], admins=[bot])
    server = await serve(world)

    async def answer(line: bytes) -> Seen:
        return _seen(world, msgspec.json.decode(line, type=float))

    say(Stage(server.url, bot.token, str(forum.id)))
    try:
        await answer_lines(answer)
    finally:
        await server.close()


if __name__ == "__main__":
    asyncio.run(_main())
