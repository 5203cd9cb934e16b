"""Undo: an agent's last act in a place is taken back, whatever it was, for ten minutes. One entry a kind of event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from hub.domain import blocking, contacts, conversations, desks, merging, unsending
from hub.domain.assigning import caps, teams
from hub.domain.conversations import Act
from hub.domain.fields import changing, custom, making, tags
from hub.domain.ids import ChannelId, ContactId, UserId
from hub.domain.models import (
    Alias,
    Category,
    Comment,
    Contact,
    Conversation,
    Event,
    Facts,
    Handing,
    Member,
    Message,
    Post,
    Snippet,
    Team,
)
from hub.domain.ports import Query, Tx
from hub.domain.telling import greetings, opening, rating, settings, wishes
from hub.domain.timing import later, metrics, snoozing
from hub.errors import Refused

UNDO_LIFE = timedelta(minutes=10)

Undoing = Callable[[Tx, Act, Event], Awaitable[str]]


async def undo(tx: Tx, act: Act, event_id: str, can_unsend: Callable[[ChannelId], bool]) -> str:
    """Takes back the event, by default (empty id) the actor's last one here; gives what is so again, in words.

    `can_unsend`: whether a channel's network can take messages back.
    """
    event = await (_named(tx, act, event_id) if event_id else _last(tx, act))
    if event.undone:
        raise Refused("That was taken back already.")
    if act.at - event.at > UNDO_LIFE:
        raise Refused("That was more than ten minutes ago; change it by its own command.")
    if event.kind == "together":
        said = await _together(tx, act, event, can_unsend)
    else:
        said = await _take(tx, act, event, can_unsend)
    event.undone = True
    return said


async def _together(tx: Tx, act: Act, event: Event, can_unsend: Callable[[ChannelId], bool]) -> str:
    """What one line did in several steps is taken back step by step, the last one first."""
    steps = [await tx.get(Event, id) for id in reversed(_events(event))]
    said = [await _take(tx, act, step, can_unsend) for step in steps if step is not None and not step.undone]
    return " ".join(said)


async def _take(tx: Tx, act: Act, event: Event, can_unsend: Callable[[ChannelId], bool]) -> str:
    before = len(act.done)
    if event.kind == "sent":
        said = await _sent(tx, act, event, can_unsend)
    else:
        said = await _UNDO[event.kind](tx, act, event)
    event.undone = True
    contact = await tx.get(Contact, event.contact) if event.contact else None
    facts: Facts = {"event": event.id, "kind": event.kind, "events": [e.id for e in act.done[before:]]}
    told = contacts.record(tx, "undone", act.at, act=act, contact=contact, facts=facts)
    told.conversation = event.conversation  # what concerns nobody but the actor is in no audit, nor is its undo
    if contact is not None:
        await desks.refresh(tx, contact)
    return said


async def _named(tx: Tx, act: Act, event_id: str) -> Event:
    event = await tx.get(Event, event_id)
    if event is None or event.actor != act.member.id or event.kind not in UNDOABLE:
        raise Refused("There is nothing of yours to undo there.")
    return event


async def _last(tx: Tx, act: Act) -> Event:
    """The actor's last deed here. Never an older one instead where that cannot be undone: it may have been a reply."""
    where, within = {"actor": act.member.id}, set[str]()
    for found in await tx.query(Event, Query(where=where, order="-id", limit=50)):
        if (found.desk, found.thread) != (act.desk, act.thread):
            continue
        if found.kind == "undone":
            within.update(_events(found))
        if found.undone or found.id in within or _by_itself(found) or await _over(tx, found):
            continue
        if found.kind not in UNDOABLE:
            raise Refused(f"{_CANNOT} {FINAL.get(found.kind, '')}".rstrip())
        return found
    raise Refused("There is nothing of yours to undo here.")


_CANNOT = "What you did last here cannot be undone. A reply is taken back by /unsend."


def _by_itself(event: Event) -> bool:
    """Whether it only follows from a deed or a timer, though somebody is named as who did it."""
    return event.kind in BY_ITSELF or event.facts.get("why") == "time"


