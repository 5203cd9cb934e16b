"""From a line to a deed: verb, permission, conversation, arguments, and what is said where one of them is wrong."""

from __future__ import annotations

import re

import msgspec
from msgspec.structs import replace

from hub.admin_bot import named, registry, stepping
from hub.admin_bot.arguments import BadArgument, Choice, ChoiceKind, Words
from hub.admin_bot.call import Call
from hub.admin_bot.command import Command
from hub.admin_bot.contact_fields import Setting
from hub.admin_bot.moments import UntilKind, begins_a_moment
from hub.admin_bot.replies import HOLE, clipped, fits
from hub.domain import conversations, desks, limits
from hub.domain.members import Permission
from hub.domain.models import Contact, Conversation, Member
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Span, Text
from hub.errors import NotAllowed, NotFound, Stale

_NUMBER = re.compile(r"#?([0-9]{1,9})[,.:;]?")
_ROLES: dict[Permission, str] = {
    "agent": "an agent",
    "manager": "a manager",
    "owner": "an owner",
    "user_admin": "a user admin",
    "admin": "an admin",
}


class Line(msgspec.Struct, frozen=True):
    """A line, as far as its verb: the command, and what follows."""

    command: Command
    rest: Text


def read(text: Text) -> Line:
    """Reads the verb. Raises UnknownCommand or Ambiguous."""
    words = Words(text)
    if text.plain[:1].isspace():
        raise registry.UnknownCommand("", ())
    line = Line(registry.resolve(words.take()), words.rest())
    return _behind(line) or line


def _behind(line: Line) -> Line | None:
    """A verb behind another one, if it is a command of its own; a number of a conversation may stand on either side."""
    words = line.rest.plain.split()
    numbers = [found[1] for found in map(_NUMBER.fullmatch, words) if found]
    verbs = [word for word in words if not _NUMBER.fullmatch(word)]
    command = registry.behind(line.command, verbs[0]) if len(verbs) == 1 and len(numbers) < 2 else None
    return Line(command, Text(" ".join(numbers))) if command else None


def fill(line: str, answer: Text) -> Text:
    """A prompt's line with the answer in its place."""
    before, hole, after = line.partition(HOLE)
    gap = "" if hole or before.endswith(" ") else " "
    start = len(before) + len(gap)
    spans = tuple(Span(s.start + start, s.end + start, s.kind, s.value) for s in answer.spans)
    return Text(f"{before}{gap}{answer.plain}{after}", spans)


async def unanswered(call: Call, prompt: str, line: Line) -> str:
    """Why what was put into a prompt's line is not what it asks for, so that it would mix with the words that are kept
    behind; empty where it is, or none are.
    """
    kept = prompt.partition(HOLE)[2].split()
    if not kept:
        return ""
    words = Words(line.rest)
    try:
        await find_conversation(call, line.command, words)
        values = await _arguments(call, line.command, words)
    except BadArgument as error:
        return error.text
    last = [_free(value) for value in values.values()][-1:]
    return "" if last == [kept] else "That is more than what was asked for."


def _free(value: object) -> list[str]:
    """The words of an argument that takes any."""
    return value.words.split() if isinstance(value, Setting) else value.plain.split() if isinstance(value, Text) else []


def permit(call: Call, command: Command) -> None:
    """The one place where roles, and limits to what may be done at all, are enforced. Raises NotAllowed."""
    need(call, command.called, command.permission, *([command.also] if command.also else []))
    reason = limits.barred(call.asker, command.barred)
    if reason:
        raise NotAllowed(f"/{command.called} {reason}. Ask a manager.")


def need(call: Call, what: str, *permissions: Permission) -> None:
    """As `permit`, of one verb of a command: one of the permissions is enough. Raises NotAllowed."""
    if not any(call.may(each) for each in permissions):
        needed = " or ".join(map(_needed, permissions))
        raise NotAllowed(f"/{what} is for {needed}; you are {_ROLES[call.member.role]}. Ask one of them.")


def allowed(call: Call, command: Command) -> bool:
    """Whether the asker's role is enough."""
    return call.may(command.permission) or (command.also is not None and call.may(command.also))


def _needed(permission: Permission) -> str:
    where = "this organization" if permission in {"user_admin", "admin"} else "this workspace"
    return f"{_ROLES[permission]} of {where}"


async def dispatch(call: Call, line: Line) -> Reply | None:
    """Does what the line says, if the asker may; None: there is nothing to say."""
    command, words = line.command, Words(line.rest)
    permit(call, command)
    if call.second_wanted and command.name not in stepping.EXCUSED:
        return _second_wanted(call, call.second_wanted)
    if command.private and not call.spot.alone:
        call.spilled = bool(words.peek())
        return Reply("private_only", {"command": command.name, "spilled": call.spilled})
    try:
        await find_conversation(call, command, words)
        if command.about != "nothing" and call.about_conversation is not None:
            call.check(call.about_conversation)
        values = await _arguments(call, command, words)
    except BadArgument as error:
        return _bad_argument(call, command, error, words)
    except Stale:
        return await stale(call)
    if stepping.dangerous(command, values):
        asked = await stepping.question(call, command, line.rest, values)
        if asked is not None:
            return asked
    reply = await command.do(call, **values)
    return reply if command.outside else veiled(call, reply)


def veiled(call: Call, reply: Reply | None) -> Reply | None:
    """What is said to the asker alone, with contacts' personal data masked where it is hidden from them."""
    if reply is None or reply.lasting or not limits.hides(call.asker):
        return reply
    data = {name: limits.masked(value, name) for name, value in reply.data.items()}
    rows = tuple(tuple(replace(b, label=str(limits.masked(b.label))) for b in row) for row in reply.rows)
    return replace(reply, data=data, rows=rows)


