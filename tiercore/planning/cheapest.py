"""The cheapest choice that reaches the needs: exact, every choice of whole options compared (how-tiers-work#plans)."""

from collections.abc import Iterator
from typing import NamedTuple

from tiercore.facts.points import Source
from tiercore.planning.problem import Chosen, Needs, Problem
from tiercore.planning.sales import Sales, SalesOfSource, cheapest_sales

_ENDLESS = 10**15
_NO_SALES = Sales(0, 0, 0, ())


class _Partial(NamedTuple):
    """Some whole options, with the least that a plan with them can cost, and what they leave to sales."""

    least: int
    cost: int
    places: tuple[int, ...]
    sold_mrr: int
    needs: tuple[int, int]


def cheapest(problem: Problem) -> Chosen | None:
    """The cheapest choice, None where no choice within the limits reaches the needs.

    Of equally cheap choices the one that sells the least to nobody named, then the one of fewest steps. So no step of it
    can be left out.
    """
    sourced = SalesOfSource(problem.sales, Source.SOURCED, problem.steps)
    assisted = SalesOfSource(problem.sales, Source.ASSISTED, problem.steps)
    known: dict[tuple[tuple[int, int], tuple[int, int]], Sales | None] = {}
    best: tuple[int, int, int, tuple[int, ...], tuple[tuple[int, int], ...]] | None = None
    for part in sorted(_partials(problem)):
        if best is not None and part.least > best[0]:
            break
        limit = _ENDLESS if problem.most_sold is None else problem.most_sold - part.sold_mrr
        asked = part.needs, (problem.steps - len(part.places), limit)
        if asked not in known:
            known[asked] = cheapest_sales(problem, sourced, assisted, *asked) if any(part.needs) else _NO_SALES
        sales = known[asked]
        if sales is None or limit < 0:
            continue
        found = part.cost + sales.cost, sales.unnamed, sales.count + len(part.places), part.places, sales.sold
        if best is None or found < best:
            best = found
    return None if best is None else Chosen(best[0], best[4], best[3])


def _partials(problem: Problem) -> Iterator[_Partial]:
    """Each choice of whole options that reaches the managed minimum, alone or beside sales."""
    best = min(((problem.weight(each.source), each.rate) for each in problem.sales), key=_per_unit, default=None)
    needs, options = problem.needs, problem.wholes
    stack: list[tuple[int, tuple[int, ...], tuple[int, int, int], int, int]] = [(0, (), (0, 0, 0), 0, 0)]
    while stack:
        start, places, gained, cost, sold_mrr = stack.pop()
        if gained[2] >= needs.managed:
            left = _left(problem, needs, gained)
            least = cost if best is None else cost + -(-max(left) * best[0] // best[1])
            yield _Partial(least, cost, places, sold_mrr, left)
        if len(places) == problem.steps:
            continue
        for place in range(start, len(options)):
            each = options[place]
            sold = 0 if each.source is Source.MANAGED else each.mrr
            more = _added(gained, each.source, each.points)
            stack.append((place + 1, (*places, place), more, cost + each.cost, sold_mrr + sold))


def _added(gained: tuple[int, int, int], source: Source, points: int) -> tuple[int, int, int]:
    sourced, sold, managed = gained
    if source is Source.MANAGED:
        return sourced, sold, managed + points
    return sourced + points * (source is Source.SOURCED), sold + points, managed


def _left(problem: Problem, needs: Needs, gained: tuple[int, int, int]) -> tuple[int, int]:
    """What sourced sales, and sales in all, have still to bring, in units."""
    sourced, sold, managed = gained
    left = max(needs.sold, needs.combined - managed) - sold
    return problem.units(needs.sourced - sourced), problem.units(max(left, needs.sourced - sourced))


def _per_unit(weighted: tuple[int, int]) -> float:
    return weighted[0] / weighted[1]
