"""What becomes of what an agent writes: the gate judges it, and here is done what it says. One transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from hub.admin_bot import colleagues, dispatch, drafting, expanding, replies
from hub.admin_bot.arguments import Words
from hub.admin_bot.call import Call
from hub.admin_bot.colleagues import Called
from hub.admin_bot.command import Command
from hub.admin_bot.commands.importing import table_in
from hub.admin_bot.dispatch import Line
from hub.admin_bot.drafting import post_place
from hub.admin_bot.heard import SILENCE, Answer, Wrote
from hub.admin_bot.registry import UnknownCommand
from hub.domain import answers, desks, gate, mentions, notes
from hub.domain.answers import Written
from hub.domain.gate import Draft, Verdict
from hub.domain.models import Alias, Comment, DeskItem, Member, Post, Seen, Team
from hub.domain.reply import Reply, Value
from hub.domain.text import Text
from hub.errors import Ambiguous


class Outside(msgspec.Struct, frozen=True):
    """A command that cannot run in the transaction: nothing was done yet."""

    line: Line


Outcome = Answer | Outside
_NO_ANSWER = "a question of mine waited here, and this is no answer to it; its buttons still do what they say"
_STILL_ASKED = "Nothing was changed: the question still waits, and its buttons do what they say."


class Case(msgspec.Struct, frozen=True):
    """What was written, what is known about it, and the verdict."""

    call: Call
    heard: Wrote
    draft: Draft
    verdict: Verdict


async def wrote(call: Call, heard: Wrote) -> Outcome:
    """Judges what was written, and does what the verdict says. What is refused writes nothing."""
    draft = await drafting.draft(call, heard)
    verdict = await _with_album(call, heard, gate.judge(draft))
    if draft.home and draft.member and call.desk and not call.spot.whispered:
        await _count_home(call, call.desk)
    outcome = await _ACTS[verdict.kind](Case(call, heard, draft, verdict))
    if isinstance(outcome, Outside):
        return outcome
    return msgspec.structs.replace(outcome, reply=dispatch.veiled(call, outcome.reply))


async def contain(call: Call, heard: Wrote) -> None:
    """What an album's part asked for could not be done. It was internal all the same, so the album stays inside."""
    if gate.judge(await drafting.draft(call, heard)).kind in ("command", "argument", "note"):
        await _keep_part(call, heard)


async def _count_home(call: Call, desk: DeskItem) -> None:
    """What is written at the home lies on the queue card, which is to be the last message there."""
    desk.home_posts += 1
    if desk.home_posts >= desks.HOME_DEPTH:
        await desks.refresh_home(call.tx, desk.id)


# -- albums: one verdict for all parts -------------------------------------------------------------------------------


async def _with_album(call: Call, heard: Wrote, verdict: Verdict) -> Verdict:
    """Only one part of an album has words; what they make of it holds for all parts, whichever comes first."""
    if not heard.album or call.asker is None or verdict.kind in ("told", "dropped"):
        return verdict
    await _touch(call, f"album|{post_place(call)}|{heard.album}")
    inward = await call.tx.get(Seen, _mark("inward", call, heard))
    held = await call.tx.get(Seen, _mark("held", call, heard))
    if verdict.kind in ("relay", "held"):
        if inward is not None:
            return Verdict("note")
        if held is not None:
            return Verdict("held")
        return verdict
    return verdict


def _mark(kind: str, call: Call, heard: Wrote) -> str:
    return f"{kind}|{post_place(call)}|{heard.album}"


async def _touch(call: Call, id: str) -> None:
    """Writes a record that all parts write, so that two of them cannot be judged beside one another."""
    at, mark = call.services.clock(), await call.tx.get(Seen, id)
    if mark is None:
        call.tx.add(Seen(id=id, at=at))
    else:
        mark.at = at


async def _turn_inward(call: Call, heard: Wrote) -> str:
    """An album with an internal part: no part of it may leave. Gives what is to be said where one has."""
    if not heard.album or call.place_conversation is None:
        return ""
    await _touch(call, _mark("inward", call, heard))
    left = await notes.withdraw_album(call.tx, call.place_conversation, heard.album)
    return f"{left} of this album had left already: reply to it with /unsend." if left else ""


# -- what verdicts do ------------------------------------------------------------------------------------------------


def _written(call: Call, heard: Wrote, *mentions: Member) -> Written:
    return Written(
        post=heard.post,
        text=heard.text,
        attachments=heard.attachments,
        answers=call.answers,
        album=heard.album,
        mentions=tuple(m.id for m in mentions),
    )


