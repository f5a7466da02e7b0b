"""Dropped files as a source of tables: written to a private folder, and read as `tierbot import` reads a folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tiercore.ingest.discovery import Folder
from tiercore.ingest.problems import Problem
from tiercore.ingest.tables import Listing, Source
from tiercore.uploads.types import DroppedFile


def write_files(folder: Path, files: Sequence[DroppedFile]) -> None:
    """Write the files into an empty folder."""
    for each in files:
        (folder / each.name).write_bytes(each.content)


@dataclass(frozen=True, slots=True)
class DroppedFiles:
    """The files of a message. Their people.csv is a part of the list: nobody loses access by it."""

    path: Path
    names: tuple[str, ...]
    lists_everyone: bool = False

    @property
    def name(self) -> str:
        """What the record of imports calls them."""
        return ", ".join(self.names)

    def tables(self) -> Listing:
        """Their tables."""
        found = Folder(self.path, lists_everyone=False).tables()
        at = str(self.path)
        found.problems = [
            Problem("", each.line, each.column, each.value, each.kind, each.message, each.remedy)
            if each.file == at
            else each
            for each in found.problems
        ]
        return found


def source_in(folder: Path, names: tuple[str, ...]) -> Source:
    """The files of the folder as a source."""
    return DroppedFiles(folder, names)
