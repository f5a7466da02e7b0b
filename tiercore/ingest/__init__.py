"""What comes in: folders of CSV files, read, checked, reconciled with what is held, and stored."""

from tiercore.ingest.files import FILES
from tiercore.ingest.folder import Held, Incoming, read_folder
from tiercore.ingest.problems import Problem, report

__all__ = ["FILES", "Held", "Incoming", "Problem", "read_folder", "report"]
