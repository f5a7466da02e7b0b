"""Which files are read as columns (data#large-files). The library for it is imported with the first of them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from tiercore.facts.entries import Agreement, Certification, Client, Sale, SubscriptionLevel, TierCredited, ToolUsage
from tiercore.ingest.cells import Parse
from tiercore.ingest.checks import Reference
from tiercore.ingest.csv_rows import CsvRows, CsvTable
from tiercore.ingest.encodings import UTF_8
from tiercore.ingest.fields import fields_of
from tiercore.ingest.files import FORMATS, Kind
from tiercore.ingest.noticed import Noticed
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.tables import Cells, Rows, Table
from tiercore.program import Catalogue
from tiercore.storage.reconcile import Difference, Row

if TYPE_CHECKING:
    from tiercore.ingest.columns.columns import Columns
    from tiercore.ingest.incoming import Incoming

LINES = 5_000  # from which on a file is read as columns: below, the library takes longer to import
KINDS = (Client, Sale, SubscriptionLevel, Agreement, ToolUsage, Certification, TierCredited)
OtherRows = Iterator[tuple[int, Cells]]


@dataclass(frozen=True, slots=True)
class LargeFiles:
    """What reading as columns needs to know: the IDs `stored` by kind, and from how many `lines` on a file is large."""

    catalogue: Catalogue
    stored: Mapping[type[Any], Collection[str]]
    lines: int

    def set_aside(
        self,
        table: Table,
        rows: Rows,
        header: tuple[int, Cells],
        positions: Mapping[str, int],
        parsers: Mapping[Kind, Parse],
        references: Sequence[Reference],
        *,
        decimal: DecimalMark | None,
        today: date,
        on_progress: Callable[[int], None],
    ) -> "tuple[Columns, OtherRows] | None":
        """The plain rows of a large file as columns, and its other rows; None for a file that is read row by row."""
        file_format = FORMATS[table.file]
        if not self._is_large(table, rows) or file_format.entry not in KINDS or not header[1][-1].strip():
            return None
        if any(column.name not in positions for column in file_format.columns if not column.optional):
            return None
        from tiercore.ingest.columns.csv_chunks import ChunkedCsv, NotPlain
        from tiercore.ingest.columns.groups import Groups
        from tiercore.ingest.columns.plain_values import PlainValues
        from tiercore.ingest.columns.reading import LargeFile

        assert isinstance(table, CsvTable)
        assert isinstance(rows, CsvRows)
        line, cells = header
        file = LargeFile(
            ChunkedCsv(table.path, rows.delimiter, line, len(cells)),
            file_format,
            positions,
            PlainValues(file_format, positions, parsers, references, decimal=decimal, today=today),
            fields_of(file_format, positions, parsers, Noticed(), decimal),
            Groups(file_format.entry, file_format.key, self.catalogue, self.stored.get(file_format.entry, ())),
        )
        try:
            return file.set_aside(on_progress)
        except NotPlain:
            return None

    def _is_large(self, table: Table, rows: Rows) -> bool:
        if not (isinstance(table, CsvTable) and isinstance(rows, CsvRows)):
            return False
        return table.survey.encoding == UTF_8 and table.survey.lines >= self.lines


def of_columns(
    connection: Connection,
    incoming: "Incoming",
    kind: type[Any],
    *,
    mirror: bool,
    stays: Callable[[Row], bool],
) -> Difference:
    """How the rows of a large file differ from the stored ones; those that were read as rows are among them."""
    from tiercore.ingest.columns.groups import ALIKE, almost_alike
    from tiercore.storage.column_differences import column_difference

    columns = incoming.columns[kind]
    columns.put_in(incoming.entries[kind], incoming.lines[kind])
    alike = almost_alike if kind in ALIKE and kind is not Client else None
    return column_difference(connection, kind, columns, columns.count, mirror=mirror, stays=stays, alike=alike)
