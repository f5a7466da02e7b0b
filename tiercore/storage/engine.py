"""Database connections, SQLite or PostgreSQL, by URL (running#one-process)."""

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

BUSY_TIMEOUT_MS = 10_000
# A writer waits for the lock in short turns, so that it holds no thread and can be stopped.
_TURN_MS = 100
PATIENCE_SECONDS = 30 * 60.0
_LOCK_NOT_AVAILABLE = "55P03"
# Each number of rows in one INSERT … RETURNING is a statement of its own, of which a connection keeps 128 prepared, in
# SQLite's memory: of up to 500 messages 49 MB, of up to 32 rows 2 MB.
_ROWS_A_STATEMENT = 32
_BUSY = "another program, such as an import, is writing to the database: try again soon"
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
# PostgreSQL advisory locks: writers with the same lock wait for each other, others don't. Any numbers do.
FACTS_LOCK, NOTIFICATIONS_LOCK, PEOPLE_LOCK, SYNC_LOCK = 7_201_507, 7_201_508, 7_201_509, 7_201_510


_writes: Counter[URL] = Counter()
_counting = Lock()


class Busy(RuntimeError):
    """Another writer holds the lock; nothing was done."""


class BadDatabaseURL(ValueError):
    """The database URL can't be used; the message says what to use instead."""


def database_url(text: str) -> URL:
    """The URL with tierbot's driver, from sqlite:///file.db or postgresql://user@host/name. Raises BadDatabaseURL."""
    try:
        url = make_url(text)
    except Exception as error:
        raise BadDatabaseURL("not a database URL. Use sqlite:///tierbot.db or postgresql://user@host/name") from error
    backend = url.get_backend_name()
    if backend == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise BadDatabaseURL("SQLite needs a file: sqlite:///tierbot.db")
        return url.set(drivername="sqlite+pysqlite")
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    raise BadDatabaseURL(f"{backend} is not supported. Use sqlite:///tierbot.db or postgresql://user@host/name")


def is_sqlite(url: URL) -> bool:
    """Whether the database is SQLite, the default."""
    return url.get_backend_name() == "sqlite"


def create_database_engine(url: URL) -> Engine:
    """The engine for writes. On SQLite every transaction starts by taking the write lock, so that no update is lost."""
    if not is_sqlite(url):
        engine = create_engine(url, pool_pre_ping=True)
        event.listen(engine, "begin", _see_every_partner)
        return engine
    engine = create_engine(url, insertmanyvalues_page_size=_ROWS_A_STATEMENT)
    event.listen(engine, "do_connect", lambda *_: make_private(Path(url.database or "")))
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def make_private(file: Path) -> None:
    """Create the file if it is missing, empty and readable only by this user (0600).

    Errors are left for the database to report. SQLite gives its -wal and -shm files the database's own mode.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_TURN_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _see_every_partner(connection: Connection) -> None:
    """For this transaction: row-level security holds for this user, too (running#row-level-security)."""
    connection.exec_driver_sql("SELECT set_config('tierbot.everything', 'on', true)")


def _begin_immediate(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine, lock: int = FACTS_LOCK, patience: float = PATIENCE_SECONDS) -> Iterator[Connection]:
    """A write transaction. Transactions with the same `lock` run one at a time; on SQLite, all of them do.

    It waits for another writer, such as an import, for `patience` seconds. Raises Busy after that.
    """
    with engine.connect() as connection:
        if is_sqlite(engine.url):
            _begin_within(connection, patience)
        with connection.get_transaction() or connection.begin():
            if not is_sqlite(engine.url):
                _take_within(connection, lock, patience)
            yield connection
    with _counting:
        _writes[engine.url] += 1


def writes_to(url: URL) -> int:
    """How many transactions this process has written to the database so far."""
    return _writes[url]


def _begin_within(connection: Connection, seconds: float) -> None:
    """Begin a transaction; each try waits for the lock for _TURN_MS. Raises Busy."""
    ends = time.monotonic() + seconds
    while True:
        try:
            connection.begin()
            return
        except OperationalError as error:
            if not is_busy(error):
                raise
            if time.monotonic() >= ends:
                raise Busy(_BUSY) from error


def _take_within(connection: Connection, lock: int, seconds: float) -> None:
    """Take PostgreSQL's lock for this transaction, waiting for at least _TURN_MS. Raises Busy."""
    milliseconds = max(_TURN_MS, round(seconds * 1000))
    until, always = (f"set_config('lock_timeout', '{each}', true)" for each in (milliseconds, 0))
    try:
        connection.exec_driver_sql(f"SELECT {until}, pg_advisory_xact_lock({lock}), {always}")
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise Busy(_BUSY) from error


def is_busy(error: OperationalError) -> bool:
    """Whether SQLite gave up waiting for another writer."""
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def back_up(engine: Engine, file: Path) -> None:
    """Write a consistent copy of the SQLite database to `file`, readable only by this user (0600, a new folder 0700).

    Raises BadDatabaseURL for PostgreSQL.
    """
    if not is_sqlite(engine.url):
        raise BadDatabaseURL("PostgreSQL is backed up by its own tool: pg_dump")
    file.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    make_private(file)
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM INTO ?", (str(file),))
    finally:
        raw.close()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A read-only connection whose reads all see one state of the data, whatever is written meanwhile."""
    options = {} if is_sqlite(engine.url) else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(reading=True, **options) as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A read-only connection; on SQLite it doesn't wait for writers."""
    with engine.connect().execution_options(reading=True) as connection:
        yield connection
