"""Slack's names of emoji, as far as the page draws and offers them."""

from __future__ import annotations

import unicodedata

_TABLE = """
+1 👍 -1 👎 heart ❤ tada 🎉 eyes 👀 white_check_mark ✅ pray 🙏 fire 🔥 cry 😢 truck 🚚 grin 😁 smile 😄 joy 😂
grinning 😀 thinking_face 🤔 see_no_evil 🙈 ok_hand 👌 clap 👏 wave 👋 x ❌ warning ⚠ hourglass ⌛ memo 📝 lock 🔒
rocket 🚀 100 💯 slightly_smiling_face 🙂 open_mouth 😮 rage 😡 angry 😠 sob 😭 laughing 😆 heart_eyes 😍 zzz 💤
speech_balloon 💬 star ⭐ sparkles ✨ package 📦 muscle 💪 bulb 💡 no_entry_sign 🚫 hourglass_flowing_sand ⏳
"""
_WORDS = _TABLE.split()
_SIGNS = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
_NAMES = {sign: name for name, sign in reversed(_SIGNS.items())}
_VARIANT = "\ufe0f"


def sign_of(name: str) -> str:
    """The emoji of a name; the name between colons where the page does not know it."""
    plain = name.partition("::")[0]
    try:
        return _SIGNS.get(plain) or unicodedata.lookup(plain.replace("_", " "))
    except KeyError:
        return f":{name}:"


def name_of(sign: str) -> str:
    """The name of an emoji. ValueError where Slack has it under none that the page knows."""
    plain = sign.replace(_VARIANT, "").strip(":")
    if plain in _NAMES or (plain and plain.isascii()):
        return _NAMES.get(plain, plain)
    try:
        return unicodedata.name(plain).lower().replace(" ", "_")
    except (TypeError, ValueError):
        raise ValueError(f"Slack has no emoji {sign[:20]}") from None
