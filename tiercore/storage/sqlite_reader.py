"""Reads of SQLite: in the event loop, or in a thread where they would hold it up (architecture#hot-path)."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL

from tiercore.storage.compiled import NOBODY, Compiled, Query, Scope
from tiercore.storage.engine import BUSY_TIMEOUT_MS
from tiercore.turns import turn

IN_LOOP_SECONDS = 0.01
MAX_READ_SECONDS = 30.0
# This much of the file is read straight from the system's memory. SQLite's own cache of pages is small, and emptied by
# each change of another connection: of no use where the next question is about another of thousands of partners.
_MAPPED_BYTES = 2_147_418_112
_THREADS = 2
_STEPS = 1_000  # of SQLite's virtual machine, some 50 µs: how often a read looks at its budget
_COMPILED = Compiled(sqlite.dialect(paramstyle="named"))
_PUT_OFF = (sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY)
Rows = list[list[tuple[Any, ...]]]


class SQLiteReader:
    """Reads SQLite in the event loop for up to `in_loop` seconds. A read that takes longer, or that has to wait for a
    lock, is begun again in one of two threads, for up to MAX_READ_SECONDS.
    """

    immediate = True

    def __init__(self, url: URL, in_loop: float = IN_LOOP_SECONDS) -> None:
        self._path, self._in_loop = url.database or "", in_loop
        self._connection: _Connection | None = None
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="reads")
        self._of_thread, self._opened = local(), list[_Connection]()
        self.put_off = 0  # reads that a thread did

    async def open(self) -> None:
        self._connection = self._open(busy_timeout_ms=0)

    def _open(self, busy_timeout_ms: int) -> "_Connection":
        connection = _Connection(self._path, busy_timeout_ms)
        self._opened.append(connection)
        return connection

    async def fetch(self, *queries: Query, scope: Scope = NOBODY) -> Rows:
        assert self._connection is not None, "open() the reader first"
        await turn()
        compiled = [_COMPILED(query) for query in queries]
        try:
            return self._connection.fetch(compiled, self._in_loop)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _PUT_OFF:
                raise
        self.put_off += 1
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._fetch_in_thread, compiled)

    def _fetch_in_thread(self, compiled: Sequence[tuple[str, Any]]) -> Rows:
        connection: _Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = self._of_thread.connection = self._open(BUSY_TIMEOUT_MS)
        return connection.fetch(compiled, MAX_READ_SECONDS)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for connection in self._opened:
            connection.interrupt()
        await asyncio.to_thread(self._threads.shutdown)
        while self._opened:
            self._opened.pop().close()
        self._connection = None


class _Connection:
    """A connection for reading, whose reads are interrupted after some seconds."""

    def __init__(self, path: str, busy_timeout_ms: int) -> None:
        self._raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._raw.execute(f"PRAGMA busy_timeout={busy_timeout_ms}")
        self._raw.execute("PRAGMA query_only=ON")
        self._raw.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")
        self._raw.set_progress_handler(self._is_over, _STEPS)
        self._ends = float("inf")
        self.interrupt, self.close = self._raw.interrupt, self._raw.close

    def _is_over(self) -> bool:
        return time.monotonic() > self._ends

    def fetch(self, compiled: Sequence[tuple[str, Any]], seconds: float) -> Rows:
        """The rows of each statement, all from one state. Raises sqlite3.OperationalError after so many seconds."""
        self._ends = time.monotonic() + seconds
        execute = self._raw.execute
        if len(compiled) == 1:
            return [execute(*compiled[0]).fetchall()]
        execute("BEGIN")
        try:
            return [execute(*each).fetchall() for each in compiled]
        finally:
            self._ends = float("inf")
            execute("COMMIT")
