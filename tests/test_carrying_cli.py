"""`hub import` and `hub export`: the same as in the chat, for files on the server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cli import main
from hub.domain import members
from hub.domain.ids import Identity
from hub.settings import Settings
from hub.store import open_store
from hub.store.embedded import Embedded

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def hub(mongod: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A hub with one workspace; gives what a command ended with, and what it said."""
    name = f"cli{tmp_path.name}".replace("_", "")[:30]
    settings = Settings(data_dir=tmp_path, mongo_url=mongod.url)

    async def found() -> None:
        store = await open_store(settings, prefix=f"{name}_")
        entry = await store.directory.create_workspace("", "Shop")
        ann = await store.directory.ensure_user(Identity("telegram:1"), "Ann", "ann")
        await store.workspace(entry.id).run(lambda tx: members.found(tx, "Shop", ann))
        await store.close()

    asyncio.run(found())
    monkeypatch.setattr("hub.app.carrying.open_store", lambda s, **more: open_store(s, prefix=f"{name}_", **more))
    monkeypatch.setattr("hub.cli.load", lambda: settings)

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(a) for a in arguments])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_a_file_is_looked_at_imported_and_exported(hub: Run, tmp_path: Path) -> None:
    """A dry run changes nothing; what is refused stands in a file beside; the export has what came in."""
    table = tmp_path / "people.csv"
    table.write_text("First name,Phone\nAnn,+491701111111\nBob,12\n", encoding="utf-8")
    code, out, err = hub("import", table, "--dry-run")
    assert (code, out) == (0, "")
    assert "1 new, 0 changed, 0 as they are, 1 refused." in err
    assert '3,"Phone: “12” is no phone number' in (tmp_path / "people-refused.csv").read_text("utf-8-sig")
    assert len(hub("export", "contacts")[1].splitlines()) == 1
    assert "Imported: 1 new, 0 changed, 1 refused." in hub("import", table)[2]
    _, out, _ = hub("export", "contacts", "--format", "ndjson", "--since", "2026-01-01")
    assert '"First name":"Ann"' in out
    copy = tmp_path / "out.csv"
    assert hub("export", "contacts", "--out", copy)[0] == 0
    assert ",Ann,,'+491701111111," in copy.read_text("utf-8-sig")
    assert "0 new, 0 changed, 1 as they are" in hub("import", copy)[2]


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("First name,Tel\nAnn,+491701111111\n", (), 'Say --column "Tel=Phone", or "Tel=" to leave it out.'),
        ("First name,Tel\nAnn,+491701111111\n", ("--column", "Tel=Shoe"), "there is no such field"),
        ("First name,Tel\nAnn,+491701111111\n", ("--column", "Tel="), "No column says who is who"),
        ("First name\nAnn\n", ("--workspace", "Shopp"), "Which workspace? Say --workspace and one of: Shop ("),
        ("First name\n", (), "no rows below them"),
        (None, (), "cannot be read"),
    ],
)
def test_what_is_not_sure_is_said_and_nothing_is_done(
    hub: Run, tmp_path: Path, content: str | None, options: tuple[str, ...], said: str
) -> None:
    """One sentence that says what would be right, and exit code 1."""
    table = tmp_path / "people.csv"
    if content is not None:
        table.write_text(content, encoding="utf-8")
    code, _, err = hub("import", table, *options)
    assert code == 1
    assert said in err
    assert "--column" not in options or "Traceback" not in err


def test_what_was_said_of_a_column_holds(hub: Run, tmp_path: Path) -> None:
    """A column is taken for what is said."""
    table = tmp_path / "people.csv"
    table.write_text("First name,Tel\nAnn,+491701111111\n", encoding="utf-8")
    assert "Imported: 1 new" in hub("import", table, "--column", "Tel=Phone", "--purpose", "add")[2]


def test_a_period_that_is_none(hub: Run) -> None:
    """A day is written in one way."""
    assert "“soon” is no day: write it as 2026-10-01." in hub("export", "messages", "--since", "soon")[2]
