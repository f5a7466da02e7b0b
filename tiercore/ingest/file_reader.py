"""Reading one table: good rows become entries, bad rows become problems."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tiercore.ingest.cells import parsers
from tiercore.ingest.checks import Reference, checks_of
from tiercore.ingest.days import Days
from tiercore.ingest.fields import fields_of
from tiercore.ingest.files import FORMATS
from tiercore.ingest.header import read_header
from tiercore.ingest.large_files import LargeFiles
from tiercore.ingest.noticed import Noticed
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.problems import BadCell, Log
from tiercore.ingest.rows import MAX_PROBLEMS, FileContent, RowReader
from tiercore.ingest.tables import BrokenRow, FileRows, Rows, Table

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads the tables of a source, parents first, and remembers the IDs that later files may refer to."""

    tiers: Sequence[str]
    days: Days
    references: Sequence[Reference]
    progress: Progress | None
    decimal: DecimalMark | None = None
    large: LargeFiles | None = None

    def read(self, table: Table) -> FileContent:
        """Read the rows of one of the nine files. Never raises because of its content."""
        read = FileContent(Log(table.name))
        try:
            self._read(table, read, table.count())
        except BadCell as bad:
            read.log.add(1, "", "", bad)
        except OSError as error:
            reason = f"can't be read ({error.strerror})"
            read.log.add(0, "", "", BadCell("no file", reason, "make the file readable, or remove it from the folder"))
        read.log.problems.sort(key=lambda problem: problem.line)
        for reference in self.references:
            reference.learn(table.file, read.keys, complete=read.readable)
            if read.columns and table.file == reference.file:
                for ids in read.columns.values(FORMATS[table.file].key[0]):
                    reference.ids.update(ids)
        return read

    def _read(self, table: Table, read: FileContent, total: int) -> None:
        with table.open() as rows:
            done = self._read_rows(table, rows, read, self._progress_callback(table.name, total))
        if isinstance(rows, FileRows):
            read.notes += [each for each in rows.notes if each not in read.notes]  # those of the rows just read
        if self.progress:
            self.progress(table.name, done, done)

    def _progress_callback(self, name: str, total: int) -> Callable[[int], None]:
        """A callback that reports progress below the total; `_read` reports the total at the end."""
        progress = self.progress
        return (lambda done: progress(name, min(done, total - 1), total)) if progress else (lambda done: None)

    def _read_rows(self, source: Table, rows: Rows, read: FileContent, on_progress: Callable[[int], None]) -> int:
        """Read the header and the rows. Returns the number of rows."""
        broken, noticed, days, file_format = list[BrokenRow](), Noticed(), self.days, FORMATS[source.file]
        if isinstance(rows, FileRows):
            days = replace(days, since_1904=rows.since_1904)
            read.notes += rows.notes
        table = rows.read(lambda row: _keep(broken, row))
        line, cells = next(table, (1, []))
        header = _without_unnamed(cells)
        positions = {} if broken else read_header(file_format, line, header, read.log)
        done = 0
        if positions:
            parse = parsers(self.tiers, days, self.decimal)
            fields = fields_of(file_format, positions, parse, noticed, self.decimal)
            checks = checks_of(file_format, [each.name for each in fields], self.references)
            read.keys, read.readable = checks.seen, positions.keys() >= set(file_format.key)
            if self.large and not read.log.problems and len(header) == len(cells):
                aside = self.large.set_aside(
                    source,
                    rows,
                    (line, cells),
                    positions,
                    parse,
                    self.references,
                    decimal=self.decimal,
                    today=days.today,
                    on_progress=on_progress,
                )
                if aside:
                    read.columns, table = aside
            done = RowReader(read, file_format.entry, rows, header, fields, checks, noticed).read(table, on_progress)
            done += read.columns.count if read.columns else 0
            read.notes += noticed.notes(read.log.file)
        for row in broken:
            read.log.add(row.line, "", row.text.strip(), row.bad)
            read.guess_key(row, positions, file_format)
        return done


def _keep(broken: list[BrokenRow], row: BrokenRow) -> None:
    """Keep a broken row. Raises BadCell if there are too many to read on."""
    if len(broken) == MAX_PROBLEMS:
        raise BadCell("not CSV", f"more than {MAX_PROBLEMS:,} rows can't be read", "check the file's quotes")
    broken.append(row)


def _without_unnamed(cells: list[str]) -> list[str]:
    """The header without empty cells at its end."""
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return cells[:width]
