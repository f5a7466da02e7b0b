"""From a colour that changed to what is told: a message for a crossing, what follows in its thread, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from tiercore.notifications.timetable import quiet_until
from tiercore.notifications.types import SNOOZED, AlertRef, OutboxMessage, State, Subscription
from tiercore.questions.signals import Level, Signal, Signals
from tiercore.storage.bulk import table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import MarkRow, OutboxRow

_MORNING = time(8)
_mark, _outbox = table(MarkRow), table(OutboxRow)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A colour that changed: the crossing's number, the message's number in it, the level before, and the day of the
    look that saw it so.
    """

    signal: Signal
    episode: int
    step: int
    before: Level
    last_seen: int

    @property
    def is_new(self) -> bool:
        """Whether it begins a thread of its own."""
        return self.step == 0


def root_key(about: AlertRef) -> str:
    """The key of the message that a crossing's thread hangs under."""
    return f"alert:{about.subscription_id}:{about.partner_id}:{about.name}:{about.episode}"


def messages_for_all(
    connection: Connection, seen: Signals, crossing: Crossing, subscribers: Sequence[Subscription], now: datetime
) -> Iterator[OutboxMessage]:
    """The letters to those who want this kind, and were there when it was not so yet."""
    if not crossing.episode:
        return  # it was red when it was first seen: nobody was told, so there is nothing to take back
    for each in subscribers:
        since = each.created.date().toordinal() - 1  # a day more: the look's day is the program's, not UTC's
        if crossing.signal.kind in each.kinds and since <= crossing.last_seen:
            yield from _letters(connection, seen, crossing, each, now)


def _letters(
    connection: Connection, seen: Signals, crossing: Crossing, to: Subscription, now: datetime
) -> Iterator[OutboxMessage]:
    """The message of a new crossing; of one that goes on, a follow-up in its thread and the message changed.

    While the message of the crossing, or of the one before, is not sent yet, it says all of it once it is.
    """
    about = AlertRef(to.subscription_id, seen.partner.partner_id, crossing.signal.name, crossing.episode)
    level = crossing.signal.level
    what = content_of(about, seen.as_of) | {"level": int(level or 0)}
    root, due = root_key(about), _due(connection, to, about, now)
    if _is_waiting(connection, about, now):
        return
    if crossing.is_new:
        yield OutboxMessage(root, to.team_id, to.target, {**what, "as": "root"}, due)
        return
    step = f"{root}.{crossing.step}"
    yield OutboxMessage(f"{step}.change", to.team_id, to.target, {**what, "as": "change"}, now, root_key=root)
    if level is not None and level > crossing.before:
        yield OutboxMessage(step, to.team_id, to.target, {**what, "as": "reply"}, due, root_key=root)


def content_of(about: AlertRef, day: date) -> dict[str, Any]:
    return {
        "kind": "alert",
        "subscription": about.subscription_id,
        "partner": about.partner_id,
        "signal": about.name,
        "episode": about.episode,
        "since": day.toordinal(),
    }


def _is_waiting(connection: Connection, about: AlertRef, now: datetime) -> bool:
    """Whether the message of the crossing is still to be sent, or that of the one before is held back until later."""
    before = (_outbox.c.key == root_key(replace(about, episode=about.episode - 1))) & (_outbox.c.due_at > as_ms(now))
    waiting = (_outbox.c.key == root_key(about)) | before
    found = select(_outbox.c.outbox_id).where(waiting, _outbox.c.state == State.PENDING.value)
    return connection.scalar(found.limit(1)) is not None


def _due(connection: Connection, to: Subscription, about: AlertRef, now: datetime) -> datetime:
    """When it may be told: after a snooze, in the morning, and not in quiet hours."""
    until = connection.scalar(
        select(_mark.c.until_day).where(
            _mark.c.subscription_id == about.subscription_id,
            _mark.c.partner_id == about.partner_id,
            _mark.c.name == about.name,
            _mark.c.kind == SNOOZED,
        )
    )
    zone = ZoneInfo(to.weekly.timezone)
    if until is not None and now.astimezone(zone).date().toordinal() <= until:
        morning = datetime.combine(date.fromordinal(until) + timedelta(1), _MORNING, zone)
        now = max(now, morning.astimezone(UTC))
    starts, ends = to.quiet or (None, None)
    return quiet_until(now, starts, ends, to.weekly.timezone)
