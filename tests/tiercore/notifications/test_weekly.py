"""Weekly means weekly: no second digest in an ISO week, whatever is changed in between."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, insert, select

from tiercore.access import SlackUser
from tiercore.notifications import planning, subscriptions
from tiercore.notifications.timetable import Weekly
from tiercore.notifications.types import NIGHT, Topic
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, reading
from tiercore.storage.tables.ledger import LinkRow, PersonRow
from tiercore.storage.tables.notifications import RunRow
from tiercore.storage.transactions import Transactions

MONDAY = datetime(2022, 9, 5, 9, tzinfo=UTC)
LATE = timedelta(hours=4)
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

    def subscribes(self, weekly: Weekly, *, follows_profile: bool = True) -> None:
        def subscribe(db: Connection, now: datetime) -> None:
            topics = [Topic.PROGRESS]
            subscriptions.subscribe(db, ANA, topics, weekly, None, now, follows_profile=follows_profile)

        self._writer.write_now(subscribe)

    def ends(self) -> int:
        return self._writer.write_now(lambda db, now: subscriptions.unsubscribe(db, ANA, list(Topic), now))

    def moves_to(self, timezone: str) -> None:
        self._writer.write_now(lambda db, now: subscriptions.follow_profile(db, ANA, timezone, now))

    def weeks_until(self, moment: datetime) -> list[str]:
        """Let time pass; the weeks of all digests so far."""
        while self.now < moment:
            self.now += timedelta(hours=1)
            self._writer.write_now(lambda db, now: planning.plan(db, now, LATE))
        with reading(self.engine) as db:
            return list(db.scalars(select(table(RunRow).c.week).order_by(table(RunRow).c.due_at)))

    def current(self) -> list:
        return self._writer.read_now(lambda db: subscriptions.subscriptions_of(db, "T1", "U1"))


@pytest.fixture
def ana(engine: Engine) -> Subscriber:
    made = Subscriber(engine)
    made.subscribes(Weekly(0, 540, "UTC"))
    return made


def test_off_and_on_brings_no_second_digest_in_a_week(ana: Subscriber):
    assert ana.weeks_until(MONDAY + timedelta(hours=1)) == ["2022-W36"]
    assert ana.ends() == 1
    assert ana.current() == []
    assert ana.ends() == 0
    ana.subscribes(Weekly(2, 540, "UTC"))
    assert ana.weeks_until(MONDAY + timedelta(days=6)) == ["2022-W36"]
    assert ana.weeks_until(MONDAY + timedelta(days=13)) == ["2022-W36", "2022-W37"]


def test_what_has_ended_is_not_sent_and_not_planned(ana: Subscriber):
    ana.ends()
    assert ana.weeks_until(MONDAY + timedelta(days=8)) == []


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Kiritimati", "America/New_York"])
def test_a_new_zone_brings_no_second_digest_in_a_week_and_skips_none(ana: Subscriber, zone: str):
    assert ana.weeks_until(MONDAY + timedelta(hours=1)) == ["2022-W36"]
    ana.moves_to(zone)
    [subscription] = ana.current()
    assert subscription.weekly == Weekly(0, 540, zone)
    assert ana.weeks_until(MONDAY + timedelta(days=22)) == ["2022-W36", "2022-W37", "2022-W38", "2022-W39"]


def test_a_zone_that_was_chosen_stays(ana: Subscriber):
    ana.ends()
    ana.subscribes(Weekly(0, 540, "UTC"), follows_profile=False)
    ana.moves_to("Asia/Tokyo")
    assert ana.current()[0].weekly.timezone == "UTC"


def test_nights_are_quiet_where_nothing_else_was_chosen(ana: Subscriber):
    assert ana.current()[0].quiet == NIGHT
