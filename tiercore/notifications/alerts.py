"""Alerts: each crossing is sent once, whatever runs at the same time (digests-and-alerts#alerts).

A signal's level, the number of its crossing and the messages about it are written in one transaction. A scan older than
the one that wrote the level changes nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from tiercore.access import SlackUser
from tiercore.notifications.alert_messages import Crossing, content_of, messages_for_all, root_key
from tiercore.notifications.outbox import put
from tiercore.notifications.types import ACKNOWLEDGED, SNOOZED, AlertRef, OutboxMessage, Snooze, Subscription
from tiercore.questions.signals import Level, Signal, Signals
from tiercore.storage.bulk import insert_new, table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import AlertResponseRow, OutboxRow, SignalRow

FLAPPING_DAYS = 3
_MAX_GAP_DAYS = 14
UNWATCHED = -1
_signal, _response, _outbox = table(SignalRow), table(AlertResponseRow), table(OutboxRow)


def record_crossings(
    connection: Connection, signals: Signals, subscribers: Sequence[Subscription], now: datetime
) -> int:
    """Compare the signals with their stored levels, store the new ones, and queue the messages about crossings.

    Returns the number of new messages. A signal seen for the first time, or after a long gap, is stored but not sent.
    """
    stored = _stored_signals(connection, signals.partner.partner_id)
    messages = [
        message
        for signal in signals.items
        if (crossing := _crossed(connection, signals, signal, stored.get(signal.name)))
        for message in messages_for_all(connection, signals, crossing, subscribers, now)
    ]
    messages += _no_longer_watched(connection, signals, stored, subscribers, now)
    return put(connection, messages, now)


def find(connection: Connection, subscription_id: str, episode: int, token: str) -> AlertRef | None:
    """The alert that a button refers to, None if it was never queued."""
    roots = select(_outbox.c.key, _outbox.c.what).where(
        _outbox.c.key.startswith(f"alert:{subscription_id}:", autoescape=True), _outbox.c.root_key.is_(None)
    )
    for row in connection.execute(roots):
        content = json.loads(row.what)
        about = AlertRef(subscription_id, str(content["partner"]), str(content["signal"]), int(content["episode"]))
        if about.episode == episode and about.token == token:
            return about
    return None


def respond(
    connection: Connection, about: AlertRef, user: SlackUser, kind: str, until: date | None, now: datetime
) -> None:
    """Record that someone acknowledged or snoozed (`kind`) an alert, replacing an earlier response of that kind."""
    key = {"subscription_id": about.subscription_id, "partner_id": about.partner_id, "name": about.name, "kind": kind}
    same = (
        (_response.c.subscription_id == about.subscription_id)
        & (_response.c.partner_id == about.partner_id)
        & (_response.c.name == about.name)
        & (_response.c.kind == kind)
    )
    connection.execute(delete(_response).where(same))
    row = {**key, "episode": about.episode, "until_day": until.toordinal() if until else None, "user_id": user.user_id}
    connection.execute(insert(_response), [row])


def acknowledge(connection: Connection, about: AlertRef, user: SlackUser, now: datetime) -> None:
    """Record that someone is taking care of an alert, and queue an update of its message."""
    respond(connection, about, user, ACKNOWLEDGED, None, now)
    _update(connection, about, f"by.{user.user_id}", now)


def snooze(connection: Connection, about: AlertRef, user: SlackUser, until: date | None, now: datetime) -> None:
    """Record that nothing more is to be sent through the day `until`, or (None) until the alert changes, and queue an
    update of its message.
    """
    respond(connection, about, user, SNOOZED, until, now)
    _update(connection, about, f"snoozed.{as_ms(now)}", now)


def _update(connection: Connection, about: AlertRef, why: str, now: datetime) -> None:
    """Queue an update of the alert's message, once for each reason."""
    root = root_key(about)
    sent_to = connection.execute(select(_outbox.c.team_id, _outbox.c.place).where(_outbox.c.key == root)).first()
    if sent_to:
        content = {**content_of(about, now.date()), "as": "change"}
        message = OutboxMessage(f"{root}.{why}", sent_to.team_id, sent_to.place, content, now, root_key=root)
        put(connection, [message], now)


def ask_for_help(connection: Connection, about: AlertRef, by: SlackUser, users: Sequence[str], now: datetime) -> None:
    """Ask users to look at an alert; each user is messaged once per crossing, however often someone asks."""
    key = f"asked:{root_key(about)}:{by.user_id}"
    content = {"kind": "asked", "partner": about.partner_id, "signal": about.name, "by": by.user_id}
    messages = [OutboxMessage(f"{key}:{user_id}", by.team_id, user_id, content, now) for user_id in users]
    put(connection, messages, now)


def acknowledged_by(connection: Connection, about: AlertRef) -> str | None:
    """The Slack user who is taking care of the alert's crossing, None if nobody is."""
    user_id: str | None = connection.scalar(
        select(_response.c.user_id).where(
            _response.c.subscription_id == about.subscription_id,
            _response.c.partner_id == about.partner_id,
            _response.c.name == about.name,
            _response.c.kind == ACKNOWLEDGED,
            _response.c.episode == about.episode,
        )
    )
    return user_id


def snoozed(connection: Connection, about: AlertRef) -> Snooze | None:
    """Who has snoozed the alert's crossing, and until when; None if nobody has."""
    row = connection.execute(
        select(_response.c.user_id, _response.c.until_day).where(
            _response.c.subscription_id == about.subscription_id,
            _response.c.partner_id == about.partner_id,
            _response.c.name == about.name,
            _response.c.kind == SNOOZED,
            _response.c.episode == about.episode,
        )
    ).first()
    return Snooze(row.user_id, date.fromordinal(row.until_day) if row.until_day else None) if row else None


def _stored_signals(connection: Connection, partner_id: str) -> dict[str, Any]:
    """The partner's stored signals, by name."""
    rows = connection.execute(select(_signal).where(_signal.c.partner_id == partner_id))
    return {row.name: row for row in rows}


def _crossed(connection: Connection, signals: Signals, current: Signal, row: Any) -> Crossing | None:
    """Store the signal's level; the crossing if it changed and is to be sent, otherwise None."""
    day, partner_id = signals.as_of.toordinal(), signals.partner.partner_id
    scan = {"seen_day": day, "seen_version": signals.version}
    if row is None:
        _store_first(connection, partner_id, current, scan)
        return None
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


def _store_first(connection: Connection, partner_id: str, current: Signal, scan: Mapping[str, int]) -> None:
    """Store a signal seen for the first time, unless its level is unknown."""
    if current.level is None:
        return
    key = {"partner_id": partner_id, "name": current.name}
    values = {"level": int(current.level), "episode": 0, "step": 0, "green_since": None}
    insert_new(connection, _signal, [{**key, **values, **scan}])


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
