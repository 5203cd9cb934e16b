"""What people do on the page with Messenger, each as one entry: from a request to a verb of the stand-in's people."""

from __future__ import annotations

from hub.sandbox.messenger.accounts import Json, Person
from hub.sandbox.page.scene import OnMessenger, Scene
from hub.sandbox.page.wishes import MOST_FILES, NotPossible, Upload, Verb, Wish, new_name


def _messenger(scene: Scene) -> OnMessenger:
    if scene.messenger is None:
        raise NotPossible("There is no Messenger here.")
    return scene.messenger


def _who(messenger: OnMessenger, wish: Wish) -> Person:
    found = next((p for p in messenger.contacts if p.id == wish.who), None)
    if found is None:
        raise NotPossible("Nobody here has this id; reload the page.")
    return found


async def _say(scene: Scene, wish: Wish, files: list[Upload]) -> Json:
    there = _messenger(scene)
    who, reply_to = _who(there, wish), str(wish.reply_to or "") or None
    if files:
        items: list[Json] = [
            {"kind": _kind(f), "data": f.content, "file_name": f.name, "mime": f.mime} for f in files[:MOST_FILES]
        ]
        items[0]["reply_to"] = reply_to
        there.world.send_album(who, there.page, items)
    # Messenger's app sends words and files as messages of their own.
    if wish.text.strip() or not files:
        there.world.say(who, there.page, wish.text, reply_to=None if files else reply_to)
    return {}


def _kind(file: Upload) -> str:
    return file.major if file.major in ("image", "video", "audio") else "file"


async def _edit(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    there = _messenger(scene)
    there.world.edit(_who(there, wish), there.page, str(wish.message), wish.text)
    return {}


async def _delete(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    there = _messenger(scene)
    there.world.unsend(_who(there, wish), there.page, str(wish.message))
    return {}


async def _react(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    there = _messenger(scene)
    there.world.react(_who(there, wish), there.page, str(wish.message), wish.text or None)
    return {}


async def _press(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    """Presses a button of a card, or one of the replies that are offered."""
    there = _messenger(scene)
    who = _who(there, wish)
    if wish.message:
        url = there.world.press_button(who, there.page, wish.text)
        return {"url": url} if url else {}
    there.world.press_quick_reply(who, there.page, wish.text)
    return {}


async def _begin(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    there = _messenger(scene)
    there.world.get_started(_who(there, wish), there.page)
    return {}


async def _block(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    there = _messenger(scene)
    who = _who(there, wish)
    blocked = there.world.thread(who, there.page).blocked
    (there.world.unblock if blocked else there.world.block)(who, there.page)
    return {}


async def _new_contact(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    return {"id": _messenger(scene).new_contact(*new_name(wish)).id}


VERBS: dict[str, Verb] = {
    "say": _say,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "press": _press,
    "begin": _begin,
    "block": _block,
    "new_contact": _new_contact,
}
