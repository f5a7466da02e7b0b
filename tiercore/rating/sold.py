"""Sold credits: a sale opens a lot, decreases of MRR consume it, and it expires (how-tiers-work#sold-points)."""

from calendar import monthrange
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from tiercore.facts.entries import Client, DealType, Sale
from tiercore.facts.money import Money
from tiercore.facts.unknown import Unknown
from tiercore.program import ProductLine, Program
from tiercore.rating.credits import Cause, Credit, Origin, no_table, rated
from tiercore.rating.credits import in_program_cents as program_cents
from tiercore.rating.lines import HeldLevel
from tiercore.rating.origin import BEGIN_A_LINE, origin_of


@dataclass(slots=True)
class Lot:
    """A sale's MRR while it counts. `cuts` are the decreases that took from it: (day, cause, minor units left)."""

    sale: Sale
    rated_on: date
    origin: Origin | None
    rate: int
    per_100_usd: Money | Unknown
    expires_on: date
    left: int
    cuts: list[tuple[date, Cause, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Decrease:
    """A decrease of a product line's MRR on a day, in minor units."""

    day: date
    minor: int
    cause: Cause


def expires_on(sold_on: date, months: int) -> date:
    """The first day on which a sale no longer counts: `months` calendar months later, clipped to the month's end."""
    years, month = divmod(sold_on.month - 1 + months, 12)
    year = sold_on.year + years
    return date(year, month + 1, min(sold_on.day, monthrange(year, month + 1)[1]))


def sold_credits(
    client: Client, sales: Sequence[Sale], levels: Sequence[HeldLevel], program: Program
) -> Iterator[Credit]:
    """The sold credits of one product line of a client; `sales` in any order, `levels` ascending by day."""
    lots = _lots(client, sorted(sales, key=lambda sale: (sale.sold_on, sale.sale_id)), levels, program)
    if not lots:
        return
    other_currency_from = _first_other_currency_day({lot.sale.mrr.currency for lot in lots}, levels)
    comparable = (each for each in levels if other_currency_from is None or each.effective_on < other_currency_from)
    _consume(lots, decreases(comparable), program)
    for lot in lots:
        yield from _parts(lot, _doubt(lot, other_currency_from), program, assumed=not levels)


def decreases(levels: Iterable[HeldLevel]) -> list[Decrease]:
    """Each level that is lower than the one before; the first level never is. `levels` ascending by day."""
    found: list[Decrease] = []
    before: HeldLevel | None = None
    for level in levels:
        if before is not None and level.mrr < before.mrr:
            cause = Cause.DOWNGRADE if level.mrr.minor else Cause.CANCELLATION
            found.append(Decrease(level.effective_on, before.mrr.minor - level.mrr.minor, cause))
        before = level
    return found


def _lots(client: Client, sales: Sequence[Sale], levels: Sequence[HeldLevel], program: Program) -> list[Lot]:
    begun = [sale.sold_on for sale in sales if sale.deal_type in BEGIN_A_LINE]
    lots = []
    for sale in sales:
        rules = program.on(sale.sold_on)
        if not rules.earns(sale.deal_type):
            continue
        rated_on, origin = origin_of(sale, begun, levels) if rules.rate_follows_origin else (sale.sold_on, None)
        rate = program.on(rated_on).rate(sale.motion.source, growth_market=rules.is_growth_market(client.country))
        lots.append(
            Lot(
                sale=sale,
                rated_on=rated_on,
                origin=origin,
                rate=rate,
                per_100_usd=rules.per_100_usd(sale.mrr.currency),
                expires_on=expires_on(sale.sold_on, rules.expire_after_months),
                left=sale.mrr.minor,
            )
        )
    return lots


def _first_other_currency_day(currencies: set[str], levels: Sequence[HeldLevel]) -> date | None:
    """The first day with a level in another currency than the lots, which can't be compared with them."""
    return next((level.effective_on for level in levels if {level.mrr.currency} != currencies), None)


def _doubt(lot: Lot, other_currency_from: date | None) -> str | None:
    if isinstance(lot.per_100_usd, Unknown):
        return no_table(lot.sale.mrr.currency, lot.sale.sold_on)
    if other_currency_from is not None and lot.expires_on > other_currency_from:
        return "the subscription and the sale are in different currencies"
    return None


def _consume(lots: Sequence[Lot], line_decreases: Sequence[Decrease], program: Program) -> None:
    """Take each decrease from the lots open on its day, in the order of that day's rules.

    What exceeds the lots reduces MRR that earns no sold points.
    """
    waiting, open_lots = deque(lots), deque[Lot]()
    for decrease in line_decreases:
        while waiting and waiting[0].sale.sold_on <= decrease.day:
            open_lots.append(waiting.popleft())
        newest = program.on(decrease.day).decrease_consumes == "newest"
        _take(open_lots, decrease, end=-1 if newest else 0)


def _take(open_lots: deque[Lot], decrease: Decrease, end: int) -> None:
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


def _parts(lot: Lot, doubt: str | None, program: Program, *, assumed: bool) -> Iterator[Credit]:
    """The lot as credits: one for each decrease that took a part of it, and one for what is left until it expires."""
    line, before = program.catalogue.line_of(lot.sale.product_line), lot.sale.mrr.minor
    for day, cause, after in lot.cuts:
        yield _part(lot, line, before, after, day, cause, doubt=doubt, assumed=False)
        before = after
    if before or not lot.cuts:
        yield _part(lot, line, before, 0, lot.expires_on, Cause.SALE_EXPIRED, doubt=doubt, assumed=assumed)


def _part(
    lot: Lot,
    line: ProductLine,
    before: int,
    after: int,
    lapses_on: date,
    cause: Cause,
    *,
    doubt: str | None,
    assumed: bool,
) -> Credit:
    """The part of a lot between two remaining amounts; the parts add up exactly to the points of the whole lot."""
    sale, per_100 = lot.sale, lot.per_100_usd
    points = cents = None
    if not isinstance(per_100, Unknown):
        points = rated(before, lot.rate, per_100) - rated(after, lot.rate, per_100)
        cents = program_cents(before, per_100) - program_cents(after, per_100)
    return Credit(
        partner_id=sale.partner_id,
        client_id=sale.client_id,
        product_line=line.hub,
        source=sale.motion.source,
        micropoints=points,
        program_cents=cents,
        mrr=Money(before - after, sale.mrr.currency),
        rate=lot.rate,
        shared_by=1,
        starts_on=sale.sold_on,
        lapses_on=lapses_on,
        opened_by=Cause.UPSELL if sale.deal_type in (DealType.UPSELL, DealType.INCREASE) else Cause.SALE,
        closed_by=cause,
        entry_id=sale.sale_id,
        rated_on=lot.rated_on,
        lapsing=None if doubt else points if lapses_on > sale.sold_on else 0,  # else it never counted
        doubt=doubt,
        assumed=assumed,
        edition=line.edition,
        account=sale.account,
        origin=lot.origin,
    )
