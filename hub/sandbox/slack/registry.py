"""The methods of the Web API that the stand-in has: who may call them, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hub.sandbox.slack import methods_chat as chat
from hub.sandbox.slack import methods_conversations as conversations
from hub.sandbox.slack import methods_files as files
from hub.sandbox.slack import methods_people as people
from hub.sandbox.slack.accounts import Json, words
from hub.sandbox.slack.asks import Ask

Handler = Callable[[Ask], Json]
POSTS = 0
"""In place of a tier: counted by channel."""
FREE = -1
"""Not limited in any way that an app meets."""


@dataclass(frozen=True)
class Method:
    """One method. `caller`: bot, app, either or none; `scope`: what a bot needs; empty: it looks by itself."""

    name: str
    handle: Handler
    tier: int
    scope: str = ""
    caller: str = "bot"
    """Whose token it takes."""
    known: frozenset[str] = field(default_factory=frozenset)

    @property
    def by_channel(self) -> bool:
        """Whether it is limited by channel."""
        return self.tier == POSTS


_POST = (
    "channel text blocks attachments thread_ts mrkdwn parse link_names unfurl_links unfurl_media metadata username "
    "icon_url icon_emoji as_user"
)


def _method(name: str, handle: Handler, tier: int, scope: str = "", fields: str = "", *, caller: str = "bot") -> Method:
    return Method(name, handle, tier, scope, caller, frozenset(words(fields)))


_ALL = (
    _method("api.test", people.api_test, 4, caller="none", fields="error foo"),
    _method("auth.test", people.auth_test, FREE, caller="either"),
    _method("auth.revoke", people.auth_revoke, 3, fields="test"),
    _method("team.info", people.team_info, 3, "team:read", "team domain"),
    _method("bots.info", people.bots_info, 3, "users:read", "bot team_id"),
    _method("users.info", people.users_info, 4, "users:read", "user include_locale"),
    _method("users.list", people.users_list, 2, "users:read", "cursor limit include_locale team_id"),
    _method("users.lookupByEmail", people.users_by_email, 3, "users:read.email", "email team_id"),
    _method("users.conversations", conversations.of_user, 3, "", "user types cursor limit exclude_archived team_id"),
    _method("conversations.info", conversations.info, 3, "", "channel include_locale include_num_members"),
    _method("conversations.open", conversations.open_direct, 3, "", "users channel return_im prevent_creation"),
    _method("conversations.join", conversations.join, 3, "channels:join", "channel"),
    _method("conversations.leave", conversations.leave, 3, "", "channel"),
    _method("conversations.list", conversations.list_all, 2, "", "types cursor limit exclude_archived team_id"),
    _method("conversations.members", conversations.members, 4, "", "channel cursor limit"),
    _method(
        "conversations.history",
        conversations.history,
        3,
        "",
        "channel cursor limit oldest latest inclusive include_all_metadata",
    ),
    _method(
        "conversations.replies",
        conversations.replies,
        3,
        "",
        "channel ts cursor limit oldest latest inclusive include_all_metadata",
    ),
    _method("chat.postMessage", chat.post_message, POSTS, "chat:write", f"{_POST} reply_broadcast"),
    _method("chat.postEphemeral", chat.post_ephemeral, 4, "chat:write", f"{_POST} user"),
    _method("chat.update", chat.update, 3, "chat:write", f"{_POST} ts reply_broadcast file_ids"),
    _method("chat.delete", chat.delete, 3, "chat:write", "channel ts as_user"),
    _method("chat.getPermalink", chat.permalink, FREE, "", "channel message_ts"),
    _method("reactions.add", chat.add_reaction, 3, "reactions:write", "channel name timestamp"),
    _method(
        "reactions.remove",
        chat.remove_reaction,
        2,
        "reactions:write",
        "channel name timestamp file file_comment",
    ),
    _method("reactions.get", chat.get_reactions, 3, "reactions:read", "channel timestamp full file file_comment"),
    _method("files.getUploadURLExternal", files.announce, 4, "files:write", "filename length alt_txt snippet_type"),
    _method(
        "files.completeUploadExternal",
        files.complete,
        4,
        "files:write",
        "files channel_id channels thread_ts initial_comment blocks",
    ),
    _method("files.info", files.info, 4, "files:read", "file count cursor limit page"),
    _method("files.delete", files.delete, 3, "files:write", "file"),
    _method("views.open", people.views_open, 4, "", "view trigger_id interactivity_pointer"),
    _method("views.push", people.views_push, 4, "", "view trigger_id interactivity_pointer"),
    _method("views.update", people.views_update, 4, "", "view view_id external_id hash"),
    _method("views.publish", people.views_publish, 4, "", "view user_id hash"),
    _method(
        "oauth.v2.access",
        files.oauth_access,
        4,
        caller="none",
        fields="client_id client_secret code redirect_uri grant_type refresh_token",
    ),
    _method("apps.connections.open", files.connections_open, 2, caller="app"),
    _method("apps.uninstall", files.uninstall, 3, fields="client_id client_secret"),
)
METHODS = {method.name: method for method in _ALL}
