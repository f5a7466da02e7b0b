"""A look for alerts and credit days reads only the partners that have changed (digests-and-alerts#alerts)."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from scheduler.alerts import AlertMonitor
from scheduler.audiences import Audiences
from scheduler.credit_days import CreditDayMonitor
from tests.support.databases import Databases
from tests.support.sampled_partners import TABLE, sampled_partner, write_partners
from tiercore.access import Grant, SlackUser
from tiercore.answers import Answers
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.notifications.service import Notifications
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import NIGHT, Topic
from tiercore.people.enterprise import record_team
from tiercore.people.linking import link, unlink
from tiercore.portfolio.plain_levels import Levels
from tiercore.program import load_program
from tiercore.questions.credit_day import CreditDay
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, create_database_engine, reading
from tiercore.storage.reader import create_reader
from tiercore.storage.schema import upgrade
from tiercore.storage.tables.notifications import OutboxRow, SignalRow
from tiercore.storage.transactions import Transactions
from tiercore.storage.versions import change_everything, change_partners

ADMIN, COLLEAGUE, PARTNERS = SlackUser("T1", "U1"), SlackUser("T1", "U2"), 12
QUIET_DAY, CREDIT_DAY = date(2024, 5, 27), date(2024, 5, 15)
DAY_WITH_NEWS = date(2024, 6, 3)  # a partner turns red, and no other look is due than that of its own day


@dataclass
class Office:
    """Partners with one subscriber, an admin, on a day that can be moved."""

    engine: Engine
    answers: Answers
    day: date = QUIET_DAY
    asked: Counter[str] = field(default_factory=Counter)
    told: int = 0  # how many partners' levels were compared in sets

    @property
    def notifications(self) -> Notifications:
        return Notifications(Transactions(self.engine, lambda: self.now, NOTIFICATIONS_LOCK))

    @property
    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)

    def alerts(self) -> AlertMonitor:
        return AlertMonitor(self.answers, self.notifications, lambda: self.day)

    def credit_days(self) -> CreditDayMonitor:
        return CreditDayMonitor(self.answers, self.notifications, lambda: self.day)

    async def subscribe(self, *users: SlackUser) -> None:
        for each in users:
            await self.notifications.subscribe(each, [Topic.ALERTS], Schedule(0, 540, "UTC"), NIGHT)

    def link(self, user: SlackUser) -> None:
        with self.engine.begin() as connection:
            link(connection, user, "admin@example.com", datetime(2023, 1, 1, tzinfo=UTC))

    def change(self, *partners: str) -> None:
        """Count a change of these partners' data, or of everybody's."""
        with self.engine.begin() as connection:
            change_partners(connection, partners) if partners else change_everything(connection)

    def seen(self) -> dict[str, tuple[int, int]]:
        """On which day and at which version each partner's signals were seen last."""
        row = table(SignalRow).c
        with reading(self.engine) as connection:
            rows = connection.execute(select(row.partner_id, row.seen_day, row.seen_version)).all()
        return {partner_id: max((r[1], r[2]) for r in rows if r[0] == partner_id) for partner_id, _, _ in rows}

    def queued(self) -> set[str]:
        with reading(self.engine) as connection:
            return set(connection.scalars(select(table(OutboxRow).c.key)))

    def queued_for(self, user: SlackUser) -> int:
        """How many messages are queued for the user."""
        row = table(OutboxRow).c
        with reading(self.engine) as connection:
            return len(connection.execute(select(row.key).where(row.place == user.user_id)).all())


