"""The manifest, against Slack's own limits; and that every reply's template is one that Slack can draw."""

from __future__ import annotations

from pathlib import Path

import hub.admin_bot.drawing as drawing_module
from hub.admin_bot.drawing import Templates
from hub.admin_bot.registry import commands
from hub.admin_bot.slack.manifest import EVENTS, SCOPES, manifest


def test_with_a_public_address_slack_calls() -> None:
    """Everything that Slack calls has its address; the limits of its form are kept."""
    made = manifest(commands(), "https://hub.example.com/")
    settings, features = made["settings"], made["features"]
    hook = "https://hub.example.com/hooks/slack"
    (slash,) = features["slash_commands"]
    assert {slash["url"], settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]} == {
        hook
    }
    assert made["oauth_config"]["redirect_urls"] == ["https://hub.example.com/slack/oauth"]
    assert (settings["socket_mode_enabled"], settings["interactivity"]["is_enabled"]) == (False, True)
    assert slash["should_escape"]
    assert len(slash["usage_hint"]) <= 1000
    assert len(slash["description"]) <= 2000
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
        assert shortcut["callback_id"] in {c.name for c in commands()}


def test_without_one_the_app_connects() -> None:
    """Socket Mode; no address is named anywhere."""
    made = manifest(commands())
    assert made["settings"]["socket_mode_enabled"]
    assert "url" not in str(made)


def test_rights_and_events_fit_together() -> None:
    """An event without its right is never told."""
    needs = {
        "message.channels": "channels:history",
        "message.groups": "groups:history",
        "message.im": "im:history",
        "app_mention": "app_mentions:read",
        "reaction_added": "reactions:read",
        "reaction_removed": "reactions:read",
        "channel_archive": "channels:read",
    }
    assert {needs[e] for e in EVENTS if e in needs} <= set(SCOPES)
    assert set(needs) <= set(EVENTS)
    assert list(SCOPES) == sorted(set(SCOPES))


def test_every_template_is_one_of_slack_too() -> None:
    """No template uses a macro or a filter that only one network has."""
    folder = Path(drawing_module.__file__).parent / "templates"
    templates = Templates("slack")
    for path in folder.rglob("*.jinja"):
        templates._env.get_template(str(path.relative_to(folder)))
