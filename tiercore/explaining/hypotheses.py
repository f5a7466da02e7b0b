"""A hypothesis: what the dashboard has otherwise, and what that does to a client's entries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from tiercore.explaining.claims import Kind, Row
from tiercore.facts.entries import Agreement, Client, Sale, SubscriptionLevel
from tiercore.facts.money import Money
from tiercore.rating.credits import ClientBook

T = TypeVar("T", Sale, SubscriptionLevel, Agreement)
Fact = Sale | SubscriptionLevel | Agreement


@dataclass(frozen=True, slots=True)
class Edit:
    """A client's entries as the dashboard would have them: `without` some of ours, `plus` others, another `country`."""

    without: tuple[Fact, ...] = ()
    plus: tuple[Fact, ...] = ()
    country: str | None = None

    def of(self, book: ClientBook) -> ClientBook:
        """The book with the edit."""
        client = book.client if self.country is None else Client(book.client.client_id, book.client.name, self.country)
        return ClientBook(
            client,
            self._edited(book.sales, Sale),
            self.of_levels(book.levels),
            self._edited(book.agreements, Agreement),
        )

    def of_levels(self, levels: Iterable[SubscriptionLevel]) -> list[SubscriptionLevel]:
        """The levels with the edit."""
        return self._edited(levels, SubscriptionLevel)

    def _edited(self, entries: Iterable[T], kind: type[T]) -> list[T]:
        gone = {id(each) for each in self.without}
        return [each for each in entries if id(each) not in gone] + [e for e in self.plus if isinstance(e, kind)]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One kind of cause at one row. `edit` is None where it isn't an entry that differs."""

    kind: Kind
    row: Row
    edit: Edit | None = field(default=None)


def sale_row(sale: Sale, client: Client, there: str | None = None) -> Row:
    """A sale as a row."""
    where = (client.client_id, client.name, sale.product_line)
    return Row("sale", sale.sale_id, *where, sale.sold_on, sale.mrr, there)


def level_row(level: SubscriptionLevel, client: Client, there: str | None = None) -> Row:
    """A subscription level as a row."""
    where = (client.client_id, client.name, level.product_line)
    return Row("subscription", None, *where, level.effective_on, level.mrr, there)


def amount(money: Money) -> str:
    """An amount as text: "1200.00 USD"."""
    return f"{money.as_decimal()} {money.currency}"
