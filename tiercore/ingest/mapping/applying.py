"""Making rows of ours of the rows of one table by one rule, and counting what became of each."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from tiercore.ingest.files import FORMATS
from tiercore.ingest.mapping.made import MadeTable
from tiercore.ingest.mapping.makers import Row
from tiercore.ingest.mapping.outcome import Outcome
from tiercore.ingest.mapping.rules import RuleAtWork
from tiercore.ingest.mapping.said import Said
from tiercore.ingest.problems import BadCell
from tiercore.ingest.tables import Cells

_MOST_SEEN = 50_000
_PIPELINE, _OF_BOTH = "pipeline.csv", "clients.csv"


@dataclass(slots=True)
class Applying:
    """A rule, the table that it adds to, and the numbers of rows that it leaves to another input (`referred_to`)."""

    rule: RuleAtWork
    table: MadeTable
    said: Said
    outcome: Outcome
    referred_to: Collection[int]
    made: int = 0
    merged: int = 0
    _seen: set[Any] = field(default_factory=set)

    def to(self, numbered: list[tuple[int, Row]]) -> None:
        """Make our rows of these rows of theirs."""
        rule, table, seen = self.rule, self.table, self._seen
        reads, makes, filtered = rule.reads(), rule.makes(), bool(rule.filters.decisions)
        once = table.says_nothing_new(rule.rule)
        for number, row in numbered:
            if self.referred_to and number in self.referred_to:
                self._left(rule)
                continue
            if self._is_for_others(number):
                continue
            if filtered and rule.filters.skips(row, self.said.place(number), rule.rule.file, self.outcome):
                continue
            if rule.deal_type and rule.renews(row):
                self.outcome.skip(rule.layout.table, "a renewal adds nothing", rule.rule.file)
                continue
            if once and (read := reads(row)) in seen:
                self.merged += 1
                continue
            try:
                cells = [make(row) for make in makes]
                if lacking := self._lacks(cells):
                    self.outcome.skip(rule.layout.table, f"an open deal without {lacking}", rule.rule.file)
                    continue
            except BadCell as bad:
                if rule.rule.file == _PIPELINE:
                    self.outcome.skip(rule.layout.table, f"an open deal with a {bad.kind}", rule.rule.file)
                    continue
                rule.wrong_cells(row, self.said.place(number), self.outcome)
                continue
            before = table.add(number, cells, rule.rule)
            if before is None:
                self.made += 1
            elif before:
                self._otherwise(number, cells, before)
            else:
                self.merged += 1
            if once and not before and len(seen) < _MOST_SEEN:
                seen.add(read)

    def _is_for_others(self, number: int) -> bool:
        """Whether the row is an open deal and the rule isn't about those, or the other way round (pipeline#sources)."""
        file = self.rule.rule.file
        return file != _OF_BOTH and (number in self.outcome.open) is not (file == _PIPELINE)

    def _lacks(self, cells: Cells) -> str:
        """The first column that an open deal lacks: it is passed over, for what is lacking may come yet."""
        if self.rule.rule.file != _PIPELINE:
            return ""
        columns = FORMATS[_PIPELINE].columns
        needed = [each.name for each in columns if not each.optional and each.name in self.table.header]
        filled = dict(zip(self.table.header, cells, strict=True))
        return next((each for each in needed if not filled[each].strip()), "")

    def count(self) -> None:
        """Add what was made to the outcome."""
        key = self.rule.layout.table, self.rule.rule.file
        self.outcome.made[key] += self.made
        if self.merged:
            self.outcome.merged[key] += self.merged

    def _left(self, rule: RuleAtWork) -> None:
        self.outcome.skip(rule.layout.table, f"counted by their rows of {rule.rule.without}", rule.rule.file)

    def _otherwise(self, number: int, cells: Cells, before: int) -> None:
        """A row with the key of one before that says something else is a problem."""
        key = self.table.key_of(cells)
        columns = ", ".join(dict.fromkeys(filter(None, map(self.rule.column, key)))) or ", ".join(key)
        value = ", ".join(filter(None, self.table.key_values(cells)))
        self.outcome.wrong(self.said.place(number), columns, value, self._also_on(before))

    def _also_on(self, before: int) -> BadCell:
        table, line = self.said.place(before)
        file = self.rule.rule.file
        if file == "sales.csv":
            return BadCell("duplicate key", f"is also on line {line} of {table}", "give each sale an id of its own")
        message = f"is also on line {line} of {table}, with other values for {file}"
        remedy = 'correct one of the rows, or say in the mapping which stands: repeats = "first" or "last"'
        return BadCell("duplicate key", message, remedy)
