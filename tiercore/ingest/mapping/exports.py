"""The tables of an export: of a file, or of each file of a folder."""

from collections.abc import Iterator
from pathlib import Path

from tiercore.ingest.mapping.mapping import RawTable
from tiercore.ingest.raw_tables import raw_tables

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx")


def tables_of(path: Path) -> list[RawTable]:
    """The tables of a file or of the files of a folder. Raises BadCell for one that can't be read, or OSError."""
    return [table for file in _files(path) for table in raw_tables(file)]


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    yield from sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS and each.name[0] not in ".~")
