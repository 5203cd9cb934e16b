"""The machine: settings, files, the secret key, the port, the database."""

from __future__ import annotations

import difflib
import os
import shutil
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from hub.checkup.findings import Finding, Surroundings, asked
from hub.errors import HubError, Misconfigured, Unavailable
from hub.settings import Settings
from hub.store import mongod, open_store
from hub.store.locks import FileLock
from hub.store.vault import KEY_FILE, open_vault

LITTLE_ROOM = 2_000_000_000
"""Bytes; with less free space the database soon stops."""
SETTINGS = tuple(f"HUB_{field.upper()}" for field in Settings.__struct_fields__)
_LIBRARIES = "apt-get install libcurl4 libssl3"


async def settings_read(_: Surroundings) -> list[Finding]:
    """Which variables are set, and which are set in vain."""
    given = sorted(name for name in os.environ if name.startswith("HUB_"))
    known = [name for name in given if name in SETTINGS]
    found = [Finding("ok", "settings", f"Read. Set: {', '.join(known) or 'none, so all have their defaults'}.")]
    for name in given:
        if name not in SETTINGS:
            close = difflib.get_close_matches(name, SETTINGS, 1)
            guess = f" Did you mean {close[0]}?" if close else ""
            found.append(Finding("note", "settings", f"{name} is set, but the hub reads no such setting.{guess}"))
    return found


async def data_directory(around: Surroundings) -> list[Finding]:
    """Whether the hub can keep files there, and nobody else can read them."""
    folder, about = around.settings.data_dir, "data"
    if not folder.exists():
        parent = next(above for above in folder.parents if above.exists())
        if not os.access(parent, os.W_OK | os.X_OK):
            return [Finding("wrong", about, f"{folder} cannot be made: you may not write in {parent}.")]
        return [Finding("note", about, f"{folder} is not there yet; the hub makes it when it first starts.")]
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return [Finding("wrong", about, f"{folder} is no folder that you may write in; mend it or set HUB_DATA_DIR.")]
    return [_private(folder), *_room(folder), *_running(around)]


def _private(folder: Path) -> Finding:
    if folder.stat().st_mode & 0o077:
        return Finding("wrong", "data", f"Others on this machine can look into {folder}: chmod 700 {folder}")
    return Finding("ok", "data", f"{folder} is writable and private.")


def _room(folder: Path) -> list[Finding]:
    free = shutil.disk_usage(folder).free
    if free >= LITTLE_ROOM:
        return []
    return [Finding("note", "data", f"Only {free / 1e9:.1f} GB are free there; without room the database stops.")]


def _running(around: Surroundings) -> list[Finding]:
    file = around.settings.data_dir / "hub.lock"
    if not file.exists():
        return []
    lock = FileLock(file)
    around.running = not lock.take(shared=True)
    lock.release()
    return [Finding("ok", "data", "A hub runs on it; that is fine.")] if around.running else []


async def secret_key(around: Surroundings) -> list[Finding]:
    """Where the key of all kept secrets is, and whether it can be lost."""
    folder, about = around.settings.data_dir, "secret key"
    if around.settings.secret_key:
        try:
            open_vault(around.settings.secret_key, folder)
        except Misconfigured as error:
            return [Finding("wrong", about, error.text)]
        return [Finding("ok", about, "HUB_SECRET_KEY is set. Keep a copy: without it no kept token can be read.")]
    file = folder / KEY_FILE
    if not file.exists():
        return [Finding("note", about, f"None yet; one is made in {file} at the first start. Then back that file up.")]
    if file.stat().st_mode & 0o077:
        return [Finding("wrong", about, f"Others on this machine can read it: chmod 600 {file}")]
    return [Finding("ok", about, f"Kept in {file}. Back it up: without it no kept token can be read.")]


async def entrance(around: Surroundings) -> list[Finding]:
    """Whether the hub listens, or could."""
    host, port, about = around.settings.host, around.settings.port, "entrance"
    place = f"{host}:{port}"
    if around.running and port:
        said = await asked(around, f"http://{_reachable(host)}:{port}/readyz")
        if said == "ready":
            return [Finding("ok", about, f"The hub at {place} is ready.")]
        return [Finding("wrong", about, f"The hub does not say at {place} that it is ready: {said or 'no answer'}")]
    if not port:
        return [Finding("note", about, "HUB_PORT is 0: the hub takes any free port, and says which.")]
    problem = _cannot_listen(host, port)
    if problem:
        return [Finding("wrong", about, problem)]
    return [Finding("ok", about, f"{place} is free.")]


def _cannot_listen(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        return f"HUB_HOST is {host}, which is no address; set it to 127.0.0.1, or 0.0.0.0 for all."
    with socket.socket(found[0]) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(found[4])
            probe.listen(1)
        except PermissionError:
            return f"You may not listen on port {port}; set HUB_PORT to one above 1023."
        except OSError as error:
            return f"The hub cannot listen on {host}:{port} ({error.strerror}); set HUB_PORT or HUB_HOST to another."
    return ""


def _reachable(host: str) -> str:
    local = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
    return f"[{local}]" if ":" in local and not local.startswith("[") else local


async def database(around: Surroundings) -> list[Finding]:
    """Whether the database can be used; where the data directory is not there yet, tried in a passing one."""
    embedded = not around.settings.mongo_url
    where = "embedded" if embedded else urlsplit(around.settings.mongo_url).netloc.rpartition("@")[2]
    try:
        what = f"{mongod.find()} starts" if embedded else "reached, and a replica set"
        if around.settings.data_dir.is_dir():
            around.store = await open_store(around.settings, exclusive=False)
        else:
            await _try_it(around.settings)
    except Unavailable as error:
        mend = "" if embedded else f" Start the server at {where}, or mend HUB_MONGO_URL."
        return [Finding("wrong", "database", f"{error.text}{mend}")]
    except HubError as error:
        mend = f" On Debian and Ubuntu: {_LIBRARIES}" if "needs the library" in error.text else ""
        return [Finding("wrong", "database", error.text + mend)]
    except OSError as error:
        return [Finding("wrong", "database", f"Files in the data directory cannot be used: {error.strerror}.")]
    return [Finding("ok", "database", f"MongoDB, {where}: {what}.")]


async def _try_it(settings: Settings) -> None:
    with tempfile.TemporaryDirectory(prefix="hub-check-") as folder:
        store = await open_store(msgspec.structs.replace(settings, data_dir=Path(folder)), exclusive=False)
        await store.close()


async def open_files(around: Surroundings) -> list[Finding]:
    """How many workspaces the embedded server can keep, for each collection and index is a file."""
    if around.settings.mongo_url:
        return []
    files = mongod.raise_file_limit()
    fit = mongod.workspaces_that_fit(files)
    there = len(await around.store.directory.workspaces()) if around.store else 0
    said = f"{files:,} may be open: room for {fit:,} workspaces; there are {there:,}."
    if fit <= there or fit < 1:
        return [Finding("wrong", "open files", f"{said} Raise it (ulimit -n, or LimitNOFILE in a systemd unit).")]
    return [Finding("ok", "open files", said)]
