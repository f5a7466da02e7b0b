"""Whether the rows of a plain line surely don't contradict each other (data#contradictions); see plain_lines.py."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from tiercore.rating.plain_rules import PlainRules
from tiercore.rating.same_deals import DAYS_APART

Row = tuple[Any, ...]


def surely_agree(sales: Sequence[Row], levels: Sequence[Row], rules: PlainRules) -> bool:
    """Whether nothing in a plain line contradicts itself: its levels, ascending by day, rise by each sale on its day,
    of which there is one a day.

    Then what counts of the sales is never more than the line pays. False says nothing: the line has to be looked at.
    """
    return not _may_be_one_deal(sales, rules) and (not levels or _are_confirmed(sales, levels, rules))


def _may_be_one_deal(sales: Sequence[Row], rules: PlainRules) -> bool:
    """Whether two sales of one partner have the same deal type and amount within days of each other."""
    days: dict[tuple[str, str, int], list[int]] = {}
    for row in sales:
        if row[6]:
            days.setdefault((row[1], row[4], row[6]), []).append(rules.days[row[8]][0])
    for equal in days.values():
        equal.sort()
        if any(later - earlier <= DAYS_APART.days for earlier, later in pairwise(equal)):
            return True
    return False


def _are_confirmed(sales: Sequence[Row], levels: Sequence[Row], rules: PlainRules) -> bool:
    """Whether the line's level rises by each sale on its day or, if the sale earns nothing, is what the sale states;
    a level is for one sale alone.
    """
    paid, before = dict[Any, tuple[int, int]](), 0
    for row in levels:
        paid[row[4]] = row[2], row[2] - before
        before = row[2]
    for row in sales:
        minor = row[6]
        if minor:
            level, rise = paid.pop(row[8], (0, 0))
            if minor != rise and (minor != level or row[4] in rules.earning[rules.days[row[8]][1]]):
                return False
    return True
