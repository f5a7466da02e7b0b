"""Reading one file: good rows become entries, bad rows become problems."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tiercore.ingest.cells import Parse
from tiercore.ingest.checks import Reference, checks_of
from tiercore.ingest.csv_rows import BrokenRow, Lines, count_lines, delimiter_of, rows_of
from tiercore.ingest.fields import fields_of
from tiercore.ingest.files import FORMATS, Kind
from tiercore.ingest.header import read_header
from tiercore.ingest.problems import BadCell, Log
from tiercore.ingest.rows import FileContent, RowReader

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads the files of a folder, parents first, and remembers the IDs that later files may refer to."""

    parsers: Mapping[Kind, Parse]
    references: Sequence[Reference]
    progress: Progress | None

    def read(self, path: Path) -> FileContent:
        """Read one of the nine files. Never raises because of its content."""
        read = FileContent(Log(path.name))
        try:
            self._read(path, read, count_lines(path))
        except BadCell as bad:
            read.log.add(1, "", "", bad)
        except OSError as error:
            reason = f"can't be read ({error.strerror})"
            read.log.add(0, "", "", BadCell("no file", reason, "make the file readable, or remove it from the folder"))
        read.log.problems.sort(key=lambda problem: problem.line)
        for reference in self.references:
            reference.learn(path.name, read.keys, complete=read.readable)
        return read

    def _read(self, path: Path, read: FileContent, total: int) -> None:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            done = self._read_lines(Lines(file), read, self._progress_callback(path.name, total))
        if self.progress:
            self.progress(path.name, done, done)

    def _progress_callback(self, name: str, total: int) -> Callable[[int], None]:
        """A callback that reports progress below the total; `_read` reports the total at the end."""
        progress = self.progress
        return (lambda done: progress(name, min(done, total - 1), total)) if progress else (lambda done: None)

    def _read_lines(self, lines: Lines, read: FileContent, on_progress: Callable[[int], None]) -> int:
        """Read the header and the rows. Returns the number of rows."""
        file_format, broken = FORMATS[read.log.file], list[BrokenRow]()
        delimiter = delimiter_of(lines, {column.name for column in file_format.columns})
        table = rows_of(lines, delimiter, broken.append)
        line, header = next(table, (1, []))
        positions = {} if broken else read_header(file_format, line, header, read.log)
        done = 0
        if positions:
            fields = fields_of(file_format, positions, self.parsers)
            checks = checks_of(file_format, [each.name for each in fields], self.references)
            read.keys, read.readable = checks.seen, positions.keys() >= set(file_format.key)
            done = RowReader(read, file_format.entry, lines, header, fields, checks).read(table, on_progress)
        for row in broken:
            read.log.add(row.line, "", row.text.strip(), row.bad)
            read.guess_key(row, positions, file_format, delimiter)
        return done
