"""Hidden: the answer to the question for a code, after which what waited for it is done."""

from __future__ import annotations

from hub.admin_bot import dispatch, replies, stepping
from hub.admin_bot.arguments import Word
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.domain.reply import Reply
from hub.domain.text import Text
from hub.errors import HubError, Refused, Unavailable

SECTION = "Buttons"


@command(section=SECTION, permission="anyone", outside=True, private=True, hidden=True, scopes=["private"])
async def confirm(call: Call, token: Word, code: Text) -> Reply | None:
    """Do what waited for a code."""
    try:
        return await _confirmed(call, token, code.plain)
    except Unavailable:
        raise
    except HubError as error:
        # Said here, so that the message with the code is taken away all the same.
        return replies.refused(error.text)
    finally:
        call.spilled = True


async def _confirmed(call: Call, token: str, code: str) -> Reply | None:
    line, identity = await stepping.waiting_line(call, token), call.heard.asker.identity
    try:
        await call.services.reception.prove(identity, code)
    except Refused as error:
        await call.services.reception.code_asked(identity)
        return Reply("fresh_wrong", {"text": error.text}, ask=stepping.asking(token))
    await call.services.directory.spend_token("step", token)
    return await dispatch.dispatch(call, dispatch.read(Text(line)))


COMMANDS = (confirm,)
