"""What open deals would earn: the points of the sales that they would be, rated as any other (pipeline#points).

Everything is computed with the very entries that an import would bring: the sale, and the level that rises with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from tiercore.facts.entries import Client, Entry, Partner, Sale
from tiercore.facts.points import Source
from tiercore.facts.unknown import Unknown
from tiercore.program import Program
from tiercore.questions.pipeline import (
    CLASSES,
    Likelihood,
    OpenDeal,
    RatedDeal,
    difference_of,
    in_order,
    likelihood_of,
    sources_on,
)
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.lines import LineKey, key_of
from tiercore.rating.rating import credits_of
from tiercore.rating.timeline import Balance
from tiercore.scenarios.books import PartnerBooks
from tiercore.scenarios.entries import merged, rows_of
from tiercore.scenarios.steps import NEW_CLIENT, Sell

ByLine = dict[tuple[str, LineKey], Sequence[Credit]]  # by client and line
_NO_COUNTRY = Unknown("the new client's country isn't known: taken as the partner's own")


@dataclass(frozen=True, slots=True)
class Rated:
    """Deals with their points, in the order in which they count, and what each class adds to the balance."""

    deals: tuple[RatedDeal, ...]
    added: Mapping[Likelihood, tuple[Balance, ...]]


NOTHING_ADDED = Rated((), dict.fromkeys(CLASSES, ()))


def rated(program: Program, partner: Partner, deals: Iterable[OpenDeal], books: Mapping[str, ClientBook]) -> Rated:
    """The deals to come as sales, the most probable first. `books` are those of their clients, by ID."""
    rating, found = _Rating(program, partner, dict(books)), list[RatedDeal]()
    added: dict[Likelihood, tuple[Balance, ...]] = {}
    so_far: tuple[Balance, ...] = ()
    for likelihood, members in _by_class(program, deals):
        found += [rating.add(each, likelihood) for each in members]
        if members:
            so_far = rating.added()
        added[likelihood] = so_far
    return Rated(tuple(found), added)


def entries_of(
    program: Program, partner: Partner, deals: Iterable[OpenDeal], books: Mapping[str, ClientBook]
) -> dict[Likelihood, tuple[Entry, ...]]:
    """The entries that an import would bring if the deals of each class were closed, each in place of an earlier one
    with its key. `books` are those of their clients, by ID.
    """
    rating, entries = _Rating(program, partner, dict(books)), dict[Likelihood, tuple[Entry, ...]]()
    for likelihood, members in _by_class(program, deals):
        for each in members:
            rating.add(each, likelihood)
        entries[likelihood] = tuple(rating.entries)
    return entries


def _by_class(program: Program, deals: Iterable[OpenDeal]) -> Iterator[tuple[Likelihood, list[OpenDeal]]]:
    """Each class with its deals, in the order in which they count."""
    ordered = [(likelihood_of(each.deal.probability, program.on(each.expected_on)), each) for each in in_order(deals)]
    for likelihood in CLASSES:
        yield likelihood, [each for of, each in ordered if of is likelihood]


class _Rating:
    """Clients' books as they grow deal by deal, and the partner's credits from the deals' lines before and now.

    A deal changes the credits of its own line alone: no other line is rated.
    """

    def __init__(self, program: Program, partner: Partner, books: dict[str, ClientBook]) -> None:
        self._program, self._partner, self._books = program, partner, books
        self._before: ByLine = {}
        self._now: ByLine = {}
        self._new: dict[str, str] = {}
        self.entries: list[Entry] = []

    def add(self, each: OpenDeal, likelihood: Likelihood) -> RatedDeal:
        """The deal with what it adds to those before it."""
        rows = self._rows(each)
        sale = next(row for row in rows if isinstance(row, Sale))
        book = self._books.get(sale.client_id) or ClientBook(next(row for row in rows if isinstance(row, Client)))
        line = key_of(sale, self._program.catalogue)
        key = sale.client_id, line
        was = self._now.get(key)
        if was is None:
            was = self._before[key] = self._own(self._of_line(book, line))
        self._books[sale.client_id] = book = merged(book, rows, self._program.catalogue)
        now = self._now[key] = self._own(self._of_line(book, line))
        self.entries += rows
        then, earned = sources_on(was, each.expected_on), sources_on(now, each.expected_on)
        points = {source: earned.get(source, 0) - then.get(source, 0) for source in Source}
        found = {source: micropoints for source, micropoints in points.items() if micropoints}
        return RatedDeal(each, likelihood, found, _unknown(each, sale, now))

    def added(self) -> tuple[Balance, ...]:
        """What all deals so far add to the partner's balance."""
        now, before = (chain.from_iterable(each.values()) for each in (self._now, self._before))
        return tuple(difference_of(now, before))

    def _rows(self, each: OpenDeal) -> list[Entry]:
        """The entries that an import would bring if the deal were closed on its day."""
        deal, named = each.deal, each.client.casefold()
        client_id = deal.client_id or self._new.get(named, NEW_CLIENT)
        step = Sell(client_id, deal.product_line, deal.motion, deal.mrr, each.expected_on)
        rows = rows_of(step, self._as_books(each.expected_on), self._program)
        if client_id == NEW_CLIENT:
            client = next(row for row in rows if isinstance(row, Client))
            self._new[named] = client.client_id
            known = replace(client, name=each.client, country=deal.country or client.country)
            rows = [known if row is client else row for row in rows]
        return rows

    def _as_books(self, day: date) -> PartnerBooks:
        """The books as far as a sale needs them."""
        added = tuple(self.entries)
        return PartnerBooks(self._partner, (), (), {}, day, (), (), clients=self._books, added=added)

    def _of_line(self, book: ClientBook, line: LineKey) -> ClientBook:
        """The book with the sales and levels of one line."""
        catalogue = self._program.catalogue
        sales = [each for each in book.sales if key_of(each, catalogue) == line]
        levels = [each for each in book.levels if key_of(each, catalogue) == line]
        return ClientBook(book.client, sales, levels, book.agreements)

    def _own(self, book: ClientBook) -> list[Credit]:
        found = credits_of(book, self._program)
        return [each for each in found if each.partner_id == self._partner.partner_id]


def _unknown(each: OpenDeal, sale: Sale, credits: Iterable[Credit]) -> Unknown | None:
    doubts = (credit.doubt for credit in credits if credit.entry_id == sale.sale_id and credit.micropoints is None)
    if doubt := next((doubt for doubt in doubts if doubt), None):
        return Unknown(doubt)
    return _NO_COUNTRY if each.is_new and not each.deal.country else None
