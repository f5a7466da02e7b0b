"""Warnings about entries that contradict each other, what is stored included (data#contradictions)."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tiercore.facts.entries import Agreement, Client, Sale
from tiercore.ingest import contradiction_texts as texts
from tiercore.ingest.incoming import Incoming
from tiercore.ingest.problems import IN_FULL, Problem
from tiercore.ingest.reused_ids import almost_stored, reused_ids
from tiercore.program import Catalogue
from tiercore.rating.contradictions import Contradiction, NothingManaged, OfALine, Oversold, SameDeal
from tiercore.storage.reconcile import Difference


@dataclass(slots=True)
class Contradicting:
    """What contradicts itself in the clients that an import changes: the first IN_FULL of each kind, else a count."""

    incoming: Incoming
    catalogue: Catalogue
    more: Counter[str] = field(default_factory=Counter)
    _found: list[tuple[Client, Contradiction]] = field(default_factory=list)
    _kept: Counter[str] = field(default_factory=Counter)
    _of_ids: list[Problem] = field(default_factory=list)

    def compare(self, found: Mapping[type[Any], Difference]) -> None:
        """Look for ids that stand for something else than before, or are written almost like another one."""
        for each in (reused_ids(found, self.incoming, self.catalogue), almost_stored(found, self.incoming)):
            self._of_ids += each.problems
            self.more += each.more

    def problems(self) -> list[Problem]:
        """The warnings, each with the line of the entry that it is about, if that is in the files."""
        sales = self._lines_of(Sale, "sale_id", {sale.sale_id for each in self._of_lines() for sale in sales_of(each)})
        ids = {each.agreement.agreement_id for _, each in self._found if isinstance(each, NothingManaged)}
        agreements = self._lines_of(Agreement, "agreement_id", ids)
        called = self.incoming.name_of
        told = [
            texts.nothing_managed(client, each, agreements, called)
            if isinstance(each, NothingManaged)
            else texts.of_a_line(client, each, _last_in(sales_of(each), sales), sales, called)
            for client, each in self._found
        ]
        return [*self._of_ids, *told]

    def add(self, client: Client, found: Contradiction) -> None:
        """Take in what contradicts itself in the client's entries."""
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


def _last_in(sales: Sequence[Sale], lines: Mapping[str, int]) -> Sale:
    """The latest of the sales that is in the file; the latest one if none is."""
    return next((sale for sale in reversed(sales) if sale.sale_id in lines), sales[-1])