async def _relay(case: Case) -> Outcome:
    call, heard = case.call, case.heard
    contact, conversation = call.place_contact, call.place_conversation
    if contact is None or conversation is None:
        return _said("not_sent", reason="Not sent: this topic belongs to no contact.")
    if not heard.text.plain.strip() and not heard.attachments:
        return _said("not_sent", reason=f"Not sent: {contact.name} cannot be sent messages of this kind.")
    await answers.reply(call.tx, call.act, contact, conversation, _written(call, heard))
    # Of an album, one part is told, and stops all: the one with the words, or none.
    told = not heard.album or bool(heard.text)
    return Answer(reply=await replies.leaving(call, contact, conversation)) if told else SILENCE


async def _note(case: Case) -> Outcome:
    call, heard = case.call, case.heard
    conversation, contact = call.place_conversation, call.place_contact
    if conversation is None or contact is None:
        return _said("not_sent", reason="Not kept: this topic belongs to no contact.")
    begin = gate.is_note(heard.text.plain)
    if begin and not heard.attachments and not gate.note_text(heard.text).plain.strip(" /"):
        return _said("not_sent", reason="Nothing was kept: the note's words stand right behind its mark: //call them.")
    called = await _calls(call, heard, begin=begin)
    pinged = called.members
    await notes.note(call.tx, call.act, conversation, _written(call, heard, *pinged))
    problem = await _turn_inward(call, heard) or called.problem or case.verdict.reason
    if gate.has_long_mark(heard.text.plain) and not problem:
        problem = "A note begins with two slashes; with more it is one all the same."
    if pinged or problem or not (begin or heard.album):
        call.about_contact, call.about_conversation = contact, conversation
        data = _noted(call, pinged, problem, explicit=begin)
        said = await replies.done(call, "noted", {**data, "by_mode": case.verdict.row == "explicit"})
        return Answer(reply=msgspec.structs.replace(said, lasting=bool(pinged)))
    return SILENCE


async def _calls(call: Call, heard: Wrote, *, begin: bool) -> Called:
    """Whom a note calls: only one that was meant to be one calls by a bare name."""
    members, teams = await call.tx.items(Member), await call.tx.items(Team)
    if begin:
        return colleagues.called(gate.note_text(heard.text), members, teams)
    return Called(mentions.read(heard.text, members, teams).members)


def _noted(call: Call, pinged: tuple[Member, ...], problem: str, *, explicit: bool) -> dict[str, Value]:
    people: list[Value] = [replies.person(call, m) for m in pinged]
    return {**replies.about(call), "pinged": people, "problem": problem, "explicit": explicit}


async def _command(case: Case) -> Outcome:
    call, heard = case.call, case.heard
    try:
        line = dispatch.read(gate.command_text(heard.text))
    except UnknownCommand as error:
        alias = await expanding.named(call, error.verb)
        return await (_unknown(call, heard, error) if alias is None else _alias(case, alias))
    except Ambiguous as error:
        await _keep_part(call, heard)
        return Answer(reply=replies.refused(error.text))
    problem = await _keep_part(call, heard)
    if not line.command.hidden or line.command.behind:  # the others belong to questions: a code, calling one off
        _pass_over(case, line.command)
    if line.command.outside:
        return Outside(line)
    return _shown(call, await dispatch.dispatch(call, line), problem)


def _pass_over(case: Case, command: Command | None = None) -> None:
    """A question that was passed over for a command, or an alias, is late: plain words are no answer to it as a matter
    of course, nor are they for the contact. What was asked for and is given in a line of its own waits no longer.
    """
    prompt = case.draft.prompt
    if prompt is None:
        return
    prompt.at = min(prompt.at, case.draft.at - gate.PROMPT_LIFE)
    if dispatch.read(Text(prompt.line)).command is command:
        prompt.line, prompt.role = "", "answer"


async def _alias(case: Case, alias: Alias) -> Outcome:
    call, heard = case.call, case.heard
    _pass_over(case)
    problem = await _keep_part(call, heard)
    words = Words(gate.command_text(heard.text))
    words.take()
    return _shown(call, await expanding.do(call, alias, words.rest()), problem)


async def _keep_part(call: Call, heard: Wrote) -> str:
    """The picture under a command of an album is kept as a note, like the album's others."""
    if not heard.album or call.place_conversation is None:
        return ""
    await notes.note(call.tx, call.act, call.place_conversation, _written(call, heard))
    return await _turn_inward(call, heard)


def _shown(call: Call, reply: Reply | None, problem: str = "") -> Answer:
    if problem:
        reply = replies.refused(problem)
    deleted = call.heard.post if call.spilled and not call.pressed else None
    return Answer(reply=reply, delete_post=deleted)


