"""How the rows of a large file differ from the stored ones; the database compares, by chunks (data#large-files)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any

import polars as pl
from sqlalchemy import Connection, Date, select, tuple_

from tiercore.storage import rows
from tiercore.storage.added_rows import AddedRows, NewRows
from tiercore.storage.bulk import chunks, table
from tiercore.storage.columns import LINE, Frames, copy_in, frame_of, insert_many, rows_of, stage
from tiercore.storage.hashes import (
    Hashes,
    as_one_text,
    driver_rows,
    hash_of,
    hashes_of_stored,
    keep_hashes,
    kept_hashes,
    row_count,
)
from tiercore.storage.reconcile import Difference, Row

_AT_ONCE = 200  # rows of one SQLite statement


@dataclass(slots=True)
class ColumnDifference(Difference):
    """A difference whose added rows are columns. Of what the file doesn't mention, `unmentioned` has only IDs that are
    written almost like one of `lookalikes`, which are added. `hashes` are those of the file's rows, none where nothing
    was stored; if `all_kept`, none of them is new.
    """

    of: AddedRows | None = None
    lookalikes: list[str] = field(default_factory=list)
    hashes: list[pl.Series] = field(default_factory=list)
    all_kept: bool = False

    def values(self, column: str) -> set[str]:
        """See Difference."""
        found = {row[column] for rows_ in (self.changed, self.before) for row in rows_}
        for frame in self.of.frames(column) if self.of else ():
            found.update(frame[column].unique().to_list())
        return found

    def candidates(self, column: str) -> Sequence[str]:
        """See Difference."""
        return self.lookalikes

    def insert(self, connection: Connection, target: Any, on_written: Callable[[int], None]) -> None:
        """See Difference."""
        put = copy_in if connection.dialect.name == "postgresql" else insert_many
        for frame in self.of.frames() if self.of else ():
            if frame.height:
                put(connection, target, frame)
                on_written(frame.height)

    def settle(self, connection: Connection, target: Any) -> None:
        """See Difference."""
        if self.of is None or (self.all_kept and not self.before):
            return
        whole = hash_of([column.name for column in target.columns])
        kept = kept_hashes(connection, target) if self.hashes else None
        stored = self.hashes or [frame.select(whole).to_series() for frame in self.of.source.frames()]
        before = frame_of(self.of.kind, self.before).select(whole).to_series()
        keep_hashes(connection, target, [*stored, *([kept.without(before)] if kept else [])])


def column_difference(
    connection: Connection,
    kind: type[Any],
    source: Frames,
    count: int,
    *,
    mirror: bool,
    stays: Callable[[Row], bool],
    alike: Callable[[pl.Expr], pl.Expr] | None,
) -> ColumnDifference:
    """How the rows of `source`, `count` of them, differ from the stored ones: see `reconcile.difference`.

    `alike` gives the same of IDs that are written almost alike, for kinds that are known by one.
    """
    target, found = table(rows.TABLE_OF[kind]), ColumnDifference()
    if connection.execute(select(*target.primary_key).limit(1)).first() is None:
        found.of = AddedRows(kind, source, count)
        found.added = found.of
        return found
    look, new = _Differing(connection, target, count), NewRows()
    for frame in source.frames():
        lines, changed = look.at(frame)
        new.take(frame, lines)
        found.changed += rows_of(kind, changed)
    found.hashes, found.all_kept = look.hashes, look.all_kept
    found.of = new.rows(kind, source)
    found.added = found.of
    found.before = list(_stored(connection, target, found.changed))
    found.same = count - len(found.added) - len(found.changed)
    if row_count(connection, target) == found.same + len(found.changed):
        return found  # the file has every stored row
    keys = _Keys(connection, target, source)
    if mirror:
        found.removed = [row for row in keys.stored_only() if not stays(row)]
        found.before += found.removed
    if alike and len(found.added):
        removed = {row[each.name] for row in found.removed for each in target.primary_key}
        found.lookalikes, found.unmentioned = keys.alike(found.of, alike, removed)
    return found


class _Differing:
    """Which rows of a frame aren't stored, or otherwise: compared by the database, and only those come back.

    Those with the hash of a stored row are the same: one that was kept or, of a large part of what is stored, `count`
    rows, one of all of them. `hashes` are those of the rows looked at.
    """

    def __init__(self, connection: Connection, target: Any, count: int) -> None:
        kept = kept_hashes(connection, target)
        is_enough = kept is not None and len(kept) * 2 > count
        self._stored = kept if is_enough else hashes_of_stored(connection, target, count)
        self.hashes, self.all_kept = list[pl.Series](), is_enough
        self._names = [column.name for column in target.columns]
        self._cursor = connection.connection.cursor()
        self._is_postgresql = connection.dialect.name == "postgresql"
        self._target, self._keys = target, [column.name for column in target.primary_key]
        self._others = [column.name for column in target.columns if not column.primary_key]

    def at(self, frame: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        """The lines of the rows that aren't stored, and the rows that are stored with other values."""
        hashes = frame.select(hash_of(self._names)).to_series()
        self.hashes.append(hashes)
        if self._stored is not None:
            same = self._stored.have(hashes)
            self.all_kept &= bool(same.all())
            frame = frame.filter(~same)
        found = [] if frame.is_empty() else self._staged(frame) if self._is_postgresql else self._bound(frame)
        new = pl.Series(LINE, [line for line, is_new in found if is_new], pl.UInt32)
        changed = [line for line, is_new in found if not is_new]
        return new, frame.filter(pl.col(LINE).is_in(changed))

    def _bound(self, frame: pl.DataFrame) -> list[tuple[int, int]]:
        """On SQLite: the keys, and all other values as one text, are the values of a statement."""
        values = frame.select(LINE, *self._keys, as_one_text(self._others).alias("values"))
        width, found = len(values.columns), list[tuple[int, int]]()
        flat = list(chain.from_iterable(zip(*(each.to_list() for each in values), strict=True)))
        whole = self._comparison(_AT_ONCE)
        for start in range(0, len(flat), width * _AT_ONCE):
            part = flat[start : start + width * _AT_ONCE]
            rows_ = len(part) // width
            self._cursor.execute(whole if rows_ == _AT_ONCE else self._comparison(rows_), part)
            found += self._cursor.fetchall()
        return found

    def _comparison(self, count: int) -> str:
        width = len(self._keys) + 2
        values = ",".join([f"({','.join('?' * width)})"] * count)
        same = " AND ".join(f's."{name}" = v.column{at}' for at, name in enumerate(self._keys, 2))
        text = "''||" + "||char(9)||".join(f"coalesce(s.\"{name}\",'')" for name in self._others)
        first = self._keys[0]
        return (
            f'SELECT v.column1, s."{first}" IS NULL FROM (VALUES {values}) v LEFT JOIN {self._target.name} s ON {same}'  # noqa: S608
            f' WHERE s."{first}" IS NULL OR {text} IS NOT v.column{width}'
        )

    def _staged(self, frame: pl.DataFrame) -> list[tuple[int, bool]]:
        """On PostgreSQL: the rows are copied into a table of this transaction."""
        staged = stage(self._cursor, self._target, frame)
        same = " AND ".join(f's."{name}" = v."{name}"' for name in self._keys)
        ours, theirs = (", ".join(f'{each}."{name}"' for name in self._others) for each in "vs")
        first = self._keys[0]
        self._cursor.execute(
            f'SELECT v.line, s."{first}" IS NULL FROM {staged} v LEFT JOIN {self._target.name} s ON {same}'  # noqa: S608
            f' WHERE s."{first}" IS NULL OR ({theirs}) IS DISTINCT FROM ({ours})'
        )
        return list(self._cursor.fetchall())


