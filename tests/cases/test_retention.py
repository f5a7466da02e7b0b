"""Retention by the cases' figures: each sample by its own day, and rounded once (how-tiers-work#retention)."""

from datetime import date
from pathlib import Path

from tests.support.cases import case
from tiercore.facts.points import MICRO, as_decimal
from tiercore.questions import ALL
from tiercore.questions.recalibration import Result
from tiercore.questions.requirements import State

ADMIN = "root@example.com"


async def test_a_sampling_day_is_judged_by_its_own_retention_and_gold_is_kept(tmp_path: Path):
    """C2 cancels on 20 December: 60 % is left in January, and 100 % was on 15 December."""
    async with case("past_ret", tmp_path / "case.db", email=ADMIN) as it:
        found = await it.answers.recalibration(it.grant, date(2023, 1, 15))
    assert found.result is Result.KEEPS
    assert [sample.reached.tier for sample in found.samples] == ["gold"] * 5 + [None]


async def test_what_a_past_sample_reached_is_what_tier_said_on_that_day(tmp_path: Path):
    async with case("past_ret", tmp_path / "case.db", email=ADMIN) as it:
        for sample in (await it.answers.recalibration(it.grant, date(2023, 1, 15))).samples:
            assert sample.reached == (await it.answers.standing(it.grant, sample.day)).performing


async def test_why_retention_names_the_client_that_makes_up_the_40_percent(tmp_path: Path):
    async with case("past_ret", tmp_path / "case.db", email=ADMIN) as it:
        found = await it.answers.why_retention(it.grant, 0, ALL, date(2023, 1, 15))
    assert found.figure == 60 * MICRO
    [lost] = found.losses
    assert (lost.client, lost.month, lost.loss.percent) == ("Two", date(2022, 12, 1), 40 * MICRO)
    assert lost.loss.base_cents == 10_000_00


async def test_jpy_1900_that_falls_to_1615_is_85_percent_and_so_not_above_85(tmp_path: Path):
    async with case("ret_round", tmp_path / "case.db", email=ADMIN, today=date(2026, 2, 1)) as it:
        gap = await it.answers.gap(it.grant, "elite", date(2026, 2, 1))
    [grr] = [each for each in gap.today.requirements if each.name == "gross_revenue_retention"]
    assert as_decimal(grr.have) == "85.00"
    assert grr.state is State.RED


async def test_a_downgrade_is_no_churn_so_the_year_before_grr_it_was_100_percent(tmp_path: Path):
    async with case("ret_round", tmp_path / "case.db", email=ADMIN, today=date(2026, 1, 10)) as it:
        gap = await it.answers.gap(it.grant, "elite", date(2026, 1, 10))
    [cr] = [each for each in gap.today.requirements if each.name == "customer_dollar_retention"]
    assert as_decimal(cr.have) == "100.00"
