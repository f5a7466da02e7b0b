"""Comparing stored rows with recounted ones: every column of every row, and each difference by its name."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any

Row = tuple[Any, ...]
MOST_NAMED = 50
WHOLE_ROW = "whole row"
_MOST_MATCHED = 200  # rows on each side, beyond which those without a counterpart are told as missing or too many


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored figure that differs from the recount: whose, on which day, in which table and column.

    `entry` names the entries behind it. Where a side has no such row, `figure` is WHOLE_ROW, and the two sides say
    whether they have it.
    """

    partner_id: str
    day: date
    table: str
    figure: str
    stored: object
    recounted: object
    entry: str


@dataclass(frozen=True, slots=True)
class Table:
    """A derived table: its columns in their order, how many of them begin its key, and what a row is about."""

    name: str
    columns: tuple[str, ...]
    key: int
    day_of: Callable[[Row], date]
    entry_of: Callable[[Row], str]


@dataclass(slots=True)
class Differences:
    """Every difference: the first of them by name, and how many there are by table and figure."""

    named: list[Difference] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __len__(self) -> int:
        return sum(self.counts.values())

    def add(self, other: "Differences") -> None:
        """Take in other differences after these."""
        self.named += other.named[: MOST_NAMED - len(self.named)]
        self.counts += other.counts

    def compare(self, table: Table, stored: Iterable[Row], recounted: Iterable[Row]) -> None:
        """Compare two lots of rows in any order; of equal rows there must be equally many."""
        left, right = Counter(stored), Counter(recounted)
        if left != right:
            for one, other in _matched(list((left - right).elements()), list((right - left).elements()), table.key):
                self._note(table, one, other)

    def _note(self, table: Table, stored: Row | None, recounted: Row | None) -> None:
        row = recounted or stored or ()
        figures: list[tuple[str, object, object]] = [(WHOLE_ROW, stored is not None, recounted is not None)]
        if stored is not None and recounted is not None:
            triples = zip(table.columns, stored, recounted, strict=True)
            figures = [(name, old, new) for name, old, new in triples if old != new]
        for name, old, new in figures:
            self.counts[table.name, name] += 1
            if len(self.named) < MOST_NAMED:
                entry = table.entry_of(row)
                self.named.append(Difference(str(row[0]), table.day_of(row), table.name, name, old, new, entry))


def _matched(stored: list[Row], recounted: list[Row], key: int) -> Iterator[tuple[Row | None, Row | None]]:
    """Each row with its counterpart: one of the same key, or else the one that has most in common with it."""
    if max(len(stored), len(recounted)) > _MOST_MATCHED:
        by_key = {row[:key]: row for row in stored}
        for row in recounted:
            yield by_key.pop(row[:key], None), row
        yield from ((row, None) for row in by_key.values())
        return
    for row in recounted:
        best = max(stored, key=lambda each: _in_common(each, row, key), default=None)
        if best is not None and _in_common(best, row, key)[1] * 2 > len(row):
            stored.remove(best)
            yield best, row
        else:
            yield None, row
    yield from zip_longest(stored, ())


def _in_common(one: Row, other: Row, key: int) -> tuple[bool, int]:
    return one[:key] == other[:key], sum(left == right for left, right in zip(one, other, strict=True))
