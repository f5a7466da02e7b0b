"""The rows of a large file that are new, as columns (data#large-files)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import polars as pl

from tiercore.storage.columns import LINE, Frames, rows_of
from tiercore.storage.reconcile import Row

_FEW = 50_000  # new rows that are kept in memory


@dataclass(slots=True)
class AddedRows:
    """The rows of `source` on `lines`, or all of them (None), as rows of the table; `count` is how many."""

    kind: type[Any]
    source: Frames
    count: int
    lines: pl.Series | None = None

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Row]:
        return chain.from_iterable(rows_of(self.kind, frame) for frame in self.frames())

    def frames(self, *names: str) -> Iterator[pl.DataFrame]:
        """The rows, a frame at a time: see Frames."""
        for frame in self.source.frames(*names):
            yield frame if self.lines is None else frame.filter(pl.col(LINE).is_in(self.lines.implode()))


@dataclass(frozen=True, slots=True)
class _FewRows:
    """Rows in memory, as Frames."""

    whole: Sequence[pl.DataFrame]

    def frames(self, *names: str) -> Iterator[pl.DataFrame]:
        """See Frames."""
        return (frame.select(*names, LINE) if names else frame for frame in self.whole)


@dataclass(slots=True)
class NewRows:
    """The rows of a file that are new: their lines and, while they are few, themselves."""

    lines: list[pl.Series] = field(default_factory=list)
    few: list[pl.DataFrame] = field(default_factory=list)
    count: int = 0

    def take(self, frame: pl.DataFrame, lines: pl.Series) -> None:
        """Take in those of a frame's rows that are on these lines."""
        self.lines.append(lines)
        self.count += lines.len()
        if self.count > _FEW:
            self.few.clear()
        elif lines.len():
            self.few.append(frame.filter(pl.col(LINE).is_in(lines.implode())))

    def rows(self, kind: type[Any], source: Frames) -> AddedRows:
        """All of them; many are read from the source again."""
        if self.count <= _FEW:
            return AddedRows(kind, _FewRows(self.few), self.count)
        return AddedRows(kind, source, self.count, pl.concat(self.lines))
