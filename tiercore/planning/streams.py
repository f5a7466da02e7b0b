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
    both, sold, least = list[Slot](), list[Slot](), ENDLESS
    for slot in sorted(every_slot(options, wholes), key=_in_order):
        if 0 < slot.managed <= least:
            both.append(slot)
            least = slot.managed
        else:
            sold.append(slot._replace(managed=0))
    return both, sorted(sold, key=_in_order)


def every_slot(options: Sequence[SaleOption], wholes: Collection[int]) -> list[Slot]:
    """All options, each with the managed points that it brings where `wholes` are done."""
    return [
        Slot(place, each.rate, _managed(each, wholes), ENDLESS if each.most is None else each.most, each.is_named)
        for place, each in enumerate(options)
        if each.most != 0
    ]


def _managed(option: SaleOption, wholes: Collection[int]) -> int:
    return option.managed if option.whole is None or option.whole in wholes else 0


def pairs_of(first: Sequence[Slot], second: Sequence[Slot], most: int) -> list[list[Pair]]:
    """Every choice that may be best, by its size up to `most`: what is taken of the first and of the second.

    An option is taken only together with those that are at least as good in everything: one of them in its place would
    do as well. So one with `most` better ones is never taken.
    """
    slots, better = list[Slot](), list[int]()
    for slot in sorted([*first, *second], key=_in_order):
        at_least_as_good = _better(slots, slot)
        if at_least_as_good.bit_count() < most:
            slots.append(slot)
            better.append(at_least_as_good)
    found: list[list[Pair]] = [[] for _ in range(most + 1)]
    for taken in _closed(better, most, (), 0):
        one = tuple(slots[at] for at in taken if slots[at].managed)
        found[len(taken)].append((one, tuple(slots[at] for at in taken if not slots[at].managed)))
    return found


def _in_order(slot: Slot) -> tuple[int, int, bool, int, int]:
    """Those that are better in something come before those that are as good in everything else."""
    return -slot.rate, -slot.managed, not slot.is_named, -slot.most, slot.place


def _better(slots: Sequence[Slot], slot: Slot) -> int:
    """Which of the slots before it are at least as good in everything, as bits."""
    _, _, managed, most, is_named = slot
    return sum(
        1 << at
        for at, other in enumerate(slots)
        if other.managed >= managed and other.most >= most and other.is_named >= is_named
    )


def _closed(better: Sequence[int], most: int, taken: Taken, bits: int) -> Iterator[Taken]:
    """The choices of up to `most` options with all those that are better, each as places in ascending order."""
    yield taken
    if len(taken) < most:
        for at in range(taken[-1] + 1 if taken else 0, len(better)):
            if not better[at] & ~bits:
                yield from _closed(better, most, (*taken, at), bits | 1 << at)


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
