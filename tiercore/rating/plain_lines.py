"""Clients with plain product lines, rated straight from rows to the rows of their credits (architecture#rebuilds).

Rating's one pure function stays the truth: what is here gives the same rows in a third of the time, and leaves every
other client to it. A line is plain if all of it is in one currency that has a table, its levels have one edition and a
day each, its first sale begins it, and deal-based credit applies on none of its days.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from tiercore.rating.plain_managed import Managing, managed_rows
from tiercore.rating.plain_rules import PlainRules
from tiercore.rating.plain_sold import sold_rows

Row = tuple[Any, ...]
_by_day = itemgetter(4)


class _Line:
    """The rows of one product line of a client; sold and paid."""

    __slots__ = ("levels", "sales")

    def __init__(self) -> None:
        self.sales: list[Row] = []
        self.levels: list[Row] = []


def plain_rows(
    country: str, sales: Sequence[Row], levels: Sequence[Row], agreements: Sequence[Row], rules: PlainRules
) -> list[Row] | None:
    """The rows of a client's credits, in the order of `credits_of`; None if a line of it isn't plain.

    The arguments are all of its rows, in any order, with the columns of SALE, LEVEL and AGREEMENT.
    """
    managing = Managing(agreements, rules) if agreements else None
    found: list[Row] = []
    for _, line in sorted(_lines(sales, levels, rules).items()):
        line.levels.sort(key=_by_day)
        if not _is_plain(country, line, rules):
            return None
        if line.sales:
            sold = sold_rows(country, line.sales, line.levels, rules)
            if sold is None:
                return None
            found += sold
        if line.levels and managing:
            managed = managed_rows(country, line.levels, managing, rules)
            if managed is None:
                return None
            found += managed
    return found


def _lines(sales: Sequence[Row], levels: Sequence[Row], rules: PlainRules) -> dict[tuple[str, str], _Line]:
    """The rows by hub and account."""
    found: dict[tuple[str, str], _Line] = {}
    for row in sales:
        key = rules.lines[row[3]].hub, row[9] or ""
        if key not in found:
            found[key] = _Line()
        found[key].sales.append(row)
    for row in levels:
        key = rules.lines[row[1]].hub, row[6] or ""
        if key not in found:
            found[key] = _Line()
        found[key].levels.append(row)
    return found


def _is_plain(country: str, line: _Line, rules: PlainRules) -> bool:
    """Whether the line is in one currency, its levels have one edition and a day each, and no day is deal-based."""
    deal_based_from, named, day = rules.deal_based_from(country), None, None
    currency = line.sales[0][7] if line.sales else line.levels[0][3]
    for row in line.levels:
        if row[3] != currency or row[4] == day or (named or rules.lines[row[1]]) is not rules.lines[row[1]]:
            return False
        named, day = rules.lines[row[1]], row[4]
    if any(row[7] != currency for row in line.sales):
        return False
    if deal_based_from is None:
        return True
    days = rules.days
    return all(days[row[8]][0] < deal_based_from for row in line.sales) and (
        day is None or days[day][0] < deal_based_from
    )
