"""Any CSV file or spreadsheet as tables of text, whatever its columns: for mappings and for looking into a file."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tiercore.ingest.csv_rows import CsvTable
from tiercore.ingest.discovery import SPREADSHEETS, TEXTS
from tiercore.ingest.problems import BadCell
from tiercore.ingest.tables import BrokenRow, Cells
from tiercore.ingest.xlsx.tables import SheetTable, sheets_of


@dataclass(frozen=True, slots=True)
class RawTable:
    """A CSV file or a sheet. `name` is what messages call it: "deals.csv", "book.xlsx (Deals)".

    A CSV file has no `sheet`. `count` is about how many rows it has. `notes` say what was done to read it: another
    encoding, a header further down. With `since_1904`, numbers of days count from 1904.
    """

    name: str
    sheet: str
    header: tuple[str, ...]
    header_line: int
    table: CsvTable | SheetTable
    count: int = 0
    notes: tuple[str, ...] = ()
    since_1904: bool = False

    def rows(self, on_broken: Callable[[BrokenRow], None] = lambda row: None) -> Iterator[tuple[int, Cells]]:
        """The rows below the header, each with its line, as long as the header or longer; empty ones are skipped.

        Opens the file anew and streams it. Days of spreadsheets are 2024-03-01, with a time 2024-03-01 14:30:00;
        numbers have a decimal point and nothing else. Broken rows go to `on_broken`. Raises BadCell or OSError.
        """
        width = len(self.header)
        with self.table.open() as rows:
            table = rows.read(on_broken)
            next(table, None)
            for line, row in table:
                if any(map(str.strip, row)):
                    yield line, row if len(row) >= width else row + [""] * (width - len(row))


def raw_tables(path: Path, *, columns: Collection[str] = ()) -> list[RawTable]:
    """The tables of a .csv, .tsv, .txt or .xlsx file: one, or one for each sheet that has rows.

    The header is the first row with all of `columns`, by default the first with two cells or more. Raises BadCell for a
    file that can't be read at all, or OSError.
    """
    key = frozenset(column.strip().lower() for column in columns)
    ending = path.suffix.lower()
    if ending in TEXTS:
        return list(_opened(CsvTable(path, path.name, key, key), ""))
    if ending not in SPREADSHEETS:
        raise BadCell("not a table", "is neither CSV nor .xlsx", "save it as one of the two")
    sheets = sheets_of(path)
    names = [path.name] if len(sheets) == 1 else [f"{path.name} ({sheet.name})" for sheet in sheets]
    found = zip(sheets, names, strict=True)
    return [each for sheet, name in found for each in _opened(SheetTable(path, sheet, name, name, key), sheet.name)]


def _opened(table: CsvTable | SheetTable, sheet: str) -> Iterator[RawTable]:
    """The table with its header; nothing if it has no rows."""
    count = table.count()
    with table.open() as rows:
        line, header = next(rows.read(lambda row: None), (0, []))
        while header and not header[-1].strip():
            header.pop()
        if header:
            notes = tuple(str(each) for each in rows.notes)
            yield RawTable(table.name, sheet, tuple(header), line, table, count, notes, rows.since_1904)
