"""What notifications are made of: plain values that know no database, for whoever shows or sends them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from tiercore.access import SlackUser
from tiercore.notifications.timetable import Weekly
from tiercore.questions.signals import Kind

Json = dict[str, Any]
QuietHours = tuple[int, int] | None
ALL_KINDS = frozenset(Kind)
_EVER = datetime.min.replace(tzinfo=UTC)
UNVERIFIED = "in doubt, and "  # begins the reason of a message sent again although nobody could look for the first one
SNOOZED = "snoozed"
ACKNOWLEDGED = "acknowledged"


class Topic(StrEnum):
    """What can be subscribed to: two weekly digests of a partner, one of all partners somebody manages, and alerts."""

    PROGRESS = "progress"
    EXPIRY = "expiry"
    PORTFOLIO = "portfolio"
    ALERTS = "alerts"


WEEKLY = frozenset({Topic.PROGRESS, Topic.EXPIRY, Topic.PORTFOLIO})


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic for one `target`, a Slack user or channel. `next` is when the next digest is due; None for alerts and
    while paused.

    `quiet` are the two minutes of the day between which no alert is sent, in the time zone of `weekly`; `kinds` are the
    alerts that are wanted.
    """

    subscription_id: str
    team_id: str
    target: str
    topic: Topic
    weekly: Weekly
    paused: bool
    quiet: QuietHours
    created_by: str
    next: datetime | None
    kinds: frozenset[Kind] = ALL_KINDS
    created: datetime = _EVER

    @property
    def is_channel(self) -> bool:
        """Whether the target is a channel, not a person."""
        return self.target[:1] not in ("U", "W")

    @property
    def reader(self) -> SlackUser:
        """The Slack user whose permissions decide what may be shown, in the channel it is about."""
        return SlackUser(self.team_id, self.created_by, self.target if self.is_channel else None)


class Planned(NamedTuple):
    """One look at the timetable: digests put into the outbox, and runs missed for good."""

    digests: int
    late: int


class Run(NamedTuple):
    """A subscription's weekly run: its ISO week, when it was due, what came of it (an outbox state, or skipped_late),
    when that was, and why.
    """

    week: str
    due: datetime
    outcome: str
    done: datetime | None
    reason: str | None


class WeekReport(NamedTuple):
    """The digests of an ISO week: how many runs there were, and what came of them (outbox states, or skipped_late)."""

    week: str
    runs: int
    outcomes: dict[str, int]

    @property
    def is_complete(self) -> bool:
        """Whether every digest that somebody still wants was sent."""
        return set(self.outcomes) <= {State.SENT.value, State.DROPPED.value}


@dataclass(frozen=True, slots=True)
class AlertRef:
    """One alert of one subscription: which partner and signal, and the number of its crossing (`episode`)."""

    subscription_id: str
    partner_id: str
    name: str
    episode: int

    @property
    def token(self) -> str:
        """The partner and the signal in sixteen characters, however long their names are."""
        return hashlib.sha256(f"{self.partner_id}\0{self.name}".encode()).hexdigest()[:16]


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
    """Where Slack has a message."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message for a channel or user (`target`), sent once under its `key`; `content` says what it is about, and is
    composed when it is sent.

    It is sent from `due` on, and not after `expires`. With a `root_key` it belongs under, or into, that message.
    """

    key: str
    team_id: str
    target: str
    content: Mapping[str, Any]
    due: datetime
    expires: datetime | None = None
    root_key: str | None = None


def marker_of(key: str) -> str:
    """The marker in the metadata of the message with a key."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message leased to one sender. `root` is where its root's message is.

    `doubts` counts how often it was not known whether Slack took it; `first_tried` is when it was first tried. One that
    is sent again is `unverified` where nobody may look whether the first one is there.
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

    @property
    def marker(self) -> str:
        """What the message's metadata says, for finding it again: opaque, because the whole workspace can read it."""
        return marker_of(self.key)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a claimed message: its new state, where Slack has it, the reason, or when to try again."""

    outbox_id: int
    state: State
    posted: Posted | None = None
    reason: str | None = None
    retry_at: datetime | None = None


class StateCount(NamedTuple):
    """How many messages are in a state, and the earliest moment one of them was due."""

    state: State
    messages: int
    oldest: datetime


class OutboxEntry(NamedTuple):
    """A message as the operator sees it: its target, whose that is (None for a channel, or nobody any more), its state
    and why, and when it was due.
    """

    outbox_id: int
    key: str
    target: str
    email: str | None
    state: State
    attempts: int
    due: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A sent message to be looked for once more: where it is, its marker and root, when it was tried and sent."""

    outbox_id: int
    posted: Posted
    marker: str
    first_tried: datetime
    done: datetime
    root: Posted | None


@dataclass(frozen=True, slots=True)
class SendPolicy:
    """How fast and how patiently messages are sent: `a_second` for the whole workspace, the `lease` of a sender, how
    long a doubt is left alone before the message is looked for (`settle`), and how long after it was sent a second copy
    is looked for (`sweep`).
    """

    a_second: float = 5.0
    lease: timedelta = timedelta(seconds=60)
    settle: timedelta = timedelta(seconds=120)
    sweep: timedelta = timedelta(seconds=900)
