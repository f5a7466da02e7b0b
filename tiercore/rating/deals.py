"""Deal-based credit: what an upsell adds to its line, and purchases without a deal (how-tiers-work#deal-based)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import Client, DealType, Motion, Sale
from tiercore.facts.money import Money
from tiercore.facts.unknown import NotConfigured, Unknown
from tiercore.program import Program
from tiercore.rating.changes import Change
from tiercore.rating.credits import Origin
from tiercore.rating.line_deals import LineDeals, day_of
from tiercore.rating.lines import HeldLevel


@dataclass(frozen=True, slots=True)
class DealCredit:
    """What deal-based credit changes on one product line of a client.

    `nets` is what each upsell adds to the line, zero if that is nothing, by sale ID. `purchases` are its purchases
    without a deal as sales of the partner they are credited to; their `sale_id` names the level.
    """

    nets: Mapping[str, Money | Unknown] = field(default_factory=dict)
    purchases: Sequence[Sale] = ()


NO_DEALS = DealCredit()


def deal_credit(client: Client, sales: Sequence[Sale], levels: Sequence[HeldLevel], program: Program) -> DealCredit:
    """The deal-based credit of one line; `sales` ascending by day and ID, `levels` by day."""
    if not sales or not any(program.on(day).deal_based_in(client.country) for day in _days(sales, levels)):
        return NO_DEALS
    line = LineDeals(client, program, sales)
    line.walk(levels)
    purchases = _purchases(client, sales, line.unexplained, _first_sale(sales, levels), program)
    return DealCredit(nets=line.nets, purchases=tuple(purchases))


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


def _first_sale(sales: Sequence[Sale], levels: Sequence[HeldLevel]) -> date:
    """The day of the line's first sale, or since which it has paid if that is earlier: files often begin later."""
    return min(sales[0].sold_on, next((level.effective_on for level in levels if level.mrr.minor), date.max))


def _purchases(
    client: Client, sales: Sequence[Sale], unexplained: Iterable[Change], first: date, program: Program
) -> Iterator[Sale]:
    """The rises that no deal accounts for, within the months after the line's `first` sale, as sales."""
    shared = [sale for sale in sales if sale.motion is Motion.SOURCED and sale.deal_type is not DealType.INCREASE]
    for change in unexplained:
        rules = program.on(change.day).deal_based_in(client.country)
        if rules is None or change.day >= first + relativedelta(months=rules.without_deal_months):
            continue
        index = bisect_right(shared, change.day, key=day_of)
        if index and change.rise:
            yield _purchase(shared[index - 1], change.level, change.rise)


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
