"""One partner's retention months, recounted: what each month changes, summed up (how-tiers-work#retention)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache

from tiercore.verification.entries import Credit
from tiercore.verification.rulebook import Held, LineKey, Rulebook

RETENTION = ("partner_id", "month", "currency", "per_100_usd", "started", "not_churned", "kept", "net")
_Line = tuple[list[int], list[Held]]  # the days of its levels, and the levels
_Stay = tuple[int, int | None]  # the first month of a run of months, and the first after it
_Sums = dict[str, list[int]]  # by currency: how many amounts, then started, not churned, kept, net


class MonthlyChanges:
    """What changes from month to month in a partner's install base, client by client."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules
        self._changes: dict[int, _Sums] = defaultdict(lambda: defaultdict(lambda: [0] * 5))
        self._first: int | None = None
        self._last = max([*rules.changes, 1])

    def add_client(self, credits: Sequence[Credit], held: Mapping[LineKey, list[Held]]) -> None:
        """Take in all of the partner's credits from one client, and what the client's lines pay."""
        lines = [([each.day for each in line], line) for line in held.values()]
        if not lines or not credits:
            return
        paid, ends = [day for days, _ in lines for day in days], [each.lapses_on for each in credits]
        self._last = max(self._last, *paid, *(each.starts_on for each in credits), *(day for day in ends if day))
        stays = {
            (first_month(each.starts_on), None if each.lapses_on is None else first_month(each.lapses_on))
            for each in credits
        }
        stays = {(start, end) for start, end in stays if end is None or start < end}
        if not stays:
            return
        self._first = min([start for start, _ in stays] + ([] if self._first is None else [self._first]))
        self._add_months(stays, lines, paid)

    def _add_months(self, stays: set[_Stay], lines: Sequence[_Line], paid: Sequence[int]) -> None:
        """Look at the months in which something may change; the others are like the month before."""
        after = {first_month(day) for day in paid}
        at = after.union((month - 1 for month in after), map(first_month, self._rules.changes))
        at |= {month for stay in stays for month in stay if month is not None}
        before: _Sums = {}
        for month in sorted(at):
            in_base = any(start <= month and (end is None or month < end) for start, end in stays)
            now = self._month(month, lines) if in_base else {}
            for currency in before.keys() | now.keys() if before != now else ():
                change = zip(now.get(currency, [0] * 5), before.get(currency, [0] * 5), strict=True)
                sums = self._changes[month][currency]
                sums[:] = [each + new - old for each, (new, old) in zip(sums, change, strict=True)]
            before = now

    def _month(self, month: int, lines: Sequence[_Line]) -> _Sums:
        """What the client adds to the month: nothing where it pays nothing that can be valued on its first day."""
        valued: _Sums = defaultdict(lambda: [0] * 5)
        unvalued: _Sums = {}
        first, end, opened = _ordinal(month), _ordinal(month + 1), False
        for days, line in lines:
            old, new = _paid(days, line, first), _paid(days, line, end)
            currencies = {each.currency for each in (old, new) if each is not None}
            tables = {each: table for each in currencies if (table := self._rules.table(each, first))}
            if missing := currencies - tables.keys():
                unvalued |= {currency: [1, 0, 0, 0, 0] for currency in missing}
                continue
            opened = opened or old is not None
            for at, each in ((1, old), (4, new)):
                if each:
                    valued[each.currency][0] += 1
                    valued[each.currency][at] += each.minor
            if old and new:
                valued[old.currency][2] += old.minor
                lower = old if old.minor * tables[new.currency] <= new.minor * tables[old.currency] else new
                valued[lower.currency][3] += lower.minor
        return {**valued, **unvalued} if opened else unvalued

    def months(self, partner_id: str) -> Iterator[tuple[object, ...]]:
        """The rows that the retention has to have, by month and currency."""
        if self._first is None:
            return
        sums: _Sums = defaultdict(lambda: [0] * 5)
        for month in range(self._first, _month_of(self._last) + 2):
            for currency, changes in self._changes.get(month, {}).items():
                sums[currency] = [each + change for each, change in zip(sums[currency], changes, strict=True)]
            there = sorted(currency for currency, (amounts, *_) in sums.items() if amounts)
            for currency in there:
                table = self._rules.table(currency, _ordinal(month)) or 0
                yield (partner_id, month, currency, table, *sums[currency][1:])
            if not there:
                yield (partner_id, month, "", 0, 0, 0, 0, 0)


def _paid(days: Sequence[int], line: Sequence[Held], day: int) -> Held | None:
    """The line's level of the day, None where it pays nothing."""
    at = bisect_right(days, day)
    return line[at - 1] if at and line[at - 1].minor else None


def _month_of(day: int) -> int:
    of = date.fromordinal(day)
    return of.year * 12 + of.month - 1


def first_day(month: int) -> date:
    """The first day of the month with that number, counted from January of year 0."""
    return date(month // 12, month % 12 + 1, 1)


@cache
def _ordinal(month: int) -> int:
    return first_day(month).toordinal()


def first_month(day: int) -> int:
    """The first month that begins on the day or later."""
    return _month_of(day - 1) + 1
