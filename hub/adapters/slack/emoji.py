"""Slack's names of emojis, in which it tells of reactions and writes them in plain messages.

Many are Unicode's own names; the table holds the common ones that are not. Flags and keycaps follow rules.
"""

from __future__ import annotations

import re
import unicodedata

CUSTOM_EMOJI = "👾"
"""Stands for a reaction with an emoji of a workspace's own, whose picture only the network has."""

_TABLE = """
👍 +1 thumbsup|👎 -1 thumbsdown|❤ heart red_heart|🎉 tada|😄 smile|😃 smiley|😀 grinning|😁 grin
😆 laughing satisfied|😂 joy|🤣 rolling_on_the_floor_laughing rofl|😉 wink|😊 blush|😇 innocent
🙂 slightly_smiling_face|😅 sweat_smile|🙃 upside_down_face|😍 heart_eyes|😘 kissing_heart|😗 kissing
😙 kissing_smiling_eyes|😚 kissing_closed_eyes|🤩 star-struck grinning_face_with_star_eyes|🥳 partying_face
😎 sunglasses|🤓 nerd_face|🧐 face_with_monocle|🤔 thinking_face|😐 neutral_face|😑 expressionless|😶 no_mouth
🤨 face_with_raised_eyebrow|😒 unamused|😏 smirk|🙄 face_with_rolling_eyes|😬 grimacing|🤥 lying_face
😌 relieved|😔 pensive|😪 sleepy|🤤 drooling_face|😴 sleeping|😷 mask|🤒 face_with_thermometer
🤕 face_with_head_bandage|🤢 nauseated_face|🤮 face_vomiting|🤧 sneezing_face|🥵 hot_face|🥶 cold_face
🥴 woozy_face|😵 dizzy_face|🤯 exploding_head|🤠 face_with_cowboy_hat|😕 confused|😟 worried
🙁 slightly_frowning_face|☹ white_frowning_face|😮 open_mouth|😯 hushed|😲 astonished|😳 flushed
🥺 pleading_face|😦 frowning|😧 anguished|😨 fearful|😰 cold_sweat|😥 disappointed_relieved|😢 cry|😭 sob
😱 scream|😖 confounded|😣 persevere|😞 disappointed|😓 sweat|😩 weary|😫 tired_face|🥱 yawning_face|😤 triumph
😡 rage|😠 angry|😈 smiling_imp|🤬 face_with_symbols_on_mouth|👿 imp|💀 skull|💩 hankey poop shit|🤡 clown_face
👻 ghost|👽 alien|🤖 robot_face|👾 space_invader|😋 yum|😛 stuck_out_tongue|😜 stuck_out_tongue_winking_eye
😝 stuck_out_tongue_closed_eyes|🤪 zany_face|🤑 money_mouth_face|🤗 hugging_face|🤭 face_with_hand_over_mouth
🤫 shushing_face|🤐 zipper_mouth_face|☺ relaxed|🥰 smiling_face_with_3_hearts|🥲 smiling_face_with_tear
🫡 saluting_face|🫠 melting_face|😺 smiley_cat|🙈 see_no_evil|🙉 hear_no_evil|🙊 speak_no_evil|💋 kiss
💌 love_letter|💘 cupid|💝 gift_heart|💖 sparkling_heart|💗 heartpulse|💓 heartbeat|💞 revolving_hearts
💕 two_hearts|💔 broken_heart|🧡 orange_heart|💛 yellow_heart|💚 green_heart|💙 blue_heart|💜 purple_heart
🤎 brown_heart|🖤 black_heart|🤍 white_heart|💯 100|💢 anger|💥 boom|💫 dizzy|💦 sweat_drops|💨 dash
💬 speech_balloon|💭 thought_balloon|💤 zzz|👋 wave|✋ hand raised_hand|👌 ok_hand|🤚 raised_back_of_hand
🖐 raised_hand_with_fingers_splayed|🖖 spock-hand|✌ v|🤞 crossed_fingers|🤟 i_love_you_hand_sign|🤘 the_horns
🤙 call_me_hand|👈 point_left|👉 point_right|👆 point_up_2|👇 point_down|☝ point_up|🖕 middle_finger|✊ fist
👊 facepunch punch|👏 clap|🙌 raised_hands|👐 open_hands|🤲 palms_up_together|🤝 handshake|🙏 pray
✍ writing_hand|💅 nail_care|🤳 selfie|💪 muscle|👀 eyes|👁 eye|👅 tongue|👄 lips|🧠 brain|👶 baby|👦 boy|👧 girl
👨 man|👩 woman|👴 older_man|👵 older_woman|🙇 bow|🤦 face_palm|🤷 shrug|💃 dancer|🕺 man_dancing
🏃 runner running|🚶 walking|🐶 dog|🐱 cat|🐭 mouse|🐹 hamster|🐰 rabbit|🦊 fox_face|🐻 bear|🐼 panda_face
🐨 koala|🐯 tiger|🦁 lion_face|🐮 cow|🐷 pig|🐸 frog|🐵 monkey_face|🐔 chicken|🐧 penguin|🐦 bird|🦆 duck
🦄 unicorn_face|🐝 bee honeybee|🐛 bug|🦋 butterfly|🐌 snail|🐢 turtle|🐍 snake|🐙 octopus|🐳 whale
🐬 dolphin flipper|🐟 fish|🌹 rose|🌻 sunflower|🌷 tulip|🌱 seedling|🌲 evergreen_tree|🍀 four_leaf_clover
🍁 maple_leaf|🍄 mushroom|🍎 apple|🍊 tangerine|🍋 lemon|🍌 banana|🍓 strawberry|🍒 cherries|🍑 peach
🍍 pineapple|🥑 avocado|🍞 bread|🧀 cheese_wedge|🍔 hamburger|🍟 fries|🍕 pizza|🌭 hotdog|🌮 taco|🍿 popcorn
🍜 ramen|🍦 icecream|🍩 doughnut|🍪 cookie|🎂 birthday|🍰 cake|🍫 chocolate_bar|🍬 candy|☕ coffee|🍵 tea
🍾 champagne|🍷 wine_glass|🍸 cocktail|🍺 beer|🍻 beers|🥂 clinking_glasses|🍽 knife_fork_plate|🌍 earth_africa
🌎 earth_americas|🌏 earth_asia|🏠 house|🏢 office|🏥 hospital|🏦 bank|🏨 hotel|🏪 convenience_store|🏫 school
🏭 factory|🚗 car red_car|🚕 taxi|🚌 bus|🚑 ambulance|🚒 fire_engine|🚚 truck|🚲 bike|🚀 rocket|✈ airplane
🚢 ship|⛵ boat sailboat|🚦 vertical_traffic_light|🚧 construction|⌛ hourglass|⏳ hourglass_flowing_sand
⌚ watch|⏰ alarm_clock|⏱ stopwatch|☀ sunny|🌙 crescent_moon|⭐ star|🌟 star2|☁ cloud|⛅ partly_sunny
☔ umbrella_with_rain_drops|⚡ zap|❄ snowflake|⛄ snowman_without_snow|☃ snowman|🔥 fire|💧 droplet|🌊 ocean
🌈 rainbow|🎃 jack_o_lantern|🎄 christmas_tree|🎅 santa|🎁 gift|🎈 balloon|🎊 confetti_ball|✨ sparkles
🏆 trophy|🥇 first_place_medal|🏅 sports_medal|⚽ soccer|🏀 basketball|🎮 video_game|🎲 game_die|🎯 dart|🎨 art
🎵 musical_note|🎶 notes|🎤 microphone|🎧 headphones|🎸 guitar|🎬 clapper|👕 shirt tshirt|👖 jeans|👗 dress
👟 athletic_shoe|👑 crown|💎 gem|💄 lipstick|💍 ring|👓 eyeglasses|📱 iphone|💻 computer|⌨ keyboard
🖥 desktop_computer|🖨 printer|💾 floppy_disk|💿 cd|📷 camera|📹 video_camera|📺 tv|📞 telephone_receiver
☎ phone telephone|🔋 battery|🔌 electric_plug|💡 bulb|🔦 flashlight|📖 book open_book|📚 books|📰 newspaper
💰 moneybag|💵 dollar|💶 euro|💳 credit_card|✉ email envelope|📧 e-mail|📨 incoming_envelope|📦 package
📫 mailbox|📝 memo pencil|✏ pencil2|📁 file_folder|📂 open_file_folder|📅 date|📆 calendar
📈 chart_with_upwards_trend|📉 chart_with_downwards_trend|📊 bar_chart|📋 clipboard|📌 pushpin|📍 round_pushpin
📎 paperclip|✂ scissors|🔒 lock|🔓 unlock|🔑 key|🔨 hammer|🔧 wrench|⚙ gear|🔗 link|🧪 test_tube|💊 pill|🚪 door
🛒 shopping_trolley|🔔 bell|🔕 no_bell|📣 mega|📢 loudspeaker|🔍 mag|🔎 mag_right|⚠ warning|🚫 no_entry_sign
⛔ no_entry|❌ x|⭕ o|❗ exclamation|❓ question|❔ grey_question|❕ grey_exclamation|‼ bangbang|⁉ interrobang
✅ white_check_mark|✔ heavy_check_mark|☑ ballot_box_with_check|✖ heavy_multiplication_x|➕ heavy_plus_sign
➖ heavy_minus_sign|➡ arrow_right|⬅ arrow_left|⬆ arrow_up|⬇ arrow_down|↩ leftwards_arrow_with_hook
🔄 arrows_counterclockwise|🔁 repeat|♻ recycle|🆗 ok|🆕 new|🆒 cool|🆓 free|🆘 sos|🔴 red_circle
🔵 large_blue_circle|🟢 large_green_circle|🟡 large_yellow_circle|🟠 large_orange_circle|⚪ white_circle
⚫ black_circle|🔺 small_red_triangle|🔶 large_orange_diamond|🏳 waving_white_flag|🏴 waving_black_flag
🏁 checkered_flag|♾ infinity|©️ copyright|®️ registered|™️ tm|🕐 clock1|🌚 new_moon_with_face|🗿 moyai
🤌 pinched_fingers|🫶 heart_hands|👨‍💻 male-technologist|👩‍💻 female-technologist|🤷‍♂ man-shrugging
🤷‍♀ woman-shrugging|🤦‍♂ man-facepalming|🤦‍♀ woman-facepalming|🙋 raising_hand|🙋‍♀ woman-raising-hand
🙋‍♂ man-raising-hand|🏳‍🌈 rainbow-flag|❤‍🔥 heart_on_fire|🇩🇪 de|🇺🇸 us|🇬🇧 gb uk|🇫🇷 fr|🇪🇸 es|🇮🇹 it|🇯🇵 jp|🇰🇷 kr
🇷🇺 ru|🇨🇳 cn|0⃣ zero|1⃣ one|2⃣ two|3⃣ three|4⃣ four|5⃣ five|6⃣ six|7⃣ seven|8⃣ eight|9⃣ nine|#⃣ hash
*⃣ keycap_star|🔟 keycap_ten
"""  # noqa: RUF001 - signs that look like others are what it is about
_VARIANT = "\ufe0f"
_FIRST_TONE = 0x1F3FB
_TONES = re.compile("[\U0001f3fb-\U0001f3ff]")
_TONE_NAME = re.compile(r"skin-tone-([2-6])")
_FLAG = re.compile(r"flag-([a-z]{2})")
_FIRST_LETTER = 0x1F1E6
_ROWS = [row.replace(_VARIANT, "").split(" ") for line in _TABLE.strip().splitlines() for row in line.split("|")]
_SIGNS: dict[str, str] = {name: row[0] for row in _ROWS for name in row[1:]}
_NAMES: dict[str, str] = {row[0]: row[1] for row in _ROWS}


