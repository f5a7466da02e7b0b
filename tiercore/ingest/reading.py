"""One CSV file: bytes in, entries with their lines out, and every bad cell named."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tiercore.entries import Entry
from tiercore.ingest.cells import Wrong, did_you_mean, tidy
from tiercore.ingest.files import Form
from tiercore.ingest.problems import Problem

_TOLD_EVERY = 5_000
_LARGEST_CELL = 10_000


@dataclass(slots=True)
class Read:
    """What came of a file: entries, the line each began on, and the keys of all its rows, bad ones too."""

    name: str
    entries: list[Entry] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    keys: dict[tuple[str, ...], int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    readable: bool = True

    def wrong(self, line: int, column: str, value: str, wrong: Wrong) -> None:
        """Note a defect."""
        self.problems.append(Problem(self.name, line, column, value, wrong.kind, wrong.message, wrong.remedy))

    def unreadable(self, line: int, wrong: Wrong) -> None:
        """Note a defect that keeps the rows from being read at all."""
        self.readable = False
        self.wrong(line, "", "", wrong)


def read_file(path: Path, form: Form, progress: Callable[[str, int, int], None] | None) -> Read:
    """Read one file by its form."""
    read = Read(path.name)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        read.unreadable(line, Wrong("not UTF-8", "is not UTF-8", "save the file as UTF-8"))
        return read
    rows = _rows(read, text)
    header = next(rows, None)
    if header is None:
        read.unreadable(1, Wrong("no header", "has no header row", f"begin with {','.join(form.columns)}"))
    elif columns := _columns(read, form, header[1]):
        _read_rows(read, form, columns, rows, progress, data.count(b"\n"))
    return read


def _rows(read: Read, text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with the line that each begins on; truly empty lines are passed over."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(_LARGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        read.unreadable(line, Wrong("not CSV", f"can't be read as CSV ({error})", "check the quotes of this row"))


def _columns(read: Read, form: Form, header: list[str]) -> list[str] | None:
    """The names of the columns in the file's order; None when the header is wrong."""
    names = [cell.strip().lower() for cell in header]
    for name in dict.fromkeys(names):
        if name not in form.columns and not name.startswith("x_"):
            remedy = f"{did_you_mean(name, form.columns)}; a column of your own begins with x_"
            read.wrong(1, name or "(empty)", "", Wrong("unknown column", "is no column of this file", remedy))
        elif names.count(name) > 1:
            read.wrong(1, name, "", Wrong("column twice", "stands in the header twice", "keep one of them"))
    for name in sorted(form.required - set(names)):
        read.wrong(1, name, "", Wrong("missing column", "is missing", f"add the column {name}"))
    read.readable = not read.problems
    return names if read.readable else None


def _read_rows(
    read: Read,
    form: Form,
    columns: list[str],
    rows: Iterator[tuple[int, list[str]]],
    progress: Callable[[str, int, int], None] | None,
    total: int,
) -> None:
    plan = [(index, name, form.columns[name]) for index, name in enumerate(columns) if name in form.columns]
    absent = dict.fromkeys(form.optional - set(columns))
    places = [columns.index(name) if name in columns else None for name in form.key]
    for line, row in rows:
        if len(row) != len(columns):
            message = f"has {len(row)} cells where the header has {len(columns)}"
            read.wrong(line, "", "", Wrong("wrong number of cells", message, "check separators and quotes"))
            continue
        _once(read, form, line, tuple("" if at is None else row[at].strip() for at in places))
        found = _cells(read, form, line, row, plan)
        if found is not None:
            _build(read, form, line, row, columns, {**absent, **found})
        if progress and line % _TOLD_EVERY == 0:
            progress(read.name, line, total)
    if progress:
        progress(read.name, total, total)


def _once(read: Read, form: Form, line: int, key: tuple[str, ...]) -> None:
    before = read.keys.setdefault(key, line)
    if before != line:
        shown = ", ".join(key)
        wrong = Wrong("duplicate key", f"stands on line {before} too", "keep one of the two rows")
        read.wrong(line, "+".join(form.key), shown, wrong)


def _cells(
    read: Read, form: Form, line: int, row: list[str], plan: list[tuple[int, str, Any]]
) -> dict[str, Any] | None:
    """The row's values by column; None when one of them is wrong."""
    found: dict[str, Any] = {}
    good = True
    for index, name, parse in plan:
        raw = row[index]
        try:
            text = tidy(raw)
            if text:
                found[name] = parse(text)
            elif name in form.optional:
                found[name] = None
            else:
                raise Wrong("missing value", "is empty", f"give a {name}")
        except Wrong as wrong:
            read.wrong(line, name, raw, wrong)
            good = False
    return found if good else None


def _build(read: Read, form: Form, line: int, row: list[str], columns: list[str], found: dict[str, Any]) -> None:
    try:
        read.entries.append(form.build(found))
        read.lines.append(line)
    except Wrong as wrong:
        value = row[columns.index(form.blame)] if form.blame in columns else ""
        read.wrong(line, form.blame, value, wrong)
