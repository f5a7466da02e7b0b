"""Plans that keep the held tier: what the recalibration finds once they are carried out, and that none is cheaper."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.partner_books import partner_books
from tests.support.plans import CERTIFIED, DAY, PARTNER, RULES, applied, client, rules_of
from tests.support.sampled_partners import TABLE, sampled_partner
from tiercore.planning.plan import Plan, plan_for
from tiercore.planning.steps import Kind, Wish
from tiercore.program import Program
from tiercore.questions.recalibration import Recalibration, Result, recalibration_on
from tiercore.rating.timeline import balance_on
from tiercore.scenarios.books import PartnerBooks, facts_on

RECALIBRATION = date(2026, 1, 15)
EARLY = replace(CERTIFIED, valid_until=date(2025, 11, 25))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return rules_of(tmp_path_factory.mktemp("rules"), RULES)


@pytest.fixture(scope="module")
def sampled_rules(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return rules_of(tmp_path_factory.mktemp("rules"), TABLE)


def recalibrated(day: date, books: PartnerBooks, program: Program) -> Recalibration:
    return recalibration_on(day, program, facts_on(books, day), balance_on(books.timeline, day), books.timeline)


def is_kept(day: date, books: PartnerBooks, plan: Plan, program: Program) -> bool:
    after = recalibrated(day, applied(books, plan, program), program)
    return after.result in (Result.KEEPS, Result.PROTECTED)


def falling(program: Program) -> PartnerBooks:
    """A Platinum partner whose points expire month by month, and whose certification ends before the recalibration."""
    books = [client(each, 500 * each, began=date(2024, 8 + each, 20)) for each in (1, 2, 3)]
    return partner_books(PARTNER, books, program, DAY, "platinum", [EARLY])


@pytest.mark.parametrize("by", [None, date(2025, 9, 15), date(2025, 11, 15), RECALIBRATION])
def test_a_plan_that_keeps_the_tier_renews_what_ends_before_the_recalibration(program: Program, by: date | None):
    plan = plan_for(Wish("platinum", by), DAY, program, falling(program))
    assert (plan.feasible, plan.aim.keeps, plan.aim.recalibration) == (True, True, RECALIBRATION)
    assert (plan.steps[0].kind, plan.steps[0].last_day) == (Kind.CERTIFICATION, EARLY.valid_until)
    assert is_kept(DAY, falling(program), plan, program)


def test_where_a_certification_is_missing_the_tier_is_still_reached_on_the_cheapest_sampling_day(program: Program):
    plan = plan_for(Wish(), DAY, program, falling(program))
    last = plan_for(Wish("platinum", RECALIBRATION), DAY, program, falling(program))
    assert plan.by == date(2025, 9, 15)
    assert 0 < plan.effort.minor < last.effort.minor


def test_where_a_day_that_is_over_was_enough_only_the_certification_is_renewed(program: Program):
    sold = client(1, 20_000, began=date(2024, 8, 20))
    sold.levels.append(replace(sold.levels[0], mrr=replace(sold.levels[0].mrr, minor=0), effective_on=date(2025, 9, 1)))
    books = partner_books(PARTNER, [sold], program, DAY, "gold", [EARLY])
    plan = plan_for(Wish(), DAY, program, books)
    assert (plan.feasible, plan.by, plan.aim.enough_on) == (True, RECALIBRATION, date(2025, 8, 15))
    assert [each.kind for each in plan.steps] == [Kind.CERTIFICATION]
    assert is_kept(DAY, books, plan, program)


@pytest.mark.parametrize("by", [date(2025, 10, 20), date(2026, 2, 15)])
def test_a_plan_by_a_day_that_the_next_recalibration_does_not_sample_keeps_nothing(program: Program, by: date):
    assert not plan_for(Wish("platinum", by), DAY, program, falling(program)).aim.keeps


@given(st.integers(0, 1_000_000), st.integers(0, 699), st.booleans())
def test_a_plan_that_keeps_the_tier_keeps_it_at_the_recalibration_and_none_by_a_sampling_day_is_cheaper(
    sampled_rules: Program, seed: int, days: int, is_named: bool
):
    sampled = sampled_partner(random.Random(seed))
    day = date(2025, 7, 20) + timedelta(days)
    books = partner_books(
        sampled.partner, sampled.books, sampled_rules, day, sampled.credited, sampled.certifications, sampled.usage
    )
    now = recalibrated(day, books, sampled_rules)
    if not (is_named or now.is_in_danger):
        return
    found = plan_for(Wish(sampled.credited if is_named else None), day, sampled_rules, books)
    to_come = [each.day for each in now.samples if each.day > day]
    others = [plan_for(Wish(sampled.credited, each), day, sampled_rules, books) for each in to_come]
    for plan in filter(lambda each: each.feasible, (found, *others)):
        assert plan.aim.keeps
        assert is_kept(day, books, plan, sampled_rules)
    assert bool(found.feasible) >= any(each.feasible for each in others)
    assert all(found.effort.minor <= each.effort.minor for each in others if each.feasible)
