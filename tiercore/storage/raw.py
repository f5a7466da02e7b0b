"""Rows as the driver gives and takes them, for bulk work on SQLite and PostgreSQL (architecture#rebuilds)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import Connection

from tiercore.rating.garbage import uncollected

Row = tuple[Any, ...]


_LARGE, _USUAL = -64 * 1024, -2000  # SQLite's cache of pages, in KiB


@contextmanager
def large_cache(connection: Connection) -> Iterator[None]:
    """A larger cache of pages for the block, on SQLite: bulk work reads and writes through indexes in any order."""
    if connection.dialect.name == "postgresql":
        yield
        return
    connection.exec_driver_sql(f"PRAGMA cache_size = {_LARGE}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {_USUAL}")


def enlarge_cache(connection: Any) -> None:
    """A larger cache of pages for a connection of SQLite's driver, as long as it is open."""
    connection.execute(f"PRAGMA cache_size = {_LARGE}")


class RawRows:
    """A connection's rows as plain tuples, in its transaction; no object per row and no conversion of a value."""

    def __init__(self, connection: Connection) -> None:
        self.is_postgresql = connection.dialect.name == "postgresql"
        self._driver = connection.connection
        self._staged = set[str]()

    def all(self, sql: str, *parameters: Any) -> list[Row]:
        """All rows of a statement, which names its parameters by the driver's own marks (`mark`)."""
        cursor = self._driver.cursor()
        try:
            cursor.execute(sql, parameters)
            with uncollected():
                return list(cursor.fetchall())
        finally:
            cursor.close()

    def many(self, sql: str, parameters: Sequence[Row]) -> None:
        """Run the statement for each of the parameters, which it marks by question marks."""
        if not parameters:
            return
        cursor = self._driver.cursor()
        try:
            cursor.executemany(sql.replace("?", "%s") if self.is_postgresql else sql, parameters)
        finally:
            cursor.close()

    def where(self, table: str, columns: Sequence[str], key: str, values: Collection[str]) -> list[Row]:
        """These columns of all rows whose `key` is one of the values."""
        among, parameter = self.among(values)
        return self.all(f"SELECT {', '.join(columns)} FROM {table} WHERE {key} {among}", parameter)  # noqa: S608

    def count(self, table: str, key: str, values: Collection[str]) -> int:
        """How many rows have one of the values as their `key`."""
        among, parameter = self.among(values)
        return int(self.all(f"SELECT count(*) FROM {table} WHERE {key} {among}", parameter)[0][0])  # noqa: S608

    def among(self, values: Collection[str]) -> tuple[str, Any]:
        """The condition that a column has one of the values, and its only parameter."""
        if self.is_postgresql:
            return "= ANY (%s)", list(values)
        return "IN (SELECT value FROM json_each(?))", orjson.dumps(list(values)).decode()

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Insert the rows. PostgreSQL copies them into a table of the transaction's own first: with row-level security
        it copies into no other.
        """
        if not rows:
            return
        names = ", ".join(columns)
        cursor = self._driver.cursor()
        try:
            if not self.is_postgresql:
                marks = ", ".join("?" * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608
                return
            staged = self._stage(cursor, table, names)
            with cursor.copy(f"COPY {staged} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {staged}")  # noqa: S608
            cursor.execute(f"TRUNCATE {staged}")
        finally:
            cursor.close()

    def delete(self, table: str, columns: Sequence[str], keys: Iterable[Row]) -> None:
        """Delete the rows with these values in the columns."""
        listed = list(keys)
        if not listed:
            return
        cursor = self._driver.cursor()
        try:
            if not self.is_postgresql:
                same = " AND ".join(f"{column} = ?" for column in columns)
                cursor.executemany(f"DELETE FROM {table} WHERE {same}", listed)  # noqa: S608
                return
            same = " AND ".join(f"{table}.{column} = gone.{column}" for column in columns)
            types = (_ARRAYS[type(value)] for value in listed[0])
            arrays = ", ".join(f"%s::{each}" for each in types)
            gone = f"unnest({arrays}) AS gone ({', '.join(columns)})"
            values = [list(each) for each in zip(*listed, strict=True)]
            cursor.execute(f"DELETE FROM {table} USING {gone} WHERE {same}", values)  # noqa: S608
        finally:
            cursor.close()

    def _stage(self, cursor: Any, table: str, names: str) -> str:
        """The transaction's own table for rows of `table`, made when it is first needed."""
        staged = f"staged_{table}"
        if staged not in self._staged:
            made = f"SELECT {names} FROM {table} WHERE false"  # noqa: S608
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {staged} ON COMMIT DROP AS {made}")
            self._staged.add(staged)
        return staged


_ARRAYS = {str: "text[]", int: "bigint[]"}
