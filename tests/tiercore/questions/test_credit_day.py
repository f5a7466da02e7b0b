"""What a credit day does to a tier (how-tiers-work#moving-up, #recalibration), and which days are told when."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.recalibration import TABLE, VALID, facts, timeline
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, load_program
from tiercore.questions.credit_day import (
    LATE_DAYS,
    REMINDERS,
    CreditDay,
    OnFile,
    Outcome,
    credit_day_on,
    credit_days_told,
    is_result_shown,
    last_recalibration,
    reminder_due,
)
from tiercore.questions.requirements import Facts
from tiercore.rating.timeline import Balance

JULY, JUNE = date(2023, 7, 15), date(2023, 6, 15)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    table = tmp_path_factory.mktemp("rules") / "table.toml"
    table.write_text(TABLE)
    return load_program(table)


def on(program: Program, day: date, held: Facts, rows: list[Balance], *file: OnFile) -> CreditDay:
    return credit_day_on(day, program, held, rows, file)


def test_a_tier_reached_since_the_last_credit_day_is_gained(program: Program):
    found = on(program, JUNE, facts("gold"), timeline((date(2023, 1, 1), 300), (date(2023, 6, 1), 700)))
    assert (found.outcome, found.tier, found.recalibration) == (Outcome.GAINED, "platinum", None)


def test_a_tier_reached_without_one_on_file_is_not_told_as_gained(program: Program):
    """Which tier was held before isn't known: it may have been this one."""
    held = replace(facts("gold"), credited_tier=None, credited_on=None)
    rows = timeline((date(2023, 1, 1), 300), (date(2023, 6, 1), 700))
    assert not on(program, JUNE, held, rows).is_told
    assert on(program, JUNE, held, rows, OnFile("platinum", JUNE)).outcome is Outcome.GAINED


def test_a_tier_that_was_reached_a_month_before_already_is_no_news(program: Program):
    found = on(program, JUNE, facts("gold"), timeline((date(2023, 5, 15), 700)))
    assert (found.outcome, found.tier, found.by_numbers) == (Outcome.NOTHING, "gold", "platinum")


def test_a_month_that_reaches_nothing_higher_is_no_news(program: Program):
    assert not on(program, JUNE, facts("gold"), timeline((date(2023, 1, 1), 300))).is_told


def test_one_sampling_day_at_the_tier_keeps_it(program: Program):
    found = on(program, JULY, facts("platinum"), timeline((date(2023, 1, 1), 700), (date(2023, 3, 1), 300)))
    assert (found.outcome, found.tier) == (Outcome.KEPT, "platinum")


def test_without_a_sampling_day_at_the_tier_it_falls_to_the_best_month(program: Program):
    found = on(program, JULY, facts("diamond"), timeline((date(2023, 1, 1), 700), (date(2023, 5, 1), 300)))
    assert (found.outcome, found.tier) == (Outcome.LOST, "platinum")


def test_a_tier_gained_less_than_six_months_ago_is_protected(program: Program):
    held = facts("platinum", date(2023, 2, 15), credited_before="gold")
    assert on(program, JULY, held, timeline((date(2023, 1, 1), 300))).outcome is Outcome.PROTECTED


def test_an_expired_certification_puts_a_tier_at_risk_that_the_points_keep(program: Program):
    held = facts("gold", date(2022, 1, 15), replace(VALID, valid_until=date(2023, 7, 1)))
    found = on(program, JULY, held, timeline((date(2023, 1, 1), 300)))
    assert (found.outcome, found.tier) == (Outcome.AT_RISK, "gold")


def test_with_too_few_points_on_every_day_an_expired_certification_only_adds_to_the_loss(program: Program):
    held = facts("platinum", date(2022, 1, 15), replace(VALID, valid_until=date(2023, 7, 1)))
    found = on(program, JULY, held, timeline((date(2023, 1, 1), 300)))
    assert (found.outcome, found.tier) == (Outcome.LOST, "gold")


def test_what_the_program_credited_decides_and_a_difference_is_named(program: Program):
    rows = timeline((date(2023, 1, 1), 700))
    found = on(program, JULY, facts("platinum"), rows, OnFile("gold", date(2023, 7, 17)))
    assert (found.outcome, found.tier, found.by_numbers, found.differs) == (Outcome.LOST, "gold", "platinum", True)


def test_what_was_credited_before_the_day_or_from_the_next_one_on_is_of_another_day(program: Program):
    rows = timeline((date(2023, 1, 1), 700))
    others = OnFile("gold", date(2023, 7, 14)), OnFile("diamond", date(2023, 8, 15))
    assert on(program, JULY, facts("platinum"), rows, *others).on_file is None


def test_a_credit_on_a_day_without_news_is_news(program: Program):
    found = on(program, JUNE, facts("gold"), timeline((date(2023, 1, 1), 300)), OnFile("platinum", JUNE))
    assert (found.outcome, found.tier, found.differs) == (Outcome.GAINED, "platinum", True)


def test_without_a_credited_tier_a_recalibration_has_nothing_to_review(program: Program):
    assert on(program, JULY, facts(None), timeline((date(2023, 1, 1), 100))).outcome is Outcome.NOTHING


def test_what_cant_be_judged_is_neither_kept_nor_lost_nor_another_than_credited():
    """No threshold of the shipped rules is set but one."""
    held, rows = facts("gold", date(2022, 1, 15)), timeline((date(2023, 1, 1), 300))
    found = on(load_program(), JULY, held, rows, OnFile("gold", JULY))
    assert isinstance(found.by_numbers, Unknown)
    assert not found.differs
    assert on(load_program(), JULY, held, rows).outcome is Outcome.UNKNOWN


def test_an_unknown_certification_is_no_gain(program: Program):
    held = replace(facts("gold"), certifications=())
    found = on(program, JUNE, held, timeline((date(2023, 6, 1), 700)))
    assert not found.is_told
    assert isinstance(found.by_numbers, Unknown)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (date(2023, 1, 14), []),
        (date(2023, 1, 15), [date(2023, 1, 15)]),
        (date(2023, 1, 22), [date(2023, 1, 15)]),
        (date(2023, 1, 23), []),
        (date(2023, 2, 16), [date(2023, 2, 15)]),
    ],
)
def test_a_credit_day_is_told_until_seven_days_after_it(program: Program, day: date, told: list[date]):
    assert credit_days_told(day, program) == told


@given(st.dates(date(2022, 7, 18), date(2027, 1, 1)))
def test_each_reminder_is_due_on_its_day_and_a_week_later_at_most(program: Program, day: date):
    left = (program.recalibration_after(day) - day).days
    due = reminder_due(day, program)
    assert due == next((each for each in REMINDERS if each - LATE_DAYS <= left <= each), None)
    assert left > 0


@given(st.dates(date(2022, 7, 18), date(2027, 1, 1)))
def test_the_result_is_shown_from_the_15th_of_january_and_july_for_a_month(program: Program, day: date):
    shown = is_result_shown(day, program)
    begins = date(day.year, 1 if day.month < 7 else 7, 15)
    assert shown == (begins <= day < begins + timedelta(31)), day
    last = last_recalibration(day, program)
    assert last <= day < program.recalibration_after(last)
