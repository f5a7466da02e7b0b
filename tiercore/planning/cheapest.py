"""The cheapest choice that reaches the needs: exact, every choice of whole options compared (how-tiers-work#plans)."""

from collections.abc import Iterator
from fractions import Fraction
from heapq import heappop, heappush
from typing import NamedTuple

from tiercore.facts.points import MICRO, Source
from tiercore.planning.bounds import Asked, Least
from tiercore.planning.problem import Chosen, Problem
from tiercore.planning.sales import NOTHING, Sales, cheapest_sales
from tiercore.planning.streams import ENDLESS, Pair, every_slot, pairs_of, slots_of


class _Partial(NamedTuple):
    """Some whole options, with the least that a plan with them and any later ones can cost, and what they leave to
    sales.
    """

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
    for part in _partials(problem, sets):
        limit = ENDLESS
        if best is not None:
            (cost, unnamed, steps), fewest = best[0], len(part.places) + (not part.asked.is_nothing)
            if part.least > cost:
                break
            limit = cost - part.cost - (unnamed == 0 and steps <= fewest)
        with_sales = sets.that_count(part.places)
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
        self._least = Least(problem, every_slot(problem.sales, self._depended_on))

    def least(self, asked: Asked) -> int:
        """What is asked costs so much at the least, in hundredths: as if every sale could be a part of the plan."""
        least = self._least.cost(asked)
        return ENDLESS if least is None else least

    def that_count(self, places: tuple[int, ...]) -> frozenset[int]:
        """Those of the whole options that sales depend on."""
        return self._depended_on.intersection(places)

    def of(self, wholes: frozenset[int]) -> list[list[Pair]]:
        """The choices of sales by size: those with managed points, and those without."""
        if wholes not in self._found:
            self._found[wholes] = pairs_of(*slots_of(self._problem.sales, wholes), self._problem.steps)
        return self._found[wholes]


def _partials(problem: Problem, sets: "_SetsBesides") -> Iterator[_Partial]:
    """Each choice of whole options that may be part of a plan, by the least that a plan with it and later ones costs.

    They are taken or left one by one, those whose points cost least first.
    """
    bounds, spare = _Bounds(problem), problem.spare
    heap: list[tuple[int, int, tuple[int, ...], _Gained, Asked | None]] = [(0, 0, (), _Gained(), None)]
    while heap:
        least, at, places, gained, asked = heappop(heap)
        if asked:
            yield _Partial(least, gained.cost, tuple(sorted(places)), asked)
            continue
        if (at == 0 or bounds.order[at - 1] in places) and (asked := _asked(problem, gained, len(places), spare)):
            heappush(heap, (gained.cost + sets.least(asked), at, places, gained, asked))
        if at == len(bounds.order) or len(places) == problem.steps:
            continue
        place, left = bounds.order[at], problem.steps - len(places)
        heappush(heap, (bounds.least(gained, at + 1, left), at + 1, places, gained, None))
        more = _added(problem, gained, place)
        heappush(heap, (bounds.least(more, at + 1, left - 1), at + 1, (*places, place), more, None))


class _Bounds:
    """What a plan costs at the least once some whole options are taken or left, those whose points cost least first."""

    def __init__(self, problem: Problem) -> None:
        self._problem, wholes = problem, problem.wholes
        costs = [Fraction(each.cost, max(1, each.combined)) for each in wholes]
        self.order = sorted(range(len(costs)), key=lambda place: (costs[place], place))
        self._rates = [costs[place].as_integer_ratio() for place in self.order]
        points = [[wholes[place].combined for place in self.order[at:]] for at in range(len(self.order) + 1)]
        self._most = [
            [sum(sorted(each)[-left:]) if left else 0 for left in range(problem.steps + 1)] for each in points
        ]
        units = Fraction(problem.per_100_usd, MICRO)
        sales = [units * problem.weight / (each.rate + each.managed) for each in problem.sales]
        sales += [units * problem.taken_on.weight / problem.taken_on.rate] if problem.taken_on else []
        self._by_sales = min(sales).as_integer_ratio() if sales else None

    def least(self, gained: _Gained, at: int, left: int) -> int:
        """The least cost where of the whole options from `at` on at most `left` are taken."""
        needs = self._problem.needs
        sold = max(0, needs.sold - gained.sold, needs.sourced - gained.sourced)
        managed = max(0, needs.managed - gained.managed)
        missing = max(needs.combined - gained.managed - gained.sold, sold + managed)
        cost, by_sales = gained.cost, self._by_sales
        if at < len(self._rates):
            rate = self._rates[at]
            if by_sales and rate[0] * by_sales[1] > by_sales[0] * rate[1]:
                rate = by_sales
            some = max(0, min(missing, self._most[at][left]))
            cost -= -some * rate[0] // rate[1]
            missing -= some
        if missing > 0:
            if not by_sales:
                return ENDLESS
            cost -= -missing * by_sales[0] // by_sales[1]
        return cost


def _added(problem: Problem, gained: _Gained, place: int) -> _Gained:
    each, (sourced, sold, managed, sold_mrr, cost) = problem.wholes[place], gained
    if each.source is Source.MANAGED:
        return _Gained(sourced, sold, managed + each.points, sold_mrr, cost + each.cost)
    sourced += each.points * (each.source is Source.SOURCED)
    return _Gained(sourced, sold + each.points, managed + each.managed, sold_mrr + each.mrr, cost + each.cost)


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
