"""From credits and subscription levels to the months that a retention is made of (how-tiers-work#retention)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from tiercore.facts.entries import SubscriptionLevel
from tiercore.program import Program
from tiercore.rating.credits import Credit
from tiercore.rating.install_base import PaidLines, first_month_from, lines_of, month_of
from tiercore.rating.retention import RetentionMonth
from tiercore.rating.retention_sums import Months, Sums, joined

Days = tuple[int, int | None]  # from the first day until the second, which isn't one of them (None: open)


def retention_months(
    credits: Iterable[Credit], levels: Iterable[SubscriptionLevel], program: Program
) -> list[RetentionMonth]:
    """One partner's months, ascending without a hole, from its credits and its clients' levels (in any order).

    The first is the first with an install base, the last the one after the last known change. Empty where no client
    that contributes credit has a level.
    """
    lines, stays = lines_of(levels, program), defaultdict[str, set[Days]](set)
    for each in credits:
        if each.client_id in lines:
            lapses_on = each.lapses_on.toordinal() if each.lapses_on else None
            stays[each.client_id].add((each.starts_on.toordinal(), lapses_on))
    return months_of(stays, lines, program)


def months_of(stays: Mapping[str, Collection[Days]], lines: PaidLines, program: Program) -> list[RetentionMonth]:
    """The same, from the days on which each client contributes credit, and the lines of these clients.

    Days are ordinals; every client has lines.
    """
    last = after_last_change(stays, lines, program)
    base = _base(stays, last)
    sums = Sums(program)
    for client_id, months in base.items():
        sums.add(lines[client_id], months)
    return sums.rows(range(min((months[0].first for months in base.values()), default=last + 1), last + 1))


class _FirstMonths(dict[int, int]):
    """The first month that begins on a day or later, by the day's ordinal."""

    def __missing__(self, ordinal: int) -> int:
        self[ordinal] = found = first_month_from(date.fromordinal(ordinal))
        return found


FIRST_MONTHS = _FirstMonths()


def _base(stays: Mapping[str, Collection[Days]], last: int) -> Mapping[str, list[Months]]:
    """The months up to `last` on whose first day each client contributes credit; only clients with any."""
    first, end, found = FIRST_MONTHS, last + 1, dict[str, list[Months]]()
    for client_id, own in stays.items():
        runs = joined((first[starts], min(first[lapses], end) if lapses else end) for starts, lapses in own)
        if runs:
            found[client_id] = runs
    return found


def after_last_change(stays: Mapping[str, Collection[Days]], lines: PaidLines, program: Program) -> int:
    """The month after the last one in which a credit, a level or a rule of rating is known to change."""
    last = max((lapses or starts for own in stays.values() for starts, lapses in own), default=1)
    days = [date.fromordinal(last), *(line.last for client in lines.values() for line in client.values())]
    return month_of(max(*days, *program.rating_changes, date.min)) + 1
