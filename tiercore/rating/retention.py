"""Retention: the share of its clients' MRR that a partner keeps over a year, as C$R and GRR (how-tiers-work#retention).

Stated (hubspot.com/impact-awards, revenue retention): each month, the subscriptions of the install base (the sold and
managed clients at the start of the month) are compared with the upgrades, downgrades and cancellations during it. New
clients don't count. Partners see a 12-month average. GRR excludes expansion; whether C$R includes it is unknown
(`requirements.retention_counts_expansion`).

Chosen, where the program doesn't say:

- A month's install base is the clients that contribute credit and have MRR on its first day. *Started* is their MRR on
  that day over all product lines. *Kept* is, line by line, the lower of that and the level on the next month's first
  day. *Expanded*, used if expansion counts, is the base's total MRR on that day, new lines included.
- Both ends of a month are converted to US cents by the program's table of its first day, so that a new table is no
  downgrade. A line with an amount in a currency without a table on either day is excluded from the month.
- The figure is the product of the monthly shares over the last 12 complete months, which is what a year at their
  average rate (geometric mean) keeps. A month is complete on the first day of the next. A month without MRR at its
  start is skipped and not replaced: after four months, the figure covers those four. Months after the last known change
  keep everything.
- It is computed exactly and rounded once, half to even, to a millionth of a percent.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import prod
from typing import NamedTuple

from tiercore.facts.entries import SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, divide_half_even
from tiercore.facts.unknown import Unknown
from tiercore.program import Program, Rules
from tiercore.rating.credits import Credit, in_program_cents

MONTHS = 12
_WHOLE = 100 * MICRO
_NO_LEVELS = Unknown("no subscription data for the clients that earned points in the last 12 months")


class RetentionMonth(NamedTuple):
    """The MRR of a month's install base, in US cents, at its start and at its end; kept <= started, kept <= expanded.

    `month` is the month's number (`month_of`). `no_table` is a currency without a table whose lines were excluded, the
    alphabetically first if there are several.
    """

    month: int
    started_cents: int
    kept_cents: int
    expanded_cents: int
    no_table: str | None = None


class Retention(NamedTuple):
    """The retention on a day in millionths of a percent, without expansion (`gross`) and with it (`expanded`)."""

    gross: int | Unknown = _NO_LEVELS
    expanded: int | Unknown = _NO_LEVELS

    def by(self, rules: Rules) -> int | Unknown:
        """The figure that the rules require."""
        return self.expanded if rules.retention_counts_expansion else self.gross


NO_RETENTION = Retention()


def month_of(day: date) -> int:
    """The number of the day's month, counted from January of year 0."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of the month with that number."""
    return date(month // 12, month % 12 + 1, 1)


def retention_on(rows: Collection[RetentionMonth], *, as_of: date) -> Retention:
    """The retention over the last 12 months complete on the day, from a partner's months in any order.

    The last 12 rows before `as_of` are enough. Unknown, with the reason, if no month has MRR at its start.
    """
    months = _counted(rows, month_of(as_of) - 1)
    with_mrr = [month for month in months if month.started_cents]
    if not with_mrr:
        unknown = _unknown(months)
        return Retention(unknown, unknown)
    started = prod(month.started_cents for month in with_mrr)
    kept = prod(month.kept_cents for month in with_mrr)
    expanded = prod(month.expanded_cents for month in with_mrr)
    return Retention(divide_half_even(_WHOLE * kept, started), divide_half_even(_WHOLE * expanded, started))


def _counted(rows: Collection[RetentionMonth], last: int) -> list[RetentionMonth]:
    """The rows of the 12 months up to `last`; one month stands for all after the newest row, which keep everything."""
    counted = [row for row in rows if last - MONTHS < row.month <= last]
    newest = max(rows, default=None)
    if newest is not None and newest.month < last:
        whole = newest.started_cents
        counted.append(RetentionMonth(last, whole, whole, whole, newest.no_table))
    return counted


def _unknown(months: Iterable[RetentionMonth]) -> Unknown:
    currencies = {month.no_table for month in months if month.no_table}
    if not currencies:
        return _NO_LEVELS
    return Unknown(f"currencies.{min(currencies)} isn't set, which the clients' subscriptions need")


def retention_months(
    credits: Iterable[Credit], levels: Iterable[SubscriptionLevel], program: Program
) -> list[RetentionMonth]:
    """One partner's months, ascending and without gaps, from its credits and its clients' levels, in any order.

    They run from the first month with an install base to the month after the last known change. Empty if no client that
    contributes credit has a level.
    """
    lines = _lines(levels)
    with_levels = [credit for credit in credits if credit.client_id in lines]
    last = _after_last_change(with_levels, lines, program)
    base = _base(with_levels, last)
    first = min((min(months) for months in base.values() if months), default=last + 1)
    sums = [_Sums(month, program) for month in range(first, last + 1)]
    for client_id, months in base.items():
        for month in months:
            sums[month - first].add(lines[client_id])
    return [each.row() for each in sums]


class _Line:
    """A product line's MRR over time."""

    def __init__(self, levels: Iterable[SubscriptionLevel]) -> None:
        ordered = sorted(levels, key=lambda level: level.effective_on)
        self.days = [level.effective_on for level in ordered]
        self._mrr = [level.mrr for level in ordered]

    def on(self, day: date) -> Money | None:
        """The MRR on the day, None before the first level."""
        index = bisect_right(self.days, day)
        return self._mrr[index - 1] if index else None


def _lines(levels: Iterable[SubscriptionLevel]) -> dict[str, list[_Line]]:
    """Each client's product lines."""
    found: dict[str, dict[str, list[SubscriptionLevel]]] = defaultdict(lambda: defaultdict(list))
    for level in levels:
        found[level.client_id][level.product_line].append(level)
    return {client_id: [_Line(line) for line in lines.values()] for client_id, lines in found.items()}


def _after_last_change(credits: Sequence[Credit], lines: Mapping[str, Sequence[_Line]], program: Program) -> int:
    """The month after the last known change of a credit, a level or a rule that affects rating."""
    days = {credit.starts_on for credit in credits} | {credit.lapses_on for credit in credits if credit.lapses_on}
    days |= {day for client in lines.values() for line in client for day in line.days}
    return month_of(max(days | set(program.rating_changes), default=date.min)) + 1


def _base(credits: Iterable[Credit], last: int) -> dict[str, set[int]]:
    """For each client, the months up to `last` on whose first day it contributes credit."""
    found: dict[str, set[int]] = defaultdict(set)
    for credit in credits:
        until = _first_from(credit.lapses_on) if credit.lapses_on else last + 1
        found[credit.client_id].update(range(_first_from(credit.starts_on), until))
    return found


def _first_from(day: date) -> int:
    """The first month that starts on the day or later."""
    return month_of(day - timedelta(days=1)) + 1


@dataclass(slots=True)
class _Sums:
    """A month's amounts, summed client by client."""

    month: int
    program: Program
    rules: Rules = field(init=False)
    start: date = field(init=False)
    end: date = field(init=False)
    started: int = 0
    kept: int = 0
    expanded: int = 0
    no_table: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.start, self.end = first_day(self.month), first_day(self.month + 1)
        self.rules = self.program.on(self.start)

    def add(self, lines: Iterable[_Line]) -> None:
        """Add a client if it has MRR at the month's start."""
        pairs = [(self._cents(line.on(self.start)), self._cents(line.on(self.end))) for line in lines]
        known = [(before, after) for before, after in pairs if before is not None and after is not None]
        started = sum(before for before, _ in known)
        if started:
            self.started += started
            self.kept += sum(min(pair) for pair in known)
            self.expanded += sum(after for _, after in known)

    def _cents(self, mrr: Money | None) -> int | None:
        """US cents by the table of the month's first day, None without a table; zero is zero in any currency."""
        if mrr is None or not mrr.minor:
            return 0
        per_100_usd = self.rules.per_100_usd(mrr.currency)
        if isinstance(per_100_usd, Unknown):
            self.no_table.add(mrr.currency)
            return None
        return in_program_cents(mrr.minor, per_100_usd)

    def row(self) -> RetentionMonth:
        """The month's sums."""
        return RetentionMonth(self.month, self.started, self.kept, self.expanded, min(self.no_table, default=None))
