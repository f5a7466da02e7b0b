"""A rule at work on the rows of one table: its filters, then its cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from tiercore.facts.entries import DealType
from tiercore.ingest.mapping.layout import Layout
from tiercore.ingest.mapping.makers import Make, Maker, Makers, Row, place_of
from tiercore.ingest.mapping.mapping import Recipe, RowFilter, Rule
from tiercore.ingest.mapping.outcome import Outcome, Place
from tiercore.ingest.mapping.texts import plain
from tiercore.ingest.mapping.values import Untranslated
from tiercore.ingest.problems import BadCell

OTHERS = "another value"
_MOST_KNOWN = 50_000
_Decide = tuple[RowFilter, int, dict[str, str]]


@dataclass(slots=True)
class Filters:
    """The filters of an input or a rule over one layout."""

    decisions: list[_Decide]
    layout: Layout

    @classmethod
    def of(cls, filters: Sequence[RowFilter], layout: Layout) -> "Filters":
        """The filters at work. Raises NoColumn."""
        return cls([(each, place_of(layout, each.names, each.line), {}) for each in filters], layout)

    def skip(self, row: Row) -> bool:
        """Whether the row is not known to count: a quick look before `skips`."""
        return any(known.get(row[at]) != "count" for _, at, known in self.decisions)

    def skips(self, row: Row, place: Place, file: str, outcome: Outcome) -> bool:
        """Whether the row is not to count, which is counted in the outcome."""
        for by, at, known in self.decisions:
            text = row[at]
            decided = known.get(text) or _decided(by, plain(text))
            if len(known) < _MOST_KNOWN:
                known[text] = decided
            if decided in ("count", "open"):
                continue
            if decided == "unknown":
                outcome.not_filtered(place, self.layout.shown[at], text.strip(), by)
            else:
                value = (text.strip() or "empty") if decided == "skip" else OTHERS
                outcome.skip(place[0], f"{self.layout.shown[at]} is {value}", file)
            return True
        return False

    def opens(self, row: Row) -> bool:
        """Whether the row is a deal that isn't closed yet; asked of rows that aren't skipped."""
        return any(by.open and plain(row[at]) in by.open for by, at, _ in self.decisions)


def _decided(by: RowFilter, text: str) -> str:
    if text in by.count:
        return "count"
    if text in by.skip:
        return "skip"
    if text in by.open:
        return "open"
    return {"count": "count", "skip": "otherwise"}.get(by.otherwise, "unknown")


@dataclass(slots=True)
class RuleAtWork:
    """A rule whose columns have been found in a layout; `deal_type` makes that of the sale that adds to a level."""

    rule: Rule
    layout: Layout
    filters: Filters
    makers: dict[str, Maker]
    deal_type: Maker | None = None

    @classmethod
    def of(cls, rule: Rule, makers: Makers, header: tuple[str, ...], deal_type: Recipe | None = None) -> "RuleAtWork":
        """The rule over the layout of `makers`; `deal_type` says which rows are renewals. Raises NoColumn."""
        made = makers.all(rule)
        of_type = (
            replace(makers, missing=[]).all(Rule("sales.csv", rule.input, {"deal_type": deal_type}))
            if deal_type
            else {}
        )
        empty = Maker(lambda row: "")
        in_order = {name: made.get(name, empty) for name in header}
        return cls(rule, makers.layout, Filters.of(rule.filters, makers.layout), in_order, of_type.get("deal_type"))

    def renews(self, row: Row) -> bool:
        """Whether a row is a renewal, which adds nothing to its line's level."""
        try:
            return self.deal_type is not None and self.deal_type.make(row) == DealType.RENEWAL
        except BadCell:
            return False

    def reads(self) -> Callable[[Row], Any]:
        """What gives the cells of theirs that a row of ours is made of."""
        at = sorted({at for maker in self.makers.values() for at in maker.at})
        return itemgetter(*at) if at else lambda row: ()

    def makes(self) -> list[Make]:
        """What makes each cell of ours, in the table's order."""
        return [maker.make for maker in self.makers.values()]

    def wrong_cells(self, row: Row, place: Place, outcome: Outcome) -> None:
        """Add every bad cell of a row to the outcome."""
        for name, maker in self.makers.items():
            try:
                maker.make(row)
            except BadCell as bad:
                column = self.column(name)
                if isinstance(bad, Untranslated):
                    outcome.not_translated(place, column, bad.text, self.rule, name)
                else:
                    value = ", ".join(filter(None, (row[at].strip() for at in maker.at)))
                    outcome.wrong(place, column, value, bad)

    def column(self, ours: str) -> str:
        """Their name of one of our columns, or several; empty if it comes from no column of theirs."""
        maker = self.makers.get(ours)
        return ", ".join(self.layout.shown[at] for at in maker.at) if maker else ""
