"""Subscriptions, runs, alerts and outbox messages as plain values, independent of the database."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from tiercore.access import SlackUser
from tiercore.notifications.outbox_types import State
from tiercore.notifications.timetable import Schedule
from tiercore.questions.signals import Kind

QuietHours = tuple[int, int] | None
NO_QUIET = (0, 0)
NIGHT = (22 * 60, 7 * 60)  # minutes of the reader's day: what nobody asked for then waits until its end
ALL_KINDS = frozenset(Kind)
_EVER = datetime.min.replace(tzinfo=UTC)
SNOOZED, ACKNOWLEDGED = "snoozed", "acknowledged"


class Topic(StrEnum):
    """What people subscribe to: the digest of a partner, its progress or its expiry alone, a portfolio, and alerts."""

    DIGEST = "digest"
    PROGRESS = "progress"
    EXPIRY = "expiry"
    PORTFOLIO = "portfolio"
    ALERTS = "alerts"


DIGESTS = frozenset(Topic) - {Topic.ALERTS}
HALVES = frozenset({Topic.PROGRESS, Topic.EXPIRY})  # of what the topic `digest` says in one message


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic for one `target`, a Slack user or channel. `next` is when the next digest is due; None for alerts and
    while paused.

    `quiet` are the minutes of the day between which no alert is sent, in the time zone of `schedule`: NIGHT where
    nothing was chosen, and the same minute twice for none. `kinds` are the kinds of alerts to send. The time zone
    `follows_profile` where it was taken from the subscriber's. In a channel that is shared with another organization,
    nothing is sent unless that was confirmed there. With `only_news`, no digest is sent that has nothing to say.
    """

    subscription_id: str
    team_id: str
    target: str
    topic: Topic
    schedule: Schedule
    paused: bool
    quiet: QuietHours
    created_by: str
    next: datetime | None
    kinds: frozenset[Kind] = ALL_KINDS
    created: datetime = _EVER
    follows_profile: bool = False
    shared_confirmed: bool = False
    only_news: bool = False

    @property
    def is_channel(self) -> bool:
        """Whether the target is a channel, not a person."""
        return self.target[:1] not in ("U", "W")

    @property
    def reader(self) -> SlackUser:
        """The Slack user whose permissions decide what may be shown; for a channel, the user who subscribed it."""
        return SlackUser(self.team_id, self.created_by, self.target if self.is_channel else None)


class Planned(NamedTuple):
    """The result of planning: digests queued, and runs skipped for being too `late`."""

    digests: int
    late: int


class Run(NamedTuple):
    """A subscription's run: its period (a week, a day or a month), when it was due, its outcome (an outbox state, or
    skipped_late), when it was done, and the reason.
    """

    period: str
    due: datetime
    outcome: str
    done: datetime | None
    reason: str | None


class WeekReport(NamedTuple):
    """The digests of an ISO week: how many runs, and how many per outcome (an outbox state, or skipped_late)."""

    week: str
    runs: int
    outcomes: dict[str, int]

    @property
    def is_complete(self) -> bool:
        """Whether every digest was sent, or dropped because nobody wants it any more."""
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
        """A 16-character hash of the partner and signal, short enough for an action ID."""
        return hashlib.sha256(f"{self.partner_id}\0{self.name}".encode()).hexdigest()[:16]


class Snooze(NamedTuple):
    """Who has snoozed an alert, and through which day; None for until it changes."""

    user_id: str
    until: date | None
