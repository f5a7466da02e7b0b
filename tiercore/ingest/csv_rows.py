"""A CSV file as rows with the line on which each begins, whatever bytes it holds."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tiercore.ingest.problems import BadCell

DELIMITERS = ",;\t"
NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how undecodable bytes are read
_LONGEST_LINE = 500_000
_MOST_LINES_A_ROW = 100
_CHUNK = 1 << 20
_KEPT = 1_000
_FOREIGN = {
    b"\xff\xfe": ("is UTF-16", "save the file as UTF-8"),
    b"\xfe\xff": ("is UTF-16", "save the file as UTF-8"),
    b"PK\x03\x04": ("is a spreadsheet, not CSV", "save the sheet as CSV in UTF-8"),
    b"\xd0\xcf\x11\xe0": ("is a spreadsheet, not CSV", "save the sheet as CSV in UTF-8"),
}


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that could not be read: the line on which it begins, and the text of that line."""

    line: int
    text: str
    bad: BadCell


class _Overlong(Exception):
    """A line or a row without end."""


def count_lines(path: Path) -> int:
    """How many line breaks the file has; raises BadCell where it is no text in UTF-8 at all."""
    count = 0
    with path.open("rb") as file:
        chunk = file.read(_CHUNK)
        for start, (message, remedy) in _FOREIGN.items():
            if chunk.startswith(start):
                raise BadCell("not UTF-8", message, remedy)
        while chunk:
            count += chunk.count(b"\n")
            chunk = file.read(_CHUNK)
    return count


class Lines(Iterator[str]):
    """The lines of an open file, counted; those that an unclosed quote has swallowed can be given back."""

    def __init__(self, file: TextIO) -> None:
        self.number = 0
        self.not_utf8 = False
        self._readline = file.readline
        self._row: list[str] = []
        self._back: list[str] = []

    def __next__(self) -> str:
        if len(self._row) == _MOST_LINES_A_ROW:
            raise _Overlong("a quote is never closed")
        line = self._back.pop() if self._back else self._readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        self._row.append(line)
        if not line.isascii() and NOT_UTF8.search(line):
            self.not_utf8 = True
        if len(line) == _LONGEST_LINE:
            self._skip_line(line)
            raise _Overlong(f"a line has more than {_LONGEST_LINE:,} characters")
        return line

    def begin_row(self) -> int:
        """Begin another row; the number of its first line."""
        self._row.clear()
        self.not_utf8 = False
        return self.number + 1

    def first_line(self) -> str:
        """The first line of the row."""
        return self._row[0] if self._row else ""

    def give_back(self, first: int = 0) -> None:
        """Give back the row's lines from the `first` (counted from 0) on, to be read again."""
        back = self._row[first:]
        self._back += reversed(back)
        self.number -= len(back)
        self._row.clear()

    def _skip_line(self, line: str) -> None:
        while line and line[-1] not in "\r\n":
            line = self._readline(_LONGEST_LINE)


def delimiter_of(lines: Lines, names: set[str]) -> str:
    """The delimiter of the header, the first line that is not empty: the one that makes most known names of it."""
    lines.begin_row()
    header = ""
    try:
        while not header.strip("\r\n"):
            header = next(lines)
    except (StopIteration, _Overlong):
        return DELIMITERS[0]
    finally:
        lines.give_back()
    return max(DELIMITERS, key=lambda mark: (_known_names(header, mark, names), header.count(mark)))


def rows_of(lines: Lines, delimiter: str, broken: Callable[[Broken], None]) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins; empty lines are passed over, broken ones told and passed over."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line = lines.begin_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, _Overlong) as error:
            bad = BadCell("not CSV", f"the row can't be read ({error})", "check its quotes")
            broken(Broken(line, lines.first_line()[:_KEPT], bad))
            lines.give_back(1)
            continue
        if row:
            yield line, row


def _known_names(header: str, mark: str, names: set[str]) -> int:
    cells = header.replace('"', "").split(mark)
    return sum(cell.strip().lower() in names for cell in cells)
