"""Warnings about ids that a spreadsheet has changed, and ids that differ only as spreadsheets and people write them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from tiercore.facts.entries import Agreement, Client, Partner, Sale
from tiercore.ingest.problems import Collected, Problem
from tiercore.ingest.rows import FileContent
from tiercore.ingest.spreadsheet import plain_form, what_happened

_IDS: Mapping[type[Any], str] = {
    Partner: "partner_id",
    Client: "client_id",
    Sale: "sale_id",
    Agreement: "agreement_id",
}
ALMOST, IF_ONE = "almost the same id", "if they are one, write both the same way"
_MANGLED = "mangled id"


def mangled_ids(reads: Mapping[type[Any], FileContent], stored: Mapping[type[Any], Collection[str]]) -> Collected:
    """A warning for each id that looks changed by a spreadsheet, and for each that is written almost like another.

    `stored` are the ids already in the database.
    """
    warned = Collected()
    for kind, column in _IDS.items():
        if (read := reads.get(kind)) is None:
            continue
        ids = list(map(attrgetter(column), read.entries))
        for at, value in enumerate(ids):
            if found := what_happened(value):
                warned.add(_MANGLED, _at, read, at, column, _MANGLED, *found)
        first = read.first_id(column)
        for at, other in _almost_alike(ids, first == first.upper(), read.keys, stored.get(kind, ())):
            warned.add(ALMOST, _at, read, at, column, ALMOST, almost(other), IF_ONE)
    return warned


def almost(other: str) -> str:
    """What is said of an id that is written almost like another one."""
    return f"differs from {other} only in capitals, spaces, leading zeros or decimals: it counts as another"


def _at(read: FileContent, at: int, column: str, kind: str, message: str, remedy: str) -> Problem:
    return Problem(read.log.file, read.lines[at], column, getattr(read.entries[at], column), kind, message, remedy)


def _almost_alike(
    ids: Sequence[str], upper: bool, keys: Collection[tuple[Any, ...]], stored: Collection[str]
) -> Iterator[tuple[int, str]]:
    """The places of ids that are written almost like another of the file or the database, each with that other.

    `upper`: whether the file's first id is in capitals.
    Only ids that aren't in their plain form are remembered: of most files, none.
    """
    odd = {plain: each for each in stored if (plain := plain_form(each, upper=upper)) != each}
    for at, value in enumerate(ids):
        plain = plain_form(value, upper=upper)
        if plain == value:
            if value in odd and value not in stored:
                yield at, odd[value]
        elif (plain,) in keys or plain in stored:
            yield at, plain
        elif odd.setdefault(plain, value) != value:
            yield at, odd[plain]
