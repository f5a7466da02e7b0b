"""The months of a retention, summed by runs in which a line pays the same (how-tiers-work#retention).

A line changes in a few of the months in which its client is in the base. Those are gone through one by one; what stays
the same between two of them is added once for the whole run.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from tiercore.facts.money import Money
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.rating.install_base import LineMonth, PaidLine, first_day, first_month_from
from tiercore.rating.lines import LineKey
from tiercore.rating.retention import RetentionMonth


class Months(NamedTuple):
    """A run of months: first <= month < until."""

    first: int
    until: int


class _Table(NamedTuple):
    """From a month on, the minor units of a currency that stand for US$100; None without a table."""

    month: int
    per_100_usd: int | None


def joined(runs: Iterable[tuple[int, int]]) -> list[Months]:
    """The runs ascending, those that touch or overlap as one, empty ones left out."""
    found: list[Months] = []
    begun = ended = -1
    for first, until in sorted(runs):
        if first >= until:
            continue
        if first <= ended:
            ended = max(ended, until)
            continue
        if ended >= 0:
            found.append(Months(begun, ended))
        begun, ended = first, until
    if ended >= 0:
        found.append(Months(begun, ended))
    return found


@lru_cache(maxsize=256)
def _tables(program: Program, currency: str) -> tuple[_Table, ...]:
    """The currency's tables by the rules of each month's first day."""
    months = {first_month_from(day): day for day in program.changes}
    found = [_Table(-1, _per_100_usd(program, 0, currency))]
    for month in sorted(months):
        table = _per_100_usd(program, month, currency)
        if table != found[-1].per_100_usd:
            found.append(_Table(month, table))
    return tuple(found)


def _per_100_usd(program: Program, month: int, currency: str) -> int | None:
    table = program.on(first_day(max(month, 12))).per_100_usd(currency)
    return None if isinstance(table, Unknown) else table.minor


def per_100_usd(program: Program, month: int, currency: str) -> int | None:
    """The minor units of the currency that stand for US$100 by the table of the month's first day; None without one."""
    tables = _tables(program, currency)
    if len(tables) == 1:
        return tables[0].per_100_usd
    return tables[bisect_right(tables, month, key=lambda table: table.month) - 1].per_100_usd


class _Amounts:
    """One currency's amounts while clients are gone through.

    `runs` has by month how many more lines stay the same from then on, and their minor units; `singles` has the four
    sums of the lines that change in a month.
    """

    def __init__(self) -> None:
        self.runs: dict[int, list[int]] = {}
        self.singles: dict[int, list[int]] = {}

    def add_run(self, first: int, until: int, minor: int) -> None:
        """A line that pays `minor` at both ends of each of the months."""
        for month, sign in ((first, 1), (until, -1)):
            change = self.runs.get(month)
            if change is None:
                change = self.runs[month] = [0, 0]
            change[0] += sign
            change[1] += sign * minor

    def of_month(self, month: int) -> list[int]:
        """The four sums of the lines that change in the month."""
        found = self.singles.get(month)
        if found is None:
            found = self.singles[month] = [0] * 4
        return found


