"""The networks: whether they are there, know our tokens, and call us. Asked directly, without their libraries."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from hub.checkup.findings import Finding, Surroundings, asked
from hub.errors import NotFound, Unavailable

TELEGRAM = "telegram"
TELEGRAM_PORTS = (443, 80, 88, 8443)
"""Telegram calls no others."""


async def call(around: Surroundings, token: str, method: str, **words: str | int) -> Any:
    """The result of a call. Raises NotFound with Telegram's words where it refuses, Unavailable where it is no Bot API.

    The client's own errors carry the address, and so the token: nothing of them is kept.
    """
    url = f"{around.settings.telegram_api_url}/bot{token}/{method}"
    host = urlsplit(around.settings.telegram_api_url).netloc.rpartition("@")[2]
    try:
        async with around.http.post(url, json=words) as response:
            answer = msgspec.json.decode(await response.read(), type=dict[str, Any])
            if answer["ok"]:
                return answer["result"]
            code, said = response.status, str(answer.get("description", ""))
    except (aiohttp.ClientError, OSError, TimeoutError):
        raise Unavailable(f"{host} cannot be reached; look at the network and HUB_TELEGRAM_API_URL.") from None
    except (ValueError, KeyError):
        raise Unavailable(f"What answers at {host} is not the Bot API; look at HUB_TELEGRAM_API_URL.") from None
    if code >= 500 or code == 429:
        raise Unavailable(f"{host} cannot answer just now (error {code}); check again in a while.")
    raise NotFound("" if code in (401, 404) else said)


async def admin_bot(around: Surroundings) -> list[Finding]:
    """Whether the admin bot's token is good, and where its updates go."""
    token, about = around.settings.telegram_token, "admin bot"
    if not token:
        return [Finding("note", about, "None: make a bot at BotFather and set HUB_TELEGRAM_TOKEN to its token.")]
    try:
        me = await call(around, token, "getMe")
        around.telegram, around.admin_bot = True, int(me["id"])
        around.sees_all = bool(me.get("can_read_all_group_messages"))
        found = [Finding("ok", about, f"@{me.get('username', '')} is its name; Telegram accepts the token.")]
        if me.get("can_join_groups") is False:
            found.append(Finding("wrong", about, "It may not be added to groups: BotFather, /setjoingroups, Enable."))
        return found + await calls(around, token, ("admin", about))
    except NotFound:
        around.telegram = True
        mend = "BotFather's /token shows the right one; set HUB_TELEGRAM_TOKEN to it."
        return [Finding("wrong", about, f"Telegram does not know its token. {mend}")]
    except Unavailable as error:
        return [Finding("wrong", about, error.text)]


async def calls(around: Surroundings, token: str, hook: tuple[str, str]) -> list[Finding]:
    """Whether updates come to this hub: called at our address, or, where there is none, not called at all."""
    info = await call(around, token, "getWebhookInfo")
    (name, about), url, public = hook, str(info.get("url", "")), around.settings.public_url
    wanted = f"{public}/hooks/{name}" if public else ""
    found: list[Finding] = []
    if url != wanted and (around.running or name != "admin"):
        calls = f"Telegram calls {urlsplit(url).hostname}" if url else "Telegram does not call the hub"
        wants = f"{public} is HUB_PUBLIC_URL" if public else "HUB_PUBLIC_URL is empty"
        mend = "Start the hub again" + ("." if name == "admin" else "; if that does not do, connect the channel again.")
        found.append(Finding("wrong", about, f"{calls}, though {wants}. {mend}"))
    elif wanted and info.get("last_error_message") and info.get("pending_update_count"):
        said = f"{info['pending_update_count']} updates wait, for Telegram's last call failed"
        found.append(Finding("wrong", about, f"{said}: {info['last_error_message']}"))
    return found


async def public_address(around: Surroundings) -> list[Finding]:
    """Whether Telegram would call HUB_PUBLIC_URL."""
    url, about = around.settings.public_url, "public address"
    if not url:
        return [Finding("ok", about, "HUB_PUBLIC_URL is empty: the hub asks Telegram for updates (polling).")]
    official = urlsplit(around.settings.telegram_api_url).hostname == "api.telegram.org"
    problem = not_callable(url) if official else ""
    if problem:
        return [Finding("wrong", about, f"{problem} Mend HUB_PUBLIC_URL, or leave it empty for polling.")]
    if around.running and await asked(around, f"{url}/healthz") != "ok":
        return [Finding("note", about, f"From here the hub does not answer at {url}; does your proxy lead there?")]
    return [Finding("ok", about, f"Networks call {url}.")]


def not_callable(url: str) -> str:
    """Why Telegram would not call that address; empty where it would."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return f"{url} has no port that can be."
    if parts.scheme != "https":
        return f"Telegram calls https only, not {url}."
    if port not in TELEGRAM_PORTS:
        return f"Telegram calls the ports 443, 80, 88 and 8443 only, not {port}."
    return f"{host} is an address of this machine or network; Telegram cannot reach it." if _inside(host) else ""


def _inside(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host
