"""Exports in a form of their own, read through a mapping of their columns to ours (data#mapping)."""

from tiercore.ingest.mapping.mapped import MappedSource
from tiercore.ingest.mapping.mapping import ExportMapping, RawTable, Records
from tiercore.ingest.mapping.mistakes import MappingError
from tiercore.ingest.mapping.reading import read_mapping

__all__ = ["ExportMapping", "MappedSource", "MappingError", "RawTable", "Records", "read_mapping"]
