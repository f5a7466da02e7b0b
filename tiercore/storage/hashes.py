"""Rows of entries by hashes of 64 bits, of which very many fit into memory (data#large-files)."""

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select

from tiercore.storage.row_hashes import SEPARATOR, keep_parts, kept_parts

_AT_ONCE = 50_000  # rows that are read
_IN_A_PART = 1_000_000  # hashes that are kept in one value
_HASH = "hash"
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

    def __len__(self) -> int:
        return self._ordered.len()

    def without(self, hashes: pl.Series) -> pl.Series:
        """Those of the set that aren't among these."""
        return self._ordered.filter(~self._ordered.is_in(hashes.implode())) if hashes.len() else self._ordered


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


def kept_hashes(connection: Connection, target: Any) -> Hashes | None:
    """The hashes of rows that are stored, as imports have kept them; None where none are kept."""
    parts, gone = kept_parts(connection, target, _hashed_by(target))
    if not parts:
        return None
    found = Hashes(pl.read_ipc(BytesIO(part))[_HASH] for part in parts)
    return Hashes([found.without(pl.Series(gone, dtype=pl.String).hash())]) if gone else found


def keep_hashes(connection: Connection, target: Any, stored: Sequence[pl.Series]) -> None:
    """Keep these hashes of stored rows, once each, instead of those kept of the table before."""
    whole = pl.concat([pl.Series([], dtype=pl.UInt64), *stored]).unique()
    starts = range(0, whole.len(), _IN_A_PART)
    parts = [whole.slice(at, _IN_A_PART).alias(_HASH).to_frame().write_ipc(None).getvalue() for at in starts]
    keep_parts(connection, target, _hashed_by(target), parts)


def _hashed_by(target: Any) -> str:
    """What tells apart by which function, of which columns, rows are hashed: another polars may have another one."""
    names = [column.name for column in target.columns]
    texts = pl.Series([*names, SEPARATOR.join(names), SEPARATOR.join(names) * 9])
    return " ".join(map(str, texts.hash()))


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
