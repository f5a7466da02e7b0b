"""Exports in foreign forms for tests, read through a mapping."""

from datetime import date

from tiercore.ingest import Incoming, Stored, read_tables
from tiercore.ingest.mapping import ExportMapping, MappedSource, Records, read_mapping
from tiercore.program import load_program

TODAY = date(2026, 11, 28)
CATALOGUE = load_program().catalogue
STORED = Stored(frozenset({"P001"}), frozenset({"C1", "C2"}), frozenset())


def mapping_of(toml: str, **settings: str) -> ExportMapping:
    """The mapping of a TOML text, called mapping.toml in messages."""
    return read_mapping(toml, "mapping.toml", settings)


def records(name: str, text: str, ending: str = ".csv") -> Records:
    """A table written as lines of cells with | between them, numbered as lines of a file."""
    header, *rows = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    found = [dict(zip(header, row, strict=True)) | {"#": str(line)} for line, row in enumerate(rows, 2)]
    return Records(name + ending, "", found, header, number_of=lambda record: int(record["#"] or 0))


def source_of(toml: str, *tables: Records, **settings: str) -> MappedSource:
    """Tables read through a mapping."""
    return MappedSource(mapping_of(toml, **settings), tables, "export", CATALOGUE)


def read(source: MappedSource, stored: Stored = STORED) -> Incoming:
    """What the import makes of a source, its problems and warnings in the words of the source."""
    listing = source.tables()
    incoming = read_tables(listing, stored, tiers={"gold"}, catalogue=CATALOGUE, today=TODAY)
    if listing.said:
        incoming.problems = list(dict.fromkeys(map(listing.said, incoming.problems)))
        incoming.warnings = list(dict.fromkeys(map(listing.said, incoming.warnings)))
    return incoming


def problems(source: MappedSource, stored: Stored = STORED) -> list[str]:
    """The problems of a source, as they are printed."""
    return [str(each) for each in read(source, stored).problems]
