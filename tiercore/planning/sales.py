"""The cheapest sales that bring so many points: exact, in whole minor units (how-tiers-work#plans).

With one source the fewest minor units are sold where the highest rate is filled first. With two, what is sold of the
first decides what the second has to bring. Along a stretch of constant rates the cost changes by the same amount for each
step of as many units as the second rate has, so the least is near one end of the stretch.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import gcd
from typing import NamedTuple

from tiercore.facts.points import Source
from tiercore.planning.problem import Problem, SaleOption

_ENDLESS = 10**15


class Slot(NamedTuple):
    """A sale option, by its place, as a stretch of minor units at one rate."""

    place: int
    rate: int
    most: int
    is_named: bool


Slots = tuple[Slot, ...]


class Sales(NamedTuple):
    """A set of sales: its cost in hundredths, the minor units sold to nobody named, how many, and what is sold of each."""

    cost: int
    unnamed: int
    count: int
    sold: tuple[tuple[int, int], ...]


class SalesOfSource:
    """The sets of one source's options that can be best, by how many options they take."""

    def __init__(self, options: Sequence[SaleOption], source: Source, steps: int) -> None:
        self.by_count: list[list[Slots]] = [[] for _ in range(steps + 1)]
        for slots in _sets(_classes(options, source), steps):
            self.by_count[len(slots)].append(slots)


def _classes(options: Sequence[SaleOption], source: Source) -> list[list[Slot]]:
    """The options of a source by rate, named ones apart: the highest rate first, the largest first."""
    found: dict[tuple[int, bool], list[Slot]] = {}
    for place, each in enumerate(options):
        if each.source is source and each.most != 0:
            slot = Slot(place, each.rate, _ENDLESS if each.most is None else each.most, each.is_named)
            found.setdefault((-each.rate, not each.is_named), []).append(slot)
    return [sorted(found[key], key=lambda slot: (-slot.most, slot.place)) for key in sorted(found)]


def _sets(classes: Sequence[list[Slot]], steps: int) -> Iterator[Slots]:
    """Every set that may be best: of a class, the largest options come before smaller ones."""
    if not classes:
        yield ()
        return
    first, *others = classes
    for size in range(min(steps, len(first)) + 1):
        for rest in _sets(others, steps - size):
            yield (*first[:size], *rest)


def cheapest_sales(
    problem: Problem, sourced: SalesOfSource, assisted: SalesOfSource, needs: tuple[int, int], limits: tuple[int, int]
) -> Sales | None:
    """The cheapest sales that bring `needs` (sourced and sold, in units) within `limits` (steps, minor units).

    Of equally cheap ones those that sell the least to nobody named, then the fewest. None where none do.
    """
    steps, most = limits
    best: Sales | None = None
    for count in range(steps + 1):
        for first in sourced.by_count[count]:
            if _gain(first, _ENDLESS) < needs[0]:
                continue
            for other in range(steps - count + 1):
                for second in assisted.by_count[other]:
                    found = _of(problem, first, second, needs, most, best)
                    if found and (best is None or found < best):
                        best = found
    return best


def _of(
    problem: Problem, first: Slots, second: Slots, needs: tuple[int, int], most: int, best: Sales | None
) -> Sales | None:
    """The cheapest way with exactly these options, None where there is none, or one that costs more than the best."""
    least = _cents(first, max(needs[0], needs[1] - _gain(second, _ENDLESS)))
    if least is None or (best and problem.sourced * least > best.cost):
        return None
    if not second:
        return _priced(problem, first, least, second, 0, most)
    last = _cents(first, needs[1])
    last = _capacity(first) if last is None else max(last, least)
    found = [
        priced
        for cents in _candidates(first, second, needs[1], least, last, most)
        if (rest := _cents(second, needs[1] - _gain(first, cents))) is not None
        and (priced := _priced(problem, first, cents, second, rest, most))
    ]
    return min(found, default=None)


def _candidates(first: Slots, second: Slots, need: int, least: int, last: int, most: int) -> Iterator[int]:
    """What may be sold of the first source: near the ends of each stretch on which both rates are constant."""
    ends = {least, last}
    for end, _ in _stretches(first):
        ends.add(end)
    for _, gained in _stretches(second):
        if (cents := _cents(first, need - gained)) is not None:
            ends |= {cents, cents - 1}
    marks = sorted({least, last, *(end for end in ends if least <= end <= last)})
    width = max((slot.rate // gcd(slot.rate, each.rate) for slot in second for each in first), default=1)
    if most < _ENDLESS:
        marks += _at_limit(first, second, need, marks, most)
        width *= 2
    for end in marks:
        yield from range(max(least, end - width), min(last, end + width) + 1)


def _at_limit(first: Slots, second: Slots, need: int, marks: Sequence[int], most: int) -> Iterator[int]:
    """Where the sales of both sources together come to the limit: on each stretch they change in one direction."""
    for low, high in pairwise(tuple(marks)):
        while high - low > 1:
            middle = (low + high) // 2
            if _within(first, second, need, middle, most) == _within(first, second, need, low, most):
                low = middle
            else:
                high = middle
        yield low


def _within(first: Slots, second: Slots, need: int, cents: int, most: int) -> bool:
    rest = _cents(second, need - _gain(first, cents))
    return rest is not None and cents + rest <= most


def _stretches(slots: Slots) -> Iterator[tuple[int, int]]:
    """Where each option is used up: after how many minor units, and with which gain."""
    cents = gained = 0
    for slot in slots:
        cents, gained = cents + slot.most, gained + slot.rate * slot.most
        yield cents, gained


def _capacity(slots: Slots) -> int:
    return sum(slot.most for slot in slots)


def _gain(slots: Slots, cents: int) -> int:
    """The most units that the minor units bring: the highest rate first."""
    gained = 0
    for slot in slots:
        used = min(cents, slot.most)
        gained, cents = gained + slot.rate * used, cents - used
        if not cents:
            break
    return gained


def _cents(slots: Slots, units: int) -> int | None:
    """The fewest minor units that bring the units, None where all of them don't."""
    cents = 0
    for slot in slots:
        if units <= 0:
            return cents
        used = min(slot.most, -(-units // slot.rate))
        cents, units = cents + used, units - slot.rate * used
    return cents if units <= 0 else None


def _priced(problem: Problem, first: Slots, cents: int, second: Slots, others: int, most: int) -> Sales | None:
    if cents + others > most:
        return None
    sold = (*_filled(first, cents), *_filled(second, others))
    unnamed = sum(used for slot, used in sold if not slot.is_named)
    cost = problem.sourced * cents + problem.assisted * others
    return Sales(cost, unnamed, len(sold), tuple((slot.place, used) for slot, used in sold))


def _filled(slots: Slots, cents: int) -> Iterator[tuple[Slot, int]]:
    for slot in slots:
        used = min(cents, slot.most)
        if used:
            yield slot, used
        cents -= used
