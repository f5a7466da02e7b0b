"""The rows that `make bench-scale` prints: each is a ratio to the floor measured in the same run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from rich.table import Table

_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured and its floor, both in the row's unit; `growth` compares with a program of a tenth the size."""

    what: str
    measured: float
    floor: float
    unit: str
    target: str
    memory: int = 0
    growth: float | None = None

    @classmethod
    def ms(cls, what: str, seconds: float, floor: float, target: str) -> Self:
        """A row in milliseconds."""
        return cls(what, seconds * 1000, floor * 1000, "ms", target)

    @classmethod
    def rate(cls, what: str, per_second: float, floor: float, target: str) -> Self:
        """A row in so many a second."""
        return cls(what, per_second, floor, "/s", target)

    @classmethod
    def seconds(cls, what: str, seconds: float, floor: float, target: str, memory: int = 0) -> Self:
        """A row in seconds; `memory` is the peak in bytes."""
        return cls(what, seconds, floor, "s", target, memory)

    @classmethod
    def megabytes(cls, what: str, size: int, floor: int, target: str) -> Self:
        """A row in megabytes."""
        return cls(what, size / _MEGABYTE, floor / _MEGABYTE, "MB", target)

    def cells(self) -> tuple[str, ...]:
        """The row as it is shown."""
        ratio = f"{self.measured / self.floor:.2f} ×" if self.floor else "–"
        memory = f"{self.memory >> 20:,} MB" if self.memory else ""
        growth = f"{self.growth:.1f} ×" if self.growth is not None else ""
        floor = _shown(self.floor, self.unit) if self.floor else "–"
        return self.what, _shown(self.measured, self.unit), floor, ratio, self.target, memory, growth


def with_growth(rows: Iterable[Row], smaller: Mapping[str, float]) -> list[Row]:
    """The rows with how many times what the same row of the program of a tenth the size measured."""
    return [replace(each, growth=_ratio(each.measured, smaller.get(each.what))) for each in rows]


def _ratio(value: float, before: float | None) -> float | None:
    return value / before if before else None


def table_of(title: str, rows: Iterable[Row]) -> Table:
    """The rows as a table."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("what", "measured", "floor", "ratio", "target", "peak", "0.1 → 1 M"):
        table.add_column(name, justify="left" if name == "what" else "right", no_wrap=True)
    for each in rows:
        table.add_row(*each.cells())
    return table


def _shown(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if unit in ("/s", "MB") or value >= 1000 else f"{value:.2f} {unit}"
