"""The numbers and names of docs/how-tiers-work.md, written down a second time for the walk of `day_by_day`."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from math import lcm

from tiercore.facts.entries import SubscriptionLevel

MICRO = 1_000_000
SOURCED_RISES, NEW_TABLES = date(2024, 2, 27), date(2025, 7, 15)
TABLES = {"USD": (100_00, 100_00), "EUR": (75_00, 88_00), "GBP": (62_50, 74_00), "JPY": (12_000, 14_400)}
GROWTH_MARKETS = {"IN"}
UNIT = lcm(*(amount for both in TABLES.values() for amount in both))
EDITIONS = ("Starter", "Professional", "Enterprise")
NAMES = {"Marketing Hub": "Marketing", "Sales Hub": "Sales", "CMS Hub": "Content", "Content Hub": "Content"}
NAMES_OF_CONTENT = ("CMS Hub", "Content Hub")

Named = tuple[str, str]  # a line's name as it was used, and its edition, "" for none


@lru_cache(maxsize=100_000)
def half_even(numerator: int, denominator: int) -> int:
    return round(Fraction(numerator, denominator))


def per_100_usd(currency: str, day: date) -> int:
    """What stands for US$100, in minor units; 0 where no table is set (#currencies)."""
    return TABLES[currency][day >= NEW_TABLES] if currency in TABLES else 0


def twelve_months_after(day: date) -> date:
    """Clipped to the month's end (#expiry)."""
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 2, 28)


@lru_cache(maxsize=1_000)
def named(text: str) -> tuple[str, Named]:
    """The hub, and the name and edition under which it comes (#product-lines)."""
    edition = next((each for each in EDITIONS if text.endswith(each)), "")
    name = text.removesuffix(edition).strip()
    return NAMES[name], (name, edition)


def height(each: tuple[Named, SubscriptionLevel]) -> tuple[int, bool, int, str]:
    """Of two editions that begin on the same day the higher one counts; then the later name, then the higher MRR."""
    (name, edition), level = each
    return ("", *EDITIONS).index(edition), name == NAMES_OF_CONTENT[1], level.mrr.minor, level.product_line


def months_between(first: date, last: date) -> Iterator[date]:
    """The first days of the months from the one day to the other."""
    day = first.replace(day=1)
    while day <= last:
        yield day
        day = (day + timedelta(32)).replace(day=1)
