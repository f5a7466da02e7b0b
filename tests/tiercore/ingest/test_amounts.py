"""Amounts as people write them: taken where only one reading is possible, else both are proposed (data#amounts)."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercore.facts.money import Money, minor_digits
from tiercore.ingest.amounts import check_amount, parse_amount, plain_amount
from tiercore.ingest.plain_numbers import DecimalMark, PlainNumber
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
        ("1,234", "USD", ("1234", "1.23")),
        ("1.234", "EUR", ("1234", "1.23")),
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
    assert set(readings) <= set(refused.value.remedy.replace(",", "").split())
    for proposed in readings:
        assert parse_amount(proposed, currency).currency == currency


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


@given(
    minor=st.integers(0, 10**11),
    currency=st.sampled_from(["USD", "JPY", "CLF"]),
    style=st.sampled_from(list(_WRITERS)),
    decimal=st.sampled_from(list(DecimalMark)),
)
def test_an_amount_is_what_was_written_once_its_decimal_mark_is_said_and_an_error_where_it_has_the_other(
    minor: int, currency: str, style: str, decimal: DecimalMark
):
    digits, (group, mark) = minor_digits(currency), _WRITERS[style]
    written = f"{Decimal(minor).scaleb(-digits):,.{digits}f}".translate({ord(","): group, ord("."): mark})
    if mark == decimal.character:
        assert parse_amount(written, currency, decimal) == Money(minor, currency)
    elif mark in written or (group == decimal.character and group in written):
        with pytest.raises(BadCell) as refused:
            parse_amount(written, currency, decimal)
        assert refused.value.message != "has two readings"


def test_an_amount_with_two_readings_proposes_to_say_the_decimal_mark():
    with pytest.raises(BadCell, match="two readings") as refused:
        parse_amount("1,234", "USD")
    assert "--decimal point or --decimal comma" in refused.value.remedy
    assert parse_amount("1,234", "USD", DecimalMark.POINT) == Money(123_400, "USD")
    assert parse_amount("1.234", "USD", DecimalMark.COMMA) == Money(123_400, "USD")


@pytest.mark.parametrize(("text", "decimal"), [("1234.56", "comma"), ("1,5", "point"), ("1,234,567", "comma")])
def test_an_amount_that_contradicts_the_decimal_mark_that_was_said_is_refused(text: str, decimal: str):
    with pytest.raises(BadCell) as refused:
        parse_amount(text, "USD", DecimalMark(decimal))
    assert refused.value.message == f"can't have a decimal {decimal}, as was said of these files"


@pytest.mark.parametrize("text", ["1,200.-", "1.200,-", "1,200.--"])
def test_a_dash_for_no_cents_says_which_mark_is_the_decimal_one(text: str):
    assert parse_amount(text, "USD") == Money(120_000, "USD")


@given(
    number=st.decimals(0, 10**11, places=6),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    decimal=st.sampled_from([None, *DecimalMark]),
)
def test_a_plain_number_is_rounded_half_up_whatever_was_said_of_texts(
    number: Decimal, currency: str, decimal: DecimalMark | None
):
    minor = number.scaleb(minor_digits(currency)).quantize(Decimal(1), ROUND_HALF_UP)
    assert parse_amount(PlainNumber(f"{number:f}"), currency, decimal) == Money(int(minor), currency)


def test_a_plain_number_is_unlike_the_text_of_the_same_characters():
    assert len({PlainNumber("1.234"), "1.234", PlainNumber("1.234")}) == 2
