"""What the hub has no use for, told in words: the reasons for ignoring what Slack tells."""

from __future__ import annotations

_EVENTS = {
    "app_home_opened": "somebody opened the app's home",
    "app_rate_limited": "Slack holds events back: more happened within an hour than it delivers",
    "app_requested": "somebody asks to install an app",
    "assistant_thread_started": "somebody opened the app as an assistant",
    "assistant_thread_context_changed": "somebody looks at something else beside the app",
    "channel_archive": "a channel was archived",
    "channel_unarchive": "a channel is in use again",
    "channel_created": "a channel was made",
    "channel_deleted": "a channel was deleted",
    "channel_id_changed": "a channel got another id",
    "channel_left": "the app left a channel",
    "channel_rename": "a channel was renamed",
    "channel_shared": "a channel was shared with another workspace",
    "channel_unshared": "a channel is not shared with another workspace any more",
    "emoji_changed": "the workspace's own emojis changed",
    "file_shared": "a file was shared, which its message tells as well",
    "file_created": "a file was uploaded, which its message tells as well",
    "file_public": "a file was shared, which its message tells as well",
    "file_change": "a file's title changed",
    "file_deleted": "a file was deleted, which its message tells as well",
    "group_archive": "a channel was archived",
    "group_left": "the app left a channel",
    "group_rename": "a channel was renamed",
    "link_shared": "a link was shared",
    "member_joined_channel": "somebody joined a channel",
    "member_left_channel": "somebody left a channel",
    "message_metadata_posted": "another app added something to a message",
    "pin_added": "something was pinned",
    "pin_removed": "something is not pinned any more",
    "shared_channel_invite_accepted": "a channel will be shared with another workspace",
    "shared_channel_invite_received": "another workspace offers to share a channel",
    "star_added": "somebody starred something",
    "star_removed": "somebody unstarred something",
    "subteam_updated": "a group of users changed",
    "team_join": "somebody joined the workspace",
    "team_rename": "the workspace was renamed",
    "tokens_revoked": "a person took back the rights they had given; the app keeps its own",
    "user_change": "somebody's profile changed",
    "user_status_changed": "somebody's status changed",
    "user_huddle_changed": "somebody joined or left a huddle",
}
_SUBTYPES = {
    "assistant_app_thread": "the app's own thread as an assistant",
    "bot_add": "an app was added",
    "bot_remove": "an app was removed",
    "bot_message": "a message that a bot wrote",
    "channel_archive": "a channel was archived",
    "channel_convert_to_private": "a channel became private",
    "channel_convert_to_public": "a channel became public",
    "channel_join": "somebody joined a channel",
    "channel_leave": "somebody left a channel",
    "channel_name": "a channel was renamed",
    "channel_posting_permissions": "who may write in a channel changed",
    "channel_purpose": "a channel's description changed",
    "channel_topic": "a channel's topic changed",
    "channel_unarchive": "a channel is in use again",
    "document_mention": "somebody was named in a canvas",
    "ekm_access_denied": "a message that the workspace's administrators hide",
    "file_mention": "a file was named",
    "group_archive": "a channel was archived",
    "group_join": "somebody joined a channel",
    "group_leave": "somebody left a channel",
    "group_name": "a channel was renamed",
    "group_purpose": "a channel's description changed",
    "group_topic": "a channel's topic changed",
    "group_unarchive": "a channel is in use again",
    "huddle_thread": "a huddle",
    "joiner_notification": "somebody joined the workspace",
    "message_replied": "a thread got a reply, which is told by itself",
    "pinned_item": "something was pinned",
    "reminder_add": "a reminder",
    "reply_broadcast": "a reply was shown to the channel, which is told by itself",
    "sh_room_created": "a huddle",
    "thread_locked": "a thread was closed",
    "tombstone": "a message that was deleted",
    "unpinned_item": "something is not pinned any more",
}
_INTERACTIONS = {
    "block_suggestion": "somebody types in a menu",
    "message_action": "a shortcut on a message, which is for the desk",
    "shortcut": "a shortcut, which is for the desk",
    "view_closed": "a form was closed, which is the desk's",
    "view_submission": "a form was sent, which is the desk's",
    "interactive_message": "a button of an old kind, which the hub does not send",
    "dialog_submission": "a form of an old kind, which the hub does not send",
    "workflow_step_edit": "a step of the network's own workflows",
    "url_verification": "the handshake when the address is entered on the app's page",
    "app_rate_limited": _EVENTS["app_rate_limited"],
    "hello": "the socket was opened",
    "disconnect": "the socket is about to be closed",
}


def of_event(kind: str) -> str:
    """Why an event is ignored."""
    return _EVENTS.get(kind) or f"a kind of event that the hub does not know ({_short(kind)})"


def of_subtype(subtype: str) -> str:
    """Why a message is ignored; empty where that kind is not known."""
    return _SUBTYPES.get(subtype, "")


def of_payload(kind: str) -> str:
    """Why a payload that is no event is ignored."""
    return _INTERACTIONS.get(kind) or f"a kind of payload that the hub does not know ({_short(kind)})"


def _short(word: str) -> str:
    return " ".join(word[:40].split()).replace("\x00", "")
