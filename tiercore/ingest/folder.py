"""A folder of CSV files, read and checked as a whole (data#files)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tiercore.facts.entries import Entry
from tiercore.ingest.cells import parsers
from tiercore.ingest.checks import Known
from tiercore.ingest.discovery import files_in
from tiercore.ingest.file_reader import Progress, Reader
from tiercore.ingest.files import FILES
from tiercore.ingest.problems import Problem
from tiercore.ingest.warnings import odd_days, odd_people, product_line_warnings

__all__ = ["FILES", "Held", "Incoming", "read_folder"]


@dataclass(frozen=True, slots=True)
class Held:
    """What storage holds already, for checking references and spelling."""

    partner_ids: frozenset[str] = frozenset()
    client_ids: frozenset[str] = frozenset()
    product_lines: frozenset[str] = frozenset()

    @classmethod
    def nothing(cls) -> "Held":
        """What an empty storage holds."""
        return cls()


@dataclass(slots=True)
class Incoming:
    """What a folder brings: the entries of each file that is there, and what is wrong with the files.

    `entries` has a key for each file that exists, in the order of FILES, parents first; with any problem they are not
    complete. A warning keeps nobody from storing them.
    """

    entries: dict[type[Any], list[Entry]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def read_folder(
    folder: Path, held: Held, *, tiers: Collection[str], today: date, progress: Progress | None = None
) -> Incoming:
    """Read every file of the folder. Nothing in the files makes this raise: it is told in `problems`.

    `tiers` are the names of the program's tiers; days are accepted up to ten years after `today`. `progress` is told
    a file's name, the rows done and their total now and then, and once with both the same when the file is read.
    """
    incoming = Incoming()
    found = files_in(folder)
    incoming.problems += found.problems
    knowns = _knowns(held, found.unread)
    reader = Reader(parsers(tiers, today), knowns, progress)
    reads = {FILES[path.name]: reader.read(path) for path in found.paths}
    for kind, read in reads.items():
        incoming.entries[kind] = read.entries
        incoming.problems += read.log.problems
    incoming.warnings += product_line_warnings(reads, held.product_lines)
    incoming.warnings += odd_days(reads)
    incoming.warnings += odd_people(reads)
    return incoming


def _knowns(held: Held, unread: Collection[str]) -> list[Known]:
    """What rows may refer to; a file that is there by another name is not blamed on those that refer to it."""
    knowns = [
        Known("partner", "partners.csv", set(held.partner_ids)),
        Known("client", "clients.csv", set(held.client_ids)),
    ]
    for known in knowns:
        known.complete = known.file not in unread
    return knowns
