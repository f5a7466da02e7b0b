"""Reading the rows below a header: good ones become entries, bad ones problems."""

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tiercore.facts.entries import Entry
from tiercore.ingest.checks import KEY_SEPARATOR, Found, RowChecks
from tiercore.ingest.csv_rows import NOT_UTF8
from tiercore.ingest.fields import Field
from tiercore.ingest.file_notes import totals_row
from tiercore.ingest.files import FileFormat
from tiercore.ingest.noticed import Noticed
from tiercore.ingest.problems import BadCell, Log, Problem
from tiercore.ingest.tables import BrokenRow, Rows
from tiercore.ingest.totals import is_totals

if TYPE_CHECKING:
    from tiercore.ingest.columns.columns import Columns

MAX_PROBLEMS = 10_000
_PROGRESS_INTERVAL = 5_000
_MAX_TOTALS = 10
_UNSEEN = " \t\0"
_LINE = itemgetter(2)


@dataclass(slots=True)
class FileContent:
    """The content of a file: its entries, the line of each, and the keys of all rows, with BAD for bad cells.

    `readable` is False if no keys could be read, or not all. `notes` are warnings that say what was done to read it. Of
    a large file, the plain rows are `columns`, and all else is about the others.
    """

    log: Log
    notes: list[Problem] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    lines: "array[int]" = field(default_factory=lambda: array("Q"))
    keys: dict[tuple[Any, ...], int] = field(default_factory=dict)
    readable: bool = False
    columns: "Columns | None" = None

    def product_lines(self) -> list[tuple[str, int, int]]:
        """Each product line, the number of its rows and the line of the first, in the order of the file."""
        counts: dict[str, tuple[int, int]] = {}
        named = [(each.product_line, 1, line) for each, line in zip(self.entries, self.lines, strict=True)]  # type: ignore[union-attr]
        for name, count, line in sorted([*(self.columns.product_lines() if self.columns else ()), *named], key=_LINE):
            before, first = counts.get(name, (0, line))
            counts[name] = before + count, first
        return [(name, count, line) for name, (count, line) in counts.items()]

    def first_id(self, column: str) -> str:
        """The column's value in the first row; empty if there is none."""
        first = [(self.lines[0], str(getattr(self.entries[0], column)))] if self.entries else []
        if self.columns and (other := self.columns.first(column)):
            first.append(other)
        return min(first)[1] if first else ""

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
    noticed: Noticed
    _totals: list[tuple[int, list[str]]] = field(default_factory=list)
    _last: int = 0

    def read(self, table: Iterator[tuple[int, list[str]]], on_progress: Callable[[int], None]) -> int:
        """Read the rows and return their number. Stops early after MAX_PROBLEMS problems."""
        plan = [(each.memo, each.text_of) for each in self.fields]
        rows, width, done, fresh = self.rows, len(self.header), 0, self.noticed.fresh
        for done, (line, row) in enumerate(table, 1):
            if not done % _PROGRESS_INTERVAL:
                on_progress(done)
            try:
                values = [memo[text_of(row)] for memo, text_of in plan]
                good = (len(row) == width or self._is_only_longer(row)) and not rows.not_utf8
            except (BadCell, IndexError):
                good = False
            if good and not (found := self.checks.problems(values, line)):
                self.content.entries.append(self.entry(*values))
                self.content.lines.append(line)
            elif self._refuse(line, row, found if good else None):
                break
            if fresh:
                self.noticed.on(line)
        self._settle_totals()
        return done

    def _is_only_longer(self, row: list[str]) -> bool:
        """Whether the row has nothing but empty cells beyond the header."""
        width = len(self.header)
        return len(row) > width and not any(cell.strip(_UNSEEN) for cell in row[width:])

    def _refuse(self, line: int, row: list[str], found: list[Found] | None) -> bool:
        """Report a bad row, unless it is empty or may be the totals. True if there are too many to read on."""
        if found is None:
            if not any(cell.strip().strip(_UNSEEN) for cell in row):
                return False
            if len(self._totals) < _MAX_TOTALS and is_totals(row, self._key_positions()):
                self._totals.append((line, row))
                return False
            found = self._bad_row(line, row)
        self._last = line
        return self._report(line, row, found)

    def _key_positions(self) -> list[int]:
        keys = {self.checks.names[at] for at in self.checks.key}
        return [at for at, name in enumerate(self.header) if name.strip().lower() in keys]

    def _settle_totals(self) -> None:
        """Rows of totals at the end are passed over with a warning; others are bad rows."""
        plain = self.content.columns.last_line if self.content.columns else 0
        last = max(self._last, plain, self.content.lines[-1] if self.content.lines else 0)
        for line, row in self._totals:
            if line > last:
                self.content.notes.append(totals_row(self.content.log.file, line, ", ".join(filter(None, row))))
            else:
                self._report(line, row, self._bad_row(line, row))

    def _bad_row(self, line: int, row: list[str]) -> list[Found]:
        """All problems of a row with a wrong number of cells or a bad cell."""
        values = [each.value_of(row) for each in self.fields]
        width = len(self.header)
        if len(row) != width and not self._is_only_longer(row):
            self.checks.remember(values, line)
            return [("", self._wrong_width(row))]
        garbled = {self.header[at].strip().lower() for at, text in enumerate(row[:width]) if NOT_UTF8.search(text)}
        found = [(column, BadCell("not UTF-8", "is not UTF-8", "save the file as UTF-8")) for column in garbled]
        for each in self.fields:
            found += [(column, bad) for column, bad in each.bad_cells(row) if column not in garbled]
        return found + self.checks.problems(values, line)

    def _wrong_width(self, row: list[str]) -> BadCell:
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
        if len(log.problems) < MAX_PROBLEMS:
            return False
        self.content.readable = False
        remedy = "fix those listed, then import again"
        log.add(line, "", "", BadCell("too many problems", "too many problems, the rest wasn't read", remedy))
        return True
