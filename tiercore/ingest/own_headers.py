"""Which of our files a table is by its header, where its name doesn't say so (data#which-files)."""

from collections.abc import Collection
from pathlib import Path

from tiercore.ingest.csv_rows import CsvTable
from tiercore.ingest.files import FILES, FORMATS
from tiercore.ingest.problems import BadCell
from tiercore.ingest.xlsx.tables import SheetTable
from tiercore.ingest.xlsx.workbook import Sheet


def file_of(header: Collection[str]) -> str | None:
    """The one of FILES that has every column of the header and requires no other; None for none, or several."""
    columns = {each.strip().lower() for each in header if each.strip()}
    found = [file for file in FILES if _required(file) <= columns <= _known(file)]
    return found[0] if len(found) == 1 else None


def csv_file_of(path: Path) -> str | None:
    """The same for a CSV file; None for one that can't be read, too."""
    return _of(CsvTable(path, path.name, frozenset(), frozenset()))


def sheet_file_of(path: Path, sheet: Sheet) -> str | None:
    """The same for a sheet."""
    return _of(SheetTable(path, sheet, path.name, path.name, frozenset()))


def _of(table: CsvTable | SheetTable) -> str | None:
    try:
        with table.open() as rows:
            _, header = next(rows.read(lambda _: None), (0, []))
    except (BadCell, OSError):
        return None
    return file_of(header)


def _known(file: str) -> set[str]:
    return {column.name for column in FORMATS[file].columns}


def _required(file: str) -> set[str]:
    return {column.name for column in FORMATS[file].columns if not column.optional}
