"""The sold credits of plain lines, straight from rows to rows (architecture#rebuilds)."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from tiercore.facts.points import MICRO, divide_half_even
from tiercore.rating.credits import US_100_IN_CENTS, Cause, Origin
from tiercore.rating.plain_falls import Lot, cut_rows, falls_of
from tiercore.rating.plain_rules import PlainRules

Row = tuple[Any, ...]
_by_day_and_id = itemgetter(8, 0)
_SALE, _UPSELL, _SALE_EXPIRED = Cause.SALE.value, Cause.UPSELL.value, Cause.SALE_EXPIRED.value
_ENLARGING = frozenset(("upsell", "increase"))
_BEGINNING = frozenset(("net_new", "cross_sell"))
_DEAL = Origin.DEAL.value


def sold_rows(country: str, sales: list[Row], levels: Sequence[Row], rules: PlainRules) -> list[Row] | None:
    """The rows of a line's sold credits; None if a currency has no table or the line was there before its first sale.

    All of it is in one currency; `levels` ascend by day.
    """
    sales.sort(key=_by_day_and_id)
    currency, days = sales[0][7], rules.days
    per_100, growing = rules.per_100_usd(currency), rules.growing(country)
    begun = [row[8] for row in sales if row[4] in _BEGINNING]
    falls = falls_of(levels, rules)
    found, tables = list[Row](), list[int]()
    for sale_id, partner_id, client_id, text, deal, motion, minor, _, sold_on, account in sales:
        ordinal, number, expires = days[sold_on]
        per = per_100[number]
        if not per or expires <= ordinal:
            return None
        if deal not in rules.earning[number]:
            continue
        rated_on, rated_by, origin = ordinal, number, None
        if rules.follow_origin[number]:
            at = bisect_right(begun, sold_on)
            if not at:
                return None
            rated_on, rated_by, _ = days[begun[at - 1]]
            origin = _DEAL
        line = rules.lines[text]
        rate = rules.rates[rated_by][growing[number]][motion]
        points = divide_half_even(minor * rate * MICRO, per)
        cents = divide_half_even(minor * US_100_IN_CENTS, per)
        found.append(
            (
                partner_id,
                client_id,
                line.hub,
                motion,
                points,
                cents,
                minor,
                currency,
                rate,
                1,
                ordinal,
                expires,
                _UPSELL if deal in _ENLARGING else _SALE,
                _SALE_EXPIRED,
                sale_id,
                rated_on,
                points,
                None,
                not levels,
                line.edition,
                account,
                origin,
            )
        )
        tables.append(per)
    return cut_rows(list(map(Lot, found, tables)), falls, rules) if falls else found
