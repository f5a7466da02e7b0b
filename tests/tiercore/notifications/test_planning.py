"""Each digest is planned once, whichever replica plans it, and belongs to one subscription and week."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, insert, select, update

from scheduler.delivery import Delivery
from scheduler.scheduler import Scheduler
from tests.support.waiting import within
from tiercore.notifications import planning, subscriptions
from tiercore.notifications.delivery import Outbox
from tiercore.notifications.service import Notifications
from tiercore.notifications.timetable import Schedule, next_slot
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, create_database_engine, reading
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import OutboxRow, RunRow, SubscriptionRow
from tiercore.storage.transactions import Transactions

BEFORE = datetime(2022, 9, 5, 0, 0, tzinfo=UTC)
ZONES = ("Europe/Berlin", "UTC", "America/New_York", "Asia/Kolkata")
LATE = timedelta(hours=4)


def subscribe(engine: Engine, number: int, *, zones: tuple[str, ...] = ZONES) -> None:
    rows = []
    for each in range(number):
        schedule = Schedule(0, 540, zones[each % len(zones)])
        row = {"subscription_id": f"s{each}", "team_id": "T1", "place": f"U{each}", "topic": "progress"}
        row |= {"weekday": 0, "minute": 540, "timezone": schedule.timezone, "paused": False, "made_by": f"U{each}"}
        rows.append({**row, "made_at": as_ms(BEFORE), "next_at": as_ms(next_slot(schedule, BEFORE).at)})
    with engine.begin() as connection:
        connection.execute(insert(table(SubscriptionRow)), rows)


def plan_all(engine: Engine, now: datetime) -> int:
    writer, planned_count = Transactions(engine, lambda: now, NOTIFICATIONS_LOCK), 0
    while any(outcome := writer.write_now(lambda connection, at: planning.plan(connection, at, LATE))):
        planned_count += outcome.digests
    return planned_count


def count(engine: Engine, model) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table(model)))


def test_five_concurrent_replicas_plan_each_subscription_once(engine: Engine):
    subscribe(engine, 1_000)
    noon = datetime(
        2022, 9, 5, 13, 30, tzinfo=UTC
    )  # after 9:00 in every zone, and less than four hours after it in New York

    def replica(_number: int) -> int:
        own = create_database_engine(engine.url)
        try:
            return plan_all(own, noon)
        finally:
            own.dispose()

    with ThreadPoolExecutor(5) as pool:
        planned_count = list(pool.map(replica, range(5)))
    assert count(engine, RunRow) == 1_000
    assert count(engine, OutboxRow) == sum(planned_count) == 250  # 9:00 in the other zones is more than four hours ago
    assert plan_all(engine, noon) == 0


@pytest.mark.slow
def test_a_subscription_gets_one_digest_a_week_all_year(sqlite_engine: Engine):
    subscribe(sqlite_engine, 4)
    now = BEFORE
    while now < BEFORE + timedelta(days=365):
        plan_all(sqlite_engine, now)
        now += timedelta(hours=2, minutes=40)
    assert count(sqlite_engine, RunRow) == count(sqlite_engine, OutboxRow) == 4 * 53
    with reading(sqlite_engine) as connection:
        weeks = connection.execute(select(table(RunRow).c.subscription_id, table(RunRow).c.period)).all()
    assert len(set(weeks)) == len(weeks)


def test_runs_missed_during_an_outage_are_recorded_and_not_made_up_for(sqlite_engine: Engine):
    subscribe(sqlite_engine, 1)
    assert plan_all(sqlite_engine, BEFORE + timedelta(days=22)) == 0
    with reading(sqlite_engine) as connection:
        planned_count = connection.execute(
            select(table(RunRow).c.period, table(RunRow).c.outcome).order_by("period")
        ).all()
    assert planned_count == [(f"2022-W{week}", "skipped_late") for week in (36, 37, 38, 39)]


def test_a_subscription_changed_during_planning_keeps_its_new_time(engine: Engine):
    subscribe(engine, 1, zones=("UTC",))
    at = datetime(2022, 9, 5, 9, 30, tzinfo=UTC)
    writer = Transactions(engine, lambda: at, NOTIFICATIONS_LOCK)
    [read] = writer.write_now(lambda connection, now: subscriptions.due(connection, now, 10))
    later = as_ms(datetime(2022, 9, 9, 9, 0, tzinfo=UTC))
    with engine.begin() as connection:
        connection.execute(update(table(SubscriptionRow)).values(next_at=later))
    writer.write_now(lambda connection, now: subscriptions.schedule_next(connection, read, now))
    with reading(engine) as connection:
        assert connection.scalar(select(table(SubscriptionRow).c.next_at)) == later


async def test_a_scheduler_stopped_during_a_scan_stops_silently(engine: Engine, caplog: pytest.LogCaptureFixture):
    scanning = asyncio.Event()

    async def never_ends() -> None:
        scanning.set()
        await asyncio.Event().wait()

    writer = Transactions(engine, lock=NOTIFICATIONS_LOCK)
    delivery = Delivery(Outbox(writer), NoPoster(), never_composed, "one")
    scheduler = Scheduler(Notifications(writer), delivery, LATE, [never_ends])
    scheduler.start(0.01, 0.01)
    await within(scanning.wait(), "a scan starts")
    assert await within(scheduler.stop(1), "the scheduler stops") == 0
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


class NoPoster:
    """Nothing is posted here."""

    async def post(self, *_):
        raise AssertionError

    change = find = post


async def never_composed(_letter):
    raise AssertionError
