"""Snippets: saved replies with variables, which can neither reach the hub nor exhaust it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from types import SimpleNamespace

from jinja2 import StrictUndefined, TemplateError, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from hub.domain import gate
from hub.domain.ids import UserId
from hub.domain.models import Contact, Member, Snippet
from hub.errors import Invalid

LONGEST = 4000
FILES = 10
"""Files that go with a snippet at most."""
_MOST_VARIABLES = 50
_FILTERS = {"default", "or", "upper", "lower", "title"}
# Variables, fallbacks and a few filters; everything else of the language (calls, loops, sums) is refused when parsed.
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Getattr,
    nodes.Name,
    nodes.Filter,
    nodes.Const,
)

_env = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_env.globals.clear()
_env.filters["or"] = _env.filters["default"]

Variables = dict[str, dict[str, str]]
GROUPS: Mapping[str, tuple[str, ...]] = {
    "contact": ("name", "first_name", "last_name", "username", "phone", "email", "country", "language"),
    "assignee": ("name", "first_name", "username"),
    "workspace": ("name",),
    "date": ("name", "day", "month", "year", "weekday"),
    "time": ("name",),
}
"""What variables are of, and what each of them has; contacts have the workspace's custom fields as well."""


def variables(contact: Contact, assignee: Member | None, workspace: str) -> Variables:
    """What every text may name. What is unknown is absent, so that only a fallback lets it be sent."""
    holder = {"name": assignee.name, "username": assignee.username} if assignee else {}
    everything = {
        "contact": {
            "name": "" if contact.nameless else contact.name,
            **{name: str(getattr(contact, name)) for name in GROUPS["contact"][1:]},
        },
        "assignee": {**holder, "first_name": assignee.name.partition(" ")[0] if assignee else ""},
        "workspace": {"name": workspace},
    }
    return {group: {k: v for k, v in values.items() if v} for group, values in everything.items()}


def render(snippet: Snippet, known: Variables) -> str:
    """The reply. Raises Invalid with the variable's name where one is empty and has no fallback."""
    check(snippet.text, files=bool(snippet.files))
    try:
        groups = {group: SimpleNamespace(**values) for group, values in known.items()}
        text: str = _env.from_string(_read(snippet.text)).render(groups)
    except UndefinedError as error:
        empty = ", ".join(_empty(snippet.text, known)) or "a variable"
        raise Invalid(
            f"Not sent: the snippet {snippet.name} names {empty}, which is empty for this contact. "
            "Give it a fallback, such as {{ contact.first_name | or('there') }}."
        ) from error
    if not text.strip() and not snippet.files:
        raise Invalid(f"Not sent: the snippet {snippet.name} is empty for this contact.")
    return text[:LONGEST]


def check(text: str, fields: Sequence[str] | None = None, *, files: bool = False) -> None:
    """Raises Invalid with what is wrong with a snippet's text. `fields`: ids of the contacts' custom fields, where
    variables are to be known; `files`: some go with it, so that it needs no words.
    """
    if not text.strip() and not files:
        raise Invalid("A snippet needs a text.")
    if len(text) > LONGEST:
        raise Invalid(f"A snippet has at most {LONGEST} characters; this one has {len(text)}.")
    if gate.is_command(text):
        raise Invalid("What begins with / or ! never goes out: let the text begin with a word.")
    try:
        tree = _read(text)
    except TemplateError as error:
        raise Invalid(
            "That is not a snippet: its braces do not fit together. A variable is written {{ contact.name }}."
        ) from error
    if text.count("{{") > _MOST_VARIABLES:
        raise Invalid(f"A snippet has at most {_MOST_VARIABLES} variables.")
    _only_variables(tree)
    if fields is not None:
        _only_known(tree, fields)


def visible_to(every: Sequence[Snippet], user: UserId) -> list[Snippet]:
    """The snippets that somebody may use: everybody's and their own, which stand for those of the same name; the most
    used first.
    """
    own = {s.name.casefold() for s in every if s.owner == user}
    mine = [s for s in every if s.owner == user or (s.owner is None and s.name.casefold() not in own)]
    return sorted(mine, key=lambda s: (-s.uses, s.name.casefold()))


def holding(every: Sequence[Snippet], words: str) -> list[Snippet]:
    """Those that have all of the words somewhere: in the name, the topic or the text."""
    wanted = words.casefold().split()
    texts = [(s, f"{s.name} {s.topic} {s.text}".casefold()) for s in every]
    return [s for s, text in texts if wanted and all(word in text for word in wanted)]


class _Names(NodeTransformer):
    """A group that is named alone means its name: `contact` is `contact.name`."""

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802 - the library finds it by this name
        """Gives it its field."""
        return nodes.Getattr(node, "name", "load", lineno=node.lineno) if node.name in GROUPS else node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802 - the library finds it by this name
        """Has its field already."""
        return node


def _read(text: str) -> nodes.Template:
    """The text as it is meant. Raises TemplateError."""
    tree = _env.parse(text)
    _Names().visit(tree)
    return tree


def _only_variables(tree: nodes.Node) -> None:
    for node in tree.find_all(nodes.Node):
        fits = isinstance(node, _ALLOWED) and (not isinstance(node, nodes.Getattr) or _is_a_field(node))
        if not fits or (isinstance(node, nodes.Filter) and node.name not in _FILTERS):
            raise Invalid(
                "A snippet fills in variables such as {{ contact.first_name | or('there') }}; "
                "it cannot call, calculate or repeat."
            )


def _is_a_field(node: nodes.Getattr) -> bool:
    """Of a group, and not of what is in it: a text has methods."""
    return isinstance(node.node, nodes.Name) and not node.attr.startswith("_")


def _only_known(tree: nodes.Template, fields: Sequence[str]) -> None:
    there = {f"{group}.{name}" for group, names in GROUPS.items() for name in names}
    there |= {f"contact.{id}" for id in fields}
    for named in _named(tree):
        if named not in there:
            near = difflib.get_close_matches(named, sorted(there), n=2, cutoff=0.6)
            guess = f" Did you mean {' or '.join(near)}?" if near else f" There are {', '.join(sorted(there))}."
            raise Invalid(f"Not saved: there is no variable {named}.{guess}")


def _named(tree: nodes.Template) -> list[str]:
    """The variables of the text, as they are written in full."""
    fields = [n for n in tree.find_all(nodes.Getattr) if isinstance(n.node, nodes.Name)]
    groups = {id(n.node) for n in fields}
    lone = [n.name for n in tree.find_all(nodes.Name) if id(n) not in groups]
    return [*(f"{n.node.name}.{n.attr}" for n in fields if isinstance(n.node, nodes.Name)), *lone]


def _empty(text: str, known: Variables) -> list[str]:
    """The variables of the text that nobody knows, as they are written."""
    named = _named(_read(text))
    return [n for n in named if n.partition(".")[2] not in known.get(n.partition(".")[0], {})]
