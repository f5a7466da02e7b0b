"""Imports: folders of CSV files, read, checked, compared with the stored entries, and stored."""

from tiercore.ingest.files import FILES
from tiercore.ingest.folder import Incoming, Stored, read_folder
from tiercore.ingest.problems import Problem, report

__all__ = ["FILES", "Incoming", "Problem", "Stored", "read_folder", "report"]
