"""The messages about a crossing: the alert itself, the follow-ups in its thread, and when each may be sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from tiercore.notifications.outbox_types import OutboxMessage, State
from tiercore.notifications.timetable import quiet_until
from tiercore.notifications.types import SNOOZED, AlertRef, Subscription
from tiercore.questions.signals import Level, Signal, Signals
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import AlertResponseRow, OutboxRow

_MORNING = time(8)
_response, _outbox = table(AlertResponseRow), table(OutboxRow)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A signal whose level changed.

    `episode` is the crossing's number, `step` the number of the message within it, `before` the level until now, and
    `last_seen` the day (an ordinal) of the scan that last saw that level, `last_version` the data's version then.
    """

    signal: Signal
    episode: int
    step: int
    before: Level
    last_seen: int
    last_version: int | None = None

    @property
    def is_new(self) -> bool:
        """Whether it starts a new thread."""
        return self.step == 0


def root_key(about: AlertRef) -> str:
    """The outbox key of the message that starts the alert's thread."""
    return f"alert:{about.subscription_id}:{about.partner_id}:{about.name}:{about.episode}"


def messages_for_all(
    connection: Connection, signals: Signals, crossing: Crossing, subscribers: Sequence[Subscription], now: datetime
) -> Iterator[OutboxMessage]:
    """The messages to subscribers who want this kind of alert and subscribed before the level changed."""
    if not crossing.episode:
        return  # it was red when it was first seen: no alert was sent, so there is nothing to follow up
    for subscription in subscribers:
        since = subscription.created.date().toordinal() - 1  # a day's margin: a scan's day is the program's, not UTC's
        if crossing.signal.kind in subscription.kinds and since <= crossing.last_seen:
            yield from _messages_for(connection, signals, crossing, subscription, now)


def _messages_for(
    connection: Connection, signals: Signals, crossing: Crossing, to: Subscription, now: datetime
) -> Iterator[OutboxMessage]:
    """For a new crossing, its alert; for a later step, an update of the alert and, if it got worse, a thread reply.

    Nothing while the alert of this crossing or the one before is still waiting: once sent, it shows the latest state.
    """
    about = AlertRef(to.subscription_id, signals.partner.partner_id, crossing.signal.name, crossing.episode)
    level = crossing.signal.level
    content = content_of(about, signals.as_of) | {"level": int(level or 0), "after_version": crossing.last_version}
    root, due = root_key(about), _due(connection, to, about, now)
    if _is_waiting(connection, about, now):
        return
    if crossing.is_new:
        yield OutboxMessage(root, to.team_id, to.target, {**content, "as": "root"}, due)
        return
    step = f"{root}.{crossing.step}"
    yield OutboxMessage(f"{step}.change", to.team_id, to.target, {**content, "as": "change"}, now, root_key=root)
    if level is not None and level > crossing.before:
        yield OutboxMessage(step, to.team_id, to.target, {**content, "as": "reply"}, due, root_key=root)


def content_of(about: AlertRef, day: date) -> dict[str, Any]:
    """The stored content of a message about an alert, as seen on the day."""
    return {
        "kind": "alert",
        "subscription": about.subscription_id,
        "partner": about.partner_id,
        "signal": about.name,
        "episode": about.episode,
        "since": day.toordinal(),
    }


def _is_waiting(connection: Connection, about: AlertRef, now: datetime) -> bool:
    """Whether the crossing's alert is still unsent, or the alert of the crossing before is postponed."""
    postponed = (_outbox.c.key == root_key(replace(about, episode=about.episode - 1))) & (_outbox.c.due_at > as_ms(now))
    waiting = (_outbox.c.key == root_key(about)) | postponed
    unsent = select(_outbox.c.outbox_id).where(waiting, _outbox.c.state == State.PENDING.value)
    return connection.scalar(unsent.limit(1)) is not None


def _due(connection: Connection, to: Subscription, about: AlertRef, now: datetime) -> datetime:
    """When the message may be sent: after a snooze (from 8:00 on) and outside quiet hours."""
    until = connection.scalar(
        select(_response.c.until_day).where(
            _response.c.subscription_id == about.subscription_id,
            _response.c.partner_id == about.partner_id,
            _response.c.name == about.name,
            _response.c.kind == SNOOZED,
        )
    )
    zone = ZoneInfo(to.schedule.timezone)
    if until is not None and now.astimezone(zone).date().toordinal() <= until:
        morning = datetime.combine(date.fromordinal(until) + timedelta(1), _MORNING, zone)
        now = max(now, morning.astimezone(UTC))
    starts, ends = to.quiet or (None, None)
    return quiet_until(now, starts, ends, to.schedule.timezone)
