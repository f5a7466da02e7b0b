"""A folder in memory for the tests' databases."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH = 4 << 30  # bytes free: four servers with their databases take about 2 GB


def temporary_folder(prefix: str) -> Path:
    """A new folder: in memory if the machine offers enough of it, because most of what a new database costs is its
    files, and on disk otherwise.
    """
    usable = os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ENOUGH
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_MEMORY if usable else None))
