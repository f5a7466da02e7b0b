"""A folder of CSV files, read and checked as a whole: all or nothing (data.md)."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from tiercore.entries import Entry, Person
from tiercore.ingest.cells import YEARS_AHEAD, did_you_mean
from tiercore.ingest.files import FILES, forms
from tiercore.ingest.problems import Problem
from tiercore.ingest.reading import Read, read_file

Progress = Callable[[str, int, int], None]
_ALIKE = 88
_RARE = 5


@dataclass(frozen=True, slots=True)
class Held:
    """What storage holds already, for checking references and spelling."""

    partner_ids: frozenset[str] = frozenset()
    client_ids: frozenset[str] = frozenset()
    product_lines: frozenset[str] = frozenset()


@dataclass(slots=True)
class Incoming:
    """What a folder brings: entries by kind (a key for each file that is there), and what is wrong with it."""

    entries: dict[type[Any], list[Entry]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def read_folder(
    folder: Path, held: Held, *, tiers: Collection[str], today: date, progress: Progress | None = None
) -> Incoming:
    """Read every file of the folder. Nothing is raised for what is in the files: it is in `problems`.

    `tiers` are the tier names that the program knows; days up to ten years after `today` are accepted.
    """
    incoming = Incoming()
    paths = _paths(folder, incoming)
    by_kind = forms(tiers, _years_later(today, YEARS_AHEAD))
    reads = {FILES[path.name]: read_file(path, by_kind[FILES[path.name]], progress) for path in paths}
    for kind, read in reads.items():
        incoming.entries[kind] = read.entries
        incoming.problems += read.problems
    incoming.problems += _references(reads, held)
    incoming.problems.sort(key=lambda problem: (_rank(problem.file), problem.line))
    incoming.warnings += _spelling(reads, held)
    incoming.warnings += _names_of_people(reads)
    return incoming


def _rank(name: str) -> int:
    return list(FILES).index(name) if name in FILES else -1


def _years_later(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28))


def _paths(folder: Path, incoming: Incoming) -> list[Path]:
    """The known files of the folder, in the order in which they refer to each other."""

    def wrong(name: str, kind: str, message: str, remedy: str) -> None:
        incoming.problems.append(Problem(name, 0, "", "", kind, message, remedy))

    known = ", ".join(FILES)
    if not folder.is_dir():
        wrong(str(folder), "no folder", "is no folder", f"name a folder that holds some of {known}")
        return []
    names = {path.name for path in folder.iterdir() if path.is_file()}
    for name in sorted(names - set(FILES)):
        if name.lower().endswith(".csv"):
            wrong(name, "unknown file", "is no file of an import", did_you_mean(name.lower(), FILES))
    if not names & set(FILES) and not incoming.problems:
        wrong(str(folder), "empty folder", "has no file to import", f"put some of {known} into it")
    return [folder / name for name in FILES if name in names]


def _references(reads: dict[type[Any], Read], held: Held) -> Iterator[Problem]:
    """Rows that name a partner or client which is neither in the folder nor held."""
    for column, owner, ids in (
        ("partner_id", FILES["partners.csv"], held.partner_ids),
        ("client_id", FILES["clients.csv"], held.client_ids),
    ):
        parent = reads.get(owner)
        if parent is not None and not parent.readable:
            continue
        known = ids | {key[0] for key in parent.keys} if parent else ids
        for kind, read in reads.items():
            if kind is owner or not read.entries or column not in read.entries[0].__slots__:
                continue
            for entry, line in zip(read.entries, read.lines, strict=True):
                value = getattr(entry, column)
                if value is not None and value not in known:
                    thing = column.removesuffix("_id")
                    message, remedy = f"is no {thing} of this folder or held", f"add it to {thing}s.csv, or correct it"
                    yield Problem(read.name, line, column, value, f"unknown {thing}", message, remedy)


def _spelling(reads: dict[type[Any], Read], held: Held) -> Iterator[Problem]:
    """Product lines that look like a typing error of a commoner one."""
    places: dict[str, tuple[str, int]] = {}
    counts: Counter[str] = Counter()
    for read in reads.values():
        if read.entries and "product_line" in read.entries[0].__slots__:
            for entry, line in zip(read.entries, read.lines, strict=True):
                product_line: str = entry.product_line  # type: ignore[union-attr]
                counts[product_line] += 1
                places.setdefault(product_line, (read.name, line))
    for product_line, (name, line) in places.items():
        others = held.product_lines | {other for other, n in counts.items() if n > counts[product_line] * _RARE}
        meant = None if product_line in held.product_lines else _close(product_line, others - {product_line})
        if meant:
            remedy = f"did you mean {meant}? sales and levels meet only on the same line"
            yield Problem(name, line, "product_line", product_line, "product line", "looks like another line", remedy)


def _close(product_line: str, others: Collection[str]) -> str | None:
    found = process.extractOne(
        product_line.casefold(), {other: other.casefold() for other in others}, scorer=fuzz.ratio, score_cutoff=_ALIKE
    )
    return found[2] if found else None


def _names_of_people(reads: dict[type[Any], Read]) -> Iterator[Problem]:
    """One e-mail with two names."""
    read = reads.get(Person)
    first: dict[str, str] = {}
    for entry, line in zip(read.entries, read.lines, strict=True) if read else ():
        assert isinstance(entry, Person)
        name = first.setdefault(entry.email, entry.name)
        if name != entry.name:
            message = f"is another name for {entry.email}, who is {name} above"
            yield Problem("people.csv", line, "name", entry.name, "two names", message, "use one name")
