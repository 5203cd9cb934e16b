"""conversations.*."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.sandbox.slack.accounts import Channel, Installation, Json, Stored
from hub.sandbox.slack.asks import Ask
from hub.sandbox.slack.refusals import Refusal, missing_scope

_SCOPES = {"channel": "channels", "group": "groups", "im": "im"}
_TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": ""}


def allowed(ask: Ask, channel: Channel, right: str) -> Channel:
    """The channel, where the app has that right for channels of its kind. Raises Refusal (missing_scope)."""
    needed = f"{_SCOPES[channel.kind]}:{right}"
    if needed not in ask.me.scopes:
        raise missing_scope(needed, ask.me.scopes)
    return channel


def info(ask: Ask) -> Json:
    """conversations.info."""
    channel = allowed(ask, ask.channel(), "read")
    shape = as_json(channel, ask.me)
    if ask.flag("include_num_members"):
        shape["num_members"] = len(channel.members)
    if ask.flag("include_locale"):
        shape["locale"] = "en-US"
    return {"channel": shape}


def open_direct(ask: Ask) -> Json:
    """conversations.open, with one person or an id that is known."""
    if "im:write" not in ask.me.scopes:
        raise missing_scope("im:write", ask.me.scopes)
    if ask.text("channel"):
        return {"channel": {"id": ask.channel().id}, "no_op": True, "already_open": True}
    given = ask.fields.get("users")
    names = [str(n) for n in given] if isinstance(given, list) else [n for n in ask.text("users").split(",") if n]
    if not names:
        raise Refusal("users_list_not_supplied")
    if len(names) > 1:
        raise Refusal("not_enough_users", detail="the stand-in has no group direct messages")
    user = ask.world.known(ask.me, names[0])
    if user.is_bot:
        raise Refusal("cannot_dm_bot")
    if user.deleted:
        raise Refusal("user_disabled")
    channel = ask.world.direct(ask.me, user)
    return {"channel": as_json(channel, ask.me) if ask.flag("return_im") else {"id": channel.id}}


def join(ask: Ask) -> Json:
    """conversations.join: public channels."""
    channel = ask.channel()
    if channel.kind != "channel":
        raise Refusal("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refusal("is_archived")
    if ask.me.bot.id in channel.members:
        ask.warnings.append("already_in_channel")
    world: Any = ask.world
    world.join(channel, ask.me.bot)
    return {"channel": as_json(channel, ask.me)}


def leave(ask: Ask) -> Json:
    """conversations.leave."""
    channel = ask.channel()
    if ask.me.bot.id not in channel.members:
        return {"not_in_channel": True}
    world: Any = ask.world
    world.leave(channel, ask.me.bot)
    return {}


def list_all(ask: Ask) -> Json:
    """conversations.list."""
    return _listed(ask, lambda _: True)


def of_user(ask: Ask) -> Json:
    """users.conversations: those that somebody is in; the app itself if nobody is named."""
    member = ask.user().id if ask.text("user") else ask.me.bot.id
    return _listed(ask, lambda channel: member in channel.members)


def _listed(ask: Ask, fits: Callable[[Channel], bool]) -> Json:
    types = [t.strip() for t in (ask.text("types") or "public_channel").split(",")]
    if any(t not in _TYPES for t in types):
        raise Refusal("invalid_types")
    kinds = {_TYPES[t] for t in types} - {""}
    for kind in sorted(kinds):
        if f"{_SCOPES[kind]}:read" not in ask.me.scopes:
            raise missing_scope(f"{_SCOPES[kind]}:read", ask.me.scopes)
    hidden = ask.flag("exclude_archived")
    seen = [c for c in ask.world.channels.values() if c.kind in kinds and fits(c) and not (hidden and c.archived)]
    mine = [c for c in seen if ask.team in c.teams and (c.kind == "channel" or ask.me.bot.id in c.members)]
    shown, after = page(ask, [as_json(c, ask.me) for c in mine], 100)
    return {"channels": shown, "response_metadata": {"next_cursor": after}}


def members(ask: Ask) -> Json:
    """conversations.members."""
    channel = allowed(ask, ask.channel(), "read")
    shown, after = page(ask, list(channel.members), 100)
    return {"members": shown, "response_metadata": {"next_cursor": after}}


def history(ask: Ask) -> Json:
    """conversations.history: the newest first, without replies."""
    channel = _readable(ask)
    found = [s for s in channel.ordered() if s.root or s.subtype == "thread_broadcast"]
    return _messages(ask, channel, found[::-1])


def replies(ask: Ask) -> Json:
    """conversations.replies: the oldest first, with the message that opened the thread."""
    channel, ts = _readable(ask), ask.needed("ts")
    named = channel.messages.get(ts)
    if named is None:
        raise Refusal("thread_not_found")
    root = named.thread_ts or ts
    found = [s for s in channel.ordered() if root in (s.ts, s.thread_ts)]
    return _messages(ask, channel, found if root == ts else [named])


def _readable(ask: Ask) -> Channel:
    channel = allowed(ask, ask.channel(), "history")
    if ask.me.bot.id not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _messages(ask: Ask, channel: Channel, found: list[Stored]) -> Json:
    oldest, latest = ask.text("oldest") or "0", ask.text("latest") or "9" * 12
    within = [s for s in found if _between(s.ts, oldest, latest, inclusive=ask.flag("inclusive"))]
    shown, after = page(ask, [ask.world.shown(channel, s, ask.team) for s in within], 100)
    answer: Json = {"messages": shown, "has_more": bool(after), "pin_count": 0}
    return answer | ({"response_metadata": {"next_cursor": after}} if after else {})


def _between(ts: str, oldest: str, latest: str, *, inclusive: bool) -> bool:
    try:
        low, high, at = float(oldest), float(latest), float(ts)
    except ValueError:
        raise Refusal("invalid_ts_oldest") from None
    return low <= at <= high if inclusive else low < at < high


def page(ask: Ask, found: list[Any], default: int) -> tuple[list[Any], str]:
    """One page of a list, and the cursor of the next; empty at the end."""
    limit, cursor = ask.number("limit", default, 1000), ask.text("cursor")
    start = 0
    if cursor:
        name, _, number = cursor.partition(":")
        if name != "next" or not number.isdigit():
            raise Refusal("invalid_cursor")
        start = int(number)
    after = f"next:{start + limit}" if start + limit < len(found) else ""
    return found[start : start + limit], after


def as_json(channel: Channel, viewer: Installation) -> Json:
    """A channel as the Web API tells it to an app."""
    shape: Json = {"id": channel.id, "created": channel.created, "is_archived": channel.archived}
    shape |= {"is_im": channel.kind == "im", "is_mpim": False, "is_org_shared": False, "updated": channel.created}
    shape |= {"context_team_id": viewer.team.id}
    if channel.kind == "im":
        other = next(id for id in channel.members if id != viewer.bot.id)
        return shape | {"user": other, "is_user_deleted": False, "priority": 0}
    shape |= {"name": channel.name, "name_normalized": channel.name, "is_channel": channel.kind == "channel"}
    shape |= {"is_group": channel.kind == "group", "is_private": channel.kind == "group", "is_general": False}
    shape |= {"is_shared": channel.shared, "is_ext_shared": channel.shared, "is_pending_ext_shared": channel.pending}
    shape |= {"is_member": viewer.bot.id in channel.members, "creator": next(iter(channel.members), "")}
    shape |= {"topic": {"value": channel.topic, "creator": "", "last_set": 0}, "previous_names": []}
    shape |= {"purpose": {"value": "", "creator": "", "last_set": 0}, "num_members": len(channel.members)}
    if channel.shared:
        teams = [team.id for team in channel.teams]
        shape |= {"shared_team_ids": teams, "connected_team_ids": [t for t in teams if t != viewer.team.id]}
        shape |= {"conversation_host_id": channel.team.id, "internal_team_ids": [viewer.team.id]}
    return shape
