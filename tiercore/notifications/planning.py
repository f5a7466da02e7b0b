"""Planning digests: a run and its outbox message, in one transaction (digests-and-alerts#scheduling)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from tiercore.notifications.outbox import put, recently_queued
from tiercore.notifications.outbox_types import OutboxMessage
from tiercore.notifications.subscriptions import due, schedule_next
from tiercore.notifications.timetable import Slot, next_slot
from tiercore.notifications.types import DIGESTS, Planned, Subscription
from tiercore.storage.bulk import insert_new, table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import RunRow

_run = table(RunRow)
_BATCH_SIZE = 500


def plan(connection: Connection, now: datetime, late: timedelta) -> Planned:
    """Queue the digests that are due, for a batch of subscriptions; call it until it plans nothing more.

    A run more than `late` overdue is recorded as skipped and never sent. However many processes plan, there is one run
    per subscription and period of its schedule.
    """
    batch = due(connection, now, _BATCH_SIZE)
    slots = [(each, slot) for each in batch for slot in _due_slots(each, now)]
    runs = [_run_row(each, slot, now - slot.at > late) for each, slot in slots]
    inserted = {tuple(row) for row in insert_new(connection, _run, runs)}
    new = [(each, slot) for each, slot in slots if (each.subscription_id, slot.period) in inserted]
    messages = [_digest_message(each, slot, late) for each, slot in new if now - slot.at <= late]
    digests = put(connection, messages, now)
    for subscription in batch:
        schedule_next(connection, subscription, now)
    return Planned(digests, len(new) - len(messages))


def send_now(connection: Connection, subscriptions: Sequence[Subscription], now: datetime) -> int:
    """Queue the subscriptions' digests immediately, in addition to their scheduled runs. Returns how many.

    A digest that is still unsent, or was requested seconds ago, is not queued again.
    """
    messages = []
    for subscription in subscriptions:
        prefix = f"now:{subscription.subscription_id}:"
        if subscription.topic not in DIGESTS or subscription.paused or recently_queued(connection, prefix, now):
            continue
        key, content = f"{prefix}{as_ms(now)}", _content(subscription, "now", now)
        messages.append(OutboxMessage(key, subscription.team_id, subscription.target, content, due=now))
    return put(connection, messages, now)


def _due_slots(subscription: Subscription, now: datetime) -> Iterator[Slot]:
    """The subscription's unplanned slots up to `now`."""
    assert subscription.next is not None
    slot = next_slot(subscription.schedule, subscription.next - timedelta(milliseconds=1))
    while slot.at <= now:
        yield slot
        slot = next_slot(subscription.schedule, slot.at)


def _run_row(subscription: Subscription, slot: Slot, missed: bool) -> dict[str, Any]:
    outcome = "skipped_late" if missed else "planned"
    key = {"subscription_id": subscription.subscription_id, "period": slot.period}
    return {**key, "due_at": as_ms(slot.at), "outcome": outcome}


def _digest_message(subscription: Subscription, slot: Slot, late: timedelta) -> OutboxMessage:
    key = f"digest:{subscription.subscription_id}:{slot.period}"
    content = _content(subscription, slot.period, slot.at)
    return OutboxMessage(key, subscription.team_id, subscription.target, content, due=slot.at, expires=slot.at + late)


def _content(subscription: Subscription, period: str, asked_for: datetime) -> dict[str, Any]:
    return {
        "kind": "digest",
        "subscription": subscription.subscription_id,
        "period": period,
        "asked_for": as_ms(asked_for),
    }
