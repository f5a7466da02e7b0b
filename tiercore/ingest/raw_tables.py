"""Any CSV file as a table of text, whatever its columns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tiercore.ingest.csv_rows import CsvTable
from tiercore.ingest.problems import BadCell
from tiercore.ingest.tables import BrokenRow, Cells


@dataclass(frozen=True, slots=True)
class RawTable:
    """A CSV file."""

    name: str
    sheet: str
    header: tuple[str, ...]
    path: Path

    def rows(self, on_broken: Callable[[BrokenRow], None], /) -> Iterator[tuple[int, Cells]]:
        """The rows below the header."""
        with CsvTable(self.path, "", frozenset()).open() as rows:
            found = rows.read(on_broken)
            next(found, None)
            yield from found


def raw_tables(path: Path) -> list[RawTable]:
    """The table of a CSV file. Raises BadCell or OSError."""
    table = CsvTable(path, "", frozenset())
    table.count()
    with table.open() as rows:
        _, header = next(rows.read(lambda row: None), (1, []))
    if not header:
        raise BadCell("no header", "the file has no header row", "begin with a header")
    return [RawTable(path.name, "", tuple(header), path)]
