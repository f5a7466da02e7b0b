"""What a mapping wants of HubSpot: which object types, and which properties of each."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from bot.hubspot.errors import HubSpotError
from bot.hubspot.object_types import OBJECT_TYPES, ObjectType
from tiercore.ingest.mapping.mapping import ExportMapping, Input, Names, names_in
from tiercore.ingest.mapping.reading import read_mapping
from tiercore.ingest.mapping.texts import plain

ASSOCIATED = "associated_"  # and a type: the column with the id of the record of that type, the primary one


class NothingWanted(HubSpotError):
    """No input of the mapping is one of HubSpot's object types."""

    def __init__(self, origin: str) -> None:
        super().__init__(
            f"{origin} reads nothing of HubSpot: name an input, or one of its tables, {', '.join(OBJECT_TYPES)}. "
            "tierbot sync hubspot --discover --to FILE proposes a mapping"
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mapping, a `fingerprint` of its text, and by object type the columns that it reads: for each the candidates, of
    which the first that is there is meant.
    """

    mapping: ExportMapping
    fingerprint: str
    columns: Mapping[str, tuple[Names, ...]]

    @property
    def types(self) -> list[ObjectType]:
        """The object types to read, in their order."""
        return [each for name, each in OBJECT_TYPES.items() if name in self.columns]


def read_wanted(file: Path) -> Wanted:
    """What the mapping in a file wants. Raises OSError, MappingError, NothingWanted."""
    return wanted(file.read_text("utf-8"), file.name)


def wanted(text: str, origin: str) -> Wanted:
    """What a mapping's TOML wants. Raises MappingError, NothingWanted."""
    mapping = read_mapping(text, origin)
    columns: dict[str, tuple[Names, ...]] = {}
    for each in mapping.inputs.values():
        for name in OBJECT_TYPES:
            if any(fnmatchcase(plain(name), plain(pattern)) for pattern in each.tables):
                columns[name] = (*columns.get(name, ()), *_columns(mapping, each))
    if not columns:
        raise NothingWanted(origin)
    return Wanted(mapping, hashlib.sha256(text.encode()).hexdigest()[:16], columns)


def chosen_properties(columns: Sequence[Names], there: Iterable[str]) -> list[str]:
    """Those of the portal's properties that the columns mean. What isn't there is the mapping's to complain of."""
    names = {plain(name): name for name in there}
    chosen = (names[key] for candidates in columns for key in map(plain, candidates) if key in names)
    return list(dict.fromkeys(chosen))


def own_columns(of: ObjectType) -> list[str]:
    """The columns that a type's records have in addition to the portal's properties."""
    return ["hs_object_id", *(ASSOCIATED + each for each in of.associated)]


def _columns(mapping: ExportMapping, each: Input) -> Iterable[Names]:
    """The columns of an input that the mapping reads, by itself or as the input that another joins."""
    yield from filter(None, (each.id, *each.joins.values(), *(by.names for by in each.filters)))
    for rule in mapping.rules:
        filters = [by.names for by in rule.filters]
        recipes = [names for recipe in rule.cells.values() for names in names_in(recipe)]
        for names in (*filters, *recipes):
            if rule.input == each.name and (direct := tuple(name for name in names if not _is_joined(mapping, name))):
                yield direct
            if joined := tuple(name.rpartition(".")[2] for name in names if _is_of(each, name)):
                yield joined


def _is_joined(mapping: ExportMapping, name: str) -> bool:
    return any(_is_of(each, name) for each in mapping.inputs.values())


def _is_of(each: Input, name: str) -> bool:
    """Whether a column is one of this input, joined: "deals.Stage", or through another input "deals.companies.name"."""
    return f".{plain(name)}".rpartition(".")[0].endswith(f".{plain(each.name)}")
