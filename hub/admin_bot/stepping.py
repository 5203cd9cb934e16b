"""Before something is done: a second factor, where the organization demands one; and before something dangerous a code
of now, asked for in private of those who have one.

The line waits, sealed, behind a one-time token; the question's answer is the code, and then the line is done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hub.admin_bot.arguments import plainly
from hub.admin_bot.call import Call, Services
from hub.admin_bot.command import Command
from hub.admin_bot.replies import CANCEL, Rows, refused
from hub.domain.ids import Identity, OrganizationId
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import HubError, Refused, Unavailable

WAITS_SECONDS = 600.0
"""How long a line waits for its code."""
_CODE = re.compile(r"\s*(?:[0-9]{3}\s?[0-9]{3}|[0-9a-z]{5}-[0-9a-z]{5}-[0-9a-z]{5})\s*", re.IGNORECASE)


EXCUSED = frozenset(
    {"2fa", "me", "help", "start", "logout", "sessions", "confirm", "cancel", "keep", "send", "undo", "unsend"}
)
"""What can be done before a second factor that is demanded is set up; the last four are about what goes to contacts,
which is never held up.
"""


async def second_wanted_by(services: Services, workspace: str, asker: Identity) -> str:
    """The name of the workspace's organization, where it demands a second factor that the asker has not; empty: it does
    not. Never called inside a transaction, for it asks the control database.
    """
    entry = await services.directory.workspace(workspace)
    organization = OrganizationId(entry.organization) if entry else None
    found = await services.organizations.organization(organization) if organization else None
    if found is None or not found.needs_second:
        return ""
    user = await services.reception.whose(asker)
    return await services.reception.missing_second(user, organization) if user else ""


def dangerous(command: Command, values: Mapping[str, object]) -> bool:
    """Whether it is, with those arguments."""
    if isinstance(command.fresh, bool):
        return command.fresh
    if isinstance(command.fresh, tuple):
        return any(_begins(value, command.fresh) for value in values.values())
    return command.fresh(values)


def _begins(value: object, words: Sequence[str]) -> bool:
    """Whether its first word is one of the words, or the beginning of one, which some commands take for it."""
    plain = value.plain if isinstance(value, Text) else value if isinstance(value, str) else ""
    first = plainly(next(iter(plain.split()), ""))
    return bool(first) and any(word.startswith(first) for word in words)


async def question(call: Call, command: Command, rest: Text, values: Mapping[str, object]) -> Reply | None:
    """Asks for the code that is wanted before the line is done, or says why it is not done; None: nothing need be
    asked.
    """
    identity = call.heard.asker.identity
    if not await call.services.reception.code_wanted(identity):
        return None
    # What was written may hold a secret, and it is kept.
    call.spilled = command.free_text and bool(rest.plain.strip())
    try:
        deed = await command.weigh(call, values) if command.weigh else ""
    except Unavailable:
        raise
    except HubError as error:
        # Said here, so that what was written is taken away all the same.
        return refused(error.text, alert=call.pressed)
    if not call.spot.alone:
        return Reply("fresh_in_private", {"command": command.name, "spilled": call.spilled})
    sealed = call.services.vault.seal(f"{command.name} {rest.plain}")
    waiting = {"line": sealed, "workspace": _where(call)}
    token = await call.services.directory.issue_token("step", waiting, WAITS_SECONDS)
    await call.services.reception.code_asked(identity)
    said: dict[str, Value] = {"command": command.name, "deed": deed}
    return Reply("fresh_code", said, rows=cancel_row(token), ask=asking(token))


async def waiting_line(call: Call, token: str) -> str:
    """The line that waits behind the token. Raises Refused where it waits no more, or for another workspace."""
    waiting = await call.services.directory.use_token("step", token, call.heard.asker.identity)
    if waiting is None:
        raise Refused("That took too long, or was done already. Nothing was done now: write the command once more.")
    if waiting["workspace"] != _where(call):
        raise Refused("That was asked for in another workspace. Nothing was done: write the command once more.")
    return call.services.vault.open(waiting["line"])


def _where(call: Call) -> str:
    return call.workspace.id if call.workspace else ""


def asking(token: str) -> str:
    """The line that waits for a code."""
    return f"confirm {token} "


def cancel_row(token: str) -> Rows:
    """Under the question: it need not be answered."""
    return ((Button(CANCEL, f"cancel {token}"),),)


def asks_for_code(line: str) -> bool:
    """Whether that line waits for a code."""
    return line.startswith("confirm ")


def like_a_code(words: str) -> bool:
    """Whether that could be what an authenticator app shows, or a recovery code."""
    return bool(_CODE.fullmatch(words))
