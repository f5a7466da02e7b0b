"""Amounts as people write them: taken where only one reading is possible, else both are proposed (data#amounts)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.facts.money import Money, minor_digits
from tiercore.ingest.amounts import check_amount, parse_amount, plain_amount
from tiercore.ingest.problems import BadCell


def outcome(text: str, currency: str) -> Money | BadCell:
    """The amount, or why it is refused."""
    try:
        return parse_amount(text, currency)
    except BadCell as bad:
        return bad


@pytest.mark.parametrize(
    ("text", "currency", "plain"),
    [
        ("1,234.56", "USD", "1234.56"),
        ("1.234,56", "EUR", "1234.56"),
        ("1 234,56", "EUR", "1234.56"),
        ("1\u00a0234,56", "EUR", "1234.56"),
        ("1\u202f234,56", "EUR", "1234.56"),
        ("1'234.56", "CHF", "1234.56"),
        ("1’234.56", "CHF", "1234.56"),
        ("1,234,567", "USD", "1234567.00"),
        ("1.234.567,8", "EUR", "1234567.80"),
        ("12,34,567.89", "INR", "1234567.89"),
        ("1234,56", "EUR", "1234.56"),
        ("1,23", "EUR", "1.23"),
        ("1 234", "EUR", "1234.00"),
        ("1,234", "JPY", "1234"),
        ("12,000", "JPY", "12000"),
        ("1.234", "JPY", "1234"),
        ("12,00", "JPY", "12"),
        ("1234,567", "KWD", "1234.567"),
        ("1.234", "KWD", "1.234"),
        ("99,-", "EUR", "99.00"),
    ],
)
def test_separators_are_taken_where_only_one_reading_is_possible(text: str, currency: str, plain: str):
    assert parse_amount(text, currency).as_decimal() == plain


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("$1234.56", "USD"),
        ("$1,234.56", "CAD"),
        ("US$ 1234.56", "USD"),
        ("1.234,56 €", "EUR"),
        ("EUR 1234.56", "EUR"),
        ("1234.56 usd", "USD"),
        ("$1,234.56 USD", "USD"),
        ("1 234,56 kr", "SEK"),
        ("R$ 1.234,56", "BRL"),
    ],
)
def test_a_sign_or_code_of_the_rows_own_currency_is_taken(text: str, currency: str):
    assert parse_amount(text, currency) == Money(123456, currency)


@pytest.mark.parametrize(
    ("text", "currency"), [("€100", "USD"), ("$100", "EUR"), ("100 USD", "EUR"), ("kr 100", "GBP")]
)
def test_a_sign_of_another_currency_is_an_error(text: str, currency: str):
    with pytest.raises(BadCell, match=f"the currency column says {currency}"):
        parse_amount(text, currency)


@pytest.mark.parametrize(
    ("text", "currency", "readings"),
    [
        ("1,234", "USD", ("1234", "1.234")),
        ("1.234", "EUR", ("1234", "1.234")),
        ("1.000", "USD", ("1000", "1.00")),
        ("1,234", "KWD", ("1234", "1.234")),
        ("12.000", "JPY", ("12000", "12")),
    ],
)
def test_an_amount_with_two_readings_is_refused_and_both_are_proposed(
    text: str, currency: str, readings: tuple[str, str]
):
    with pytest.raises(BadCell) as refused:
        parse_amount(text, currency)
    assert set(readings) <= set(refused.value.remedy.split())


@pytest.mark.parametrize("text", ["1000.000", "1000,000"])
def test_four_digits_before_the_mark_cannot_be_thousands(text: str):
    with pytest.raises(BadCell) as refused:
        parse_amount(text, "USD")
    assert refused.value.remedy == "write 1000.00"


@pytest.mark.parametrize(
    "text", ["1,23,4", "1.2.3", "1,234,56", "12 34", "50%", "1e5", "5 apples", "1.234.56", "USD", "12-34", "1/2"]
)
def test_what_has_no_reading_is_refused(text: str):
    for currency in ("USD", "JPY", "KWD"):
        with pytest.raises(BadCell):
            parse_amount(text, currency)
    with pytest.raises(BadCell):
        check_amount(text)


_WRITERS = {
    "English": (",", "."),
    "German": (".", ","),
    "French": ("\u202f", ","),
    "Swiss": ("’", "."),
    "spaces": (" ", "."),
}


@given(
    minor=st.integers(0, 10**12 - 1),
    currency=st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLF"]),
    style=st.sampled_from(list(_WRITERS)),
    sign=st.sampled_from(["{}", "{0} {1}", "{1} {0}"]),
)
def test_an_amount_in_any_style_is_read_as_what_was_written_or_refused(
    minor: int, currency: str, style: str, sign: str
):
    digits, (group, mark) = minor_digits(currency), _WRITERS[style]
    english = f"{Decimal(minor).scaleb(-digits):,.{digits}f}"
    written = english.translate({ord(","): group, ord("."): mark})
    read = outcome(sign.format(written, currency), currency)
    if isinstance(read, BadCell):
        assert read.message == "has two readings"
        assert english.partition(".")[0].replace(",", "") in read.remedy
    else:
        assert read == Money(minor, currency)


@given(
    text=st.text(st.sampled_from("0123456789,.' $€-+%EURa\u00a0"), max_size=14),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_whatever_is_read_has_the_digits_that_were_written(text: str, currency: str):
    read = outcome(text, currency)
    if isinstance(read, BadCell):
        assert read.remedy
        return
    written = "".join(filter(str.isdigit, text))
    assert int(written) * 10 ** minor_digits(currency) >= read.minor
    assert str(read.minor).rstrip("0") == written.lstrip("0").rstrip("0") or not read.minor
    assert plain_amount(text, currency) in (None, read)
