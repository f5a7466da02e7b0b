"""Lots: what counts of each sale of a line, at which rate and until when (how-tiers-work#sold-points)."""

from calendar import monthrange
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Protocol, TypeVar

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

    @property
    def starts_on(self) -> date:
        """The day of the sale."""
        return self.sale.sold_on


class Consumable(Protocol):
    """A lot as decreases see it; its days are dates or ordinals, as those of the decreases."""

    left: int
    cuts: list[Any]

    @property
    def starts_on(self) -> Any:
        """The first day on which it counts."""

    @property
    def expires_on(self) -> Any:
        """The first day on which it no longer counts."""


class Decreasing(Protocol):
    """A decrease of a line by `minor` units on a day."""

    @property
    def day(self) -> Any:
        """The day from which on the line is smaller."""

    @property
    def minor(self) -> int:
        """By how many minor units."""

    @property
    def cause(self) -> Any:
        """Why."""


_Open = TypeVar("_Open", bound=Consumable)


def consume(lots: Iterable[_Open], decreases: Iterable[Decreasing], takes_newest_first: Callable[[Any], bool]) -> None:
    """Take each decrease from the lots open on its day, the oldest or the newest first by the rules of that day; both
    ascend by day (how-tiers-work#sold-points).

    What exceeds the lots reduces MRR that earns no sold points.
    """
    waiting, open_lots = deque(lots), deque[_Open]()
    for decrease in decreases:
        while waiting and waiting[0].starts_on <= decrease.day:
            open_lots.append(waiting.popleft())
        _take(open_lots, decrease, -1 if takes_newest_first(decrease.day) else 0)


def _take(open_lots: deque[_Open], decrease: Decreasing, end: int) -> None:
    remaining = decrease.minor
    while remaining and open_lots:
        lot = open_lots[end]
        if decrease.day < lot.expires_on:
            taken = min(remaining, lot.left)
            lot.left -= taken
            remaining -= taken
            lot.cuts.append((decrease.day, decrease.cause, lot.left))
        if not lot.left or decrease.day >= lot.expires_on:
            open_lots.pop() if end else open_lots.popleft()


@lru_cache(maxsize=20_000)
def expires_on(sold_on: date, months: int) -> date:
    """The first day on which a sale no longer counts: `months` calendar months later, clipped to the month's end."""
    years, month = divmod(sold_on.month - 1 + months, 12)
    year = sold_on.year + years
    return date(year, month + 1, min(sold_on.day, monthrange(year, month + 1)[1]))


def lots_of(client: Client, sales: Iterable[Sale], levels: Sequence[HeldLevel], program: Program) -> list[Lot]:
    """The lots of one product line of a client, ascending by day and ID; `levels` ascending by day."""
    ordered = sorted(sales, key=lambda sale: (sale.sold_on, sale.sale_id))
    deals = deal_credit(client, ordered, levels, program) if program.deal_based else NO_DEALS
    begun = [sale.sold_on for sale in ordered if sale.deal_type in BEGIN_A_LINE]
    lots = []
    for sale, opened_by in _earning(ordered, deals, program):
        rules = program.on(sale.sold_on)
        rated_on, origin = origin_of(sale, begun, levels) if rules.rate_follows_origin else (sale.sold_on, None)
        lot = Lot(
            sale=sale,
            mrr=sale.mrr.minor,
            unknown=None,
            opened_by=opened_by,
            rated_on=rated_on,
            origin=origin,
            rate=program.on(rated_on).rate(sale.motion.source, growth_market=rules.is_growth_market(client.country)),
            per_100_usd=rules.per_100_usd(sale.mrr.currency),
            expires_on=expires_on(sale.sold_on, rules.expire_after_months),
            left=sale.mrr.minor,
        )
        lots.append(lot)
        if opened_by is Cause.NET_UPSELL:
            _reduce(lot, deals.nets[sale.sale_id])
            if lot.mrr and origin is Origin.DEAL:
                lot.rated_on, lot.origin, lot.rate = rated_as(sale, _begun_on(rated_on, ordered), client, program)
    return lots


def _reduce(lot: Lot, net: Money | Unknown) -> None:
    """Count only what the upsell adds to its line."""
    if isinstance(net, Unknown):
        lot.unknown = net
        return
    lot.mrr = lot.left = net.minor
    if not net.minor:
        lot.expires_on = lot.sale.sold_on


def _begun_on(day: date, sales: Sequence[Sale]) -> Sale:
    """The deal that began the line on the day."""
    return next(sale for sale in reversed(sales) if sale.sold_on == day and sale.deal_type in BEGIN_A_LINE)


def _earning(sales: Iterable[Sale], deals: DealCredit, program: Program) -> Iterable[tuple[Sale, Cause]]:
    """The sales that earn, and the purchases without a deal, each with what it opens its credit by."""
    earning = [(sale, _opening(sale, deals)) for sale in sales if program.on(sale.sold_on).earns(sale.deal_type)]
    if deals.purchases:
        earning += [(purchase, Cause.PURCHASE) for purchase in deals.purchases]
        earning.sort(key=lambda each: (each[0].sold_on, each[0].sale_id))
    return earning


def _opening(sale: Sale, deals: DealCredit) -> Cause:
    if sale.sale_id in deals.nets:
        return Cause.NET_UPSELL
    return Cause.UPSELL if sale.deal_type in (DealType.UPSELL, DealType.INCREASE) else Cause.SALE
