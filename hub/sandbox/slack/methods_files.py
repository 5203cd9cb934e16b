"""files.* and what else apps are set up by: oauth.v2.access, apps.connections.open, apps.uninstall."""

from __future__ import annotations

import secrets

from hub.sandbox.slack.accounts import Json
from hub.sandbox.slack.asks import Ask
from hub.sandbox.slack.files import LIMIT, File, Slot, mime_of
from hub.sandbox.slack.methods_chat import world_of
from hub.sandbox.slack.posts import Post
from hub.sandbox.slack.refusals import Refusal, invalid


def announce(ask: Ask) -> Json:
    """files.getUploadURLExternal: a name and a size give an id, and where to put the content."""
    name, length = ask.needed("filename"), ask.needed("length")
    if not length.isdigit() or int(length) < 1:
        raise invalid("must be greater than 0 [json-pointer:/length]")
    if int(length) > LIMIT:
        raise Refusal("file_upload_size_restricted")
    me, world = ask.me, ask.world
    file = File(world.id("F"), name, "", mime_of(name), b"", me.bot.id, me.team.id, int(world.now()), by_bot=True)
    path = world.files.announce(Slot(file, int(length), me))
    return {"upload_url": world.base_url + path, "file_id": file.id}


def complete(ask: Ask) -> Json:
    """files.completeUploadExternal: makes files of what was put, and shares them if a channel is given."""
    world, given = world_of(ask), ask.json("files")
    if not isinstance(given, list) or not given or not all(isinstance(g, dict) and g.get("id") for g in given):
        raise invalid("missing required field: files")
    slots = [_slot(ask, str(each["id"])) for each in given]
    name = ask.text("channel_id") or ask.text("channels")
    channel = world.visible(ask.me, name) if name else None
    if channel is not None and ask.me.bot.id not in channel.members:
        raise Refusal("not_in_channel")
    if channel is not None and channel.archived:
        raise Refusal("is_archived")
    thread = ask.text("thread_ts")
    root = channel.messages.get(thread) if channel is not None else None
    if thread and (root is None or not root.root):
        raise Refusal("invalid_thread_ts")
    fields: Json = {"bot_id": ask.me.bot.bot_id, "app_id": ask.me.app.id, "text": ask.text("initial_comment")}
    if ask.json("blocks"):
        fields |= world.bot_fields(ask.me, {"text": fields["text"], "blocks": ask.json("blocks")})
    for slot, each in zip(slots, given, strict=True):
        slot.file.title = str(each.get("title") or slot.file.name)
        world.files.add(slot.file)
    # What is answered was made before the message: shares are told by files.info only.
    answer = [slot.file.told(world.base_url) for slot in slots]
    if channel is not None:
        world.put(channel, Post(ask.me.bot, fields, thread, files=[slot.file for slot in slots]))
    return {"files": answer}


def _slot(ask: Ask, id: str) -> Slot:
    slot = ask.world.files.waiting(id)
    if slot is None or slot.installation is not ask.me or not slot.filled or id in ask.world.files.all:
        raise Refusal("file_not_found")
    return slot


def visible(ask: Ask, id: str) -> File:
    """A file that the app may see. Raises Refusal (file_not_found, file_deleted)."""
    return world_of(ask).file_for(ask.me, id)


def info(ask: Ask) -> Json:
    """files.info."""
    world = world_of(ask)
    file = visible(ask, ask.needed("file"))
    if file.deleted:
        raise Refusal("file_deleted")
    return {"file": file.told(world.base_url), "comments": [], "response_metadata": {"next_cursor": ""}}


def delete(ask: Ask) -> Json:
    """files.delete: the app's own."""
    world = world_of(ask)
    file = visible(ask, ask.needed("file"))
    if file.deleted:
        raise Refusal("file_deleted")
    if file.user != ask.me.bot.id:
        raise Refusal("cant_delete_file")
    world.delete_file(file)
    return {}


# -- setting up ----------------------------------------------------------------------------------------------------


def oauth_access(ask: Ask) -> Json:
    """oauth.v2.access: an installation for a code, once."""
    id, secret = ask.text("client_id"), ask.text("client_secret")
    app = next((app for app in ask.world.apps.values() if id and app.client_id == id), None)
    if app is None:
        raise Refusal("invalid_client_id")
    if not secrets.compare_digest(app.client_secret.encode(), secret.encode()):
        raise Refusal("bad_client_secret")
    granted = world_of(ask).redeem(app, ask.text("code"), ask.text("redirect_uri"))
    made = granted.installation
    told: Json = {"access_token": made.token, "token_type": "bot", "scope": ",".join(sorted(made.scopes))}
    told |= {"bot_user_id": made.bot.id, "app_id": app.id, "team": {"id": made.team.id, "name": made.team.name}}
    told |= {"enterprise": None, "is_enterprise_install": False}
    return told | {"authed_user": {"id": granted.user.id}}


def connections_open(ask: Ask) -> Json:
    """apps.connections.open: where an app connects to by Socket Mode."""
    if ask.app is None:
        raise Refusal("not_allowed_token_type")
    return {"url": world_of(ask).socket_url(ask.app)}


def uninstall(ask: Ask) -> Json:
    """apps.uninstall."""
    app = ask.me.app
    if (ask.text("client_id"), ask.text("client_secret")) != (app.client_id, app.client_secret):
        raise Refusal("bad_client_secret")
    world_of(ask).uninstall(app, ask.team)
    return {}
