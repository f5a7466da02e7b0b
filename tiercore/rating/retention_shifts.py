"""How the changes of some clients move a partner's months of retention, without its other clients
(architecture#rebuilds).

A month is a sum over the clients of its base, so what a client gave before is taken off and what it gives now is added.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import NamedTuple

from tiercore.program import Program
from tiercore.rating.install_base import PaidLine
from tiercore.rating.lines import LineKey
from tiercore.rating.retention import RetentionMonth
from tiercore.rating.retention_months import FIRST_MONTHS, Days, after_last_change
from tiercore.rating.retention_sums import Sums, joined, per_100_usd

_NEVER = 1 << 20  # after every month
_Sums = dict[int, dict[str, list[int]]]  # by month and currency, what is added to the four sums
_NONE = (0, 0, 0, 0)


class _Reach(NamedTuple):
    """The first month with any of the clients in the base, and the last one that they need."""

    first: int = _NEVER
    last: int = -1

    def and_(self, other: "_Reach") -> "_Reach":
        """The reach of both."""
        return _Reach(min(self.first, other.first), max(self.last, other.last))


_NOWHERE = _Reach()


@dataclass(slots=True)
class MonthsShift:
    """What is added to a partner's months: `since` for the month and all that follow, `singles` for the month alone.

    `former` and `current` say how far the clients reached before and reach now. If not `is_valued`, some of their
    amounts have no table.
    """

    since: _Sums = field(default_factory=dict)
    singles: _Sums = field(default_factory=dict)
    former: _Reach = _NOWHERE
    current: _Reach = _NOWHERE
    is_valued: bool = True

    def __bool__(self) -> bool:
        return self.former != self.current or bool(self.since or self.singles) or not self.is_valued

    def take(self, days: Collection[Days], lines: Mapping[LineKey, PaidLine], program: Program, direction: int) -> None:
        """Add (1) what a client with these lines gives, which contributes credit on these days, or take it off (-1)."""
        if not days or not lines:
            return
        runs = ((FIRST_MONTHS[starts], FIRST_MONTHS[lapses] if lapses else _NEVER) for starts, lapses in days)
        base, sums = joined(runs), Sums(program)
        reach = _Reach(base[0].first if base else _NEVER, after_last_change({"": days}, {"": lines}, program))
        if direction > 0:
            self.current = self.current.and_(reach)
        else:
            self.former = self.former.and_(reach)
        if base:
            sums.add(lines, base)
            self._take(sums, direction)

    def add(self, other: "MonthsShift") -> None:
        """Take in what other clients change."""
        for into, found in ((self.since, other.since), (self.singles, other.singles)):
            for month, by_currency in found.items():
                for currency, sums in by_currency.items():
                    _add(into, month, currency, sums, 1)
        self.former, self.current = self.former.and_(other.former), self.current.and_(other.current)
        self.is_valued &= other.is_valued

    def _take(self, sums: Sums, direction: int) -> None:
        for month, currency, change in sums.changes():
            _add(self.since, month, currency, change, direction)
        for month, currency, change in sums.single_months():
            _add(self.singles, month, currency, change, direction)
        self.is_valued &= sums.is_valued


def _add(into: _Sums, month: int, currency: str, change: Sequence[int], direction: int) -> None:
    found = into.setdefault(month, {}).setdefault(currency, [0] * 4)
    for at, minor in enumerate(change):
        found[at] += direction * minor


def shifted_months(rows: Sequence[RetentionMonth], shift: MonthsShift, program: Program) -> list[RetentionMonth] | None:
    """A partner's months after the shift, from those before it, ascending.

    None where they have to be made from all of its clients: it had none, an amount has no table, or a client that
    reached as far as they do reaches less far now.
    """
    if not rows or not shift.is_valued:
        return None
    first, last = rows[0].month, rows[-1].month
    if shift.former.last >= last > shift.current.last or shift.former.first <= first < shift.current.first:
        return None
    within = range(min(first, shift.current.first), max(last, shift.current.last) + 1)
    if not all(_keeps_table(row.currency, range(last, within.stop), program) for row in rows if row.month == last):
        return None
    return list(_rows(rows, shift, within, program))


def _keeps_table(currency: str, within: range, program: Program) -> bool:
    """Whether the currency has a table in all of the months or in none."""
    return not currency or len({per_100_usd(program, month, currency) is None for month in within}) == 1


def _rows(
    rows: Sequence[RetentionMonth], shift: MonthsShift, within: range, program: Program
) -> Iterator[RetentionMonth]:
    stored: dict[int, dict[str, RetentionMonth]] = defaultdict(dict)
    for row in rows:
        if row.currency:
            stored[row.month][row.currency] = row
    steady, last = stored[rows[-1].month], rows[-1].month
    running: dict[str, list[int]] = {}
    for month in within:
        for currency, change in shift.since.get(month, {}).items():
            running[currency] = list(map(add, running.get(currency, _NONE), change))
        single, former = shift.singles.get(month, {}), steady if month > last else stored.get(month, {})
        found = False
        for currency in sorted({*former, *running, *single}):
            added = running.get(currency, _NONE), single.get(currency, _NONE)
            if moved := _row(month, currency, former, added, program):
                found = True
                yield moved
        if not found:
            yield RetentionMonth(month, "", 0, 0, 0, 0, 0)


def _row(
    month: int,
    currency: str,
    former: Mapping[str, RetentionMonth],
    added: tuple[Sequence[int], Sequence[int]],
    program: Program,
) -> RetentionMonth | None:
    """The month's row of a currency; None where nothing of it is left."""
    row = former.get(currency)
    before = row[3:] if row else _NONE
    sums = list(map(sum, zip(before, *added, strict=True)))
    table = per_100_usd(program, month, currency) or 0
    return RetentionMonth(month, currency, table, *sums) if any(sums) or (row and not table) else None
