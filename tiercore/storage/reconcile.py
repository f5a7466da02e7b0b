"""Comparing incoming entries with the stored ones: added, changed, same, and (when mirroring) removed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from tiercore.facts.entries import Entry
from tiercore.storage import rows
from tiercore.storage.bulk import chunks, table
from tiercore.storage.row_hashes import forget_rows

Row = dict[str, Any]
_WRITE_CHUNK = 5_000
_FEW = 20  # rows; their keys are looked up one by one


@dataclass(slots=True)
class Count:
    """How many entries of one kind an import added, changed, left the same or removed."""

    added: int = 0
    changed: int = 0
    same: int = 0
    removed: int = 0


class Added(Protocol):
    """Rows of a table, which may be too many for a list."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Row]: ...


@dataclass(slots=True)
class Difference:
    """The rows of one table that an import adds, changes or removes; `before` has the stored rows of the last two.

    `unmentioned` are the keys of the stored rows that stay although the files don't have them. Where few rows came,
    only those of a table with IDs are looked up, because IDs may be written almost alike.
    """

    added: Added = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    before: list[Row] = field(default_factory=list)
    unmentioned: list[Any] = field(default_factory=list)
    same: int = 0

    @property
    def count(self) -> Count:
        """The numbers of rows."""
        return Count(len(self.added), len(self.changed), self.same, len(self.removed))

    def values(self, column: str) -> set[str]:
        """Every value of the column in the rows touched, before and after."""
        return {row[column] for rows_ in (self.added, self.changed, self.before) for row in rows_}

    def candidates(self, column: str) -> Sequence[str]:
        """The column of the added rows that may be written almost like an unmentioned one."""
        return [row[column] for row in self.added]

    def insert(self, connection: Connection, target: Any, on_written: Callable[[int], None]) -> None:
        """Store the added rows; calls `on_written` with the size of each chunk."""
        for chunk in chunks(self.added, _WRITE_CHUNK):
            connection.execute(insert(target), chunk)
            on_written(len(chunk))

    def settle(self, connection: Connection, target: Any) -> None:
        """Keep what the next import compares with, when all of the difference is stored: see RowHashesRow."""
        forget_rows(connection, target, self.before)


def difference(
    connection: Connection,
    entries: Sequence[Entry],
    kind: type[Any],
    *,
    mirror: bool,
    gone: Collection[Any] = frozenset(),
    stays: Callable[[Row], bool] = lambda row: False,
) -> Difference:
    """How the entries of one kind differ from the stored ones.

    `gone` are keys of stored rows to remove: of one column its value, of several a tuple. With `mirror`, all that
    aren't mentioned are removed. A row that `stays` is not removed.
    """
    source = table(rows.TABLE_OF[kind])
    key_of = _key_of(source)
    incoming, found, added = list(map(rows.entry_row, entries)), Difference(), list[Row]()
    few = len(incoming) + len(gone) <= _FEW and not mirror
    keys = [key_of(row) for row in incoming] + list(gone)
    stored = dict(_with_keys(connection, source, keys) if few else _all(connection, source))
    if few and len(source.primary_key) == 1:
        known = connection.scalars(select(*source.primary_key))
        found.unmentioned = [key for key in known if key not in stored]
    for row in incoming:
        before = stored.pop(key_of(row), None)
        if before is None:
            added.append(row)
        elif before == row:
            found.same += 1
        else:
            found.changed.append(row)
            found.before.append(before)
    found.added = added
    found.removed = [row for key, row in stored.items() if (mirror or key in gone) and not stays(row)]
    found.before += found.removed
    removed = {key_of(row) for row in found.removed}
    found.unmentioned += [key for key in stored if key not in removed]
    return found


def _all(connection: Connection, source: Any) -> Iterator[tuple[Any, Row]]:
    key_of = _key_of(source)
    return ((key_of(row), dict(row)) for row in connection.execute(select(source)).mappings())


def _with_keys(connection: Connection, source: Any, keys: Collection[Any]) -> Iterator[tuple[Any, Row]]:
    """The rows with these keys, one look-up each: a few keys in a table of very many rows."""
    key_of = _key_of(source)
    for key in keys:
        values = key if isinstance(key, tuple) else (key,)
        same = [column == value for column, value in zip(source.primary_key, values, strict=True)]
        for row in connection.execute(select(source).where(*same)).mappings():
            yield key_of(row), dict(row)


def write(connection: Connection, kind: type[Any], found: Difference, on_written: Callable[[int], None]) -> None:
    """Store the added and changed rows of one kind; calls `on_written` with the size of each chunk written."""
    target = table(rows.TABLE_OF[kind])
    found.insert(connection, target, on_written)
    if found.changed:
        names = [column.name for column in target.columns if not column.primary_key]
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        change = update(target).where(*_same_key(target)).values(values)
        connection.execute(change, _prefixed(found.changed))
        on_written(len(found.changed))


def remove(connection: Connection, kind: type[Any], found: Difference) -> None:
    """Delete the rows that a mirrored file no longer has."""
    if found.removed:
        target = table(rows.TABLE_OF[kind])
        connection.execute(delete(target).where(*_same_key(target)), _prefixed(found.removed))


def settle(connection: Connection, kind: type[Any], found: Difference) -> None:
    """Keep what the next import compares the rows of this kind with."""
    found.settle(connection, table(rows.TABLE_OF[kind]))


def _key_of(target: Any) -> Callable[[Any], Any]:
    names = [column.name for column in target.primary_key]
    if len(names) == 1:
        only = names[0]
        return lambda row: row[only]
    return lambda row: tuple(row[name] for name in names)


def _same_key(target: Any) -> list[Any]:
    return [column == bindparam(f"new_{column.name}") for column in target.primary_key]


def _prefixed(changed: Iterable[Row]) -> list[Row]:
    return [{f"new_{name}": value for name, value in row.items()} for row in changed]
