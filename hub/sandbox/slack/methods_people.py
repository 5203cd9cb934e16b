"""auth.*, users.*, team.info, bots.info, api.test and views.*."""

from __future__ import annotations

from hub.sandbox.slack.accounts import Json, Team, User
from hub.sandbox.slack.asks import Ask
from hub.sandbox.slack.dialogs import Shown
from hub.sandbox.slack.files import portrait
from hub.sandbox.slack.methods_chat import world_of
from hub.sandbox.slack.methods_conversations import page
from hub.sandbox.slack.refusals import Refusal, invalid


def api_test(ask: Ask) -> Json:
    """api.test."""
    if ask.text("error"):
        raise Refusal(ask.text("error"))
    return {"args": dict(ask.fields)}


def auth_test(ask: Ask) -> Json:
    """auth.test."""
    if ask.by is None:
        app = ask.app
        if app is None:
            raise Refusal("not_authed")
        return {"app_name": app.name, "app_id": app.id}
    me, team = ask.me, ask.team
    told: Json = {"url": team.url, "team": team.name, "user": me.bot.name, "team_id": team.id, "user_id": me.bot.id}
    return told | {"bot_id": me.bot.bot_id, "is_enterprise_install": False}


def auth_revoke(ask: Ask) -> Json:
    """auth.revoke."""
    if not ask.flag("test"):
        world_of(ask).revoke(ask.me.app, ask.team)
    return {"revoked": not ask.flag("test")}


def team_info(ask: Ask) -> Json:
    """team.info: the own workspace, or one that shares a channel."""
    id = ask.text("team") or ask.team.id
    near = {team.id: team for c in ask.world.channels.values() if ask.team in c.teams for team in c.teams}
    team = ({ask.team.id: ask.team} | near).get(id)
    if team is None:
        raise Refusal("team_not_found")
    return {"team": team.as_json() | {"url": team.url}}


def bots_info(ask: Ask) -> Json:
    """bots.info."""
    id = ask.text("bot") or ask.me.bot.bot_id
    bot = next((u for u in ask.world.users.values() if u.bot_id == id), None)
    if bot is None or not ask.world.acquainted(ask.team, bot):
        raise Refusal("bot_not_found")
    told = {"id": id, "deleted": bot.deleted, "name": bot.real_name, "app_id": bot.app_id, "user_id": bot.id}
    return {"bot": told}


def users_info(ask: Ask) -> Json:
    """users.info."""
    return {"user": as_json(ask.user(), ask.team, ask)}


def users_list(ask: Ask) -> Json:
    """users.list: the own workspace's, and those met in shared channels."""
    known = [u for u in ask.world.users.values() if ask.world.acquainted(ask.team, u)]
    shown, after = page(ask, [as_json(u, ask.team, ask) for u in known], 1000)
    return {"members": shown, "cache_ts": int(ask.world.now()), "response_metadata": {"next_cursor": after}}


def users_by_email(ask: Ask) -> Json:
    """users.lookupByEmail."""
    email = ask.needed("email")
    user = next((u for u in ask.team.users.values() if u.email == email and not u.deleted), None)
    if user is None:
        raise Refusal("users_not_found")
    return {"user": as_json(user, ask.team, ask)}


def as_json(user: User, viewer: Team, ask: Ask) -> Json:
    """A user as the Web API tells them; of strangers less is told."""
    stranger = user.team is not viewer
    profile: Json = {"real_name": user.real_name, "real_name_normalized": user.real_name, "team": user.team.id}
    profile |= {"display_name": user.display_name, "display_name_normalized": user.display_name}
    profile |= portrait(user.avatar, user.id, ask.world.base_url)
    profile |= {"first_name": user.real_name.partition(" ")[0], "last_name": user.real_name.partition(" ")[2]}
    if "users:read.email" in ask.me.scopes and not user.is_bot and not stranger:
        profile["email"] = user.email
    shape: Json = {"id": user.id, "team_id": user.team.id, "name": user.name, "deleted": user.deleted}
    shape |= {"profile": profile, "is_bot": user.is_bot, "is_app_user": False, "updated": 1}
    if user.is_bot:
        profile |= {"api_app_id": user.app_id, "bot_id": user.bot_id}
    if not user.deleted:
        shape |= {"real_name": user.real_name, "tz": user.tz, "tz_label": user.tz, "tz_offset": user.tz_offset}
    if stranger:
        return shape | {"is_stranger": True}
    if ask.flag("include_locale"):
        shape["locale"] = user.locale
    shape |= {"is_admin": user.is_admin, "is_owner": False, "is_primary_owner": False, "color": "9f69e7"}
    return shape | {"is_restricted": user.guest, "is_ultra_restricted": False, "is_email_confirmed": True}


# -- views ---------------------------------------------------------------------------------------------------------


def views_open(ask: Ask) -> Json:
    """views.open."""
    view = _view(ask)
    world = world_of(ask)
    return _shown(world.open_view(world.spend(_trigger(ask), ask.me), view))


def views_push(ask: Ask) -> Json:
    """views.push."""
    view = _view(ask)
    world = world_of(ask)
    return _shown(world.push_view(world.spend(_trigger(ask), ask.me), view))


def views_update(ask: Ask) -> Json:
    """views.update, by the view's id or the app's own."""
    id, external = ask.text("view_id"), ask.text("external_id")
    if not id and not external:
        raise invalid("missing required field: view_id")
    return _shown(world_of(ask).update_view(ask.me, id, external, _view(ask), ask.text("hash")))


def views_publish(ask: Ask) -> Json:
    """views.publish."""
    view = _view(ask)
    return _shown(world_of(ask).publish_view(ask.me, ask.user("user_id"), view, ask.text("hash")))


def _trigger(ask: Ask) -> str:
    return ask.text("trigger_id") or ask.needed("interactivity_pointer")


def _view(ask: Ask) -> object:
    view: object = ask.json("view")
    if view is None:
        raise invalid("missing required field: view")
    return view


def _shown(shown: Shown) -> Json:
    return {"view": shown.body}
