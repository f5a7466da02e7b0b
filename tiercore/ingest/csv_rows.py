"""Reading a CSV file as rows, each with the line it starts on, whatever bytes the file has."""

import csv
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tiercore.ingest.encodings import Survey, survey
from tiercore.ingest.file_notes import header_below, not_utf_8
from tiercore.ingest.problems import BadCell, Problem
from tiercore.ingest.tables import BrokenRow, Cells

DELIMITERS = ",;\t|"
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how Python reads bytes that can't be decoded (surrogateescape)
_SAID = re.compile(r"sep=([^\w\s\"]|\t)", re.IGNORECASE)
_EMPTY = ',;\t|"\0 \r\n'
SEARCHED = 30  # lines in which the header may be
_MAX_LINE_LENGTH = 500_000
_MAX_LINES_PER_ROW = 100
_MAX_TEXT = 1_000


class Overlong(Exception):
    """A line or a row is too long."""


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
            raise Overlong("a quote is never closed")
        again = bool(self._pushed_back)
        line = self._pushed_back.pop() if again else self._readline(_MAX_LINE_LENGTH)
        if not line:
            raise StopIteration
        self.number += 1
        self._row.append(line)
        if not line.isascii() and NOT_UTF8.search(line):
            self.not_utf8 = True
        if len(line) == _MAX_LINE_LENGTH:
            if not again:
                self._skip_line(line)
            raise Overlong(f"a line has more than {_MAX_LINE_LENGTH:,} characters")
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


@dataclass(slots=True)
class CsvTable:
    """A CSV file with the rows of `file`, one of FILES, in any usual encoding and with any usual delimiter.

    `columns` are the names that its header may have, `key` those that it has to have.
    """

    path: Path
    file: str
    columns: frozenset[str]
    key: frozenset[str] = frozenset()
    _survey: Survey | None = None

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.name

    @property
    def survey(self) -> Survey:
        """What the file's bytes say, found once. Raises BadCell for what can't be CSV, or OSError."""
        if self._survey is None:
            self._survey = survey(self.path)
        return self._survey

    def count(self) -> int:
        """About how many lines there are. Raises BadCell for what can't be CSV, or OSError."""
        return self.survey.lines

    @contextmanager
    def open(self) -> Iterator["CsvRows"]:
        """The rows. Raises BadCell or OSError."""
        found = self.survey
        with self.path.open(encoding=found.encoding, errors=found.errors, newline="") as file:
            yield CsvRows(Lines(file), self.name, self.columns, self.key, found)


class CsvRows:
    """The rows of an open CSV file, the header first. `notes` says what was done to read it, `delimiter` what separates
    its cells.
    """

    since_1904 = False

    def __init__(self, lines: Lines, name: str, columns: Collection[str], key: Collection[str], found: Survey) -> None:
        self._lines = lines
        header = find_header(lines, columns, key)
        self.delimiter = header.delimiter
        self.notes: list[Problem] = []
        if found.example:
            self.notes.append(not_utf_8(name, found.example))
        if header.above:
            self.notes.append(header_below(name, header.line, header.above))

    @property
    def not_utf8(self) -> bool:
        """Whether the row read last has bytes that aren't UTF-8."""
        return self._lines.not_utf8

    def read(self, on_broken: Callable[[BrokenRow], None]) -> Iterator[tuple[int, Cells]]:
        """Each row with the line it starts on. Empty lines are skipped; broken rows go to `on_broken`."""
        return rows_of(self._lines, self.delimiter, on_broken)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header is and what separates its cells; `above` is the first text above it, if there is any."""

    delimiter: str
    line: int
    above: str = ""


def find_header(lines: Lines, columns: Collection[str], key: Collection[str]) -> Header:
    """The header: the first line that has all of `key`, if there is none the first that isn't empty.

    Without `key` it is the first with two cells or more. The delimiter is the one that splits it into most of
    `columns`. The lines above it are skipped.
    """
    lines.begin_row()
    said, first, above = "", None, ""
    skipped, header = 0, Header(DELIMITERS[0], 1)
    for at in range(SEARCHED):
        try:
            line = next(lines)
        except (StopIteration, Overlong):
            break
        if not line.strip(_EMPTY):
            continue
        if not said and not first and (found := _SAID.fullmatch(line.strip(' "\r\n'))):
            said, skipped = found[1], at + 1
            continue
        delimiter = max(said + DELIMITERS, key=lambda each: (_known_names(line, each, columns), line.count(each)))
        if is_header(_cells(line, delimiter), key):
            skipped, header = at, Header(delimiter, at + 1, above)
            break
        if first is None:
            skipped, first = at, Header(delimiter, at + 1)
            header, above = first, line.strip()
    lines.push_back(skipped)
    return header


def rows_of(lines: Lines, delimiter: str, on_broken: Callable[[BrokenRow], None]) -> Iterator[tuple[int, Cells]]:
    """Each row with the line it starts on. Empty lines are skipped; broken rows go to `on_broken`."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = lines.begin_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, Overlong) as error:
            bad = BadCell("not CSV", f"the row can't be read ({error})", "check its quotes")
            text = lines.first_line()[:_MAX_TEXT]
            on_broken(BrokenRow(line, text, bad, tuple(cell.strip(' "\r\n') for cell in text.split(delimiter))))
            lines.push_back(1)
            continue
        if row:
            yield line, row


def _known_names(header: str, delimiter: str, names: Collection[str]) -> int:
    return len(_cells(header, delimiter).intersection(names))


def is_header(cells: Collection[str], key: Collection[str]) -> bool:
    """Whether a row with these cells is the header: it has all of `key`, or without it, two cells or more."""
    names = {cell.strip().lower() for cell in cells}
    return names.issuperset(key) if key else len(names - {""}) > 1


def _cells(line: str, delimiter: str) -> set[str]:
    return {cell.strip().lower() for cell in line.replace('"', "").split(delimiter)}
