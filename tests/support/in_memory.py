"""A place in memory for the tests' databases and files."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH = 4 << 30  # bytes free: four servers with their databases, and the tests' files, take about 1 GB


def place_in_memory() -> Path | None:
    """Where files are kept in memory; None if the machine doesn't offer enough of it."""
    usable = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ENOUGH
    return _MEMORY if usable else None


def temporary_folder(prefix: str) -> Path:
    """A new folder: in memory if possible, because most of what a new database costs is its files."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=place_in_memory()))
