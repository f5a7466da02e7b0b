"""Rating: the pure function from a client's entries to credits (architecture#the-one-idea)."""

from tiercore.program import Program
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.lines import levels_by_line, sales_by_line
from tiercore.rating.managed import managed_credits
from tiercore.rating.sold import sold_credits


def credits_of(book: ClientBook, program: Program) -> list[Credit]:
    """Every credit that the client's entries earn for any partner, in an order independent of the entries' order."""
    sales = sales_by_line(book.sales, program.catalogue)
    levels = levels_by_line(book.levels, program.catalogue)
    credits: list[Credit] = []
    for line in sorted(sales.keys() | levels.keys()):
        credits += sold_credits(book.client, sales.get(line, ()), levels.get(line, ()), program)
        credits += managed_credits(book.client, levels.get(line, ()), book.agreements, program)
    return credits
