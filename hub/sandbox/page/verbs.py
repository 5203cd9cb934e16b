"""What a person can do on the page: each network's verbs by name."""

from __future__ import annotations

from collections.abc import Mapping

from hub.sandbox.page.messenger_verbs import VERBS as MESSENGER
from hub.sandbox.page.scene import Scene
from hub.sandbox.page.slack_verbs import VERBS as SLACK
from hub.sandbox.page.telegram_verbs import VERBS as TELEGRAM
from hub.sandbox.page.wishes import NotPossible, Upload, Verb, Wish
from hub.sandbox.telegram.accounts import Json

_VERBS: Mapping[str, Mapping[str, Verb]] = {
    "telegram": TELEGRAM,
    "slack": SLACK,
    "messenger": MESSENGER,
}


async def do(scene: Scene, wish: Wish, files: list[Upload]) -> Json:
    """Does it. Raises NotPossible with one sentence."""
    verbs = _VERBS.get(wish.network)
    if verbs is None:
        raise NotPossible(f"There is no network {wish.network[:20]!r}; there are: {', '.join(_VERBS)}.")
    verb = verbs.get(wish.verb)
    if verb is None:
        raise NotPossible(f"There is no verb {wish.verb[:20]!r}; there are: {', '.join(verbs)}.")
    try:
        return await verb(scene, wish, files)
    except (ValueError, KeyError) as error:
        raise NotPossible(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    said = str(error.args[0]) if isinstance(error, ValueError) and error.args else "that is not there any more"
    return said[:1].upper() + said[1:].rstrip(".") + "."
