"""What may be otherwise about a sale: is it there, its type, motion, day, amount (how-tiers-work#doesnt-match)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from tiercore.explaining.claims import Kind
from tiercore.explaining.hypotheses import Edit, Hypothesis, amount, sale_row
from tiercore.explaining.line import Line
from tiercore.facts.entries import DealType, Motion, Sale
from tiercore.facts.money import Money
from tiercore.rating.lines import HeldLevel
from tiercore.rating.same_deals import DAYS_APART

_NEAR = timedelta(31)  # a level that rises around a sale is what the sale brought about
_DAYS = tuple(timedelta(days) for days in (-3, -2, -1, 1, 2, 3))
_MONTHS = tuple(relativedelta(months=months) for months in (-12, -2, -1, 1, 2, 12))
MONTHS_IN_A_YEAR = 12


def about(sale: Sale, line: Line) -> Iterator[tuple[Hypothesis, Sale | None, Sale | None]]:
    """Each hypothesis about the sale, with the sale that it replaces and the one in its place."""
    client = line.client
    if line.is_open(sale) or line.decides_origins(sale):
        missing = Kind.SALE_TWICE_HERE if _has_twin(sale, line) else Kind.SALE_MISSING_THERE
        yield Hypothesis(missing, sale_row(sale, client), Edit((sale,))), sale, None
    if line.is_open(sale):
        again = replace(sale, sale_id=f"{sale.sale_id} again")
        yield Hypothesis(Kind.SALE_TWICE_THERE, sale_row(sale, client), Edit((), (again,))), None, again
    for kind, there, other in _otherwise(sale, line):
        yield Hypothesis(kind, sale_row(sale, client, there), Edit((sale,), (other,))), sale, other


def missing_here(line: Line, partner_id: str, day: date) -> Iterator[tuple[Hypothesis, Sale | None, Sale | None]]:
    """Sales that a rise of the line's level by the day suggests, and that aren't on file."""
    client, before = line.client, None
    for level in line.levels:
        rise = _rise(before, level)
        before = level
        if rise is None or level.effective_on > day:
            continue
        if line.sold_between(level.effective_on - _NEAR, level.effective_on + _NEAR):
            continue
        first = level is line.levels[0]
        for deal_type in (DealType.NET_NEW,) if first else (DealType.UPSELL, DealType.NET_NEW):
            for motion in Motion:
                name, money = f"{level.entry.product_line} {level.effective_on}", Money(rise, level.mrr.currency)
                found = Sale(
                    name,
                    partner_id,
                    client.client_id,
                    level.entry.product_line,
                    deal_type,
                    motion,
                    money,
                    level.effective_on,
                    level.account,
                )
                row = replace(sale_row(found, client, f"{deal_type}, {motion}"), entry_id=None)
                yield Hypothesis(Kind.SALE_MISSING_HERE, row, Edit((), (found,))), None, found


def _rise(before: HeldLevel | None, level: HeldLevel) -> int | None:
    """By how much the level is higher than the one before, None if it isn't."""
    if before is None:
        return level.mrr.minor or None
    if before.mrr.currency != level.mrr.currency or level.mrr.minor <= before.mrr.minor:
        return None
    return level.mrr.minor - before.mrr.minor


def _has_twin(sale: Sale, line: Line) -> bool:
    """Whether another sale of the line may be the same deal."""
    days = line.deals[sale.partner_id, sale.deal_type, sale.mrr]
    first, last = sale.sold_on - DAYS_APART, sale.sold_on + DAYS_APART
    return bisect_right(days, last) - bisect_left(days, first) > 1


def _otherwise(sale: Sale, line: Line) -> Iterator[tuple[Kind, str, Sale]]:
    for day in _days_around(sale.sold_on):
        if not line.is_same_on(sale, day):
            yield Kind.SALE_DAY, day.isoformat(), replace(sale, sold_on=day)
    if line.is_open(sale) or line.decides_origins(sale):
        for deal_type in DealType:
            if deal_type is not sale.deal_type:
                yield Kind.DEAL_TYPE, deal_type.value, replace(sale, deal_type=deal_type)
    if line.is_open(sale):
        yield from _counted_otherwise(sale, line)


def _counted_otherwise(sale: Sale, line: Line) -> Iterator[tuple[Kind, str, Sale]]:
    """The other motion, and other amounts."""
    other = Motion.ASSISTED if sale.motion is Motion.SOURCED else Motion.SOURCED
    yield Kind.MOTION, other.value, replace(sale, motion=other)
    for minor in _amounts(sale, line.levels_from(sale.sold_on - _NEAR)):
        money = Money(minor, sale.mrr.currency)
        yield Kind.AMOUNT, amount(money), replace(sale, mrr=money)
    if sale.mrr.currency != "USD":
        dollars = Money(sale.mrr.minor, "USD")
        yield Kind.AMOUNT, amount(dollars), replace(sale, mrr=dollars)


def _days_around(day: date) -> Iterator[date]:
    """Days that are easily taken for this one: days and months around, a year apart, day and month swapped."""
    yield from (day + apart for apart in _DAYS)
    yield from (day + apart for apart in _MONTHS)
    if day.day != day.month:
        with suppress(ValueError):
            yield date(day.year, day.day, day.month)


def _amounts(sale: Sale, levels: Sequence[HeldLevel]) -> Iterator[int]:
    """A year's amount for a month's, or the reverse; the line's whole MRR for what was added, or the reverse."""
    minor = sale.mrr.minor
    found = {minor * MONTHS_IN_A_YEAR}
    if minor % MONTHS_IN_A_YEAR == 0:
        found.add(minor // MONTHS_IN_A_YEAR)
    held: HeldLevel | None = None
    for level in levels:
        if level.effective_on > sale.sold_on + _NEAR:
            break
        if level.mrr.currency == sale.mrr.currency and level.effective_on >= sale.sold_on - _NEAR:
            found.add(level.mrr.minor)
            if held is not None and held.mrr.minor < minor:
                found.add(minor - held.mrr.minor)
        held = level if level.mrr.currency == sale.mrr.currency else None
    yield from sorted(found - {minor, 0})
