"""An export read through a mapping, as a source of the import (data#mapping)."""

from collections.abc import Sequence
from dataclasses import dataclass

from tiercore.ingest.mapping.mapping import ExportMapping, RawTable
from tiercore.ingest.mapping.run import Run
from tiercore.ingest.tables import Listing
from tiercore.program import Catalogue


@dataclass(slots=True)
class MappedSource:
    """Tables of a foreign form as a Source: `name` is what the record of imports calls it.

    `summary`, after tables(), says for each of their tables what became of its rows.
    """

    mapping: ExportMapping
    raw: Sequence[RawTable]
    name: str
    catalogue: Catalogue
    lists_everyone: bool = False
    summary: tuple[str, ...] = ()

    def tables(self) -> Listing:
        """The tables of ours. Never raises because of their content; problems name their file, line and column."""
        run = Run(self.mapping, self.raw, self.catalogue)
        listing = run.listing()
        self.summary = (*(note for table in self.raw for note in table.notes), *run.outcome.summary())
        return listing
