"""A command is one value: name, usage, help, permission and arguments are read from its function, once."""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from hub.admin_bot import arguments, assignees, colleagues, contact_fields, moments, team_orders
from hub.admin_bot.arguments import Kind
from hub.domain.members import Permission
from hub.domain.models import Limit
from hub.domain.reply import Reply

Scope = Literal["private", "desk"]
About = Literal["nothing", "maybe", "conversation"]
Doing = Callable[..., Awaitable[Reply | None]]
_KINDS = (arguments, assignees, team_orders, colleagues, contact_fields, moments)
"""The modules that have kinds of arguments."""
Dangerous = Callable[[Mapping[str, object]], bool]
"""Whether a command is, with those arguments."""
Weighing = Callable[..., Awaitable[str]]
"""Of a call and the arguments: in words what is to be done ("Removing Bob"). Raises what doing it would raise, as far
as that is seen before: nobody is asked for a code for what they may not do.
"""


class Argument(msgspec.Struct, frozen=True):
    """One argument: its name, how it is read, and whether it must be given."""

    name: str
    kind: Kind
    required: bool


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A command.

    `about`: whether it is about a conversation (the place's, or the one whose number comes first), or may be.
    `outside`: it speaks to what is outside of the workspace's database, so it gets `call.run` instead of `call.tx`.
    `private`: only in a private chat, for its line or its answer is a secret. `hidden`: for buttons.
    `fresh`: it is dangerous, so that those who have a second factor are asked for a code of now before it is done:
    always, with one of these words at the front of an argument (or the beginning of one, as people may write it), or
    where that is so of the arguments. `weigh`: what is said of it then.
    `behind`: the command behind whose verb it is typed too, alone or beside a number: `/contact picture`.
    `by_name`: about a conversation's contact alone, who may be named instead: by their id and, elsewhere than in a
    contact's place, by name; so it must bear that there is no conversation.
    `also`: what is enough instead of the permission. `barred`: limits that bar agents. `in_place`: declared outside, it
    answers a press in the place of what was pressed all the same.
    """

    name: str
    section: str
    help: str
    usage: str
    do: Doing
    arguments: tuple[Argument, ...] = ()
    aliases: tuple[str, ...] = ()
    permission: Permission = "agent"
    about: About = "nothing"
    scopes: tuple[Scope, ...] = ("private", "desk")
    outside: bool = False
    private: bool = False
    hidden: bool = False
    fresh: bool | tuple[str, ...] | Dangerous = False
    weigh: Weighing | None = None
    also: Permission | None = None
    barred: tuple[Limit, ...] = ()
    in_place: bool = False
    behind: str = ""
    by_name: bool = False

    @property
    def called(self) -> str:
        """What people type, without the sign."""
        return f"{self.behind} {self.name}".strip()

    @property
    def free_text(self) -> bool:
        """Whether its line may go on with words of any kind, among which a number could stand."""
        return any(isinstance(a.kind, arguments.RestKind) for a in self.arguments)


def command(  # noqa: PLR0913 - the columns of a declaration
    *,
    section: str,
    aliases: Sequence[str] = (),
    permission: Permission = "agent",
    about: About = "nothing",
    usage: str | None = None,
    name: str = "",
    scopes: Sequence[Scope] = ("private", "desk"),
    outside: bool = False,
    private: bool = False,
    hidden: bool = False,
    fresh: bool | tuple[str, ...] | Dangerous = False,
    weigh: Weighing | None = None,
    also: Permission | None = None,
    barred: Sequence[Limit] = (),
    in_place: bool = False,
    behind: str = "",
    by_name: bool = False,
) -> Callable[[Doing], Command]:
    """Declares a command. The function's name, the first line of its docstring and its arguments say the rest."""
    if fresh and not outside:
        raise TypeError("what needs a code of now is declared outside: it is done by the line that brings the code")
    if fresh and weigh is None:
        raise TypeError("what needs a code of now is named where the code is asked for: give it a weigh")

    def declare(do: Doing) -> Command:
        called = name or do.__name__.rstrip("_")
        read = tuple(_arguments(do))
        return Command(
            name=called,
            section=section,
            help=(inspect.getdoc(do) or "").split("\n", 1)[0],
            usage=f"/{called} {_usage(read, about) if usage is None else usage}".strip(),
            do=do,
            arguments=read,
            aliases=tuple(aliases),
            permission=permission,
            about=about,
            scopes=tuple(scopes),
            outside=outside,
            private=private,
            hidden=hidden,
            fresh=fresh,
            weigh=weigh,
            also=also,
            barred=tuple(barred),
            in_place=in_place,
            behind=behind,
            by_name=by_name,
        )

    return declare


def _arguments(do: Doing) -> list[Argument]:
    hints = get_type_hints(do)
    parameters = list(inspect.signature(do).parameters.values())[1:]
    return [
        Argument(p.name.rstrip("_"), _kind(p.name, hints[p.name]), p.default is inspect.Parameter.empty)
        for p in parameters
    ]


def _kind(name: str, hint: Any) -> Kind:
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(h for h in get_args(hint) if h is not type(None))
    if get_origin(hint) is Literal:
        return arguments.ChoiceKind(get_args(hint))
    kind: Kind | None = next((each.KINDS[hint] for each in _KINDS if hint in each.KINDS), None)
    if kind is None:
        raise TypeError(f"no argument is read as {hint} (for {name})")
    return kind


def _usage(read: Sequence[Argument], about: About) -> str:
    words = [] if about == "nothing" else ["[number]"]
    for argument in read:
        label = argument.kind.label(argument.name)
        words.append(label if argument.required else f"[{label}]")
    return " ".join(words)
