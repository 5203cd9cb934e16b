"""Who contacts are and whom they name, asked of networks whose messages do not say."""

from __future__ import annotations

import logging

from hub.domain import settle
from hub.domain.models import Contact, Message
from hub.domain.ports import Names, Profiles, Tx
from hub.domain.text import nameless
from hub.domain.work import Introduce, NamePeople, Work
from hub.errors import DeliveryError, TemporaryFailure
from hub.host import delivery
from hub.host.delivery import Surroundings
from hub.host.lanes import Lane

log = logging.getLogger(__name__)

MOST_TRIES = 2
"""A message does not wait long for a name; it comes by itself with a later one, or is set by hand."""


async def introduce(around: Surroundings, lane: Lane, work: Work) -> None:
    """Asks who the contact is, and goes on without where the network does not tell, or did so for another desk."""
    task = work.task
    if not isinstance(task, Introduce):
        return
    line = await around.switchboard.line(task.channel)
    contact = await around.workspace.get(Contact, task.contact)
    reach = contact.reach(task.channel) if contact else None
    known = contact is not None and not contact.nameless
    if line is None or reach is None or known or not isinstance(line.channel, Profiles):
        await delivery.end(around, lane, [work])
        return
    try:
        person = await line.channel.profile(reach.address)
    except DeliveryError as error:
        await _go_on(around, lane, work, error)
        return

    async def deed(tx: Tx) -> None:
        await settle.introduced(tx, [work], task.contact, person)

    await delivery.settled(around.workspace, deed)
    lane.settle([work])


async def name_people(around: Surroundings, lane: Lane, work: Work) -> None:
    """Asks whom a message names, and goes on with ids where the network does not tell."""
    task = work.task
    message = await around.workspace.get(Message, task.message) if isinstance(task, NamePeople) else None
    line = await around.switchboard.line(message.channel) if message else None
    if message is None or line is None or not nameless(message.text) or not isinstance(line.channel, Names):
        await delivery.end(around, lane, [work])
        return
    try:
        text = await line.channel.named(message.text)
    except DeliveryError as error:
        await _go_on(around, lane, work, error)
        return

    async def deed(tx: Tx) -> None:
        await settle.named(tx, [work], message.id, message.text, text)

    await delivery.settled(around.workspace, deed)
    lane.settle([work])


async def _go_on(around: Surroundings, lane: Lane, work: Work, error: DeliveryError) -> None:
    if isinstance(error, TemporaryFailure) and work.attempts + 1 < MOST_TRIES:
        await delivery.postpone(around, lane, [work], error)
        return
    log.info("lane %s: what somebody is called was not told: %s", lane.name, error.text)
    await delivery.end(around, lane, [work])
