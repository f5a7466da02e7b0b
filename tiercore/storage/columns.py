"""Rows of entries as columns (polars), stored many at a time (data#large-files)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Protocol

import polars as pl
from sqlalchemy import BigInteger, Connection, Date, Integer

from tiercore.storage import rows
from tiercore.storage.bulk import table
from tiercore.storage.reconcile import Row

LINE = "line"
_AT_ONCE = 200  # rows of one SQLite statement


class Frames(Protocol):
    """Rows of one table, a frame at a time: its columns (days as texts), or those with the names, and LINE, which tells
    the rows apart.
    """

    def frames(self, *names: str) -> Iterator[pl.DataFrame]: ...


def schema_of(kind: type[Any]) -> dict[str, Any]:
    """The columns of a frame of these entries; days are texts, as SQLite stores them."""
    return {column.name: _type_of(column) for column in table(rows.TABLE_OF[kind]).columns}


def _type_of(column: Any) -> Any:
    return pl.Int64 if isinstance(column.type, BigInteger | Integer) else pl.String


def frame_of(kind: type[Any], stored: Sequence[Row]) -> pl.DataFrame:
    """Rows of the table as a frame."""
    schema = schema_of(kind)
    return pl.DataFrame({name: [plain(row[name]) for row in stored] for name in schema}, schema=schema)


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def rows_of(kind: type[Any], frame: pl.DataFrame) -> Iterator[Row]:
    """The frame as rows of the table."""
    source = table(rows.TABLE_OF[kind])
    days = [column.name for column in source.columns if isinstance(column.type, Date)]
    names = [column.name for column in source.columns]
    return frame.select(names).with_columns(pl.col(days).str.to_date()).iter_rows(named=True)


def stage(cursor: Any, target: Any, frame: pl.DataFrame) -> str:
    """The frame's rows in a temporary table, which is emptied before: its name."""
    name, columns = f"incoming_{target.name}", [column.name for column in target.columns]
    cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} (line bigint, LIKE {target.name}) ON COMMIT DROP")
    cursor.execute(f"TRUNCATE {name}")
    listed = ", ".join(f'"{each}"' for each in columns)
    with cursor.copy(f"COPY {name} (line, {listed}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(frame.select(LINE, *columns).write_csv(include_header=False))
    return name


def copy_in(connection: Connection, target: Any, frame: pl.DataFrame) -> None:
    """Store the rows by COPY; a table with row-level security takes none directly."""
    cursor, columns = connection.connection.cursor(), ", ".join(f'"{column.name}"' for column in target.columns)
    staged = stage(cursor, target, frame)
    cursor.execute(f"INSERT INTO {target.name} ({columns}) SELECT {columns} FROM {staged}")  # noqa: S608


def insert_many(connection: Connection, target: Any, frame: pl.DataFrame) -> None:
    """Store the rows on SQLite, _AT_ONCE of them with one statement: what a row costs is mostly the call."""
    names = [column.name for column in target.columns]
    columns = [frame[name].to_list() for name in names]
    width = len(names)
    flat: list[Any] = [None] * (frame.height * width)
    for at, each in enumerate(columns):
        flat[at::width] = each
    cursor, step = connection.connection.cursor(), width * _AT_ONCE
    whole = len(flat) // step * step
    cursor.executemany(_insertion(target.name, names, _AT_ONCE), [flat[at : at + step] for at in range(0, whole, step)])
    if rest := flat[whole:]:
        cursor.execute(_insertion(target.name, names, len(rest) // width), rest)


def _insertion(name: str, columns: Sequence[str], count: int) -> str:
    values = ",".join([f"({','.join('?' * len(columns))})"] * count)
    listed = ", ".join(f'"{each}"' for each in columns)
    return f"INSERT INTO {name} ({listed}) VALUES {values}"  # noqa: S608
