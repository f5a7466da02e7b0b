"""What each upsell adds to its line, and the rises that no deal accounts for (how-tiers-work#deal-based).

Chosen, where the program doesn't say:

- A level that restates the one before says nothing new. What deals state beyond a level counts until their points
  expire: the level may lag behind them, and no MRR is to be credited twice. A decrease takes as much from it as from
  the level, a cancellation all.
- A level that rises belongs to the deals of its day and of the days since the level before, or to earlier ones that no
  level showed yet. Without any, it belongs to the first deal before the next change whose amount is exactly what the
  line rose to or, where that is what its row states, by.
- Any deal that a rise belongs to accounts for all of it, a renewal as well. An upsell that states the rise in place of
  the line's new MRR counts as it stands, but the rise is no purchase.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import Client, DealType, Sale
from tiercore.facts.money import Money
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.rating.changes import Change, changes_of
from tiercore.rating.lines import HeldLevel
from tiercore.rating.origin import BEGIN_A_LINE

_ONE_DAY = timedelta(1)
_NOT_ON_FILE = Unknown(
    "what the line paid before the upsell isn't on file: import its subscription level of an earlier day"
)
_IN_ANOTHER_CURRENCY = Unknown("the upsell and its line are in different currencies, so what it adds is unknown")


@dataclass(slots=True)
class LineDeals:
    """One line's deals and levels, day by day.

    `paid` is what the line pays: its `level`, and beyond it what deals state that no level shows yet, until the points
    of those deals have expired (`counts_until`). `before_upsells` are the amounts that it paid before an upsell.
    `late` is what it paid before the rise of a deal that is booked late, `unexplained` are the rises without a deal.
    """

    client: Client
    program: Program
    sales: Sequence[Sale]
    nets: dict[str, Money | Unknown] = field(default_factory=dict)
    unexplained: list[Change] = field(default_factory=list)
    level: Money | None = None
    paid: Money | Unknown = _NOT_ON_FILE
    counts_until: date = date.min
    before_upsells: set[Money] = field(default_factory=set)
    late: dict[str, Money | Unknown] = field(default_factory=dict)

    def walk(self, levels: Sequence[HeldLevel]) -> None:
        """Go through all of them; a level is known after the deals of its day."""
        changes = deque(changes_of(levels))
        for sale in self.sales:
            while changes and changes[0].day < sale.sold_on:
                self._change(changes.popleft())
            self._sell(sale)
        for change in changes:
            self._change(change)

    def _sell(self, sale: Sale) -> None:
        self._expire(sale.sold_on)
        before = self.late.get(sale.sale_id, self.paid)
        if self._states_the_whole(sale):
            self.nets[sale.sale_id] = _net(sale.mrr, before)
            if isinstance(self.paid, Money):
                self.before_upsells.add(self.paid)
            paid: Money | Unknown = _higher(self.paid, sale.mrr)
        else:
            paid = self.paid if sale.sale_id in self.late else _with(self.paid, sale)
        if paid != self.paid:
            months = self.program.on(sale.sold_on).expire_after_months
            self.paid, self.counts_until = paid, sale.sold_on + relativedelta(months=months)

    def _change(self, change: Change) -> None:
        self._expire(change.day)
        if change.rise or change.before is None:
            self._account_for(change)
        self.paid, self.level = self._paid_after(change), change.level.mrr

    def _expire(self, day: date) -> None:
        """Leave out what deals state beyond the level once their points have expired."""
        if self.level is not None and day >= self.counts_until:
            self.paid = self.level

    def _account_for(self, change: Change) -> None:
        """Find the deal that a rise belongs to, or take it down as unexplained."""
        before = change.before
        on_time = self._between(before.effective_on if before else date.min, change.day + _ONE_DAY)
        if on_time or (before and self.paid != before.mrr):
            return
        late = next((sale for sale in self._between(change.day, change.until) if self._fits(sale, change)), None)
        if late:
            self.late[late.sale_id] = before.mrr if before else _NOT_ON_FILE
        elif change.rise and not any(
            sale.mrr == change.rise and sale.deal_type is DealType.UPSELL and sale.sale_id not in self.late
            for sale in self._between(change.since, change.until)
        ):
            self.unexplained.append(change)

    def _between(self, after: date, until: date) -> Sequence[Sale]:
        """The deals after the one day and before the other."""
        first = bisect_right(self.sales, after, key=day_of)
        return self.sales[first : bisect_left(self.sales, until, first, key=day_of)]

    def _fits(self, sale: Sale, change: Change) -> bool:
        """Whether the deal states exactly what the line rose to or, where that is what its row states, by."""
        if change.before is None or self._states_the_whole(sale):
            return sale.mrr == change.level.mrr
        return sale.mrr == change.rise

    def _states_the_whole(self, sale: Sale) -> bool:
        """Whether the sale's amount is all that its line pays from then on, and not what it adds."""
        rules = self.program.on(sale.sold_on)
        return sale.deal_type is DealType.UPSELL and bool(rules.deal_based_in(self.client.country))

    def _paid_after(self, change: Change) -> Money:
        """What the line pays by the new level and the deals that are beyond it; the first level wins over the deals.

        A first level that states what the line paid before an upsell lags behind that upsell.
        """
        level, before, paid = change.level.mrr, change.before, self.paid
        if isinstance(paid, Unknown) or paid.currency != level.currency or not level.minor:
            return level
        if before is None:
            return max(level, paid) if level in self.before_upsells else level
        if before.mrr.currency != level.currency:
            return level
        return max(level, Money(paid.minor - max(0, before.mrr.minor - level.minor), level.currency))


def day_of(sale: Sale) -> date:
    return sale.sold_on


def _net(whole: Money, before: Money | Unknown) -> Money | Unknown:
    if isinstance(before, Unknown):
        return before
    if before.currency != whole.currency:
        return _IN_ANOTHER_CURRENCY
    return Money(max(0, whole.minor - before.minor), whole.currency)


def _with(paid: Money | Unknown, sale: Sale) -> Money | Unknown:
    """What the line pays after a sale that adds to it."""
    if sale.deal_type is DealType.RENEWAL:
        return paid
    if isinstance(paid, Unknown):
        return sale.mrr if paid is _NOT_ON_FILE and sale.deal_type in BEGIN_A_LINE else paid
    return paid + sale.mrr if paid.currency == sale.mrr.currency else _IN_ANOTHER_CURRENCY


def _higher(paid: Money | Unknown, whole: Money) -> Money:
    known = isinstance(paid, Money) and paid.currency == whole.currency
    return max(paid, whole) if known and isinstance(paid, Money) else whole
