"""Which lines of which clients make up what a retention lacks of 100 % (how-tiers-work#retention)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from tiercore.facts.money import Money
from tiercore.facts.points import HUNDREDTH, MICRO, divide_half_even, hundredths
from tiercore.program import RetentionCounts
from tiercore.rating.install_base import ClientMonth, LineMonth
from tiercore.rating.retention import Retention
from tiercore.rating.retention_sums import outcomes_of

_WHOLE = 100 * MICRO
_OUTCOME: dict[RetentionCounts, int] = {"churn_only": 1, "gross": 2, "net": 3}


class Loss(NamedTuple):
    """A line that lost MRR in a month: its part of the difference to 100 %, in millionths of a percent but whole
    hundredths, as shown; below zero where it gained.

    `base_cents` is the MRR of all clients at the month's start, in US cents, rounded.
    """

    line: LineMonth
    percent: int
    base_cents: int


def losses(known: Retention, what: RetentionCounts, clients: Iterable[ClientMonth]) -> list[Loss]:
    """The lines that the measure takes off (or adds), the largest part first; together exactly 100 % less the figure.

    Both as shown. `clients` are at least those of which a line changed in the 12 months, each month once. A month's
    loss counts as much as was left before it: a tenth of what 90 % is left of is 9 %.
    """
    by_month: dict[int, list[LineMonth]] = defaultdict(list)
    for client in clients:
        by_month[client.month] += client.lines
    found, left, whole = list[Loss](), 1, 1
    for share in known.shares(what):
        lost = [(each, _lost(each, what, share.scale)) for each in by_month[share.month]]
        kept = share.started
        for line, amount in sorted((each for each in lost if each[1]), key=lambda each: (-each[1], each[0][:4])):
            before, kept = kept, kept - amount
            percent = _shown(left * before, whole * share.started) - _shown(left * kept, whole * share.started)
            found.append(Loss(line, percent, divide_half_even(share.started * 100_00, share.scale)))
        left, whole = left * share.left, whole * share.started
    return sorted(found, key=lambda each: -abs(each.percent))


def _lost(line: LineMonth, what: RetentionCounts, scale: int) -> int:
    """What the line lost in the month, in units of which `scale` stand for US$100; below zero for a gain."""
    every = outcomes_of(line)
    started, left = (_valued(*every[at], scale) for at in (0, _OUTCOME[what]))
    return started - left


def _valued(mrr: Money | None, per_100_usd: int, scale: int) -> int:
    return 0 if mrr is None else mrr.minor * (scale // per_100_usd)


def _shown(numerator: int, denominator: int) -> int:
    """The part of 100 % in whole hundredths of a percent, as the figure itself is rounded."""
    return hundredths(divide_half_even(_WHOLE * numerator, denominator)) * HUNDREDTH
