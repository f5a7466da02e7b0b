"""What the data can't tell about a step, with the range that it may lie in; never a guess (how-tiers-work#what-if)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.rating.credits import ClientBook, is_active, rated
from tiercore.rating.lines import LineKey, level_on, levels_by_line, sales_by_line
from tiercore.rating.managed import in_force
from tiercore.rating.rating import credits_of
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.entries import merged, rows_of
from tiercore.scenarios.steps import Downgrade, Lose, Sell, Step


class Missing(StrEnum):
    """What isn't known."""

    MANAGED = "managed"  # whether the sale raises what the client pays, and its managed points with it
    CURRENCY = "currency"  # the same, as the line pays in another currency
    EXPIRY = "expiry"  # when sold points of a line that pays in another currency expire
    LOST = "lost"  # how much of a line's sold points a cancellation or downgrade would take


@dataclass(frozen=True, slots=True)
class Range:
    """What a step may change besides what is counted: from none up to `most` micropoints, gained or lost.

    Of EXPIRY they are those whose day of expiry isn't known any more. `product_line` is the line that has no
    subscription data or pays in another currency, None for all of the client's.
    """

    client_id: str
    product_line: str | None
    missing: Missing
    most: int


def ranges_of(step: Step, books: PartnerBooks, program: Program) -> list[Range]:
    """What can't be told about the step, which comes on top of `books`."""
    match step:
        case Sell() if step.client_id and not books.clients[step.client_id].levels:
            return list(_managed(step, None, Missing.MANAGED, books, program))
        case Sell() if step.client_id and _pays_otherwise(step, books, program):
            line = program.catalogue.line_of(step.product_line).hub
            managed = _managed(step, line, Missing.CURRENCY, books, program)
            return [*managed, *_of_unknown_expiry(step, line, books, program)]
        case Lose():
            return list(_lost(books.clients[step.client_id], books, program, step.on))
        case Downgrade():
            key = _key(step, program)
            return [
                each
                for each in _lost(books.clients[step.client_id], books, program, step.on)
                if each.product_line == key.hub
            ]
    return []


def _pays_otherwise(step: Sell, books: PartnerBooks, program: Program) -> bool:
    """Whether the line pays in another currency than that of the sale: the two amounts don't add."""
    book, key = books.clients[step.client_id], _key(step, program)
    held = level_on(levels_by_line(book.levels, program.catalogue).get(key, ()), step.sold_on)
    return held is not None and bool(held.mrr.minor) and held.mrr.currency != step.mrr.currency


def _key(step: Sell | Downgrade, program: Program) -> LineKey:
    return LineKey(program.catalogue.line_of(step.product_line).hub, step.account or "")


def _of_unknown_expiry(step: Sell, line: str, books: PartnerBooks, program: Program) -> Iterator[Range]:
    """The line's sold points whose day of expiry isn't known with the sale, and is without it or wasn't there."""
    book, key = books.clients[step.client_id], _key(step, program)
    after = merged(book, rows_of(step, books, program), program.catalogue)
    most = _doubtful(after, key, step.sold_on, books, program) - _doubtful(book, key, step.sold_on, books, program)
    if most > 0:
        yield Range(step.client_id, line, Missing.EXPIRY, most)


def _doubtful(book: ClientBook, key: LineKey, on: date, books: PartnerBooks, program: Program) -> int:
    own = (each for each in credits_of(book, program) if each.partner_id == books.partner.partner_id)
    sold = (each for each in own if each.source is not Source.MANAGED and is_active(each, as_of=on) and each.doubt)
    return sum(each.micropoints or 0 for each in sold if (each.product_line, each.account or "") == key)


def _managed(step: Sell, line: str | None, missing: Missing, books: PartnerBooks, program: Program) -> Iterator[Range]:
    """What the sale would bring in managed points if the client's levels rose by it."""
    book = books.clients[step.client_id]
    managers, rules = in_force(book.agreements, step.sold_on), program.on(step.sold_on)
    if not any(each.partner_id == books.partner.partner_id for each in managers):
        return
    rate = rules.rate(Source.MANAGED, growth_market=rules.is_growth_market(book.client.country))
    table = rules.per_100_usd(step.mrr.currency)
    if not isinstance(table, Unknown):
        yield Range(step.client_id, line, missing, rated(step.mrr.minor, rate, table, len(managers)))


def _lost(book: ClientBook, books: PartnerBooks, program: Program, on: date) -> Iterator[Range]:
    """Sales of a line without levels stand as sold, whatever it pays afterwards."""
    levels = levels_by_line(book.levels, program.catalogue)
    sales = sales_by_line(book.sales, program.catalogue)
    for key in sales.keys() - levels.keys():
        own = (each for each in credits_of(book, program) if each.partner_id == books.partner.partner_id)
        active = (each for each in own if is_active(each, as_of=on) and (each.product_line, each.account or "") == key)
        most = sum(each.micropoints or 0 for each in active)
        if most:
            yield Range(book.client.client_id, key.hub, Missing.LOST, most)
