"""Each crossing sends one alert, despite concurrent scans, outdated scans and flapping colours."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, select, update

from tiercore.access import SlackUser
from tiercore.facts.entries import Partner
from tiercore.notifications import alerts, crossings, sightings
from tiercore.notifications.timetable import Schedule
from tiercore.notifications.types import SNOOZED, AlertRef, Subscription, Topic
from tiercore.program import load_program
from tiercore.questions.signals import Level, Signal, Signals
from tiercore.storage.bulk import table
from tiercore.storage.engine import NOTIFICATIONS_LOCK, reading
from tiercore.storage.moments import from_ms
from tiercore.storage.tables.notifications import OutboxRow, SignalRow
from tiercore.storage.transactions import Transactions

DAY = date(2022, 9, 5)
RULES = load_program().on(DAY)
ANA = Subscription("s1", "T1", "U1", Topic.ALERTS, Schedule(0, 540, "UTC"), False, None, "U1", None)
ABOUT = AlertRef("s1", "PA", "gold.sold_minimum", 1)


def signals(level: Level | None, day: date = DAY, partner: str = "PA") -> Signals:
    partner_row = Partner(partner, partner, "US", "USD", date(2019, 1, 1))
    return Signals(partner_row, day, RULES, (Signal("gold.sold_minimum", "gold", level, day),), ())


def scan(
    engine: Engine, level: Level | None, version: int, day: date = DAY, subscribers=(ANA,), partner: str = "PA"
) -> int:
    return Transactions(engine, lock=NOTIFICATIONS_LOCK).write_now(
        lambda connection, now: crossings.record_crossings(
            connection, replace(signals(level, day, partner), version=version), subscribers, now
        )
    )


def due(engine: Engine, key: str) -> datetime:
    with reading(engine) as connection:
        return from_ms(connection.scalar(select(table(OutboxRow).c.due_at).where(table(OutboxRow).c.key == key)))


def mark_sent(engine: Engine) -> None:
    """Mark everything in the outbox as sent."""
    with engine.begin() as connection:
        connection.execute(update(table(OutboxRow)).values(state="sent"))


def keys(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.scalars(select(table(OutboxRow).c.key).order_by("outbox_id")))


def test_a_requirement_red_at_the_first_scan_sends_no_alert(sqlite_engine: Engine):
    assert scan(sqlite_engine, Level.RED, 1) == 0
    assert scan(sqlite_engine, Level.GREEN, 2) == 0
    assert scan(sqlite_engine, Level.RED, 3) == 1


def test_a_crossing_is_alerted_once_however_often_it_is_scanned(sqlite_engine: Engine):
    scan(sqlite_engine, Level.GREEN, 1)
    assert [scan(sqlite_engine, Level.RED, version) for version in (2, 2, 3, 4)] == [1, 0, 0, 0]
    assert keys(sqlite_engine) == ["alert:s1:PA:gold.sold_minimum:1"]


def test_a_scan_older_than_the_stored_state_changes_nothing(sqlite_engine: Engine):
    scan(sqlite_engine, Level.GREEN, 1)
    scan(sqlite_engine, Level.RED, 5)
    assert scan(sqlite_engine, Level.GREEN, 4) == 0
    assert scan(sqlite_engine, Level.RED, 6) == 0
    assert len(keys(sqlite_engine)) == 1


def test_worsening_adds_a_reply_and_recovery_updates_the_message(
    sqlite_engine: Engine,
):
    for version, level in enumerate((Level.GREEN, Level.SOON, Level.RED, Level.GREEN)):
        scan(sqlite_engine, level, version)
        mark_sent(sqlite_engine)
    root = "alert:s1:PA:gold.sold_minimum:1"
    assert keys(sqlite_engine) == [root, f"{root}.1.change", f"{root}.1", f"{root}.2.change"]


def test_a_flapping_requirement_stays_in_one_thread_until_days_have_passed(sqlite_engine: Engine):
    scan(sqlite_engine, Level.GREEN, 1)
    scan(sqlite_engine, Level.RED, 2)
    mark_sent(sqlite_engine)
    scan(sqlite_engine, Level.GREEN, 3)
    scan(sqlite_engine, Level.RED, 4)
    assert {key.split(".")[1].split(":")[1] for key in keys(sqlite_engine)} == {"1"}
    scan(sqlite_engine, Level.GREEN, 5)
    scan(sqlite_engine, Level.RED, 6, DAY + timedelta(days=crossings.FLAPPING_DAYS))
    assert keys(sqlite_engine)[-1] == "alert:s1:PA:gold.sold_minimum:2"


def test_an_unknown_state_is_no_crossing(sqlite_engine: Engine):
    for version, level in enumerate((Level.RED, None, Level.RED)):
        assert scan(sqlite_engine, level, version) == 0


def test_after_a_long_outage_crossings_are_recorded_without_alerts(sqlite_engine: Engine):
    scan(sqlite_engine, Level.GREEN, 1)
    assert scan(sqlite_engine, Level.RED, 2, DAY + timedelta(days=60)) == 0


def test_a_snooze_delays_the_alert_until_it_ends(sqlite_engine: Engine):
    scan(sqlite_engine, Level.GREEN, 1)
    scan(sqlite_engine, Level.SOON, 2)
    mark_sent(sqlite_engine)
    until = datetime.now(UTC).date() + timedelta(days=7)
    Transactions(sqlite_engine).write_now(
        lambda connection, now: alerts.respond(connection, ABOUT, SlackUser("T1", "U1"), SNOOZED, until, now)
    )
    scan(sqlite_engine, Level.RED, 3)
    root = "alert:s1:PA:gold.sold_minimum:1"
    assert keys(sqlite_engine) == [root, f"{root}.1.change", f"{root}.1"]
    assert due(sqlite_engine, f"{root}.1") == datetime.combine(until + timedelta(days=1), time(8), UTC)
    mark_sent(sqlite_engine)
    scan(sqlite_engine, Level.GREEN, 4)
    scan(sqlite_engine, Level.RED, 5, DAY + timedelta(days=4))
    assert due(sqlite_engine, "alert:s1:PA:gold.sold_minimum:2").date() == until + timedelta(days=1)


def test_a_delayed_message_gets_no_follow_ups(sqlite_engine: Engine):
    """The message shows the state at the time it is sent."""
    for version, level in enumerate((Level.GREEN, Level.SOON, Level.RED)):
        scan(sqlite_engine, level, version)
    assert keys(sqlite_engine) == ["alert:s1:PA:gold.sold_minimum:1"]


def test_an_unsubscribed_alert_is_closed_and_sent_again_when_it_recurs(sqlite_engine: Engine):
    def unwatched(version: int) -> int:
        signals_now = replace(signals(Level.GREEN), items=(), version=version)
        return Transactions(sqlite_engine).write_now(
            lambda connection, now: crossings.record_crossings(connection, signals_now, (ANA,), now)
        )

    root = "alert:s1:PA:gold.sold_minimum"
    scan(sqlite_engine, Level.GREEN, 1)
    scan(sqlite_engine, Level.RED, 2)
    mark_sent(sqlite_engine)
    assert (unwatched(3), unwatched(4)) == (1, 0)
    assert scan(sqlite_engine, Level.RED, 5) == 0, "like a first scan"
    assert scan(sqlite_engine, Level.GREEN, 6, DAY + timedelta(days=5)) == 1
    mark_sent(sqlite_engine)
    assert scan(sqlite_engine, Level.RED, 7, DAY + timedelta(days=10)) == 1
    assert keys(sqlite_engine)[-1] == f"{root}:2"


def test_a_requirement_red_before_the_subscription_sends_no_alert(sqlite_engine: Engine):
    scan(sqlite_engine, Level.GREEN, 1)
    later = replace(ANA, subscription_id="s2", created=datetime(2022, 9, 15, tzinfo=UTC))
    assert scan(sqlite_engine, Level.RED, 2, DAY + timedelta(days=10), subscribers=(later,)) == 0


def test_a_crossing_after_weeks_of_unknown_states_is_alerted(sqlite_engine: Engine):
    scan(sqlite_engine, Level.GREEN, 1)
    for day in range(1, 21):
        scan(sqlite_engine, None, 2, DAY + timedelta(days=day))
    assert scan(sqlite_engine, Level.RED, 3, DAY + timedelta(days=21)) == 1


def test_quiet_hours_delay_an_alert(sqlite_engine: Engine):
    quiet = Subscription("s1", "T1", "U1", Topic.ALERTS, Schedule(0, 540, "UTC"), False, (0, 23 * 60 + 59), "U1", None)
    scan(sqlite_engine, Level.GREEN, 1, subscribers=(quiet,))
    scan(sqlite_engine, Level.RED, 2, subscribers=(quiet,))
    with reading(sqlite_engine) as connection:
        due = connection.scalar(select(table(OutboxRow).c.due_at))
    assert due >= datetime.now(UTC).timestamp() * 1000 - 60_000


@pytest.mark.slow
@pytest.mark.parametrize("scanners", [4])
def test_a_hundred_crossings_under_concurrent_scans_are_a_hundred_alerts(engine: Engine, scanners: int):
    """Every scanner goes through all data versions at its own pace; some see them late."""
    crossings = 25
    partners = [f"P{number}" for number in range(4)]
    levels = [Level.GREEN if version % 2 == 0 else Level.RED for version in range(2 * crossings)]
    for partner in partners:
        scan(engine, Level.GREEN, 0, DAY, partner=partner)

    def work(seed: int) -> None:
        chance = random.Random(seed)
        order = [(version, partner) for version in range(1, 2 * crossings) for partner in partners]
        for version, partner in order:
            if version % 2 == 0 or seed == 0 or chance.random() < 0.5:
                day = DAY + timedelta(days=4 * version)
                scan(engine, levels[version], version, day, partner=partner)

    with ThreadPoolExecutor(scanners) as pool:
        list(pool.map(work, range(scanners)))
    roots = [key for key in keys(engine) if key.count(".") == 1]
    assert len(roots) == len(set(roots))
    with reading(engine) as connection:
        rows = connection.execute(select(table(SignalRow))).all()
    assert {row.level for row in rows} == {int(Level.RED)}
    assert sum(row.episode for row in rows) == len(roots)


def unchanged(engine: Engine, levels: dict[str, Level | None], version: int, day: date = DAY) -> set[str]:
    return Transactions(engine, lock=NOTIFICATIONS_LOCK).write_now(
        lambda connection, _: sightings.see_without_news(connection, {"PA": levels}, day, version)
    )


def stored(engine: Engine) -> list[tuple[str, int, int, int]]:
    """Each signal's name, level, and the day and version at which it was last seen."""
    row = table(SignalRow).c
    with reading(engine) as connection:
        rows = connection.execute(select(row.name, row.level, row.seen_day, row.seen_version).order_by(row.name))
        return [tuple(each) for each in rows]


