"""Whose words a forwarded message has, as the network tells it."""

from __future__ import annotations

from hub.admin_bot.heard import Asker, Wrote
from hub.domain.ids import Identity
from hub.domain.ports import QueueView
from hub.sandbox.telegram.accounts import User
from tests.admin_bot.telegram.town import Town


async def first(town: Town, by: User, **how: bool) -> Asker | None:
    """Who is heard to have written what Ann forwards of theirs."""
    message = town.world.say(by, town.forum, "the code is 1234", **how)  # type: ignore[arg-type]  # of its options
    await town.hear()
    town.world.forward(town.ann, town.forum, message["message_id"], town.forum)
    heard = await town.one()
    assert isinstance(heard, Wrote)
    return heard.forwarded


async def test_a_persons(town: Town) -> None:
    """By their account; of who hides it from forwards by the name alone, which is never taken for an account."""
    asker = await first(town, town.bob)
    assert asker is not None
    assert (asker.identity, asker.writer) == (f"telegram:{town.bob.id}", "person")
    town.bob.hides_forwards = True
    assert await first(town, town.bob) == Asker(identity=Identity(""), name="Bob")


async def test_an_anonymous_admins(town: Town) -> None:
    """By the group behind which they hide: it is one of the team all the same."""
    town.world.add_to_chat(town.forum, town.bob, admin=True)
    asker = await first(town, town.bob, as_chat=True)
    assert asker is not None
    assert (asker.identity, asker.writer) == (f"telegram:{town.forum.id}", "anonymous")


async def test_the_hubs_own(town: Town) -> None:
    """What the hub itself posted is told apart from what people, and other bots, wrote."""
    post = await town.desk.queue_card(None, QueueView(rows=[], total=0, workspace="Shop"))
    town.world.forward(town.ann, town.forum, int(post), town.forum)
    (heard,) = [h for h in await town.hear() if isinstance(h, Wrote)]
    assert heard.forwarded is not None
    assert (heard.forwarded.identity, heard.forwarded.writer) == (f"telegram:{town.bot.id}", "service")
