"""A look passes over a partner on a new day only if none of its signals can be at another level
(digests-and-alerts#looks).
"""

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.random_programs import ADMIN, answers_about
from tiercore.access import Reach
from tiercore.answers import Answers
from tiercore.questions.signals import Level

Levels = dict[str, dict[str, Level | None]]


async def levels_on(answers: Answers, reach: Reach, day: date) -> Levels:
    found = await answers.reports.signals_of(reach.grants, day)
    return {each.partner.partner_id: {one.name: one.level for one in each.items} for each in found}


async def passed_over_and_changed(answers: Answers, reach: Reach, first: date, days: int) -> tuple[int, list[object]]:
    """How many partners were passed over on the days, and those of them that have a signal at another level."""
    since, before = first, await levels_on(answers, reach, first)
    passed, wrong = 0, list[object]()
    for number in range(days):
        day = first + timedelta(number + 1)
        changed, _ = await answers.reports.possibly_changed(reach.grants, since, day)
        now = await levels_on(answers, reach, day)
        quiet = now.keys() - changed
        wrong += [(day, each, before[each], now[each]) for each in quiet if before[each] != now[each]]
        passed, since, before = passed + len(quiet), day, now
    return passed, wrong


@pytest.mark.parametrize("seed", range(2))
async def test_no_partner_is_passed_over_whose_signals_are_at_other_levels(
    seed: int, databases: Databases, tmp_path: Path
):
    async with answers_about(seed, 20, databases, tmp_path / "random") as answers:
        first = date(2023, 1, 1) + timedelta(random.Random(seed).randrange(1_000))
        passed, wrong = await passed_over_and_changed(answers, await answers.reach(ADMIN), first, 25)
        assert wrong == []
        assert passed > 100


async def test_several_days_are_passed_over_at_a_time_where_none_of_them_matters(databases: Databases, tmp_path: Path):
    async with answers_about(1, 30, databases, tmp_path / "random") as answers:
        reach, day = await answers.reach(ADMIN), date(2024, 5, 20)
        later, _ = await answers.reports.possibly_changed(reach.grants, day, day + timedelta(5))
        each = [
            await answers.reports.possibly_changed(reach.grants, day + timedelta(n), day + timedelta(n + 1))
            for n in range(5)
        ]
        assert later == set().union(*(found for found, _ in each))
        assert len(later) < 30


@pytest.mark.parametrize("days", [-1, 15])
async def test_everybody_is_looked_at_on_an_earlier_day_and_after_a_long_time(
    days: int, databases: Databases, tmp_path: Path
):
    async with answers_about(1, 5, databases, tmp_path / "random") as answers:
        reach, day = await answers.reach(ADMIN), date(2024, 5, 17)
        found, _ = await answers.reports.possibly_changed(reach.grants, day, day + timedelta(days))
        assert found == {each.partner_id for each in reach.partners}


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_no_partner_is_passed_over_in_many_programs(
    databases: Databases, tmp_path: Path, share_of: Callable[[int], int]
):
    for seed in range(200, 200 + share_of(12)):
        async with answers_about(seed, 15, databases, tmp_path / str(seed)) as answers:
            first = date(2023, 1, 1) + timedelta(random.Random(seed).randrange(1_500))
            passed, wrong = await passed_over_and_changed(answers, await answers.reach(ADMIN), first, 40)
            assert wrong == []
            assert passed > 0
