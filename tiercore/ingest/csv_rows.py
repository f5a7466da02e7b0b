"""Reading a CSV file as rows, each with the line it starts on, whatever bytes the file has."""

import csv
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tiercore.ingest.problems import BadCell
from tiercore.ingest.tables import BrokenRow, Cells

DELIMITERS = ",;\t"
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how Python reads bytes that can't be decoded (surrogateescape)
_MAX_LINE_LENGTH = 500_000
_MAX_LINES_PER_ROW = 100
_CHUNK_SIZE = 1 << 20
_MAX_TEXT = 1_000
_FOREIGN = {
    b"\xff\xfe": ("is UTF-16", "save the file as UTF-8"),
    b"\xfe\xff": ("is UTF-16", "save the file as UTF-8"),
    b"PK\x03\x04": ("is a spreadsheet, not CSV", "save the sheet as CSV in UTF-8"),
    b"\xd0\xcf\x11\xe0": ("is a spreadsheet, not CSV", "save the sheet as CSV in UTF-8"),
}


class _Overlong(Exception):
    """A line or a row is too long."""


def count_lines(path: Path) -> int:
    """The number of line breaks in the file. Raises BadCell for UTF-16 and spreadsheets."""
    count = 0
    with path.open("rb") as file:
        chunk = file.read(_CHUNK_SIZE)
        for start, (message, remedy) in _FOREIGN.items():
            if chunk.startswith(start):
                raise BadCell("not UTF-8", message, remedy)
        while chunk:
            count += chunk.count(b"\n")
            chunk = file.read(_CHUNK_SIZE)
    return count


class Lines(Iterator[str]):
    """The lines of an open file, counted; lines swallowed by an unclosed quote can be pushed back."""

    def __init__(self, file: TextIO) -> None:
        self.number = 0
        self.not_utf8 = False
        self._readline = file.readline
        self._row: list[str] = []
        self._pushed_back: list[str] = []

    def __next__(self) -> str:
        if len(self._row) == _MAX_LINES_PER_ROW:
            raise _Overlong("a quote is never closed")
        line = self._pushed_back.pop() if self._pushed_back else self._readline(_MAX_LINE_LENGTH)
        if not line:
            raise StopIteration
        self.number += 1
        self._row.append(line)
        if not line.isascii() and NOT_UTF8.search(line):
            self.not_utf8 = True
        if len(line) == _MAX_LINE_LENGTH:
            self._skip_line(line)
            raise _Overlong(f"a line has more than {_MAX_LINE_LENGTH:,} characters")
        return line

    def begin_row(self) -> int:
        """Start a new row. Returns the number of its first line."""
        self._row.clear()
        self.not_utf8 = False
        return self.number + 1

    def first_line(self) -> str:
        """The current row's first line."""
        return self._row[0] if self._row else ""

    def push_back(self, first: int = 0) -> None:
        """Push back the row's lines from number `first` (counted from 0) on, to be read again."""
        lines = self._row[first:]
        self._pushed_back += reversed(lines)
        self.number -= len(lines)
        self._row.clear()

    def _skip_line(self, line: str) -> None:
        while line and line[-1] not in "\r\n":
            line = self._readline(_MAX_LINE_LENGTH)


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file with the rows of `file`, one of FILES; `columns` are the names that its header may have."""

    path: Path
    file: str
    columns: frozenset[str]

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.name

    def count(self) -> int:
        """The number of line breaks. Raises BadCell for UTF-16 and spreadsheets, or OSError."""
        return count_lines(self.path)

    @contextmanager
    def open(self) -> Iterator["CsvRows"]:
        """The rows. Raises OSError."""
        with self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield CsvRows(Lines(file), self.columns)


class CsvRows:
    """The rows of an open CSV file."""

    def __init__(self, lines: Lines, columns: frozenset[str]) -> None:
        self._lines = lines
        self._delimiter = delimiter_of(lines, columns)

    @property
    def not_utf8(self) -> bool:
        """Whether the row read last has bytes that aren't UTF-8."""
        return self._lines.not_utf8

    def read(self, on_broken: Callable[[BrokenRow], None]) -> Iterator[tuple[int, Cells]]:
        """Each row with the line it starts on. Empty lines are skipped; broken rows go to `on_broken`."""
        return rows_of(self._lines, self._delimiter, on_broken)


def delimiter_of(lines: Lines, names: Collection[str]) -> str:
    """The delimiter that splits the header (the first non-empty line) into the most known column names."""
    lines.begin_row()
    header = ""
    try:
        while not header.strip("\r\n"):
            header = next(lines)
    except (StopIteration, _Overlong):
        return DELIMITERS[0]
    finally:
        lines.push_back()
    return max(DELIMITERS, key=lambda delimiter: (_known_names(header, delimiter, names), header.count(delimiter)))


def rows_of(lines: Lines, delimiter: str, on_broken: Callable[[BrokenRow], None]) -> Iterator[tuple[int, Cells]]:
    """Each row with the line it starts on. Empty lines are skipped; broken rows go to `on_broken`."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = lines.begin_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, _Overlong) as error:
            bad = BadCell("not CSV", f"the row can't be read ({error})", "check its quotes")
            text = lines.first_line()[:_MAX_TEXT]
            on_broken(BrokenRow(line, text, bad, tuple(cell.strip(' "\r\n') for cell in text.split(delimiter))))
            lines.push_back(1)
            continue
        if row:
            yield line, row


def _known_names(header: str, delimiter: str, names: Collection[str]) -> int:
    cells = header.replace('"', "").split(delimiter)
    return sum(cell.strip().lower() in names for cell in cells)