def sign_of(name: str) -> str:
    """The emoji of that name, skin tone included; empty for one of a workspace's own, which nobody else has."""
    plain, _, tone = name.partition("::")
    sign = _SIGNS.get(plain) or _flag(plain) or _of_unicode(plain)
    toned = _TONE_NAME.fullmatch(tone)
    if not sign or (tone and not toned):
        return ""
    return sign[0] + chr(_FIRST_TONE + int(toned[1]) - 2) + sign[1:] if toned else sign


def _flag(name: str) -> str:
    found = _FLAG.fullmatch(name)
    return "".join(chr(_FIRST_LETTER + ord(letter) - ord("a")) for letter in found[1]) if found else ""


def _of_unicode(name: str) -> str:
    try:
        sign = unicodedata.lookup(name.replace("_", " ").replace("-", " "))
    except (KeyError, UnicodeEncodeError):
        return ""
    return sign if len(sign) == 1 and unicodedata.category(sign) == "So" else ""


def sign_of_code(code: str) -> str:
    """The emoji of code points as rich text gives them: `1f44d-1f3fb`. Empty where they are none."""
    try:
        sign = "".join(chr(int(part, 16)) for part in code.split("-"))
        sign.encode()
    except (ValueError, OverflowError):
        return ""
    return sign


def reaction_of(name: str) -> str:
    """The emoji of a reaction, without skin tone, which the other networks lack."""
    return _TONES.sub("", sign_of(name)) or CUSTOM_EMOJI


def name_of(emoji: str) -> str:
    """Slack's name of an emoji; empty where it is not known."""
    plain = _TONES.sub("", emoji.replace(_VARIANT, ""))
    if plain in _NAMES:
        return _NAMES[plain]
    letters = [ord(sign) - _FIRST_LETTER for sign in plain]
    if len(letters) == 2 and all(0 <= letter < 26 for letter in letters):
        return "flag-" + "".join(chr(ord("a") + letter) for letter in letters)
    if len(plain) != 1 or unicodedata.category(plain) != "So":
        return ""
    return unicodedata.name(plain, "").lower().replace(" ", "_")
