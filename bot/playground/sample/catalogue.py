"""What the sample's partners sell, where their clients are, and what an amount looks like there."""

from dataclasses import dataclass
from datetime import date
from random import Random

from tiercore.facts.money import Money, minor_digits

FIRST_DAY = date(2019, 1, 1)
LAST_DAY = date(2026, 11, 20)
DEMO_DAY = date(2022, 9, 5)


@dataclass(frozen=True, slots=True)
class Product:
    """A product line: its usual MRR in US$, how often it is bought, and the days on which it is on sale."""

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
    Product("CMS Hub Professional", 400, 18, since=date(2020, 4, 7), until=date(2024, 4, 8)),
    Product("Operations Hub Professional", 720, 12, since=date(2021, 4, 22)),
    Product("Commerce Hub", 120, 8, since=date(2023, 9, 6)),
    Product("Content Hub Professional", 500, 18, since=date(2024, 4, 9)),
)
_BIG_TICKET_USD, _SELLS_BIG_TICKETS = 1500, 1.5

# Where the clients of a partner of each country are; home counts more than once.
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

# Clients elsewhere are billed in US$.
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

# What stands for US$100 when a price list is made, and the step to which its prices are rounded.
_PER_100_USD = {"USD": 100, "EUR": 88, "GBP": 76, "AUD": 140, "CAD": 130, "SGD": 137}
_PER_100_USD |= {"JPY": 12_500, "COP": 360_000, "ZAR": 1_600}
_STEP = {"JPY": 500, "COP": 10_000, "ZAR": 50}

# Countries whose clients earn double points: those of the program's list (how-tiers-work#growth-markets) in the sample.
_GROWTH_MARKETS = frozenset("BR CO ID IN MX MY PE PH SG".split())


def is_growth_market(country: str) -> bool:
    """Whether the sample's clients of the country are in a growth market."""
    return country in _GROWTH_MARKETS


def currency_of(country: str) -> str:
    """The currency in which a client of the country is billed."""
    return _CURRENCY.get(country, "USD")


def price(usd: float, currency: str) -> Money:
    """About so many US dollars a month, as a price list of the currency would put it."""
    step = _STEP.get(currency, 5)
    steps = max(1, round(usd * _PER_100_USD[currency] / 100 / step))
    return Money(steps * step * 10 ** minor_digits(currency), currency)


def usd_of(amount: Money) -> float:
    """About how many US dollars an amount is."""
    return float(amount.as_decimal()) * 100 / _PER_100_USD[amount.currency]


def pick_product(random: Random, day: date, scale: float, without: frozenset[str]) -> Product | None:
    """A product line on sale on the day that the client has not got; small agencies sell no big tickets."""
    on_sale = [product for product in PRODUCTS if product.since <= day <= product.until and product.name not in without]
    fitting = [product for product in on_sale if scale >= _SELLS_BIG_TICKETS or product.usd < _BIG_TICKET_USD]
    return random.choices(fitting, [product.weight for product in fitting])[0] if fitting else None
