"""Amounts per month are exact."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.facts.money import Money
from tiercore.ingest.mapping.monthly import months_in, per_month
from tiercore.ingest.problems import BadCell

_amounts = st.decimals(0, 10**9, places=2, allow_nan=False, allow_infinity=False)


@given(amount=_amounts, times=st.integers(1, 500), months=st.integers(1, 120), currency=st.sampled_from(["USD", "KWD"]))
def test_an_amount_per_month_is_the_exact_fraction_rounded_half_up(
    amount: Decimal, times: int, months: int, currency: str
) -> None:
    money, inexact = per_month(str(amount), str(times), months, currency)
    exact = Fraction(amount) * times * (1000 if currency == "KWD" else 100) / months
    with localcontext(prec=60):
        half_up = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    assert money == Money(int(half_up), currency)
    assert inexact is (exact.denominator != 1)
    assert abs(money.minor - exact) <= Fraction(1, 2)


@given(months=st.integers(1, 60), cents=st.integers(0, 10**9))
def test_a_term_of_whole_months_gives_back_the_monthly_amount(months: int, cents: int) -> None:
    whole = Money(cents * months, "USD")
    assert per_month(whole.as_decimal(), "", months, "USD") == (Money(cents, "USD"), False)


def test_half_a_cent_is_rounded_up() -> None:
    assert per_month("0.06", "", 12, "USD") == (Money(1, "USD"), True)
    assert per_month("0.05", "", 12, "USD") == (Money(0, "USD"), True)


def test_an_amount_written_with_separators_is_read_as_the_import_reads_it() -> None:
    assert per_month("€ 1,200.00", "", 12, "EUR") == (Money(10_000, "EUR"), False)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("12", 12), ("12.0", 12), ("12 months", 12), ("7 Monate", 7), ("P12M", 12), ("P1Y", 12), ("P1Y6M", 18),
        ("Annually", 12), ("monthly", 1), ("Quarterly", 3), ("per_six_months", 6), ("2 years", 24), ("3 años", 36),
        ("jährlich", 12),
    ],
)  # fmt: skip
def test_a_term_is_read_in_the_forms_that_exports_have(text: str, months: int) -> None:
    assert months_in(text) == months


@pytest.mark.parametrize("text", ["", "0", "soon", "12 weeks", "P0M", "-12"])
def test_a_term_that_is_no_number_of_months_is_an_error(text: str) -> None:
    with pytest.raises(BadCell):
        months_in(text)
