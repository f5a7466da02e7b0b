"""Imports: tables of text, read, checked, compared with the stored entries, and stored."""

from tiercore.ingest.files import FILES
from tiercore.ingest.incoming import Incoming, Stored, read_tables
from tiercore.ingest.problems import Problem, report

__all__ = ["FILES", "Incoming", "Problem", "Stored", "read_tables", "report"]
