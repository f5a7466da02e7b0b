"""The awards: revenue retention and who may enter (how-tiers-work#awards)."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.answers_from_entries import months_of
from tests.support.entries import level, managed
from tests.support.recalibration import facts
from tests.support.retained import retained
from tiercore.facts.holds import RETENTION
from tiercore.facts.points import MICRO
from tiercore.facts.unknown import Unknown
from tiercore.program import load_program
from tiercore.questions.awards import Awards, ManagedYear, awards_on
from tiercore.questions.requirements import State
from tiercore.rating.retention import retention_on

DAY = date(2022, 9, 5)
PROGRAM = load_program()
YEAR = ManagedYear(20_000_00, 0, DAY.toordinal())


def asked(tier: str | None = "gold", *, left: int = 100 * MICRO, year: ManagedYear = YEAR, **more) -> Awards:
    held = replace(facts(tier), retention=retained(DAY, left), **more)
    return awards_on(DAY, PROGRAM.on(DAY), held, year)


def whole_percent(figure: int | Unknown) -> int:
    assert isinstance(figure, int)
    return round(figure / MICRO)


def test_a_month_of_101_percent_is_a_revenue_retention_of_113_percent():
    assert whole_percent(retained(DAY, 101 * MICRO).annualised()) == 113


def test_a_month_of_99_percent_is_a_revenue_retention_of_89_percent():
    assert whole_percent(retained(DAY, 99 * MICRO).annualised()) == 89


def test_the_month_closes_without_new_clients_and_with_what_was_sold_to_the_old_ones():
    old = managed(level(date(2022, 1, 1), 1000), level(date(2022, 8, 10), 1010))
    new = managed(level(date(2022, 8, 10), 9000), client="C2", starts_on=date(2022, 8, 10))
    assert whole_percent(retention_on(months_of(old, new), DAY).annualised()) == 113
    assert whole_percent(retention_on(months_of(old, new), date(2022, 10, 1)).annualised()) == 100


def test_without_mrr_at_its_opening_the_month_has_none_and_says_why():
    assert isinstance(retention_on([], DAY).annualised(), Unknown)


def test_who_meets_everything_that_is_on_file_lacks_only_reviews_which_no_file_has():
    found = asked()
    assert [each.state for each in found.conditions] == [State.GREEN, State.GREEN, State.UNKNOWN]
    assert (found.tier_state, found.state) == (State.GREEN, State.UNKNOWN)
    assert isinstance(found.conditions[-1].have, Unknown)


@pytest.mark.parametrize(
    ("tier", "left", "cents"),
    [(None, 100, 20_000_00), ("gold", 89, 20_000_00), ("gold", 100, 19_999_99)],
    ids=["below Gold", "C$R below 90 percent", "a day below US$20,000 managed"],
)
def test_anything_that_is_missing_keeps_a_partner_from_entering(tier: str | None, left: int, cents: int):
    assert asked(tier, left=left * MICRO, year=YEAR._replace(low_cents=cents)).state is State.RED


def test_90_percent_is_enough_and_elite_is_more_than_gold():
    found = asked("elite", left=90 * MICRO)
    assert (found.tier_state, found.conditions[1].state) == (State.GREEN, State.GREEN)


def test_a_timeline_that_begins_within_the_year_managed_nothing_before():
    [managed_mrr, *_] = asked(year=YEAR._replace(begins=None)).conditions
    assert (managed_mrr.have, managed_mrr.short, managed_mrr.state) == (0, 20_000_00, State.RED)


def test_managed_mrr_without_a_currency_table_is_unknown_unless_the_rest_is_enough():
    assert asked(year=ManagedYear(100, 1, 1)).conditions[0].state is State.UNKNOWN
    assert asked(year=YEAR._replace(unrated=1)).conditions[0].state is State.GREEN


def test_a_retention_under_correction_is_unknown_in_both():
    reason = Unknown("under correction since 2022-09-01: late file")
    found = asked(holds={RETENTION: reason})
    assert (found.revenue_retention, found.conditions[1].have) == (reason, reason)