@pytest.mark.parametrize("level", [Level.GREEN, None])
def test_signals_seen_unchanged_are_stored_as_if_they_had_been_compared_one_by_one(
    sqlite_engine: Engine, level: Level | None
):
    scan(sqlite_engine, Level.GREEN, 1)
    scan(sqlite_engine, Level.GREEN, 1, partner="PB")
    later = DAY + timedelta(1)
    assert unchanged(sqlite_engine, {"gold.sold_minimum": level}, 2, later) == {"PA"}
    scan(sqlite_engine, level, 2, later, partner="PB")
    one, other = stored(sqlite_engine)
    assert one == other == ("gold.sold_minimum", Level.GREEN, later.toordinal(), 2)


def test_signals_at_another_level_or_told_and_no_longer_watched_are_left_to_be_compared(sqlite_engine: Engine):
    scan(sqlite_engine, Level.GREEN, 1)
    scan(sqlite_engine, Level.RED, 2)
    before = stored(sqlite_engine)
    assert unchanged(sqlite_engine, {"gold.sold_minimum": Level.GREEN}, 3) == set()
    assert unchanged(sqlite_engine, {"gold.sold_minimum": Level.SOON, "gold.certification": Level.GREEN}, 3) == set()
    assert unchanged(sqlite_engine, {}, 3) == set()
    assert stored(sqlite_engine) == before


