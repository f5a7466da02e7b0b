"""What a plan costs at the least: bounds by which most choices are ruled out unseen (how-tiers-work#plans)."""

from collections.abc import Iterator, Sequence
from math import gcd
from typing import NamedTuple

from tiercore.planning.problem import Problem
from tiercore.planning.streams import BOTH, MANAGED, Counts, Slot, cents_for


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


class Least:
    """The least that sales of some slots, and clients taken on, cost."""

    def __init__(self, problem: Problem, slots: Sequence[Slot]) -> None:
        self._weight, self._extra = problem.weight, problem.taken_on
        self._unit = gcd(problem.weight, problem.taken_on.weight) if problem.taken_on else problem.weight
        self._by_sold = tuple(sorted(slots, key=lambda slot: -slot.rate))
        self._by_both = tuple(sorted(slots, key=lambda slot: -slot.both))
        self._by_managed = tuple(sorted((each for each in slots if each.managed), key=lambda slot: -slot.managed))

    def cost(self, asked: Asked) -> int | None:
        """The least cost of what is asked, each kind of points by itself; None where that can't be reached."""
        sold, managed = max(0, asked.sold), max(0, asked.managed)
        cents = cents_for(self._by_sold, sold)
        if cents is None or cents > asked.most:
            return None
        both = self._of(self._by_both, BOTH, max(asked.combined, sold + managed), managed)
        alone = self._of(self._by_managed, MANAGED, managed, managed)
        return None if both is None or alone is None else max(self._weight * cents, both, alone)

    def _of(self, slots: Sequence[Slot], counts: Counts, units: int, managed: int) -> int | None:
        """The least cost of the units, in part by clients that are taken on for `managed` units."""
        if units <= 0:
            return 0
        cost = 0
        for weight, rate, most in self._by_cost(slots, counts, managed):
            if units <= most:
                return -(-(cost * rate + units * weight) // (rate * self._unit)) * self._unit
            cost, units = cost + most * weight // rate, units - most
        return None

    def _by_cost(self, slots: Sequence[Slot], counts: Counts, managed: int) -> Iterator[tuple[int, int, int]]:
        """What brings units, the cheapest first: the cost and the units of a minor unit, and the most units."""
        extra = self._extra if managed else None
        for slot in slots:
            rate = counts[0] * slot.rate + counts[1] * slot.managed
            if extra and extra.weight * rate < self._weight * extra.rate:
                yield extra.weight, extra.rate, managed + extra.rate - 1
                extra = None
            yield self._weight, rate, slot.most * rate
        if extra:
            yield extra.weight, extra.rate, managed + extra.rate - 1
