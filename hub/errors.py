"""Everything that can go wrong, as a small tree by what the reader can do about it.

The docstring of a class is the sentence shown where no better one is given. Text given to an error is shown to
people: it must say what would be right, and never hold a secret.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence


class HubError(Exception):
    """Something went wrong in the hub."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text or inspect.cleandoc(type(self).__doc__ or "").split("\n\n", maxsplit=1)[0])

    @property
    def text(self) -> str:
        """The sentence to show."""
        return str(self.args[0])


# -- what was asked for cannot be: the asker can mend it --


class Refused(HubError):
    """That cannot be done."""


class Invalid(Refused):
    """That is not written as it should be."""


class NotAllowed(Refused):
    """Your role does not allow that."""


class NotFound(Refused):
    """There is no such thing here."""


class Ambiguous(Refused):
    """That could mean several things; say which."""


class Taken(Refused):
    """That is somebody else's already."""


class TooMany(Refused):
    """That was tried too often; wait a little."""

    def __init__(self, text: str = "", seconds: float = 0.0) -> None:
        """`seconds`: how long to wait."""
        super().__init__(text)
        self.seconds = seconds


class Stale(Refused):
    """It has changed meanwhile; look again before you press."""


# -- what came from a network is not what it claims --


class NotGenuine(HubError):
    """The request does not prove that it comes from the network."""


class Anomalous(HubError):
    """No network would send this payload."""


class Malformed(Anomalous):
    """That is no body that a network sends: nothing in it can be read."""


class Unstorable(HubError):
    """It cannot be kept as it is."""


# -- what was to go out did not: the host decides by the kind --


class DeliveryError(HubError):
    """It could not be delivered."""


class TemporaryFailure(DeliveryError):
    """The network could not take it just now; it will be tried again."""

    def __init__(self, text: str = "", retry_after: float | None = None, limited: bool = False) -> None:
        """`retry_after`: seconds the network asked for; `limited`: it was a rate limit."""
        super().__init__(text)
        self.retry_after = retry_after
        self.limited = limited


class ChannelPaused(TemporaryFailure):
    """The channel is paused; what is to be sent waits until it is connected again."""


class Uncertain(DeliveryError):
    """The network took the request but its answer was lost: it may have been delivered, or not."""

    def __init__(self, text: str = "", arrived: Sequence[str] = (), whose: Sequence[int] = ()) -> None:
        """`arrived`: the network's names of the messages that certainly did arrive, in order; `whose`: as in Sent, and
        of those too that were still to be sent.
        """
        super().__init__(text)
        self.arrived = tuple(arrived)
        self.whose = tuple(whose)


class Undeliverable(DeliveryError):
    """The network refused it for good."""


class Blocked(Undeliverable):
    """The contact has blocked us; they must write first."""


class WindowClosed(Undeliverable):
    """The network lets us answer only for a while after the contact wrote; they must write again first."""


class Gone(Undeliverable):
    """The chat does not exist any more."""


class TooLarge(Undeliverable):
    """It is larger than the network allows."""


class ChannelDead(Undeliverable):
    """The network refuses the channel's token; connect the channel again."""


class ThreadGone(DeliveryError):
    """The desk's topic or thread was deleted, closed or lost."""


class DeskMoved(DeliveryError):
    """The desk's chat got a new identity on its network."""

    def __init__(self, text: str = "", chat: str = "") -> None:
        """`chat`: the new identity of the desk's chat."""
        super().__init__(text)
        self.chat = chat


class BotUnfit(DeliveryError):
    """A further account of a desk may not post there any more; the others go on."""


# -- the installation: the operator can mend it --


class Misconfigured(HubError):
    """A setting is missing or wrong."""


class Unavailable(HubError):
    """The database cannot be reached just now."""


class AlreadyRunning(Misconfigured):
    """Another hub already uses this data directory; stop it first, or give this one another HUB_DATA_DIR."""
