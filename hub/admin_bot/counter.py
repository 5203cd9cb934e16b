"""The counter: everything that people write, edit, press or react on a desk or in private comes here."""

from __future__ import annotations

import asyncio
import logging
import secrets
from datetime import timedelta
from weakref import WeakValueDictionary

import msgspec

from hub.admin_bot import alone, dispatch, forms, listening, overview, replies, spilling, stepping
from hub.admin_bot.call import Call, Services
from hub.admin_bot.dispatch import Line
from hub.admin_bot.drafting import post_place
from hub.admin_bot.forms import Form
from hub.admin_bot.heard import (
    SILENCE,
    Answer,
    ChatMoved,
    Heard,
    Pressed,
    ReactedTo,
    Rewrote,
    Spot,
    ThreadChanged,
    TookAway,
    Wrote,
)
from hub.admin_bot.listening import Outcome
from hub.admin_bot.once import note_seen, seeing, seen_id
from hub.admin_bot.overview import Overview, Whose
from hub.admin_bot.reworking import Hand, Reworked, reworked
from hub.domain import desks, gate, members, standing
from hub.domain.accounts.models import OrganizationRole
from hub.domain.assigning import presence
from hub.domain.assigning.teams import teams_of
from hub.domain.conversations import Act
from hub.domain.ids import DeskId, OrganizationId, PostId
from hub.domain.models import DeskItem, Member, Post, Seen, post_key
from hub.domain.ports import Tx, Workspace
from hub.domain.reply import Reply, marked
from hub.domain.text import Text
from hub.errors import HubError, NotFound, Stale, Unavailable

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=1)
"""A press so soon after a post was redrawn was meant for what it showed before."""
_UNBOUND = ("desk", "help")
"""The commands that do something in a group that is no desk."""
_START = dispatch.read(Text("start"))
"""What whoever is nobody yet is answered, whatever they said."""
_SETUP = "setup"
"""What leads on; for whoever is in no workspace that is to begin."""


class Room(msgspec.Struct, frozen=True):
    """Where something was heard, on our side: the workspace, and the desk if the chat is one."""

    workspace: Workspace | None = None
    desk: str = ""


