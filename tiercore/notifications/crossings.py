"""Crossings: each is recorded and queued once, whatever runs at the same time (digests-and-alerts#alerts).

A signal's level, the number of its crossing and the messages about it are written in one transaction. A scan older than
the one that wrote the level changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, update

from tiercore.notifications.alert_messages import Crossing, content_of, messages_for_all, root_key
from tiercore.notifications.outbox import put
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.notifications.sightings import UNWATCHED, first_row, stored_signals
from tiercore.notifications.types import ACKNOWLEDGED, SNOOZED, AlertRef, Subscription
from tiercore.questions.signals import Level, Signal, Signals
from tiercore.storage.bulk import chunks, store_new, table
from tiercore.storage.tables.notifications import AlertResponseRow, SignalRow

FLAPPING_DAYS = 3
_MAX_GAP_DAYS = 14
_signal, _response = table(SignalRow), table(AlertResponseRow)


def record_crossings(
    connection: Connection, signals: Signals, subscribers: Sequence[Subscription], now: datetime
) -> int:
    """Compare the signals with their stored levels, store the new ones, and queue the messages about crossings.

    Returns the number of new messages. A signal seen for the first time, or after a long gap, is stored but not sent.
    """
    return record_crossings_of_many(connection, [(signals, subscribers)], now)


def record_crossings_of_many(
    connection: Connection, looked_at: Sequence[tuple[Signals, Sequence[Subscription]]], now: datetime
) -> int:
    """The same for many partners, each with those who get alerts about it."""
    stored = stored_signals(connection, [signals.partner.partner_id for signals, _ in looked_at])
    messages, same, first = list[OutboxMessage](), list[tuple[Signals, str]](), list[dict[str, Any]]()
    for signals, subscribers in looked_at:
        of_partner = stored.get(signals.partner.partner_id, {})
        for signal in signals.items:
            row = of_partner.get(signal.name)
            if row is None:
                first += _first(signals, signal)
            elif _is_same(signal, row):
                same.append((signals, signal.name))
            elif crossing := _crossed(connection, signals, signal, row):
                messages += messages_for_all(connection, signals, crossing, subscribers, now)
        messages += _no_longer_watched(connection, signals, of_partner, subscribers, now)
    store_new(connection, _signal, first)
    _see_again(connection, same)
    return put(connection, messages, now)


def _is_same(current: Signal, row: Any) -> bool:
    """Whether the level is the stored one, or unknown today: the level sent last stands."""
    return row.level != UNWATCHED and current.level in (None, row.level)


_SEEN_AGAIN = (
    update(_signal)
    .where(
        _signal.c.partner_id == bindparam("of_partner"),
        _signal.c.name == bindparam("of_name"),
        (_signal.c.seen_day < bindparam("on_day"))
        | ((_signal.c.seen_day == bindparam("on_day")) & (_signal.c.seen_version < bindparam("at_version"))),
    )
    .values(seen_day=bindparam("on_day"), seen_version=bindparam("at_version"))
)


def _see_again(connection: Connection, same: Sequence[tuple[Signals, str]]) -> None:
    """Store that the signals were seen at the same level, unless a later scan has seen them."""
    rows = [
        {
            "of_partner": signals.partner.partner_id,
            "of_name": name,
            "on_day": signals.as_of.toordinal(),
            "at_version": signals.version,
        }
        for signals, name in same
    ]
    for some in chunks(rows):
        connection.execute(_SEEN_AGAIN, some)


def _crossed(connection: Connection, signals: Signals, current: Signal, row: Any) -> Crossing | None:
    """Store the signal's level; the crossing if it changed and is to be sent, otherwise None."""
    day, partner_id = signals.as_of.toordinal(), signals.partner.partner_id
    scan = {"seen_day": day, "seen_version": signals.version}
    if (row.seen_day, row.seen_version) > (day, signals.version):
        return None
    key = (_signal.c.partner_id == partner_id) & (_signal.c.name == current.name)
    if current.level is None:  # unknown today: the level sent last stands
        connection.execute(update(_signal).where(key).values(scan))
        return None
    values: dict[str, Any] = {**scan, "level": int(current.level)}
    crossing = None
    is_comparable = row.level != UNWATCHED and day - row.seen_day <= _MAX_GAP_DAYS
    if is_comparable and current.level != row.level:
        crossing = _crossing(current, row, Level(row.level), day)
        values.update(episode=crossing.episode, step=crossing.step)
    if current.level != row.level:
        values["green_since"] = day if current.level is Level.GREEN else None
        _end_snooze(connection, partner_id, current.name)
    connection.execute(update(_signal).where(key).values(values))
    if current.level > row.level:  # whoever acknowledged it acknowledged something less serious
        _forget_acknowledgement(connection, partner_id, current.name)
    return crossing


def _first(signals: Signals, current: Signal) -> Iterator[dict[str, Any]]:
    """The row of a signal seen for the first time, unless its level is unknown."""
    if current.level is not None:
        yield first_row(
            signals.partner.partner_id, current.name, current.level, signals.as_of.toordinal(), signals.version
        )


def _forget_acknowledgement(connection: Connection, partner_id: str, name: str) -> None:
    same = (_response.c.partner_id == partner_id) & (_response.c.name == name)
    connection.execute(delete(_response).where(same, _response.c.kind == ACKNOWLEDGED))


def _end_snooze(connection: Connection, partner_id: str, name: str) -> None:
    """The signal has changed: what was snoozed until then isn't any more."""
    same = (_response.c.partner_id == partner_id) & (_response.c.name == name) & (_response.c.kind == SNOOZED)
    connection.execute(delete(_response).where(same, _response.c.until_day.is_(None)))


def _crossing(current: Signal, row: Any, before: Level, day: int) -> Crossing:
    """A new episode, or the next step of the current one while the signal flaps or is merely changing level."""
    flaps = row.green_since is not None and day - row.green_since < FLAPPING_DAYS and row.episode > 0
    rises = current.level is not None and current.level > before
    begins = rises and not flaps and (before is Level.GREEN or not row.episode)
    step = 0 if begins else row.step + 1
    return Crossing(current, row.episode + begins, step, before, row.seen_day, row.seen_version)


def _no_longer_watched(
    connection: Connection,
    signals: Signals,
    stored: Mapping[str, Any],
    subscribers: Sequence[Subscription],
    now: datetime,
) -> Iterator[OutboxMessage]:
    """Close the alerts of signals no longer watched, such as those of a tier lost or a recalibration that is over.

    The signal is stored as UNWATCHED and keeps its episode number: if it comes back, it counts as seen for the first
    time.
    """
    watched, scan = {signal.name for signal in signals.items}, (signals.as_of.toordinal(), signals.version)
    for name, row in stored.items():
        if name in watched or row.level == UNWATCHED or (row.seen_day, row.seen_version) > scan:
            continue
        key = (_signal.c.partner_id == signals.partner.partner_id) & (_signal.c.name == name)
        connection.execute(update(_signal).where(key).values(level=UNWATCHED, step=row.step + 1))
        if row.level == Level.GREEN or not row.episode:
            continue
        for to in subscribers:
            about = AlertRef(to.subscription_id, signals.partner.partner_id, name, row.episode)
            root, content = root_key(about), {**content_of(about, signals.as_of), "as": "change"}
            yield OutboxMessage(f"{root}.{row.step + 1}.change", to.team_id, to.target, content, now, root_key=root)
