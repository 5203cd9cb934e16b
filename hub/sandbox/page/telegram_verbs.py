"""What people do on the page with Telegram, each as one entry: from a request to a verb of the stand-in's people."""

from __future__ import annotations

from typing import Any

from hub.sandbox.page.scene import Scene
from hub.sandbox.page.shapes import topic_number
from hub.sandbox.page.wishes import ANSWER_SECONDS, MOST_FILES, NotPossible, Upload, Verb, Wish, new_name
from hub.sandbox.telegram.accounts import Chat, Json, User

# -- who and where ---------------------------------------------------------------------------------------------------


def _who(scene: Scene, wish: Wish) -> User:
    found = next((u for u in [*scene.contacts, *scene.agents] if str(u.id) == str(wish.who)), None)
    if found is None:
        raise NotPossible("Nobody here has this id; reload the page.")
    return found


def chat_of(scene: Scene, who: User, where: str) -> Chat:
    """The chat of a place, as that person has it."""
    if where == "phone":
        return scene.world.private_chat(who, scene.shop_bot)
    if where == "private":
        return scene.world.private_chat(who, scene.admin_bot)
    return scene.group


def _how(wish: Wish) -> dict[str, Any]:
    thread = None if wish.where in ("phone", "private") else topic_number(wish.where)
    how: dict[str, Any] = {"thread": thread, "reply_to": int(wish.reply_to) or None}
    if wish.reply_to_whisper:
        how["reply_to_whisper"] = wish.reply_to_whisper
    return how


# -- verbs -----------------------------------------------------------------------------------------------------------


async def _say(scene: Scene, wish: Wish, files: list[Upload]) -> Json:
    who = _who(scene, wish)
    chat = chat_of(scene, who, wish.where)
    if not files:
        scene.world.say(who, chat, wish.text, **_how(wish))
    elif len(files) == 1:
        _send_one(scene, wish, files[0])
    else:
        items = [{"kind": _kind(f), "data": f.content, "file_name": f.name, "mime": f.mime} for f in files[:MOST_FILES]]
        items[0]["caption"] = wish.text
        scene.world.send_album(who, chat, items, _how(wish)["thread"])
    return {}


def _send_one(scene: Scene, wish: Wish, file: Upload) -> None:
    who = _who(scene, wish)
    how = {**_how(wish), "caption": wish.text, "file_name": file.name, "mime": file.mime}
    scene.world.send_media(who, chat_of(scene, who, wish.where), _kind(file), file.content, **how)


def _kind(file: Upload) -> str:
    """How the apps would send it."""
    if file.mime == "image/gif":
        return "animation"
    if file.mime in ("image/jpeg", "image/png", "image/webp"):
        return "photo"
    return {"video": "video", "audio": "audio"}.get(file.major, "document")


async def _edit(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    who = _who(scene, wish)
    chat = chat_of(scene, who, wish.where)
    body = scene.world.stored(chat, wish.number).body
    if "text" in body:
        scene.world.edit(who, chat, wish.number, text=wish.text)
    else:
        scene.world.edit(who, chat, wish.number, caption=wish.text)
    return {}


async def _delete(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    who = _who(scene, wish)
    chat = chat_of(scene, who, wish.where)
    if scene.world.stored(chat, wish.number).sender is not who:
        raise NotPossible("People can delete only their own messages here.")
    scene.world.delete(who, chat, wish.number)
    return {}


async def _react(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    who = _who(scene, wish)
    scene.world.react(who, chat_of(scene, who, wish.where), wish.number, wish.text or None)
    return {}


async def _press(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    who = _who(scene, wish)
    chat = chat_of(scene, who, wish.where)
    if wish.whisper:
        tap = scene.world.press_ephemeral(who, chat, wish.whisper, wish.text)
    else:
        tap = scene.world.press(who, chat, wish.number, wish.text)
    if tap.url:
        return {"url": tap.url}
    try:
        await tap.answer(ANSWER_SECONDS)
    except TimeoutError:
        raise NotPossible("The bot does not answer this button.") from None
    return {"text": tap.text, "alert": tap.alert}


async def _start(scene: Scene, wish: Wish, _files: list[Upload]) -> Json:
    """Opens a bot by a link: `text` is the bot's name, a space, and what the link carries."""
    who = _who(scene, wish)
    name, _, payload = wish.text.partition(" ")
    bot = scene.bot_called(name)
    if bot is None:
        raise NotPossible("This link leads out of the demo.")
    scene.world.start(who, bot, payload)
    return {"where": "phone" if bot is scene.shop_bot else "private"}


async def _block(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    who = _who(scene, wish)
    chat = scene.world.private_chat(who, scene.shop_bot)
    (scene.world.unblock if chat.blocked else scene.world.block)(who, scene.shop_bot)
    return {}


async def _new_contact(scene: Scene, wish: Wish, _files: list[Upload]) -> Json:
    return {"id": scene.new_contact(*new_name(wish)).id}


async def _delete_topic(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    number = topic_number(wish.where)
    if number is None:
        raise NotPossible("General cannot be deleted.")
    scene.world.delete_topic(_who(scene, wish), scene.group, number)
    return {}


VERBS: dict[str, Verb] = {
    "say": _say,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "press": _press,
    "start": _start,
    "block": _block,
    "new_contact": _new_contact,
    "delete_topic": _delete_topic,
}
