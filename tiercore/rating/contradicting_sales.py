"""The sales of one product line that contradict each other or the line's levels (data#contradictions).

A level may come late: what a line pays because of a sale is its highest level from the sale's day until
LEVEL_COMES_WITHIN later, and for a sale before the first level on file that first level. What the levels confirm is no
contradiction.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate, pairwise

from tiercore.facts.entries import Sale
from tiercore.facts.money import Money
from tiercore.facts.points import divide_half_even
from tiercore.rating.contradictions import (
    Multiple,
    OfALine,
    Oversold,
    SameDeal,
    SoldAfterEnd,
    SoldBeforeZero,
    StatesDifference,
)
from tiercore.rating.credits import Credit, is_active
from tiercore.rating.lines import HeldLevel, LineKey
from tiercore.rating.origin import BEGIN_A_LINE
from tiercore.rating.same_deals import alike, within_days
from tiercore.rating.two_currencies import other_currency
from tiercore.rating.whole_upsells import WholeUpsells, is_of_unknown_amount

LEVEL_COMES_WITHIN = timedelta(days=92)
OF_A_LINE = (3, 6, 12, 24, 36, 100, 1000)  # a quarter to three years at once, cents, a thousands separator
OF_A_RISE = (12, 100, 1000)


@dataclass(slots=True)
class LineEntries:
    """One line's sales by any partners and its levels, both ascending by day, and the credits of the sales."""

    line: LineKey
    sales: Sequence[Sale]
    levels: Sequence[HeldLevel]
    credits: Sequence[Credit]
    _earned: dict[str, int | None] = field(init=False)
    _currencies: set[str] = field(init=False)
    _upsells: WholeUpsells = field(init=False)

    def __post_init__(self) -> None:
        self._earned = _points(self.credits)
        self._currencies = {level.mrr.currency for level in self.levels}
        self._upsells = WholeUpsells(self.sales, self.levels, self.credits)

    def contradictions(self) -> Iterator[OfALine]:
        """All of the line; a sale that one of them explains is in no further one."""
        explained = set[str]()
        for found in self._same_deals():
            explained.update(sale.sale_id for sale in found.sales[1:])
            yield found
        if other := other_currency(self.line, self.sales, self.levels, self.credits):
            yield other
        elif len(self._currencies) == 1:
            for told in self._told_one_by_one(explained):
                explained.add(told.sale.sale_id)
                yield told
            if oversold := self._oversold(explained):
                yield oversold

    def _same_deals(self) -> Iterator[SameDeal]:
        for sales in alike(self.sales):
            for group in within_days(sales):
                if not self._confirmed(group):
                    rated = [each for sale in group if (each := self._points_of(sale)) is not None]
                    known = len(rated) == len(group)
                    points, if_one = (sum(rated), max(rated)) if known else (None, None)
                    yield SameDeal(self.line, tuple(group), points, if_one)

    def _confirmed(self, sales: Sequence[Sale]) -> bool:
        """Whether the levels rise by the sum of the sales."""
        if self._currencies != {sales[0].mrr.currency}:
            return False
        highest = max(level.mrr.minor for level in self._around(sales[-1].sold_on))
        return highest - self._before(sales[0].sold_on) >= sum(sale.mrr.minor for sale in sales)

    def _told_one_by_one(
        self, explained: set[str]
    ) -> Iterator[Multiple | SoldAfterEnd | SoldBeforeZero | StatesDifference]:
        """Sales that are a multiple of the line's MRR or state a rise of it, and sales of a line that pays nothing."""
        for at, sale in enumerate(self.sales):
            if sale.sale_id in explained or not sale.mrr.minor:
                continue
            around = self._around(sale.sold_on)
            if not any(level.mrr.minor for level in around):
                if self._points_of(sale) != 0:
                    since = around[0].effective_on
                    of_zero = SoldAfterEnd if since <= sale.sold_on else SoldBeforeZero
                    yield of_zero(self.line, sale, since, self._points_of(sale))
            elif change := self._upsells.states_difference(sale):
                yield StatesDifference(self.line, sale, change.level.mrr, change.day)
            elif found := self._multiple(sale, around, at):
                yield found

    def _multiple(self, sale: Sale, around: Sequence[HeldLevel], at: int) -> Multiple | None:
        sold, before = sale.mrr.minor, self._before(sale.sold_on)
        if any(sold in (level.mrr.minor, level.mrr.minor - before) for level in around):
            return None
        pays = [(level.mrr, level.effective_on) for level in around]
        rises = [(Money(mrr.minor - before, mrr.currency), since) for mrr, since in pays if mrr.minor > before]
        if sale in self._upsells:
            since_sold = [each for each in pays if each[1] >= sale.sold_on]
            return self._as_multiple(sale, since_sold, OF_A_LINE) or self._as_multiple(sale, pays, OF_A_RISE)
        if not self._alone(at):
            return self._as_multiple(sale, pays, OF_A_LINE)
        begins = sale.deal_type in BEGIN_A_LINE and pays[0][1] - sale.sold_on <= LEVEL_COMES_WITHIN
        return (
            self._as_multiple(sale, rises if before else (), OF_A_RISE, is_rise=True)
            or self._as_multiple(sale, pays, OF_A_LINE)
            or self._as_multiple(sale, rises if before or begins else (), OF_A_RISE, is_rise=bool(before), of_sale=True)
        )

    def _as_multiple(
        self,
        sale: Sale,
        amounts: Sequence[tuple[Money, date]],
        multiples: Sequence[int],
        *,
        is_rise: bool = False,
        of_sale: bool = False,
    ) -> Multiple | None:
        for mrr, since in amounts:
            larger, smaller = (mrr, sale.mrr) if of_sale else (sale.mrr, mrr)
            if times := _times(larger.minor, smaller.minor, multiples):
                return Multiple(self.line, sale, times, mrr, since, is_rise, of_sale)
        return None

    def _oversold(self, explained: set[str]) -> Oversold | None:
        """The last day on which the lots open on it are more than the line pays, past a cent for each: the day of a
        sale, or of a cancellation that left some, because less was paid than sold.
        """
        known = (each for each in self.credits if not is_of_unknown_amount(each))
        parts = [each for each in known if each.entry_id not in explained and each.lapses_on]
        starts = _sums([(each.starts_on, each.mrr.minor) for each in parts])
        ends = _sums([(each.lapses_on, each.mrr.minor) for each in parts if each.lapses_on])
        ended = {
            after.effective_on for before, after in pairwise(self.levels) if before.mrr.minor and not after.mrr.minor
        }
        for day in sorted({*starts[0], *ended}, reverse=True):
            pays = max(level.mrr.minor for level in self._around(day))
            if not pays and day not in ended:
                continue
            if _sum_until(starts, day) - _sum_until(ends, day) > pays + len(self.sales):
                found = self._oversold_on(day, pays, [each for each in parts if is_active(each, as_of=day)])
                return found if found.sales else None  # none if all that counts are purchases without a deal
        return None

    def _oversold_on(self, day: date, pays: int, parts: Sequence[Credit]) -> Oversold:
        ids = {each.entry_id for each in parts}
        sales = tuple(sale for sale in self.sales if sale.sale_id in ids)
        currency, points, at_most, left = self.levels[0].mrr.currency, 0, 0, pays
        rated = [(each.micropoints or 0, each.mrr.minor) for each in parts if each.mrr.minor]
        for micropoints, minor in sorted(rated, key=lambda each: Fraction(*each), reverse=True):
            stands = min(left, minor)
            points += micropoints
            at_most += divide_half_even(micropoints * stands, minor)
            left -= stands
        all_rated = all(each.micropoints is not None for each in parts)
        return Oversold(
            self.line,
            sales,
            day,
            Money(sum(each.mrr.minor for each in parts), currency),
            Money(pays, currency),
            points if all_rated else None,
            at_most if all_rated else None,
        )

    def _points_of(self, sale: Sale) -> int | None:
        """The micropoints that the sale earned, 0 if its deal type earns none, None if it couldn't be rated."""
        return self._earned.get(sale.sale_id, 0)

    def _around(self, day: date, until: date | None = None) -> Sequence[HeldLevel]:
        """The level held on the day, the first one if there was none yet, and those that follow it soon."""
        first = max(0, bisect_right(self.levels, day, key=_day_of) - 1)
        soon = until or max(day, self.levels[first].effective_on) + LEVEL_COMES_WITHIN
        return self.levels[first : max(first + 1, bisect_right(self.levels, soon, key=_day_of))]

    def _before(self, day: date) -> int:
        """What the line paid before the day, in minor units."""
        index = bisect_left(self.levels, day, key=_day_of)
        return self.levels[index - 1].mrr.minor if index else 0

    def _alone(self, at: int) -> bool:
        """Whether a rise of the levels near the sale in this place can only be its own."""
        near = self.sales[max(0, at - 1) : at + 2]
        return all(after.sold_on - before.sold_on > LEVEL_COMES_WITHIN for before, after in pairwise(near))


def _day_of(level: HeldLevel) -> date:
    return level.effective_on


def _points(credits: Sequence[Credit]) -> dict[str, int | None]:
    """The micropoints of each sale by its ID, None if it couldn't be rated."""
    earned: dict[str, int | None] = {}
    for credit in credits:
        before, points = earned.get(credit.entry_id, 0), credit.micropoints
        earned[credit.entry_id] = None if before is None or points is None else before + points
    return earned


def _times(larger: int, smaller: int, multiples: Sequence[int]) -> int | None:
    """Of which of the multiples the larger amount is, to the cent of the smaller one."""
    return next((each for each in multiples if smaller and abs(larger - each * smaller) < each), None)


_Sums = tuple[list[date], list[int]]


def _sums(amounts: list[tuple[date, int]]) -> _Sums:
    amounts.sort()
    return [day for day, _ in amounts], list(accumulate(minor for _, minor in amounts))


def _sum_until(sums: _Sums, day: date) -> int:
    index = bisect_right(sums[0], day)
    return sums[1][index - 1] if index else 0