def _events(event: Event) -> list[str]:
    """Ids of the events that it is made of."""
    ids = event.facts.get("events")
    return ids if isinstance(ids, list) else []


async def _over(tx: Tx, event: Event) -> bool:
    """Whether nothing of it is left to be undone: the parts of an album are taken back together, by the event of any of
    them; what was held, and sent or noted and then taken back, is gone. Raises Refused where a reply became a note.
    """
    if event.kind == "sent":
        message = await tx.get(Message, str(event.facts.get("message")))
        if message is None:
            raise Refused(_CANNOT)
        return message.state == "unsent"
    return event.kind in ("noted", "held") and await tx.get(Comment, str(event.facts.get("comment"))) is None


async def _parts(tx: Tx, event: Event) -> tuple[Contact, Conversation]:
    contact = await contacts.get_contact(tx, event.contact or ContactId(""))
    conversation = await tx.get(Conversation, event.conversation or "")
    if conversation is None:
        raise Refused("That conversation is gone.")
    return contact, conversation


async def _assigned(tx: Tx, act: Act, event: Event) -> str:
    contact, conversation = await _parts(tx, event)
    before, after, team = (event.facts.get(name) for name in ("before", "after", "team"))
    # What the rule made of it in the same moment is taken back with it.
    if conversation.assignee not in (after, event.facts.get("given")) or conversation.team != team:
        raise Refused("Somebody has assigned it anew since; nothing was changed.")
    holder = await tx.get(Member, str(before)) if before else None
    if before and holder is None:
        raise Refused("Whoever had it is no member any more; nothing was changed.")
    conversations.set_assignee(contact, conversation, UserId(str(before)) if before else None, act.at)
    metrics.not_assigned(conversation, event)
    conversation.handed = Handing(at=act.at, by=act.member.id)
    kept = await _team_before(tx, contact, conversation, event)
    conversation.version += 1
    what = f"#{conversation.number} with {contact.name}"
    if holder is not None:
        return f"{holder.name} has {what} again."
    return f"{what} is in {kept.name}'s inbox again." if kept else f"{what} is nobody's again."


async def _team_before(tx: Tx, contact: Contact, conversation: Conversation, event: Event) -> Team | None:
    """Puts it back into the inbox of the team whose it was, if there still is one."""
    before = event.facts.get("team_before")
    team = await tx.get(Team, str(before)) if before else None
    conversation.team = contact.team = team.id if team else None
    return team


async def _via_changed(tx: Tx, act: Act, event: Event) -> str:
    contact, conversation = await _parts(tx, event)
    before = ChannelId(str(event.facts.get("before")))
    if conversation.channel != event.facts.get("after") or contact.reach(before) is None:
        raise Refused(f"{contact.name} has written elsewhere since; nothing was changed.")
    conversation.channel = before
    for each in contact.reaches:
        if (each.channel, each.address) == (event.facts.get("after"), event.facts.get("way")):
            each.chosen_at = None
    contact.reaches = list(contact.reaches)
    conversation.version += 1
    return f"{contact.name} is answered as before."


async def _merged(tx: Tx, act: Act, event: Event) -> str:
    return f"{await merging.apart(tx, act, event)} is somebody else again."


async def _closed(tx: Tx, act: Act, event: Event) -> str:
    contact, conversation = await _parts(tx, event)
    newer = await conversations.live(tx, contact)
    if newer is not None and newer.id != conversation.id:
        raise Refused(f"{contact.name} has written since: #{newer.number} is open.")
    if conversation.state != "closed":
        raise Refused(f"#{conversation.number} is open already.")
    conversations.revive(conversation, contact)
    _old_note(conversation, event)
    waiting = event.facts.get("waiting_since")
    conversation.waiting_since = datetime.fromisoformat(str(waiting)) if waiting else None
    return f"#{conversation.number} with {contact.name} is open again."


