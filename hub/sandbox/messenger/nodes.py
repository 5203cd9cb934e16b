"""Reading and subscribing: the page itself, people's profiles, tokens, and which app hears of what."""

from __future__ import annotations

from hub.sandbox.messenger.accounts import ALL_FIELDS, App, Json
from hub.sandbox.messenger.graph import Ask
from hub.sandbox.messenger.refusals import Refusal, bad, no_such

_PAGE_FIELDS = ("id", "name", "category", "link", "username")
_PERSON_FIELDS = ("id", "name", "first_name", "last_name", "profile_pic")
_ASK_FOR_THESE = ("locale", "timezone", "gender")
"""Given to apps with further rights only; others get an answer without them."""


def _asked(ask: Ask, known: tuple[str, ...], default: str) -> list[str]:
    names = [name for name in str(ask.fields.get("fields", default)).split(",") if name]
    for name in names:
        if name not in known:
            raise bad(f"Tried accessing nonexisting field ({name})")
    return list(dict.fromkeys(["id", *names]))


async def me(ask: Ask) -> Json:
    """GET /me, and GET /{page}: the token's page."""
    page = ask.page()
    found = {"id": page.id, "name": page.name, "category": "Shop", "link": f"https://www.facebook.com/{page.id}"}
    return {name: found[name] for name in _asked(ask, _PAGE_FIELDS, "id,name") if name in found}


async def profile(ask: Ask) -> Json:
    """GET /{psid}: as far as the person and the token let it be seen."""
    token, psid = ask.token(), ask.request.path[0]
    thread = token.page.threads.get(psid)
    names = _asked(ask, _PERSON_FIELDS + _ASK_FOR_THESE, "id,first_name,last_name,profile_pic")
    if thread is None or thread.person.gone:
        raise no_such(psid)
    ask.needs("pages_messaging")
    if thread.person.hides:
        raise Refusal(100, 2018218)
    person = thread.person
    full = f"{person.first_name} {person.last_name}".strip()
    found = {"id": psid, "first_name": person.first_name, "last_name": person.last_name, "name": full}
    found["profile_pic"] = ask.world.url(ask.world.portrait(person))
    return {name: found[name] for name in names if found.get(name)}


async def app_node(ask: Ask) -> Json:
    """GET /app: the token's app."""
    app = ask.principal if isinstance(ask.principal, App) else ask.token().app
    names = _asked(ask, ("id", "name", "link"), "id,name")
    return {name: value for name, value in app.as_json().items() if name in names}


async def debug_token(ask: Ask) -> Json:
    """GET /debug_token: what a token is good for; asked by its app."""
    app = ask.principal
    if not isinstance(app, App):
        raise Refusal(100, 0, "(#100) You must provide an app access token, or a user access token that is an owner")
    token = ask.world.token_of(str(ask.fields.get("input_token", "")))
    if token is None:
        invalid = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
        return {"data": {"error": invalid, "is_valid": False, "scopes": []}}
    if token.app is not app:
        raise Refusal(100, 0, "(#100) The App_id in the input_token did not match the Viewing App")
    valid = token.state == "valid" and not 0 < token.expires_at <= ask.world.now()
    about = {"app_id": app.id, "type": "PAGE", "application": app.name, "is_valid": valid}
    more = {"scopes": list(token.scopes), "profile_id": token.page.id, "expires_at": token.expires_at}
    return {"data": about | more | {"data_access_expires_at": 0}}


# -- subscriptions -------------------------------------------------------------------------------------------------


async def subscribed_apps(ask: Ask) -> Json:
    """GET, POST and DELETE /{page}/subscribed_apps: which apps hear of the page's events."""
    page, token = ask.page(), ask.token()
    ask.needs("pages_manage_metadata")
    if ask.request.method == "GET":
        apps = [(ask.world.apps[id], fields) for id, fields in page.subscriptions.items()]
        data = [app.as_json() | {"subscribed_fields": sorted(fields)} for app, fields in apps]
        return {"data": data, "paging": {}}
    if ask.request.method == "DELETE":
        page.subscriptions.pop(token.app.id, None)
        return {"success": True}
    page.subscriptions[token.app.id] = _fields(ask, "subscribed_fields")
    return {"success": True}


def _fields(ask: Ask, name: str) -> frozenset[str]:
    given = ask.fields.get(name)
    fields = given if isinstance(given, list) else [field for field in str(given or "").split(",") if field]
    if not fields:
        raise bad(f"The parameter {name} is required.")
    for one in fields:
        if one not in ALL_FIELDS:
            raise bad(f"Param {name}[0] must be one of {{{', '.join(ALL_FIELDS)}}} - got value: {str(one)!r}.")
    return frozenset(map(str, fields))


async def subscriptions(ask: Ask) -> Json:
    """GET, POST and DELETE /{app}/subscriptions: where the app is called. A new address is tried by a handshake."""
    app = ask.principal
    if not isinstance(app, App) or ask.request.path[0] not in (app.id, "app"):
        raise Refusal(15, 0, "(#15) This method must be called with an app access_token.")
    if ask.request.method == "GET":
        return {"data": [_hook(app)] if app.hook is not None else []}
    if ask.request.method == "DELETE":
        app.hook = None
        return {"success": True}
    if ask.fields.get("object") != "page":
        raise bad("Param object must be one of {page}")
    url, verify_token = str(ask.fields.get("callback_url", "")), str(ask.fields.get("verify_token", ""))
    try:
        await ask.world.set_webhook(app, url, verify_token, tuple(_fields(ask, "fields")))
    except ValueError as error:
        raise Refusal(2200, 0, f"(#2200) Callback verification failed: {error}") from None
    return {"success": True}


def _hook(app: App) -> Json:
    hook = app.hook
    fields = [{"name": name, "version": "v26.0"} for name in sorted(hook.fields)] if hook else []
    return {"object": "page", "callback_url": hook.url if hook else "", "active": True, "fields": fields}
