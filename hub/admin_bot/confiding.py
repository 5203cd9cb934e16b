"""Whether somebody can be told in private: not before they opened a chat with the bot, where the network wants that."""

from __future__ import annotations

from hub.admin_bot.call import Call
from hub.admin_bot.replies import Rows
from hub.domain.carrying import jobs
from hub.domain.ids import PostId
from hub.domain.models import Job
from hub.domain.ports import Tx
from hub.domain.reply import Button, Reply
from hub.errors import Blocked, DeliveryError, Gone

OPEN = "Open our chat"


async def confide(call: Call, reply: Reply) -> PostId | None:
    """Says it in the asker's private chat, outside of any transaction; gives the post, empty where it is not known.
    None: there is no such chat, and the asker has to open it.
    """
    front_end = call.services.front_ends.get(call.spot.network)
    if front_end is None:
        return PostId("")
    try:
        return await front_end.notify(call.heard.asker.identity, reply)
    except (Blocked, Gone):
        return None
    except DeliveryError:
        return PostId("")


async def catch_up(call: Call) -> list[str]:
    """Has what waits for the asker to open the chat given to them now; the names of those files."""
    waiting = [j for j in await call.home.items(Job) if jobs.ungiven(j, call.heard.asker.identity)]

    async def deed(tx: Tx) -> None:
        for job in waiting:
            await jobs.go_on(tx, job.id)

    if waiting:
        await call.run(deed)
    return [job.name for job in waiting]


def way_in(call: Call) -> Rows:
    """The button that opens the chat; none where the network has no such address."""
    url = call.services.start_link("")
    return ((Button(OPEN, url=url),),) if url else ()
