"""Rating: the pure function from a client's entries to credits (architecture#the-one-idea)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tiercore.facts.entries import Sale
from tiercore.program import Catalogue, Program
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.lines import HeldLevel, LineKey, levels_by_line, sales_by_line
from tiercore.rating.managed import Managers, managed_credits
from tiercore.rating.sold import sold_credits


class BookLines(NamedTuple):
    """A client's sales by line, in any order, and what each line pays, ascending by day."""

    sales: Mapping[LineKey, Sequence[Sale]]
    levels: Mapping[LineKey, Sequence[HeldLevel]]


def lines_of(book: ClientBook, catalogue: Catalogue) -> BookLines:
    """The client's entries by product line."""
    return BookLines(sales_by_line(book.sales, catalogue), levels_by_line(book.levels, catalogue))


def credits_of(book: ClientBook, program: Program, lines: BookLines | None = None) -> list[Credit]:
    """Every credit that the client's entries earn for any partner, in an order independent of the entries' order.

    `lines` are the book's, where they are known already.
    """
    sales, levels = lines or lines_of(book, program.catalogue)
    managers = Managers(book.agreements)
    credits: list[Credit] = []
    for line in sorted(sales.keys() | levels.keys()):
        credits += sold_credits(book.client, sales.get(line, ()), levels.get(line, ()), program)
        credits += managed_credits(book.client, levels.get(line, ()), managers, program)
    return credits
