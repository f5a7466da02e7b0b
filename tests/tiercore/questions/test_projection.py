"""Expiry: every way a window can cost a tier or a minimum is found (how-tiers-work#expiry)."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.raised_thresholds import MORE, RAISED, facts, row
from tests.support.retained import retained
from tiercore.facts.points import MICRO
from tiercore.program import Program, load_program
from tiercore.questions.expiry import Expiry, expiry_within
from tiercore.questions.judging import performing_on
from tiercore.questions.requirements import Facts
from tiercore.rating.timeline import Balance


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    path: Path = tmp_path_factory.mktemp("rules") / "table.toml"
    path.write_text(MORE + RAISED)
    return load_program(path)


def look_ahead(program: Program, who: Facts, now: Balance, *ahead: Balance, days: int = 60) -> Expiry:
    return expiry_within(days, date.fromordinal(now.day), program, who, now, ahead, [], [])


def test_an_expiry_that_breaks_a_minimum_is_reported_with_its_day_and_the_remainder(program: Program):
    now, then = row(date(2022, 9, 5), 270, 150), row(date(2022, 9, 21), 75, 150)
    outlook = look_ahead(program, facts(), now, then)
    assert [(breach.tier, breach.requirement.name, breach.day) for breach in outlook.breaches] == [
        ("gold", "sold_minimum", date(2022, 9, 21)),
        ("platinum", "sold_minimum", date(2022, 9, 21)),
    ]
    assert outlook.fall is not None
    assert (outlook.fall.before, outlook.fall.after.tier, outlook.fall.day) == ("gold", None, date(2022, 9, 21))


def test_a_raised_threshold_turns_red_on_its_day_even_if_nothing_expires(program: Program):
    outlook = look_ahead(program, facts(), row(date(2025, 7, 1), 120, 100))
    assert [(breach.requirement.name, breach.day) for breach in outlook.breaches] == [
        ("combined_threshold", date(2025, 7, 15))
    ]
    assert outlook.fall is not None
    assert outlook.fall.day == date(2025, 7, 15)


def test_an_expiring_membership_loses_the_tier(program: Program, tmp_path: Path):
    path = tmp_path / "later.toml"
    path.write_text('[thresholds.gold.combined]\nunit = "points"\n2026-01-15 = { value = 100 }\n' + RAISED)
    who = facts(membership_until=date(2026, 10, 10))
    outlook = look_ahead(load_program(path), who, row(date(2026, 10, 1), 150, 0), days=30)
    assert outlook.fall is not None
    assert outlook.fall.day == date(2026, 10, 11)


def test_an_expiring_certification_loses_the_tier(program: Program):
    outlook = look_ahead(program, facts(until=date(2022, 9, 30)), row(date(2022, 9, 5), 270, 150))
    assert outlook.fall is not None
    assert outlook.fall.day == date(2022, 10, 1)


def test_tool_usage_lost_with_a_portal_loses_the_tier(program: Program):
    now = row(date(2022, 9, 5), 270, 150, tools_median_twice=8)
    ahead = [
        row(date(2022, 9, 12), 260, 150, tools_median_twice=8),
        row(date(2022, 10, 2), 250, 150, tools_median_twice=4),
    ]
    outlook = look_ahead(program, facts(), now, *ahead)
    assert outlook.fall is not None
    assert outlook.fall.day == date(2022, 10, 2)


def test_a_raised_retention_threshold_loses_the_tier_on_todays_figure(tmp_path: Path):
    path = tmp_path / "retention.toml"
    raised = "[retention.gold]\n2022-07-18 = { value = 80 }\n2022-10-01 = { value = 90 }\n"
    path.write_text(MORE + RAISED + raised)
    today = date(2022, 9, 5)
    now = row(today, 270, 150)
    for figure, lost in ((88 * MICRO, date(2022, 10, 1)), (91 * MICRO, None)):
        who = replace(facts(), retention=retained(today, figure))
        outlook = look_ahead(load_program(path), who, now)
        assert (outlook.fall.day if outlook.fall else None) == lost


@pytest.mark.parametrize("day", [date(2020, 12, 15), date(2022, 7, 1), date(2025, 7, 1), date(2026, 1, 1)])
@pytest.mark.parametrize("tier", [None, "silver", "gold", "diamond", "elite"])
def test_a_window_can_cross_any_version_of_the_rules(program: Program, day: date, tier: str | None):
    who = facts(tier, elite_invited_on=date(2019, 1, 1))
    now = row(day, 9_000, 9_000, sold_cents=90_000_00, managed_cents=200_000_00)
    later = row(day + timedelta(20), 8_000, 8_000, sold_cents=80_000_00, managed_cents=180_000_00)
    assert look_ahead(program, who, now, later, days=400).until == day + timedelta(400)


def test_the_tiers_outlook_matches_a_check_of_every_day(program: Program):
    start = date(2025, 6, 20)
    now = row(start, 300, 160)
    ahead = [row(start + timedelta(10 * n), 300 - 40 * n, 160 - 20 * n) for n in range(1, 6)]
    outlook = look_ahead(program, facts(), now, *ahead)
    lost = None
    for offset in range(61):
        day = start + timedelta(offset)
        balance_then = [each for each in [now, *ahead] if each.day <= day.toordinal()][-1]
        if lost is None and performing_on(day, program.on(day), facts(), balance_then).tier != "gold":
            lost = day
    assert outlook.fall is not None
    assert outlook.fall.day == lost
