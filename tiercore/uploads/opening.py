"""Dropped files as a source of tables: in our form, or in one of their own through a mapping (data#dropped-files)."""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from types import MappingProxyType

from tiercore.ingest.day_forms import DateOrder
from tiercore.ingest.discovery import Files
from tiercore.ingest.files import FORMATS
from tiercore.ingest.mapping import ExportMapping, MappedSource, RawTable, read_mapping
from tiercore.ingest.mapping.exports import tables_of
from tiercore.ingest.mapping.mistakes import KIND
from tiercore.ingest.mapping.proposing import propose
from tiercore.ingest.mapping.ready import ready_mappings, ready_text
from tiercore.ingest.plain_numbers import DecimalMark
from tiercore.ingest.problems import BadCell, Problem
from tiercore.ingest.tables import Listing, Source
from tiercore.program import Catalogue
from tiercore.uploads.types import MAPPING, DroppedFile

_SETTING = re.compile(r"(\w+)\s*=\s*(?:\"([^\"]*)\"|“([^”]*)”|([^\s,;]+))")
_DATES, _DECIMAL = "dates", "decimal"
_GIVEN_BY = "--set "


@dataclass(frozen=True, slots=True)
class Opened:
    """The files' source, and as what they are read; without a source, the `settings` that a ready mapping needs to read
    them, or a `proposal` for a mapping.
    """

    source: Source | None
    read_as: str = ""
    settings: tuple[str, ...] = ()
    proposal: str = ""


def settings_in(text: str) -> dict[str, str]:
    """What a message with files says: `partner_id=P001 currency=EUR`."""
    found = _SETTING.findall(unescape(text))
    return {name.lower(): next(filter(None, values), "") for name, *values in found}


def settings_asked(toml: str) -> list[str]:
    """The settings that a mapping asks for; none where it isn't TOML."""
    try:
        asked = tomllib.loads(toml).get("settings", {})
    except tomllib.TOMLDecodeError:
        return []
    return list(asked) if isinstance(asked, dict) else []


def write_files(folder: Path, files: Sequence[DroppedFile]) -> None:
    """Write the files into an empty folder."""
    for each in files:
        (folder / each.name).write_bytes(each.content)


def open_files(
    folder: Path,
    names: tuple[str, ...],
    text: str,
    partners: Collection[str] | None,
    catalogue: Catalogue,
    on_file: Mapping[str, str] = MappingProxyType({}),
) -> Opened:
    """The files of the folder as a source. `text` is what their sender wrote with them, `partners` whose rows they may
    bring (None for everyone's), `on_file` those by what names them. Raises MappingError for a dropped mapping that is
    wrong.
    """
    given = settings_in(text)
    if partners is not None and len(partners) == 1:
        given.setdefault("partner_id", *partners)
    dates = next((each for each in DateOrder if each.value == given.get(_DATES)), None)
    decimal = next((each for each in DecimalMark if each.value == given.get(_DECIMAL)), None)
    ours = DroppedFiles(folder, names, dates, decimal)
    try:
        raw = tables_of(folder)
    except (BadCell, OSError):
        return Opened(ours)  # whose listing says what is wrong
    foreign = _Foreign(raw, given, dates, decimal, catalogue, ours.name, on_file)
    if mapping := next((each for each in names if each.lower().endswith(MAPPING)), None):
        toml = (folder / mapping).read_text(encoding="utf-8-sig", errors="replace")
        return Opened(foreign.through(toml, mapping), mapping)
    return Opened(ours) if not raw or any(map(_is_ours, raw)) else foreign.opened()


@dataclass(frozen=True, slots=True)
class DroppedFiles:
    """The files of a message, named as ours. Their people.csv is a part of the list: nobody loses access by it."""

    path: Path
    names: tuple[str, ...]
    dates: DateOrder | None = None
    decimal: DecimalMark | None = None
    lists_everyone: bool = False

    @property
    def name(self) -> str:
        """What the record of imports calls them."""
        return ", ".join(self.names)

    def tables(self) -> Listing:
        """Their tables."""
        found = Files(self.path, lists_everyone=False, dates=self.dates, decimal=self.decimal).tables()
        at = str(self.path)
        found.problems = [replace(each, file=self.name) if each.file == at else each for each in found.problems]
        return found


@dataclass(frozen=True, slots=True)
class _Foreign:
    """Tables in a form of their own."""

    raw: Sequence[RawTable]
    given: Mapping[str, str]
    dates: DateOrder | None
    decimal: DecimalMark | None
    catalogue: Catalogue
    name: str
    on_file: Mapping[str, str]

    def opened(self) -> Opened:
        """Read by the ready mapping whose columns they have; else what is missing, or a proposed mapping."""
        wanting = dict[str, tuple[str, ...]]()
        for name in ready_mappings():
            source = self.through(ready_text(name), f"{name}.toml")
            missing = [each for each in source.tables().problems if each.kind == KIND]
            if not missing:
                return Opened(source, f"the ready mapping {name}")
            if all(_GIVEN_BY in each.remedy for each in missing):
                wanting[name] = tuple(dict.fromkeys(_setting_of(each) for each in missing))
        if wanting:
            best = min(wanting, key=lambda name: len(wanting[name]))
            return Opened(None, f"the ready mapping {best}", wanting[best])
        return Opened(None, proposal=propose(self.raw[0], self.catalogue, self.on_file).toml)

    def through(self, toml: str, origin: str) -> MappedSource:
        """The tables through a mapping. Raises MappingError."""
        declared = settings_asked(toml)
        mapping = read_mapping(toml, origin, {name: self.given[name] for name in declared if name in self.given})
        return MappedSource(self._with_said(mapping), self.raw, self.name, self.catalogue, partners=self.on_file)

    def _with_said(self, mapping: ExportMapping) -> ExportMapping:
        """The mapping with what was written with the files, where it says nothing itself."""
        return replace(mapping, dates=mapping.dates or self.dates, decimal=mapping.decimal or self.decimal)


def _is_ours(table: RawTable) -> bool:
    """Whether a table has the columns that tell our rows apart."""
    header = {each.strip().lower() for each in table.header}
    return any(header >= _required(file) for file in FORMATS)


def _required(file: str) -> set[str]:
    optional = {column.name for column in FORMATS[file].columns if column.optional}
    return set(FORMATS[file].key) - optional


def _setting_of(problem: Problem) -> str:
    return problem.remedy.partition(_GIVEN_BY)[2].partition("=")[0]
