"""Every night one replica verifies a sample, beside everything else, and its result is there for all of them."""

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
from tiercore.storage.tables.ledger import CreditRow, DerivedRow

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
    assert await verified_at_night(verifications(filled, Clock())) is None


async def test_the_check_itself_returns_at_once_and_a_stop_gives_the_verification_up(filled: Engine):
    found = verifications(filled, Clock())
    nightly = NightlyVerification(found)
    found.stop()
    await nightly.check()
    await nightly.stop()
    assert await found.last() is None
