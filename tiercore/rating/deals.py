"""Deal-based credit: what an upsell adds to its line, and purchases without a deal (how-tiers-work#deal-based).

Chosen, where the program doesn't say:

- A level that rises belongs to the deals of its day and of the days since the level before. Without any, it belongs
  to the first deal before the next level whose amount is exactly what the line rose to or, for all but upsells, by.
- Any deal that a rise belongs to accounts for all of it, a renewal as well.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import Client, DealType, Motion, Sale
from tiercore.facts.money import Money
from tiercore.facts.unknown import NotConfigured, Unknown
from tiercore.program import Program
from tiercore.rating.credits import Origin
from tiercore.rating.lines import HeldLevel
from tiercore.rating.origin import BEGIN_A_LINE

_NOT_ON_FILE = Unknown(
    "what the line paid before the upsell isn't on file: import its subscription level of an earlier day"
)
_IN_ANOTHER_CURRENCY = Unknown("the upsell and its line are in different currencies, so what it adds is unknown")


@dataclass(frozen=True, slots=True)
class DealCredit:
    """What deal-based credit changes on one product line of a client.

    `nets` is what each upsell adds to the line, zero if that is nothing, by sale ID. `purchases` are its purchases
    without a deal as sales of the partner they are credited to; their `sale_id` names the level.
    """

    nets: Mapping[str, Money | Unknown] = field(default_factory=dict)
    purchases: Sequence[Sale] = ()


NO_DEALS = DealCredit()


@dataclass(frozen=True, slots=True)
class _Rise:
    """A level above the one before (None: the first on file), and the deals that account for it."""

    before: HeldLevel | None
    level: HeldLevel
    on_time: Sequence[Sale]
    late: Sale | None


def deal_credit(client: Client, sales: Sequence[Sale], levels: Sequence[HeldLevel], program: Program) -> DealCredit:
    """The deal-based credit of one line; `sales` ascending by day and ID, `levels` by day."""
    if not sales or not any(program.on(day).deal_based_in(client.country) for day in _days(sales, levels)):
        return NO_DEALS
    rises = list(_rises(sales, levels))
    return DealCredit(
        nets=dict(_nets(client, sales, levels, rises, program)),
        purchases=tuple(_purchases(client, sales, rises, _first_sale(sales, levels), program)),
    )


def rated_as(
    upsell: Sale, beginning: Sale, client: Client, program: Program
) -> tuple[date, Origin, int | NotConfigured]:
    """Whose day's rate an upsell has on a line that `beginning` began, where that day comes from, and the rate.

    Not configured where another partner began the line at another rate and the rules don't say which of both counts.
    """
    source, rules = upsell.motion.source, program.on(upsell.sold_on)
    growth = rules.is_growth_market(client.country)
    kept = program.on(beginning.sold_on).rate(source, growth_market=growth)
    own = rules.rate(source, growth_market=growth)
    deal_rules = rules.deal_based_in(client.country)
    if deal_rules is None or kept == own or upsell.partner_id == beginning.partner_id:
        return beginning.sold_on, Origin.DEAL, kept
    counts = deal_rules.older_line_rate
    if isinstance(counts, NotConfigured):
        return upsell.sold_on, Origin.DEAL_BASED, counts
    return (upsell.sold_on, Origin.DEAL_BASED, own) if counts == "sale" else (beginning.sold_on, Origin.DEAL, kept)


def _days(sales: Iterable[Sale], levels: Iterable[HeldLevel]) -> Iterator[date]:
    yield from (sale.sold_on for sale in sales)
    yield from (level.effective_on for level in levels)


def _rises(sales: Sequence[Sale], levels: Sequence[HeldLevel]) -> Iterator[_Rise]:
    for before, level, after in zip((None, *levels), levels, (*levels[1:], None), strict=False):
        if before and (before.mrr.currency != level.mrr.currency or level.mrr.minor <= before.mrr.minor):
            continue
        since = before.effective_on if before else date.min
        on_time = [sale for sale in sales if since < sale.sold_on <= level.effective_on]
        until = after.effective_on if after else date.max
        later = (sale for sale in sales if level.effective_on < sale.sold_on < until)
        late = None if on_time else next((sale for sale in later if _fits(sale, before, level)), None)
        yield _Rise(before, level, on_time, late)


def _fits(sale: Sale, before: HeldLevel | None, level: HeldLevel) -> bool:
    """Whether the amount of a sale is exactly what the line rose to or, for all but upsells, by."""
    if sale.deal_type is DealType.UPSELL:
        return sale.mrr == level.mrr
    return sale.mrr == (level.mrr - before.mrr if before else level.mrr)


def _nets(
    client: Client, sales: Sequence[Sale], levels: Sequence[HeldLevel], rises: Iterable[_Rise], program: Program
) -> Iterator[tuple[str, Money | Unknown]]:
    """What each upsell adds: its amount less what the line paid before, by the level before it and the deals since."""
    late = {rise.late.sale_id: rise.before.mrr if rise.before else _NOT_ON_FILE for rise in rises if rise.late}
    waiting = deque(levels)
    paid: Money | Unknown = _NOT_ON_FILE
    for sale in sales:
        while waiting and waiting[0].effective_on < sale.sold_on:
            paid = waiting.popleft().mrr
        if not _states_the_whole(sale, client, program):
            paid = paid if sale.sale_id in late else _with(paid, sale)
            continue
        yield sale.sale_id, _net(sale.mrr, late.get(sale.sale_id, paid))
        paid = _higher(paid, sale.mrr)


def _states_the_whole(sale: Sale, client: Client, program: Program) -> bool:
    """Whether the sale's amount is all that its line pays from then on, and not what it adds."""
    return sale.deal_type is DealType.UPSELL and bool(program.on(sale.sold_on).deal_based_in(client.country))


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


def _first_sale(sales: Sequence[Sale], levels: Sequence[HeldLevel]) -> date:
    """The day of the line's first sale, or since which it has paid if that is earlier: files often begin later."""
    return min(sales[0].sold_on, next((level.effective_on for level in levels if level.mrr.minor), date.max))


def _purchases(
    client: Client, sales: Sequence[Sale], rises: Iterable[_Rise], first: date, program: Program
) -> Iterator[Sale]:
    """The rises that no deal accounts for, within the months after the line's `first` sale, as sales."""
    shared = [sale for sale in sales if sale.motion is Motion.SOURCED and sale.deal_type is not DealType.INCREASE]
    for rise in rises:
        day = rise.level.effective_on
        rules = program.on(day).deal_based_in(client.country)
        if rules is None or rise.before is None or rise.on_time or rise.late:
            continue
        deal = next((sale for sale in reversed(shared) if sale.sold_on <= day), None)
        if deal and day < first + relativedelta(months=rules.without_deal_months):
            yield _purchase(deal, rise.level, rise.level.mrr - rise.before.mrr)


def _purchase(deal: Sale, level: HeldLevel, mrr: Money) -> Sale:
    """The purchase as an increase that the deal's partner sold on the level's day."""
    return Sale(
        sale_id=f"{level.entry.product_line} {level.effective_on}",
        partner_id=deal.partner_id,
        client_id=deal.client_id,
        product_line=level.entry.product_line,
        deal_type=DealType.INCREASE,
        motion=Motion.SOURCED,
        mrr=mrr,
        sold_on=level.effective_on,
        account=deal.account,
    )