@pytest.fixture
async def office(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    rules, chance = tmp_path / "rules.toml", random.Random(5)
    rules.write_text("".join(f"[{each}" for each in TABLE.split("[")[1:] if not each.startswith("retention")))
    program = load_program(rules)
    write_partners(tmp_path / "files", [sampled_partner(chance, f"P{number:02}") for number in range(PARTNERS)])
    url = databases.filled(upgrade)
    engine = create_database_engine(url)
    assert import_folder(engine, program, tmp_path / "files", today=date(2027, 12, 31)).problems == []
    reader = create_reader(url)
    await reader.open()
    office = Office(engine, Answers(Ledger(reader, program)), date(2024, 5, 1))
    office.link(ADMIN)
    await office.subscribe(ADMIN)
    office.day = QUIET_DAY
    counted(office, monkeypatch)
    yield office
    await reader.close()
    engine.dispose()


def counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Count in `asked` of which partners signals and credit days are asked."""
    reports = office.answers.reports
    levels_of, credit_day = reports.levels_of, reports.credit_day

    async def counting_levels(grants: list[Grant], as_of: date) -> tuple[dict[str, Levels], int]:
        office.asked.update(f"signals {each.partner.partner_id}" for each in grants)
        found, version = await levels_of(grants, as_of)
        office.told += len(found)
        return found, version

    async def counting_days(grant: Grant, day: date) -> CreditDay:
        office.asked[f"credit day {grant.partner.partner_id}"] += 1
        return await credit_day(grant, day)

    monkeypatch.setattr(reports, "levels_of", counting_levels)
    monkeypatch.setattr(reports, "credit_day", counting_days)


async def test_a_look_reads_only_the_partners_whose_data_or_day_has_changed(office: Office):
    monitor = office.alerts()
    await monitor.check()
    assert office.asked == {f"signals P{number:02}": 1 for number in range(PARTNERS)}
    office.asked.clear()
    await monitor.check()
    assert not office.asked, "nothing has changed"
    office.change("P03", "P07")
    await monitor.check()
    assert office.asked == {"signals P03": 1, "signals P07": 1}
    office.asked.clear()
    office.change()
    await monitor.check()
    assert len(office.asked) == PARTNERS


async def test_a_new_day_is_looked_at_only_for_partners_on_whom_it_can_matter(office: Office):
    monitor = office.alerts()
    await monitor.check()
    office.asked.clear()
    office.day += timedelta(1)
    await monitor.check()
    assert 0 < len(office.asked) < PARTNERS
    assert {day for day, _ in office.seen().values()} == {office.day.toordinal()}, "the others are seen, too"
    office.day = office.day.replace(day=1, month=office.day.month + 1)
    office.asked.clear()
    await monitor.check()
    assert len(office.asked) == PARTNERS, "retention counts another month"


async def test_every_signal_is_seen_on_every_day_whether_it_was_compared_in_sets_or_alone(office: Office):
    monitor, alone = office.alerts(), office.alerts()
    await monitor.check()
    for _ in range(40):
        office.day += timedelta(9)
        await monitor.check()
        version = await office.answers.version()
        assert set(office.seen().values()) == {(office.day.toordinal(), version)}
        before = office.queued()
        await alone.check()
        assert office.queued() == before, "another replica finds nothing new"


async def test_alerts_are_the_same_whether_levels_are_compared_in_sets_or_alone(
    office: Office, databases: Databases, monkeypatch: pytest.MonkeyPatch
):
    found = []
    for in_sets in (True, False):
        if not in_sets:
            monkeypatch.setattr(office.answers.reports, "levels_of", nothing_told(office))
            with office.engine.begin() as connection:
                for each in (OutboxRow, SignalRow):
                    connection.execute(table(each).delete())
        office.day, monitor = QUIET_DAY, office.alerts()
        for _ in range(40):
            await monitor.check()
            office.day += timedelta(9)
        found.append(office.queued())
    assert found[0] == found[1]
    assert len(found[0]) > 5
    assert office.told > 20


def nothing_told(office: Office) -> Callable[..., object]:
    async def levels_of(grants: list[Grant], as_of: date) -> tuple[dict[str, Levels], int]:
        return {}, await office.answers.version()

    return levels_of


async def test_credit_days_are_asked_again_only_of_partners_that_have_changed(office: Office):
    office.day, monitor = CREDIT_DAY + timedelta(1), office.credit_days()
    await monitor.check()
    assert sum(office.asked.values()) == PARTNERS
    office.asked.clear()
    await monitor.check()
    office.change("P03")
    await monitor.check()
    assert office.asked == {"credit day P03": 1}


async def test_on_a_day_without_news_no_credit_day_is_asked(office: Office):
    office.day = QUIET_DAY
    await office.credit_days().check()
    assert not office.asked


async def test_a_message_that_is_sent_has_no_other_partner_told_again(office: Office):
    office.day, monitor = CREDIT_DAY + timedelta(1), office.credit_days()
    await monitor.check()
    assert office.queued()
    with office.engine.begin() as connection:
        connection.execute(table(OutboxRow).update().values(state="sent"))
    office.asked.clear()
    await monitor.check()
    assert not office.asked


@pytest.mark.parametrize("read", ["possibly_changed", "levels_of", "signals_of"])
async def test_no_alert_is_lost_where_the_link_of_a_looks_reader_ends_meanwhile(
    read: str, office: Office, monkeypatch: pytest.MonkeyPatch
):
    office.link(COLLEAGUE)
    await office.subscribe(COLLEAGUE)
    office.day, monitor = DAY_WITH_NEWS - timedelta(1), office.alerts()
    await monitor.check()
    assert not office.queued_for(COLLEAGUE)
    ending = link_ending_before(office, read, monkeypatch)
    office.day = DAY_WITH_NEWS
    await monitor.check()
    assert ending == [ADMIN]
    await monitor.check()
    assert office.queued_for(COLLEAGUE)


def link_ending_before(office: Office, read: str, monkeypatch: pytest.MonkeyPatch) -> list[SlackUser]:
    """End the link of whoever reads the partners just before they are read so; whose it was."""
    reports, ended = office.answers.reports, list[SlackUser]()
    reading_so = getattr(reports, read)

    async def after_the_link(grants: list[Grant], *days: date) -> object:
        viewer = grants[0].viewer
        if not ended and isinstance(viewer, SlackUser):
            ended.append(viewer)
            with office.engine.begin() as connection:
                unlink(connection, viewer, office.now)
        return await reading_so(grants, *days)

    monkeypatch.setattr(reports, read, after_the_link)
    return ended


async def test_who_is_found_through_the_organization_is_in_the_audience_at_once(office: Office):
    elsewhere, audiences = SlackUser("T2", "U2"), Audiences(office.answers, office.notifications)

    async def found_in(enterprise: str | None) -> set[int]:
        """How many read each partner once the other workspace is of the organization, or of none."""
        with office.engine.begin() as connection:
            record_team(connection, "T2", enterprise, office.now)
        subscriptions, permissions = await office.notifications.alert_subscribers()
        found = await audiences.of(await office.answers.version(), subscriptions, permissions)
        return {len(each.subscriptions) for each in found}

    with office.engine.begin() as connection:
        record_team(connection, "T1", "E1", office.now)
    assert await found_in("E1") == {1}
    office.link(COLLEAGUE)
    await office.subscribe(elsewhere)
    assert [await found_in(each) for each in ("E1", None, "E1", "E2")] == [{2}, {1}, {2}, {1}]
