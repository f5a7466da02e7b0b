"""The way out to Slack as the clockwork sees it; the wiring provides it. Nothing in it sends again by itself."""

from datetime import datetime
from typing import Any, Protocol

from tiercore.notifications.types import Posted

Body = dict[str, Any]


class RetryLater(Exception):
    """Slack took nothing, and says when to ask again: in so many seconds."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Rejected(Exception):
    """Slack took nothing and never will: the channel is gone, the token revoked."""


class Unconfirmed(Exception):
    """No answer came: whether Slack took the message is not known."""


class HistoryUnavailable(Exception):
    """The app may not read the channel's history."""


class Poster(Protocol):
    """Posts and looks. Posting may raise RetryLater, Never and Unconfirmed."""

    async def post(self, place: str, body: Body, mark: str, root: Posted | None) -> Posted:
        """Post a message to a channel or user, or into the thread of `root`; its metadata carry the mark."""

    async def change(self, posted: Posted, body: Body) -> Posted:
        """Let a message say something else. Doing it twice is doing it once."""

    async def find(self, place: str, mark: str, since: datetime, root: Posted | None) -> list[Posted]:
        """The messages with the mark, the first one first. Raises HistoryUnavailable, and what posting may raise."""

    async def remove(self, posted: Posted) -> None:
        """Take a message away; one that is gone is gone. Raises what posting may raise."""
