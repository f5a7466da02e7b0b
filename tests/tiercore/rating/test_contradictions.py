"""What contradicts itself in one client's entries, and what only looks as if it did (data#contradictions)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.entries import FIRST, agreement, book, books, level, sale
from tiercore.facts.entries import Agreement, DealType, Sale, SubscriptionLevel
from tiercore.facts.points import MICRO
from tiercore.program import load_program
from tiercore.rating.contradicting_entries import contradictions_of
from tiercore.rating.contradictions import (
    Contradiction,
    Multiple,
    NothingManaged,
    OtherCurrency,
    Oversold,
    SameDeal,
    SoldAfterEnd,
    SoldBeforeZero,
)
from tiercore.rating.credits import ClientBook
from tiercore.rating.rating import credits_of, lines_of

PROGRAM = load_program()
JAN, JUN = date(2022, 1, 10), date(2022, 6, 14)
UPSELL = DealType.UPSELL


def of_book(client_book: ClientBook) -> list[Contradiction]:
    lines = lines_of(client_book, PROGRAM.catalogue)
    return list(contradictions_of(client_book, lines, credits_of(client_book, PROGRAM, lines)))


def found(*entries: Sale | SubscriptionLevel | Agreement) -> list[Contradiction]:
    return of_book(book(*entries))


def test_a_sale_that_fell_away_between_two_monthly_levels_leaves_more_sold_than_paid():
    months = [level(date(2022, month, 1), 1000) for month in range(2, 10)]
    [oversold] = found(sale(JAN, 1000), sale(JUN, 500, sale_id="S2", deal=UPSELL), level(JAN, 1000), *months)
    assert isinstance(oversold, Oversold)
    assert (oversold.sold.minor, oversold.pays.minor, oversold.day) == (150_000, 100_000, JUN)
    assert (oversold.points, oversold.at_most) == (45 * MICRO, 30 * MICRO)


def test_a_cancelled_line_that_was_sold_for_more_than_it_paid_is_told_of_with_what_still_counts():
    """1,500 sold, 1,000 paid, then nothing: 500 still counts, and nothing stands behind it."""
    sales = (sale(JAN, 1000), sale(JAN, 500, sale_id="S2", deal=UPSELL))
    [oversold] = found(*sales, level(JAN, 1000), level(JUN, 0))
    assert isinstance(oversold, Oversold)
    assert (oversold.day, oversold.pays.minor) == (JUN, 0)
    assert (oversold.points, oversold.at_most) == (15 * MICRO, 0)


def test_the_highest_rates_come_first_in_what_can_stand_behind_a_line():
    assisted = sale(date(2024, 5, 2), 1000)
    older = sale(date(2024, 2, 1), 1000, sale_id="S2", deal=UPSELL)
    [oversold] = found(assisted, older, level(date(2024, 2, 1), 1500))
    assert isinstance(oversold, Oversold)
    assert (oversold.points, oversold.at_most) == (80 * MICRO, 65 * MICRO)


@pytest.mark.parametrize("days", [-30, 0, 1, 20, 60, 92])
def test_a_level_that_comes_late_or_early_covers_its_sale(days: int):
    rise = level(JUN + timedelta(days), 1500)
    assert found(sale(JAN, 1000), sale(JUN, 500, sale_id="S2", deal=UPSELL), level(JAN, 1000), rise) == []


def test_what_a_decrease_took_or_expired_is_no_longer_sold():
    lost = sale(JAN, 1000), level(JAN, 1000), level(date(2022, 5, 1), 0), level(JUN, 500)
    assert found(*lost, sale(JUN, 500, sale_id="S2")) == []
    expired = sale(JAN, 1000), level(JAN, 1000), sale(date(2023, 3, 1), 1000, sale_id="S2", deal=UPSELL)
    assert found(*expired) == []


def test_a_cent_of_rounding_is_no_contradiction():
    month = level(JAN, 83)
    sold = sale(JAN, 83)
    sold = Sale(**{**{name: getattr(sold, name) for name in sold.__slots__}, "mrr": type(sold.mrr)(83_01, "USD")})
    assert found(sold, month) == []


@pytest.mark.parametrize(("sold", "times"), [(3000, 3), (12_000, 12), (100_000, 100), (1_000_000, 1000)])
def test_a_sale_that_is_a_multiple_of_what_its_line_pays(sold: int, times: int):
    [multiple] = found(sale(JAN, sold), level(JAN, 1000))
    assert isinstance(multiple, Multiple)
    assert (multiple.times, multiple.mrr.minor, multiple.is_rise, multiple.of_sale) == (times, 100_000, False, False)


def test_an_upsell_that_is_twelve_times_what_its_line_rises_by():
    [multiple] = found(level(JAN, 5000), level(JUN, 5100), sale(JUN, 1200, deal=UPSELL))
    assert isinstance(multiple, Multiple)
    assert (multiple.times, multiple.mrr.minor, multiple.is_rise) == (12, 10_000, True)


def test_a_year_of_a_rise_is_not_taken_for_half_a_year_of_the_line():
    [multiple] = found(level(JAN, 1000), level(JUN, 1500), sale(JUN, 6000, deal=UPSELL))
    assert isinstance(multiple, Multiple)
    assert (multiple.times, multiple.mrr.minor, multiple.is_rise) == (12, 50_000, True)


@pytest.mark.parametrize("times", [12, 100, 1000])
def test_a_line_that_pays_a_multiple_of_its_only_sale(times: int):
    [multiple] = found(sale(JAN, 100), level(JAN, 100 * times))
    assert isinstance(multiple, Multiple)
    assert (multiple.times, multiple.of_sale) == (times, True)


def test_a_yearly_amount_is_recognized_beside_a_rounded_monthly_one():
    yearly = sale(JAN, 1000)
    monthly = level(JAN, 0)
    monthly = SubscriptionLevel(monthly.client_id, monthly.product_line, type(yearly.mrr)(83_33, "USD"), JAN)
    [multiple] = found(yearly, monthly)
    assert isinstance(multiple, Multiple)
    assert multiple.times == 12


def test_an_upsell_that_is_a_twelfth_of_a_growing_line_is_in_order():
    assert found(level(JAN, 1100), level(JUN, 1200), sale(JUN, 100, deal=UPSELL)) == []


def test_two_sales_that_share_a_rise_are_no_multiple_of_it():
    assert found(sale(JAN, 100), sale(JAN, 1100, sale_id="S2", deal=UPSELL), level(JAN, 1200)) == []


@pytest.mark.parametrize("apart", [0, 1, 7])
def test_one_deal_under_two_ids_is_found_days_apart(apart: int):
    again = sale(JAN + timedelta(apart), 1000, sale_id="S1-copy")
    [same] = found(sale(JAN, 1000), again, level(JAN, 1000))
    assert isinstance(same, SameDeal)
    assert [each.sale_id for each in same.sales] == ["S1", "S1-copy"]
    assert (same.points, same.if_one) == (60 * MICRO, 30 * MICRO)


def test_one_deal_under_two_ids_is_found_without_levels_and_under_two_names_of_its_line():
    again = sale(JAN, 1000, sale_id="S2", line="marketing-hub professional")
    [same] = found(sale(JAN, 1000), again)
    assert isinstance(same, SameDeal)


@pytest.mark.parametrize(
    "other",
    [
        {"partner": "P2"},
        {"line": "Sales Hub"},
        {"deal": UPSELL},
        {"dollars": 1001},
        {"sold_on": JAN + timedelta(8)},
    ],
)
def test_deals_that_differ_are_not_one(other: dict):
    again = sale(**{"sold_on": JAN, "dollars": 1000, "sale_id": "S2", **other})
    assert found(sale(JAN, 1000), again) == []


def test_equal_deals_that_the_levels_confirm_are_two():
    assert found(sale(JAN, 1000), sale(JAN, 1000, sale_id="S2"), level(JAN, 2000)) == []


def test_a_sale_of_a_line_that_has_ended():
    [after_end] = found(sale(JUN, 1000), level(date(2020, 1, 1), 1000), level(JAN, 0))
    assert isinstance(after_end, SoldAfterEnd)
    assert (after_end.since, after_end.points) == (JAN, 30 * MICRO)


def test_a_sale_before_a_first_level_of_zero_is_not_said_to_be_after_an_end():
    [before_zero] = found(sale(JAN, 1000), level(JUN, 0))
    assert isinstance(before_zero, SoldBeforeZero)
    assert (before_zero.since, before_zero.points) == (JUN, 30 * MICRO)
    [on_its_day] = found(sale(JAN, 1000), level(JAN, 0))
    assert isinstance(on_its_day, SoldAfterEnd)


def test_a_line_that_is_cancelled_and_sold_again_is_in_order():
    levels = level(date(2020, 1, 1), 1000), level(JAN, 0), level(JUN, 500)
    assert found(sale(JUN - timedelta(10), 500), *levels) == []


def test_two_currencies_on_one_line():
    [levels] = found(sale(JAN, 1000, currency="GBP"), level(JAN, 1000))
    assert isinstance(levels, OtherCurrency)
    assert (levels.sale.mrr.currency, levels.other.currency, levels.other_sale) == ("GBP", "USD", None)
    [sales] = found(sale(JAN, 1000), sale(JUN, 500, sale_id="S2", deal=UPSELL, currency="EUR"))
    assert isinstance(sales, OtherCurrency)
    assert (sales.sale.sale_id, sales.other_sale and sales.other_sale.sale_id) == ("S2", "S1")


def test_a_line_that_changes_its_currency_after_its_sales_expired_is_in_order():
    assert found(sale(JAN, 1000), level(JAN, 1000), level(date(2023, 2, 1), 900, currency="EUR")) == []


def test_an_agreement_of_a_client_without_any_level_earns_nothing():
    assert found(agreement(JAN)) == [NothingManaged(agreement(JAN))]
    assert found(agreement(JAN), level(JUN, 100)) == []


@st.composite
def consistent_books(draw: st.DrawFn) -> ClientBook:
    """A client whose levels rise by each of its sales, weeks late at most, and fall in between."""
    client_book, paid, day = book(agreement(FIRST)), 0, FIRST
    for number in range(draw(st.integers(1, 8))):
        day += timedelta(draw(st.integers(8, 200)))
        if number and draw(st.booleans()):
            paid -= draw(st.integers(0, paid))
        else:
            dollars = draw(st.integers(1, 3000))
            client_book.sales.append(
                sale(day, dollars, sale_id=f"S{number}", deal=UPSELL if paid else DealType.NET_NEW)
            )
            paid += dollars
        client_book.levels.append(level(day, paid))
    return client_book


@given(consistent_books())
def test_entries_that_go_together_give_no_warning(client_book: ClientBook):
    assert of_book(client_book) == []


@given(books())
def test_a_contradiction_never_claims_more_points_than_there_are(client_book: ClientBook):
    for each in of_book(client_book):
        if isinstance(each, Oversold) and each.points is not None and each.at_most is not None:
            assert 0 <= each.at_most <= each.points
            assert each.pays.minor < each.sold.minor
        if isinstance(each, SameDeal) and each.points is not None and each.if_one is not None:
            assert each.if_one <= each.points
