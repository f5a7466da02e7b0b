"""From subscriptions to the outbox: a run and its message, in one transaction (digests-and-alerts#scheduling)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from tiercore.notifications.outbox import put, recently_queued
from tiercore.notifications.subscriptions import due, schedule_next
from tiercore.notifications.timetable import Slot, next_slot
from tiercore.notifications.types import WEEKLY, OutboxMessage, Planned, Subscription
from tiercore.storage.bulk import insert_new, table
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import RunRow

_run = table(RunRow)
_AT_ONCE = 500


def plan(connection: Connection, now: datetime, late: timedelta) -> Planned:
    """Put what is due into the outbox, some hundred subscriptions at once; call it until nothing more is planned.

    A turn that is missed by more than `late` is noted and never sent. Whoever plans, there is one run a week.
    """
    chosen = due(connection, now, _AT_ONCE)
    turns = [(each, slot) for each in chosen for slot in _turns(each, now)]
    runs = [_run_row(each, slot, now - slot.at > late) for each, slot in turns]
    new = {tuple(row) for row in insert_new(connection, _run, runs)}
    fresh = [(each, slot) for each, slot in turns if (each.subscription_id, slot.week) in new]
    letters = [_letter(each, slot, late) for each, slot in fresh if now - slot.at <= late]
    digests = put(connection, letters, now)
    for each in chosen:
        schedule_next(connection, each, now)
    return Planned(digests, len(fresh) - len(letters))


def send_now(connection: Connection, held: Sequence[Subscription], now: datetime) -> int:
    """Put the digests of the subscriptions into the outbox at once, besides their turn; how many.

    One that is on its way, or was asked for a few seconds ago, is not put in again.
    """
    letters = []
    for each in held:
        prefix = f"now:{each.subscription_id}:"
        if each.topic in WEEKLY and not each.paused and not recently_queued(connection, prefix, now):
            what = _what(each, "now")
            letters.append(OutboxMessage(f"{prefix}{as_ms(now)}", each.team_id, each.target, what, due=now))
    return put(connection, letters, now)


def _turns(subscription: Subscription, now: datetime) -> Iterator[Slot]:
    """The slots from the next one on that are over."""
    assert subscription.next is not None
    slot = next_slot(subscription.weekly, subscription.next - timedelta(milliseconds=1))
    while slot.at <= now:
        yield slot
        slot = next_slot(subscription.weekly, slot.at)


def _run_row(subscription: Subscription, slot: Slot, missed: bool) -> dict[str, Any]:
    outcome = "skipped_late" if missed else "planned"
    key = {"subscription_id": subscription.subscription_id, "week": slot.week}
    return {**key, "due_at": as_ms(slot.at), "outcome": outcome}


def _letter(subscription: Subscription, slot: Slot, late: timedelta) -> OutboxMessage:
    key = f"digest:{subscription.subscription_id}:{slot.week}"
    what = _what(subscription, slot.week)
    return OutboxMessage(key, subscription.team_id, subscription.target, what, due=slot.at, expires=slot.at + late)


def _what(subscription: Subscription, week: str) -> dict[str, Any]:
    return {"kind": "digest", "subscription": subscription.subscription_id, "week": week}
