"""Finding what was said: words of messages and notes, with twelve words around them and a link to each."""

from __future__ import annotations

from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.dispatch import veiled
from hub.admin_bot.hits import carried, known_here, mistaken, spelled
from hub.admin_bot.replies import Rows, link
from hub.domain import desks
from hub.domain.finding.grammar import Mistake
from hub.domain.finding.known import Known
from hub.domain.finding.saying import Heap, Heard, listen
from hub.domain.finding.sought import Sought, sought
from hub.domain.finding.words import around
from hub.domain.ids import ContactId
from hub.domain.models import Comment, DeskItem, Media, Message, Post
from hub.domain.ports import Query
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Invalid, Refused

SHOWN = 5
LONGEST = 200
_USAGE = "WORDS… [from:NAME] [since:oct] [until:mon] [in:notes | in:messages | in:here]"


@command(section="Inbox", usage=_USAGE, outside=True, in_place=True)
async def find(call: Call, what: Text | None = None) -> Reply:
    """Find what was said, in messages and notes: /find refund from:bob since:oct."""
    if what is None:
        raise Invalid("Find what? Write words: /find refund from:bob since:oct.")
    names = await known_here(call, "conversations")
    try:
        wanted = sought(await spelled(call, what.plain), names)
    except Mistake as error:
        return mistaken(error, "find")
    heap = await listen(call.reads, wanted, names, await _here(call, wanted), SHOWN)
    lines: list[Value] = [await _line(call, hit, wanted, names) for hit in heap.hits]
    data: dict[str, Value] = {"text": wanted.text, "lines": lines, "cut": heap.cut, "page": heap.page}
    reply = Reply("found", data, rows=await _pager(call, wanted, heap))
    return veiled(call, reply) or reply


async def _here(call: Call, wanted: Sought) -> list[ContactId]:
    """The contact in whose place it was asked, where only their words are wanted."""
    if not wanted.here:
        return []
    contact, _ = await desks.place_of(call.reads, call.desk.id, call.spot.thread) if call.desk else (None, None)
    if contact is None:
        raise Refused("This is no contact's place: leave in:here out, or ask there.")
    return contact.ids


async def _line(call: Call, hit: Heard, wanted: Sought, names: Known) -> dict[str, Value]:
    said = hit.said
    files = ", ".join(a.name for a in said.attachments if isinstance(a, Media) and a.name)
    text = around(" ".join(filter(None, (said.text.plain, files))), wanted.words)
    inward = isinstance(said, Message) and said.direction == "in"
    author = next((m.name for m in names.members if m.id == said.author), "Somebody")
    return {
        "who": hit.contact.name if inward else author,
        "name": hit.contact.name,
        "number": hit.conversation.number,
        "at": said.at.isoformat(),
        "note": isinstance(said, Comment),
        "gone": isinstance(said, Message) and (said.state == "unsent" or said.deleted_at is not None),
        "text": text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…",
        "url": await _link(call, hit),
    }


async def _link(call: Call, hit: Heard) -> str:
    """Leads to the post that shows it, else to the contact's place."""
    posts = await call.reads.query(Post, Query(where={"messages": hit.said.id}))
    here = call.desk.id if call.desk else ""
    desks = {d.id: d for d in await call.reads.items(DeskItem)}
    for post in sorted(posts, key=lambda p: p.desk != here):
        desk = desks.get(post.desk)
        front_end = call.services.front_ends.get(desk.network) if desk else None
        if desk is not None and front_end is not None and post.role != "place":
            return front_end.desk(desk.chat).link(post.thread, post.post)
    return await link(call, hit.contact)


async def _pager(call: Call, wanted: Sought, heap: Heap) -> Rows:
    if heap.page == 1 and not heap.more:
        return ()
    line = await carried(call, "find ", wanted.text, " page:9999")
    back = [Button("◂ Newer", f"{line} page:{heap.page - 1}")] if heap.page > 1 else []
    forth = [Button("Older ▸", f"{line} page:{heap.page + 1}")] if heap.more else []
    return ((*back, *forth),)


COMMANDS = (find,)
