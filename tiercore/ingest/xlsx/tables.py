"""Sheets of .xlsx files as tables."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from tiercore.ingest.csv_rows import SEARCHED, is_header
from tiercore.ingest.file_notes import header_below, hidden_rows, hidden_sheet
from tiercore.ingest.problems import Problem
from tiercore.ingest.tables import BrokenRow, Cells
from tiercore.ingest.xlsx.archive import opened
from tiercore.ingest.xlsx.sheet import HiddenRows, rows_of
from tiercore.ingest.xlsx.workbook import Sheet, read_shown, read_texts, read_workbook


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A sheet with the rows of `file`, one of FILES; `key` are the names that its header has to have."""

    path: Path
    sheet: Sheet
    file: str
    name: str
    key: frozenset[str] = frozenset()

    def count(self) -> int:
        """About how many rows there are, from the size of the part. Raises BadCell or OSError."""
        with opened(self.path) as archive:
            return archive.rows_at_most(self.sheet.part)

    @contextmanager
    def open(self) -> Iterator["SheetRows"]:
        """The rows. Raises BadCell or OSError."""
        with opened(self.path) as archive:
            book = read_workbook(archive)
            texts, shown = read_texts(archive, book), read_shown(archive, book)
            hidden = HiddenRows()
            rows = rows_of(archive.read(self.sheet.part), texts, shown, hidden, since_1904=book.since_1904)
            found = SheetRows(rows, self.name, self.key, since_1904=book.since_1904)
            if self.sheet.hidden:
                found.notes.append(hidden_sheet(self.name))
            yield found
            if hidden.count:
                found.notes.append(hidden_rows(self.name, hidden.first, hidden.count))


class SheetRows:
    """The rows of an open sheet, the header first. `notes` says what was done to read it."""

    not_utf8 = False

    def __init__(self, rows: Iterator[tuple[int, Cells]], name: str, key: Collection[str], *, since_1904: bool) -> None:
        self.since_1904 = since_1904
        self.notes: list[Problem] = []
        first = list(islice(rows, SEARCHED))
        at = next((at for at, (_, row) in enumerate(first) if is_header(row, key)), 0)
        if at:
            above = next(filter(None, first[0][1]), "")
            self.notes.append(header_below(name, first[at][0], above))
        self._rows = chain(first[at:], rows)

    def read(self, on_broken: Callable[[BrokenRow], None]) -> Iterator[tuple[int, Cells]]:
        """Each row with its number, as long as the header. Empty rows are skipped."""
        line, header = next(self._rows, (1, []))
        width = len(header)
        if header:
            yield line, header
        for line, row in self._rows:
            if (lacking := width - len(row)) > 0:
                row += [""] * lacking
            yield line, row


def sheets_of(path: Path) -> list[Sheet]:
    """The sheets of a file. Raises BadCell or OSError."""
    with opened(path) as archive:
        return read_workbook(archive).sheets
