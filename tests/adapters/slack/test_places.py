"""Channels come and go: what that means for those who wrote there."""

from __future__ import annotations

import pytest

from hub.adapters.slack.ids import message_of
from hub.domain.incoming import Reacted, Said
from hub.errors import Gone, Undeliverable
from tests.adapters.slack.wire import SlackWire
from tests.adapters.wire import words


def asked(slack: SlackWire) -> Said:
    """Bob's question in the lobby."""
    slack.net.mention(slack.bob, slack.lobby, slack.app, "where is it?")
    (said,) = slack.read()
    assert isinstance(said, Said)
    return said


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived"])
async def test_a_channel_that_is_lost_does_not_take_its_people_away(slack: SlackWire, code: str) -> None:
    """The answer fails with what to do about it; it is not said that the contact is gone, for they are not."""
    said = asked(slack)
    slack.net.fail("chat.postMessage", error=code)
    with pytest.raises(Undeliverable) as caught:
        await slack.channel.send(said.address, words("here", said.external_id))
    assert not isinstance(caught.value, Gone)
    assert "channel" in caught.value.text


async def test_a_private_chat_that_is_lost_is_gone(slack: SlackWire) -> None:
    """Where not even the private chat is there any more, nothing reaches them."""
    slack.net.fail("chat.postMessage", error="channel_not_found")
    with pytest.raises(Gone):
        await slack.channel.send(slack.address, words("here"))


async def test_a_reaction_names_what_the_answer_is_named(slack: SlackWire) -> None:
    """In a thread too: what stands before the bar is the same, though the network tells no thread with reactions."""
    said = asked(slack)
    sent = await slack.channel.send(said.address, words("here", said.external_id))
    ours = message_of(sent.externals[0])
    assert ours is not None
    slack.net.react(slack.bob, slack.lobby, ours.stamp, "+1")
    (reacted,) = slack.read()
    assert isinstance(reacted, Reacted)
    assert reacted.emojis == ("👍",)
    assert sent.externals[0].partition("|")[0] == reacted.external_id
    assert sent.externals[0] != reacted.external_id
