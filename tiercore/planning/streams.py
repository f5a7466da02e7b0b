"""Sales in the order in which they bring most: of so many minor units, what they bring (how-tiers-work#plans)."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from tiercore.planning.problem import SaleOption

ENDLESS = 10**15


class Slot(NamedTuple):
    """A sale option, by its place: up to `most` minor units at a sold and a managed rate."""

    place: int
    rate: int
    managed: int
    most: int
    is_named: bool

    @property
    def both(self) -> int:
        """Its sold and managed points together."""
        return self.rate + self.managed


Slots = tuple[Slot, ...]  # in such an order that no later one has a higher rate of any kind
SOLD, MANAGED, BOTH = (1, 0), (0, 1), (1, 1)  # which of a slot's rates count
Counts = tuple[int, int]
Taken = tuple[int, ...]
Pair = tuple[Slots, Slots]


def slots_of(options: Sequence[SaleOption], wholes: Collection[int] = ()) -> tuple[list[Slot], list[Slot]]:
    """The options that bring managed points, too, and the others, each the highest rate first. `wholes` are done.

    Of the first, one with a lower rate and more managed points than those before it is taken for one without any.
    """
    found = [
        Slot(place, each.rate, _managed(each, wholes), ENDLESS if each.most is None else each.most, each.is_named)
        for place, each in enumerate(options)
        if each.most != 0
    ]
    found.sort(key=lambda slot: (-slot.rate, -slot.managed, not slot.is_named, -slot.most, slot.place))
    both, sold, least = list[Slot](), list[Slot](), ENDLESS
    for slot in found:
        if 0 < slot.managed <= least:
            both.append(slot)
            least = slot.managed
        else:
            sold.append(slot._replace(managed=0))
    return both, sorted(sold, key=lambda slot: (-slot.rate, not slot.is_named, -slot.most, slot.place))


def _managed(option: SaleOption, wholes: Collection[int]) -> int:
    return option.managed if option.whole is None or option.whole in wholes else 0


def pairs_of(first: Sequence[Slot], second: Sequence[Slot], most: int) -> list[list[Pair]]:
    """Every choice that may be best, by its size up to `most`: what is taken of the first and of the second.

    An option is taken only together with those that are at least as good in everything: one of them in its place would
    do as well.
    """
    slots = [*first, *second]
    better = [
        [place for place, other in enumerate(slots) if _is_better(other, place, slot, at)]
        for at, slot in enumerate(slots)
    ]
    order = sorted(range(len(slots)), key=lambda at: len(better[at]))
    found: list[list[Pair]] = [[] for _ in range(most + 1)]
    for taken in _closed([at for at in order if len(better[at]) < most], better, most, ()):
        one = tuple(slots[at] for at in sorted(taken) if at < len(first))
        other = tuple(slots[at] for at in sorted(taken) if at >= len(first))
        found[len(taken)].append((one, other))
    return found


def _closed(order: Sequence[int], better: Sequence[Sequence[int]], most: int, taken: Taken) -> Iterator[Taken]:
    yield taken
    if len(taken) < most:
        for number, at in enumerate(order):
            if all(each in taken for each in better[at]):
                yield from _closed(order[number + 1 :], better, most, (*taken, at))


def _is_better(other: Slot, place: int, slot: Slot, at: int) -> bool:
    """Whether the other is at least as good in everything, the first of two that are equal."""
    if other.is_named < slot.is_named or place == at:
        return False
    theirs, ours = (other.rate, other.managed, other.most), (slot.rate, slot.managed, slot.most)
    return all(one >= two for one, two in zip(theirs, ours, strict=True)) and (
        (theirs, other.is_named) != (ours, slot.is_named) or place < at
    )


def gain(slots: Slots, cents: int, counts: Counts = SOLD) -> int:
    """The most units that the minor units bring."""
    gained = 0
    for slot in slots:
        used = min(cents, slot.most)
        gained, cents = gained + (counts[0] * slot.rate + counts[1] * slot.managed) * used, cents - used
        if not cents:
            break
    return gained


def cents_for(slots: Slots, units: int, counts: Counts = SOLD) -> int | None:
    """The fewest minor units that bring the units, None where all of them don't."""
    cents = 0
    for slot in slots:
        if units <= 0:
            return cents
        rate = counts[0] * slot.rate + counts[1] * slot.managed
        used = min(slot.most, -(-units // rate))
        cents, units = cents + used, units - rate * used
    return cents if units <= 0 else None


def ends_of(slots: Slots) -> Iterator[tuple[int, int]]:
    """Where each option is used up: after how many minor units, and with how many sold units."""
    cents = gained = 0
    for slot in slots:
        cents, gained = cents + slot.most, gained + slot.rate * slot.most
        yield cents, gained


def filled(slots: Slots, cents: int) -> Iterator[tuple[Slot, int]]:
    """What is sold of each option."""
    for slot in slots:
        used = min(cents, slot.most)
        if used:
            yield slot, used
        cents -= used
