"""Messages about credit days: who gets them, when they are due, and what is told only once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, select

from tests.support.recalibration import standing
from tests.support.served_bot import link_user
from tiercore.access import SlackUser
from tiercore.facts.entries import Partner
from tiercore.notifications import credit_days, crossings, subscriptions
from tiercore.notifications.credit_news import CreditNews, Reminder
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import NIGHT, Subscription, Topic
from tiercore.questions.signals import Kind, Level, Signal, Signals
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, reading
from tiercore.storage.moments import from_ms
from tiercore.storage.tables.ledger import PersonRow
from tiercore.storage.tables.notifications import OutboxRow
from tiercore.storage.transactions import Transactions

DAY = date(2023, 1, 15)
MORNING = datetime(2023, 1, 15, 6, tzinfo=UTC)
CARLA = Subscription("s1", "T1", "U1", Topic.ALERTS, Schedule(0, 540, "UTC"), False, NIGHT, "U1", None)
KEPT = CreditNews("PA", told=(DAY,))
REMINDED = CreditNews("PA", reminder=Reminder(DAY, 30))


def queue(
    engine: Engine,
    news: CreditNews,
    *to: Subscription,
    staff: tuple[Subscription, ...] = (),
    today: date = DAY,
    now: datetime = MORNING,
) -> int:
    return Transactions(engine, lambda: now, NOTIFICATIONS_LOCK).write_now(
        lambda db, moment: credit_days.queue(db, news, to, staff, today, moment)
    )


def outbox(engine: Engine) -> list:
    with reading(engine) as connection:
        return list(connection.execute(select(table(OutboxRow)).order_by("outbox_id")))


def keys(engine: Engine) -> list[str]:
    return [row.key for row in outbox(engine)]


def test_a_credit_day_is_queued_once_however_often_it_is_looked_at(sqlite_engine: Engine):
    found = [queue(sqlite_engine, KEPT, CARLA, today=DAY + timedelta(late)) for late in (0, 0, 1, 7)]
    assert found == [1, 0, 0, 0]
    assert keys(sqlite_engine) == ["credit_day:s1:PA:2023-01-15"]


def test_it_is_due_at_the_subscribers_hour_in_their_time_zone(sqlite_engine: Engine):
    queue(sqlite_engine, KEPT, replace(CARLA, schedule=Schedule(3, 9 * 60 + 30, "America/New_York")))
    [row] = outbox(sqlite_engine)
    assert from_ms(row.due_at) == datetime(2023, 1, 15, 14, 30, tzinfo=UTC)
    assert from_ms(row.stale_at) == datetime(2023, 1, 23, 5, tzinfo=UTC), "the midnight after the seventh day"


def test_what_is_late_is_due_at_once_but_not_in_quiet_hours(sqlite_engine: Engine):
    at_night = datetime(2023, 1, 17, 23, tzinfo=UTC)
    queue(sqlite_engine, KEPT, CARLA, today=date(2023, 1, 17), now=at_night)
    queue(
        sqlite_engine,
        replace(KEPT, partner_id="PB"),
        replace(CARLA, quiet=(0, 0)),
        today=date(2023, 1, 17),
        now=at_night,
    )
    quiet, at_once = outbox(sqlite_engine)
    assert from_ms(quiet.due_at) == datetime(2023, 1, 18, 7, tzinfo=UTC)
    assert from_ms(at_once.due_at) == at_night


def test_only_who_gets_alerts_about_tiers_gets_it(sqlite_engine: Engine):
    assert queue(sqlite_engine, KEPT, replace(CARLA, kinds=frozenset({Kind.MINIMUMS}))) == 0


def test_who_subscribes_after_the_day_gets_the_next_one(sqlite_engine: Engine):
    later = replace(CARLA, created=datetime(2023, 1, 16, 8, tzinfo=UTC))
    assert queue(sqlite_engine, KEPT, later, today=date(2023, 1, 17)) == 0
    assert queue(sqlite_engine, replace(REMINDED, reminder=Reminder(date(2023, 7, 15), 30)), later) == 1


def test_each_reminder_is_told_once(sqlite_engine: Engine):
    news = [replace(REMINDED, reminder=Reminder(DAY, days)) for days in (60, 60, 30, 30, 7)]
    assert [queue(sqlite_engine, each, CARLA) for each in news] == [1, 0, 1, 0, 1]


def test_a_reminder_doesnt_repeat_an_alert_of_the_same_week(sqlite_engine: Engine):
    partner = Partner("PA", "Partner A", "US", "USD", date(2019, 1, 1))
    for version, level in enumerate((Level.GREEN, Level.RED)):
        signal = Signal(f"recalibration.{DAY}", "gold", level, DAY)
        signals = Signals(partner, date(2022, 12, 15), standing(DAY).rules, (signal,), (), version)
        now = datetime(2022, 12, 15, 12, tzinfo=UTC)
        Transactions(sqlite_engine, lambda now=now: now, NOTIFICATIONS_LOCK).write_now(
            lambda db, moment, signals=signals: crossings.record_crossings(db, signals, [CARLA], moment)
        )
    soon, later = datetime(2022, 12, 16, 12, tzinfo=UTC), datetime(2023, 1, 8, 12, tzinfo=UTC)
    assert queue(sqlite_engine, REMINDED, CARLA, today=soon.date(), now=soon) == 0
    seven = replace(REMINDED, reminder=Reminder(DAY, 7))
    assert queue(sqlite_engine, seven, CARLA, today=later.date(), now=later) == 1


def test_what_cant_be_judged_is_told_to_the_programs_people_once_for_all_partners(sqlite_engine: Engine):
    anybody = replace(CARLA, subscription_id="s2", target="U2")
    for partner in ("PA", "PB"):
        queue(sqlite_engine, CreditNews(partner, not_judged=(DAY,)), anybody, CARLA, staff=(CARLA,))
    assert keys(sqlite_engine) == ["not_judged:s1:2023-01-15"]


def test_what_happens_during_a_pause_isnt_told_after_it(sqlite_engine: Engine):
    ana = SlackUser("T1", "U1")

    def change(paused: bool | None, at: datetime) -> list[Subscription]:
        def changed(db, now: datetime) -> list[Subscription]:
            if paused is None:
                subscriptions.subscribe(db, ana, [Topic.ALERTS], Schedule(0, 540, "UTC"), None, now)
                return subscriptions.subscriptions_of(db, "T1", "U1")
            return subscriptions.pause(db, ana, now, paused=paused)

        return Transactions(sqlite_engine, lambda: at, NOTIFICATIONS_LOCK).write_now(changed)

    link(sqlite_engine)
    [subscribed] = change(None, datetime(2022, 12, 1, tzinfo=UTC))
    change(True, datetime(2023, 1, 10, tzinfo=UTC))
    [resumed] = change(False, datetime(2023, 1, 17, 8, tzinfo=UTC))
    assert subscribed.created.date() == date(2022, 12, 1)
    assert queue(sqlite_engine, KEPT, resumed, today=date(2023, 1, 17)) == 0
    [again] = change(False, datetime(2023, 3, 1, tzinfo=UTC))
    assert again.created == resumed.created, "who isn't paused resumes nothing"


def link(engine: Engine) -> None:
    """Link the Slack user to a person on file."""
    with engine.begin() as connection:
        row = {"email": "ana@example.com", "name": "Ana", "role": "partner", "partner_id": ""}
        connection.execute(table(PersonRow).insert(), [row])
    link_user(engine, "T1", "U1", "ana@example.com")
