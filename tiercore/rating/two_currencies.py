"""A line's sales and levels in two currencies (data#contradictions)."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date

from tiercore.facts.entries import Sale
from tiercore.rating.contradictions import OtherCurrency
from tiercore.rating.credits import Credit
from tiercore.rating.lines import HeldLevel, LineKey


def other_currency(
    line: LineKey, sales: Sequence[Sale], levels: Sequence[HeldLevel], credits: Sequence[Credit]
) -> OtherCurrency | None:
    """The first sale in another currency than a level while it counts or, without levels, than the line's first sale.

    Sales and levels ascending by day; each of them and of the credits is looked at once for each currency.
    """
    if not levels:
        first = sales[0]
        other = next((sale for sale in sales if sale.mrr.currency != first.mrr.currency), None)
        return OtherCurrency(line, other, first.mrr, first.sold_on, other_sale=first) if other else None
    others = {
        currency: [level for level in levels if level.mrr.currency != currency]
        for currency in {sale.mrr.currency for sale in sales}
    }
    until = _last_days(credits) if any(others.values()) else {}
    for sale in sales:
        if not (differing := others[sale.mrr.currency]):
            continue
        held = levels[max(0, bisect_right(levels, sale.sold_on, key=_day_of) - 1)].effective_on
        index = bisect_left(differing, held, key=_day_of)
        if index < len(differing) and differing[index].effective_on < until.get(sale.sale_id, sale.sold_on):
            return OtherCurrency(line, sale, differing[index].mrr, differing[index].effective_on)
    return None


def _last_days(credits: Sequence[Credit]) -> dict[str, date]:
    """The day of each sale's last expiry by its ID."""
    last: dict[str, date] = {}
    for credit in credits:
        if credit.lapses_on:
            last[credit.entry_id] = max(credit.lapses_on, last.get(credit.entry_id, date.min))
    return last


def _day_of(level: HeldLevel) -> date:
    return level.effective_on
