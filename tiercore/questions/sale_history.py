"""What became of each sale of one client: its points that are active, expired and lost (how-tiers-work#one-client)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tiercore.facts.entries import DealType, Motion, Sale
from tiercore.facts.money import Money
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Catalogue, ProductLine
from tiercore.rating.credits import Cause, Credit, is_active

_LOST_BY = frozenset({Cause.DOWNGRADE, Cause.CANCELLATION})


@dataclass(frozen=True, slots=True)
class Loss:
    """Points of a sale that were lost on a day because MRR decreased."""

    day: date
    cause: Cause
    micropoints: int


@dataclass(frozen=True, slots=True)
class SaleHistory:
    """A sale's points so far: earned = active + lapsed (expired) + lost, in micropoints; None if it couldn't be rated.

    `lapses_on` is the day the active points expire, None if there are none or the day is unknown.
    `product_line` and `edition` are what the sale's text stands for. `net` is what counts of an upsell whose amount is
    the line's whole new MRR, None for other sales and where it is unknown; `without_deal` marks a purchase without a
    deal, shown as the sale of its day (how-tiers-work#deal-based).
    """

    sale: Sale
    earned: int | None
    active: int | None
    lapsed: int | None
    lost: int | None
    losses: tuple[Loss, ...]
    lapses_on: date | None
    doubt: str | None
    product_line: str
    edition: str | None
    net: Money | None = None
    without_deal: bool = False


def histories(
    sales: Iterable[Sale], credits: Iterable[Credit], day: date, catalogue: Catalogue, held: Unknown | None
) -> Iterator[SaleHistory]:
    """The histories of the sales up to the day, newest first."""
    parts: dict[str, list[Credit]] = defaultdict(list)
    for credit in credits:
        if credit.source is not Source.MANAGED:
            parts[credit.entry_id].append(credit)
    all_sales = [*sales, *_purchases(parts.values())]
    for sale in sorted(all_sales, key=lambda each: (each.sold_on, each.sale_id), reverse=True):
        if sale.sold_on <= day:
            yield _history(sale, catalogue.line_of(sale.product_line), parts.get(sale.sale_id, []), day, held)


def _purchases(credits: Iterable[Sequence[Credit]]) -> Iterator[Sale]:
    """The purchases without a deal, each as the increase that it is (how-tiers-work#deal-based)."""
    for parts in credits:
        part, mrr = parts[0], Money(sum(each.mrr.minor for each in parts), parts[0].mrr.currency)
        if part.opened_by is Cause.PURCHASE:
            line = f"{part.product_line} {part.edition or ''}".strip()
            yield Sale(
                sale_id=part.entry_id,
                partner_id=part.partner_id,
                client_id=part.client_id,
                product_line=line,
                deal_type=DealType.INCREASE,
                motion=Motion(part.source.value),
                mrr=mrr,
                sold_on=part.starts_on,
                account=part.account,
            )


def _history(sale: Sale, line: ProductLine, parts: Sequence[Credit], day: date, held: Unknown | None) -> SaleHistory:
    doubt = held.reason if held else next((part.doubt for part in parts if part.doubt), None)
    if any(part.micropoints is None for part in parts):
        return SaleHistory(sale, None, None, None, None, (), None, doubt, line.hub, line.edition)
    opened_by = parts[0].opened_by if parts else None
    ended = [part for part in parts if not is_active(part, as_of=day)]
    lost = [part for part in ended if part.closed_by in _LOST_BY and part.lapses_on]
    active = [part for part in parts if is_active(part, as_of=day)]
    ends = [part.lapses_on for part in active if part.lapses_on]
    return SaleHistory(
        sale=sale,
        earned=_sum(parts),
        active=_sum(active),
        lapsed=_sum(ended) - _sum(lost),
        lost=_sum(lost),
        losses=tuple(Loss(part.lapses_on or day, part.closed_by or Cause.DOWNGRADE, _sum([part])) for part in lost),
        lapses_on=None if doubt or not ends else max(ends),
        doubt=doubt,
        product_line=line.hub,
        edition=line.edition,
        net=Money(sum(part.mrr.minor for part in parts), sale.mrr.currency) if opened_by is Cause.NET_UPSELL else None,
        without_deal=opened_by is Cause.PURCHASE,
    )


def _sum(credits: Iterable[Credit]) -> int:
    return sum(credit.micropoints or 0 for credit in credits)