async def _unknown(call: Call, heard: Wrote, error: UnknownCommand) -> Outcome:
    """No such command: nothing is sent, and in a contact's place the words are held."""
    near: list[Value] = [f"/{name}" for name in (*error.near, *await expanding.near(call, error.verb))]
    data: dict[str, Value] = {"verb": error.verb, "near": near, "name": ""}
    contact, conversation = call.place_contact, call.place_conversation
    if contact is None or conversation is None:
        return Answer(reply=Reply("unknown_command", data))
    comment = await _hold(call, heard, "command")
    await _turn_inward(call, heard)
    rows = replies.held(comment, contact, conversation, "").rows
    return Answer(reply=Reply("unknown_command", {**data, "name": contact.name}, rows=rows))


async def _hold(call: Call, heard: Wrote, row: str) -> Comment:
    conversation = call.place_conversation
    if conversation is None:
        raise LookupError("only what is written in a contact's place is held")
    if heard.album:
        await _touch(call, _mark("held", call, heard))
    pinged = (await _calls(call, heard, begin=False)).members
    written = msgspec.structs.replace(_written(call, heard, *pinged), row=row)
    return await notes.note(call.tx, call.act, conversation, written, held=True)


async def _argument(case: Case) -> Outcome:
    """The answer to a question completes its line; the question waits no longer."""
    call, heard = case.call, case.heard
    prompt = (
        case.draft.answers
        if case.draft.answers is not None and case.draft.answers.role == "prompt"
        else case.draft.prompt
    )
    if prompt is None or not prompt.line:
        return Answer(reply=replies.refused("That question was answered already. Nothing was sent or changed."))
    if not heard.text.plain.strip():
        return Answer(reply=replies.refused("Please answer in words. Nothing was sent or changed."))
    line = dispatch.read(dispatch.fill(prompt.line, heard.text))
    slip = await dispatch.unanswered(call, prompt.line, line)
    if slip:
        return await _no_answer(case, prompt, slip)
    prompt.line, prompt.role = "", "answer"
    problem = await _keep_part(call, heard)
    if line.command.outside:
        return Outside(line)
    return _shown(call, await dispatch.dispatch(call, line), problem)


async def _no_answer(case: Case, prompt: Post, slip: str) -> Outcome:
    """What a question with kept words was told, and is no answer to it: it is never mixed with them. It may be for the
    contact, so it is held; the question waits for nothing but its buttons and replies to it.
    """
    call = case.call
    if call.place_contact is None:
        return Answer(reply=replies.refused(f"{slip} {_STILL_ASKED}"))
    prompt.at = min(prompt.at, case.draft.at - gate.PROMPT_MEMORY)
    draft = msgspec.structs.replace(case.draft, prompt=None)
    return await _held(Case(call, case.heard, draft, Verdict("held", _NO_ANSWER, "argument")))


async def _held(case: Case) -> Outcome:
    call, heard = case.call, case.heard
    contact, conversation = call.place_contact, call.place_conversation
    if contact is None or conversation is None:
        return _said("not_sent", reason="Not sent: this topic belongs to no contact.")
    if case.draft.prompt is not None:
        case.draft.prompt.line, case.draft.prompt.role = "", "answer"
    first = not heard.album or await call.tx.get(Seen, _mark("held", call, heard)) is None
    comment = await _hold(call, heard, case.verdict.row)
    reason = case.verdict.reason
    if heard.album and first:
        left = await notes.withdraw_album(call.tx, conversation, heard.album, held=True)
        reason += f"; {left} of this album had left already" if left else ""
    return Answer(reply=replies.held(comment, contact, conversation, reason)) if first else SILENCE


async def _told(case: Case) -> Outcome:
    return _said("not_sent", reason=case.verdict.reason)


async def _dropped(case: Case) -> Outcome:
    """Silence, but where somebody seems to think that a contact reads along."""
    call = case.call
    if case.draft.writer != "person" or case.draft.member is None:
        return SILENCE
    if call.spot.private:
        table = table_in(case.heard)
        return Outside(Line(dispatch.read(Text("import")).command, Text())) if table else _said("private_hint")
    if case.draft.answers is not None and case.draft.answers.contact is not None:
        return _said("not_sent", reason="Not sent: this is no contact's topic. Write it in the topic itself.")
    return SILENCE


def _said(template: str, **data: str) -> Answer:
    return Answer(reply=Reply(template, {**data}))


_ACTS: dict[str, Callable[[Case], Awaitable[Outcome]]] = {
    "relay": _relay,
    "note": _note,
    "command": _command,
    "argument": _argument,
    "held": _held,
    "told": _told,
    "dropped": _dropped,
}
