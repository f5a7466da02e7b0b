"""How much room the database's disk has left."""

import shutil
import sys
from pathlib import Path

from sqlalchemy.engine import URL

MINIMUM_FREE_BYTES = 64 << 20


def free_bytes(url: URL) -> int:
    """Free bytes on a SQLite database's disk; for a database server, whose disk we can't see, as many as can be."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return sys.maxsize
    return shutil.disk_usage(Path(url.database).resolve().parent).free
