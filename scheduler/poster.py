"""Slack as the scheduler sees it; the wiring provides the implementation, which never retries on its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tiercore.notifications.fault import Fault
from tiercore.notifications.outbox_types import Posted

Body = dict[str, Any]


class RetryLater(Exception):
    """Slack didn't take the request; retry after `seconds`."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class SearchLimited(RetryLater):
    """Slack asks for a pause of so many seconds between two searches."""


class Rejected(Exception):
    """Slack didn't take the request and never will: the text is too long, the person is gone."""


class Faulty(Exception):
    """Slack didn't take the request, and will once somebody has mended the fault: the token is revoked, the bot isn't
    in the channel.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.word)
        self.fault = fault


class NotInstalled(Exception):
    """The app isn't in the workspace, or not any more: nothing goes there."""

    def __init__(self) -> None:
        super().__init__("the app isn't installed there any more")


class Unconfirmed(Exception):
    """No answer came, so Slack may or may not have taken the message."""


class HistoryUnavailable(Exception):
    """The app may not read the channel's history."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a conversation: the messages with a marker, by marker, and the timestamp from which the search goes
    on, None where the span has been searched.
    """

    marked: Mapping[str, Sequence[Posted]]
    further: str | None = None


class Poster(Protocol):
    """Posts, updates, finds and deletes messages. Every method may raise RetryLater, Rejected, Faulty, Unconfirmed."""

    async def open(self, target: str) -> None:
        """Find out where messages to a target are posted, so that `post` is a single call to Slack."""

    async def post(self, target: str, body: Body, marker: str, root: Posted | None) -> Posted:
        """Post a message to a channel or user, or into the thread of `root`, with the marker in its metadata."""

    async def change(self, posted: Posted, body: Body) -> Posted:
        """Replace the contents of a message. Idempotent."""

    async def search(self, target: str, root: Posted | None, oldest: str, latest: str) -> Page:
        """One page of the conversation between two timestamps of Slack's: from the latest back, and in the thread of
        `root` from the oldest on. Raises HistoryUnavailable and SearchLimited, too.
        """

    async def remove(self, posted: Posted) -> None:
        """Delete a message, which may be gone already."""


PosterOf = Callable[[str], Awaitable[Poster]]  # by the workspace's ID; may raise NotInstalled and Faulty
