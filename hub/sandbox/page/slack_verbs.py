"""What people do on the page with Slack, each as one entry: from a request to a verb of the stand-in's people."""

from __future__ import annotations

from collections.abc import Callable

from hub.sandbox.page.emoji import name_of
from hub.sandbox.page.scene import OnSlack, Scene
from hub.sandbox.page.wishes import ANSWER_SECONDS, MOST_FILES, NotPossible, Upload, Verb, Wish, new_name
from hub.sandbox.slack.accounts import App, Channel, Json, User
from hub.sandbox.slack.interactions import Knock

_Deed = Callable[[OnSlack, User, Wish], Knock]


def _slack(scene: Scene) -> OnSlack:
    if scene.slack is None:
        raise NotPossible("There is no Slack here.")
    return scene.slack


def _who(slack: OnSlack, wish: Wish) -> User:
    found = next((u for u in [*slack.agents, *slack.contacts] if u.id == wish.who), None)
    if found is None:
        raise NotPossible("Nobody here has this id; reload the page.")
    return found


def _where(slack: OnSlack, wish: Wish) -> Channel | App:
    match wish.where:
        case "phone":
            return slack.shop_app
        case "channel":
            return slack.desk
        case "direct":
            return slack.app
        case _:
            raise NotPossible("There is no such place.")


# -- messages ----------------------------------------------------------------------------------------------------------


async def _say(scene: Scene, wish: Wish, files: list[Upload]) -> Json:
    """Writes. A line that begins with a slash is a command there, as in Slack's apps; in threads it is refused."""
    slack = _slack(scene)
    who, where = _who(slack, wish), _where(slack, wish)
    if files:
        items = [{"data": f.content, "name": f.name, "mimetype": f.mime} for f in files[:MOST_FILES]]
        slack.world.upload_many(who, where, items, text=wish.text, thread=wish.thread)
    elif wish.text.startswith("/") and not wish.text.startswith("//"):
        command, _, line = wish.text.strip().partition(" ")
        await _answered(slack.world.slash(who, where, command, line.strip(), thread=wish.thread))
    elif wish.text.strip():
        slack.world.say(who, where, wish.text, thread=wish.thread)
    else:
        raise NotPossible("There is nothing to send.")
    return {}


async def _edit(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    slack = _slack(scene)
    slack.world.edit(_who(slack, wish), _where(slack, wish), str(wish.message), wish.text)
    return {}


async def _delete(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    slack = _slack(scene)
    slack.world.delete(_who(slack, wish), _where(slack, wish), str(wish.message))
    return {}


async def _react(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    """Puts a reaction on a message: the emoji, or its name. Takes it away where it was there."""
    slack = _slack(scene)
    who, where, ts, name = _who(slack, wish), _where(slack, wish), str(wish.message), name_of(wish.text)
    channel = slack.world.place(who, where)
    there = who.id in slack.world.reactions(channel, ts).get(name, [])
    (slack.world.unreact if there else slack.world.react)(who, where, ts, name)
    return {}


# -- what apps answer --------------------------------------------------------------------------------------------------


async def _answered(knock: Knock) -> Json:
    try:
        await knock.answer(ANSWER_SECONDS)
    except TimeoutError:
        raise NotPossible(f"{knock.by.app.name} does not answer.") from None
    if knock.trouble:
        raise NotPossible(f"{knock.by.app.name} did not take this: {knock.trouble.replace('_', ' ')}.")
    return {}


def _knocks(deed: _Deed) -> Verb:
    async def verb(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
        slack = _slack(scene)
        return await _answered(deed(slack, _who(slack, wish), wish))

    return verb


def _press(slack: OnSlack, who: User, wish: Wish) -> Knock:
    """Presses a button (`action`), of a message or of what the app shows: an open dialog, else its Home."""
    if wish.where == "view":
        return slack.world.press_view(who, slack.app, wish.action)
    return slack.world.press(who, _where(slack, wish), str(wish.message), wish.action)


def _choose(slack: OnSlack, who: User, wish: Wish) -> Knock:
    """Chooses `text` in a menu (`action`): an option's value, or a person's id."""
    if wish.where == "view":
        return slack.world.press_view(who, slack.app, wish.action, wish.text)
    return slack.world.choose(who, _where(slack, wish), str(wish.message), wish.action, wish.text)


def _shortcut(slack: OnSlack, who: User, wish: Wish) -> Knock:
    return slack.world.shortcut(who, _where(slack, wish), str(wish.message), wish.action, app=slack.app)


def _submit(slack: OnSlack, who: User, wish: Wish) -> Knock:
    return slack.world.submit(who, wish.values)


async def _close(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    slack = _slack(scene)
    knock = slack.world.close_modal(_who(slack, wish))
    return await _answered(knock) if knock is not None else {}


async def _open_home(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    slack = _slack(scene)
    slack.world.open_home(_who(slack, wish), slack.app)
    return {}


async def _new_contact(scene: Scene, wish: Wish, _: list[Upload]) -> Json:
    return {"id": _slack(scene).new_contact(*new_name(wish)).id}


VERBS: dict[str, Verb] = {
    "say": _say,
    "edit": _edit,
    "delete": _delete,
    "react": _react,
    "press": _knocks(_press),
    "choose": _knocks(_choose),
    "shortcut": _knocks(_shortcut),
    "submit": _knocks(_submit),
    "close": _close,
    "open_home": _open_home,
    "new_contact": _new_contact,
}
