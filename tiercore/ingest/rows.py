"""The rows below a header: entries of the good ones, and all that is wrong with the others."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tiercore.facts.entries import Entry
from tiercore.ingest.checks import KEY_MARK, Found, RowChecks
from tiercore.ingest.csv_rows import NOT_UTF8, Broken, Lines
from tiercore.ingest.fields import Field
from tiercore.ingest.files import Form
from tiercore.ingest.problems import BadCell, Log

_TOLD_EVERY = 5_000
_MOST_PROBLEMS = 200_000


@dataclass(slots=True)
class Read:
    """What came of a file: its entries, the line of each, and the keys of all rows, with BAD for what is bad.

    `readable` is False when no key could be read at all.
    """

    log: Log
    entries: list[Entry] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    keys: dict[tuple[Any, ...], int] = field(default_factory=dict)
    readable: bool = False

    def guess_key(self, row: Broken, places: Mapping[str, int], form: Form, delimiter: str) -> None:
        """Remember the id that a broken row seems to have, so that no row is blamed for referring to it."""
        if len(form.key) == 1 and form.key[0] in places:
            cells = row.text.split(delimiter)[places[form.key[0]] :]
            self.keys.setdefault((cells[0].strip(' "\r\n') if cells else "",), row.line)


@dataclass(slots=True)
class Rows:
    """The rows below a header, read into `into`."""

    into: Read
    entry: type[Any]
    lines: Lines
    header: list[str]
    fields: tuple[Field, ...]
    checks: RowChecks

    def read(self, table: Iterator[tuple[int, list[str]]], tell: Callable[[int], None]) -> int:
        """Read the rows; how many there were. Reading stops where so much is wrong that it helps nobody."""
        plan = [(each.memo, each.text_of) for each in self.fields]
        lines, width, done = self.lines, len(self.header), 0
        for done, (line, row) in enumerate(table, 1):
            if not done % _TOLD_EVERY:
                tell(done)
            try:
                values = [memo[text_of(row)] for memo, text_of in plan]
                good = len(row) == width and not lines.not_utf8
            except (BadCell, IndexError):
                good = False
            if good and not (found := self.checks.problems(values, line)):
                self.into.entries.append(self.entry(*values))
                self.into.lines.append(line)
            elif self._tell(line, row, found if good else self._bad_row(line, row)):
                break
        return done

    def _bad_row(self, line: int, row: list[str]) -> list[Found]:
        """All that is wrong with a row that has the wrong width or a bad cell."""
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

    def _tell(self, line: int, row: list[str], found: list[Found]) -> bool:
        """Tell what was found, in the order of the columns; whether so much is wrong that reading on helps nobody."""
        places = {name.strip().lower(): at for at, name in reversed([*enumerate(self.header)])}
        places.pop("", None)  # stands for the whole row
        log = self.into.log
        for column, bad in sorted(found, key=lambda each: places.get(each[0].split(KEY_MARK)[0], -1)):
            cells = [row[places[name]].strip() for name in column.split(KEY_MARK) if name in places]
            log.add(line, column, ", ".join(filter(None, cells)) if column else row[0], bad)
        if len(log.problems) < _MOST_PROBLEMS:
            return False
        remedy = "fix those listed, then import again"
        log.add(line, "", "", BadCell("too many problems", "too many problems, the rest wasn't read", remedy))
        return True
