"""The cheapest sales that bring so many points: exact, in whole minor units (how-tiers-work#plans).

Some sales bring managed points, too. What is sold of them decides what other sales, and clients that are taken on, have
to bring. Between two marks (an option is used up, a minimum is met) all of that changes at constant rates. There, each
time that as many minor units more are sold as the other rate has points, the cost changes by the same amount: the least
is near a mark.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tiercore.planning.bounds import Asked, Least
from tiercore.planning.problem import Problem
from tiercore.planning.streams import BOTH, ENDLESS, MANAGED, SOLD, Pair, Slots, cents_for, ends_of, filled, gain


class Sales(NamedTuple):
    """Sales and clients taken on: the cost in hundredths, the minor units with nobody named, the number of steps, what
    is sold of each option, and the MRR taken on.
    """

    cost: int
    unnamed: int
    steps: int
    sold: tuple[tuple[int, int], ...]
    taken_on: int


NOTHING = Sales(0, 0, 0, (), 0)


def cheapest_sales(
    problem: Problem, pairs: Sequence[Sequence[Pair]], asked: Asked, limit: int = ENDLESS
) -> Sales | None:
    """The cheapest sales of one of the `pairs` (by size; of each pair the first bring managed points, too), None where
    none are enough, or where all of them cost more than `limit`.

    Of equally cheap ones those with the least to nobody named, then the fewest steps.
    """
    best: Sales | None = None
    for size, of_size in enumerate(pairs[: asked.steps + 1]):
        for first, second in of_size:
            most = limit if best is None else best.cost - is_first_choice(best, size)
            found = _Pair(problem, first, second, asked).cheapest(most)
            if found and (best is None or found < best):
                best = found
    return best


def is_first_choice(best: Sales, fewest: int) -> bool:
    """Whether sales of `fewest` steps or more are better than the best ones only if they cost less."""
    return best.unnamed == 0 and best.steps <= fewest


class _Pair:
    """The cheapest amounts of two given sets."""

    def __init__(self, problem: Problem, first: Slots, second: Slots, asked: Asked) -> None:
        self._first, self._second, self._asked, self._weight = first, second, asked, problem.weight
        self._extra, self._extra_weight = problem.taken_on or (0, 0)
        self._least = Least(problem, [*first, *second])
        self._all_of_first = sum(slot.most for slot in first)
        self._is_full = len(first) + len(second) == asked.steps  # a smaller set leaves a step for clients taken on
        self._width = max((slot.rate for slot in second), default=1) * max(1, self._extra)

    def cheapest(self, limit: int) -> Sales | None:
        """The cheapest amounts, None where there are none, or none that cost up to `limit`."""
        least = self._least.cost(self._asked)
        if least is None or least > limit:
            return None
        if not self._first:
            return self._sales(0, limit)
        found = {mark: cost for mark in self._marks() if (cost := self._cost(mark)) is not None}
        for mark in sorted(found, key=lambda each: found[each]):
            if found[mark] - self._weight - self._extra_weight > limit:
                break
            for cents in range(max(0, mark - self._width), mark + self._width + 1):
                cost = self._cost(cents)
                if cost is not None and cost <= limit:
                    found[cents], limit = cost, cost
        best = (self._sales(cents, limit) for cents, cost in found.items() if cost <= limit)
        return min(filter(None, best), default=None)

    def _marks(self) -> list[int]:
        """Where a rate changes: how much is sold of the first set then, in minor units."""
        asked, first = self._asked, self._first
        marks = {0, *(end for end, _ in ends_of(first))}
        ends = [0, *(gained for _, gained in ends_of(self._second))]
        after = [(asked.sold, SOLD), (asked.combined, BOTH), (asked.combined - max(0, asked.managed), SOLD)]
        switches = [(asked.managed, MANAGED), (asked.combined - asked.sold, MANAGED)]
        for units, counts in (*switches, *((units - end, counts) for units, counts in after for end in ends)):
            if (cents := cents_for(first, units, counts)) is not None:
                marks |= {cents, max(0, cents - 1)}
        last = min(asked.most, self._all_of_first)
        marks = {mark for mark in marks if mark <= last} | ({last} if last < ENDLESS else set())
        found = sorted(marks)
        return found if asked.most >= ENDLESS else [*found, *self._at_limit(found)]

    def _at_limit(self, marks: Sequence[int]) -> Iterator[int]:
        """Where all sales together come to the limit: between two marks they change in one direction."""
        for low, high in pairwise(marks):
            before = self._is_within(low)
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self._is_within(middle) == before else (low, middle)
            yield low

    def _is_within(self, cents: int) -> bool:
        others = self._others(cents)
        return others is not None and cents + others[0] <= self._asked.most

    def _others(self, cents: int) -> tuple[int, int] | None:
        """What is sold of the second set and taken on, where so much is sold of the first."""
        sold, managed = gain(self._first, cents, SOLD), gain(self._first, cents, MANAGED)
        missing, taken = self._asked.managed - managed, 0
        if missing > 0:
            if not self._extra:
                return None
            taken = -(-missing // self._extra)
        left = max(self._asked.sold - sold, self._asked.combined - sold - managed - taken * self._extra)
        others = cents_for(self._second, left)
        return None if others is None else (others, taken)

    def _cost(self, cents: int) -> int | None:
        """What it costs where so much is sold of the first set, in hundredths; None where that doesn't do."""
        if cents > self._all_of_first:
            return None
        found = self._others(cents)
        if found is None or cents + found[0] > self._asked.most or (found[1] and self._is_full):
            return None
        return self._weight * (cents + found[0]) + self._extra_weight * found[1]

    def _sales(self, cents: int, limit: int) -> Sales | None:
        """The sales where so much is sold of the first set, None where they cost or take more than the limits."""
        cost, found = self._cost(cents), self._others(cents)
        if cost is None or found is None or cost > limit:
            return None
        sold = (*filled(self._first, cents), *filled(self._second, found[0]))
        unnamed = found[1] + sum(used for slot, used in sold if not slot.is_named)
        used_up = tuple((slot.place, used) for slot, used in sold)
        return Sales(cost, unnamed, len(sold) + bool(found[1]), used_up, found[1])
