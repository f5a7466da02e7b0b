"""An export read through a mapping, as a source of the import (data#exports-through-a-mapping)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tiercore.ingest.mapping.mapping import ExportMapping, RawTable
from tiercore.ingest.mapping.partner_names import unread_partners
from tiercore.ingest.mapping.run import Run
from tiercore.ingest.tables import Listing
from tiercore.program import Catalogue


@dataclass(slots=True)
class MappedSource:
    """Tables of a foreign form as a Source: `name` is what the record of imports calls it.

    `partners` are those on file, by what names them. `summary`, after tables(), says for each of their tables what
    became of its rows.
    """

    mapping: ExportMapping
    raw: Sequence[RawTable]
    name: str
    catalogue: Catalogue
    lists_everyone: bool = False
    partners: Mapping[str, str] = field(default_factory=dict)
    summary: tuple[str, ...] = ()

    def tables(self) -> Listing:
        """The tables of ours. Never raises because of their content; problems name their file, line and column."""
        run = Run(self.mapping, self.raw, self.catalogue)
        listing = run.listing()
        listing.warnings += unread_partners(self.mapping, self.raw, self.partners) if self.partners else ()
        self.summary = (*(note for table in self.raw for note in table.notes), *run.outcome.summary())
        return listing
