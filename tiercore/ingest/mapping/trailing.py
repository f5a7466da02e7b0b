"""Rows of totals below the rows of an export, which are no entries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tiercore.ingest.file_notes import totals_row
from tiercore.ingest.files import FORMATS
from tiercore.ingest.mapping.layout import Layout
from tiercore.ingest.mapping.mapping import ExportMapping, Input, names_in
from tiercore.ingest.problems import BadCell, Problem
from tiercore.ingest.tables import Cells
from tiercore.ingest.totals import could_be_totals, is_totals

_MOST = 10


@dataclass(slots=True)
class Totals:
    """Rows that have the word for a total and nothing but numbers; they are totals if no other row follows.

    `key` are the places of the cells that entries are told apart by.
    """

    table: str
    key: Sequence[int]
    found: list[tuple[int, Cells]] = field(default_factory=list)

    def without(self, rows: Iterable[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
        """The rows but for the last ones that have totals, which are then `found`."""
        first = self.key[0] if self.key else None
        for line, row in rows:
            may_be = first is None or first >= len(row) or could_be_totals(row[first])
            if may_be and len(self.found) < _MOST and is_totals(row, self.key):
                self.found.append((line, row))
                continue
            if self.found:
                yield from self.found
                self.found.clear()
            yield line, row

    def warnings(self) -> Iterator[Problem]:
        """A warning for each row of totals."""
        for line, row in self.found:
            yield totals_row(self.table, line, ", ".join(filter(None, map(str.strip, row))))


def key_places(mapping: ExportMapping, each: Input, layout: Layout) -> list[int]:
    """The places of the columns that an input's rows, and what is made of them, are told apart by."""
    names = [each.id] if each.id else []
    for rule in mapping.rules:
        if rule.input == each.name:
            keys = [rule.cells[key] for key in FORMATS[rule.file].key if key in rule.cells]
            names += [of for recipe in keys for of in names_in(recipe)]
    found = list[int]()
    for of in names:
        try:
            at = layout.find(of)
        except BadCell:
            continue
        if at is not None and at not in found:
            found.append(at)
    return found
