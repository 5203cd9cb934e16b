"""The command line says what is wrong with what it was given."""

from __future__ import annotations

import pytest

from hub.cli import main


@pytest.mark.parametrize("command", ["demo", "sandbox"])
@pytest.mark.parametrize("port", ["99999", "-1", "x"])
def test_a_port_that_is_none(command: str, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong port is refused with a sentence that says what would be right, before anything is started."""
    with pytest.raises(SystemExit) as ended:
        main([command, f"--port={port}"])
    assert ended.value.code == 2
    assert "a number from 0 to 65535" in capsys.readouterr().err