def test_looks_in_sets_store_and_tell_what_looks_one_by_one_do(sqlite_engine: Engine):
    """PA is compared one by one only where a look in sets leaves it, PB always."""
    chance, in_sets = random.Random(4), 0
    names, levels = ("gold.sold_minimum", "reached.gold", "recalibration.2023-01-15"), dict[str, Level | None]()
    for version in range(1, 150):
        day = DAY + timedelta(version // 2)
        name = chance.choice(names)
        levels.pop(name, None)
        if chance.random() < 0.7:
            levels[name] = chance.choice([Level.GREEN, Level.GREEN, Level.RED, Level.SOON, None])
        quiet = unchanged(sqlite_engine, levels, version, day)
        in_sets += len(quiet)
        for partner in {"PA", "PB"} - quiet:
            items = tuple(Signal(name, "gold", level) for name, level in levels.items())
            compare(sqlite_engine, replace(signals(None, day, partner), items=items, version=version))
        with reading(sqlite_engine) as connection:
            rows = connection.execute(select(table(SignalRow)).order_by("partner_id", "name")).all()
        of = {who: [row[1:] for row in rows if row.partner_id == who] for who in ("PA", "PB")}
        assert of["PA"] == of["PB"]
    told = {who: {key.replace(who, "P") for key in keys(sqlite_engine) if f":{who}:" in key} for who in ("PA", "PB")}
    assert told["PA"] == told["PB"]
    assert len(told["PA"]) > 5
    assert in_sets > 20


def compare(engine: Engine, found: Signals) -> None:
    Transactions(engine, lock=NOTIFICATIONS_LOCK).write_now(
        lambda connection, now: crossings.record_crossings(connection, found, (ANA,), now)
    )


def test_what_was_seen_later_isnt_taken_back_by_an_older_look(sqlite_engine: Engine):
    scan(sqlite_engine, Level.GREEN, 5)
    before = stored(sqlite_engine)
    assert unchanged(sqlite_engine, {"gold.sold_minimum": Level.GREEN}, 4) == {"PA"}
    assert stored(sqlite_engine) == before


def test_many_partners_are_recorded_in_one_transaction_as_one_by_one(sqlite_engine: Engine):
    for level, version in ((Level.GREEN, 1), (Level.RED, 2)):
        many = [(replace(signals(level, partner=each), version=version), (ANA,)) for each in ("PA", "PB", "PC")]
        queued = Transactions(sqlite_engine, lock=NOTIFICATIONS_LOCK).write_now(
            lambda connection, now, many=many: crossings.record_crossings_of_many(connection, many, now)
        )
        assert queued == (3 if level is Level.RED else 0)
    assert keys(sqlite_engine) == [f"alert:s1:{each}:gold.sold_minimum:1" for each in ("PA", "PB", "PC")]
