"""Exports in a form of their own, read through a mapping: which of our columns come from which of theirs (data#mapping)."""

from tiercore.ingest.mapping.mapped import MappedSource
from tiercore.ingest.mapping.mapping import Mapping, RawTable, Records
from tiercore.ingest.mapping.reading import MappingError, read_mapping

__all__ = ["MappedSource", "Mapping", "MappingError", "RawTable", "Records", "read_mapping"]
