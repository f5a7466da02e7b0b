"""What was noticed in a table while its cells were parsed: forms other than the plain ones, and orders of dates."""

from dataclasses import dataclass, field
from typing import Any

from tiercore.ingest.day_forms import DateOrder, Reading
from tiercore.ingest.file_notes import read_as
from tiercore.ingest.problems import BadCell, Problem


@dataclass(slots=True)
class _First:
    """The first cell of a form; its line is known once its row is done."""

    column: str
    value: str
    reading: Reading
    line: int = 0


@dataclass(slots=True)
class Noticed:
    """The first cell of each form in a table, and of each column the first whose order of day and month is certain."""

    fresh: list[_First] = field(default_factory=list)
    _forms: dict[str, _First] = field(default_factory=dict)
    _orders: dict[str, _First] = field(default_factory=dict)

    def take(self, column: str, value: str, reading: Reading) -> Any:
        """The value read. Raises BadCell if the column has days of another order."""
        if not reading.how:
            return reading.value
        if reading.proves:
            first = self._orders.get(column)
            if first is None:
                self._orders[column] = self._new(column, value, reading)
            elif first.reading.proves is not reading.proves:
                raise _contradicting(first, reading.proves)
        if reading.how not in self._forms:
            self._forms[reading.how] = self._new(column, value, reading)
        return reading.value

    def on(self, line: int) -> None:
        """The row of what is fresh is the one on this line."""
        for each in self.fresh:
            each.line = line
        self.fresh.clear()

    def notes(self, file: str) -> list[Problem]:
        """A warning for each form."""
        return [
            read_as(file, each.line, each.column, each.value, each.reading.how, each.reading.shown)
            for each in self._forms.values()
        ]

    def _new(self, column: str, value: str, reading: Reading) -> _First:
        first = _First(column, value, reading)
        self.fresh.append(first)
        return first


def _contradicting(first: _First, order: DateOrder) -> BadCell:
    place = f"'{first.value}' on line {first.line}" if first.line else f"'{first.value}'"
    message = f"can only be {order}, but {place} can only be {first.reading.proves}"
    return BadCell("bad date", message, "write the days of this column in one order, best as 2026-01-31")
