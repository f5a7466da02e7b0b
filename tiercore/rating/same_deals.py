"""Sales of one line that may be one deal under several ids (data#contradictions)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from tiercore.facts.entries import Sale
from tiercore.program import Catalogue

DAYS_APART = timedelta(days=7)  # at most, between two sales that may be one deal


class Deal(NamedTuple):
    """What two sales of a client have in common that may be one deal, days apart."""

    partner_id: str
    hub: str
    minor: int
    currency: str


def deal_of(sale: Sale, catalogue: Catalogue) -> Deal:
    """What the sale is known by, whoever the client is."""
    return Deal(sale.partner_id, catalogue.line_of(sale.product_line).hub, sale.mrr.minor, sale.mrr.currency)


def are_days_apart(one: date, other: date) -> bool:
    """Whether two days are near enough for one deal."""
    return abs(one - other) <= DAYS_APART


def alike(sales: Sequence[Sale]) -> Iterator[list[Sale]]:
    """Two or more sales of one partner with the same deal type and amount."""
    amounts: dict[int, list[Sale]] = defaultdict(list)
    for sale in sales:
        amounts[sale.mrr.minor].append(sale)
    for minor, equal in amounts.items():
        if minor and len(equal) > 1:
            deals: dict[tuple[str, ...], list[Sale]] = defaultdict(list)
            for sale in equal:
                deals[sale.partner_id, sale.deal_type, sale.mrr.currency].append(sale)
            yield from (each for each in deals.values() if len(each) > 1)


def within_days(sales: Sequence[Sale]) -> Iterator[list[Sale]]:
    """Groups of two or more of the sales (ascending by day) that are days apart."""
    group = [sales[0]]
    for sale in sales[1:]:
        if not are_days_apart(sale.sold_on, group[-1].sold_on):
            if len(group) > 1:
                yield group
            group = []
        group.append(sale)
    if len(group) > 1:
        yield group
