"""The documents say what the code does: settings, commands, targets, links."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hub.admin_bot.registry import commands
from hub.errors import Misconfigured
from hub.settings import load

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
HEADINGS = ["Context", "Decision", "Consequences", "Alternatives looked at"]
ROW = re.compile(r"^\| `(HUB_\w+)` \| (\S+) \| `(\S+)` \|", re.MULTILINE)


def text(path: str) -> str:
    return (ROOT / path).read_text()


def listed() -> dict[str, tuple[str, str]]:
    """The settings of the page: default and example."""
    return {name: (default, example) for name, default, example in ROW.findall(text("docs/settings.md"))}


def test_settings_are_all_listed() -> None:
    """The page lists exactly the variables that the hub reads."""
    read = set(re.findall(r"HUB_[A-Z_]+[A-Z]", text("hub/settings.py")))
    assert set(listed()) == read


@pytest.mark.parametrize("name", sorted(listed()))
def test_a_settings_default_and_example(name: str) -> None:
    """A default is what the hub takes where nothing is set; an example is accepted, and is not the default."""
    default, example = listed()[name]
    unset, with_example = load({}), load({name: example})
    assert with_example != unset
    if default != "*empty*":
        assert load({name: default.strip("`")}) == unset
    else:
        assert getattr(unset, name.removeprefix("HUB_").lower()) == ""


def test_settings_words_are_refused_with_reason() -> None:
    """What the page says must be a number, or an address, is refused where it is none."""
    wrong = {"HUB_PORT": "web", "HUB_MONGO_URL": "db1", "HUB_TELEGRAM_LIMITS": "1", "HUB_SLACK_LIMITS": "1,x"}
    for name, value in wrong.items():
        with pytest.raises(Misconfigured, match=name):
            load({name: value})


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(ROOT)) for p in PAGES])
def test_links(page: Path) -> None:
    """A link within the project leads somewhere."""
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_targets_and_commands_exist() -> None:
    """What the pages tell people to type is there: make targets, the hub's commands, and commands in the chat."""
    pages = "\n".join(page.read_text() for page in PAGES)
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", pages)) <= targets
    helped = subprocess.run([sys.executable, "-m", "hub", "--help"], capture_output=True, text=True, check=True)
    known = set(re.findall(r"^    ([\w-]+)(?: |$)", helped.stdout, re.MULTILINE))
    assert set(re.findall(r"`(?:\.venv/bin/)?hub ([a-z][a-z-]*)", pages)) <= known


@pytest.mark.parametrize("page", ["README.md", "docs/howto/telegram.md", "docs/operations.md"])
def test_chat_commands_exist(page: str) -> None:
    """A command that a page shows is one that the admin bot, or BotFather, understands."""
    known = {name for command in commands() for name in (command.name, *command.aliases)}
    botfather = {"newbot", "token", "revoke"}
    routes = {"hooks", "healthz", "readyz", "metrics", "account", "slack"}
    shown = set(re.findall(r"`/([a-z_]+)", text(page)))
    assert shown <= known | botfather | routes


def test_decision_records() -> None:
    """Records are numbered without gaps, have the same four parts, and are all in the list."""
    records = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    index = text("docs/adr/README.md")
    for record in records:
        assert re.findall(r"^## (.+)$", record.read_text(), re.MULTILINE) == HEADINGS, record.name
        assert f"({record.name})" in index


def test_the_licence() -> None:
    """The licence is the whole text of Apache 2.0, which the package names as its own."""
    licence = text("LICENSE")
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert 'license = "Apache-2.0"' in text("pyproject.toml")
