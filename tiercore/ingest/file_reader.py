"""One file: its rows become entries, and every bad row is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tiercore.ingest.cells import Parse
from tiercore.ingest.checks import Known, checks_of
from tiercore.ingest.csv_rows import Broken, Lines, count_lines, delimiter_of, rows_of
from tiercore.ingest.fields import fields_of
from tiercore.ingest.files import FORMS, Kind
from tiercore.ingest.header import read_header
from tiercore.ingest.problems import BadCell, Log
from tiercore.ingest.rows import Read, Rows

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the files of one folder, parents first, and remembers the ids that later ones may refer to."""

    parsers: Mapping[Kind, Parse]
    knowns: Sequence[Known]
    progress: Progress | None

    def read(self, path: Path) -> Read:
        """Read one of the nine files; nothing that is in it makes this raise."""
        read = Read(Log(path.name))
        try:
            self._read(path, read, count_lines(path))
        except BadCell as bad:
            read.log.add(1, "", "", bad)
        except OSError as error:
            reason = f"can't be read ({error.strerror})"
            read.log.add(0, "", "", BadCell("no file", reason, "make the file readable, or remove it from the folder"))
        read.log.problems.sort(key=lambda problem: problem.line)
        for known in self.knowns:
            known.learn(path.name, read.keys, complete=read.readable)
        return read

    def _read(self, path: Path, read: Read, total: int) -> None:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            done = self._read_lines(Lines(file), read, self._telling(path.name, total))
        if self.progress:
            self.progress(path.name, done, done)

    def _telling(self, name: str, total: int) -> Callable[[int], None]:
        """Tells progress below the total, which is told once, at the end."""
        progress = self.progress
        return (lambda done: progress(name, min(done, total - 1), total)) if progress else (lambda done: None)

    def _read_lines(self, lines: Lines, read: Read, tell: Callable[[int], None]) -> int:
        """Read header and rows; how many rows there were."""
        form, broken = FORMS[read.log.file], list[Broken]()
        delimiter = delimiter_of(lines, {column.name for column in form.columns})
        table = rows_of(lines, delimiter, broken.append)
        line, header = next(table, (1, []))
        places = {} if broken else read_header(form, line, header, read.log)
        done = 0
        if places:
            fields = fields_of(form, places, self.parsers)
            checks = checks_of(form, [each.name for each in fields], self.knowns)
            read.keys, read.readable = checks.seen, places.keys() >= set(form.key)
            done = Rows(read, form.entry, lines, header, fields, checks).read(table, tell)
        for row in broken:
            read.log.add(row.line, "", row.text.strip(), row.bad)
            read.guess_key(row, places, form, delimiter)
        return done
