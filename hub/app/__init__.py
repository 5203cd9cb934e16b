"""The composition root: the only part that knows all the others."""

from hub.app.hub import Hub
from hub.app.running import run, running

__all__ = ["Hub", "run", "running"]