def _second_wanted(call: Call, organization: str) -> Reply:
    rows = ((Button("🔐 Set it up", "2fa"),),) if call.spot.alone else ()
    return Reply("second_wanted", {"organization": organization, "private": call.spot.alone}, rows=rows)


# -- whom it is about ------------------------------------------------------------------------------------------------


async def find_conversation(call: Call, command: Command, words: Words) -> None:
    """Finds what the line is about: the conversation whose number comes first, or the place's. Raises NotFound."""
    call.about_contact, call.about_conversation = call.place_contact, call.place_conversation
    if command.about == "nothing":
        return
    number = _NUMBER.fullmatch(words.peek())
    if number and _is_a_number(call, command, words):
        words.take()
        call.about_conversation = await conversations.by_number(call.tx, number[1])
        call.about_contact = await conversations.contact_of(call.tx, call.about_conversation)
    elif command.by_name and await named.find(call, command, words):
        return
    elif command.about == "conversation" and call.about_conversation is None:
        also = " A contact's name does as well." if command.by_name else ""
        raise NotFound(f"Which conversation? Here, its number comes first: {_example(command)}{also}")
    if call.about_conversation is not None:
        call.own_only(call.about_conversation)


def _is_a_number(call: Call, command: Command, words: Words) -> bool:
    """In a contact's place free text and dates may begin with any number; there, a conversation's has its `#`."""
    if words.peek().startswith("#") or call.pressed or call.place_contact is None:
        return True
    dated = any(isinstance(a.kind, UntilKind) for a in command.arguments)
    return not (command.free_text or (dated and begins_a_moment(words, call.act.at)))


def _example(command: Command) -> str:
    return command.usage.replace("[number]", "123", 1) + ". /inbox lists them."


# -- arguments -------------------------------------------------------------------------------------------------------


async def _arguments(call: Call, command: Command, words: Words) -> dict[str, object]:
    values: dict[str, object] = {}
    for index, argument in enumerate(command.arguments):
        if isinstance(argument.kind, ChoiceKind) and _is_for_another(command, index, words.peek()):
            continue
        value = await argument.kind.read(call, words)
        if value is not None:
            values[argument.name] = value
        elif argument.required:
            raise BadArgument(f"Something is missing: {argument.kind.label(argument.name)}.")
    if words.peek():
        raise BadArgument(f"I do not know what to do with “{clipped(words.rest().plain, 60)}”.")
    return values


def _is_for_another(command: Command, index: int, word: str) -> bool:
    """Whether a choice may be left out, for the word is one of a later choice."""
    mine, later = command.arguments[index].kind, command.arguments[index + 1 :]
    fits_later = any(isinstance(a.kind, ChoiceKind) and a.kind.fits(word) for a in later)
    number = any(not isinstance(a.kind, ChoiceKind) for a in later) and word.isdigit()
    return bool(word) and isinstance(mine, ChoiceKind) and not mine.fits(word) and (fits_later or number)


def _bad_argument(call: Call, command: Command, error: BadArgument, words: Words) -> Reply:
    """What would be right. Free text behind the bad word is kept: the choice made next completes the line."""
    head = f"{command.name} "
    if command.about != "nothing" and call.about_conversation is not None:
        head += f"#{call.about_conversation.number} "
    elif command.by_name and call.about_contact is not None:
        head += f"{call.about_contact.id} "
    kept = words.rest().plain if error.said and command.free_text else ""
    before = _before(error, words)
    ask = f"{head}{before}{HOLE} {kept}" if error.choices and kept else ""
    data: dict[str, Value] = {"text": error.text, "usage": command.usage, "kept": clipped(kept, 60)}
    return Reply("refused", data, rows=_choices(call, error, "" if ask else head + before, bool(ask)), ask=ask)


def _before(error: BadArgument, words: Words) -> str:
    """What was read before the bad word, without the number, which the head has."""
    read = words.read.removesuffix(error.said).strip().split(maxsplit=1)
    if read and _NUMBER.fullmatch(read[0]):
        read = read[1:]
    return f"{' '.join(read)} " if read else ""


def _choices(call: Call, error: BadArgument, head: str, asks: bool) -> tuple[tuple[Button, ...], ...]:
    version = call.about_conversation.version if call.about_conversation and not asks else 0
    buttons = [_choice(each, head, version) for each in error.choices]
    buttons = [b for b in buttons if fits(b)]
    return tuple(tuple(buttons[i : i + 3]) for i in range(0, len(buttons), 3))


def _choice(choice: Choice, head: str, version: int) -> Button:
    return Button(clipped(choice.label), f"{head}{choice.value}" if head else f"fill {choice.value}", version)


# -- stale buttons ---------------------------------------------------------------------------------------------------


async def stale(call: Call) -> Reply:
    """A button that showed what is no more: nothing is done, and what is so now is said and drawn."""
    conversation, contact = call.about_conversation, call.about_contact
    if conversation is None or contact is None:
        return Reply("stale", {"number": 0, "name": "", "state": "", "assignee": ""}, alert=True)
    await desks.refresh(call.tx, contact)
    holder = await holder_of(call, conversation)
    data: dict[str, Value] = {
        "number": conversation.number,
        "name": contact.name,
        "state": conversation.state,
        "assignee": holder,
    }
    return Reply("stale", data, alert=True)


async def holder_of(call: Call, conversation: Conversation) -> str:
    """The name of who has it; empty: nobody."""
    every = await call.tx.items(Member)
    return next((m.name for m in every if m.id == conversation.assignee), "")


async def contact_named(call: Call, conversation: Conversation) -> str:
    """The name of whose conversation it is."""
    contact = await call.tx.get(Contact, conversation.contact)
    return contact.name if contact else "Unknown"
