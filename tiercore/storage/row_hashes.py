"""Hashes of stored rows, as they are kept beside them (data#large-files); hashes.py makes and reads them."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select

from tiercore.storage.bulk import table
from tiercore.storage.tables.hashes import RowHashesRow

SEPARATOR = "\t"  # no stored text has one
_MOST_GONE = 1_000  # rows changed one by one, after which a table is sooner read again
_NOT_HASHED = ""
_kept = table(RowHashesRow)


def kept_parts(connection: Connection, target: Any, hashed_by: str) -> tuple[list[bytes], list[str]]:
    """The parts kept of a table by this function, and the texts of the rows of them that aren't stored any more."""
    by_it = _kept.c.hashed_by.in_((hashed_by, _NOT_HASHED))
    own = select(_kept.c.hashes, _kept.c.gone).where(_kept.c.table_name == target.name, by_it)
    found = list(connection.execute(own.order_by(_kept.c.part)))
    gone = [text for row in found if row.gone for text in orjson.loads(row.gone)]
    return [row.hashes for row in found if not row.gone], gone


def keep_parts(connection: Connection, target: Any, hashed_by: str, parts: Sequence[bytes]) -> None:
    """Keep these instead of what was kept of the table."""
    _forget(connection, target)
    for part, hashes in enumerate(parts):
        row = {"table_name": target.name, "part": part, "hashed_by": hashed_by, "hashes": hashes, "gone": ""}
        connection.execute(insert(_kept), [row])


def forget_rows(connection: Connection, target: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep nothing of these rows of the table, which are changed or removed: without the function that hashes."""
    last = connection.scalar(select(func.max(_kept.c.part)).where(_kept.c.table_name == target.name))
    if last is None or not rows:
        return
    if len(rows) + last > _MOST_GONE:
        _forget(connection, target)
        return
    gone = orjson.dumps([_text_of(target, row) for row in rows]).decode()
    part = {"table_name": target.name, "part": last + 1, "hashed_by": _NOT_HASHED, "hashes": b"", "gone": gone}
    connection.execute(insert(_kept), [part])


def _forget(connection: Connection, target: Any) -> None:
    connection.execute(delete(_kept).where(_kept.c.table_name == target.name))


def _text_of(target: Any, row: Mapping[str, Any]) -> str:
    """The row as the text that is hashed (hashes.as_one_text)."""
    values = (row[column.name] for column in target.columns)
    return SEPARATOR.join("" if value is None else str(value) for value in values)
