"""From credits and subscription levels to the months that a retention is made of (how-tiers-work#retention)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from tiercore.facts.entries import SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.program import Program
from tiercore.rating.credits import Credit
from tiercore.rating.install_base import (
    ClientMonth,
    LineMonth,
    Lines,
    Stay,
    client_months,
    lines_of,
    month_of,
    months_in_base,
)
from tiercore.rating.retention import RetentionMonth


def retention_months(
    credits: Iterable[Credit], levels: Iterable[SubscriptionLevel], program: Program
) -> list[RetentionMonth]:
    """One partner's months, ascending without a hole, from its credits and its clients' levels (in any order).

    The first is the first with an install base, the last the one after the last known change. Empty where no client
    that contributes credit has a level.
    """
    lines = lines_of(levels, program)
    stays = {Stay(each.client_id, each.starts_on, each.lapses_on) for each in credits if each.client_id in lines}
    last = _after_last_change(stays, lines, program)
    base = months_in_base(stays, last)
    within = range(min((min(months) for months in base.values() if months), default=last + 1), last + 1)
    sums = _Sums()
    for each in client_months(base, lines, program, within):
        sums.add(each)
    return [row for month in within for row in sums.rows(month)]


def _after_last_change(stays: Iterable[Stay], lines: Lines, program: Program) -> int:
    """The month after the last one in which a credit, a level or a rule of rating is known to change."""
    days = {day for stay in stays for day in (stay.starts_on, stay.lapses_on) if day}
    days |= {day for client in lines.values() for line in client.values() for day in line.days}
    return month_of(max(days | set(program.rating_changes), default=date.min)) + 1


class _Sums:
    """The months' amounts while their clients are gone through."""

    def __init__(self) -> None:
        self._of: dict[int, dict[str, list[int]]] = defaultdict(dict)

    def add(self, client: ClientMonth) -> None:
        """Take a client of the base in."""
        month = self._of[client.month]
        for currency in client.no_table:
            month.setdefault(currency, [0] * 5)
        for line in client.lines:
            for at, (money, per_100_usd) in enumerate(outcomes(line), start=1):
                if money is not None:
                    sums = month.setdefault(money.currency, [0] * 5)
                    sums[0] = per_100_usd
                    sums[at] += money.minor

    def rows(self, month: int) -> list[RetentionMonth]:
        """The month's rows, by currency."""
        found = sorted(self._of.get(month, {}).items())
        return [RetentionMonth(month, currency, *sums) for currency, sums in found or [("", [0] * 5)]]


def outcomes(line: LineMonth) -> tuple[tuple[Money | None, int], ...]:
    """A line's MRR at the month's start, and what is left of it churn only, gross and net; each with its table."""
    started, ended = (line.before, line.per_100_usd[0]), (line.after, line.per_100_usd[1])
    return started, started if line.after else (None, 1), _lower(started, ended), ended


def _lower(one: tuple[Money | None, int], other: tuple[Money | None, int]) -> tuple[Money | None, int]:
    """The lower of two amounts by the table; of equal ones the first."""
    if one[0] is None or other[0] is None:
        return None, 1
    return one if one[0].minor * other[1] <= other[0].minor * one[1] else other
