"""The cheapest sales that bring so many points: exact, in whole minor units (how-tiers-work#plans).

Some sales bring managed points, too. What is sold of them decides what other sales, and clients that are taken on, have
to bring. Between two marks (an option is used up, a minimum is met) all of that changes at constant rates, and the cost of
one step to the next by the same amount for each so many minor units as the other rate has. So the least is near a mark.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tiercore.planning.problem import Problem
from tiercore.planning.streams import BOTH, ENDLESS, MANAGED, SOLD, Slots, cents_for, ends_of, filled, gain


class Asked(NamedTuple):
    """What sales have to bring, in units, with at most `steps` steps and `most` minor units."""

    sold: int
    managed: int
    combined: int
    steps: int
    most: int

    @property
    def is_nothing(self) -> bool:
        """Whether nothing has to be brought."""
        return max(self.sold, self.managed, self.combined) <= 0


class Sales(NamedTuple):
    """Sales and clients taken on: the cost in hundredths, the minor units with nobody named, how many steps, what is sold
    of each option, and the MRR taken on.
    """

    cost: int
    unnamed: int
    steps: int
    sold: tuple[tuple[int, int], ...]
    taken_on: int


NOTHING = Sales(0, 0, 0, (), 0)
Sets = Sequence[Sequence[Slots]]


def cheapest_sales(problem: Problem, first: Sets, second: Sets, asked: Asked) -> Sales | None:
    """The cheapest sales of `first` (with managed points) and `second` (without), None where none are enough.

    Of equally cheap ones those with the least to nobody named, then the fewest steps.
    """
    best: Sales | None = None
    for size in range(min(asked.steps, len(first) - 1) + 1):
        for with_managed in first[size]:
            for others in range(asked.steps - size + 1):
                for slots in second[others]:
                    found = _Pair(problem, with_managed, slots, asked).cheapest(best)
                    if found and (best is None or found < best):
                        best = found
    return best


class _Pair:
    """The cheapest amounts of two given sets."""

    def __init__(self, problem: Problem, first: Slots, second: Slots, asked: Asked) -> None:
        self._problem, self._first, self._second, self._asked = problem, first, second, asked
        self._extra = problem.taken_on.rate if problem.taken_on else 0

    def cheapest(self, best: Sales | None) -> Sales | None:
        if best and self._least() > best.cost:
            return None
        if not self._first:
            return self._priced(0)
        marks = self._marks()
        found = {mark: self._priced(mark) for mark in marks}
        bound = best
        for each in found.values():
            if each and (bound is None or each < bound):
                bound = each
        slack = 2 * self._problem.weight + 2 * (self._problem.taken_on.weight if self._problem.taken_on else 0)
        width = max((slot.rate for slot in self._second), default=1) * max(1, self._extra)
        for mark, each in found.items():
            if each is not None and bound is not None and each.cost - slack > bound.cost:
                continue
            for cents in range(max(0, mark - width), mark + width + 1):
                near = self._priced(cents)
                if near and (bound is None or near < bound):
                    bound = near
        return bound

    def _least(self) -> int:
        """What the two sets cost at the least."""
        every = (*self._first, *self._second)
        rate, both = max((slot.rate for slot in every), default=0), max((slot.both for slot in every), default=0)
        least = -(-self._asked.sold // rate) if rate and self._asked.sold > 0 else 0
        if not self._problem.taken_on and both and self._asked.combined > 0:
            least = max(least, -(-self._asked.combined // both))
        return least * self._problem.weight

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
        last = min(asked.most, sum(slot.most for slot in first))
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

    def _priced(self, cents: int) -> Sales | None:
        if cents > sum(slot.most for slot in self._first):
            return None
        found = self._others(cents)
        if found is None or cents + found[0] > self._asked.most:
            return None
        others, taken = found
        sold = (*filled(self._first, cents), *filled(self._second, others))
        steps = len(sold) + bool(taken)
        if steps > self._asked.steps:
            return None
        weights = self._problem.weight, self._problem.taken_on.weight if self._problem.taken_on else 0
        unnamed = taken + sum(used for slot, used in sold if not slot.is_named)
        cost = weights[0] * (cents + others) + weights[1] * taken
        return Sales(cost, unnamed, steps, tuple((slot.place, used) for slot, used in sold), taken)