def _stored(connection: Connection, target: Any, like: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """The stored rows with the keys of these, in their order."""
    names = [column.name for column in target.primary_key]
    for chunk in chunks(like):
        keys = [tuple(row[name] for name in names) for row in chunk]
        columns = list(target.primary_key)
        where = columns[0].in_([key[0] for key in keys]) if len(columns) == 1 else tuple_(*columns).in_(keys)
        found = {
            tuple(row[name] for name in names): dict(row)
            for row in connection.execute(select(target).where(where)).mappings()
        }
        yield from (found[key] for key in keys)


class _Keys:
    """The keys of the stored rows beside those of the source, compared by hashes of 64 bits, a frame at a time."""

    def __init__(self, connection: Connection, target: Any, source: Frames) -> None:
        self._connection, self._target, self._source = connection, target, source
        self._names = [column.name for column in target.primary_key]

    def stored_only(self) -> list[Row]:
        """The stored rows whose keys the source doesn't have."""
        ours = self._hashes()
        lacking = [row for frame in self._stored() for row in frame.filter(~ours.have(self._of(frame))).to_dicts()]
        typed = [{name: self._typed(name, value) for name, value in row.items()} for row in lacking]
        return list(_stored(self._connection, self._target, typed))

    def alike(
        self, added: AddedRows, form: Callable[[pl.Expr], pl.Expr], removed: set[Any]
    ) -> tuple[list[str], list[Any]]:
        """The IDs added, and those stored that the source doesn't have, that are written almost alike."""
        [name] = self._names

        def form_of(frame: pl.DataFrame) -> pl.Series:
            return frame.select(form(pl.col(name)).hash()).to_series()

        of_added = Hashes(map(form_of, added.frames(name)))
        near = [frame.filter(of_added.have(form_of(frame))) for frame in self._stored()]
        ours = self._hashes() if any(frame.height for frame in near) else Hashes(())
        unmentioned = (frame.filter(~ours.have(self._of(frame))) for frame in near if frame.height)
        others = [each for frame in unmentioned for each in frame[name].to_list() if each not in removed]
        if not others:
            return [], []
        wanted = Hashes([form_of(pl.Series(others).to_frame(name))])
        near_ones = (frame.filter(wanted.have(form_of(frame))) for frame in added.frames(name))
        return [each for frame in near_ones for each in frame[name].to_list()], others

    def _hashes(self) -> Hashes:
        return Hashes(map(self._of, self._source.frames(*self._names)))

    def _of(self, frame: pl.DataFrame) -> pl.Series:
        return frame.select(hash_of(self._names)).to_series()

    def _stored(self) -> Iterator[pl.DataFrame]:
        as_text = "::text" if self._connection.dialect.name == "postgresql" else ""
        keys, schema = ", ".join(f'"{name}"{as_text}' for name in self._names), dict.fromkeys(self._names, pl.String)
        for part in driver_rows(self._connection, f"SELECT {keys} FROM {self._target.name}"):  # noqa: S608
            yield pl.DataFrame(dict(zip(self._names, zip(*part, strict=True), strict=True)), schema=schema)

    def _typed(self, name: str, value: str) -> Any:
        return date.fromisoformat(value) if isinstance(self._target.c[name].type, Date) else value
