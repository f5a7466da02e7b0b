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
from tiercore.notifications.timetable import Weekly, next_slot
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, create_database_engine, reading
from tiercore.storage.moments import as_ms
from tiercore.storage.tables.notifications import OutboxRow, RunRow, SubscriptionRow
from tiercore.storage.transactions import Transactions

BEFORE = datetime(2022, 9, 5, 0, 0, tzinfo=UTC)
ZONES = ("Europe/Berlin", "UTC", "America/New_York", "Asia/Kolkata")
LATE = timedelta(hours=4)


def subscribed(engine: Engine, number: int, *, zones: tuple[str, ...] = ZONES) -> None:
    made = []
    for each in range(number):
        weekly = Weekly(0, 540, zones[each % len(zones)])
        row = {"subscription_id": f"s{each}", "team_id": "T1", "place": f"U{each}", "topic": "progress"}
        row |= {"weekday": 0, "minute": 540, "timezone": weekly.timezone, "paused": False, "made_by": f"U{each}"}
        made.append({**row, "made_at": as_ms(BEFORE), "next_at": as_ms(next_slot(weekly, BEFORE).at)})
    with engine.begin() as connection:
        connection.execute(insert(table(SubscriptionRow)), made)


def planned(engine: Engine, now: datetime) -> int:
    writer, found = Transactions(engine, lambda: now, NOTIFICATIONS_LOCK), 0
    while any(turn := writer.write_now(lambda connection, at: planning.plan(connection, at, LATE))):
        found += turn.digests
    return found


def count(engine: Engine, model) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table(model)))


def test_five_concurrent_replicas_plan_each_subscription_once(engine: Engine):
    subscribed(engine, 1_000)
    noon = datetime(
        2022, 9, 5, 13, 30, tzinfo=UTC
    )  # after 9:00 in every zone, and less than four hours after it in New York

    def replica(_number: int) -> int:
        own = create_database_engine(engine.url)
        try:
            return planned(own, noon)
        finally:
            own.dispose()

    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(replica, range(5)))
    assert count(engine, RunRow) == 1_000
    assert count(engine, OutboxRow) == sum(found) == 250  # 9:00 in the other zones is more than four hours ago
    assert planned(engine, noon) == 0


@pytest.mark.slow
def test_a_subscription_gets_one_digest_a_week_all_year(sqlite_engine: Engine):
    subscribed(sqlite_engine, 4)
    now = BEFORE
    while now < BEFORE + timedelta(days=365):
        planned(sqlite_engine, now)
        now += timedelta(hours=2, minutes=40)
    assert count(sqlite_engine, RunRow) == count(sqlite_engine, OutboxRow) == 4 * 53
    with reading(sqlite_engine) as connection:
        weeks = connection.execute(select(table(RunRow).c.subscription_id, table(RunRow).c.week)).all()
    assert len(set(weeks)) == len(weeks)


def test_runs_missed_during_an_outage_are_recorded_and_not_made_up_for(sqlite_engine: Engine):
    subscribed(sqlite_engine, 1)
    assert planned(sqlite_engine, BEFORE + timedelta(days=22)) == 0
    with reading(sqlite_engine) as connection:
        found = connection.execute(select(table(RunRow).c.week, table(RunRow).c.outcome).order_by("week")).all()
    assert found == [(f"2022-W{week}", "skipped_late") for week in (36, 37, 38, 39)]


def test_a_subscription_changed_during_planning_keeps_its_new_time(engine: Engine):
    subscribed(engine, 1, zones=("UTC",))
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
    looking = asyncio.Event()

    async def never_ends() -> None:
        looking.set()
        await asyncio.Event().wait()

    writer = Transactions(engine, lock=NOTIFICATIONS_LOCK)
    delivery = Delivery(Outbox(writer), NoPostbox(), no_telling, "one")
    scheduler = Scheduler(Notifications(writer), delivery, LATE, [never_ends])
    scheduler.start(0.01, 0.01)
    await within(looking.wait(), "somebody looks")
    assert await within(scheduler.stop(1), "the scheduler stops") == 0
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


class NoPostbox:
    """Nothing is posted here."""

    async def post(self, *_):
        raise AssertionError

    change = find = post


async def no_telling(_letter):
    raise AssertionError
