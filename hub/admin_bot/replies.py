"""Replies that many commands give, and the rows that confirmations end with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from hub.admin_bot import drawing
from hub.admin_bot.call import Call
from hub.domain import answers
from hub.domain.assigning.queue import longest_waiting
from hub.domain.models import Comment, Contact, Conversation, DeskItem, Member
from hub.domain.reply import HOME_MARK, Button, Reply, Value
from hub.domain.takeback import BY_ITSELF, UNDOABLE

T = TypeVar("T")
Rows = tuple[tuple[Button, ...], ...]
HOLE = "\ufffc"
"""Where in a prompt's line the answer goes; at the end where there is none."""
ECHOED = 200
"""Characters of a closing summary where it is told beside other things."""
LABEL = 32
CANCEL = "Cancel"
"""On the button by which a question need not be answered; dialogs have their own."""
MAKE_A_DESK = Button("🗄 Make this the desk", "desk here")
ALL_SETTINGS = (Button("◂ All settings", "settings"),)
"""The row by which a screen of settings leads back to all of them."""


def clipped(words: str, limit: int = LABEL) -> str:
    """The words, cut where a button or a row has no more room."""
    flat = " ".join(words.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def waited(since: datetime | None, now: datetime) -> str:
    """How long that is, in the greatest unit that says enough."""
    minutes = max(0, int((now - since).total_seconds() // 60)) if since else 0
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def fits(button: Button) -> bool:
    """Whether a network can carry the button's line."""
    return len(f"{button.version}:{button.line}".encode()) + HOME_MARK < drawing.DATA_LIMIT


def grid(buttons: Sequence[Button], width: int = 3) -> Rows:
    """The buttons in rows of three."""
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))


def pager(line: str, page: int, pages: int) -> Rows:
    """The row that turns the pages of a list; none where there is one page alone. `line`: without the page."""
    if pages < 2:
        return ()
    back = [Button("◂", f"{line} {page - 1}")] if page > 1 else []
    forth = [Button("▸", f"{line} {page + 1}")] if page < pages else []
    return ((*back, Button(f"{page}/{pages}", f"{line} {page}"), *forth),)


def page_of(items: Sequence[T], page: int, size: int) -> tuple[Sequence[T], int, int]:
    """What is on that page or the nearest there is, its number, and how many there are."""
    pages = max(1, -(-len(items) // size))
    page = min(max(1, page), pages)
    return items[(page - 1) * size : page * size], page, pages


def person(call: Call, member: Member | None) -> dict[str, Value]:
    """A colleague for a template's `mention`."""
    if member is None:
        return {"identity": "", "name": "nobody"}
    here = (i for i in member.identities if i.startswith(f"{call.spot.network}:"))
    return {"identity": next(here, ""), "name": member.name}


def refused(text: str, *, alert: bool = False, usage: str = "") -> Reply:
    """Nothing was done, and why."""
    return Reply("refused", {"text": text, "usage": usage, "kept": ""}, alert=alert)


def no_desk_here() -> Reply:
    """A chat that is no desk can be made one by a tap."""
    return Reply("no_desk_here", {}, rows=((MAKE_A_DESK,),))


def redraws(call: Call, reply: Reply | None) -> bool:
    """Whether the reply takes the place of the post that was pressed: of answers of ours, never of what is shown.

    A reply without a template is new buttons only, which may stand under a contact's words.
    """
    post = call.answers
    if reply is not None and not reply.template:
        return True
    if reply is None or reply.alert or reply.ask or (post is not None and post.role not in ("prompt", "answer")):
        return False
    pressed = call.heard.post
    return call.desk is None or pressed != call.desk.queue_card


# -- where things are ------------------------------------------------------------------------------------------------


async def link(call: Call, contact: Contact, conversation: Conversation | None = None) -> str:
    """An address that opens the contact's place, at the present unanswered spell if there is one."""
    for desk in sorted(await call.reads.items(DeskItem), key=lambda d: call.desk is None or d.id != call.desk.id):
        place, front_end = contact.place(desk.id), call.services.front_ends.get(desk.network)
        if place is not None and not place.left and front_end is not None:
            spell = conversation.spells.get(desk.id) if conversation else None
            return front_end.desk(desk.chat).link(place.thread, spell)
    return ""


async def next_button(call: Call) -> Button | None:
    """Opens the longest-waiting conversation beside this one."""
    found = await longest_waiting(call.tx, call.member, besides=call.about_conversation)
    contact = await call.tx.get(Contact, found.contact) if found else None
    if found is None or contact is None:
        return None
    label = f"Next: {clipped(contact.name, 20)} {waited(found.waiting_since, call.act.at)} ▸"
    url = await link(call, contact, found)
    return Button(label, url=url) if url else Button(label, f"show {found.number}")


async def ending(call: Call) -> Rows:
    """The row under every confirmation of an inward deed: take it back, or go on."""
    last = [e for e in call.act.done if e.kind not in BY_ITSELF][-1:]  # not what was only a step on the way to it
    undo = [Button("↩ Undo", f"undo {e.id}") for e in last if e.kind in UNDOABLE]
    further = await next_button(call)
    row = (*undo, *([further] if further else []))
    return (row,) if row else ()


async def done(call: Call, template: str, data: dict[str, Value], *more: tuple[Button, ...]) -> Reply:
    """The confirmation of an inward deed."""
    return Reply(template, data, rows=(*more, *await ending(call)))


def about(call: Call) -> dict[str, Value]:
    """Number and name, which every confirmation says. The number is 0 where the contact has no conversation."""
    number = call.about_conversation.number if call.about_conversation else 0
    return {"number": number, "name": call.contact.name}


def handle(call: Call) -> str:
    """By what buttons call whom it is about: the conversation's number or, where there is none, the contact's id."""
    return str(call.about_conversation.number) if call.about_conversation else call.contact.id


async def leaving(call: Call, contact: Contact, conversation: Conversation) -> Reply | None:
    """What was sent just now waits a moment, so that it can be stopped; None: it waits for nothing."""
    hold = await answers.hold(call.tx, contact, conversation)
    if not hold:
        return None
    sent = [e for e in call.act.done if e.kind == "sent"]
    stop = tuple(Button("✋ Stop", f"undo {e.id}") for e in sent[-1:])
    final = answers.is_final(contact, conversation)
    data: dict[str, Value] = {"name": contact.name, "seconds": hold.seconds or 1, "final": final}
    return Reply("leaving", data, rows=(stop,) if stop else ())


# -- what is held ----------------------------------------------------------------------------------------------------


def held(comment: Comment, contact: Contact, conversation: Conversation, reason: str) -> Reply:
    """Asks what to do with a message that the gate held back."""
    keep = Button("🗒 Keep as a note", f"keep {comment.id}")
    return Reply(
        "held",
        {"reason": reason, "name": contact.name, "number": conversation.number},
        rows=((keep,), (send_button(comment, contact, conversation),)),
    )


def send_button(comment: Comment, contact: Contact, conversation: Conversation) -> Button:
    """Sends what was held back: outward, so it names the contact and stands alone."""
    label = f"✉ Send to {clipped(contact.name, 20)}"
    return Button(label, f"send {comment.id}", conversation.version, outward=True)
