"""The command line says what is wrong with what it was given."""

from __future__ import annotations

import pytest

from hub import __version__
from hub.cli import main


@pytest.mark.parametrize("command", ["demo", "sandbox"])
@pytest.mark.parametrize("port", ["99999", "-1", "x"])
def test_a_port_that_is_none(command: str, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong port is refused with a sentence that says what would be right, before anything is started."""
    with pytest.raises(SystemExit) as ended:
        main([command, f"--port={port}"])
    assert ended.value.code == 2
    assert "a number from 0 to 65535" in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """Who reports a fault can say of which hub."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"hub {__version__}\n"
