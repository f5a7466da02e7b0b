"""What `/changes` reads from the database: everything after its first day up to its last (how-tiers-work#changes)."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine

from tests.support.sample_folder import write_folder
from tiercore.access import Mailbox
from tiercore.answers import Answers
from tiercore.facts.points import MICRO
from tiercore.ingest.importing import import_folder
from tiercore.ledger import Ledger
from tiercore.program import load_program
from tiercore.questions.changes import Changes
from tiercore.storage.reader import create_reader

PROGRAM = load_program()
BEGINS, EXPIRES = (
    date(2022, 3, 1),
    date(2023, 3, 1),
)  # Acme's Sales Hub, 3,000 a month: the day sold, and twelve months later
SOLD = 90 * MICRO
DAY = timedelta(1)


async def changed(engine: Engine, *windows: tuple[date, date]) -> list[Changes]:
    """Partner A's changes in each of the windows."""
    reader = create_reader(engine.url)
    await reader.open()
    answers = Answers(Ledger(reader, PROGRAM))
    grant = (await answers.reach(Mailbox("ana@example.com"))).grant_of("PA")
    found = [await answers.changes(grant, since, until) for since, until in windows]
    await reader.close()
    return found


@pytest.fixture
def filled(engine: Engine, tmp_path) -> Engine:
    assert not import_folder(engine, PROGRAM, write_folder(tmp_path / "data"), today=date(2022, 9, 5)).problems
    return engine


@pytest.mark.parametrize("day", [BEGINS, EXPIRES], ids=["a sale", "its expiry"])
async def test_changes_on_the_first_day_are_excluded_and_on_the_last_included(filled: Engine, day: date):
    from_that_day, to_that_day, later = await changed(
        filled, (day, day + DAY), (day - DAY, day), (day + DAY, day + DAY)
    )
    assert from_that_day.clients == later.clients == ()
    assert {to_that_day.sold.gained, to_that_day.sold.lost} == {SOLD, 0}


async def test_stored_changes_add_up_to_the_difference_of_the_balances_on_any_days(filled: Engine):
    """Every day with a change, and the days before and after it, as first and last days."""
    events = [date(2021, 1, 1), date(2021, 10, 5), BEGINS, date(2022, 10, 5), date(2022, 11, 1), EXPIRES]
    days = sorted({event + shift for event in events for shift in (-DAY, timedelta(), DAY)})
    windows = [(since, until) for since in days for until in days if since <= until]
    found = await changed(filled, *windows)
    assert any(each.clients for each in found)
    for each in found:
        assert each.sold.net == each.after.sold - each.before.sold, (each.since, each.as_of)
        assert each.managed.net == each.after.managed - each.before.managed, (each.since, each.as_of)


async def test_consecutive_windows_count_each_change_once(filled: Engine):
    steps = [date(2021, 1, 1), BEGINS, date(2022, 10, 5), EXPIRES, date(2023, 6, 1)]
    *parts, whole = await changed(filled, *pairwise(steps), (steps[0], steps[-1]))
    assert sum(each.combined.gained for each in parts) == whole.combined.gained > 0
    assert sum(each.combined.lost for each in parts) == whole.combined.lost > 0
