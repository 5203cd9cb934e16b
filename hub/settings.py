"""Every setting, read once from the environment and checked at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from hub.errors import Misconfigured


class Limits(msgspec.Struct, frozen=True):
    """What a network lets one sending account do, counted in rolling windows."""

    per_second: int = 30
    chat_per_second: int = 1
    group_per_minute: int = 20
    window_scale: float = 1.0
    """Stretches or shrinks every window; tests run a minute in seconds with it. 0 or less of a limit: no limit."""


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
    log: str = "info"

    @property
    def polls(self) -> bool:
        """True where no public address is set: networks cannot call us, so we ask them."""
        return not self.public_url


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
        telegram_limits=_limits(env.get("HUB_TELEGRAM_LIMITS", "")),
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


def _limits(text: str) -> Limits:
    if not text:
        return Limits()
    parts = [part.strip() for part in text.split(",")]
    whole = all(part.isascii() and part.isdigit() for part in parts[:3])
    if len(parts) not in (3, 4) or not whole or not all(_positive(part) for part in parts[3:]):
        raise Misconfigured(f"HUB_TELEGRAM_LIMITS is {text!r}; write three whole numbers such as 30,1,20.")
    scale = float(parts[3]) if len(parts) == 4 else 1.0
    return Limits(int(parts[0]), int(parts[1]), int(parts[2]), scale)


def _positive(text: str) -> bool:
    return text.isascii() and text.replace(".", "", 1).isdigit() and float(text) > 0


def _level(text: str) -> str:
    level = (text or "info").lower()
    if level not in ("debug", "info", "warning", "error"):
        raise Misconfigured(f"HUB_LOG is {text!r}; it must be debug, info, warning or error.")
    return level
