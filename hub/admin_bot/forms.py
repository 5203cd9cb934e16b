"""A command's fields as a form, for networks that can show one: read from the command's own arguments.

What is filled in becomes a line again, so that a form can do nothing that typing cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from hub.admin_bot import arguments, assignees, dispatch
from hub.admin_bot.arguments import Words
from hub.admin_bot.call import Call
from hub.admin_bot.command import Argument, Command
from hub.admin_bot.dispatch import Line
from hub.admin_bot.replies import clipped
from hub.domain import limits, snippets
from hub.domain.models import Category, Member, Snippet, Tag, Team

MOST = 100
"""Things that a field lets one choose from."""


class Option(msgspec.Struct, frozen=True):
    """Something to choose: what to show, and what choosing it types."""

    label: str
    value: str


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field. `left_out`: what stands in the line for it where it is left out but something follows."""

    name: str
    label: str
    kind: Literal["choice", "choices", "word", "text"]
    options: tuple[Option, ...] = ()
    chosen: tuple[str, ...] = ()
    """Values that are chosen already."""
    required: bool = False
    left_out: str = ""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form. `line`: what its values complete; `about`: whom it concerns."""

    title: str
    line: str
    fields: tuple[Field, ...]
    about: str = ""
    version: int = 0


def asks(command: Command, typed: str) -> bool:
    """Whether so bare a line is better asked for by a form: a deed on a conversation with more than one field."""
    words = typed.split()
    numbered = len(words) == 1 and words[0].lstrip("#").isdigit()
    if command.about == "maybe":
        return numbered and any(isinstance(a.kind, arguments.SnippetKind) for a in command.arguments)
    return (not words or numbered) and command.about == "conversation" and len(command.arguments) > 1


async def form(call: Call, line: Line) -> Form | None:
    """The form of a line whose arguments are not given yet; None where its command has none. Raises Refused, Stale."""
    dispatch.permit(call, line.command)
    await dispatch.find_conversation(call, line.command, Words(line.rest))
    conversation = call.about_conversation
    if conversation is not None:
        call.check(conversation)
    found = [await _field(call, each) for each in _asked_for(line.command)]
    fields = tuple(f for f in found if f is not None)
    if not fields:
        return None
    number = f" #{conversation.number}" if conversation else ""
    name = call.about_contact.name if call.about_contact else ""
    if limits.hides(call.asker):
        name = str(limits.masked(name))
    return Form(
        title=line.command.name.capitalize(),
        line=f"{line.command.name}{number}",
        fields=fields,
        about=f"#{conversation.number} with {name}" if conversation and name else line.command.help,
        version=conversation.version if conversation else 0,
    )


def _asked_for(command: Command) -> Sequence[Argument]:
    """The arguments that a form asks for: a snippet is chosen, and seen before it goes; nothing is written with it."""
    chosen = [a for a in command.arguments if isinstance(a.kind, arguments.SnippetKind)]
    return chosen or command.arguments


def filled(form: Form, values: Mapping[str, Sequence[str]]) -> str:
    """The line that the values complete; each field's values by its name."""
    words: list[str] = []
    gaps: list[str] = []
    for field in form.fields:
        said = _said(field, [v for v in values.get(field.name, ()) if v.strip()])
        if said:
            words += [*gaps, said]
            gaps = []
        elif field.left_out:
            gaps.append(field.left_out)
    return " ".join([form.line, *words])


def _said(field: Field, values: Sequence[str]) -> str:
    if field.kind != "choices":
        return " ".join(values)
    on = [v for v in values if v not in field.chosen]
    off = [f"-{v}" for v in field.chosen if v not in values]
    return " ".join([*on, *off])


async def _field(call: Call, argument: Argument) -> Field | None:  # noqa: PLR0911 - a table
    label, required = argument.name.capitalize(), argument.required
    match argument.kind:
        case assignees.AssigneeKind():
            return _choice(argument, await _colleagues(call), left_out="-")
        case arguments.CategoryKind():
            every = sorted(await call.tx.items(Category), key=lambda c: c.name.casefold())
            return _choice(argument, [Option(c.name, c.id) for c in every], left_out="-") if every else None
        case arguments.TagsKind():
            return await _tags(call, argument)
        case arguments.SnippetKind():
            every_snippet = snippets.visible_to(await call.tx.items(Snippet), call.member.id)
            options = [Option(clipped(f"{s.name}: {s.text}", 70), s.id) for s in every_snippet]
            return _choice(argument, options) if every_snippet else None
        case arguments.ChoiceKind(options=options):
            return _choice(argument, [Option(o, o) for o in options])
        case arguments.RestKind():
            return Field(name=argument.name, label=label, kind="text", required=required)
        case _:
            return Field(name=argument.name, label=label, kind="word", required=required)


def _choice(argument: Argument, options: Sequence[Option], left_out: str = "") -> Field:
    return Field(
        name=argument.name,
        label=argument.name.capitalize(),
        kind="choice",
        options=tuple(options[:MOST]),
        required=argument.required,
        left_out=left_out,
    )


async def _colleagues(call: Call) -> list[Option]:
    everyone = sorted(await call.tx.items(Member), key=lambda m: (m.id != call.member.id, m.name.casefold()))
    teams = sorted(await call.tx.items(Team), key=lambda t: t.name.casefold())[: MOST // 4]
    room = MOST - 1 - len(teams)
    named = [Option("Me" if m.id == call.member.id else m.name, m.id) for m in everyone[:room]]
    return [*named, *(Option(f"👥 {t.name}", t.id) for t in teams), Option("Nobody", "-")]


async def _tags(call: Call, argument: Argument) -> Field | None:
    every = sorted(await call.tx.items(Tag), key=lambda t: t.name.casefold())[:MOST]
    if not every:
        return None
    has = call.about_contact.tags if call.about_contact else []
    return Field(
        name=argument.name,
        label=argument.name.capitalize(),
        kind="choices",
        options=tuple(Option(t.name, t.id) for t in every),
        chosen=tuple(t.id for t in every if t.id in has),
    )
