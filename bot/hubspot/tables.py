"""Staged records as the tables that a mapping reads."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from bot.hubspot.object_types import ObjectType
from bot.hubspot.wanted import ASSOCIATED, Wanted, own_columns
from tiercore.ingest.mapping.mapping import RawTable
from tiercore.ingest.plain_numbers import plain_number
from tiercore.ingest.staging.records import Selection, ids_of, staged
from tiercore.ingest.tables import BrokenRow, Cells
from tiercore.storage.engine import reading


@dataclass(frozen=True, slots=True)
class StagedTable:
    """The selected records of a type, read from the database as they are needed. A record that refers to others, all of
    which aren't selected, isn't either, nor is a part of nothing; `others` are the types that records refer to.
    """

    engine: Engine
    of: ObjectType
    properties: Sequence[str]
    selection: Selection
    others: Sequence[str] = ()
    notes: Sequence[str] = ()
    since_1904: bool = False

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"HubSpot {self.of.words}"

    @property
    def sheet(self) -> str:
        """What an input of the mapping calls it."""
        return self.of.name

    @property
    def header(self) -> Sequence[str]:
        """The properties, then the record's own id and those of the records that it is associated with."""
        return [*(each for each in self.properties if each not in own_columns(self.of)), *own_columns(self.of)]

    def rows(self, _on_broken: Callable[[BrokenRow], None], /) -> Iterator[tuple[int, Cells]]:
        """Each record, with its id as its number."""
        header = self.header
        with reading(self.engine) as connection:
            there = {each: ids_of(connection, each, self.selection) for each in self.others}
            for record_id, properties, associated in staged(connection, self.of.name, self.selection):
                found = {name: [each for each in ids if _is_in(there, name, each)] for name, ids in associated.items()}
                needed = {name for name in self.others if associated.get(name) or name == self.of.part_of}
                if all(found.get(name) for name in needed):
                    own = {ASSOCIATED + name: ids[0] for name, ids in found.items() if ids}
                    cells = properties | own | {"hs_object_id": record_id}
                    yield int(record_id), [plain_number(cells.get(name) or "") for name in header]


def staged_tables(
    engine: Engine, wanted: Wanted, properties: dict[str, list[str]], selection: Selection
) -> list[RawTable]:
    """The tables of all types that the mapping reads; `properties` are those read of each."""
    read = [each.name for each in wanted.types]
    return [
        StagedTable(engine, each, properties[each.name], selection, [to for to in each.associated if to in read])
        for each in wanted.types
    ]


def _is_in(there: dict[str, frozenset[str]], name: str, record_id: str) -> bool:
    return name not in there or record_id in there[name]
