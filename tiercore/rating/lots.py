"""Lots: what counts of each sale of a line, at which rate and until when (how-tiers-work#sold-points)."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from tiercore.facts.entries import Client, DealType, Sale
from tiercore.facts.money import Money
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.rating.credits import Cause, Origin
from tiercore.rating.deals import NO_DEALS, DealCredit, deal_credit, rated_as
from tiercore.rating.lines import HeldLevel
from tiercore.rating.origin import BEGIN_A_LINE, origin_of


@dataclass(slots=True)
class Lot:
    """A sale's MRR while it counts. `cuts` are the decreases that took from it: (day, cause, minor units left).

    `mrr` is what counts of the sale, in minor units; all of it, with `unknown`, if what counts can't be told. A lot
    that adds nothing to its line expires on its own day.
    """

    sale: Sale
    mrr: int
    unknown: Unknown | None
    opened_by: Cause
    rated_on: date
    origin: Origin | None
    rate: int | Unknown
    per_100_usd: Money | Unknown
    expires_on: date
    left: int
    cuts: list[tuple[date, Cause, int]] = field(default_factory=list)


class _Earning(NamedTuple):
    """A sale that earns, what it opens its credit by, and what counts of it."""

    sale: Sale
    opened_by: Cause
    mrr: Money | Unknown


def expires_on(sold_on: date, months: int) -> date:
    """The first day on which a sale no longer counts: `months` calendar months later, clipped to the month's end."""
    return sold_on + relativedelta(months=months)


def lots_of(client: Client, sales: Iterable[Sale], levels: Sequence[HeldLevel], program: Program) -> list[Lot]:
    """The lots of one product line of a client, ascending by day and ID; `levels` ascending by day."""
    ordered = sorted(sales, key=lambda sale: (sale.sold_on, sale.sale_id))
    deals = deal_credit(client, ordered, levels, program) if program.deal_based else NO_DEALS
    begun = [sale for sale in ordered if sale.deal_type in BEGIN_A_LINE]
    begun_on = [sale.sold_on for sale in begun]
    return [_lot(each, client, begun, begun_on, levels, program) for each in _earning(ordered, deals, program)]


def _earning(sales: Iterable[Sale], deals: DealCredit, program: Program) -> list[_Earning]:
    """The sales that earn, and the purchases without a deal."""
    earning = [_earned(sale, deals) for sale in sales if program.on(sale.sold_on).earns(sale.deal_type)]
    if deals.purchases:
        earning += [_Earning(purchase, Cause.PURCHASE, purchase.mrr) for purchase in deals.purchases]
        earning.sort(key=lambda each: (each.sale.sold_on, each.sale.sale_id))
    return earning


def _earned(sale: Sale, deals: DealCredit) -> _Earning:
    if sale.sale_id in deals.nets:
        return _Earning(sale, Cause.NET_UPSELL, deals.nets[sale.sale_id])
    adds = sale.deal_type in (DealType.UPSELL, DealType.INCREASE)
    return _Earning(sale, Cause.UPSELL if adds else Cause.SALE, sale.mrr)


def _lot(
    earning: _Earning,
    client: Client,
    begun: Sequence[Sale],
    begun_on: Sequence[date],
    levels: Sequence[HeldLevel],
    program: Program,
) -> Lot:
    sale, opened_by, mrr = earning
    rules = program.on(sale.sold_on)
    rated_on, origin = origin_of(sale, begun_on, levels) if rules.rate_follows_origin else (sale.sold_on, None)
    growth = rules.is_growth_market(client.country)
    rate: int | Unknown = program.on(rated_on).rate(sale.motion.source, growth_market=growth)
    minor = sale.mrr.minor if isinstance(mrr, Unknown) else mrr.minor
    adds_nothing = opened_by is Cause.NET_UPSELL and not minor
    if opened_by is Cause.NET_UPSELL and minor and origin is Origin.DEAL:
        rated_on, origin, rate = rated_as(sale, begun[bisect_right(begun_on, rated_on) - 1], client, program)
    return Lot(
        sale=sale,
        mrr=minor,
        unknown=mrr if isinstance(mrr, Unknown) else None,
        opened_by=opened_by,
        rated_on=rated_on,
        origin=origin,
        rate=rate,
        per_100_usd=rules.per_100_usd(sale.mrr.currency),
        expires_on=sale.sold_on if adds_nothing else expires_on(sale.sold_on, rules.expire_after_months),
        left=minor,
    )
