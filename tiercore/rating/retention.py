"""Retention: the share of its clients' MRR that a partner keeps over a year, as C$R and GRR (how-tiers-work#retention).

Stated (hubspot.com/impact-awards, revenue retention): each month, the subscriptions of the install base (the sold and
managed clients at the start of the month) are compared with the upgrades, downgrades and cancellations during it. New
clients don't count. Partners see a 12-month average. What counts depends on the day's rules
(`requirements.retention_counts`):

- *churn only* (C$R): a line that pays nothing on the next month's first day is lost; any other is kept whole.
- *gross* (GRR): line by line, the lower of the MRR on the month's first day and on the next month's is kept.
- *net*: the base's whole MRR on that day, new lines of the same clients included.

Chosen, where the program doesn't say (for the base itself see install_base.py):

- The figure is the product of the monthly shares over the last 12 complete months, which is what a year at their
  average rate (geometric mean) keeps. A month is complete on the first day of the next. A month without MRR at its
  start is skipped and not replaced: after four months, the figure covers those four. Months after the last known change
  keep everything.
- Every amount stays in minor units of its own currency until the figure is computed, exactly, and rounded once, half to
  even, to a millionth of a percent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import lcm, prod
from typing import NamedTuple

from tiercore.facts.points import MICRO, divide_half_even
from tiercore.facts.unknown import Unknown
from tiercore.program import RetentionCounts, Rules
from tiercore.rating.install_base import month_of

MONTHS = 12
_WHOLE = 100 * MICRO
_NO_LEVELS = Unknown("no subscription data for the clients that earned points in the last 12 months")


class RetentionMonth(NamedTuple):
    """What a calendar month did to the MRR of its install base in one currency, in that currency's minor units.

    `month` counts the months since the year 0 (`month_of`). `started` is the MRR on its first day; of it `not_churned`,
    `kept` (downgrades taken off, too) and `net` (upsells and new lines added) are left on the next month's.
    `per_100_usd` stands for US$100 by the table of the first day; 0 where there is no table: lines in that currency
    were left out. A month without any base has one row, with no currency.
    """

    month: int
    currency: str
    per_100_usd: int
    started: int
    not_churned: int
    kept: int
    net: int


_COLUMN = {
    what: RetentionMonth._fields.index(column)
    for what, column in {"churn_only": "not_churned", "gross": "kept", "net": "net"}.items()
}


class Share(NamedTuple):
    """What is left of a month's MRR: `left` of `started`, exactly, in units of which `scale` stand for US$100."""

    month: int
    left: int
    started: int
    scale: int


class RetentionMonths:
    """The months of a partner as far as they are known, in any order, and the share that each of them kept.

    The rows are gone through when a share is first asked for: most answers ask for none.
    """

    def __init__(self, rows: Iterable[RetentionMonth] = ()) -> None:
        self._given = rows
        self._shares: dict[tuple[RetentionCounts, int], Share | None] = {}
        self.figures: dict[tuple[RetentionCounts, int], int | Unknown] = {}  # found, by their last month

    @cached_property
    def rows(self) -> tuple[RetentionMonth, ...]:
        """The rows that were given."""
        return tuple(self._given)

    @cached_property
    def _of_month(self) -> dict[int, list[RetentionMonth]]:
        found: dict[int, list[RetentionMonth]] = {}
        for row in self.rows:
            found.setdefault(row.month, []).append(row)
        return found

    def share(self, what: RetentionCounts, month: int) -> Share | None:
        """What the month kept; None where it isn't known, or has no MRR at its start."""
        if month not in self._of_month:
            return None
        key = what, month
        if key not in self._shares:
            self._shares[key] = _share(self._of_month[month], _COLUMN[what])
        return self._shares[key]

    def newest(self, last: int) -> int:
        """The newest known month up to `last`, `last` itself where none is known."""
        return max((month for month in self._of_month if month <= last), default=last)


def _share(rows: Iterable[RetentionMonth], at: int) -> Share | None:
    """The share of a month by the table; of one in a single currency, its own minor units do."""
    valued = [row for row in rows if row.per_100_usd]
    if not valued:
        return None
    scale, left, started = _common([row.per_100_usd for row in valued]), 0, 0
    for row in valued:
        times = scale // row.per_100_usd
        left += row[at] * times  # type: ignore[operator]
        started += row.started * times
    return Share(valued[0].month, left, started, scale) if started else None


def _common(scales: Sequence[int]) -> int:
    return scales[0] if len(scales) == 1 else lcm(*scales)


@dataclass(frozen=True, slots=True)
class Retention:
    """A partner's retention on a day.

    Of the months before `as_of` the last 12 that are known suffice; months of later days may be there for `on`.
    """

    months: RetentionMonths = field(default_factory=RetentionMonths)
    as_of: date = date.min

    def on(self, day: date) -> "Retention":
        """The retention of another day; the months must reach as far back and ahead as that day needs."""
        return Retention(self.months, day)

    def by(self, rules: Rules) -> int | Unknown:
        """The figure that the rules speak of, in millionths of a percent; Unknown with the reason."""
        return self.counting(rules.retention_counts)

    def counting(self, what: RetentionCounts) -> int | Unknown:
        """What 12 months leave of 100 %, in millionths of a percent; Unknown where none has MRR at its start."""
        key = what, self._last
        found = self.months.figures.get(key)
        if found is None:
            found = self.months.figures[key] = self._counting(what)
        return found

    def _counting(self, what: RetentionCounts) -> int | Unknown:
        shares = self.shares(what)
        if not shares:
            return self._unknown()
        return divide_half_even(_WHOLE * prod([each.left for each in shares]), prod([each.started for each in shares]))

    def annualised(self) -> int | Unknown:
        """The awards' revenue retention, in millionths of a percent: a year at the last complete month's rate.

        (the month's closing MRR without new clients ÷ its opening MRR)^12. Unknown where it opened without MRR.
        """
        newest = self.months.newest(self._last)
        share = self.months.share("net", newest)
        if share is None:
            return self._unknown()
        if newest < self._last:
            return _WHOLE
        return divide_half_even(_WHOLE * share.left**MONTHS, share.started**MONTHS)

    def shares(self, what: RetentionCounts) -> list[Share]:
        """What each of the 12 months before the day kept, ascending; months without MRR at their start are left out.

        After the newest known month its base is kept whole.
        """
        last, share = self._last, self.months.share
        found = [each for month in range(last - MONTHS + 1, last + 1) if (each := share(what, month))]
        newest = self.months.newest(last)
        if newest < last and (kept := share(what, newest)):
            found.append(kept._replace(month=last, left=kept.started))
        return found

    @property
    def _last(self) -> int:
        """The last month that is complete on the day."""
        return month_of(self.as_of) - 1

    def _unknown(self) -> Unknown:
        last = self._last
        within = {*range(last - MONTHS + 1, last + 1), self.months.newest(last)}
        rows = [row for row in self.months.rows if row.month in within]
        currencies = {row.currency for row in rows if row.currency and not row.per_100_usd}
        if not currencies:
            return _NO_LEVELS
        return Unknown(f"currencies.{min(currencies)} isn't set, which the clients' subscriptions need")


NO_RETENTION = Retention()


def retention_on(rows: Iterable[RetentionMonth], as_of: date) -> Retention:
    """The retention of the day, from a partner's months in any order."""
    return Retention(RetentionMonths(rows), as_of)
