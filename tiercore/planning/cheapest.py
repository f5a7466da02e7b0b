"""The cheapest choice that reaches the needs: exact, every choice of whole options compared (how-tiers-work#plans)."""

from collections.abc import Iterator
from typing import NamedTuple

from tiercore.facts.points import MICRO, Source
from tiercore.planning.problem import Chosen, Problem
from tiercore.planning.sales import NOTHING, Asked, Sales, cheapest_sales
from tiercore.planning.streams import BOTH, ENDLESS, Pair, cents_for, pairs_of, slots_of


class _Partial(NamedTuple):
    """Some whole options, with the least that a plan with them can cost, and what they leave to sales."""

    least: int
    cost: int
    places: tuple[int, ...]
    asked: Asked


class _Gained(NamedTuple):
    """What whole options bring, in micropoints, the MRR sold among them, and their cost."""

    sourced: int = 0
    sold: int = 0
    managed: int = 0
    sold_mrr: int = 0
    cost: int = 0


def cheapest(problem: Problem) -> Chosen | None:
    """The cheapest choice, None where no choice within the limits reaches the needs.

    Of equally cheap choices the one with the least to nobody named, then the one of fewest steps. So no step of it can
    be left out.
    """
    sets = _SetsBesides(problem)
    known: dict[tuple[Asked, frozenset[int]], tuple[int, Sales | None]] = {}
    best: tuple[tuple[int, int, int], tuple[int, ...], Sales] | None = None
    for part in sorted(_partials(problem)):
        limit = ENDLESS
        if best is not None:
            (cost, unnamed, steps), fewest = best[0], len(part.places) + (not part.asked.is_nothing)
            if part.least > cost:
                break
            limit = cost - part.cost - (unnamed == 0 and steps <= fewest)
        with_sales = sets.that_count(part.places)
        if sets.least(part.asked) > limit:
            continue
        tried, sales = known.get((part.asked, with_sales), (-1, None))
        if sales is None and limit > tried:
            done = part.asked.is_nothing
            sales = NOTHING if done else cheapest_sales(problem, sets.of(with_sales), part.asked, limit)
            known[part.asked, with_sales] = limit, sales
        if sales is None:
            continue
        found = (part.cost + sales.cost, sales.unnamed, sales.steps + len(part.places)), part.places, sales
        if best is None or found < best:
            best = found
    return None if best is None else Chosen(best[0][0], best[2].sold, best[1], best[2].taken_on)


class _SetsBesides:
    """The sets of sales that may be best, for each choice of whole options that sales depend on."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._depended_on = frozenset(each.whole for each in problem.sales if each.whole is not None)
        self._found: dict[frozenset[int], list[list[Pair]]] = {}

        slots = [each for stream in slots_of(problem.sales, self._depended_on) for each in stream]
        self._by_rate = tuple(sorted(slots, key=lambda slot: -slot.rate))
        self._by_both = tuple(sorted(slots, key=lambda slot: -slot.both))

    def least(self, asked: Asked) -> int:
        """What is asked costs so much at the least, in hundredths: as if every sale could be a part of the plan."""
        extra = self._problem.taken_on.rate if self._problem.taken_on else 0
        taken = max(0, asked.managed) + extra if extra else 0
        both, sold = cents_for(self._by_both, asked.combined - taken, BOTH), cents_for(self._by_rate, asked.sold)
        cents = ENDLESS if both is None or sold is None else max(both, sold)
        return cents * self._problem.weight

    def that_count(self, places: tuple[int, ...]) -> frozenset[int]:
        """Those of the whole options that sales depend on."""
        return self._depended_on.intersection(places)

    def of(self, wholes: frozenset[int]) -> list[list[Pair]]:
        """The choices of sales by size: those with managed points, and those without."""
        if wholes not in self._found:
            self._found[wholes] = pairs_of(*slots_of(self._problem.sales, wholes), self._problem.steps)
        return self._found[wholes]


def _partials(problem: Problem) -> Iterator[_Partial]:
    """Each choice of whole options that may be part of a plan."""
    weights = [(problem.weight, each.rate + each.managed) for each in problem.sales]
    weights += [(problem.taken_on.weight, problem.taken_on.rate)] if problem.taken_on else []
    best = min(weights, key=lambda each: each[0] / each[1], default=None)
    spare = problem.spare
    stack: list[tuple[int, tuple[int, ...], _Gained]] = [(0, (), _Gained())]
    while stack:
        start, places, gained = stack.pop()
        if asked := _asked(problem, gained, len(places), spare):
            least = 0 if best is None else -(-max(0, asked.combined) * best[0] // best[1])
            yield _Partial(gained.cost + least, gained.cost, places, asked)
        if len(places) < problem.steps:
            for place in range(start, len(problem.wholes)):
                stack.append((place + 1, (*places, place), _added(problem, gained, place)))


def _added(problem: Problem, gained: _Gained, place: int) -> _Gained:
    each, (sourced, sold, managed, sold_mrr, cost) = problem.wholes[place], gained
    if each.source is Source.MANAGED:
        return _Gained(sourced, sold, managed + each.points, sold_mrr, cost + each.cost)
    sourced += each.points * (each.source is Source.SOURCED)
    return _Gained(sourced, sold + each.points, managed, sold_mrr + each.mrr, cost + each.cost)


def _asked(problem: Problem, gained: _Gained, done: int, spare: int) -> Asked | None:
    """What sales have still to bring; None where they can't."""
    needs = problem.needs
    sourced, sold = needs.sourced - gained.sourced, needs.sold - gained.sold
    if sourced > 0 and problem.source is not Source.SOURCED:
        return None
    most = ENDLESS if problem.most_sold is None else problem.most_sold - gained.sold_mrr
    if most < 0:
        return None
    managed, combined = needs.managed - gained.managed, needs.combined - gained.managed - gained.sold
    per_100 = problem.per_100_usd
    return Asked(
        _units(max(sourced, sold), spare, per_100),
        _units(managed, spare, per_100),
        _units(combined, spare, per_100),
        problem.steps - done,
        most,
    )


def _units(micropoints: int, spare: int, per_100_usd: int) -> int:
    """The micropoints as points for US$100 times minor units, rounded up."""
    return -(-(micropoints + spare) * per_100_usd // MICRO) if micropoints > 0 else 0
