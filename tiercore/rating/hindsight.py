"""How a partner's balances of the past differ between two states of the data (how-tiers-work#hindsight)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from tiercore.rating.timeline import Balance


class Shift(NamedTuple):
    """What a correction adds to a balance (negative: takes from it), column by column as in Balance."""

    sourced: int = 0
    assisted: int = 0
    managed: int = 0
    sold_cents: int = 0
    managed_cents: int = 0
    unrated_sold: int = 0
    unrated_managed: int = 0

    @property
    def sold(self) -> int:
        """Micropoints of sourced and assisted sales."""
        return self.sourced + self.assisted

    @property
    def combined(self) -> int:
        """Micropoints sold and managed."""
        return self.sourced + self.assisted + self.managed


NO_SHIFT = Shift()


class Step(NamedTuple):
    """From `day` (an ordinal) on, the balances differ by `shift` more than before it."""

    day: int
    shift: Shift


class Span(NamedTuple):
    """The past that a correction changed: its first and last day, on how many days the balance differs, and by how
    many micropoints at most; `varies` if not by as many on each of these days.
    """

    first: date
    last: date
    days: int
    micropoints: int
    varies: bool


def total_shift(shifts: Iterable[Shift]) -> Shift:
    """The sum of the shifts."""
    return Shift(*map(sum, zip(NO_SHIFT, *shifts, strict=True)))


def shifted(balance: Balance, shift: Shift, direction: int = 1) -> Balance:
    """The balance with the shift added, or taken back with a `direction` of -1."""
    values = {name: getattr(balance, name) + direction * each for name, each in shift._asdict().items()}
    return balance._replace(**values)


def steps_between(former: Sequence[Balance], current: Sequence[Balance], until: int) -> Iterator[Step]:
    """How the current timeline differs from the former one, up to and including the day `until` (an ordinal).

    Both ascend by day. On every day up to `until`, current − former is the sum of the steps so far.
    """
    former, current = ([each for each in timeline if each.day <= until] for timeline in (former, current))
    if former == current:
        return
    before, after = _values(former), _values(current)
    old = new = difference = NO_SHIFT
    for day in sorted(before.keys() | after.keys()):
        old, new = before.get(day, old), after.get(day, new)
        now = _minus(new, old)
        if now != difference:
            yield Step(day, _minus(now, difference))
            difference = now


def span_of(steps: Iterable[Step], until: int) -> Span | None:
    """The days up to and including `until` (an ordinal) on which the balance differs; None if there are none.

    The steps ascend by day.
    """
    listed = [each for each in steps if each.day <= until]
    ends = [each.day for each in listed[1:]] + [until + 1]
    shift, found = NO_SHIFT, list[tuple[int, int, int]]()
    for step, end in zip(listed, ends, strict=False):
        shift = total_shift((shift, step.shift))
        if shift != NO_SHIFT:
            found.append((step.day, end, shift.combined))
    if not found:
        return None
    amounts = {amount for _, _, amount in found}
    first, last = date.fromordinal(found[0][0]), date.fromordinal(found[-1][1]) - timedelta(1)
    days = sum(end - start for start, end, _ in found)
    return Span(first, last, days, max(amounts, key=abs), len(amounts) > 1)


def _values(timeline: Sequence[Balance]) -> dict[int, Shift]:
    names = Shift._fields
    return {each.day: Shift(*(getattr(each, name) for name in names)) for each in timeline}


def _minus(one: Shift, other: Shift) -> Shift:
    return Shift(*(left - right for left, right in zip(one, other, strict=True)))
