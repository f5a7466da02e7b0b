"""One product line of a client, and what each change of one of its sales would do to the figure.

Where no decrease and no origin is touched, a sale's points don't depend on the other sales of its line, and the
difference is arithmetic. Elsewhere the line is rated again.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property

from tiercore.explaining.measuring import SOURCE_OF, Gauge
from tiercore.facts.entries import Client, Sale
from tiercore.rating.lines import HeldLevel
from tiercore.rating.origin import BEGIN_A_LINE, origin_of
from tiercore.rating.sold import decreases


class Line:
    """The line's sales of all partners, and its levels, ascending by day."""

    def __init__(self, client: Client, sales: Sequence[Sale], levels: Sequence[HeldLevel], gauge: Gauge) -> None:
        self.client, self.levels, self._gauge = client, levels, gauge
        self.sales = sorted(sales, key=lambda sale: (sale.sold_on, sale.sale_id))
        self.begun = [sale.sold_on for sale in self.sales if sale.deal_type in BEGIN_A_LINE]
        self.falls = len({level.mrr.currency for level in levels}) > 1 or bool(decreases(levels))
        days = [*(sale.sold_on for sale in self.sales), *(level.effective_on for level in levels)]
        self.deal_based = gauge.program.deal_based and any(
            gauge.program.on(day).deal_based_in(client.country) for day in days
        )
        self._follows = max((s.sold_on for s in self.sales if s.deal_type not in BEGIN_A_LINE), default=date.min)

    @cached_property
    def stands_alone(self) -> bool:
        """Whether the line's sales are worth the same with any levels that don't fall."""
        first = self.begun[0] if self.begun else date.max
        return not (self.falls or self.deal_based) and all(sale.sold_on >= first for sale in self.sales)

    @cached_property
    def base(self) -> int:
        """What the line's sales add to the figure as they are."""
        return self._gauge.of_line(self.client, self.sales, self.levels)

    def difference(self, before: Sale | None, after: Sale | None) -> int:
        """What the figure gains if one sale is replaced; None for no sale."""
        if self.is_simple(before, after):
            return self._own(after, before) - self._own(before, before)
        sales = [each for each in self.sales if each is not before]
        return self._gauge.of_line(self.client, [*sales, *([after] if after else [])], self.levels) - self.base

    def is_simple(self, before: Sale | None, after: Sale | None) -> bool:
        """Whether the sale's own points are the whole difference, or there is none."""
        if self.deal_based or self._changes_origins(before, after):
            return False
        return not self.falls or not (self.is_open(before) or self.is_open(after)) or self._is_alike(before, after)

    def reaches(self, before: Sale | None, after: Sale | None, wanted: int) -> bool:
        """Whether replacing the sale can change the figure by as much as is wanted."""
        if self.deal_based or self._changes_origins(before, after):
            return True
        return self._most(after) >= wanted if wanted > 0 else self._most(before) >= -wanted

    @cached_property
    def most(self) -> int:
        """No change of the line's levels adds or takes more than this: all of its open sales at the highest rate."""
        return sum(self._most(sale) for sale in self.sales if sale.partner_id == self._gauge.partner_id)

    @cached_property
    def deals(self) -> Mapping[tuple[object, ...], list[date]]:
        """The days of the line's sales by partner, deal type and amount."""
        found: dict[tuple[object, ...], list[date]] = defaultdict(list)
        for sale in self.sales:
            found[sale.partner_id, sale.deal_type, sale.mrr].append(sale.sold_on)
        return found

    def sold_between(self, first: date, last: date) -> bool:
        """Whether any sale is of the days from the first to the last."""
        index = bisect_left(self.sales, first, key=lambda sale: sale.sold_on)
        return index < len(self.sales) and self.sales[index].sold_on <= last

    def levels_from(self, day: date) -> Sequence[HeldLevel]:
        """The level before the day, if there is one, and all from then on."""
        index = bisect_left(self.levels, day, key=lambda level: level.effective_on)
        return self.levels[max(0, index - 1) :]

    def _changes_origins(self, before: Sale | None, after: Sale | None) -> bool:
        """Whether later upsells may have another origin."""
        began = [each.sold_on for each in (before, after) if each is not None and each.deal_type in BEGIN_A_LINE]
        return bool(began) and self._follows >= min(began) and _beginning(before) != _beginning(after)

    def is_open(self, sale: Sale | None) -> bool:
        """Whether the sale's lot is open on the day: what expired takes no part in decreases that concern others."""
        return sale is not None and self._gauge.is_open(sale.sold_on)

    def decides_origins(self, sale: Sale) -> bool:
        """Whether an open sale may take its origin from this one."""
        return sale.deal_type in BEGIN_A_LINE and self._follows >= sale.sold_on and self._gauge.is_open(self._follows)

    def is_same_on(self, sale: Sale, day: date) -> bool:
        """Whether the sale is certainly worth the same if it was sold on the other day."""
        gauge, first, last = self._gauge, min(sale.sold_on, day), max(sale.sold_on, day)
        if self.decides_origins(sale) or self.deal_based or self._sold_within(sale, first, last):
            return False
        opens, opened = gauge.is_open(day), gauge.is_open(sale.sold_on)
        return opens is opened and (not opens or gauge.program.on(day) is gauge.program.on(sale.sold_on))

    def _sold_within(self, sale: Sale, first: date, last: date) -> bool:
        """Whether anything else happens to the line from the first to the last of the days."""
        apart = bisect_right(self._change_days, last) - bisect_left(self._change_days, first)
        return apart > (1 if first <= sale.sold_on <= last else 0)

    def _is_alike(self, before: Sale | None, after: Sale | None) -> bool:
        """Whether the lots are worth the same, and decreases take the same from both."""
        if before is None or after is None or before.mrr != after.mrr or before.motion is not after.motion:
            return False
        if self._own(before, before) != self._own(after, before):
            return False
        first, last = sorted((before.sold_on, after.sold_on))
        return first == last or not self._sold_within(before, first, last)

    @cached_property
    def _sale_days(self) -> list[date]:
        return [sale.sold_on for sale in self.sales]

    @cached_property
    def _change_days(self) -> list[date]:
        return sorted([*self._sale_days, *(level.effective_on for level in self.levels)])

    def _most(self, sale: Sale | None) -> int:
        """The most that a sale can add to the figure."""
        if sale is None or not self.is_open(sale):
            return 0
        return self._gauge.most(sale)

    def _own(self, sale: Sale | None, replaced: Sale | None) -> int:
        """What one sale adds to the figure, in the place of another or of none."""
        gauge = self._gauge
        if sale is None or sale.partner_id != gauge.partner_id or SOURCE_OF[sale.motion] not in gauge.sources:
            return 0
        rules = gauge.program.on(sale.sold_on)
        if not rules.earns(sale.deal_type) or not self.is_open(sale):
            return 0
        growth, rated_on = rules.is_growth_market(self.client.country), sale.sold_on
        if rules.rate_follows_origin and sale.deal_type not in BEGIN_A_LINE:
            rated_on, _ = origin_of(sale, self._begun_without(replaced), self.levels)
        rate = gauge.program.on(rated_on).rate(SOURCE_OF[sale.motion], growth_market=growth)
        return gauge.worth(sale.mrr.minor, rate, rules.per_100_usd(sale.mrr.currency))

    def _begun_without(self, sale: Sale | None) -> list[date]:
        """The days of the sales that begin the line, without the one that is replaced."""
        if sale is None or sale.deal_type not in BEGIN_A_LINE:
            return self.begun
        begun = list(self.begun)
        begun.remove(sale.sold_on)
        return begun


def _beginning(sale: Sale | None) -> date | None:
    """The day on which the sale begins its line, None if it doesn't."""
    return sale.sold_on if sale is not None and sale.deal_type in BEGIN_A_LINE else None
