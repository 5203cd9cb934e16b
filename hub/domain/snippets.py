"""Snippets: saved replies with variables, which can neither reach the hub nor exhaust it."""

from __future__ import annotations

from types import SimpleNamespace

from jinja2 import StrictUndefined, TemplateError, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from hub.domain.models import Contact, Member, Snippet
from hub.errors import Invalid

LONGEST = 4000
_MOST_VARIABLES = 50
_FILTERS = {"default", "upper", "lower", "title"}
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

Variables = dict[str, dict[str, str]]
GROUPS = ("contact", "assignee", "workspace")
"""What variables are of."""


def variables(contact: Contact, assignee: Member | None, workspace: str) -> Variables:
    """What a snippet may name. What is unknown is absent, so that only a fallback lets it be sent."""
    everything = {
        "contact": {
            "name": contact.name if contact.first_name or contact.last_name or contact.username else "",
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "username": contact.username,
            "phone": contact.phone,
            "email": contact.email,
        },
        "assignee": {"name": assignee.name if assignee else "", "username": assignee.username if assignee else ""},
        "workspace": {"name": workspace},
    }
    return {group: {k: v for k, v in values.items() if v} for group, values in everything.items()}


def render(snippet: Snippet, known: Variables) -> str:
    """The reply. Raises Invalid with the variable's name where one is empty and has no fallback."""
    check(snippet.text)
    try:
        groups = {group: SimpleNamespace(**values) for group, values in known.items()}
        text: str = _env.from_string(_read(snippet.text)).render(groups)
    except UndefinedError as error:
        empty = ", ".join(_empty(snippet.text, known)) or "a variable"
        raise Invalid(
            f"Not sent: the snippet {snippet.name} names {empty}, which is empty for this contact. "
            "Give it a fallback, such as {{ contact.first_name | default('there') }}."
        ) from error
    if not text.strip():
        raise Invalid(f"Not sent: the snippet {snippet.name} is empty for this contact.")
    return text[:LONGEST]


def check(text: str) -> None:
    """Raises Invalid with what is wrong with a snippet's text."""
    if not text.strip():
        raise Invalid("A snippet needs a text.")
    if len(text) > LONGEST:
        raise Invalid(f"A snippet has at most {LONGEST} characters; this one has {len(text)}.")
    try:
        tree = _read(text)
    except TemplateError as error:
        raise Invalid(
            "That is not a snippet: its braces do not fit together. A variable is written {{ contact.name }}."
        ) from error
    if text.count("{{") > _MOST_VARIABLES:
        raise Invalid(f"A snippet has at most {_MOST_VARIABLES} variables.")
    _only_variables(tree)


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
                "A snippet fills in variables such as {{ contact.first_name | default('there') }}; "
                "it cannot call, calculate or repeat."
            )


def _is_a_field(node: nodes.Getattr) -> bool:
    """Of a group, and not of what is in it: a text has methods."""
    return isinstance(node.node, nodes.Name) and not node.attr.startswith("_")


def _empty(text: str, known: Variables) -> list[str]:
    """The variables of the text that nobody knows, as they are written."""
    tree = _read(text)
    named = [(node.node.name, node.attr) for node in tree.find_all(nodes.Getattr) if isinstance(node.node, nodes.Name)]
    lone = [(n.name, "") for n in tree.find_all(nodes.Name) if n.name not in known]
    missing = [f"{group}.{name}" for group, name in named if name not in known.get(group, {})]
    return missing or [name for name, _ in lone]