async def _note_changed(tx: Tx, act: Act, event: Event) -> str:
    contact, conversation = await _parts(tx, event)
    _old_note(conversation, event)
    return f"#{conversation.number} with {contact.name} has its former closing note."


def _old_note(conversation: Conversation, event: Event) -> None:
    conversation.category = str(event.facts.get("category") or "")
    conversation.summary = str(event.facts.get("summary") or "")
    conversation.version += 1


async def _reopened(tx: Tx, act: Act, event: Event) -> str:
    contact, conversation = await _parts(tx, event)
    if conversation.state == "closed":
        raise Refused(f"#{conversation.number} is closed already.")
    if await _wrote_since(tx, conversation, event):
        raise Refused(f"{contact.name} wrote since. If #{conversation.number} is done all the same, /close it.")
    conversations.end(conversation, act.at, act.member.id)
    _old_note(conversation, event)
    return f"#{conversation.number} with {contact.name} is closed again."


async def _wrote_since(tx: Tx, conversation: Conversation, event: Event) -> bool:
    """Whether the contact said something after that. Networks tell the second, and not always the right one: what came
    first is told by identifiers.
    """
    where = {"conversation": conversation.id, "direction": "in"}
    found = await tx.query(Message, Query(where=where, order="-at", limit=20))
    return any(message.id > event.id for message in found)


async def _snoozed(tx: Tx, act: Act, event: Event) -> str:
    return await snoozing.undo_snooze(tx, event, *await _parts(tx, event))


async def _woken(tx: Tx, act: Act, event: Event) -> str:
    contact, conversation = await _parts(tx, event)
    if await _wrote_since(tx, conversation, event):
        raise Refused(f"{contact.name} wrote since. To put #{conversation.number} to sleep all the same, /snooze it.")
    return await snoozing.undo_wake(tx, event, contact, conversation)


async def _scheduled(tx: Tx, act: Act, event: Event) -> str:
    return await later.undo(tx, event)


async def _tagged(tx: Tx, act: Act, event: Event) -> str:
    contact = await contacts.get_contact(tx, event.contact or ContactId(""))
    tags = _tags(event)
    contact.tags = [t for t in contact.tags if t not in tags]
    return f"The tags of {contact.name} are as before."


async def _untagged(tx: Tx, act: Act, event: Event) -> str:
    contact = await contacts.get_contact(tx, event.contact or ContactId(""))
    contact.tags = [*contact.tags, *(t for t in _tags(event) if t not in contact.tags)]
    return f"The tags of {contact.name} are as before."


def _tags(event: Event) -> list[str]:
    tags = event.facts.get("tags")
    return tags if isinstance(tags, list) else []


async def _noted(tx: Tx, act: Act, event: Event) -> str:
    comment = await tx.get(Comment, str(event.facts.get("comment")))
    if comment is None:
        raise Refused("That note is gone already.")
    where = {"album": comment.album, "conversation": comment.conversation}
    for part in await tx.query(Comment, Query(where=where)) if comment.album else [comment]:
        tx.delete(part)
        for post in await tx.query(Post, Query(where={"messages": part.id})):
            post.messages = []
    return "The note is taken out."


async def _sent(tx: Tx, act: Act, event: Event, can_unsend: Callable[[ChannelId], bool]) -> str:
    message = await tx.get(Message, str(event.facts.get("message")))
    if message is None:
        raise Refused("That message is gone.")
    return await unsending.unsend(tx, act, message, can_unsend=can_unsend(message.channel))


async def _snippet_changed(tx: Tx, act: Act, event: Event) -> str:
    name, text = str(event.facts.get("name")), event.facts.get("before")
    snippet = await tx.get(Snippet, str(event.facts.get("snippet")))
    if text is None:
        if snippet is not None:
            tx.delete(snippet)
        return f"The snippet {name} is gone again."
    whole = event.facts.get("whole")
    was = Snippet(id=str(event.facts.get("snippet")), name=name, text=str(text))
    if whole:
        was = msgspec.json.decode(str(whole), type=Snippet)
    if snippet is None:
        tx.add(was)
    else:
        snippet.text, snippet.topic, snippet.files = was.text, was.topic, was.files
    return f"The snippet {name} is as before."


