"""The day whose rate an upsell keeps (how-tiers-work#origin-of-a-line)."""

from dataclasses import replace
from datetime import date

import pytest

from tests.support.entries import book, level, sale
from tiercore.facts.entries import DealType
from tiercore.facts.points import MICRO, Source
from tiercore.program import load_program
from tiercore.rating.credits import Credit, Origin
from tiercore.rating.rating import credits_of

PROGRAM = load_program()
DAY = date(2024, 5, 2)


def upsell_on(*entries, deal: DealType = DealType.UPSELL) -> Credit:
    """The credit of an upsell of US$500 on 2 May 2024."""
    made = book(sale(DAY, 500, sale_id="S9", deal=deal), *entries)
    [found] = [
        each for each in credits_of(made, PROGRAM) if each.entry_id == "S9" and each.source is not Source.MANAGED
    ]
    return found


@pytest.mark.parametrize("deal", [DealType.UPSELL, DealType.INCREASE])
def test_without_a_deal_the_origin_is_the_day_since_which_the_line_has_paid(deal: DealType):
    found = upsell_on(level(date(2019, 3, 1), 1000), level(DAY, 1500), deal=deal)
    assert (found.micropoints, found.rated_on, found.origin) == (15 * MICRO, date(2019, 3, 1), Origin.FIRST_LEVEL)


def test_a_break_begins_the_line_anew():
    levels = [level(date(2019, 3, 1), 1000), level(date(2023, 6, 1), 0), level(date(2024, 3, 1), 1000)]
    found = upsell_on(*levels)
    assert (found.micropoints, found.rated_on, found.origin) == (25 * MICRO, date(2024, 3, 1), Origin.LEVELS)


def test_an_edition_change_and_a_rename_are_no_break():
    levels = [
        level(date(2019, 3, 1), 50, line="Marketing Hub Starter"),
        level(date(2022, 3, 1), 0, line="Marketing Hub Starter"),
        level(date(2022, 3, 1), 1000),
    ]
    assert upsell_on(*levels).rated_on == date(2019, 3, 1)


def test_a_deal_on_file_goes_before_the_levels():
    begun = sale(date(2024, 3, 4), 1000, deal=DealType.CROSS_SELL)
    found = upsell_on(begun, level(date(2019, 3, 1), 1000))
    assert (found.rated_on, found.origin) == (date(2024, 3, 4), Origin.DEAL)


@pytest.mark.parametrize(
    "levels",
    [
        [],
        [level(DAY, 500)],
        [level(date(2024, 6, 1), 500)],
        [level(date(2019, 3, 1), 1000), level(date(2024, 5, 1), 0), level(DAY, 500)],
    ],
)
def test_a_line_that_has_not_paid_before_takes_the_rate_of_the_sales_own_day(levels):
    found = upsell_on(*levels)
    assert (found.micropoints, found.rated_on, found.origin) == (25 * MICRO, DAY, Origin.OWN_DAY)


def test_levels_of_another_account_say_nothing_of_the_origin():
    other = replace(level(date(2019, 3, 1), 1000), account="Lyon")
    assert upsell_on(other).origin is Origin.OWN_DAY
