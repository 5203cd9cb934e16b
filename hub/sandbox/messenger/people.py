"""What people do on their phones, and the page's own people in its inbox. Apps are told as the network tells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

from hub.sandbox.messenger.accounts import INBOX_APP, App, Json, Page, Person, Stored, Thread
from hub.sandbox.messenger.files import TYPES, Upload
from hub.sandbox.messenger.refusals import Refusal
from hub.sandbox.messenger.world import World

MOST_EDITS = 5
_REACTIONS = {"👍": "like", "👎": "dislike", "❤": "love", "😆": "smile", "😮": "wow", "😢": "sad", "😠": "angry"}


class How(TypedDict, total=False):
    """How something is said. `reply_to`: a message's name; `ref`: the link's parameter that it came by."""

    reply_to: str | None
    ref: str


class Sent(How, total=False):
    """How a file is sent, beside how a text is said. `size` pretends another size."""

    file_name: str
    mime: str
    size: int


class People(World):
    """The verbs of people. A verb that the person's app would not offer raises ValueError with the reason."""

    # -- who they are ------------------------------------------------------------------------------------------

    def set_picture(self, person: Person, data: bytes) -> None:
        """Choose a picture of oneself."""
        person.picture = self.files.add("image", Upload(data)).key

    # -- writing -----------------------------------------------------------------------------------------------

    def say(self, person: Person, page: Page, text: str, **how: Unpack[How]) -> Json:
        """Write a text; returns the message as the phone shows it."""
        if not text.strip():
            raise ValueError("the app sends no empty text")
        return self._speak(person, page, {"text": text}, how)

    def send_media(self, person: Person, page: Page, kind: str, data: bytes, **how: Unpack[Sent]) -> Json:
        """Send an image, audio, video or file; `voice` is audio recorded in the chat."""
        return self.send_album(person, page, [{"kind": kind, "data": data, **how}])

    def send_album(self, person: Person, page: Page, items: Sequence[Json], text: str = "") -> Json:
        """Send several files in one message: each item has `kind`, `data` and perhaps `file_name`, `mime`, `size`."""
        attachments = [self._kept(item) for item in items]
        how: How = {"reply_to": items[0].get("reply_to")}
        return self._speak(person, page, {"text": text, "attachments": attachments}, how)

    def _kept(self, item: Json) -> Json:
        kind = "audio" if item["kind"] == "voice" else item["kind"]
        if kind not in TYPES:
            raise ValueError(f"the app sends no {kind!r}; it sends voice, {', '.join(TYPES)}")
        upload = Upload(item["data"], item.get("file_name") or "", item.get("mime") or "", item.get("size", 0))
        if kind == "audio" and not upload.name and item["kind"] != "voice":
            upload = Upload(upload.content, "song.mp3", upload.mime, upload.size)
        try:
            return {"type": kind, "file": self.files.add(kind, upload).key}
        except Refusal as refusal:
            raise ValueError(refusal.message) from None

    def send_sticker(self, person: Person, page: Page, data: bytes, sticker_id: int = 369239263222822) -> Json:
        """Send a sticker; since August 2026 it is a type of its own."""
        file = self.files.add("sticker", Upload(data))
        attachment = {"type": "sticker", "file": file.key, "payload": {"sticker_id": sticker_id}}
        return self._speak(person, page, {"attachments": [attachment]}, {})

    def send_location(self, person: Person, page: Page, latitude: float, longitude: float, title: str = "") -> Json:
        """Share a place on the map."""
        shape = {"type": "location", "title": title or f"{person.first_name}'s Location"}
        payload = {"coordinates": {"lat": latitude, "long": longitude}}
        return self._speak(person, page, {"attachments": [shape | {"payload": payload}]}, {})

    def share(self, person: Person, page: Page, url: str, title: str = "", kind: str = "fallback") -> Json:
        """Share a web page (`fallback`), a `post`, `reel`, `ig_post` or `ig_reel`."""
        attachment: Json = {"type": kind, "payload": {"url": url, "title": title}}
        if kind == "fallback":
            attachment = {"type": kind, "title": title, "url": url, "payload": None}
        return self._speak(person, page, {"attachments": [attachment]}, {})

    def send_attachments(self, person: Person, page: Page, attachments: list[Json], text: str = "") -> Json:
        """Send attachments as they will be told to apps, also those of types the stand-in does not know."""
        return self._speak(person, page, {"text": text, "attachments": attachments}, {})

    def _speak(self, person: Person, page: Page, body: Json, how: How) -> Json:
        thread = self._writable(person, page)
        if how.get("reply_to"):
            body["reply_to"] = self.message(thread, how["reply_to"] or "").mid
        stored = self.store(thread, self.new_message("contact", body))
        self._act(thread)
        more = {"referral": _referral(how["ref"])} if how.get("ref") else {}
        self._tell(thread, stored, more)
        return self.shown(thread, stored)

    def _writable(self, person: Person, page: Page) -> Thread:
        if person.gone:
            raise ValueError(f"{person.first_name} has left the network")
        thread = self.thread(person, page)
        thread.blocked = False
        return thread

    def _act(self, thread: Thread) -> None:
        thread.last_act = self.now()

    def _tell(self, thread: Thread, stored: Stored, more: Json) -> None:
        message: Json = {"mid": stored.mid}
        if stored.body.get("text"):
            message["text"] = stored.body["text"]
        if stored.body.get("attachments"):
            message["attachments"] = [self.attachment_event(a) for a in stored.body["attachments"]]
        if "reply_to" in stored.body:
            own = thread.messages[stored.body["reply_to"]].author == "contact"
            message["reply_to"] = {"mid": stored.body["reply_to"], "is_self_reply": own}
        self.emit(thread.page, "messages", self.event(thread, {"message": message | more}, stored.at), thread)

    # -- pressing ----------------------------------------------------------------------------------------------

    def press_quick_reply(self, person: Person, page: Page, title: str) -> Json:
        """Press a suggestion under the newest message. ValueError when it is not offered any more."""
        thread = self._writable(person, page)
        newest = next(reversed(thread.messages.values()), None)
        offered = newest.body.get("quick_replies", []) if newest is not None else []
        reply = next((r for r in offered if r.get("title") == title), None)
        if reply is None:
            raise ValueError(f"there is no quick reply {title!r}; there are: {[r.get('title') for r in offered]}")
        stored = self.store(thread, self.new_message("contact", {"text": title}))
        self._act(thread)
        self._tell(thread, stored, {"quick_reply": {"payload": reply["payload"]}})
        return self.shown(thread, stored)

    def press_button(self, person: Person, page: Page, title: str) -> str:
        """Press a button of a card; gives the address of one that is a link, which no app is told of."""
        thread = self._writable(person, page)
        buttons = [button for stored in thread.messages.values() for button in stored.body.get("buttons", [])]
        button = next((b for b in reversed(buttons) if b.get("title") == title), None)
        if button is None:
            raise ValueError(f"there is no button {title!r}; there are: {[b.get('title') for b in buttons]}")
        if button["type"] != "postback":
            return str(button.get("url", ""))
        self._postback(thread, {"title": title, "payload": button["payload"]})
        return ""

    def get_started(self, person: Person, page: Page, payload: str = "GET_STARTED", ref: str = "") -> None:
        """Open the conversation by its first button, perhaps by a link with a parameter."""
        referral = {"referral": _referral(ref)} if ref else {}
        self._postback(self._writable(person, page), {"title": "Get Started", "payload": payload} | referral)

    def _postback(self, thread: Thread, postback: Json) -> None:
        self._act(thread)
        stored = self.new_message("contact", {"text": postback["title"]})
        self.store(thread, stored)
        what = {"postback": {"mid": stored.mid} | postback}
        self.emit(thread.page, "messaging_postbacks", self.event(thread, what, stored.at), thread)

    def open_link(self, person: Person, page: Page, ref: str) -> None:
        """Come back to a conversation by a link with a parameter."""
        thread = self._writable(person, page)
        self._act(thread)
        self.emit(page, "messaging_referrals", self.event(thread, {"referral": _referral(ref)}), thread)

    def opt_in(self, person: Person | None, page: Page, ref: str) -> None:
        """Consent on a page's plugin; a visitor who is nobody yet (None) is known by a reference of the plugin's."""
        if person is not None:
            thread = self._writable(person, page)
            self._act(thread)
            self.emit(page, "messaging_optins", self.event(thread, {"optin": {"ref": ref}}), thread)
            return
        event = {"sender": {"user_ref": f"visitor-{self.stamp()}"}, "recipient": {"id": page.id}}
        self.emit(page, "messaging_optins", event | {"timestamp": self.stamp(), "optin": {"ref": ref}})

    # -- changing ----------------------------------------------------------------------------------------------

    def edit(self, person: Person, page: Page, mid: str, text: str) -> Json:
        """Change a text of one's own, at most five times."""
        thread = self.thread(person, page)
        stored = self.message(thread, mid)
        if stored.author != "contact" or "text" not in stored.body:
            raise ValueError("people can edit only their own texts")
        if stored.edits >= MOST_EDITS:
            raise ValueError(f"a message can be edited {MOST_EDITS} times")
        stored.edits += 1
        stored.body["text"] = text
        self.changes.add("edited", thread, message=self.shown(thread, stored))
        what = {"message_edit": {"mid": mid, "text": text, "num_edit": stored.edits}}
        self.emit(page, "message_edits", self.event(thread, what), thread)
        return self.shown(thread, stored)

    def unsend(self, person: Person, page: Page, mid: str) -> None:
        """Take a message of one's own back; the network tells no app."""
        thread = self.thread(person, page)
        if self.message(thread, mid).author != "contact":
            raise ValueError("people can unsend only their own messages")
        del thread.messages[mid]
        self.changes.add("deleted", thread, mid=mid)

    def react(self, person: Person, page: Page, mid: str, emoji: str | None) -> None:
        """Put a reaction on a message, or (None) take it away. It opens the window as a message does."""
        thread = self._writable(person, page)
        stored = self.message(thread, mid)
        old = stored.reactions.pop("contact", "")
        if emoji:
            stored.reactions["contact"] = emoji
        shown = emoji or old
        what = {"action": "react" if emoji else "unreact", "reaction": _REACTIONS.get(shown, "other"), "mid": mid}
        self._act(thread)
        self.changes.add("reaction", thread, mid=mid, reactions=dict(stored.reactions))
        event = self.event(thread, {"reaction": what | {"emoji": shown}})
        self.emit(page, "message_reactions", event, thread)

    def read(self, person: Person, page: Page) -> None:
        """Look at the conversation: all that the page sent so far is read."""
        thread = self.thread(person, page)
        what = {"read": {"watermark": self.stamp()}}
        self.emit(page, "message_reads", self.event(thread, what), thread)

    # -- the person and the page -------------------------------------------------------------------------------

    def block(self, person: Person, page: Page) -> None:
        """Block the page; no app is told."""
        self.thread(person, page).blocked = True

    def unblock(self, person: Person, page: Page) -> None:
        """Let the page write again; no app is told."""
        self.thread(person, page).blocked = False

    def mute(self, person: Person, page: Page, on: bool = True) -> None:
        """Cannot get the page's messages just now (10/2018108)."""
        self.thread(person, page).muted = on

    def leave(self, person: Person) -> None:
        """Leave the network for good."""
        person.gone = True

    def offline(self, person: Person, page: Page, on: bool = True) -> None:
        """Switch the phone off: nothing is reported as delivered until it is on again."""
        thread = self.thread(person, page)
        thread.online = not on
        if not on:
            self.delivered(thread, [])

    def age(self, person: Person, page: Page, seconds: float) -> None:
        """Let the person's last act be so much longer ago, and nothing else."""
        thread = self.thread(person, page)
        thread.last_act = (thread.last_act if thread.last_act is not None else self.now()) - seconds

    def delivered(self, thread: Thread, mids: list[str]) -> None:
        """Tell apps that what was sent has arrived on the phone."""
        what: Json = {"delivery": {"watermark": self.stamp()}}
        if mids:
            what["delivery"]["mids"] = mids
        event = self.event(thread, what)
        self.emit(thread.page, "message_deliveries", event, thread)

    def inbox_reply(self, page: Page, person: Person, text: str) -> Json:
        """Somebody answers in the page's own inbox; apps hear of it as an echo."""
        thread = self.thread(person, page)
        stored = self.store(thread, self.new_message("page", {"text": text}, INBOX_APP))
        self.echo(thread, stored)
        return self.shown(thread, stored)

    def echo(self, thread: Thread, stored: Stored) -> None:
        """Tell apps what the page sent."""
        message: Json = {"mid": stored.mid, "is_echo": True, "app_id": int(stored.app_id)}
        for name in ("text", "metadata"):
            if stored.body.get(name):
                message[name] = stored.body[name]
        if stored.body.get("attachments"):
            message["attachments"] = [self.attachment_event(a) for a in stored.body["attachments"]]
        if "reply_to" in stored.body:
            message["reply_to"] = {"mid": stored.body["reply_to"]}
        event = self.event(thread, {"message": message}, stored.at, by_page=True)
        self.emit(thread.page, "message_echoes", event, thread)

    def hand_over(self, page: Page, person: Person, to: App | None, metadata: str = "") -> None:
        """Give a conversation to an app, or (None) to the page's inbox; the old and the new owner are told."""
        thread = self.thread(person, page)
        before, thread.owner = thread.owner, to.id if to is not None else INBOX_APP
        control = {"new_owner_app_id": thread.owner, "previous_owner_app_id": before or None, "metadata": metadata}
        self.emit(page, "messaging_handovers", self.event(thread, {"pass_thread_control": control}))

    def release(self, page: Page, person: Person) -> None:
        """Let every subscribed app have the conversation again."""
        self.thread(person, page).owner = ""

    def restrict(self, page: Page, reason: str = "Spam", on: bool = True) -> None:
        """The network acts on its policy against the page; apps are told by an event without a sender."""
        page.restricted = on
        what = {"action": "block" if on else "unblock", "reason": reason}
        event = {"recipient": {"id": page.id}, "timestamp": self.stamp(), "policy_enforcement": what}
        self.emit(page, "messaging_policy_enforcement", event)


def _referral(ref: str) -> Json:
    return {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
