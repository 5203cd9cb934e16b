"""The command line. Each command loads only what it needs: the messaging libraries take seconds to import."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable, Sequence

from hub import __version__
from hub.errors import HubError, Invalid
from hub.settings import Settings, load

INIT_CODE_SECONDS = 24 * 3600.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command; exits 0, or with 1 and one sentence on what is wrong."""
    parsed = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int | None] = parsed.command
    try:
        sys.exit(command(parsed) or 0)
    except HubError as error:
        print(f"hub: {error.text}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hub", description="The inbox inside the chat app that agents already have open."
    )
    parser.add_argument("--version", action="version", version=f"hub {__version__}")
    add = parser.add_subparsers(required=True, metavar="COMMAND").add_parser
    add("run", help="run the hub").set_defaults(command=_run)
    demo = add("demo", help="run everything on this machine, with no account anywhere")
    demo.add_argument("--tour", action="store_true", help="play a scene, check it, and exit")
    demo.add_argument("--port", type=_port, default=8090, help="of the page (default 8090)")
    demo.set_defaults(command=_demo)
    sandbox = add("sandbox", help="run the local stand-in of the networks")
    sandbox.add_argument("--port", type=_port, default=8081)
    sandbox.set_defaults(command=_sandbox)
    add("check", help="say what is configured, reachable, wrong, and how to mend it").set_defaults(command=_check)
    add("init", help="print a one-time code that makes its sender an owner").set_defaults(command=_init)
    inspect = add("inspect", help="show how the hub reads a raw webhook payload")
    inspect.add_argument("network", help="whose payload it is: telegram, slack, messenger or custom")
    inspect.add_argument("file", nargs="?", default="-", help="a file of payloads, or - for standard input")
    inspect.set_defaults(command=_inspect)
    _carrying(add)
    add("slack-manifest", help="print the manifest from which Slack makes the app").set_defaults(command=_manifest)
    commands = add("commands", help="list the commands that agents and admins can type")
    commands.add_argument("--json", action="store_true")
    commands.set_defaults(command=_commands)
    return parser


def _carrying(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Exports and imports. What may be chosen stands in the parts that carry them, which take a while to load."""
    out = add("export", help="write contacts, conversations or messages to a file")
    out.add_argument("what", choices=("contacts", "conversations", "messages"))
    out.add_argument("--format", choices=("csv", "ndjson"), default="csv")
    out.add_argument("--since", default="", metavar="DATE", help="from that day on, as 2026-10-01")
    out.add_argument("--until", default="", metavar="DATE", help="until that day, included")
    out.add_argument("--out", default="-", metavar="FILE", help="where to (default: standard output)")
    into = add("import", help="add and change contacts by a CSV file")
    into.add_argument("file")
    into.add_argument("--purpose", choices=("add", "update", "both", "all"), default="both")
    into.add_argument("--column", action="append", default=[], metavar="HEADER=FIELD", help="what one is taken for")
    into.add_argument("--dry-run", action="store_true", help="say what would be, and change nothing")
    for parser, command in ((out, _export), (into, _import)):
        parser.add_argument("--workspace", default="", help="its name or id, where there are several")
        parser.set_defaults(command=command)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 to 65535.")
    return int(text)


def _settings() -> Settings:
    settings = load()
    logging.basicConfig(level=settings.log.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # These log addresses with tokens in them.
    for chatty in ("httpx", "httpcore", "aiogram", "telegram", "slack_sdk", "slack_bolt"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return settings


def _run(_: argparse.Namespace) -> None:
    import uvloop

    from hub.app import run

    uvloop.run(run(_settings()))


def _demo(parsed: argparse.Namespace) -> int:
    from hub.demo import demo

    return asyncio.run(demo(port=parsed.port, tour=parsed.tour))


def _sandbox(parsed: argparse.Namespace) -> None:
    from hub.sandbox.server import run

    asyncio.run(run(parsed.port))


def _check(_: argparse.Namespace) -> int:
    from hub.checkup import checkup

    return asyncio.run(checkup(load()))


def _init(_: argparse.Namespace) -> None:
    asyncio.run(_print_code(load()))


async def _print_code(settings: Settings) -> None:
    from hub.store import open_store

    store = await open_store(settings, exclusive=False)
    try:
        code = await store.directory.issue_token("init", {}, INIT_CODE_SECONDS)
    finally:
        await store.close()
    print("Send this to your admin bot in a private chat, within a day:  /start CODE")
    print("It makes you the owner of a new organization and its first workspace. The code:")
    print(code)


def _inspect(parsed: argparse.Namespace) -> None:
    from hub.adapters.inspect import inspect

    try:
        source = sys.stdin.buffer if parsed.file == "-" else open(parsed.file, "rb")  # noqa: PTH123, SIM115
    except OSError as error:
        raise Invalid(f"{parsed.file} cannot be read: {error.strerror}.") from error
    with source as lines:
        for line in inspect(parsed.network, lines):
            print(line)


def _export(parsed: argparse.Namespace) -> None:
    from hub.app.carrying import export_to, wanted

    asked = wanted(parsed.what, parsed.format, parsed.since, parsed.until)
    if parsed.out == "-":
        asyncio.run(export_to(_settings(), parsed.workspace, asked, sys.stdout.buffer))
        return
    try:
        with open(parsed.out, "wb") as out:  # noqa: PTH123
            asyncio.run(export_to(_settings(), parsed.workspace, asked, out))
    except OSError as error:
        raise Invalid(f"{parsed.out} cannot be written: {error.strerror}.") from error


def _import(parsed: argparse.Namespace) -> None:
    from pathlib import Path

    from hub.app.carrying import Brought, import_from

    brought = Brought(path=Path(parsed.file), purpose=parsed.purpose, said=parsed.column, dry=parsed.dry_run)
    asyncio.run(import_from(_settings(), parsed.workspace, brought))


def _commands(parsed: argparse.Namespace) -> None:
    import json

    from hub.admin_bot.menus import command_list, commands_markdown

    print(json.dumps(command_list(), ensure_ascii=False, indent=1) if parsed.json else commands_markdown())


def _manifest(_: argparse.Namespace) -> None:
    import json

    from hub.admin_bot.registry import commands
    from hub.admin_bot.slack.manifest import manifest

    print(json.dumps(manifest(commands(), load().public_url), ensure_ascii=False, indent=2))
