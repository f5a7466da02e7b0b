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


def sets_of(slots: Sequence[Slot], most: int) -> list[list[Slots]]:
    """Every set that may be best, by its size up to `most`: of equal rates, larger options come before smaller ones."""
    classes: dict[tuple[int, int, bool], list[Slot]] = {}
    for slot in slots:
        classes.setdefault((slot.rate, slot.managed, slot.is_named), []).append(slot)
    found: list[list[Slots]] = [[] for _ in range(most + 1)]
    for each in _sets(list(classes.values()), most):
        found[len(each)].append(each)
    return found


def _sets(classes: Sequence[list[Slot]], most: int) -> Iterator[Slots]:
    if not classes:
        yield ()
        return
    first, *others = classes
    for size in range(min(most, len(first)) + 1):
        for rest in _sets(others, most - size):
            yield (*first[:size], *rest)


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
