"""The plain rows of a large file, kept on disk: memory is for a chunk at a time (data#large-files)."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from tiercore.facts.entries import (
    Agreement,
    Certification,
    Client,
    Entry,
    Sale,
    SubscriptionLevel,
    TierCredited,
    ToolUsage,
)
from tiercore.facts.money import Money
from tiercore.ingest.columns.csv_chunks import LINE
from tiercore.ingest.files import FileFormat, Kind
from tiercore.ingest.scratch import ScratchFolder
from tiercore.ingest.tables import Cells
from tiercore.storage import rows
from tiercore.storage.columns import frame_of, rows_of

DAY_OF = {Sale: "sold_on", SubscriptionLevel: "effective_on"}
_ENTRY_OF: Mapping[type[Any], Callable[[Mapping[Any, Any]], Any]] = {
    Client: rows.client,
    Sale: rows.sale,
    SubscriptionLevel: rows.subscription_level,
    Agreement: rows.agreement,
    ToolUsage: rows.tool_usage,
    Certification: lambda row: Certification(**row),
    TierCredited: lambda row: TierCredited(**row),
}


@dataclass(slots=True)
class Columns:
    """The rows of one file that are plain: as many as `count`, in the order of the file, the last on `last_line`.

    Rows can be taken out, to be read otherwise, and are put in again in the end. Frames have the columns of the table
    and LINE.
    """

    file_format: FileFormat
    count: int = 0
    last_line: int = 0
    _folder: ScratchFolder = field(default_factory=lambda: ScratchFolder("import"))
    _files: list[tuple[Path, int]] = field(default_factory=list)  # each with its last line
    _taken: set[int] = field(default_factory=set)
    _put_in: pl.DataFrame | None = None

    def add(self, frame: pl.DataFrame) -> None:
        """Keep the rows of a chunk."""
        if frame.height:
            file = self._folder.path / str(len(self._files))
            frame.write_ipc(file)
            self.count += frame.height
            self.last_line = frame.item(-1, LINE)
            self._files.append((file, self.last_line))

    def put_in(self, entries: Sequence[Entry], lines: Sequence[int]) -> None:
        """Add entries that were read as rows, each at its line. Nothing is taken out after that."""
        if entries:
            stored = frame_of(self.file_format.entry, [rows.entry_row(each) for each in entries])
            self._put_in = stored.with_columns(pl.Series(LINE, list(lines), pl.UInt32))
            self.count += self._put_in.height

    def frames(self, *names: str) -> Iterator[pl.DataFrame]:
        """The rows, a chunk at a time, in the order of the file; with `names`, these columns and LINE alone."""
        before, columns = 0, [*names, LINE] if names else None
        for file, last in self._files:
            frame = pl.read_ipc(file, columns=columns)
            if self._taken:
                frame = frame.filter(~pl.col(LINE).is_in(list(self._taken)))
            yield self._with_those_put_in(frame, before, last)
            before = last
        if self._put_in is not None and (after := self._put_in.filter(pl.col(LINE) > before)).height:
            yield after

    def _with_those_put_in(self, frame: pl.DataFrame, before: int, last: int) -> pl.DataFrame:
        if self._put_in is None:
            return frame
        between = self._put_in.filter(pl.col(LINE).is_between(before + 1, last))
        return pl.concat([frame, between.select(frame.columns)]).sort(LINE) if between.height else frame

    def where(self, *conditions: pl.Expr) -> Iterator[pl.DataFrame]:
        """The rows of which one of the conditions is true."""
        for frame in self.frames():
            found = frame.filter(pl.any_horizontal(*conditions))
            if found.height:
                yield found

    def take(self, *conditions: pl.Expr) -> list[tuple[int, Entry]]:
        """Take the rows out of which one of the conditions is true: each as its entry, with its line."""
        if not conditions:
            return []
        entry_of = _ENTRY_OF[self.file_format.entry]
        found = [
            (line, entry_of(row))
            for frame in self.where(*conditions)
            for line, row in zip(frame[LINE], rows_of(self.file_format.entry, frame), strict=True)
        ]
        self._forget(line for line, _ in found)
        return found

    def take_cells(self, lines: Collection[int], positions: Mapping[str, int], width: int) -> list[tuple[int, Cells]]:
        """Take the rows on these lines out, as cells again."""
        if not lines:
            return []
        found = [
            (row[LINE], self._cells(row, positions, width))
            for frame in self.where(pl.col(LINE).is_in(list(lines)))
            for row in frame.iter_rows(named=True)
        ]
        self._forget(line for line, _ in found)
        return found

    def values(self, column: str) -> Iterator[list[str]]:
        """The column's values, a chunk at a time."""
        return (frame[column].to_list() for frame in self.frames(column))

    def product_lines(self) -> list[tuple[str, int, int]]:
        """Each product line, the number of its rows and the line of the first."""
        return list(self._counted(["product_line"]).sort(LINE).iter_rows())

    def currencies(self) -> list[tuple[str, str, int]]:
        """Each currency and day of the amounts, with the line of the first."""
        return list(self._counted(["currency", DAY_OF[self.file_format.entry]]).sort(LINE).drop("count").iter_rows())

    def _counted(self, by: Sequence[str]) -> pl.DataFrame:
        """How many rows have the same in these columns, and the line of the first."""
        found = pl.DataFrame(schema=dict.fromkeys(by, pl.String) | {"count": pl.UInt32, LINE: pl.UInt32})
        for frame in self.frames(*by):
            counted = frame.group_by(by).agg(pl.len().cast(pl.UInt32).alias("count"), pl.col(LINE).min())
            found = pl.concat([found, counted]).group_by(by).agg(pl.col("count").sum(), pl.col(LINE).min())
        return found

    def first(self, column: str) -> tuple[int, str] | None:
        """The line of the first row, and its value in the column."""
        return next(((frame[LINE][0], frame[column][0]) for frame in self.frames(column) if frame.height), None)

    def lines_of(self, column: str, ids: Collection[str]) -> dict[str, int]:
        """The lines of the rows with these ids in the column."""
        wanted = pl.Series(list(ids), dtype=pl.String).implode()
        found = (frame.filter(pl.col(column).is_in(wanted)) for frame in self.frames(column)) if ids else ()
        return {each: line for frame in found for each, line in zip(frame[column], frame[LINE], strict=True)}

    def close(self) -> None:
        """Delete what is on disk."""
        self._folder.close()

    def _forget(self, lines: Iterable[int]) -> None:
        taken = set(lines)
        self._taken |= taken
        self.count -= len(taken)

    def _cells(self, row: Mapping[str, Any], positions: Mapping[str, int], width: int) -> Cells:
        cells = [""] * width
        for column in self.file_format.columns:
            if column.name in positions:
                cells[positions[column.name]] = _cell(row, column.name, column.kind)
        return cells


def _cell(row: Mapping[str, Any], name: str, kind: Kind) -> str:
    if kind is Kind.AMOUNT:
        return Money(row["mrr_minor"], row["currency"]).as_decimal()
    value = row[name]
    if value is None:
        return ""
    return value[:7] if kind is Kind.MONTH else str(value)
