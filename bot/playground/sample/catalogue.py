"""The sample's products, markets, currencies and prices."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from random import Random

from tiercore.facts.money import Money, minor_digits
from tiercore.program import Catalogue, load_program

FIRST_DAY = date(2019, 1, 1)
LAST_DAY = date(2026, 11, 20)
DEMO_DAY = date(2022, 9, 5)


@dataclass(frozen=True, slots=True)
class Product:
    """An edition of a product line: its list price (MRR in US$), how often it is bought, and when it is on sale."""

    name: str
    usd: int
    weight: int
    since: date = FIRST_DAY
    until: date = LAST_DAY


PRODUCTS = (
    Product("Marketing Hub Professional", 890, 50),
    Product("Sales Hub Professional", 500, 40),
    Product("Service Hub Professional", 450, 20),
    Product("Marketing Hub Starter", 50, 12),
    Product("Marketing Hub Enterprise", 3600, 8),
    Product("Sales Hub Enterprise", 1500, 8),
    Product("CMS Hub Professional", 400, 18, since=date(2020, 4, 7), until=date(2024, 4, 2)),
    Product("Operations Hub Professional", 720, 12, since=date(2021, 4, 22)),
    Product("Commerce Hub", 120, 8, since=date(2023, 9, 6)),
    Product("Content Hub Professional", 500, 18, since=date(2024, 4, 3)),
)
_ENTERPRISE_USD, _ENTERPRISE_SCALE = 1500, 1.5

# Where the clients of a partner in each country are, weighted by repetition.
MARKETS = {
    "US": "US US US US US CA MX",
    "CA": "CA CA CA US",
    "GB": "GB GB GB IE US",
    "IE": "IE IE GB",
    "DE": "DE DE DE AT NL",
    "FR": "FR FR FR ES",
    "ES": "ES ES ES MX CO",
    "NL": "NL NL DE GB",
    "AU": "AU AU AU SG",
    "SG": "SG SG MY PH ID",
    "JP": "JP",
    "IN": "IN IN IN IN SG",
    "BR": "BR BR BR MX",
    "MX": "MX MX MX CO US",
    "CO": "CO CO CO PE MX",
    "ZA": "ZA ZA ZA GB",
}

# Clients in other countries are billed in US$.
_CURRENCY = {
    **dict.fromkeys("AT DE ES FR IE NL".split(), "EUR"),
    "GB": "GBP",
    "AU": "AUD",
    "CA": "CAD",
    "SG": "SGD",
    "JP": "JPY",
    "CO": "COP",
    "ZA": "ZAR",
}

# The equivalent of US$100 on a price list, and the step that its prices are rounded to.
_PER_100_USD = {"USD": 100, "EUR": 88, "GBP": 76, "AUD": 140, "CAD": 130, "SGD": 137}
_PER_100_USD |= {"JPY": 12_500, "COP": 360_000, "ZAR": 1_600}
_STEP = {"JPY": 500, "COP": 10_000, "ZAR": 50}

# Those of the sample's countries that are growth markets (how-tiers-work#growth-markets).
_GROWTH_MARKETS = frozenset("BR CO ID IN MX MY PE PH SG".split())


def is_growth_market(country: str) -> bool:
    """Whether a client in this country earns double points."""
    return country in _GROWTH_MARKETS


def currency_of(country: str) -> str:
    """The currency in which a client in this country is billed."""
    return _CURRENCY.get(country, "USD")


def price(usd: float, currency: str) -> Money:
    """About so many US dollars, as a price list in this currency would round them."""
    step = _STEP.get(currency, 5)
    steps = max(1, round(usd * _PER_100_USD[currency] / 100 / step))
    return Money(steps * step * 10 ** minor_digits(currency), currency)


def usd_of(amount: Money) -> float:
    """An amount in US dollars, approximately."""
    return float(amount.as_decimal()) * 100 / _PER_100_USD[amount.currency]


EDITIONS = ("Starter", "Professional", "Enterprise")


@lru_cache(maxsize=1)
def _lines() -> Catalogue:
    return load_program().catalogue


def line_and_edition(product: str) -> tuple[str, str | None]:
    """The line that a product's name stands for, by its latest name, and its edition."""
    found = _lines().line_of(product)
    return found.hub, found.edition


@lru_cache(maxsize=4_096)
def product_name(line: str, edition: str | None, day: date) -> str:
    """What a line and edition are called on a day."""
    return " ".join(filter(None, (_lines().names_on(day)[line], edition)))


def pick_product(random: Random, day: date, scale: float, without: frozenset[str]) -> Product | None:
    """A random product that is on sale on the day, of a line not among `without`; small agencies don't sell enterprise
    ones. None if there is none.
    """
    on_sale = [
        product
        for product in PRODUCTS
        if product.since <= day <= product.until and line_and_edition(product.name)[0] not in without
    ]
    eligible = [product for product in on_sale if scale >= _ENTERPRISE_SCALE or product.usd < _ENTERPRISE_USD]
    return random.choices(eligible, [product.weight for product in eligible])[0] if eligible else None
