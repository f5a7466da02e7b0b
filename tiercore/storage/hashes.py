"""Rows of entries by hashes of 64 bits, of which very many fit into memory (data#large-files)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select

SEPARATOR = "\t"  # no stored text has one
_AT_ONCE = 50_000  # rows that are read
_PART = 4  # a file with a row for every so many that are stored is compared with all of them


class Hashes:
    """A set of hashes, eight bytes each."""

    def __init__(self, parts: Iterable[pl.Series]) -> None:
        found = list(parts)
        self._ordered = (pl.concat(found) if found else pl.Series([], dtype=pl.UInt64)).sort(in_place=True)

    def have(self, hashes: pl.Series) -> pl.Series:
        """For each of the hashes, whether it is one of the set."""
        if not self._ordered.len():
            return pl.repeat(value=False, n=hashes.len(), eager=True)
        at = self._ordered.search_sorted(hashes).clip(0, self._ordered.len() - 1)
        return self._ordered.gather(at) == hashes


def hash_of(names: Sequence[str]) -> pl.Expr:
    """The hash of these columns together."""
    return as_one_text(names).hash()


def as_one_text(names: Sequence[str]) -> pl.Expr:
    """These columns as one text, nothing where there is no value."""
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in names], separator=SEPARATOR)


def hashes_of_stored(connection: Connection, target: Any, count: int) -> Hashes | None:
    """The hashes of the stored rows, each of all its columns in their order. None where there are many more than
    `count`, which are sooner looked up one by one.
    """
    if row_count(connection, target) > count * _PART:
        return None
    columns = [f'"{column.name}"' for column in target.columns]
    if connection.dialect.name == "postgresql":
        whole = "||chr(9)||".join(f"coalesce({column}::text,'')" for column in columns)
    else:  # a quarter faster than the same with ||
        whole = f"printf('{SEPARATOR.join(['%s'] * len(columns))}', {', '.join(columns)})"
    parts = driver_rows(connection, f"SELECT {whole} FROM {target.name}")  # noqa: S608
    return Hashes(pl.Series([text for (text,) in rows], dtype=pl.String).hash() for rows in parts)


def row_count(connection: Connection, target: Any) -> int:
    """How many rows are stored."""
    return connection.scalar(select(func.count()).select_from(target)) or 0


def driver_rows(connection: Connection, sql: str) -> Iterator[list[Any]]:
    """The rows of a statement, many at a time as the driver gives them."""
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor("stored_rows") if connection.dialect.name == "postgresql" else driver.cursor()
    try:
        cursor.execute(sql)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield rows
    finally:
        cursor.close()