async def _category_changed(tx: Tx, act: Act, event: Event) -> str:
    id, name = str(event.facts.get("category")), str(event.facts.get("name"))
    category = await tx.get(Category, id)
    if event.facts.get("added"):
        if category is not None:
            tx.delete(category)
        return f"The category {name} is gone again."
    if category is None:
        tx.add(Category(id=id, name=name))
    return f"The category {name} is there again."


async def _alias_changed(tx: Tx, act: Act, event: Event) -> str:
    name, whole = str(event.facts.get("name")), event.facts.get("whole")
    alias = await tx.get(Alias, str(event.facts.get("alias")))
    if not whole:
        if alias is not None:
            tx.delete(alias)
        return f"The alias {name} is gone again."
    was = msgspec.json.decode(str(whole), type=Alias)
    if alias is None:
        tx.add(was)
    else:
        alias.lines, alias.owner = was.lines, was.owner
    return f"The alias {name} is as before."


_UNDO: dict[str, Undoing] = {
    "alias_changed": _alias_changed,
    "assigned": _assigned,
    "via_changed": _via_changed,
    "merged": _merged,
    "closed": _closed,
    "note_changed": _note_changed,
    "reopened": _reopened,
    "snoozed": _snoozed,
    "woken": _woken,
    "scheduled": _scheduled,
    "tagged": _tagged,
    "tags_changed": tags.put_back,
    "contact_created": making.unmake,
    "field_changed": changing.change_back,
    "fields_changed": custom.put_back,
    "blocked": blocking.undo_block,
    "unblocked": blocking.undo_unblock,
    "untagged": _untagged,
    "noted": _noted,
    "snippet_changed": _snippet_changed,
    "category_changed": _category_changed,
    "setting_changed": settings.take_back,
    "team_changed": teams.undo_change,
    "cap_changed": caps.undo_cap,
    "hours_changed": opening.take_back,
    "greeting_changed": greetings.take_back,
    "question_changed": rating.take_back,
    "notices_changed": wishes.take_back,
}
UNDOABLE = frozenset({*_UNDO, "sent", "together"})
BY_ITSELF = frozenset(
    (
        *("opened", "message_edited", "contact_blocked_us", "contact_unblocked_us", "referred", "read", "rated"),
        *("went_offline", "team_left", "import_done", "imported", "import_refused", "exported"),
        *("released", "undone"),
    )
)
"""What is no deed of a person in its own right: what contacts, timers and jobs do, what stands beside the deed that it
is part of, and undoing. /undo looks past these, and past nothing else.
"""
FINAL: Mapping[str, str] = {
    "filter_saved": "/filter remove takes a filter away.",
    "filter_shared": "/filter share shares it otherwise.",
    "filter_renamed": "/filter rename names it otherwise.",
    "filter_removed": "/filter save keeps it anew.",
    "went_busy": "/online ends it.",
    "came_online": "/busy ends it.",
    "role_changed": "/role gives another role.",
    "member_removed": "/invite lets them in again.",
    "unmerged": "/merge makes them one again.",
    "called_off": "/later writes it anew.",
    "held": "What I hold is sent or kept by the buttons below it.",
    "unsent": "",
    "contact_forgotten": "",
    "contact_exported": "",
    "team_dissolved": "/team create makes one anew.",
    "renamed": "/workspace rename gives it another name.",
    "import_begun": "/import undo takes an import back.",
    "import_cancelled": "/import undo takes an import back.",
    "import_undone": "",
    "export_begun": "",
    "export_cancelled": "",
    "desk_bound": "",
    "desk_let_go": "/desk here makes it a desk again.",
    "channel_connected": "/channel disconnect ends it.",
    "channel_disconnected": "/channel connect connects it again.",
}
"""Deeds that cannot be undone, with what to do instead. A kind that is in none of these is taken for one, too."""
