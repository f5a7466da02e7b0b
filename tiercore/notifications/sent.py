"""Sent messages that are checked for duplicates (digests-and-alerts#duplicates)."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tiercore.notifications.outbox_types import Posted


class NextCheck(NamedTuple):
    """When a sent message is checked for duplicates next; a check that goes on has `searched_to` some timestamp."""

    at: datetime
    searched_to: str | None = None


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A sent message to check for duplicates: where it is, its marker and root, when it was first tried (in Slack's
    time) and sent, and how far it has been searched for.
    """

    outbox_id: int
    team_id: str
    posted: Posted
    marker: str
    first_tried: datetime
    done: datetime
    root: Posted | None
    searched_to: str | None = None
