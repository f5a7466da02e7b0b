"""A folder of CSV files, read and checked as a whole (data.md)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tiercore.entries import Client, Entry, Partner
from tiercore.ingest.cells import parsers
from tiercore.ingest.checks import Known
from tiercore.ingest.fields import BAD
from tiercore.ingest.files import FILES
from tiercore.ingest.meant import did_you_mean
from tiercore.ingest.problems import Problem
from tiercore.ingest.reading import Progress, Read, read_file
from tiercore.ingest.spelling import name_warnings, product_line_warnings

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
    paths, incoming.problems = _files_in(folder)
    parse, knowns = parsers(tiers, today), _knowns(held)
    reads: dict[type[Any], Read] = {}
    for path in paths:
        kind = FILES[path.name]
        read = reads[kind] = read_file(path, parse, list(knowns.values()), progress)
        incoming.entries[kind] = read.entries
        incoming.problems += sorted(read.log.problems, key=lambda problem: problem.line)
        if kind in knowns:
            _learn(knowns[kind], read)
    incoming.warnings += product_line_warnings(reads, held.product_lines)
    incoming.warnings += name_warnings(reads)
    return incoming


def _knowns(held: Held) -> dict[type[Any], Known]:
    return {
        Partner: Known("partner", "partners.csv", set(held.partner_ids)),
        Client: Known("client", "clients.csv", set(held.client_ids)),
    }


def _learn(known: Known, read: Read) -> None:
    """Take the ids of the file, also those of bad rows: one mistake is told once."""
    known.complete = read.has_keys
    known.ids.update(key[0] for key in read.keys if key[0] is not BAD)


def _files_in(folder: Path) -> tuple[list[Path], list[Problem]]:
    """The known files that are in the folder, parents first, and what is wrong with the folder."""
    try:
        names = {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        return [], [_problem(str(folder), "no folder", "there is no such folder", "name a folder of CSV files")]
    except OSError as error:
        remedy = "name a folder of CSV files"
        return [], [_problem(str(folder), "no folder", f"is not a readable folder ({error.strerror})", remedy)]
    problems = [*_unknown_files(names), *_not_files(folder, names)]
    paths = [folder / name for name in FILES if (folder / name).is_file()]
    if not paths and not problems:
        remedy = f"it may hold {', '.join(FILES)}"
        problems.append(_problem(str(folder), "empty folder", "the folder has none of the files to import", remedy))
    return paths, problems


def _unknown_files(names: Collection[str]) -> Iterator[Problem]:
    for name in sorted(names):
        if name.lower().endswith(".csv") and name not in FILES:
            remedy = did_you_mean(name, FILES) + f"files are {', '.join(FILES)}"
            yield _problem(name, "unknown file", "this file is not one of those to import", remedy)


def _not_files(folder: Path, names: Collection[str]) -> Iterator[Problem]:
    for name in FILES:
        if name in names and not (folder / name).is_file():
            yield _problem(name, "no file", "is not a file", "take it out of the folder")


def _problem(file: str, kind: str, message: str, remedy: str) -> Problem:
    return Problem(file, 0, "", "", kind, message, remedy)
