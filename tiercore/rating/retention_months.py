"""From credits and subscription levels to the months that a retention is made of (how-tiers-work#retention)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from tiercore.facts.entries import SubscriptionLevel
from tiercore.program import Program
from tiercore.rating.credits import Credit
from tiercore.rating.install_base import PaidLines, Stay, first_month_from, lines_of, month_of
from tiercore.rating.retention import RetentionMonth
from tiercore.rating.retention_sums import Months, Sums, joined


def retention_months(
    credits: Iterable[Credit], levels: Iterable[SubscriptionLevel], program: Program
) -> list[RetentionMonth]:
    """One partner's months, ascending without a hole, from its credits and its clients' levels (in any order).

    The first is the first with an install base, the last the one after the last known change. Empty where no client
    that contributes credit has a level.
    """
    lines = lines_of(levels, program)
    stays = {Stay(each.client_id, each.starts_on, each.lapses_on) for each in credits if each.client_id in lines}
    return months_of(stays, lines, program)


def months_of(stays: Collection[Stay], lines: PaidLines, program: Program) -> list[RetentionMonth]:
    """The same, from the days on which its clients contribute credit, and the lines of all clients that ever did.

    Each client of `stays` has lines.
    """
    last = _after_last_change(stays, lines, program)
    base = _base(stays, last)
    sums = Sums(program)
    for client_id, months in base.items():
        sums.add(lines[client_id], months)
    return sums.rows(range(min((months[0].first for months in base.values()), default=last + 1), last + 1))


def _base(stays: Iterable[Stay], last: int) -> Mapping[str, list[Months]]:
    """The months up to `last` on whose first day each client contributes credit; only clients with any."""
    found: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for client_id, starts_on, lapses_on in stays:
        until = last + 1 if lapses_on is None else min(first_month_from(lapses_on), last + 1)
        found[client_id].add((first_month_from(starts_on), until))
    runs = ((client_id, joined(each)) for client_id, each in found.items())
    return {client_id: each for client_id, each in runs if each}


def _after_last_change(stays: Iterable[Stay], lines: PaidLines, program: Program) -> int:
    """The month after the last one in which a credit, a level or a rule of rating is known to change."""
    last = max(program.rating_changes, default=date.min)
    for _, starts_on, lapses_on in stays:
        last = max(last, starts_on, lapses_on or starts_on)
    for client in lines.values():
        for line in client.values():
            last = max(last, line.last)
    return month_of(last) + 1
