"""Bulk work on Core tables, the same on SQLite and PostgreSQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

_CHUNK_SIZE = 500


def table(model: type[SQLModel]) -> Any:
    """The model's Core table, for bulk work without an object per row."""
    return model.__table__  # type: ignore[attr-defined]


def chunks(items: Iterable[Any], size: int = _CHUNK_SIZE) -> Iterator[list[Any]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def dialect_of(connection: Connection) -> Any:
    """The dialect's own statements, such as `insert`, which support ON CONFLICT."""
    return dialect_named(connection.dialect.name)


def dialect_named(name: str) -> Any:
    """The same, by the dialect's name."""
    return postgresql if name == "postgresql" else sqlite


def insert_new(connection: Connection, target: Any, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Insert the rows that conflict with no key of the table. Returns the primary keys of the inserted rows."""
    if not rows:
        return []
    statement = dialect_of(connection).insert(target).on_conflict_do_nothing().returning(*target.primary_key)
    return list(connection.execute(statement, rows).all())


def analyze(connection: Connection, models: Iterable[type[SQLModel]]) -> None:
    """Update PostgreSQL's statistics after a bulk write, so that it doesn't plan queries for the old tables."""
    if connection.dialect.name == "postgresql":
        for model in models:
            connection.exec_driver_sql(f"ANALYZE {model.__tablename__}")
