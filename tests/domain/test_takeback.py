"""Which deeds can be undone: every kind of event that is recorded anywhere has been thought about."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import hub.admin_bot
import hub.domain
from hub.domain import gate
from hub.domain.holding import ROWS
from hub.domain.takeback import BY_ITSELF, FINAL, UNDOABLE

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source:
    """A module, and what its recording functions are told to record."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text())
        self.functions = [n for n in ast.walk(self.tree) if isinstance(n, Function)]

    def kinds(self) -> Iterator[str]:
        """All kinds of events that it records."""
        for holder in [*self.functions, self.tree]:
            for call in _calls(holder):
                told = _kind(call)
                if told is not None:
                    yield from self.read(told, holder)

    def read(self, told: ast.expr, holder: ast.AST) -> Iterator[str]:
        """The words that it may be: a name is what is assigned to it, or what the function is called with."""
        match told:
            case ast.Constant(value=str(kind)):
                yield kind
            case ast.IfExp(body=one, orelse=other):
                yield from self.read(one, holder)
                yield from self.read(other, holder)
            case ast.Name(id=name):
                found = [*self.assigned(name, holder), *self.given(name, holder)]
                assert found, f"{name} is no kind of event that can be read from the source"
                yield from found
            case _:
                pytest.fail(f"Write the kind of event as a word of its own, not as {ast.unparse(told)}.")

    def assigned(self, name: str, holder: ast.AST) -> Iterator[str]:
        for node in ast.walk(holder):
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                yield from self.read(node.value, holder)

    def given(self, name: str, holder: ast.AST) -> Iterator[str]:
        if not isinstance(holder, Function) or name not in (names := [a.arg for a in holder.args.args]):
            return
        place = names.index(name)
        for function in self.functions:
            for call in _calls(function):
                if _name(call) == holder.name and len(call.args) > place:
                    yield from self.read(call.args[place], function)


def _calls(holder: ast.AST) -> Iterator[ast.Call]:
    """Those in it, and not in functions within it."""
    for node in ast.iter_child_nodes(holder):
        if isinstance(node, Function | ast.ClassDef):
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from _calls(node)


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _kind(call: ast.Call) -> ast.expr | None:
    """What stands where a kind of event is said."""
    if _name(call) == "record" and len(call.args) >= 3:
        return call.args[1]
    said = {word.arg: word.value for word in call.keywords}
    return said.get("kind") if _name(call) == "Event" and "at" in said else None


def recorded() -> dict[str, str]:
    """All kinds of events that are recorded, each with a module that does."""
    found: dict[str, str] = {}
    for package in (hub.domain, hub.admin_bot):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            # What makes the event of any kind, and tells none itself.
            if path.name != "contacts.py" or package is not hub.domain:
                found |= dict.fromkeys(Source(path).kinds(), path.name)
    own = Source(Path(str(hub.domain.__file__)).parent / "contacts.py")
    own.functions = [f for f in own.functions if f.name != "record"]
    own.tree.body = [n for n in own.tree.body if getattr(n, "name", "") != "record"]
    return found | dict.fromkeys(own.kinds(), "contacts.py")


def test_every_kind_of_event_can_be_undone_or_not_or_is_no_deed() -> None:
    """Exactly one of them: a new kind is thought about before it is recorded, and none is listed that there is not."""
    kinds, classes = recorded(), (UNDOABLE, BY_ITSELF, frozenset(FINAL))
    assert len(kinds) > 60, "found in the source"
    for kind, module in kinds.items():
        count = sum(kind in those for those in classes)
        assert count == 1, f"{kind}, recorded in {module}, is in {count} of UNDOABLE, BY_ITSELF and FINAL"
    assert set().union(*classes) - set(kinds) == set()


def test_every_rule_that_holds_is_counted_by_name() -> None:
    """A new rule of the gate that holds gets words in which it is counted; so do commands that hold."""
    holding = {rule.__name__.strip("_") for rule in gate.RULES if '"held"' in inspect.getsource(rule)}
    assert set(ROWS) == {*holding, "command", "for_another"}
