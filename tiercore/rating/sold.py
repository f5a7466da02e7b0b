"""Sold credits: a sale opens a lot, decreases of MRR consume it, and it expires (how-tiers-work#sold-points)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tiercore.facts.entries import Client, Sale
from tiercore.facts.money import Money
from tiercore.facts.unknown import Unknown
from tiercore.program import ProductLine, Program
from tiercore.rating.credits import Cause, Credit, no_table, rated
from tiercore.rating.credits import in_program_cents as program_cents
from tiercore.rating.lines import HeldLevel
from tiercore.rating.lots import Lot, consume, lots_of


@dataclass(frozen=True, slots=True)
class Decrease:
    """A decrease of a product line's MRR on a day, in minor units."""

    day: date
    minor: int
    cause: Cause


class _Unclear(NamedTuple):
    """From which day on it can't be told what is left of a line's lots, and why."""

    day: date
    reason: str


def sold_credits(
    client: Client, sales: Sequence[Sale], levels: Sequence[HeldLevel], program: Program
) -> Iterator[Credit]:
    """The sold credits of one product line of a client; `sales` in any order, `levels` ascending by day."""
    lots = lots_of(client, sales, levels, program)
    if not lots:
        return
    unclear = _unclear_from(lots, levels)
    comparable = (each for each in levels if unclear is None or each.effective_on < unclear.day)
    consume(lots, decreases(comparable), lambda day: program.on(day).decrease_consumes == "newest")
    for lot in lots:
        yield from _parts(lot, _doubt(lot, unclear), program, assumed=not levels)


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


def _unclear_from(lots: Sequence[Lot], levels: Sequence[HeldLevel]) -> _Unclear | None:
    """The first day with a level in another currency than the lots, or with a decrease after a lot of unknown amount.

    What is left of the lots can't be told from then on.
    """
    currencies = {lot.sale.mrr.currency for lot in lots}
    other = next((level.effective_on for level in levels if {level.mrr.currency} != currencies), None)
    unknown_from = next((lot.sale.sold_on for lot in lots if lot.unknown), None)
    if unknown_from is not None:
        comparable = (level for level in levels if other is None or level.effective_on < other)
        fall = next((each.day for each in decreases(comparable) if each.day >= unknown_from), None)
        if fall is not None:
            return _Unclear(fall, "what an upsell added to the line is unknown, and the line has decreased since")
    return None if other is None else _Unclear(other, "the subscription and the sale are in different currencies")


def _doubt(lot: Lot, unclear: _Unclear | None) -> str | None:
    if lot.unknown is not None:
        return lot.unknown.reason
    if isinstance(lot.rate, Unknown):
        return lot.rate.reason
    if isinstance(lot.per_100_usd, Unknown):
        return no_table(lot.sale.mrr.currency, lot.sale.sold_on)
    return unclear.reason if unclear is not None and lot.expires_on > unclear.day else None


def _parts(lot: Lot, doubt: str | None, program: Program, *, assumed: bool) -> Iterator[Credit]:
    """The lot as credits: one for each decrease that took a part of it, and one for what is left until it expires."""
    line, before = program.catalogue.line_of(lot.sale.product_line), lot.mrr
    for day, cause, after in lot.cuts:
        yield _part(lot, line, before, after, day, cause, doubt=doubt, assumed=False)
        before = after
    if before or not lot.cuts:
        closing = Cause.SALE_EXPIRED if lot.expires_on > lot.sale.sold_on else lot.opened_by
        yield _part(lot, line, before, 0, lot.expires_on, closing, doubt=doubt, assumed=assumed)


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
    sale, per_100, rate = lot.sale, lot.per_100_usd, lot.rate
    points = cents = None
    if not isinstance(per_100, Unknown) and not lot.unknown:
        cents = program_cents(before, per_100) - program_cents(after, per_100)
        if not isinstance(rate, Unknown):
            points = rated(before, rate, per_100) - rated(after, rate, per_100)
    return Credit(
        partner_id=sale.partner_id,
        client_id=sale.client_id,
        product_line=line.hub,
        source=sale.motion.source,
        micropoints=points,
        program_cents=cents,
        mrr=Money(before - after, sale.mrr.currency),
        rate=0 if isinstance(rate, Unknown) else rate,
        shared_by=1,
        starts_on=sale.sold_on,
        lapses_on=lapses_on,
        opened_by=lot.opened_by,
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
