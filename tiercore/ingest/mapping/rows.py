"""The rows of an export, each with the rows that it joins laid behind it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tiercore.ingest.mapping.layout import Layout
from tiercore.ingest.mapping.makers import Row, place_of
from tiercore.ingest.mapping.mapping import ExportMapping, Input, RawTable
from tiercore.ingest.mapping.outcome import Outcome, Place
from tiercore.ingest.mapping.rules import Filters
from tiercore.ingest.mapping.trailing import Totals, key_places
from tiercore.ingest.mapping.values import one_id
from tiercore.ingest.problems import BadCell
from tiercore.ingest.tables import BrokenRow

OF_TABLE = 1 << 56  # a row's number says its table, too: this many numbers for each
Numbered = tuple[int, Row]


@dataclass(slots=True)
class Index:
    """The rows of an input that others refer to, by id. A row that doesn't count is there without its cells.

    `referred_to` are the ids that the counted rows of each other input refer to. `there`: an optional input may not be.
    """

    layout: Layout
    there: bool = True
    rows: dict[str, tuple[int, Row | None]] = field(default_factory=dict)
    referred_to: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(slots=True)
class InputRows:
    """One table of an input: its layout with what it joins, and its rows that count."""

    input: Input
    table: RawTable
    base: int
    layout: Layout
    joins: list[tuple[int, Index]]
    filters: Filters
    outcome: Outcome
    totals: Totals

    @classmethod
    def of(
        cls,
        each: Input,
        table: RawTable,
        base: int,
        indices: dict[str, Index],
        outcome: Outcome,
        mapping: ExportMapping,
    ) -> "InputRows":
        """The rows of one table; its numbers begin at `base`. Raises NoColumn."""
        layout = Layout.of(table.name, table.header, since_1904=table.since_1904)
        there = {name: names for name, names in each.joins.items() if indices[name].there}
        totals = Totals(table.name, key_places(mapping, each, layout))
        joins = [(place_of(layout, names, each.line), indices[name]) for name, names in there.items()]
        for name in there:
            layout.join(name, indices[name].layout)
        return cls(each, table, base, layout, joins, Filters.of(each.filters, layout), outcome, totals)

    def index(self, index: Index) -> None:
        """Read all rows into an index by id; an id that two rows have is a problem. Raises NoColumn."""
        at, outcome = place_of(self.layout, self.input.id, self.input.line), self.outcome
        for number, row, counts in self._all():
            key = row[at].strip()
            if not key or key in index.rows:
                message = "is on another row, too" if key else "is empty"
                bad = BadCell("bad id", message, f"each row of {self.input.name} needs an id of its own")
                outcome.wrong((self.table.name, number - self.base), self.layout.shown[at], key, bad)
            else:
                index.rows[key] = (number, row if counts else None)

    def read(self) -> Iterator[Numbered]:
        """The rows that count, each with its number."""
        return ((number, row) for number, row, counts in self._all() if counts)

    def _all(self) -> Iterator[tuple[int, Row, bool]]:
        width, name, outcome = len(self.table.header), self.table.name, self.outcome
        early = bool(self.filters.decisions) and all(at < width for _, at, _ in self.filters.decisions)

        def on_broken(row: BrokenRow) -> None:
            outcome.rows[name] += 1
            outcome.wrong((name, row.line), "", row.text.strip(), row.bad)

        filters, joins, base, count = self.filters, self.joins, self.base, 0
        try:
            for line, row in self.totals.without(self.table.rows(on_broken)):
                count += 1
                if len(row) != width:
                    outcome.wrong((name, line), "", row[0] if row else "", _wrong_width(row, width))
                elif early and filters.skip(row) and filters.skips(row, (name, line), "", outcome):
                    yield base + line, row, False
                elif not joins:
                    yield base + line, self._noted(base + line, row), True
                elif (joined := self._joined(row, (name, line))) is not None:
                    late = bool(filters.decisions) and not early
                    skipped = late and filters.skips(joined, (name, line), "", outcome)
                    yield base + line, joined if skipped else self._noted(base + line, joined), not skipped
        finally:
            outcome.rows[name] += count
            for warning in self.totals.warnings():
                outcome.rows[name] += 1
                outcome.skip(name, "totals", "")
                outcome.warnings.append(warning)

    def _noted(self, number: int, row: Row) -> Row:
        """The row, noted as open where it is, or one that it refers to."""
        if self.filters.opens(row) or any(self._refers_to_open(row, at, index) for at, index in self.joins):
            self.outcome.open.add(number)
        return row

    def _refers_to_open(self, row: Row, at: int, index: Index) -> bool:
        number, _ = index.rows.get(row[at].strip(), (None, None))
        return number in self.outcome.open

    def _joined(self, row: Row, place: Place) -> Row | None:
        """The row with those that it joins; None if it refers to one that isn't there or doesn't count."""
        laid = list(row)
        for at, index in self.joins:
            key = row[at].strip()
            _, other = index.rows.get(key, (0, None))
            if key and other is None:
                self._refers_to_nothing(place, at, key, index)
                return None
            index.referred_to[self.input.name].add(key)
            laid += other or [""] * len(index.layout.shown)
        return laid

    def _refers_to_nothing(self, place: Place, at: int, key: str, index: Index) -> None:
        column, table = self.layout.shown[at], index.layout.table
        if key in index.rows:
            self.outcome.skip(place[0], f"their row of {table} doesn't count", "")
            return
        try:
            one_id(key)
        except BadCell as several:
            self.outcome.wrong(place, column, key, several)
            return
        bad = BadCell("unknown row", f"is not the id of a row of {table}", f"export its row with {table}, too")
        self.outcome.wrong(place, column, key, bad)


def _wrong_width(row: Row, width: int) -> BadCell:
    message = f"the row has {len(row)} cells and the header {width}"
    return BadCell("wrong number of cells", message, "check its separators; a cell that holds one needs quotes")
