"""What may be otherwise than entries: the day, the figure, a currency table, a rate (how-tiers-work#doesnt-match)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from tiercore.explaining.claims import Claim, Figure, Kind, Measure, Row
from tiercore.explaining.hypotheses import Hypothesis, amount, sale_row
from tiercore.explaining.measuring import Gauge
from tiercore.facts.entries import Client, Sale
from tiercore.facts.money import Money
from tiercore.facts.points import MICRO, Source
from tiercore.program import Program
from tiercore.program.rules import ConsumeOrder
from tiercore.rating.credits import Credit

Found = Iterator[tuple[Hypothesis, int]]
# A sale that isn't on file is supposed to be worth up to 300 points or US$10,000, or twice the largest one that is.
_PLAUSIBLE = {Measure.POINTS: 300 * MICRO, Measure.MRR: 10_000_00}
_TIMES_LARGEST = 2
_DAYS = tuple(timedelta(days) for days in (-1, 1, -2, 2, -3, 3))


def about_day(credits: Sequence[Credit], gauge: Gauge) -> Found:
    """The dashboard's figure is of another day: days around, the last 15th, the last month's end or beginning."""
    day, here = gauge.claim.day, gauge.of(credits)
    first = day.replace(day=1)
    others = [*(day + apart for apart in _DAYS), day.replace(day=15), first, first - timedelta(1)]
    if day.day < 15:
        others.append((first - timedelta(1)).replace(day=15))
    for other in dict.fromkeys(each for each in others if each != day and each <= day + _DAYS[-1]):
        row = Row("day", there=other.isoformat(), day=day)
        yield Hypothesis(Kind.AS_OF, row), gauge.of(credits, other) - here


def about_figure(credits: Sequence[Credit], gauge: Gauge) -> Found:
    """The dashboard's figure is another one."""
    here = gauge.of(credits)
    for figure in Figure:
        if figure is not gauge.claim.figure:
            other = Gauge(gauge.partner_id, replace(gauge.claim, figure=figure), gauge.program)
            yield Hypothesis(Kind.OTHER_FIGURE, Row("figure", there=figure.value)), other.of(credits) - here


def about_currencies(active: Sequence[Credit], gauge: Gauge) -> Found:
    """The dashboard converts all amounts of a currency by another dated table than ours."""
    by_currency: dict[str, list[Credit]] = defaultdict(list)
    for credit in active:
        if credit.mrr.currency != "USD" and credit.micropoints is not None:
            by_currency[credit.mrr.currency].append(credit)
    for currency, credits in sorted(by_currency.items()):
        for table in _tables(gauge.program, currency):
            after = sum(gauge.worth(each.mrr.minor, each.rate, table, each.shared_by) for each in credits)
            row = Row("currency", currency, there=amount(table))
            yield Hypothesis(Kind.CURRENCY_TABLE, row), after - sum(map(gauge.value, credits))


def _tables(program: Program, currency: str) -> list[Money]:
    """Every amount that stands for US$100 in one of the dated tables."""
    path = f"currencies.{currency}"
    values = (dated.value for each in program.parameters if each.path == path for dated in each.dated)
    return list(dict.fromkeys(value for value in values if isinstance(value, Money)))


def about_rates(
    active: Sequence[Credit], sales: Mapping[str, Sale], clients: Mapping[str, Client], gauge: Gauge
) -> Found:
    """A sale, or all sales of a line, at another of the rates: that of another origin, or of anything else."""
    if gauge.claim.measure is Measure.MRR:
        return
    rates = _Rates(gauge.program)
    by_sale: dict[str, list[Credit]] = defaultdict(list)
    by_line: dict[tuple[str, str, str | None], list[Credit]] = defaultdict(list)
    for credit in active:
        if credit.entry_id in sales and credit.micropoints is not None:
            by_sale[credit.entry_id].append(credit)
            by_line[credit.client_id, credit.product_line, credit.account].append(credit)
    for sale_id, credits in by_sale.items():
        sale, first = sales[sale_id], credits[0]
        for rate in rates.by(sale.sold_on):
            if rate != first.rate:
                kind = Kind.ORIGIN if rate in rates.like(first, sale.sold_on) else Kind.RATE
                row = sale_row(sale, clients[first.client_id], str(rate))
                yield Hypothesis(kind, row), _at(credits, rate, gauge)
    for (client_id, line, _), credits in by_line.items():
        if len({each.entry_id for each in credits}) > 1:
            client = clients[client_id]
            like = [(each, rates.like(each, sales[each.entry_id].sold_on)) for each in credits]
            for rate in sorted(set().union(*(found for _, found in like))):
                others = [each for each, found in like if rate in found and each.rate != rate]
                row = Row("subscription", None, client_id, client.name, line, there=str(rate))
                yield Hypothesis(Kind.ORIGIN, row), _at(others, rate, gauge)


