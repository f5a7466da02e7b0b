"""Warnings about entries that contradict each other, what is stored included (data#contradictions)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tiercore.facts.entries import Agreement, Client, Sale
from tiercore.ingest import contradiction_texts as texts
from tiercore.ingest.folder import Incoming
from tiercore.ingest.mangled_ids import ALMOST, IF_ONE, almost
from tiercore.ingest.problems import IN_FULL, Problem
from tiercore.ingest.reused_ids import reused_ids
from tiercore.ingest.spreadsheet import plain_form
from tiercore.program import Catalogue
from tiercore.rating.contradicting_entries import contradictions_of
from tiercore.rating.contradictions import Contradiction, NothingManaged, OfALine, Oversold, SameDeal
from tiercore.rating.credits import ClientBook, Credit
from tiercore.rating.rating import BookLines
from tiercore.storage.derive import OnRated
from tiercore.storage.reconcile import Difference

_MOST_ALMOST = 1_000


@dataclass(slots=True)
class Contradicting:
    """What contradicts itself in the clients that an import changes: the first IN_FULL of each kind, else a count."""

    incoming: Incoming
    catalogue: Catalogue
    more: Counter[str] = field(default_factory=Counter)
    _found: list[tuple[Client, Contradiction]] = field(default_factory=list)
    _kept: Counter[str] = field(default_factory=Counter)
    _reused: list[Problem] = field(default_factory=list)
    _almost: list[tuple[str, str]] = field(default_factory=list)

    def compare(self, found: Mapping[type[Any], Difference]) -> None:
        """Look for ids that stand for something else than before."""
        reused = reused_ids(found, self.incoming, self.catalogue)
        self._reused += reused.problems
        self.more += reused.more

    def of_clients(self, clients: Collection[str]) -> OnRated:
        """What to call with each client rated: it looks at those among `clients`."""

        def on_rated(book: ClientBook, lines: BookLines, credits: Sequence[Credit]) -> None:
            if book.client.client_id in clients:
                for each in contradictions_of(book, lines, credits):
                    self._add(book.client, each)
                if len(book.sales) > 1 and len(self._almost) < _MOST_ALMOST:
                    self._almost.extend(_almost_alike(book.sales))

        return on_rated

    def problems(self) -> list[Problem]:
        """The warnings, each with the line of the entry that it is about, if that is in the files."""
        sales = self._lines_of(Sale, "sale_id", {sale.sale_id for each in self._of_lines() for sale in sales_of(each)})
        ids = {each.agreement.agreement_id for _, each in self._found if isinstance(each, NothingManaged)}
        agreements = self._lines_of(Agreement, "agreement_id", ids)
        told = [
            texts.nothing_managed(client, each, agreements)
            if isinstance(each, NothingManaged)
            else texts.of_a_line(client, each, _last_in(sales_of(each), sales), sales)
            for client, each in self._found
        ]
        return [*self._reused, *self._almost_stored(), *told]

    def _almost_stored(self) -> Iterator[Problem]:
        """Ids of sales in the file that are written almost like a stored one of the same client."""
        lines = self._lines_of(Sale, "sale_id", {each for pair in self._almost for each in pair})
        mixed = [sorted(pair, key=lines.__contains__) for pair in self._almost if len(lines.keys() & set(pair)) == 1]
        self.more[ALMOST] += max(0, len(mixed) - IN_FULL)
        for stored, value in mixed[:IN_FULL]:
            place = ("sales.csv", lines[value], "sale_id", value, ALMOST)
            yield Problem(*place, almost(f"{stored} (imported before)"), IF_ONE)

    def _add(self, client: Client, found: Contradiction) -> None:
        kind = texts.KINDS[type(found)]
        if self._kept[kind] < IN_FULL:
            self._kept[kind] += 1
            self._found.append((client, found))
        else:
            self.more[kind] += 1

    def _of_lines(self) -> Iterator[OfALine]:
        return (each for _, each in self._found if not isinstance(each, NothingManaged))

    def _lines_of(self, kind: type[Any], column: str, ids: Collection[str]) -> dict[str, int]:
        return self.incoming.lines_of(kind, column, ids)


def sales_of(found: OfALine) -> Sequence[Sale]:
    """The sales that a contradiction is about."""
    return found.sales if isinstance(found, Oversold | SameDeal) else (found.sale,)


def _almost_alike(sales: Sequence[Sale]) -> Iterator[tuple[str, str]]:
    """Pairs of ids that are written almost alike, of one client's sales."""
    first: dict[str, str] = {}
    for sale in sales:
        other = first.setdefault(plain_form(sale.sale_id, upper=True), sale.sale_id)
        if other != sale.sale_id:
            yield other, sale.sale_id


def _last_in(sales: Sequence[Sale], lines: Mapping[str, int]) -> Sale:
    """The latest of the sales that is in the file; the latest one if none is."""
    return next((sale for sale in reversed(sales) if sale.sale_id in lines), sales[-1])
