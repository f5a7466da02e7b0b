"""Points are whole micropoints, displayed figures decide, and different units don't add."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.facts.money import CurrencyMismatch, Money
from tiercore.facts.points import MICRO, as_decimal, divide_half_even, hundredths, is_met, shortfall
from tiercore.questions.convert import mrr_for
from tiercore.rating.credits import rated

micropoints = st.integers(0, 10**13)


@given(micropoints, micropoints)
def test_displayed_figures_decide(have: int, need: int):
    shown_have, shown_need = Decimal(as_decimal(have)), Decimal(as_decimal(need))
    assert is_met(have, need) == (shown_have >= shown_need)
    assert shortfall(have, need) == max(Decimal(0), shown_need - shown_have) * MICRO


@given(micropoints)
def test_figures_are_shown_in_hundredths_rounded_half_up(points: int):
    exact = Decimal(points) / MICRO
    assert Decimal(as_decimal(points)) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert hundredths(points) == int(Decimal(as_decimal(points)) * 100)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_points_are_rounded_half_to_even(numerator: int, denominator: int):
    exact = Decimal(numerator) / Decimal(denominator)
    assert divide_half_even(numerator, denominator) == int(exact.to_integral_value("ROUND_HALF_EVEN"))


@given(st.integers(1, 10**10), st.sampled_from([1, 2, 3, 5, 6, 10]), st.sampled_from([100_00, 62_50, 75_00, 14_400]))
def test_the_mrr_for_points_is_the_least_that_suffices(points: int, rate: int, per_100: int):
    points = points // 10_000 * 10_000 + 10_000
    needed = mrr_for(points, rate, Money(per_100, "GBP"))
    assert rated(needed.minor, rate, Money(per_100, "GBP")) >= points
    assert rated(needed.minor - 1, rate, Money(per_100, "GBP")) <= points


def test_amounts_in_different_currencies_cannot_be_added_or_compared():
    euro, yen = Money(100, "EUR"), Money(100, "JPY")
    for operation in (lambda: euro + yen, lambda: euro - yen, lambda: euro < yen):
        with pytest.raises(CurrencyMismatch):
            operation()
    assert (euro + euro).as_decimal() == "2.00"
    assert yen.as_decimal() == "100"
    assert Money(-5, "EUR").as_decimal() == "-0.05"