def _at(credits: Sequence[Credit], rate: int, gauge: Gauge) -> int:
    """What the figure gains if the credits are rated at another rate. Their points are exact multiples of the old."""
    return sum((each.micropoints or 0) * (rate - each.rate) // each.rate for each in credits if each.rate)


def in_other_market(active: Sequence[Credit], program: Program, *, growth: bool) -> int:
    """What the figure gains if a client's credits have the rates of a growth market, or no longer have them."""
    return sum(
        (each.micropoints or 0)
        * (program.on(each.rated_on).rate(each.source, growth_market=not growth) - each.rate)
        // each.rate
        for each in active
        if each.rate
    )


class _Rates:
    """The rates of sales that the program has had, by the day from which on."""

    def __init__(self, program: Program) -> None:
        self._from: dict[tuple[Source, bool], dict[int, date]] = defaultdict(dict)
        for day in (date.min, *program.changes):
            rules = program.on(day)
            for source in (Source.SOURCED, Source.ASSISTED):
                for growth in (False, True):
                    self._from[source, growth].setdefault(rules.rate(source, growth_market=growth), day)

    def by(self, day: date) -> list[int]:
        """The rates that the program had had by the day, ascending."""
        return sorted({rate for rates in self._from.values() for rate, since in rates.items() if since <= day})

    def like(self, credit: Credit, sold_on: date) -> set[int]:
        """The rates that a sale of that day, with this credit, would have with another origin."""
        growth = credit.rate not in self._from[credit.source, False]
        return self.of(credit.source, sold_on, growth=growth)

    def of(self, source: Source, day: date, *, growth: bool) -> set[int]:
        """The rates of the source that the program had had by the day."""
        return {rate for rate, since in self._from[source, growth].items() if since <= day}


def implied(claim: Claim, ours: int, gauge: Gauge, sales: Iterable[Sale]) -> list[Row]:
    """What a sale that isn't on file here would have to be, at each rate that there was; rounded as the claim allows.

    Nothing where it would be worth more than is plausible beside the partner's `sales` that are on file.
    """
    largest = max(map(gauge.most, sales), default=0)
    if claim.value - ours > max(_TIMES_LARGEST * largest, _PLAUSIBLE[claim.measure]):
        return []
    low, high = claim.low - ours, claim.high - ours
    rows, rates = [], _Rates(gauge.program)
    for source in sorted(claim.figure.sources - {Source.MANAGED}):
        of_source = (rates.of(source, claim.day, growth=growth) for growth in (False, True))
        for rate in sorted(set().union(*of_source)):
            cents = _roundest(low, high) if claim.measure is Measure.MRR else _roundest(*_cents(low, high, rate))
            if cents:
                rows.append(Row("sale", mrr=Money(cents, "USD"), there=f"{source.value}, {rate}"))
    return rows


def _cents(low: int, high: int, rate: int) -> tuple[int, int]:
    """The US cents that earn at least and at most so many micropoints: 100 cents earn `rate` times 10,000."""
    return -(-low // (100 * rate)), high // (100 * rate)


def _roundest(low: int, high: int) -> int | None:
    """The roundest amount in cents between two, None if there is none above zero."""
    if high <= 0 or high < low:
        return None
    for step in (100_000, 50_000, 10_000, 5_000, 1_000, 500, 100, 50, 10, 5, 1):
        found = high // step * step
        if found >= max(low, 1):
            return found
    return None


@lru_cache(maxsize=2)
def other_order(program: Program, consumes: ConsumeOrder) -> Program:
    """The program with decreases taken from the other end of a line's sales than it `consumes` them from."""
    path = "sold.decrease_consumes"
    other = "oldest" if consumes == "newest" else "newest"
    parameters = (
        replace(each, dated=tuple(replace(dated, value=other) for dated in each.dated)) if each.path == path else each
        for each in program.parameters
    )
    return Program(parameters, program.label)
