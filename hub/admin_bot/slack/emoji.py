"""Slack's names of emoji, by which reactions are told. Many are Unicode's own; the table holds those that are not."""

from __future__ import annotations

import re
import unicodedata

_TABLE = """
+1 👍|thumbsup 👍|-1 👎|thumbsdown 👎|heart ❤|red_heart ❤|tada 🎉|smile 😄|smiley 😃|grinning 😀|grin 😁|laughing 😆
satisfied 😆|joy 😂|rofl 🤣|rolling_on_the_floor_laughing 🤣|wink 😉|blush 😊|innocent 😇|slightly_smiling_face 🙂
upside_down_face 🙃|heart_eyes 😍|kissing_heart 😘|star-struck 🤩|partying_face 🥳|sunglasses 😎|nerd_face 🤓
thinking_face 🤔|neutral_face 😐|face_with_raised_eyebrow 🤨|unamused 😒|sob 😭|cry 😢|scream 😱|rage 😡|angry 😠
face_with_symbols_on_mouth 🤬|exploding_head 🤯|face_vomiting 🤮|yawning_face 🥱|woozy_face 🥴|zany_face 🤪
sleeping 😴
smiling_face_with_3_hearts 🥰|hugging_face 🤗|fearful 😨|smiling_imp 😈|pray 🙏|clap 👏|ok_hand 👌|raised_hands 🙌
wave 👋
muscle 💪|handshake 🤝|writing_hand ✍|middle_finger 🖕|saluting_face 🫡|nail_care 💅|point_up ☝|point_right 👉
point_left 👈|point_down 👇|point_up_2 👆|v ✌|crossed_fingers 🤞|eyes 👀|see_no_evil 🙈|hear_no_evil 🙉|speak_no_evil 🙊
fire 🔥|100 💯|zap ⚡|star ⭐|sparkles ✨|boom 💥|trophy 🏆|rocket 🚀|bulb 💡|broken_heart 💔|cupid 💘|kiss 💋
heart_on_fire ❤‍🔥|white_check_mark ✅|heavy_check_mark ✔|x ❌|warning ⚠|question ❓|exclamation ❗|bell 🔔|no_bell 🔕
no_entry ⛔|no_entry_sign 🚫|hourglass ⌛|hourglass_flowing_sand ⏳|zzz 💤|speech_balloon 💬|email ✉
phone ☎|telephone ☎|iphone 📱|computer 💻|memo 📝|pencil 📝|clipboard 📋|pushpin 📌|paperclip 📎|lock 🔒|key 🔑|gear ⚙
bug 🐛|ghost 👻|jack_o_lantern 🎃|christmas_tree 🎄|santa 🎅|snowman ☃|clown_face 🤡|hankey 💩|poop 💩|shit 💩
alien 👽|space_invader 👾|robot_face 🤖|dove_of_peace 🕊|whale 🐳|unicorn_face 🦄|strawberry 🍓|banana 🍌|hotdog 🍔
champagne 🍾|coffee ☕|beer 🍺|beers 🍻|cake 🍰|gift 🎁|moneybag 💰|credit_card 💳|moyai 🗿|pill 💊
new_moon_with_face 🌚
sunny ☀|cool 🆒|ok 🆗|shrug 🤷|man-shrugging 🤷‍♂|woman-shrugging 🤷‍♀|male-technologist 👨‍💻|bow 🙇|dancer 💃
rainbow 🌈|soccer ⚽|airplane ✈|car 🚗|house 🏠|package 📦|truck 🚚|shopping_trolley 🛒|flushed 😳|relieved 😌
disappointed 😞|worried 😟|sweat_smile 😅|sweat 😓|confused 😕|pensive 😔|weary 😩|tired_face 😫
face_with_rolling_eyes 🙄
grimacing 😬|zipper_mouth_face 🤐|face_with_thermometer 🤒|money_mouth_face 🤑|relaxed ☺|stuck_out_tongue 😛
stuck_out_tongue_winking_eye 😜|yum 😋|heartbeat 💓|two_hearts 💕|purple_heart 💜|blue_heart 💙|green_heart 💚
yellow_heart 💛|black_heart 🖤|white_heart 🤍|orange_heart 🧡|heavy_exclamation_mark ❗|arrow_right ➡|arrow_left ⬅
arrow_up ⬆|arrow_down ⬇|arrows_counterclockwise 🔄|repeat 🔁|white_circle ⚪|red_circle 🔴|large_blue_circle 🔵
large_green_circle 🟢|large_yellow_circle 🟡|mag 🔍|calendar 📆|date 📅|alarm_clock ⏰
"""
_VARIANT = "\ufe0f"
_TONE = re.compile("[\U0001f3fb-\U0001f3ff]")
_PAIRS = [pair.rsplit(" ", 1) for line in _TABLE.strip().splitlines() for pair in line.split("|")]
_SIGNS: dict[str, str] = dict((name, sign) for name, sign in _PAIRS)  # noqa: C402 - pairs are lists
_NAMES: dict[str, str] = {}
for _name, _sign in _PAIRS:
    _NAMES.setdefault(_sign, _name)


def sign_of(name: str) -> str:
    """The emoji of that name, without skin tones; empty for one of a workspace's own, which nobody else has."""
    plain = name.partition("::")[0]
    if plain in _SIGNS:
        return _SIGNS[plain]
    try:
        sign = unicodedata.lookup(plain.replace("_", " ").replace("-", " "))
    except KeyError:
        return ""
    return sign if unicodedata.category(sign) == "So" else ""


def name_of(emoji: str) -> str:
    """Slack's name of an emoji; empty where it is not known."""
    plain = _TONE.sub("", emoji.replace(_VARIANT, ""))
    if plain in _NAMES:
        return _NAMES[plain]
    if len(plain) != 1 or unicodedata.category(plain) != "So":
        return ""
    return unicodedata.name(plain, "").lower().replace(" ", "_")


def sign_of_code(code: str) -> str:
    """The emoji of code points as rich text gives them: `1f44d-1f3fb`. Empty where they are none."""
    try:
        return "".join(chr(int(part, 16)) for part in code.split("-"))
    except (ValueError, OverflowError):
        return ""
