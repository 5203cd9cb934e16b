"""The quality scale speaks of tests that there are, for every network that there is."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.adapters.conftest import WIRES

HERE = Path(__file__).parent
PAGE = (HERE.parent.parent / "docs" / "quality-scale.md").read_text("utf-8")
CONTRACT = "test_channel_contract.py"
NAMED = sorted(set(re.findall(r"`([\w./]+\.py)::(\w+)`", PAGE)))
RULES = re.findall(r"^- \*\*(.+?)\*\*\n((?:  - .+\n)+)", PAGE, re.MULTILINE)
GRADES = ["Bronze", "Silver", "Gold", "Platinum"]


@cache
def found_in(path: str) -> frozenset[str]:
    tree = ast.parse((HERE / path).read_text("utf-8"))
    return frozenset(n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_every_named_test_exists(path: str, test: str) -> None:
    """A rule is proved by a test that runs."""
    assert test.startswith("test_")
    assert test in found_in(path)


@pytest.mark.parametrize("rule", RULES, ids=[name for name, _ in RULES])
def test_every_rule_has_a_proof_for_every_network(rule: tuple[str, str]) -> None:
    """By the contract, which runs on all, or by a test, or a dash, for each one that is connected to the contract."""
    proofs = dict(re.findall(r"^  - (\w+): (`[^`]+`|\u2013)$", rule[1], re.MULTILINE))
    if set(proofs) == {"all"}:
        assert proofs["all"].startswith(f"`{CONTRACT}::")
    else:
        assert set(proofs) == set(WIRES)


def test_every_dash_has_a_reason() -> None:
    """What a network has no part in is told below."""
    dashes = sorted(
        network for _, proofs in RULES for network in re.findall(r"^  - (\w+): \u2013$", proofs, re.MULTILINE)
    )
    reasons = PAGE.partition("## The dashes")[2]
    assert sorted(re.findall(r"^- (\w+), ", reasons, re.MULTILINE)) == dashes


def test_every_grade_has_rules() -> None:
    """In order, from the least to the most; and every network has a grade."""
    assert re.findall(r"^## (\w+): ", PAGE, re.MULTILINE) == GRADES
    assert len(RULES) >= 4 * len(GRADES)
    grades = re.search(r"^\| +\|(.+)\|\n\|[-|]+\n\| grade \|(.+)\|$", PAGE, re.MULTILINE)
    assert grades is not None
    assert {cell.strip() for cell in grades[1].split("|")} == set(WIRES)
    assert all(cell.strip().capitalize() in GRADES for cell in grades[2].split("|"))
