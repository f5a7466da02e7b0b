"""Reading and checking the tables of a source as a whole (data#files)."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tiercore.facts.entries import Client, Entry, Partner
from tiercore.ingest.checks import Reference
from tiercore.ingest.days import Days
from tiercore.ingest.file_reader import FileReader, Progress
from tiercore.ingest.files import FILES
from tiercore.ingest.large_files import LargeFiles
from tiercore.ingest.mangled_ids import mangled_ids
from tiercore.ingest.problems import Problem
from tiercore.ingest.product_lines import editions_at_once
from tiercore.ingest.tables import Listing
from tiercore.ingest.warnings import odd_days, odd_people, product_line_warnings, sales_to_come
from tiercore.program import Catalogue, Program

if TYPE_CHECKING:
    from tiercore.ingest.columns.columns import Columns

_FILE_OF = {kind: file for file, kind in FILES.items()}

__all__ = ["FILES", "Incoming", "Stored", "read_tables"]


@dataclass(frozen=True, slots=True)
class Stored:
    """The IDs and product lines already stored, for checking references and spelling."""

    partner_ids: frozenset[str] = frozenset()
    client_ids: frozenset[str] = frozenset()
    product_lines: frozenset[str] = frozenset()

    @classmethod
    def nothing(cls) -> "Stored":
        """What an empty database has."""
        return cls()


@dataclass(slots=True)
class Incoming:
    """The content of a source: the entries of each of its tables, and the problems found.

    `entries` has a key for each existing file, in the order of FILES, parents first; with any problem they are
    incomplete. `lines` has the line of each entry. Warnings don't prevent storing them; of those beyond the first of a
    kind, `more` has only how many. `removals` are the keys of stored rows, by file, that the source says are gone.
    `names` are what messages call the tables. Of a large file, `columns` has the plain rows, and `entries` the others.
    """

    entries: dict[type[Any], list[Entry]] = field(default_factory=dict)
    lines: dict[type[Any], Sequence[int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    more: Counter[str] = field(default_factory=Counter)
    removals: dict[str, Collection[Any]] = field(default_factory=dict)
    names: dict[type[Any], str] = field(default_factory=dict)
    columns: "dict[type[Any], Columns]" = field(default_factory=dict)

    def name_of(self, kind: type[Any]) -> str:
        """What messages call the table of a kind of entries; by default the file that it would be in."""
        return self.names.get(kind) or _FILE_OF[kind]

    def lines_of(self, kind: type[Any], column: str, ids: Collection[str]) -> dict[str, int]:
        """The lines of the entries of one kind with these ids in the column; only of those that are in the file."""
        wanted, entries = frozenset(ids), self.entries.get(kind, ())
        if not wanted:
            return {}
        found = zip(map(attrgetter(column), entries), self.lines.get(kind, ()), strict=True)
        of_columns = self.columns[kind].lines_of(column, wanted) if kind in self.columns else {}
        return of_columns | {each: line for each, line in found if each in wanted}

    def close(self) -> None:
        """Delete what large files keep on disk."""
        for each in self.columns.values():
            each.close()


def read_listing(
    listing: Listing,
    stored: Stored,
    program: Program,
    today: date,
    progress: Progress | None = None,
    *,
    columns_from: int | None = None,
) -> Incoming:
    """Read every table of a source by the program's tiers and product lines: see `read_tables`."""
    return read_tables(
        listing,
        stored,
        tiers=program.tier_names,
        catalogue=program.catalogue,
        today=today,
        progress=progress,
        columns_from=columns_from,
    )


def read_tables(
    found: Listing,
    stored: Stored,
    *,
    tiers: Sequence[str],
    catalogue: Catalogue,
    today: date,
    progress: Progress | None = None,
    columns_from: int | None = None,
) -> Incoming:
    """Read every table of a source. Never raises because of their content: see `problems`.

    `tiers` are the names of the program's tiers, `catalogue` its product lines; days are accepted up to ten years after
    `today`. `progress` is called from time to time with a table's name, the rows done and the total, and with both
    equal when the table is done. Files of `columns_from` lines or more are read as columns: see Incoming.
    """
    incoming = Incoming(removals=dict(found.removals))
    incoming.problems += found.problems
    incoming.warnings += found.warnings
    references = _references(stored, found)
    stored_ids = {Partner: stored.partner_ids, Client: stored.client_ids}
    large = None if columns_from is None else LargeFiles(catalogue, stored_ids, columns_from)
    reader = FileReader(tiers, Days(today, found.dates), references, progress, found.decimal, large)
    reads = {FILES[each.file]: reader.read(each) for each in found.tables}
    for kind, read in reads.items():
        incoming.entries[kind], incoming.lines[kind], incoming.names[kind] = read.entries, read.lines, read.log.file
        if read.columns:
            incoming.columns[kind] = read.columns
        incoming.problems += read.log.problems
        incoming.warnings += read.notes
    of_lines = (product_line_warnings(reads, stored.product_lines, catalogue), editions_at_once(reads, catalogue))
    incoming.warnings += odd_people(reads)
    for collected in (*of_lines, odd_days(reads), sales_to_come(reads, today), mangled_ids(reads, stored_ids)):
        incoming.warnings += collected.problems
        incoming.more += collected.more
    return incoming


def _references(stored: Stored, found: Listing) -> list[Reference]:
    """What rows may refer to; if a file is there under a wrong name, references to it are not checked."""
    names = {each.file: each.name for each in found.tables}
    references = [
        Reference("partner", "partners.csv", names.get("partners.csv", "partners.csv"), set(stored.partner_ids)),
        Reference("client", "clients.csv", names.get("clients.csv", "clients.csv"), set(stored.client_ids)),
    ]
    for reference in references:
        reference.complete = reference.file not in found.unread
    return references
