"""The demo's days import only what is new, and leave what the whole sample of that day would."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from bot.playground.demo_setup import SampleOfDay, prepare
from bot.playground.sample import DEMO_DAY, SampleChanges
from tests.support.synced_portal import ledger

pytestmark = pytest.mark.slow
_FORTH_AND_BACK = (DEMO_DAY + timedelta(75), DEMO_DAY - timedelta(400))


def test_day_after_day_forth_and_back_leaves_the_ledger_of_the_whole_sample(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as file:
        out = Console(file=file)
        moved = prepare(tmp_path / "moved", out)
        bring_to = moved.load_day
        assert isinstance(bring_to, SampleOfDay)
        for day in _FORTH_AND_BACK:
            bring_to(day)
            fresh = prepare(tmp_path / "fresh", out, day)
            assert ledger(moved.core.engine) == ledger(fresh.core.engine), day
            fresh.core.engine.dispose()
    moved.core.engine.dispose()


def test_a_day_is_a_few_rows_of_the_sample() -> None:
    next_day = SampleChanges("data", DEMO_DAY, DEMO_DAY + timedelta(1)).tables()
    assert 0 < sum(each.count() for each in next_day.tables) < 200


def test_nothing_is_new_of_the_same_day() -> None:
    same = SampleChanges("data", date(2022, 9, 5), date(2022, 9, 5)).tables()
    assert (same.tables, same.removals) == ([], {})