class Counter:
    """Where agents and admins are served. One at a time a chat, so that answers come in the order of questions."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def hear(self, heard: Heard) -> Answer:
        """Does what was asked for and gives what to say; returns after the commit.

        Raises Unavailable where the database is away: then the update must be heard again. Bad input is answered.
        """
        turn = self._turns.setdefault(f"{heard.spot.network}:{heard.spot.chat}", asyncio.Lock())
        async with turn:
            try:
                return await self._at_home(heard, await self._hear(heard))
            except Unavailable:
                raise
            except HubError as error:
                return Answer(reply=replies.refused(error.text, alert=isinstance(heard, Pressed)))
            except Exception:
                reference = secrets.token_hex(3)
                log.exception("the counter failed; reference %s", reference)
                return Answer(reply=Reply("broken", {"reference": reference}))

    async def _at_home(self, heard: Heard, answer: Answer) -> Answer:
        """Buttons in private act on the workspace for which they were drawn, or on none."""
        reply = answer.reply
        workspace = await self._workspace_of(heard) if heard.spot.private and reply and reply.rows else None
        if workspace is None or reply is None:
            return answer
        return msgspec.structs.replace(answer, reply=marked(reply, workspace.id))

    async def asked(self, heard: Heard, post: PostId, line: str) -> None:
        """The front end posted the question of `Reply.ask` as that post: the asker's next words complete the line."""
        room = await self._room(heard.spot, heard)
        if room.workspace is None or not isinstance(heard, (Wrote, Pressed)):
            return

        async def deed(tx: Tx) -> None:
            call = await self._call(tx, heard, room)
            key = post_key(post_place(call), post)
            if call.asker is None or await tx.get(Post, key) is not None:
                return
            prompt = Post(
                id=key,
                desk=post_place(call),
                post=post,
                thread=heard.spot.thread,
                role="prompt",
                at=self._services.clock(),
                contact=call.place_contact.id if call.place_contact else None,
                author=call.asker.id,
                line=line,
            )
            tx.add(prompt)

        await room.workspace.run(deed)

    async def form(self, heard: Wrote | Pressed) -> Form | None:
        """The form of what was heard, whose arguments are not given yet; None where it has none. Nothing is done.

        Raises Refused with what to say instead.
        """
        room = await self._room(heard.spot, heard)
        words = Text(heard.line) if isinstance(heard, Pressed) else gate.command_text(heard.text)
        if room.workspace is None:
            return None
        line = dispatch.read(words)

        async def deed(tx: Tx) -> Form | None:
            return await forms.form(await self._call(tx, heard, room), line)

        return None if line.command.outside else await room.workspace.run(deed)

    async def overview(self, heard: Pressed, whose: Whose) -> Overview | None:
        """What the asker is to look at; None for whoever is in no workspace."""
        workspace = await self._workspace_of(heard)
        if workspace is None:
            return None
        room = Room(workspace)

        async def deed(tx: Tx) -> Overview | None:
            call = await self._call(tx, heard, room)
            return await overview.overview(call, whose) if call.asker else None

        return await workspace.run(deed)

    async def _hear(self, heard: Heard) -> Answer:
        match heard:
            case Wrote():
                return await self._wrote(heard)
            case Pressed():
                return await self._pressed(heard)
            case Rewrote() | TookAway() | ReactedTo():
                return await self._reworked(heard)
            case ChatMoved():
                return await self._moved(heard)
            case ThreadChanged():
                return await self._thread_changed(heard)

    # -- where and who ------------------------------------------------------------------------------------------------

    async def _room(self, spot: Spot, heard: Heard) -> Room:
        if spot.private:
            return Room(await self._workspace_of(heard))
        route = await self._services.directory.route("desk", f"{spot.network}:{spot.chat}")
        if route is None:
            return Room(await self._workspace_of(heard)) if spot.whispered else Room()
        workspace = await self._services.workspace(route[0])
        known = any(d.id == route[1] for d in await workspace.items(DeskItem))
        return Room(workspace, route[1]) if known else Room()

    async def _workspace_of(self, heard: Heard) -> Workspace | None:
        """The workspace that the asker has in use."""
        user = await self._services.directory.user_by_identity(heard.asker.identity)
        return await self._services.workspace(user.workspaces[0]) if user and user.workspaces else None

    async def _call(self, tx: Tx, heard: Wrote | Pressed, room: Room) -> Call:
        desk = await tx.get(DeskItem, room.desk) if room.desk else None
        asker = await members.by_identity(tx, heard.asker.identity)
        call = Call(services=self._services, heard=heard, workspace=room.workspace, unit=tx, asker=asker, desk=desk)
        if desk is not None:
            call.place_contact, call.place_conversation = await desks.place_of(tx, desk.id, heard.spot.thread)
        post = heard.post if isinstance(heard, Pressed) else heard.answers
        call.answers = await tx.get(Post, post_key(post_place(call), post)) if post else None
        call.version = heard.version if isinstance(heard, Pressed) else 0
        if asker is not None:
            self._may_act(call, asker)
            call.in_teams = await teams_of(tx, asker)
            await presence.seen(tx, asker, call.act.at)
        return call

    def _may_act(self, call: Call, asker: Member) -> None:
        thread = call.spot.thread if call.desk else None
        call.act = Act(member=asker, at=self._services.clock(), desk=call.desk.id if call.desk else None, thread=thread)

    # -- messages -----------------------------------------------------------------------------------------------------

    async def _wrote(self, heard: Wrote) -> Answer:
        spilt = await spilling.spilt(self._services, heard)
        if spilt is not None:
            return Answer(reply=spilt, delete_post=heard.post)
        room = await self._room(heard.spot, heard)
        code = await alone.code_line(self._services, heard, room.workspace)
        if code is not None:
            return await self._outside(heard, room, code)
        if room.workspace is None or await self._is_strange(heard, room):
            return await self._stranger(heard, room)
        return await self._judged(heard, room, room.workspace)

    async def _judged(self, heard: Wrote, room: Room, workspace: Workspace) -> Answer:
        wanted = await self._second_wanted(heard, room) if gate.is_command(heard.text.plain) else ""

        async def deed(tx: Tx) -> Outcome:
            if await tx.get(Seen, seen_id(heard)) is not None:
                return SILENCE
            call = await self._call(tx, heard, room)
            call.second_wanted = wanted
            outcome = await listening.wrote(call, heard)
            if isinstance(outcome, Answer) and call.asker is not None:
                note_seen(tx, heard)
            return outcome

        async def contain(tx: Tx) -> None:
            await listening.contain(await self._call(tx, heard, room), heard)

        try:
            outcome = await workspace.run(deed)
        except Unavailable:
            raise
        except Exception:
            if heard.album:
                await workspace.run(contain)
            raise
        return outcome if isinstance(outcome, Answer) else await self._outside(heard, room, outcome.line)

    async def _is_strange(self, heard: Wrote, room: Room) -> bool:
        """Whether it is written in a group that is no desk, or whispered on one by somebody who is no member."""
        return (not heard.spot.alone and not room.desk) or await alone.whispers_in(heard, room.workspace, room.desk)

    async def _stranger(self, heard: Wrote, room: Room) -> Answer:
        """In a group that is no desk, or in private with somebody who is in no workspace."""
        if heard.asker.writer != "person":
            return SILENCE
        if not gate.is_command(heard.text.plain):
            return await self._outside(heard, room, alone.heard_alone(heard)) if heard.spot.alone else SILENCE
        workspace = room.workspace or await self._workspace_of(heard)
        try:
            line = dispatch.read(gate.command_text(heard.text))
        except HubError as error:
            return Answer(reply=replies.refused(error.text)) if heard.spot.alone else SILENCE
        if heard.spot.alone or line.command.name in _UNBOUND:
            return await self._outside(heard, Room(workspace), line)
        return Answer(reply=replies.no_desk_here()) if workspace else SILENCE

    # -- commands that speak to the outside ---------------------------------------------------------------------------

    async def _outside(self, heard: Wrote | Pressed, room: Room, line: Line) -> Answer:
        """At least once: a crash on the way lets it be done again, so these commands bear being repeated."""
        call = Call(services=self._services, heard=heard, workspace=room.workspace)
        if room.workspace is not None:
            if await room.workspace.get(Seen, seen_id(heard)) is not None:
                return SILENCE
            everyone = await room.workspace.items(Member)
            call.asker = next((m for m in everyone if heard.asker.identity in m.identities), None)
            call.desk = await room.workspace.get(DeskItem, room.desk) if room.desk else None
            call.in_teams = await teams_of(room.workspace, call.asker)
            call.standing = await self._standing(heard, room.workspace)
            call.second_wanted = await self._second_wanted(heard, room)
        if call.asker is not None:
            self._may_act(call, call.asker)
        nobody = call.asker is None and heard.spot.private and not dispatch.allowed(call, line.command)
        if nobody or (room.workspace is None and line.command.name == _SETUP):
            line = _START
        dispatch.permit(call, line.command)
        if not line.command.outside:
            line = _START
        reply = await dispatch.dispatch(call, line)
        if room.workspace is not None and call.asker is not None:
            await room.workspace.run(seeing(heard, call.asker, call.act.at))
        redraw = call.pressed and line.command.in_place and replies.redraws(call, reply)
        spilt = heard.post if call.spilled and not call.pressed else None
        return Answer(reply=reply, delete_post=spilt, redraw=redraw)

    async def _standing(self, heard: Heard, workspace: Workspace) -> OrganizationRole | None:
        user = await self._services.reception.whose(heard.asker.identity)
        entry = await self._services.directory.workspace(workspace.id)
        return user.organizations.get(OrganizationId(entry.organization)) if user and entry else None

    async def _second_wanted(self, heard: Heard, room: Room) -> str:
        if room.workspace is None:
            return ""
        return await stepping.second_wanted_by(self._services, room.workspace.id, heard.asker.identity)

    # -- buttons ------------------------------------------------------------------------------------------------------

    async def _pressed(self, heard: Pressed) -> Answer:
        room = await self._room(heard.spot, heard)
        line = dispatch.read(Text(heard.line))
        if room.workspace is None and line.command.name in _UNBOUND:
            room = Room(await self._workspace_of(heard))
        alone.check_home(heard, line, room.workspace)
        if line.command.outside and (room.workspace is not None or heard.spot.alone):
            return await self._outside(heard, room, line)
        if room.workspace is None:
            raise NotFound("This button belongs to nothing any more.")
        wanted = await self._second_wanted(heard, room)

        async def deed(tx: Tx) -> Answer:
            if await tx.get(Seen, seen_id(heard)) is not None:
                return SILENCE
            call = await self._call(tx, heard, room)
            call.second_wanted = wanted
            reply = await self._press(call, heard, line)
            if call.asker is not None:
                note_seen(tx, heard)
            return Answer(reply=reply, redraw=replies.redraws(call, reply))

        return await room.workspace.run(deed)

    async def _press(self, call: Call, heard: Pressed, line: Line) -> Reply | None:
        drawn = call.answers.drawn_at if call.answers else None
        if drawn is not None and timedelta(0) <= heard.at - drawn < PAUSE:
            raise Stale("It changed just as you pressed. Nothing was done: look again.")
        prompt = call.answers
        if prompt is not None and prompt.role == "prompt" and line.command.name != "fill":
            prompt.line, prompt.role = "", "answer"
        return await dispatch.dispatch(call, line)

    # -- edits, reactions, moves --------------------------------------------------------------------------------------

    async def _reworked(self, heard: Reworked) -> Answer:
        """On a post that the hub knows, by a member; else nothing."""
        if isinstance(heard, Rewrote) and not heard.spot.private and spilling.has_token(heard.text.plain):
            return Answer(reply=spilling.compromised(heard.text.plain), delete_post=heard.post)
        room = await self._room(heard.spot, heard)
        if room.workspace is None or not room.desk:
            return SILENCE
        workspace = room.workspace

        async def deed(tx: Tx) -> Answer:
            post = await tx.get(Post, post_key(DeskId(room.desk), heard.post))
            member = await members.by_identity(tx, heard.asker.identity)
            if post is None or member is None or await tx.get(Seen, seen_id(heard)) is not None:
                return SILENCE
            note_seen(tx, heard)
            await presence.seen(tx, member, self._services.clock())
            hand = Hand(services=self._services, workspace=workspace.id, tx=tx, post=post, member=member)
            return await reworked(hand, heard)

        return await workspace.run(deed)

    async def _thread_changed(self, heard: ThreadChanged) -> Answer:
        """A place closed by hand is opened again by the next message; a name given by hand stays."""
        room = await self._room(heard.spot, heard)
        if room.workspace is None or not room.desk or heard.change == "renamed":
            return SILENCE

        async def deed(tx: Tx) -> None:
            contact, _ = await desks.place_of(tx, DeskId(room.desk), heard.spot.thread)
            place = contact.place(DeskId(room.desk)) if contact else None
            if contact is None or place is None or place.thread != heard.spot.thread:
                return
            if heard.change == "lost":
                await standing.thread_lost(tx, contact.id, DeskId(room.desk))
            else:
                await standing.place_closed(tx, contact.id, DeskId(room.desk), closed=heard.change == "closed")

        await room.workspace.run(deed)
        return SILENCE

    async def _moved(self, heard: ChatMoved) -> Answer:
        """The desk's group has a new identity. Harmless when repeated."""
        directory, network = self._services.directory, heard.spot.network
        route = await directory.route("desk", f"{network}:{heard.spot.chat}")
        if route is None:
            return SILENCE
        workspace = await self._services.workspace(route[0])

        new = await desks.move_route(directory, network, (heard.spot.chat, heard.to), route[0])

        async def deed(tx: Tx) -> None:
            await standing.desk_moved(tx, DeskId(route[1]), heard.to, new)

        await workspace.run(deed)
        return SILENCE
