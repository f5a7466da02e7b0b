"""Reading one table: good rows become entries, bad rows become problems."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tiercore.ingest.cells import Parse
from tiercore.ingest.checks import Reference, checks_of
from tiercore.ingest.fields import fields_of
from tiercore.ingest.files import FORMATS, FileFormat, Kind
from tiercore.ingest.header import read_header
from tiercore.ingest.problems import BadCell, Log
from tiercore.ingest.rows import FileContent, RowReader
from tiercore.ingest.tables import BrokenRow, Rows, Table

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads the tables of a source, parents first, and remembers the IDs that later files may refer to."""

    parsers: Mapping[Kind, Parse]
    references: Sequence[Reference]
    progress: Progress | None

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
        return read

    def _read(self, table: Table, read: FileContent, total: int) -> None:
        with table.open() as rows:
            done = self._read_rows(rows, read, FORMATS[table.file], self._progress_callback(table.name, total))
        if self.progress:
            self.progress(table.name, done, done)

    def _progress_callback(self, name: str, total: int) -> Callable[[int], None]:
        """A callback that reports progress below the total; `_read` reports the total at the end."""
        progress = self.progress
        return (lambda done: progress(name, min(done, total - 1), total)) if progress else (lambda done: None)

    def _read_rows(
        self, rows: Rows, read: FileContent, file_format: FileFormat, on_progress: Callable[[int], None]
    ) -> int:
        """Read the header and the rows. Returns the number of rows."""
        broken = list[BrokenRow]()
        table = rows.read(broken.append)
        line, header = next(table, (1, []))
        positions = {} if broken else read_header(file_format, line, header, read.log)
        done = 0
        if positions:
            fields = fields_of(file_format, positions, self.parsers)
            checks = checks_of(file_format, [each.name for each in fields], self.references)
            read.keys, read.readable = checks.seen, positions.keys() >= set(file_format.key)
            done = RowReader(read, file_format.entry, rows, header, fields, checks).read(table, on_progress)
        for row in broken:
            read.log.add(row.line, "", row.text.strip(), row.bad)
            read.guess_key(row, positions, file_format)
        return done
