"""Only one process may serve a SQLite database: a lock file next to it refuses the second; it ends with its process."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from tiercore.storage.engine import is_sqlite, make_private


class ServedElsewhere(RuntimeError):
    """Another process serves the database; the message says what to do."""


@contextmanager
def single_process(url: URL) -> Iterator[None]:
    """Hold the lock of a SQLite database; any number may serve PostgreSQL. Raises ServedElsewhere."""
    if not is_sqlite(url):
        yield
        return
    path = Path(f"{url.database}.serving")
    make_private(path)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ServedElsewhere(
                f"another tierbot serves {url.database}, and SQLite is for one process: stop it, or let several share "
                "a PostgreSQL database (TIERBOT_DATABASE_URL)"
            ) from error
        yield
