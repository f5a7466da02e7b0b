"""Slack as the scheduler sees it; the wiring provides the implementation, which never retries on its own."""

from datetime import datetime
from typing import Any, Protocol

from tiercore.notifications.types import Posted

Body = dict[str, Any]


class RetryLater(Exception):
    """Slack didn't take the request; retry after `seconds`."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Rejected(Exception):
    """Slack didn't take the request and never will: the channel is gone, the token revoked."""


class Unconfirmed(Exception):
    """No answer came, so Slack may or may not have taken the message."""


class HistoryUnavailable(Exception):
    """The app may not read the channel's history."""


class Poster(Protocol):
    """Posts, updates, finds and deletes messages. Every method may raise RetryLater, Rejected and Unconfirmed."""

    async def post(self, target: str, body: Body, marker: str, root: Posted | None) -> Posted:
        """Post a message to a channel or user, or into the thread of `root`, with the marker in its metadata."""

    async def change(self, posted: Posted, body: Body) -> Posted:
        """Replace the contents of a message. Idempotent."""

    async def find(self, target: str, marker: str, since: datetime, root: Posted | None) -> list[Posted]:
        """The messages with the marker, oldest first. Raises HistoryUnavailable too."""

    async def remove(self, posted: Posted) -> None:
        """Delete a message, which may be gone already."""
