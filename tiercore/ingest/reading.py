"""One file: its rows become entries, and every bad row is told."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tiercore.entries import Entry
from tiercore.ingest.cells import Parse
from tiercore.ingest.checks import Known, RowChecks, checks_of
from tiercore.ingest.fields import BAD, Field, fields_of
from tiercore.ingest.files import FORMS, Form, Kind
from tiercore.ingest.header import read_header
from tiercore.ingest.problems import BadCell, Log
from tiercore.ingest.sheet import NOT_UTF8, Lines, count_lines, delimiter_of, rows

Progress = Callable[[str, int, int], None]
_TOLD_EVERY = 5_000
_MOST_PROBLEMS = 200_000


@dataclass(slots=True)
class Read:
    """What came of a file: its entries, the line of each, and the keys of all rows whose key could be read."""

    log: Log
    entries: list[Entry] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    keys: Mapping[tuple[Any, ...], int] = field(default_factory=dict)
    has_keys: bool = False


def read_file(path: Path, parsers: Mapping[Kind, Parse], knowns: Sequence[Known], progress: Progress | None) -> Read:
    """Read one of the nine files; nothing that is in it makes this raise."""
    read = Read(Log(path.name))
    try:
        total = count_lines(path)
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            done = _read(read, FORMS[path.name], Lines(file), parsers, knowns, _every(progress, path.name, total))
        if progress:
            progress(path.name, done, done)
    except BadCell as bad:
        read.log.add(0, "", "", bad)
    except OSError as error:
        reason = f"can't be read ({error.strerror})"
        read.log.add(0, "", "", BadCell("no file", reason, "give a readable file, or take it out of the folder"))
    return read


def _every(progress: Progress | None, name: str, total: int) -> Callable[[int], None] | None:
    """Tells progress below the total, which is told once, at the end."""
    return (lambda done: progress(name, min(done, total - 1), total)) if progress else None


def _read(
    read: Read,
    form: Form,
    lines: Lines,
    parsers: Mapping[Kind, Parse],
    knowns: Sequence[Known],
    tell: Callable[[int], None] | None,
) -> int:
    """Read header and rows; how many rows there were."""
    delimiter = delimiter_of(lines, {column.name for column in form.columns})
    table = rows(lines, delimiter, lambda line, bad: read.log.add(line, "", "", bad))
    line, cells = next(table, (0, []))
    if not cells:
        read.log.add(0, "", "", BadCell("no header", "is empty", "give a header row, or take it out of the folder"))
        return 0
    places = read_header(form, line, cells, read.log)
    if not places:
        return 0
    fields = fields_of(form, places, parsers)
    checks = checks_of(form, [each.name for each in fields], knowns)
    read.keys, read.has_keys = checks.seen, places.keys() >= set(form.key)
    return _Rows(read, form, lines, cells, fields, checks).read(table, tell)


@dataclass(slots=True)
class _Rows:
    """The rows below a header."""

    into: Read
    form: Form
    lines: Lines
    header: list[str]
    fields: tuple[Field, ...]
    checks: RowChecks

    def read(self, table: Iterator[tuple[int, list[str]]], tell: Callable[[int], None] | None) -> int:
        plan = [(each.memo, each.text_of) for each in self.fields]
        lines, width, done = self.lines, len(self.header), 0
        for done, (line, row) in enumerate(table, 1):
            if tell and not done % _TOLD_EVERY:
                tell(done)
            try:
                values = [memo[text_of(row)] for memo, text_of in plan]
            except (BadCell, IndexError):
                self._bad_row(line, row)
                if self._too_many(line):
                    break
                continue
            if len(row) != width or lines.not_utf8:
                self._bad_row(line, row)
            else:
                self._good_cells(line, row, values)
        return done

    def _good_cells(self, line: int, row: list[str], values: list[Any]) -> None:
        found = self.checks.problems(values, line)
        if found:
            self._tell(line, row, found)
        else:
            self.into.entries.append(self.form.entry(*values))
            self.into.lines.append(line)

    def _bad_row(self, line: int, row: list[str]) -> None:
        """Tell all that is wrong with a row that has the wrong width or a bad cell."""
        if len(row) != len(self.header) or not any(row):
            self.into.log.add(line, "", row[0], self._wrong_width(row))
            self.checks.remember([_value(each, row) for each in self.fields], line)
            return
        garbled = [at for at, text in enumerate(row) if NOT_UTF8.search(text)]
        for at in garbled:
            bad = BadCell("not UTF-8", f"is not UTF-8 at line {line}", "save the file as UTF-8")
            self.into.log.add(line, self.header[at].strip(), row[at], bad)
        for each in self.fields:
            for cell, bad in each.bad_cells(row):
                if cell.at not in garbled:
                    self.into.log.add(line, cell.column, row[cell.at], bad)
        self._tell(line, row, self.checks.problems([_value(each, row) for each in self.fields], line))

    def _wrong_width(self, row: list[str]) -> BadCell:
        if not any(cell.strip() for cell in row):
            return BadCell("wrong number of cells", "the row holds nothing but separators", "take the line out")
        message = f"the row has {len(row)} cells and the header {len(self.header)}"
        return BadCell("wrong number of cells", message, "check its separators; a cell that holds one needs quotes")

    def _tell(self, line: int, row: list[str], found: list[tuple[str, BadCell]]) -> None:
        places = {cell.column: cell.at for each in self.fields for cell in each.cells}
        for column, bad in found:
            self.into.log.add(line, column, row[places[column]] if column in places else "", bad)

    def _too_many(self, line: int) -> bool:
        """Whether so much is wrong that reading on would help nobody."""
        if len(self.into.log.problems) < _MOST_PROBLEMS:
            return False
        bad = BadCell(
            "too many problems", "too much is wrong, the rest was not read", "correct what is told and import again"
        )
        self.into.log.add(line, "", "", bad)
        return True


def _value(each: Field, row: list[str]) -> Any:
    try:
        return each.memo[each.text_of(row)]
    except (BadCell, IndexError):
        return BAD
