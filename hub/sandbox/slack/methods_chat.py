"""chat.* and reactions.*."""

from __future__ import annotations

from typing import Any

from hub.sandbox.slack.accounts import Channel, Installation, Json, Stored
from hub.sandbox.slack.asks import Ask
from hub.sandbox.slack.checking import check_message
from hub.sandbox.slack.posts import Post
from hub.sandbox.slack.refusals import Refusal, missing_scope
from hub.sandbox.slack.standin import SlackStandIn

LONGEST = 40_000
LONGEST_UPDATE = 4_000
_CUSTOM = ("username", "icon_url", "icon_emoji")


def world_of(ask: Ask) -> SlackStandIn:
    """The stand-in that was asked."""
    world: Any = ask.world
    return world  # type: ignore[no-any-return]


def post_message(ask: Ask) -> Json:
    """chat.postMessage."""
    world, channel = world_of(ask), _where(ask)
    if channel.archived:
        raise Refusal("is_archived")
    _check_custom(ask)
    fields = _fields(ask)
    post = Post(ask.me.bot, fields, ask.text("thread_ts"), ask.flag("reply_broadcast"))
    stored = world.put(channel, post)
    return {"channel": channel.id, "ts": stored.ts, "message": world.shown(channel, stored)}


def post_ephemeral(ask: Ask) -> Json:
    """chat.postEphemeral."""
    world, channel = world_of(ask), ask.own_channel()
    if channel.archived:
        raise Refusal("is_archived")
    reader = ask.needed("user")
    if reader not in channel.members:
        raise Refusal("user_not_in_channel")
    thread = ask.text("thread_ts")
    root = channel.messages.get(thread)
    if thread and (root is None or not root.root):
        raise Refusal("thread_not_found")
    stored = world.whisper(channel, Post(ask.me.bot, _fields(ask), thread), world.users[reader])
    return {"message_ts": stored.ts}


def update(ask: Ask) -> Json:
    """chat.update: what is not given stays, but blocks go where only text is given."""
    world, channel = world_of(ask), ask.channel()
    stored = _own(channel, ask.needed("ts"), ask.me, "cant_update_message")
    if channel.archived:
        raise Refusal("is_archived")
    if len(ask.text("text")) > LONGEST_UPDATE:
        raise Refusal("msg_too_long")
    given = {name: ask.json(name) if name != "text" else ask.fields["text"] for name in _content(ask)}
    if not given:
        raise Refusal("no_text")
    fields: Json = {"text": ask.text("text") if "text" in given else stored.text}
    if "blocks" in given:
        fields["blocks"] = check_message(given["blocks"]) if given["blocks"] else None
    elif "text" in given and "blocks" in stored.fields:
        fields["blocks"] = None
    if not fields["text"] and not (fields.get("blocks") or stored.fields.get("blocks")):
        raise Refusal("no_text")
    world.rewrite(channel, stored, fields, ask.me.bot)
    return {"channel": channel.id, "ts": stored.ts, "text": stored.text, "message": world.shown(channel, stored)}


def delete(ask: Ask) -> Json:
    """chat.delete: the app's own messages."""
    world, channel = world_of(ask), ask.channel()
    stored = _own(channel, ask.needed("ts"), ask.me, "cant_delete_message")
    world.remove(channel, stored)
    return {"channel": channel.id, "ts": stored.ts}


def permalink(ask: Ask) -> Json:
    """chat.getPermalink."""
    channel = ask.channel()
    stored = _message(channel, ask.needed("message_ts"))
    link = f"{ask.team.url}archives/{channel.id}/p{stored.ts.replace('.', '')}"
    if stored.thread_ts and not stored.root:
        link += f"?thread_ts={stored.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def add_reaction(ask: Ask) -> Json:
    """reactions.add."""
    return _react(ask, on=True)


def remove_reaction(ask: Ask) -> Json:
    """reactions.remove."""
    return _react(ask, on=False)


def get_reactions(ask: Ask) -> Json:
    """reactions.get."""
    world, channel = world_of(ask), ask.channel()
    stored = _message(channel, ask.needed("timestamp"))
    return {"type": "message", "channel": channel.id, "message": world.shown(channel, stored)}


def _react(ask: Ask, *, on: bool) -> Json:
    channel, name = ask.channel(), ask.needed("name").strip(":")
    stored = _message(channel, ask.needed("timestamp"))
    if ask.me.bot.id not in channel.members:
        raise Refusal("not_in_channel")
    if channel.archived:
        raise Refusal("is_archived")
    if not all(c.isascii() and (c.isalnum() or c in "_+-':") for c in name):
        raise Refusal("invalid_name")
    world_of(ask).set_reaction(channel, stored, ask.me.bot, name, on=on)
    return {}


# -- what is meant -------------------------------------------------------------------------------------------------


def _where(ask: Ask) -> Channel:
    """A channel, or a person: the direct messages with them."""
    name = ask.needed("channel")
    if name.startswith(("U", "W")):
        try:
            user = ask.world.known(ask.me, name)
        except Refusal:
            raise Refusal("channel_not_found") from None
        return ask.world.direct(ask.me, user)
    channel = ask.channel()
    if ask.me.bot.id not in channel.members and "chat:write.public" not in ask.me.scopes:
        raise Refusal("not_in_channel")
    return channel


def _content(ask: Ask) -> list[str]:
    return [name for name in ("text", "blocks", "attachments") if ask.fields.get(name) is not None]


def _fields(ask: Ask) -> Json:
    text = ask.text("text")
    if len(text) > LONGEST:
        text = text[:LONGEST]
        ask.warnings.append("message_truncated")
    message = {"text": text, "blocks": ask.json("blocks"), "attachments": ask.json("attachments")}
    if message["blocks"] is not None and not isinstance(message["blocks"], list):
        check_message(message["blocks"])
    fields = world_of(ask).bot_fields(ask.me, message)
    metadata = ask.json("metadata")
    if metadata is not None:
        fields["metadata"] = metadata
    for name in _CUSTOM:
        if ask.text(name):
            fields[name] = ask.text(name)
    return fields


def _check_custom(ask: Ask) -> None:
    if any(ask.text(name) for name in _CUSTOM) and "chat:write.customize" not in ask.me.scopes:
        raise missing_scope("chat:write.customize", ask.me.scopes)


def _message(channel: Channel, ts: str) -> Stored:
    stored = channel.messages.get(ts)
    if stored is None:
        raise Refusal("message_not_found")
    return stored


def _own(channel: Channel, ts: str, me: Installation, otherwise: str) -> Stored:
    """The app's own message; one that only one person sees is none that can be named."""
    stored = _message(channel, ts)
    if stored.user != me.bot.id:
        raise Refusal(otherwise)
    return stored
