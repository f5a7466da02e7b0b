"""Amounts per month from MRR, ARR or TCV with its term, by exact arithmetic."""

import re

from tiercore.facts.money import Money, minor_digits
from tiercore.ingest.amounts import exact_amount, rounded_amount
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.problems import BadCell

_ZERO = re.compile(r"0+(?:[.,]0*)?", re.ASCII)
_ISO = re.compile(r"p(?:(\d{1,3})y)?(?:(\d{1,3})m)?", re.ASCII)
_MONTHS = re.compile(r"(\d{1,4})(?:[.,]0+)?(?: ?(?:months?|mos?\.?|m|monate?n?|meses|mois|mesi))?", re.ASCII)
_YEARS = re.compile(r"(\d{1,2}) ?(?:years?|yrs?\.?|y|jahre?n?|años?|anos?|ans?|anni)")
_PERIODS = {
    1: "monthly month monatlich monat mensual mensal mensuel mensuelle mensile maandelijks",
    3: "quarterly quarter vierteljährlich quartal trimestral trimestriel trimestrielle",
    6: "semi-annually semiannually semi-annual half-yearly per_six_months halbjährlich semestral semestriel",
    12: "annually annual yearly year jährlich jahr anual annuel annuelle annuale jaarlijks",
    24: "per_two_years biennially every-two-years",
    36: "per_three_years every-three-years",
    48: "per_four_years every-four-years",
    60: "per_five_years every-five-years",
}
_WORDS = {word: months for months, words in _PERIODS.items() for word in words.split()}


def is_zero(text: str) -> bool:
    """Whether an amount is written as zero."""
    return _ZERO.fullmatch(text.strip()) is not None


def months_in(text: str) -> int:
    """The months of a term or billing period: "12", "12 months", "P1Y", "annually". Raises BadCell."""
    term = plain(text)
    months = _WORDS.get(term.replace(" ", "-"), 0)
    if found := _MONTHS.fullmatch(term):
        months = int(found[1])
    elif found := _YEARS.fullmatch(term):
        months = 12 * int(found[1])
    elif found := _ISO.fullmatch(term):
        months = 12 * int(found[1] or 0) + int(found[2] or 0)
    if months:
        return months
    if not term:
        raise BadCell("missing term", "is empty", "give the months that the amount is for")
    raise BadCell("bad term", "is not a number of months", "write the months, such as 12, P12M or annually")


def per_month(
    amount: str, times: str, months: int, currency: str, decimal: DecimalMark | None = None
) -> tuple[Money, bool]:
    """amount × times ÷ months in minor units, rounded half up, and whether it had to be. Raises BadCell."""
    whole = exact_amount(amount, currency, decimal) * (exact_amount(times, currency, decimal) if times else 1)
    exact = whole / months
    return rounded_amount(exact, currency), (exact * 10 ** minor_digits(currency)).denominator != 1
