"""The origin of a product line: the day whose rate a sale keeps (how-tiers-work#origin-of-a-line)."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date

from tiercore.facts.entries import DealType, Sale
from tiercore.rating.credits import Origin
from tiercore.rating.lines import HeldLevel

BEGIN_A_LINE = (DealType.NET_NEW, DealType.CROSS_SELL)


def origin_of(sale: Sale, begun: Sequence[date], levels: Sequence[HeldLevel]) -> tuple[date, Origin]:
    """The day whose rate the sale keeps, and where that day comes from.

    It is the line's latest net-new or cross-sell on or before the sale (`begun`, ascending); without one the day since
    which the line has paid without a break by its levels (ascending by day); without either the sale's own day.
    """
    index = bisect_right(begun, sale.sold_on)
    if index:
        return begun[index - 1], Origin.DEAL
    return _paying_since(sale.sold_on, levels)


def _paying_since(day: date, levels: Sequence[HeldLevel]) -> tuple[date, Origin]:
    """Since when the line has paid up to the day; a level of the day itself may be what the sale brought about."""
    first = bisect_left(levels, day, key=lambda level: level.effective_on)
    while first and levels[first - 1].mrr.minor:
        first -= 1
    if first == len(levels) or levels[first].effective_on >= day:
        return day, Origin.OWN_DAY
    return levels[first].effective_on, Origin.LEVELS if first else Origin.FIRST_LEVEL
