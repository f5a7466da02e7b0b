"""One digest a period: no second one in a week, on a day or in a month, whatever is changed in between."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, insert, select

from tiercore.access import SlackUser
from tiercore.notifications import planning, subscriptions
from tiercore.notifications.subscription_rows import subscriptions_of
from tiercore.notifications.timetable import Rhythm, Schedule
from tiercore.notifications.types import NIGHT, Topic
from tiercore.people.types import InvalidChange
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, reading
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.tables.notifications import RunRow
from tiercore.storage.transactions import Transactions

MONDAY = datetime(2022, 9, 5, 9, tzinfo=UTC)
LATE, STEP = timedelta(hours=4), timedelta(hours=3)
ANA = SlackUser("T1", "U1")


class Subscriber:
    """Ana, and the time."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.now = engine, MONDAY - timedelta(days=1)
        self._writer = Transactions(engine, lambda: self.now, NOTIFICATIONS_LOCK)
        person = {"email": "ana@example.com", "name": "Ana", "role": "partner", "partner_id": "PA"}
        with engine.begin() as db:
            db.execute(insert(table(PersonRow)), [person])
            db.execute(insert(table(LinkRow)), [{"team_id": "T1", "user_id": "U1", "email": "ana@example.com"}])

    def subscribes(
        self, schedule: Schedule, *topics: Topic, follows_profile: bool = True, only_news: bool = False
    ) -> None:
        def subscribe(db: Connection, now: datetime) -> None:
            subscriptions.subscribe(
                db,
                ANA,
                topics or [Topic.PROGRESS],
                schedule,
                None,
                now,
                follows_profile=follows_profile,
                only_news=only_news,
            )

        self._writer.write_now(subscribe)

    def ends(self) -> int:
        return self._writer.write_now(lambda db, now: subscriptions.unsubscribe(db, ANA, list(Topic), now))

    def moves_to(self, timezone: str) -> None:
        self._writer.write_now(lambda db, now: subscriptions.follow_profile(db, ANA, timezone, now))

    def periods_until(self, moment: datetime) -> list[str]:
        """Let time pass; the periods of all digests so far."""
        while self.now < moment:
            self.now = min(self.now + STEP, moment)
            self._writer.write_now(lambda db, now: planning.plan(db, now, LATE))
        with reading(self.engine) as db:
            return list(db.scalars(select(table(RunRow).c.period).order_by(table(RunRow).c.due_at)))

    def current(self) -> list:
        return self._writer.read_now(lambda db: subscriptions_of(db, "T1", "U1"))


@pytest.fixture
def ana(engine: Engine) -> Subscriber:
    made = Subscriber(engine)
    made.subscribes(Schedule(0, 540, "UTC"))
    return made


def test_off_and_on_brings_no_second_digest_in_a_week(ana: Subscriber):
    assert ana.periods_until(MONDAY + timedelta(hours=1)) == ["2022-W36"]
    assert ana.ends() == 1
    assert ana.current() == []
    assert ana.ends() == 0
    ana.subscribes(Schedule(2, 540, "UTC"))
    assert ana.periods_until(MONDAY + timedelta(days=6)) == ["2022-W36"]
    assert ana.periods_until(MONDAY + timedelta(days=13)) == ["2022-W36", "2022-W37"]


def test_what_has_ended_is_not_sent_and_not_planned(ana: Subscriber):
    ana.ends()
    assert ana.periods_until(MONDAY + timedelta(days=8)) == []


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Kiritimati", "America/New_York"])
def test_a_new_zone_brings_no_second_digest_in_a_week_and_skips_none(ana: Subscriber, zone: str):
    assert ana.periods_until(MONDAY + timedelta(hours=1)) == ["2022-W36"]
    ana.moves_to(zone)
    [subscription] = ana.current()
    assert subscription.schedule == Schedule(0, 540, zone)
    assert ana.periods_until(MONDAY + timedelta(days=22)) == ["2022-W36", "2022-W37", "2022-W38", "2022-W39"]


def test_a_zone_that_was_chosen_stays(ana: Subscriber):
    ana.ends()
    ana.subscribes(Schedule(0, 540, "UTC"), follows_profile=False)
    ana.moves_to("Asia/Tokyo")
    assert ana.current()[0].schedule.timezone == "UTC"


def test_nights_are_quiet_where_nothing_else_was_chosen(ana: Subscriber):
    assert ana.current()[0].quiet == NIGHT


@pytest.mark.parametrize(
    ("schedule", "next_period"),
    [
        (Schedule(0, 600, "UTC"), "2022-W37"),
        (Schedule(0, 600, "UTC", Rhythm.WEEKDAYS), "2022-09-06"),
        (Schedule(0, 600, "UTC", Rhythm.MONTHLY), "2022-10"),
        (Schedule(0, 600, "UTC", Rhythm.MONTHLY, 5), "2022-10"),
    ],
)
def test_another_rhythm_brings_no_second_digest_on_a_day(ana: Subscriber, schedule: Schedule, next_period: str):
    assert ana.periods_until(MONDAY + timedelta(minutes=30)) == ["2022-W36"]
    ana.subscribes(schedule)
    assert ana.periods_until(MONDAY + timedelta(days=31))[:2] == ["2022-W36", next_period]


def test_weekdays_bring_one_from_monday_to_friday(ana: Subscriber):
    ana.subscribes(Schedule(0, 540, "UTC", Rhythm.WEEKDAYS))
    days = ana.periods_until(MONDAY + timedelta(days=13))
    assert days == [f"2022-09-{day:02}" for day in (5, 6, 7, 8, 9, 12, 13, 14, 15, 16)]


def test_the_digest_takes_the_place_of_its_halves_and_comes_no_second_time_on_their_day(ana: Subscriber):
    ana.subscribes(Schedule(0, 540, "UTC"), Topic.EXPIRY)
    assert {each.topic for each in ana.current()} == {Topic.PROGRESS, Topic.EXPIRY}
    assert ana.periods_until(MONDAY + timedelta(hours=1)) == ["2022-W36", "2022-W36"]
    ana.subscribes(Schedule(0, 660, "UTC"), Topic.DIGEST)
    assert [each.topic for each in ana.current()] == [Topic.DIGEST]
    assert ana.periods_until(MONDAY + timedelta(days=8))[2:] == ["2022-W37"]
    ana.subscribes(Schedule(4, 540, "UTC"), Topic.EXPIRY)
    assert [each.topic for each in ana.current()] == [Topic.EXPIRY]
    assert ana.periods_until(MONDAY + timedelta(days=13))[3:] == [], "this week's came as the digest"


def test_the_digest_and_a_half_of_it_are_not_both_subscribed(ana: Subscriber):
    with pytest.raises(InvalidChange, match="choose it, or one of them"):
        ana.subscribes(Schedule(0, 540, "UTC"), Topic.DIGEST, Topic.EXPIRY)
    assert [each.topic for each in ana.current()] == [Topic.PROGRESS]


def test_silence_without_news_is_kept_per_subscription_until_it_is_changed(ana: Subscriber):
    assert not ana.current()[0].only_news
    ana.subscribes(Schedule(0, 540, "UTC"), only_news=True)
    assert ana.current()[0].only_news
    ana.moves_to("Asia/Tokyo")
    assert ana.current()[0].only_news
