"""What people do to posts that stand on a desk: they write them anew, take them away, react to them."""

from __future__ import annotations

from dataclasses import dataclass

from hub.admin_bot import drafting, replies
from hub.admin_bot.call import Services
from hub.admin_bot.heard import SILENCE, Answer, ReactedTo, Rewrote, TookAway
from hub.domain import answers, gate, limits, notes, unsending
from hub.domain.assigning.teams import teams_of
from hub.domain.conversations import Act
from hub.domain.models import Contact, Conversation, Member, Message, Post
from hub.domain.ports import Tx
from hub.domain.reply import Reply
from hub.domain.text import Text

Reworked = Rewrote | TookAway | ReactedTo


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A member's hand on a post that the hub knows."""

    services: Services
    workspace: str
    tx: Tx
    post: Post
    member: Member

    @property
    def act(self) -> Act:
        """What is done by it."""
        return Act(member=self.member, at=self.services.clock(), desk=self.post.desk, thread=self.post.thread)

    @property
    def own(self) -> bool:
        """Whether the post is the member's."""
        return self.post.author == self.member.id


async def reworked(hand: Hand, heard: Reworked) -> Answer:
    """Does it, and says what is to be said of it."""
    match heard:
        case Rewrote():
            return await _rewritten(hand, heard)
        case TookAway():
            return await _taken_away(hand)
        case ReactedTo():
            return await _reacted(hand, heard)


async def _rewritten(hand: Hand, heard: Rewrote) -> Answer:
    if not hand.own:
        return SILENCE
    slip = await _slip(hand, heard.text)
    if slip is not None:
        return Answer(reply=replies.refused(slip))
    rewritten = await notes.rewrite(hand.tx, hand.act, hand.post, heard.text)
    return Answer(reply=replies.refused(rewritten.reason)) if rewritten.reason else SILENCE


async def _slip(hand: Hand, text: Text) -> str | None:
    """Why the contact is not to see the new words of a reply, though nothing kept the former ones back."""
    id = hand.post.messages[-1] if hand.post.role == "reply" and hand.post.messages else ""
    message = await hand.tx.get(Message, id)
    if message is None or gate.is_command((words := gate.reply_text(text)).plain):
        return None
    draft = await drafting.rewritten(hand.tx, hand.act, message, words)
    verdict = gate.judge_edit(draft)
    if verdict.kind == "relay" or draft.contact is None:
        return None
    reason = verdict.reason.removesuffix(".")
    return f"{draft.contact.name} still has the former words: {reason}. Edit it again, or write a note for colleagues."


async def _taken_away(hand: Hand) -> Answer:
    """An agent who deletes their own reply takes it back from the contact, where that can be; what is held, is then
    not to be sent.
    """
    tx, post = hand.tx, hand.post
    if post.role == "held" and hand.own:
        await notes.keep_as_note(tx, hand.act, post.messages[-1])
        return Answer(reply=replies.refused("Not sent: you took it away. Colleagues still see it as a note."))
    message = await tx.get(Message, post.messages[-1]) if post.messages else None
    if post.role != "reply" or not hand.own or message is None or message.state == "unsent":
        return SILENCE
    reason = limits.barred(hand.member, ("no_deletion",))
    if reason:
        return Answer(reply=replies.refused(f"The contact still has it: taking back {reason}. Ask a manager."))
    can = hand.services.channel_of(hand.workspace, message.channel)
    said = await unsending.unsend(tx, hand.act, message, can_unsend=can is not None and can.can_unsend)
    contact = await tx.get(Contact, message.contact)
    words, name = " ".join(message.text.plain.split())[:80], contact.name if contact else ""
    return Answer(reply=Reply("unsent", {"text": said, "words": words, "name": name}))


async def _reacted(hand: Hand, heard: ReactedTo) -> Answer:
    found = await hand.tx.get(Conversation, hand.post.conversation) if hand.post.conversation else None
    teams = await teams_of(hand.tx, hand.member)
    if found is None or limits.within(hand.member, found, teams):
        await answers.react(hand.tx, hand.post, heard.asker.identity, heard.emoji, heard.change)
    return SILENCE
