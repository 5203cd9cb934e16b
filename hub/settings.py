"""Every setting, read once from the environment and checked at start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from hub.errors import Misconfigured

BRAND = "IS-Messenger"
"""What the product is called in mail and on pages."""
SLACK_API = "https://slack.com/api"
GOOGLE = "https://accounts.google.com/.well-known/openid-configuration"
LOOPBACK = ("127.0.0.0/8", "::1/128")
"""This machine."""
MESSENGER_API = "https://graph.facebook.com"
MESSENGER_VERSION = "v26.0"


class Limits(msgspec.Struct, frozen=True):
    """What a network lets one sending account do, counted in rolling windows."""

    per_second: int = 30
    chat_per_second: int = 1
    group_per_minute: int = 20
    window_scale: float = 1.0
    """Stretches or shrinks every window; tests run a minute in seconds with it. 0 or less of a limit: no limit."""


class SlackLimits(msgspec.Struct, frozen=True):
    """What Slack lets one app do in one of its workspaces, counted in rolling windows; five posts may go at once. Its
    words for a whole workspace are “several hundred messages per minute”.
    """

    channel_per_second: int = 1
    workspace_per_minute: int = 240
    window_scale: float = 1.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The installation's settings; names in the environment are in `docs/settings.md`."""

    data_dir: Path
    mongo_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    secret_key: str = ""
    telegram_token: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_limits: Limits = Limits()
    slack_bot_token: str = ""
    slack_signing_secret: str = ""
    slack_app_token: str = ""
    slack_client_id: str = ""
    slack_client_secret: str = ""
    slack_api_url: str = SLACK_API
    slack_limits: SlackLimits = SlackLimits()
    messenger_api_url: str = MESSENGER_API
    messenger_version: str = MESSENGER_VERSION
    messenger_app_secret: str = ""
    messenger_verify_token: str = ""
    messenger_human_agent: bool = False
    """The app may answer for seven days what a person writes."""
    custom_networks: tuple[str, ...] = ("public",)
    """Where the systems of custom channels may be: networks, or the words public and loopback."""
    trusted_proxies: tuple[str, ...] = LOOPBACK
    """Networks of the proxies that are believed for whom they ask."""
    smtp_url: str = ""
    mail_from: str = ""
    sign_up: str = "anyone"
    """Who may sign up: `anyone`, `invited`, or the domains of mail addresses, by commas."""
    google_client_id: str = ""
    google_client_secret: str = ""
    google_discovery_url: str = GOOGLE
    media_days: int = 0
    """How long files are kept; 0: for good."""
    log: str = "info"

    @property
    def polls(self) -> bool:
        """True where no public address is set: networks cannot call us, so we ask them."""
        return not self.public_url

    @property
    def sender(self) -> str:
        """From whom mail comes."""
        return self.mail_from or f"IS-Messenger <no-reply@{urlsplit(self.public_url).hostname or 'localhost'}>"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings; raises Misconfigured with a sentence that names the variable and what would be right."""
    env = {k: v.strip() for k, v in (os.environ if environ is None else environ).items() if k.startswith("HUB_")}
    return Settings(
        data_dir=_folder(env.get("HUB_DATA_DIR", "")),
        mongo_url=_mongo_url(env.get("HUB_MONGO_URL", "")),
        host=env.get("HUB_HOST") or "127.0.0.1",
        port=_port(env.get("HUB_PORT", "")),
        public_url=_url("HUB_PUBLIC_URL", env.get("HUB_PUBLIC_URL", "")),
        secret_key=env.get("HUB_SECRET_KEY", ""),
        telegram_token=_token(env.get("HUB_TELEGRAM_TOKEN", "")),
        telegram_api_url=_url("HUB_TELEGRAM_API_URL", env.get("HUB_TELEGRAM_API_URL", ""))
        or "https://api.telegram.org",
        telegram_limits=Limits(*_limits("HUB_TELEGRAM_LIMITS", env, "30,1,20")),
        slack_bot_token=_prefixed("HUB_SLACK_BOT_TOKEN", env, "xoxb-"),
        slack_signing_secret=env.get("HUB_SLACK_SIGNING_SECRET", ""),
        slack_app_token=_prefixed("HUB_SLACK_APP_TOKEN", env, "xapp-"),
        slack_client_id=env.get("HUB_SLACK_CLIENT_ID", ""),
        slack_client_secret=env.get("HUB_SLACK_CLIENT_SECRET", ""),
        slack_api_url=_url("HUB_SLACK_API_URL", env.get("HUB_SLACK_API_URL", "")) or SLACK_API,
        slack_limits=SlackLimits(*_limits("HUB_SLACK_LIMITS", env, "1,240")),
        messenger_api_url=_url("HUB_MESSENGER_API_URL", env.get("HUB_MESSENGER_API_URL", "")) or MESSENGER_API,
        messenger_version=_version(env.get("HUB_MESSENGER_VERSION", "")),
        messenger_app_secret=env.get("HUB_MESSENGER_APP_SECRET", ""),
        messenger_verify_token=env.get("HUB_MESSENGER_VERIFY_TOKEN", ""),
        messenger_human_agent=_yes("HUB_MESSENGER_HUMAN_AGENT", env.get("HUB_MESSENGER_HUMAN_AGENT", "")),
        custom_networks=_networks(env.get("HUB_CUSTOM_NETWORKS", "")),
        trusted_proxies=_proxies(env.get("HUB_TRUSTED_PROXIES", "")),
        smtp_url=_smtp(env.get("HUB_SMTP_URL", "")),
        mail_from=_sender(env.get("HUB_MAIL_FROM", "")),
        sign_up=_sign_up(env.get("HUB_SIGN_UP", "")),
        google_client_id=_one_word("HUB_GOOGLE_CLIENT_ID", env),
        google_client_secret=_one_word("HUB_GOOGLE_CLIENT_SECRET", env),
        google_discovery_url=_safe("HUB_GOOGLE_DISCOVERY_URL", env) or GOOGLE,
        media_days=_days("HUB_MEDIA_DAYS", env.get("HUB_MEDIA_DAYS", "")),
        log=_level(env.get("HUB_LOG", "")),
    )


def _port(text: str) -> int:
    if not text:
        return 8080
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise Misconfigured(f"HUB_PORT is {text!r}; it must be a number from 0 to 65535.")
    return int(text)


def _url(name: str, text: str) -> str:
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise Misconfigured(f"{name} must be a full address such as https://hub.example.com.")
    return text.rstrip("/")


def _safe(name: str, env: Mapping[str, str]) -> str:
    """An address by which secrets may be sent."""
    url = _url(name, env.get(name, ""))
    if url.startswith("http:") and urlsplit(url).hostname not in ("127.0.0.1", "localhost", "::1"):
        raise Misconfigured(f"{name} must begin with https://; plain http is for this very machine only.")
    return url


def _one_word(name: str, env: Mapping[str, str]) -> str:
    text = env.get(name, "")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise Misconfigured(f"{name} must be one word, as Google's console shows it under Credentials.")
    return text


def _folder(text: str) -> Path:
    try:
        return Path(text or ".hub").expanduser().resolve()
    except (RuntimeError, ValueError, OSError) as error:
        raise Misconfigured(f"HUB_DATA_DIR is {text!r}; it must be the path of a folder.") from error


def _mongo_url(text: str) -> str:
    if text and not text.startswith(("mongodb://", "mongodb+srv://")):
        raise Misconfigured(
            "HUB_MONGO_URL must begin with mongodb:// or mongodb+srv://, or be empty for the embedded server."
        )
    return text


def _token(text: str) -> str:
    bot, _, secret = text.partition(":")
    if text and not (bot.isascii() and bot.isdigit() and len(secret) >= 10):
        raise Misconfigured("HUB_TELEGRAM_TOKEN is not a bot token; BotFather gives one like 123456:ABC-DEF….")
    return text


def _prefixed(name: str, env: Mapping[str, str], prefix: str) -> str:
    text = env.get(name, "")
    if text and not text.startswith(prefix):
        raise Misconfigured(f"{name} must begin with {prefix}; Slack shows it on the app's pages.")
    return text


def _version(text: str) -> str:
    number = text.removeprefix("v").replace(".", "", 1)
    if text and not (text.startswith("v") and number.isascii() and number.isdigit()):
        raise Misconfigured(f"HUB_MESSENGER_VERSION is {text!r}; it must be like {MESSENGER_VERSION}.")
    return text or MESSENGER_VERSION


def _yes(name: str, text: str) -> bool:
    known = {"": False, "no": False, "0": False, "false": False, "yes": True, "1": True, "true": True}
    if text.lower() not in known:
        raise Misconfigured(f"{name} is {text!r}; write yes or no.")
    return known[text.lower()]


def _networks(text: str) -> tuple[str, ...]:
    named = tuple(filter(None, (part.strip().lower() for part in text.split(",")))) or ("public",)
    try:
        for each in set(named) - {"public", "loopback"}:
            ip_network(each)
    except ValueError as error:
        raise Misconfigured(
            f"HUB_CUSTOM_NETWORKS is {text!r}; write public, loopback, or networks such as 10.1.2.0/24, with commas."
        ) from error
    return named


def _proxies(text: str) -> tuple[str, ...]:
    """Addresses and networks; `loopback` is this machine, `none` nobody."""
    named = [part.strip().lower() for part in text.split(",") if part.strip()] or ["loopback"]
    if named == ["none"]:
        return ()
    try:
        found = [str(ip_network(each)) for each in named if each != "loopback"]
    except ValueError as error:
        raise Misconfigured(
            f"HUB_TRUSTED_PROXIES is {text!r}; write addresses or networks such as 10.1.2.3 or 10.1.2.0/24, with"
            " commas, loopback, or none."
        ) from error
    return (*found, *(LOOPBACK if "loopback" in named else ()))


def _days(name: str, text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Misconfigured(f"{name} is {text!r}; write a whole number of days such as 365, or 0: for good.")
    return int(text or 0)


def _limits(name: str, env: Mapping[str, str], example: str) -> list[Any]:
    """As many whole numbers as in the example, and perhaps by what windows are stretched; nothing where not set."""
    text, count = env.get(name, ""), example.count(",") + 1
    parts = [part.strip() for part in text.split(",")] if text else []
    whole = all(part.isascii() and part.isdigit() for part in parts[:count])
    if parts and (len(parts) - count not in (0, 1) or not whole or not all(map(_positive, parts[count:]))):
        words = {2: "two", 3: "three"}[count]
        raise Misconfigured(f"{name} is {text!r}; write {words} whole numbers such as {example}.")
    return [*map(int, parts[:count]), *map(float, parts[count:])]


def _positive(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdigit() and float(text) > 0


def _smtp(text: str) -> str:
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if text and not fits:
        # What was given may hold a password.
        raise Misconfigured("HUB_SMTP_URL must be like smtp://user:password@mail.example.com:587 or smtps://….")
    return text


def _sender(text: str) -> str:
    name, address = parseaddr(text)
    user, at, host = address.rpartition("@")
    if text and not (user and at and host and text.isprintable() and (name or text == address)):
        raise Misconfigured(f"HUB_MAIL_FROM is {text!r}; write an address, or a name and one: Shop <hub@example.com>.")
    return text


def _sign_up(text: str) -> str:
    domains = [each.strip().lower().removeprefix("@") for each in text.split(",")] if text else ["anyone"]
    if domains not in (["anyone"], ["invited"]) and not all(_DOMAIN.fullmatch(each) for each in domains):
        raise Misconfigured(f"HUB_SIGN_UP is {text!r}; write anyone, invited, or mail domains such as example.com.")
    return ",".join(domains)


_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def _level(text: str) -> str:
    level = (text or "info").lower()
    if level not in ("debug", "info", "warning", "error"):
        raise Misconfigured(f"HUB_LOG is {text!r}; it must be debug, info, warning or error.")
    return level
