"""Outbox messages, their states and what came of sending them, as plain values independent of the database."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from tiercore.notifications.fault import Fault

Json = dict[str, Any]
_SECONDS_UNDER_WAY = 4
UNVERIFIED = "in doubt, and "  # starts the reason of a message sent again without looking for the first copy


class State(StrEnum):
    """The states of an outbox message (digests-and-alerts#outbox)."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    HELD = "held"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


class Posted(NamedTuple):
    """The channel and timestamp of a posted message."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message for a channel or user (`target`), sent once under its `key`; `content` says what it is about; the
    text is composed when it is sent.

    It is sent from `due` on, and not after `expires`. With a `root_key`, it replies to that message or updates it.
    """

    key: str
    team_id: str
    target: str
    content: Mapping[str, Any]
    due: datetime
    expires: datetime | None = None
    root_key: str | None = None


def marker_of(key: str) -> str:
    """The marker that identifies the message with this key in Slack's message metadata."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message leased to one sender. `root` is where its root message is posted.

    `doubts` counts the attempts that left it in doubt; `first_tried` and `last_tried` are Slack's time at the first and
    the last one. A message sent again is `unverified` if the bot can't check whether the first copy arrived. The
    conversation has been searched for it as far as `searched_to`, a timestamp of Slack's.
    """

    outbox_id: int
    key: str
    team_id: str
    target: str
    content: Json
    doubts: int
    expires: datetime | None
    first_tried: datetime
    leased_until: datetime
    root: Posted | None = None
    unverified: bool = False
    last_tried: datetime | None = None
    searched_to: str | None = None

    @property
    def marker(self) -> str:
        """The marker in the message's metadata, to find it again; opaque because the whole workspace can read it."""
        return marker_of(self.key)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a claimed message: its new state, where it is posted, the reason, or when to retry.

    A message is held for a `fault` until somebody has mended it. One still in doubt after a search has been searched
    for as far as `searched_to`, a timestamp of Slack's.
    """

    outbox_id: int
    state: State
    posted: Posted | None = None
    reason: str | None = None
    retry_at: datetime | None = None
    fault: Fault | None = None
    is_searched: bool = False
    searched_to: str | None = None


class StateCount(NamedTuple):
    """How many messages are in a state, and when the oldest of them was due."""

    state: State
    messages: int
    oldest: datetime


class OutboxEntry(NamedTuple):
    """A message as the operator sees it: its workspace (None where there is only one), its target, the target's e-mail
    (None for a channel or an unlinked user), its state and the reason, and when it was due.
    """

    outbox_id: int
    key: str
    team_id: str | None
    target: str
    email: str | None
    state: State
    attempts: int
    due: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class SendPolicy:
    """Sending limits: messages `per_second` in a workspace, a sender's `lease`, how long to wait before looking for a
    message in doubt (`settle`), how long after sending to look for a second copy (`sweep`), and how soon to try again
    what a fault holds (`probe`, twice as long after every try, up to `probe_most`).
    """

    per_second: float = 5.0
    lease: timedelta = timedelta(seconds=60)
    settle: timedelta = timedelta(seconds=120)
    sweep: timedelta = timedelta(seconds=900)
    probe: timedelta = timedelta(seconds=15)
    probe_most: timedelta = timedelta(seconds=600)

    @property
    def at_once(self) -> int:
        """How many messages one sender may be sending in a workspace: its allowance of a few seconds, so that one that
        answers late or never leaves room for the others.
        """
        return max(1, int(_SECONDS_UNDER_WAY * self.per_second))
