"""Points as money and money as points, by the published examples (how-tiers-work#rates)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.facts.entries import Partner
from tiercore.facts.money import Money, minor_digits
from tiercore.facts.points import MICRO, Source, as_decimal
from tiercore.facts.unknown import NotConfigured
from tiercore.program import load_program
from tiercore.questions.convert import DOLLAR_SIGNED, Conversion, ToConvert, converted, points_of

PROGRAM = load_program()
DAY = date(2022, 9, 5)


def convert(amount: int | Money, day: date = DAY, currency: str | None = None, **more: object) -> Conversion:
    partner = Partner("PA", "Partner A", "US", currency, date(2019, 1, 1)) if currency else None
    return converted(ToConvert(amount, **more), day, PROGRAM, partner)


def earned(mrr: Money, day: date) -> dict[str, str]:
    return {source.value: as_decimal(each.micropoints) for source, each in convert(mrr, day).earned.items()}


def test_1000_dollars_earned_30_points_in_october_2021():
    assert earned(Money(1000_00, "USD"), date(2021, 10, 5)) == {
        "sourced": "30.00",
        "assisted": "30.00",
        "managed": "10.00",
    }


def test_1000_dollars_sourced_earn_50_points_in_march_2024_and_assisted_30():
    assert earned(Money(1000_00, "USD"), date(2024, 3, 4)) == {
        "sourced": "50.00",
        "assisted": "30.00",
        "managed": "10.00",
    }


def test_225_points_are_7500_dollars_sold_or_22500_managed():
    ways = convert(225 * MICRO).ways
    assert {source.value: option.mrr.as_decimal() for source, option in ways.items()} == {
        "sourced": "7500.00",
        "assisted": "7500.00",
        "managed": "22500.00",
    }
    assert ways[Source.MANAGED].growth_market_mrr == Money(11_250_00, "USD")


def test_growth_markets_earn_double_points():
    [sourced, _, managed] = convert(Money(1000_00, "USD")).earned.values()
    assert sourced.growth_market_micropoints == 2 * sourced.micropoints == 60 * MICRO
    assert managed.growth_market_micropoints == 2 * managed.micropoints == 20 * MICRO


@pytest.mark.parametrize(("day", "points"), [(date(2025, 7, 14), "500.00"), (date(2025, 7, 15), "426.14")])
def test_euros_use_the_table_of_the_day_and_are_approximate(day: date, points: str):
    found = convert(Money(7_500_00, "EUR"), day)
    assert as_decimal(found.earned[Source.SOURCED].micropoints) == points
    assert any("EUR are approximate" in note for note in found.notes)


def test_dollars_are_exact():
    assert not any("approximate" in note for note in convert(Money(1000_00, "USD")).notes)


def test_points_are_converted_to_the_partners_or_a_named_currency():
    assert convert(225 * MICRO, currency="EUR").ways[Source.SOURCED].mrr == Money(5_625_00, "EUR")
    in_yen = converted(ToConvert(225 * MICRO, currency="JPY"), DAY, PROGRAM, None)
    assert in_yen.ways[Source.SOURCED].mrr == Money(900_000, "JPY")


def test_a_currency_without_a_table_is_reported_and_never_guessed():
    found = convert(Money(500_00, "BRL"))
    assert found.earned == {}
    assert isinstance(found.per_100_usd, NotConfigured)
    assert found.per_100_usd.name == "currencies.BRL"
    points = convert(225 * MICRO, currency="BRL")
    assert points.ways[Source.SOURCED].mrr == Money(7_500_00, "USD")
    assert any("currencies.BRL isn't set" in note for note in points.notes)


@pytest.mark.parametrize(
    ("own", "taken"), [("USD", "USD"), ("AUD", "AUD"), ("CAD", "CAD"), ("EUR", "USD"), (None, "USD")]
)
def test_a_bare_dollar_sign_means_the_partners_dollar_and_says_so(own: str | None, taken: str):
    found = convert(Money(1000_00, "USD"), currency=own, bare_dollar=True)
    assert found.currency == taken
    assert any("type US$" in note for note in found.notes) == (taken != "USD")


def test_currencies_with_a_dollar_sign_have_cents():
    assert {minor_digits(code) for code in DOLLAR_SIGNED} == {2}


@given(st.integers(1, 10**12), st.sampled_from(["USD", "EUR", "GBP", "JPY", "COP"]), st.sampled_from(list(Source)))
def test_converting_back_and_forth_suffices(hundredths: int, currency: str, source: Source):
    points = hundredths * (MICRO // 100)
    option = converted(ToConvert(points, currency=currency), DAY, PROGRAM, None).ways[source]
    back = points_of(option.mrr, PROGRAM.on(DAY))[source]
    assert back.micropoints >= points