class Sums:
    """The months' amounts while the clients of a base are gone through."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._of: dict[str, _Amounts] = defaultdict(_Amounts)

    def add(self, lines: Mapping[LineKey, PaidLine], base: Sequence[Months]) -> None:
        """Take in a client that is in the base in these months, ascending."""
        for line in lines.values():
            before, since = None, -1
            for month, after in line.months:
                if before is not None:
                    self._add_run(since, month - 1, before, base)
                if (before is not None or after is not None) and _contains(base, month - 1):
                    self._add_change(month - 1, before, after, lines)
                before, since = after, month
            if before is not None:
                self._add_run(since, base[-1].until, before, base)

    def _add_run(self, first: int, until: int, mrr: Money, base: Sequence[Months]) -> None:
        amounts, tables = self._of[mrr.currency], _tables(self._program, mrr.currency)
        for run in base:
            start, end = max(first, run.first), min(until, run.until)
            if start < end and len(tables) == 1:
                amounts.add_run(start, end, mrr.minor if tables[0].per_100_usd is not None else 0)
            elif start < end:
                for since, stop, valued in _spans(tables, start, end):
                    amounts.add_run(since, stop, mrr.minor if valued else 0)

    def _add_change(
        self, month: int, before: Money | None, after: Money | None, lines: Mapping[LineKey, PaidLine]
    ) -> None:
        """A line that pays something else at the month's end; a new one counts only beside one that has paid before."""
        if before is not None and after is not None and before.currency == after.currency:
            sums = self._of[before.currency].of_month(month)
            if per_100_usd(self._program, month, before.currency):
                for at, minor in enumerate((before.minor, before.minor, min(before.minor, after.minor), after.minor)):
                    sums[at] += minor
            return
        tables = [1 if each is None else per_100_usd(self._program, month, each.currency) for each in (before, after)]
        missing = [each.currency for each, table in zip((before, after), tables, strict=True) if each and not table]
        if missing:
            for currency in missing:
                self._of[currency].of_month(month)
        elif before is not None or self._has_base(month, lines):
            for at, (money, _) in enumerate(outcomes(before, after, (tables[0] or 1, tables[1] or 1))):
                if money is not None:
                    self._of[money.currency].of_month(month)[at] += money.minor

    def _has_base(self, month: int, lines: Mapping[LineKey, PaidLine]) -> bool:
        """Whether a line of the client that can be valued pays something on the month's first day."""
        ends = [(line.paying(month), line.paying(month + 1)) for line in lines.values()]
        return any(
            before and all(each is None or per_100_usd(self._program, month, each.currency) for each in (before, after))
            for before, after in ends
        )

    def rows(self, within: range) -> list[RetentionMonth]:
        """The months' rows, ascending, by currency; a month without any has one, with no currency."""
        of_month: dict[int, list[RetentionMonth]] = defaultdict(list)
        for currency in sorted(self._of):
            for row in self._rows_of(currency, within):
                of_month[row.month].append(row)
        empty = ("", 0, 0, 0, 0, 0)
        return [row for month in within for row in of_month.get(month) or (RetentionMonth(month, *empty),)]

    def _rows_of(self, currency: str, within: range) -> Iterator[RetentionMonth]:
        amounts, lines, minor = self._of[currency], 0, 0
        for month in within:
            if change := amounts.runs.get(month):
                lines, minor = lines + change[0], minor + change[1]
            single = amounts.singles.get(month)
            if lines or single is not None:
                table = per_100_usd(self._program, month, currency) or 0
                sums = [minor + each for each in single] if single else [minor] * 4
                yield RetentionMonth(month, currency, table, *sums)


def _spans(tables: Sequence[_Table], first: int, until: int) -> Iterator[tuple[int, int, bool]]:
    """The months in runs with a table and without one."""
    if len(tables) == 1:
        yield first, until, tables[0].per_100_usd is not None
        return
    ends = [*(table.month for table in tables[1:]), until]
    for table, end in zip(tables, ends, strict=True):
        start, stop = max(first, table.month), min(until, end)
        if start < stop:
            yield start, stop, table.per_100_usd is not None


def _contains(base: Sequence[Months], month: int) -> bool:
    return any(run.first <= month < run.until for run in base)


def outcomes_of(line: LineMonth) -> tuple[tuple[Money | None, int], ...]:
    """A line's MRR at the month's start, and what is left of it churn only, gross and net; each with its table."""
    return outcomes(line.before, line.after, line.per_100_usd)


def outcomes(
    before: Money | None, after: Money | None, per_100_usd: tuple[int, int]
) -> tuple[tuple[Money | None, int], ...]:
    """The same, from the MRR on the month's first day and on the next month's, and what stands for US$100 in each."""
    started, ended = (before, per_100_usd[0]), (after, per_100_usd[1])
    return started, started if after else (None, 1), _lower(started, ended), ended


def _lower(one: tuple[Money | None, int], other: tuple[Money | None, int]) -> tuple[Money | None, int]:
    """The lower of two amounts by the table; of equal ones the first."""
    if one[0] is None or other[0] is None:
        return None, 1
    return one if one[0].minor * other[1] <= other[0].minor * one[1] else other
