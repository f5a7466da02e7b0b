"""Reading the rows below a header: good ones become entries, bad ones problems."""

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tiercore.facts.entries import Entry
from tiercore.ingest.checks import KEY_SEPARATOR, Found, RowChecks
from tiercore.ingest.csv_rows import NOT_UTF8
from tiercore.ingest.fields import Field
from tiercore.ingest.files import FileFormat
from tiercore.ingest.problems import BadCell, Log
from tiercore.ingest.tables import BrokenRow, Rows

_PROGRESS_INTERVAL = 5_000
_MAX_PROBLEMS = 200_000


@dataclass(slots=True)
class FileContent:
    """The content of a file: its entries, the line of each, and the keys of all rows, with BAD for bad cells.

    `readable` is False if no keys could be read.
    """

    log: Log
    entries: list[Entry] = field(default_factory=list)
    lines: "array[int]" = field(default_factory=lambda: array("Q"))
    keys: dict[tuple[Any, ...], int] = field(default_factory=dict)
    readable: bool = False

    def guess_key(self, row: BrokenRow, positions: Mapping[str, int], file_format: FileFormat) -> None:
        """Remember the ID that a broken row seems to have, so that rows that refer to it aren't reported."""
        if len(file_format.key) == 1 and file_format.key[0] in positions:
            cells = row.cells[positions[file_format.key[0]] :]
            self.keys.setdefault((cells[0] if cells else "",), row.line)


@dataclass(slots=True)
class RowReader:
    """Reads the rows below a header into `content`."""

    content: FileContent
    entry: type[Any]
    rows: Rows
    header: list[str]
    fields: tuple[Field, ...]
    checks: RowChecks

    def read(self, table: Iterator[tuple[int, list[str]]], on_progress: Callable[[int], None]) -> int:
        """Read the rows and return their number. Stops early after _MAX_PROBLEMS problems."""
        plan = [(each.memo, each.text_of) for each in self.fields]
        rows, width, done = self.rows, len(self.header), 0
        for done, (line, row) in enumerate(table, 1):
            if not done % _PROGRESS_INTERVAL:
                on_progress(done)
            try:
                values = [memo[text_of(row)] for memo, text_of in plan]
                good = len(row) == width and not rows.not_utf8
            except (BadCell, IndexError):
                good = False
            if good and not (found := self.checks.problems(values, line)):
                self.content.entries.append(self.entry(*values))
                self.content.lines.append(line)
            elif self._report(line, row, found if good else self._bad_row(line, row)):
                break
        return done

    def _bad_row(self, line: int, row: list[str]) -> list[Found]:
        """All problems of a row with a wrong number of cells or a bad cell."""
        values = [each.value_of(row) for each in self.fields]
        if len(row) != len(self.header) or not any(map(str.strip, row)):
            self.checks.remember(values, line)
            return [("", self._wrong_width(row))]
        garbled = {self.header[at].strip().lower() for at, text in enumerate(row) if NOT_UTF8.search(text)}
        found = [(column, BadCell("not UTF-8", "is not UTF-8", "save the file as UTF-8")) for column in garbled]
        for each in self.fields:
            found += [(column, bad) for column, bad in each.bad_cells(row) if column not in garbled]
        return found + self.checks.problems(values, line)

    def _wrong_width(self, row: list[str]) -> BadCell:
        if not any(map(str.strip, row)):
            return BadCell("empty row", "the row has nothing but separators", "remove the line")
        message = f"the row has {len(row)} cells and the header {len(self.header)}"
        return BadCell("wrong number of cells", message, "check its separators; a cell that holds one needs quotes")

    def _report(self, line: int, row: list[str], found: list[Found]) -> bool:
        """Log the row's problems, in the order of the columns. True if there are too many to read on."""
        positions = {name.strip().lower(): at for at, name in reversed([*enumerate(self.header)])}
        positions.pop("", None)  # an empty column means the whole row
        log = self.content.log
        for column, bad in sorted(found, key=lambda each: positions.get(each[0].split(KEY_SEPARATOR)[0], -1)):
            cells = [row[positions[name]].strip() for name in column.split(KEY_SEPARATOR) if name in positions]
            log.add(line, column, ", ".join(filter(None, cells)) if column else row[0], bad)
        if len(log.problems) < _MAX_PROBLEMS:
            return False
        remedy = "fix those listed, then import again"
        log.add(line, "", "", BadCell("too many problems", "too many problems, the rest wasn't read", remedy))
        return True
