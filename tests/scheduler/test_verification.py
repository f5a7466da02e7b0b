"""Every night one replica verifies a sample, beside everything else, and its result is there for all of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, update

from scheduler.verification import NightlyVerification
from tests.support.sample_folder import write_folder
from tiercore.ingest.importing import import_folder
from tiercore.nightly import LastVerified, Verifications
from tiercore.program import load_program
from tiercore.storage.bulk import table
from tiercore.storage.derive import stored_fingerprint
from tiercore.storage.engine import NOTIFICATIONS_LOCK, writing
from tiercore.storage.tables.derived import CreditRow, DerivedRow

PROGRAM = load_program()
NIGHT = datetime(2022, 9, 6, 3, 30, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = NIGHT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def filled(engine: Engine, tmp_path: Path) -> Engine:
    """The sample folder, imported."""
    assert import_folder(engine, PROGRAM, write_folder(tmp_path / "data"), today=date(2022, 9, 5)).stored
    return engine


def verifications(engine: Engine, clock: Callable[[], datetime], sample: int = 50, hours: int = 0) -> Verifications:
    return Verifications(engine, PROGRAM, sample, timezone(timedelta(hours=hours)), clock)


async def verified_at_night(found: Verifications) -> LastVerified | None:
    nightly = NightlyVerification(found)
    await nightly.check()
    await nightly.finish()
    return await found.last()


async def test_at_night_a_sample_is_verified_and_the_result_recorded(filled: Engine):
    assert await verified_at_night(verifications(filled, Clock())) == LastVerified(NIGHT, partners=4, differences=0)


async def test_a_figure_that_differs_is_counted_in_the_result(filled: Engine):
    with filled.begin() as connection:
        connection.execute(update(table(CreditRow)).where(table(CreditRow).c.entry_id == "S2").values(rate=7))
    assert await verified_at_night(verifications(filled, Clock())) == LastVerified(NIGHT, partners=4, differences=1)


async def test_of_several_replicas_one_takes_the_night_on(filled: Engine):
    clock = Clock()
    one, other = verifications(filled, clock), verifications(filled, clock)
    assert [await each.claim_night() for each in (one, other, one)] == [date(2022, 9, 6), None, None]
    clock.now += timedelta(days=1)
    assert [await each.claim_night() for each in (other, one)] == [date(2022, 9, 7), None]


@pytest.mark.parametrize(("hour", "due"), [(2, False), (3, True), (5, True), (6, False), (12, False)])
async def test_a_night_begins_between_three_and_six(filled: Engine, hour: int, due: bool):
    found = verifications(filled, Clock(NIGHT.replace(hour=hour)))
    assert (await found.claim_night() is not None) == due


async def test_the_hours_are_those_of_the_settings_zone(filled: Engine):
    clock = Clock(NIGHT.replace(hour=20))
    assert await verifications(filled, clock).claim_night() is None
    assert await verifications(filled, clock, hours=8).claim_night() == date(2022, 9, 7)


async def test_a_sample_of_none_switches_it_off(filled: Engine):
    assert await verified_at_night(verifications(filled, Clock(), sample=0)) is None


async def test_figures_of_other_rules_are_left_alone_until_the_rebuild(filled: Engine):
    with filled.begin() as connection:
        connection.execute(update(table(DerivedRow)).values(rating_fingerprint="other"))
        connection.execute(delete(table(CreditRow)))
    nothing = LastVerified(None, 0, 0, left_out="the rules have changed, and the figures need tierbot rebuild")
    assert await verified_at_night(verifications(filled, Clock())) == nothing


async def test_a_night_left_out_after_a_verified_one_makes_its_result_say_nothing_until_the_next(filled: Engine):
    clock = Clock()
    found = verifications(filled, clock)
    assert (await verified_at_night(found)).is_current(clock.now)
    fingerprint = set_fingerprint(filled, "other")
    clock.now += timedelta(days=1)
    left_out = await verified_at_night(found)
    assert (left_out.at, left_out.left_out[:23]) == (NIGHT, "the rules have changed,")
    assert not left_out.is_current(clock.now)
    set_fingerprint(filled, fingerprint)
    clock.now += timedelta(days=1)
    assert (await verified_at_night(found)).is_current(clock.now)


async def test_a_result_is_current_for_two_days(filled: Engine):
    found = await verified_at_night(verifications(filled, Clock()))
    assert [found.is_current(NIGHT + timedelta(days)) for days in (0, 2, 2.01)] == [True, True, False]


async def test_sold_credits_that_were_not_recounted_are_counted_in_the_result(engine: Engine, tmp_path: Path):
    (tmp_path / "rules.toml").write_text("[deal_based.applies]\n2022-03-01 = { value = true }\n")
    program = load_program(tmp_path / "rules.toml")
    assert import_folder(engine, program, write_folder(tmp_path / "data"), today=date(2022, 9, 5)).stored
    found = await verified_at_night(Verifications(engine, program, 50, UTC, Clock()))
    assert (found.differences, found.not_recounted > 0) == (0, True)


async def test_a_night_whose_verification_failed_is_left_to_any_replica_and_tried_again_after_a_while(filled: Engine):
    clock = Clock()
    one, other = verifications(filled, clock), verifications(filled, clock)
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("tiercore.nightly.verify", fail)
        failed = await verified_at_night(one)
    assert (failed.at, failed.left_out) == (None, "the verification failed with RuntimeError")
    assert await one.claim_night() is None, "not at every tick"
    assert await other.claim_night() == date(2022, 9, 6)
    await other.give_back(date(2022, 9, 6), RuntimeError())
    clock.now += timedelta(minutes=10)
    assert await verified_at_night(one) == LastVerified(clock.now, partners=4, differences=0)


async def test_a_night_that_is_taken_is_seen_without_waiting_for_a_writer(filled: Engine):
    found = verifications(filled, Clock())
    assert await found.claim_night()
    with writing(filled, NOTIFICATIONS_LOCK):
        async with asyncio.timeout(5):
            assert await found.claim_night() is None


def fail(*_args: object, **_named: object) -> None:
    raise RuntimeError


def set_fingerprint(engine: Engine, fingerprint: str) -> str:
    """Make it the fingerprint of the stored figures' rules. Returns the one before."""
    with engine.begin() as connection:
        before = stored_fingerprint(connection)
        connection.execute(update(table(DerivedRow)).values(rating_fingerprint=fingerprint))
    return before


async def test_the_check_itself_returns_at_once_and_a_stop_gives_the_verification_up(filled: Engine):
    found = verifications(filled, Clock())
    nightly = NightlyVerification(found)
    found.stop()
    await nightly.check()
    await nightly.stop()
    assert await found.last() == LastVerified(None, 0, 0, left_out="tierbot was stopped during the verification")
