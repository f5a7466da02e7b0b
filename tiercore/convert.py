"""Points to money: what amount of MRR earns a number of points, by the day's table (program.md §3)."""

from typing import NamedTuple

from tiercore.money import Money
from tiercore.points import MICRO, Source
from tiercore.program import Rules
from tiercore.unknown import Unknown


class Way(NamedTuple):
    """One way to earn points: how much MRR, at how many points per US$100, and the same in growth markets."""

    source: Source
    mrr: Money
    rate: int
    growth_market_mrr: Money
    growth_market_rate: int


def mrr_for(micropoints: int, rate: int, per_100_usd: Money) -> Money:
    """The least amount of MRR that earns the points, rounded up to the minor unit so that it suffices."""
    return Money(-(-micropoints * per_100_usd.minor // (rate * MICRO)), per_100_usd.currency)


def ways_to_earn(micropoints: int, rules: Rules, currency: str) -> dict[Source, Way]:
    """The points as MRR for each source, in `currency`; in US$ where the program has no table for it."""
    per_100 = rules.per_100_usd(currency)
    if isinstance(per_100, Unknown):
        per_100 = Money(100_00, "USD")
    return {source: _way(micropoints, source, rules, per_100) for source in Source}


def _way(micropoints: int, source: Source, rules: Rules, per_100: Money) -> Way:
    rate = rules.rate(source, growth_market=False)
    growth = rules.rate(source, growth_market=True)
    return Way(source, mrr_for(micropoints, rate, per_100), rate, mrr_for(micropoints, growth, per_100), growth)
