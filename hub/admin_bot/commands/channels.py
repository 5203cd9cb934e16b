"""Channels: the accounts by which contacts reach the workspace."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Literal

from hub.admin_bot import leading, replies
from hub.admin_bot.arguments import did_you_mean, matching
from hub.admin_bot.call import Call
from hub.admin_bot.command import command
from hub.admin_bot.replies import clipped
from hub.domain import first_steps
from hub.domain.contacts import record
from hub.domain.ids import ChannelId, new_id
from hub.domain.models import ChannelItem, DeskItem
from hub.domain.ports import Account, Adopts, Connector, Guides, Tx
from hub.domain.reply import Button, Reply, Value
from hub.domain.text import Text
from hub.errors import Ambiguous, HubError, Invalid, NotFound, Refused, Unavailable

SEALED = "sealed:"
PAGE = 12


async def _weigh(call: Call, values: Mapping[str, object]) -> str:
    words = values.get("words")
    said = words.plain.split() if isinstance(words, Text) else []
    if values.get("what") == "disconnect":
        return f"Disconnecting {(await _named(call, ' '.join(said))).name}"
    return f"Connecting an account of {_connector(call, said[0]).network.capitalize()}" if said else ""


@command(
    section="Workspace",
    permission="manager",
    usage="[list | connect NETWORK TOKEN | disconnect NAME]",
    outside=True,
    fresh=("connect", "disconnect"),
    weigh=_weigh,
)
async def channel(
    call: Call, what: Literal["list", "connect", "disconnect"] = "list", words: Text | None = None
) -> Reply:
    """List, connect and disconnect the accounts by which contacts reach you; tokens only in a private chat."""
    said = words.plain.split() if words else []
    if what == "connect":
        return await _connect(call, said)
    if what == "disconnect":
        return await _disconnect(call, " ".join(said))
    return await _list(call, _page(said[0] if said else ""))


def _page(word: str) -> int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 4 else 1


async def _list(call: Call, page: int) -> Reply:
    every = sorted(await call.home.items(ChannelItem), key=lambda c: c.name.casefold())
    shown, page, pages = replies.page_of(every, page, PAGE)
    lines: list[Value] = [{"name": c.name, "network": c.network, "state": c.state, "problem": c.problem} for c in shown]
    rows = replies.pager("channel list", page, pages)
    return Reply("channels", {"lines": lines, "usages": _usages(call)}, rows=rows)


def _usages(call: Call) -> list[Value]:
    return [f"/channel connect {c.network} {c.usage}" for c in call.services.connectors.values()]


# -- connecting ------------------------------------------------------------------------------------------------------


async def _connect(call: Call, words: list[str]) -> Reply:
    if not call.spot.alone:
        # Whatever stands there may be a secret, and everybody in the group has seen it.
        call.spilled = len(words) > 1
        return Reply("token_in_group", {}, lasting=True) if call.spilled else Reply("connect_in_private", {})
    if not words:
        return _which_network(call)
    connector = _connector(call, words[0])
    call.spilled = len(words) > 1
    words = _unsealed(call, words)
    adopted = await _adopted(call, connector) if len(words) == 1 else None
    asked = _ask_for_next(call, connector, words) if adopted is None else None
    if asked is not None:
        return asked
    account, secret = adopted or await connector.examine(words[1:])
    if f"{connector.network}:{account.id}" in call.services.forbidden_accounts:
        raise Refused(
            f"That is the token of {account.name}, the admin bot itself. Contacts need a bot of their own: "
            "make another one and connect that."
        )
    item = await _keep(call, connector, account, secret)
    await _note(call, "channel_connected", item)
    todo, wrong = await _changed(call, item.id)
    problems: list[Value] = [*account.problems, *wrong]
    bound = bool(await call.home.items(DeskItem))
    data: dict[str, Value] = {"name": item.name, "problems": problems, "todo": [*todo], "bound": bound}
    data["spilled"] = call.spilled
    # Not lasting: what is to be done at the network may name secrets, and all could see it where it was whispered.
    return Reply("channel_connected", data, rows=await leading.onward(call))


def _which_network(call: Call) -> Reply:
    buttons = [Button(n.capitalize(), f"channel connect {n}") for n in call.services.connectors]
    return Reply("connect_which", {"usages": _usages(call)}, rows=replies.grid(buttons))


def _ask_for_next(call: Call, connector: Connector, words: list[str]) -> Reply | None:
    """Asks for the first thing that is missing; None: nothing is. What may be left out is not asked for."""
    needed = [w for w in connector.usage.split() if not w.startswith("[")]
    given = len(words) - 1
    if given >= len(needed):
        return None
    what = needed[given].replace("_", " ").lower()
    data: dict[str, Value] = {"network": connector.network.capitalize(), "what": what, "step": given + 1}
    guides = connector.guides if isinstance(connector, Guides) else ()
    data["hint"] = guides[given] if given < len(guides) else ""
    # The question is kept, so that secrets among what was said so far are sealed.
    so_far = f"{SEALED}{call.services.vault.seal(' '.join(words[1:]))} " if given else ""
    return Reply("connect_ask", {**data, "of": len(needed)}, ask=f"channel connect {words[0]} {so_far}")


async def _adopted(call: Call, connector: Connector) -> tuple[Account, str] | None:
    """The account in which the asker writes, where our app is installed there: nothing need be asked."""
    if not isinstance(connector, Adopts):
        return None
    token = await call.services.installed(connector.network, call.heard.asker.identity)
    return await connector.adopt(token) if token else None


def _unsealed(call: Call, words: list[str]) -> list[str]:
    """The words, with those that a question of ours kept sealed."""
    if len(words) < 2 or not words[1].startswith(SEALED):
        return words
    return [words[0], *call.services.vault.open(words[1].removeprefix(SEALED)).split(), *words[2:]]


def _connector(call: Call, network: str) -> Connector:
    known = list(call.services.connectors)
    found = matching(network, [(n, [n]) for n in known]) if network else []
    if len(found) == 1:
        return call.services.connectors[found[0]]
    guess = did_you_mean(network, known) if network else ""
    said = f"There is no network “{clipped(network, 20)}” here.{guess}" if network else "Which network?"
    raise Invalid(f"{said} Write " + " or ".join(str(u) for u in _usages(call)) + ".")


async def _keep(call: Call, connector: Connector, account: Account, secret: str) -> ChannelItem:
    every = await call.home.items(ChannelItem)
    known = next((c for c in every if (c.network, c.account) == (connector.network, account.id)), None)
    id = known.id if known else ChannelId(new_id())
    await call.services.directory.claim_route("channel", f"{connector.network}:{account.id}", call.home.id, id)
    sealed = call.services.vault.seal(secret)
    hook_secret = call.services.vault.seal(secrets.token_urlsafe(32))

    async def deed(tx: Tx) -> ChannelItem:
        item = await tx.get(ChannelItem, id)
        if item is None:
            item = ChannelItem(id=id, network=connector.network, name=account.name, account=account.id)
            tx.add(item)
        item.name, item.secret, item.hook_secret = account.name, sealed, item.hook_secret or hook_secret
        item.state, item.problem = "active", ""
        await first_steps.advance(tx, "channel", item.name, besides=call.member.id)
        record(tx, "channel_connected", call.act.at, act=call.act, facts={"name": item.name})
        return item

    return await call.run(deed)


async def _note(call: Call, kind: str, item: ChannelItem) -> None:
    """A secret of a network was given, or is used no more: that stands among the audit events."""
    by, about = call.member.id, {"workspace": call.home.id, "network": item.network, "name": item.name}
    await call.services.reception.note(kind, by, call.heard.asker.identity, by, **about)


async def _changed(call: Call, channel: ChannelId) -> tuple[list[str], list[str]]:
    """Has it connected or disconnected now. What is still to be done, and what went wrong, which does not undo it."""
    try:
        return await call.services.channel_changed(call.home.id, channel), []
    except Unavailable:
        raise
    except HubError as error:
        return [], [error.text]


# -- disconnecting ---------------------------------------------------------------------------------------------------


async def _named(call: Call, name: str) -> ChannelItem:
    every = [c for c in await call.home.items(ChannelItem) if c.state != "disconnected"]
    found = matching(name.removeprefix("@"), [(c, [c.name, c.name.removeprefix("@")]) for c in every]) if name else []
    if not found:
        guess = did_you_mean(name, [c.name for c in every]) if name else ""
        said = f"No channel is called “{clipped(name, 30)}”.{guess}" if name else "Which channel?"
        raise NotFound(f"{said} /channel lists them.")
    if len(found) > 1:
        raise Ambiguous(f"“{name}” could be " + " or ".join(c.name for c in found[:4]) + ": write more of it.")
    return found[0]


async def _disconnect(call: Call, name: str) -> Reply:
    item = await _named(call, name)

    async def deed(tx: Tx) -> None:
        kept = await tx.get(ChannelItem, item.id)
        if kept is not None:
            kept.state, kept.problem = "disconnected", ""
            record(tx, "channel_disconnected", call.act.at, act=call.act, facts={"name": kept.name})

    async def forget(tx: Tx) -> None:
        kept = await tx.get(ChannelItem, item.id)
        if kept is not None and kept.state == "disconnected":
            kept.secret = kept.hook_secret = ""

    await call.run(deed)
    await _note(call, "channel_disconnected", item)
    # The network is told to stop calling, for which the secret is still needed.
    problems: list[Value] = [*(await _changed(call, item.id))[1]]
    await call.run(forget)
    await call.services.directory.release_route("channel", f"{item.network}:{item.account}", call.home.id)
    return Reply("channel_disconnected", {"name": item.name, "problems": problems}, lasting=True)


COMMANDS = (channel,)
