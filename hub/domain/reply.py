"""What is said on a desk: a template's name and what it needs; a front end draws it in its network's markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]
else:
    Value = Any  # msgspec, which reads a kept work item, knows no recursive alias


class Button(msgspec.Struct, frozen=True, omit_defaults=True):
    """A button. Pressing it is typing `line`; `version` is the conversation's when it was drawn (0: any).

    With `url` it opens an address instead. `outward`: it makes something reach a contact, so it stands alone in its
    row and its label names who. `home`: the workspace that was in use when it was drawn, by the end of its id; for
    buttons in private chats, which belong to no workspace by themselves.
    """

    label: str
    line: str = ""
    version: int = 0
    url: str = ""
    outward: bool = False
    home: str = ""


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to say. `data` fills the template; `rows` are its buttons.

    `ask`: a command line that waits for its last argument, so the next plain text of the asker completes it.
    `lasting`: stays in the chat; else the front end may show it to the asker alone, or for a short while.
    """

    template: str
    data: dict[str, Value] = {}
    rows: tuple[tuple[Button, ...], ...] = ()
    ask: str = ""
    lasting: bool = False
    alert: bool = False
    """Show it as the answer to a button press where the network has such a thing."""
    picture: bytes = b""
    """A PNG or JPEG that is shown before the words, in the asker's private chat wherever they asked. Where it cannot
    be, the words must do without it: they are told so by `unseen`.
    """


HOME_MARK = 3
"""Signs of a workspace's id that a button carries: enough to tell somebody's workspaces apart, and there is no room."""


def unseen(reply: Reply) -> Reply:
    """The reply, whose picture could not be put where the asker sees it."""
    return msgspec.structs.replace(reply, data={**reply.data, "unseen": True})


def marked(reply: Reply, workspace: str) -> Reply:
    """The reply, its buttons bound to the workspace that they are about."""
    rows = tuple(tuple(msgspec.structs.replace(b, home=workspace[-HOME_MARK:]) for b in row) for row in reply.rows)
    return msgspec.structs.replace(reply, rows=rows) if rows else reply
