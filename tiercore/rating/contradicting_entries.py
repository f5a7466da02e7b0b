"""What contradicts itself in one client's entries (data#contradictions), at import and in the client's view."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tiercore.facts.entries import Sale
from tiercore.facts.points import Source
from tiercore.rating.contradicting_sales import LineEntries
from tiercore.rating.contradictions import Contradiction, NothingManaged
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.lines import HeldLevel, LineKey
from tiercore.rating.rating import BookLines


def contradictions_of(book: ClientBook, lines: BookLines, credits: Sequence[Credit]) -> Iterator[Contradiction]:
    """What contradicts itself in the client's entries; `lines` are theirs, `credits` what they earn, in any order."""
    doubted = {line for line, sales in lines.sales.items() if not _as_sold(sales, lines.levels.get(line))}
    if doubted:
        yield from _contradictions_of_lines(doubted, lines, credits)
    if not book.levels:
        yield from map(NothingManaged, book.agreements)


def _as_sold(sales: Sequence[Sale], levels: Sequence[HeldLevel] | None) -> bool:
    """Whether the line has one sale, and no level or the first one goes with the sale, as with most lines."""
    if len(sales) > 1:
        return False
    if not levels:
        return True
    begins = levels[0].effective_on >= sales[0].sold_on and levels[0].mrr == sales[0].mrr
    return begins and len({level.mrr.currency for level in levels}) == 1


def _contradictions_of_lines(
    doubted: set[LineKey], lines: BookLines, credits: Sequence[Credit]
) -> Iterator[Contradiction]:
    sold: dict[LineKey, list[Credit]] = defaultdict(list)
    for credit in credits:
        if credit.source is not Source.MANAGED:
            sold[LineKey(credit.product_line, credit.account or "")].append(credit)
    for line in sorted(doubted):
        sales = sorted(lines.sales[line], key=lambda sale: (sale.sold_on, sale.sale_id))
        yield from LineEntries(line, sales, lines.levels.get(line, ()), sold[line]).contradictions()
