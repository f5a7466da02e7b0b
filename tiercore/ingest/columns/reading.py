"""Setting the plain rows of a large CSV file aside as columns; the others are left to the reader of rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import polars as pl

from tiercore.facts.entries import SubscriptionLevel
from tiercore.ingest.columns.columns import Columns
from tiercore.ingest.columns.csv_chunks import LINE, ChunkedCsv, NotPlain, cell_names
from tiercore.ingest.columns.groups import Groups
from tiercore.ingest.columns.plain_values import PlainValues
from tiercore.ingest.fields import BAD, Field
from tiercore.ingest.files import FileFormat
from tiercore.ingest.tables import Cells
from tiercore.storage import rows
from tiercore.storage.columns import frame_of

_MOST_OTHERS = 20_000  # rows that aren't plain; a file with more, and more than a tenth, is read row by row


@dataclass(frozen=True, slots=True)
class LargeFile:
    """A CSV file to read as columns. `fields` parse a row that isn't plain, to see which others it is like."""

    csv: ChunkedCsv
    file_format: FileFormat
    positions: Mapping[str, int]
    values: PlainValues
    fields: Sequence[Field]
    groups: Groups

    def set_aside(self, on_progress: Callable[[int], None]) -> tuple[Columns, Iterator[tuple[int, Cells]]]:
        """The plain rows, and all others with their lines, in the order of the file.

        Raises NotPlain for a file that has to be read row by row.
        """
        columns = Columns(self.file_format)
        try:
            others = self._sorted(columns, on_progress)
        except NotPlain:
            columns.close()
            raise
        return columns, iter(others)

    def _sorted(self, columns: Columns, on_progress: Callable[[int], None]) -> list[tuple[int, Cells]]:
        others, done, names = list[tuple[int, Cells]](), 0, cell_names(self.csv.width)
        for chunk in self.csv.chunks():
            plain, other = self.values.rows(chunk.frame)
            self.groups.add(plain)
            columns.add(plain)
            others += chunk.others
            others += [(row[-1], self.csv.cells_of(row[:-1])) for row in other.select(*names, LINE).iter_rows()]
            done += chunk.lines
            if len(others) > max(_MOST_OTHERS, done // 10):
                raise NotPlain
            on_progress(done)
        self._look_at(others)
        others += columns.take_cells(self.groups.lines(), self.positions, self.csv.width)
        others.sort(key=lambda each: each[0])
        return others

    def _look_at(self, others: Sequence[tuple[int, Cells]]) -> None:
        """Remember the keys of the rows that aren't plain, as far as they can be read."""
        found = [(line, row) for line, cells in others if (row := self._row(cells))]
        if found:
            frame = frame_of(self.file_format.entry, [row for _, row in found])
            self.groups.add(frame.with_columns(pl.Series(LINE, [line for line, _ in found], pl.UInt32)))

    def _row(self, cells: Cells) -> rows.Row | None:
        """The row as it would be stored; with nothing in cells that are bad, None if its key is."""
        values = {each.name: each.value_of(cells) for each in self.fields}
        if any(values[name] is BAD for name in self.file_format.key):
            return None
        return _stored(self.file_format, values)


def _stored(file_format: FileFormat, values: Mapping[str, Any]) -> rows.Row:
    amount = values.get("mrr", BAD)
    row = {name: _text(value) for name, value in values.items() if name != "mrr"}
    if "mrr" in values:
        row |= (
            {"mrr_minor": 0, "currency": ""}
            if amount is BAD
            else {"mrr_minor": amount.minor, "currency": amount.currency}
        )
    if file_format.entry is SubscriptionLevel:
        row["account"] = row["account"] or ""
    return row


def _text(value: Any) -> Any:
    return None if value is BAD else value.value if isinstance(value, Enum) else value
