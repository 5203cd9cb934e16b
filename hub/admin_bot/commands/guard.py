"""Hidden: the answer to the question for a code, after which what waited for it is done, and the way out of it."""

from __future__ import annotations

from hub.admin_bot import dispatch, replies, stepping
from hub.admin_bot.arguments import Word
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.drafting import post_place
from hub.domain.models import Post
from hub.domain.ports import Query, Tx
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
        rows = stepping.cancel_row(token)
        return Reply("fresh_wrong", {"text": error.text}, rows=rows, ask=stepping.asking(token))
    await call.services.directory.spend_token("step", token)
    await _asked_no_more(call, token)
    return await dispatch.dispatch(call, dispatch.read(Text(line)))


@command(
    section=SECTION, permission="anyone", outside=True, private=True, hidden=True, in_place=True, scopes=["private"]
)
async def cancel(call: Call, token: Word) -> Reply:
    """Leave undone what waited for a code."""
    await stepping.waiting_line(call, token)
    await call.services.directory.spend_token("step", token)
    await call.services.reception.code_asked_no_more(call.heard.asker.identity)
    await _asked_no_more(call, token)
    return Reply("fresh_left")


async def _asked_no_more(call: Call, token: str) -> None:
    """What they write next is no answer to that question."""

    async def deed(tx: Tx) -> None:
        for found in await tx.query(Post, Query(where={"desk": post_place(call), "role": "prompt"})):
            prompt = await tx.get(Post, found.id)
            if prompt is not None and prompt.line == stepping.asking(token):
                prompt.line, prompt.role = "", "answer"

    if call.workspace is not None:
        await call.run(deed)


COMMANDS = (confirm, cancel)
